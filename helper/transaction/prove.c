/* SPDX-License-Identifier: MIT */
/* Checks the conditions right before the swap: nobody uses the state, the state is as it was
 * cloned, and the system still wants this migration. */
#include "inuse/inuse.h"
#include "script/progress.h"
#include "store/attempt.h"
#include "transaction/private.h"
#include "tree/tree.h"
#include "tree/walk.h"
#include "wayback/wayback.h"

#include <fcntl.h>
#include <pwd.h>

/* The file of a tree that has changed last. */
typedef struct Change {
    struct statx_timestamp when;
    uid_t user;
    char *path;
} Change;

static bool is_later(const struct statx_timestamp *a, const struct statx_timestamp *b)
{
    return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec : a->tv_nsec > b->tv_nsec;
}

static int note_change(Walk *walk, Dir *dir, const char *name, const struct statx *st)
{
    Change *change = walk->userdata;

    if (!is_later(&st->stx_ctime, &change->when) ||
        (dir->depth == 0 && name && startswith(name, STAMP_PREFIX)))
        return 0;
    free(change->path);
    *change = (Change){st->stx_ctime, st->stx_uid, dir_describe(dir, name, "has changed")};
    return change->path ? 0 : -ENOMEM;
}

/* A directory changes when a file is removed from it. The root is left out, since cloning changes
 * the root. */
static int note_directory(Walk *walk, Dir *dir)
{
    return dir->parent ? note_change(walk, dir, NULL, &dir->st) : 0;
}

/* Names the file that has changed, and its owner, as far as a look at the tree tells. The change is
 * not a failure of the migration, so the next start tries the migration again. */
static Result fail_changed(Transaction *t, const Place *place)
{
    static const WalkOps ops = {.enter = note_directory, .entry = note_change};
    const uint64_t since = t->started - 20000; /* times of files have a coarse clock */
    Change change = {.when = {.tv_sec = (int64_t)(since / 1000000),
                              .tv_nsec = (uint32_t)(since % 1000000) * 1000}};
    _cleanup_walk_ Walk *walk = walk_new(&ops, NULL, place->exclude, &change);
    const struct passwd *user;
    Result r;

    if (!walk || walk_run(walk, place->fd) < 0 || !change.path)
        r = transaction_fail(t, RESULT_BUSY,
                             "'%s' was changed while its clone was being migrated. Find out who "
                             "writes to it, and stop that first",
                             place->directory);
    else {
        user = getpwuid(change.user);
        r = transaction_fail(t, RESULT_BUSY,
                             "'%s' was changed while its clone was being migrated: %s, and belongs "
                             "to %s (uid %u). Stop whatever writes to it first",
                             place->directory, change.path, user ? user->pw_name : "no user",
                             change.user);
    }
    free(change.path);
    return r;
}

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
            return fail_changed(t, place);
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
    /* run->fingerprint was computed on a completed plan, too. */
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

/* Checks that nobody uses the originals or the clones: a script may have given the path of a clone
 * to another service. */
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
