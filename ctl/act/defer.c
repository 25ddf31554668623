/* SPDX-License-Identifier: MIT */
/* migratectl defer and resume: "not now". Works whatever is wrong with the declaration, and stops
 * and starts nothing. */
#include "act/verbs.h"
#include "basic/result.h"
#include "declare/declaration.h"
#include "look/common.h"
#include "show/consent-print.h"
#include "terminal/options.h"
#include "terminal/output.h"

/* A service that neither is declared nor ever had a store is a mistyped one. */
static int open_store(const char *name, Store *ret)
{
    _cleanup_(declarations_free) Declarations declarations = {};
    int r = store_open(NULL, name, false, ret);

    if (r == -ENOENT) {
        r = read_declarations(&declarations);
        if (r != RESULT_DONE)
            return r;
        if (!declarations_find(&declarations, name))
            return refuse_undeclared(name);
    }
    store_close(ret);
    /* Also looks whether it is root's alone. */
    r = store_open(NULL, name, true, ret);
    if (r < 0)
        return refuse_store(name, r);
    return RESULT_DONE;
}

static int parse_until(const char *text, uint64_t *ret_usec)
{
    uint64_t now = time_now(), until = UINT64_MAX;

    if (text && parse_timestamp(text, now, &until) < 0) {
        complain("'%s' is no point in time: 2026-12-01, \"2026-12-01 03:00\", tomorrow and +3d are",
                 text);
        return RESULT_USAGE;
    }
    if (until <= now) {
        complain("'%s' is over already, so nothing would be deferred", text);
        return RESULT_USAGE;
    }
    *ret_usec = until;
    return RESULT_DONE;
}

int ctl_defer(char **names)
{
    _cleanup_store_ Store store = STORE_NONE;
    _cleanup_(deferral_free) Deferral deferral = {};
    _cleanup_free_ char *what = NULL;
    uint64_t until;
    int r = require_root("defer"), locked;

    if (r == RESULT_DONE)
        r = parse_until(names[1], &until);
    if (r == RESULT_DONE)
        r = open_store(names[0], &store);
    if (r != RESULT_DONE)
        return r;
    /* Who holds it does not write this record, and what runs is past the question. */
    locked = store_lock(&store);
    r = deferral_write(&store, until, options.reason);
    if (r < 0) {
        complain("%s: nothing is deferred: cannot write %s/" RECORD_DEFERRED ": %s", names[0],
                 store.path, strerror(-r));
        return RESULT_FAILED;
    }
    if (deferral_read(&store, &deferral) == 0)
        what = deferral_describe(&deferral);
    say("%s: %s. What needs a migration stays down meanwhile. To end that: migratectl resume %s",
        names[0], what ? what : "deferred", names[0]);
    if (locked == 1)
        complain("%s: a migration is running, and goes on. To stop it, which leaves the state as "
                 "it is: systemctl stop migrate@%s",
                 names[0], names[0]);
    return RESULT_DONE;
}

int ctl_resume(char **names)
{
    _cleanup_store_ Store store = STORE_NONE;
    bool was_deferred;
    int r = require_root("resume");

    if (r == RESULT_DONE)
        r = open_store(names[0], &store);
    if (r != RESULT_DONE)
        return r;
    was_deferred = store_has(&store, RECORD_DEFERRED);
    r = deferral_remove(&store);
    if (r < 0) {
        complain("%s: it is still deferred: cannot remove %s/" RECORD_DEFERRED ": %s", names[0],
                 store.path, strerror(-r));
        return RESULT_FAILED;
    }
    if (was_deferred)
        say("%s: no longer deferred. Nothing was started; to do so, type: migratectl start %s",
            names[0], names[0]);
    else
        say("%s: it was not deferred", names[0]);
    return RESULT_DONE;
}
