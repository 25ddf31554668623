/* SPDX-License-Identifier: MIT */
/* Makes the clones of a transaction, one for each directory, on the mount of that directory. */
#include "basic/text.h"
#include "judge/owner.h"
#include "script/progress.h"
#include "script/script.h"
#include "state/rehearsal-left.h"
#include "transaction/private.h"
#include "transaction/swap.h"
#include "tree/tree.h"

#include <fcntl.h>
#include <inttypes.h>

/* Removes lost+found and similar directories, which belong to the file system and not to the
 * state. */
static int remove_foreign(const Place *place, int clone_fd)
{
    for (size_t i = place->n_declared; place->exclude && place->exclude[i]; i++)
        if (unlinkat(clone_fd, place->exclude[i], AT_REMOVEDIR) < 0 && errno != ENOENT)
            return -errno;
    return 0;
}

static Result mark_clone(Transaction *t, const Place *place, int clone_fd)
{
    int r;

    if (place->method != PLACE_EXCHANGE)
        return RESULT_DONE; /* the names of entries tell how far the swap is, see swap-entries.c */
    r = swap_mark(clone_fd, t->flight.id);
    if (r < 0)
        return transaction_fail(t, RESULT_REFUSED,
                                "'%s' lies on a file system without trusted attributes, which tell "
                                "clone and original apart after a crash: %s",
                                place->directory, strerror(-r));
    return RESULT_DONE;
}

static int clone_one(Transaction *t, size_t i, uint64_t limit, bool live, char **reterr_what)
{
    const Place *place = t->run->places + i;

    return clone_tree(place->fd, place->transaction_fd, place->clone,
                      &(CloneOptions){.cancel = &canceled,
                                      .exclude = place->exclude,
                                      .plain = place->method == PLACE_ENTRIES,
                                      .live = live,
                                      .copy_limit = limit,
                                      .progress = progress_cloned},
                      t->clones + i, reterr_what);
}

/* Ends a rehearsal if the error is a lack of space, which the rehearsal's clones may have taken
 * since the check. Returns true if cloning should be tried again. */
static bool rehearsal_took_room(const Transaction *t, int error)
{
    const Run *run = t->run;

    if ((error != -ENOSPC && error != -EDQUOT) || run->log.rehearsal ||
        !store_has(run->store, RECORD_REHEARSING))
        return false;
    log_info(
        &run->log,
        "There is no space for the clone: removing the clone of a rehearsal, and trying again");
    rehearsal_make_room(run->store);
    return true;
}

/* Returns 1 and the user to whom PID 1 would give the directory at the next start; 0 if the
 * directory belongs to that user already; or a negative errno. */
static int find_next_owner(const Transaction *t, size_t i, uid_t *ret_uid, gid_t *ret_gid,
                           char **reterr_what)
{
    const Declaration *declaration = t->run->declaration;
    const Place *place = t->run->places + i;
    const ScriptContext context = {.declaration = declaration, .store = t->run->store};
    struct stat st;
    int r;

    if (!declaration->user || !owner_is_managed(declaration, place->directory))
        return 0;
    r = script_owner(&context, ret_uid, ret_gid, reterr_what);
    if (r < 0)
        return r;
    return fstat(place->fd, &st) < 0 ? -errno : st.st_uid != *ret_uid;
}

bool clone_changes_owner(const Transaction *t, size_t i)
{
    _cleanup_free_ char *what = NULL;
    uid_t uid;
    gid_t gid;

    return find_next_owner(t, i, &uid, &gid, &what) != 0;
}

static Result own_clone(Transaction *t, size_t i)
{
    _cleanup_free_ char *what = NULL;
    uid_t uid;
    gid_t gid;
    int r = find_next_owner(t, i, &uid, &gid, &what);

    if (r > 0) {
        log_info(&t->run->log, "Giving the clone of %s to %s (uid %u)", t->run->places[i].directory,
                 t->run->declaration->user, (unsigned)uid);
        r = tree_own(t->trees[i].fd, uid, gid, &canceled, &what);
    }
    return transaction_check_what(t, MIN(r, 0), "cannot give the clone to its user", what);
}

Result clone_place(Transaction *t, size_t i, uint64_t limit, bool live)
{
    const Declaration *declaration = t->run->declaration;
    Place *place = t->run->places + i;
    _cleanup_free_ char *what = NULL;
    int r;

    progress_clone(place->directory);
    r = clone_one(t, i, limit, live, &what);
    if (rehearsal_took_room(t, r)) {
        free(TAKE_PTR(what));
        r = clone_one(t, i, limit, live, &what);
    }
    if (r == CLONE_OVER_LIMIT)
        return transaction_fail(t, RESULT_APPROVAL,
                                "the clone would copy more than CopyLimit= (%" PRIu64
                                " MiB). To approve that, run: migratectl approve %s; or declare "
                                "Approved=%s:%s, or a higher CopyLimit=",
                                declaration->copy_limit >> 20, declaration->name, t->plan->from,
                                t->plan->to);
    if (r == CLONE_REFUSED)
        return transaction_fail(t, RESULT_REFUSED, "%s cannot be cloned: %s", place->directory,
                                what ? what : "?");
    t->stale = r == -ESTALE;
    if (t->stale)
        return transaction_fail(t, RESULT_BUSY, "%s changes while it is cloned: %s",
                                place->directory, what ? what : "find out who writes to it");
    if (r < 0)
        return transaction_check(t, r, "cannot clone the state", what ? what : place->directory);
    progress_cloned(&t->clones[i].total, NULL);
    t->trees[i] = place_tree(place, place_open_clone(place));
    if (t->trees[i].fd < 0)
        return transaction_check(t, t->trees[i].fd, "cannot open the clone", place->transaction);
    r = remove_foreign(place, t->trees[i].fd);
    return r < 0 ? transaction_check(t, r, "cannot prepare the clone", place->transaction)
                 : own_clone(t, i);
}

static Result prepare_and_clone(Transaction *t, size_t i, uint64_t copied)
{
    Place *place = t->run->places + i;
    _cleanup_free_ char *what = NULL;
    uint64_t limit =
        !t->plan->from || t->run->approved ? UINT64_MAX : t->run->declaration->copy_limit;
    Result result;
    int r;

    r = place_prepare(place, t->flight.id, true, &what);
    if (rehearsal_took_room(t, r)) {
        free(TAKE_PTR(what));
        r = place_prepare(place, t->flight.id, true, &what);
    }
    if (r < 0)
        return what ? transaction_fail_take(t, RESULT_FAILED, TAKE_PTR(what))
                    : transaction_check(t, r, "cannot prepare", place->base);
    result = clone_place(t, i, limit == UINT64_MAX ? limit : limit - MIN(limit, copied), false);
    return result == RESULT_DONE ? mark_clone(t, place, t->trees[i].fd) : result;
}

Result clone_all(Transaction *t)
{
    uint64_t copied = 0, bytes = 0, files = 0, begun = time_now(), usec;
    char size[32], duration[32];
    bool snapshot = false;
    Result r;

    for (size_t i = 0; i < t->run->n_places; i++) {
        r = prepare_and_clone(t, i, copied);
        if (r != 0)
            return r;
        copied += t->clones[i].total.copied;
        bytes += t->clones[i].total.bytes;
        files += t->clones[i].total.files;
        snapshot = snapshot || t->clones[i].snapshot;
    }
    /* Preparing a clone may have changed the method of a directory. The next write of the record
     * stores the new method. */
    if (places_record(t->run->places, t->run->n_places, &t->flight.record) < 0)
        return transaction_fail_take(t, RESULT_FAILED, NULL);
    t->flight.record.bytes = (int64_t)bytes;
    t->flight.record.copied = (int64_t)copied;
    t->flight.record.files = (int64_t)files;
    usec = time_now() - begun;
    text_size(size, sizeof(size), bytes);
    text_duration(duration, sizeof(duration), usec);
    log_done(&t->run->log, MESSAGE_STAGED, usec, "Cloned %s in %" PRIu64 " files (%s) in %s", size,
             files,
             snapshot      ? "a snapshot"
             : copied == 0 ? "shared"
                           : "copied",
             duration);
    return RESULT_DONE;
}
