/* SPDX-License-Identifier: MIT */
/* Runs Init= on a first start: a migration from nothing, whose originals are empty directories. */
#include "state/refuse.h"
#include "store/stamp.h"
#include "transaction/private.h"

#include <fcntl.h>
#include <sys/stat.h>

/* --- directories that do not exist --------------------------------------------------------- */

static Result make_missing(Run *run, size_t i)
{
    const Item *directory = run->declaration->directories.items + i;
    const ScriptContext context = {.declaration =
                                       run->declaration}; /* no directory tells an owner */
    _cleanup_free_ char *what = NULL;
    uid_t uid;
    gid_t gid;
    int r;

    if (!run->declaration->user)
        return run_refuse(run, RESULT_REFUSED,
                          "%s:%u: Directory=%s does not exist and cannot be created: its owner is "
                          "not declared. Declare User=, or create the directory",
                          directory->origin.file, directory->origin.line, directory->value);
    r = script_owner(&context, &uid, &gid, &what);
    if (r < 0)
        return run_refuse(run, RESULT_REFUSED,
                          "%s:%u: Directory=%s does not exist and cannot be created: %s. Fix that, "
                          "or create the directory",
                          directory->origin.file, directory->origin.line, directory->value,
                          what ? what : strerror(-r));
    r = place_make_directory(run->places + i, uid, gid);
    return r == 0 ? RESULT_DONE
                  : run_refuse(run, RESULT_FAILED, "cannot create %s: %s", directory->value,
                               strerror(-r));
}

Result init_make_directories(Run *run)
{
    bool made = false;

    for (size_t i = 0; i < run->n_places; i++) {
        Result r;

        if (run->places[i].fd >= 0)
            continue;
        r = make_missing(run, i);
        if (r != RESULT_DONE)
            return r;
        made = true;
    }
    return made ? run_find_places(run) : RESULT_DONE;
}

/* --- clones -------------------------------------------------------------------------------- */

static int is_empty(int fd, const char *name, bool *ret)
{
    _cleanup_(stamps_free) Stamps stamps = {};
    int r = stamps_read(fd, name, &stamps);

    *ret = r == 0 && stamps.empty;
    return r;
}

/* Gives the clones to the declared owner. A directory that is fresh by FreshCheck=, but not empty,
 * keeps its owner. */
Result init_own_clones(Transaction *t)
{
    const Declaration *declaration = t->run->declaration;
    const ScriptContext context = run_script_context(t->run, t->trees);
    _cleanup_free_ char *what = NULL;
    uid_t uid;
    gid_t gid;
    int r;

    if (!declaration->user && !declaration->group)
        return RESULT_DONE;
    r = script_owner(&context, &uid, &gid, &what);
    if (r < 0)
        return transaction_check_what(t, r, "cannot find out who owns the state", what);
    for (size_t i = 0; i < t->run->n_places; i++) {
        bool empty;

        r = is_empty(t->trees[i].fd, declaration->name, &empty);
        if (r == 0 && empty && fchown(t->trees[i].fd, declaration->user ? uid : (uid_t)-1, gid) < 0)
            r = -errno;
        if (r < 0)
            return transaction_check(t, r, "cannot prepare the clone of",
                                     t->run->places[i].directory);
    }
    return RESULT_DONE;
}

Result init_verify(Transaction *t)
{
    bool empty = true;

    for (size_t i = 0; empty && i < t->run->n_places; i++) {
        int r = is_empty(t->trees[i].fd, t->run->declaration->name, &empty);

        if (r < 0)
            return transaction_check(t, r, "cannot look at the clone of",
                                     t->run->places[i].directory);
    }
    if (!empty)
        return RESULT_DONE;
    return transaction_fail(t, RESULT_FAILED, "Init=%s succeeded, but has made nothing in %s",
                            t->run->declaration->init.script.argv[0], t->run->where);
}
