/* SPDX-License-Identifier: MIT */
/* Checks the conditions right before the swap: nobody uses the state, the state is as it was
 * cloned, and the system still wants this migration. */
#include "inuse/inuse.h"
#include "script/progress.h"
#include "store/attempt.h"
#include "transaction/private.h"
#include "tree/tree.h"
#include "wayback/wayback.h"

#include <fcntl.h>

static Result prove_unchanged(Transaction *t)
{
    for (size_t i = 0; i < t->run->n_places; i++) {
        const Place *place = t->run->places + i;
        struct stat now, then;
        uint64_t fingerprint;
        int r;

        if (fstatat(place->parent_fd, place->name, &now, AT_SYMLINK_NOFOLLOW) < 0 ||
            fstat(place->fd, &then) < 0)
            return transaction_check(t, -errno, "cannot look at", place->directory);
        if (now.st_dev != then.st_dev || now.st_ino != then.st_ino)
            return transaction_fail(t, RESULT_FAILED,
                                    "'%s' was replaced by another directory since it was cloned",
                                    place->directory);
        r = tree_fingerprint(place->fd, place->exclude, &canceled, &fingerprint);
        if (r < 0)
            return transaction_check(t, r, "cannot look at", place->directory);
        if (fingerprint != t->clones[i].fingerprint)
            return transaction_fail(t, RESULT_FAILED,
                                    "'%s' was changed while its clone was being migrated",
                                    place->directory);
    }
    return RESULT_DONE;
}

Result prove_wanted(Transaction *t)
{
    _cleanup_(declarations_free) Declarations declarations = {};
    Declaration *declaration;
    Fingerprint fingerprint;
    int r;

    r = declarations_read(NULL, &declarations);
    if (r < 0)
        return transaction_check(t, r, "cannot read the declaration again", NULL);
    declaration = declarations_find(&declarations, t->run->declaration->name);
    /* The plan is completed as permit_kept() did before run.fingerprint was computed. */
    r = declaration ? applied_complete(t->run->store, t->plan, declaration) : 0;
    if (r < 0)
        return transaction_check(t, r, "cannot read the kept [Down] scripts in",
                                 t->run->store->path);
    if (declaration && !declaration_is_broken(declaration)) {
        fingerprint = attempt_fingerprint(declaration, t->plan);
        if (fingerprint_is(&fingerprint, t->run->fingerprint.hex))
            return RESULT_DONE;
    }
    return transaction_fail(t, RESULT_BUSY,
                            "the declaration, or a script that it names, has changed since this "
                            "migration began, so the migration is not wanted any more");
}

static Result prove_places(Transaction *t, int (*check)(const Place *place, char **reterr_what))
{
    for (size_t i = 0; i < t->run->n_places; i++) {
        char *what = NULL;
        int r = check(t->run->places + i, &what);

        if (r == PLACE_REFUSED)
            return transaction_fail_take(t, RESULT_FAILED, what);
        if (r < 0)
            return transaction_check(t, r, "cannot look at", t->run->places[i].directory);
    }
    return RESULT_DONE;
}

/* A service outside that was given the path of the clone may still write to it. */
static Result prove_idle(Transaction *t)
{
    _cleanup_free_ char *what = NULL;
    const size_t n = t->run->n_places, n_clones = t->protect == PROTECT_CLONE ? n : 0;
    _cleanup_free_ Place *places = calloc(n + n_clones + 1, sizeof(Place));
    _cleanup_strv_ char **paths = NULL;
    int in_use = places ? 0 : -ENOMEM;

    for (size_t i = 0; in_use == 0 && i < n; i++) {
        places[i] = t->run->places[i];
        in_use = strv_consume(
            &paths, strprintf("%s/backups/%s/%s", places[i].base, t->flight.id, places[i].entry));
        if (in_use == 0 && i < n_clones)
            places[n + i] = (Place){.path = paths[i], .fd = t->trees[i].fd};
    }
    if (in_use == 0)
        in_use = in_use_check(t->run->declaration, places, n + n_clones, &what);
    return in_use == IN_USE_BUSY
               ? transaction_fail_take(t, RESULT_BUSY, TAKE_PTR(what))
               : transaction_check(t, in_use, "cannot find out who uses the state", NULL);
}

Result prove(Transaction *t)
{
    Result r;

    progress_enter(PROGRESS_PROVING);
    r = prove_idle(t);
    if (r != RESULT_DONE)
        return r;
    if (t->protect == PROTECT_CLONE) {
        r = prove_places(t, place_check_clone);
        if (r == 0)
            r = prove_unchanged(t);
    }
    if (r == 0)
        r = prove_wanted(t);
    /* Mounts are checked last, right before the swap: only the record is written in between. */
    return r == 0 && t->protect == PROTECT_CLONE ? prove_places(t, place_check_mounts) : r;
}
