/* SPDX-License-Identifier: MIT */
/* migratectl defer and resume. Both work even if the declaration is invalid, and neither stops or
 * starts a unit. */
#include "act/verbs.h"
#include "look/common.h"
#include "store/consent.h"
#include "terminal/output.h"

/* Opens the store of NAME. Refuses a name without a declaration and without a store, which is a
 * typing error. */
static Result open_store(const char *name, Store *ret)
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
    /* store_open() also checks that only root can write to the store. */
    r = store_open(NULL, name, true, ret);
    if (r < 0)
        return refuse_store(name, r);
    return RESULT_DONE;
}

static Result parse_until(const char *text, uint64_t *ret_usec)
{
    uint64_t now = time_now(), until = UINT64_MAX;

    if (text && parse_timestamp(text, now, &until) < 0)
        return fail(
            RESULT_USAGE,
            "'%s' is not a valid point in time. Examples: 2026-12-01, \"2026-12-01 03:00\", "
            "tomorrow, +3d",
            text);
    if (until <= now)
        return fail(RESULT_USAGE, "'%s' is in the past, so nothing would be deferred", text);
    *ret_usec = until;
    return RESULT_DONE;
}

int ctl_defer(char **names)
{
    _cleanup_store_ Store store = STORE_NONE;
    _cleanup_(deferral_record_free) Deferral deferral = {};
    _cleanup_free_ char *what = NULL;
    uint64_t until;
    int r = require_root("defer"), locked;

    if (r == RESULT_DONE)
        r = parse_until(names[1], &until);
    if (r == RESULT_DONE)
        r = open_store(names[0], &store);
    if (r != RESULT_DONE)
        return r;
    /* A failed lock is no error: the holder of the lock does not write this record, and a running
     * migration continues. */
    locked = store_lock(&store);
    r = deferral_write(&store, until, options.reason);
    if (r < 0)
        return fail(RESULT_FAILED,
                    "%s: nothing was deferred: cannot write %s/" RECORD_DEFERRED ": %s", names[0],
                    store.path, strerror(-r));
    if (deferral_read(&store, &deferral) == 0)
        what = deferral_describe(&deferral);
    say("%s: %s. Until then the service stays down if it needs a migration. To end the deferral, "
        "run: migratectl resume %s",
        names[0], what ? what : "deferred", names[0]);
    if (locked == 1)
        complain(
            "%s: a migration is running and goes on. To stop it and leave the state unchanged, "
            "run: systemctl stop migrate@%s",
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
    r = record_remove(&store, RECORD_DEFERRED);
    if (r < 0)
        return fail(RESULT_FAILED, "%s: still deferred: cannot remove %s/" RECORD_DEFERRED ": %s",
                    names[0], store.path, strerror(-r));
    if (was_deferred)
        say("%s: no longer deferred. Nothing was started. To migrate, run: migratectl start %s",
            names[0], names[0]);
    else
        say("%s: it was not deferred", names[0]);
    return RESULT_DONE;
}
