/* SPDX-License-Identifier: MIT */
/* Makes, measures and compares the clone on which the scripts of a rehearsal run. Changes nothing
 * in the original. */
#include "place/space.h"
#include "rehearse/private.h"
#include "script/script.h"
#include "tree/tree.h"

#include <sys/statvfs.h>

/* The number of attempts to copy a directory whose entries are moved during the copy. */
#define ATTEMPTS 3

/* --- one directory --------------------------------------------------------------------------- */

/* Returns true if the store has room for all data that could change. If the base is inside of the
 * state, the upper layer goes to the store, since it cannot be inside of its lower layer. */
static bool fits_in_store(const Rehearsal *r, const Place *place)
{
    struct statvfs state, store;

    if (fstatvfs(place->fd, &state) < 0 || fstatvfs(r->session.run.store->fd, &store) < 0)
        return false;
    return (uint64_t)(state.f_blocks - state.f_bfree) * state.f_frsize <
               (uint64_t)store.f_bavail * store.f_frsize &&
           (store.f_files == 0 || state.f_files - state.f_ffree < store.f_favail);
}

static int prepare_place(Rehearsal *r, Place *place)
{
    _cleanup_free_ char *what = NULL;
    int e = place_prepare_rehearsal(place, &what);

    return transaction_check_what(&r->t, e, "cannot prepare the clone", what);
}

/* Returns 0 if an overlay reads the state correctly; OVERLAY_IMPOSSIBLE if not, after logging why,
 * since a copy takes longer and needs space; or a Result. */
static int look_for_layers(Rehearsal *r, const Place *place)
{
    _cleanup_free_ char *what = NULL;
    int e = overlay_misreads(place->fd, place->exclude, &canceled, &what);

    if (e <= 0)
        return transaction_check(&r->t, e, "cannot read", place->directory);
    log_info(&r->t.run->log, "'%s' is copied, since an overlay would misread it: %s",
             place->directory, what ? what : "out of memory");
    return OVERLAY_IMPOSSIBLE;
}

/* Lays an overlay over the original. Returns 0, OVERLAY_IMPOSSIBLE (with nothing left on disk), or
 * a Result. */
static int lay_over(Rehearsal *r, size_t i)
{
    Transaction *t = &r->t;
    Place *place = t->run->places + i;
    _cleanup_free_ char *base = NULL;
    bool elsewhere = place->base_is_inside;
    int e;

    if (elsewhere && !fits_in_store(r, place))
        return OVERLAY_IMPOSSIBLE;
    e = look_for_layers(r, place);
    if (e != 0)
        return e;
    if (elsewhere) {
        base = TAKE_PTR(place->base);
        place->base = strdup(t->run->store->path);
        if (!place->base)
            return transaction_fail_take(t, RESULT_FAILED, NULL);
        place->base_is_inside = false;
    }
    /* An overlay reads the original only when a step needs a file, so the fingerprint comes
     * first. */
    e = tree_fingerprint(place->fd, place->exclude, &canceled, &t->clones[i].fingerprint);
    if (e < 0)
        return transaction_check(t, e, "cannot read", place->directory);
    e = prepare_place(r, place);
    if (e != 0)
        return e;
    e = overlay_lay(place);
    if (e == OVERLAY_IMPOSSIBLE && elsewhere) {
        free(place->base);
        place->base = TAKE_PTR(base);
        place->base_is_inside = true;
        cleanup_close(&place->base_fd);
        place->base_fd = -1;
    }
    if (e < 0)
        return transaction_check(t, e, "cannot lay an overlay over", place->directory);
    if (e == OVERLAY_IMPOSSIBLE)
        return e;
    r->methods[i] = REHEARSAL_OVERLAY;
    t->trees[i] = place_tree(place, place_open_clone(place));
    return transaction_check(t, t->trees[i].fd, "cannot open", place->transaction);
}

static int clone_by_copy(Rehearsal *r, size_t i, bool shared, uint64_t *copied)
{
    Transaction *t = &r->t;
    Place *place = t->run->places + i;
    uint64_t limit =
        t->plan->from && !t->run->approved ? t->run->declaration->copy_limit : UINT64_MAX;
    const SpaceQuery query = run_space_query(t->run);
    char *what = NULL;
    int e = prepare_place(r, place);

    if (e == 0 && !shared && space_check_copy(&query, place, &what) != RESULT_DONE)
        return transaction_fail_take(t, RESULT_FAILED, what);
    for (int n = 0; e == 0 && n < ATTEMPTS; n++) {
        e = clone_place(t, i, limit == UINT64_MAX ? limit : limit - MIN(limit, *copied),
                        r->record.live);
        if (e == 0 || !r->record.live || !t->stale)
            break;
    }
    if (e != 0)
        return e;
    *copied += t->clones[i].total.copied;
    r->methods[i] = t->clones[i].snapshot            ? REHEARSAL_SNAPSHOT
                    : t->clones[i].total.copied == 0 ? REHEARSAL_REFLINK
                                                     : REHEARSAL_COPY;
    return 0;
}

static int make_tree(Rehearsal *r, size_t i, uint64_t *copied)
{
    const Place *place = r->t.run->places + i;
    bool shared = place_can_share(place);
    int e = OVERLAY_IMPOSSIBLE;

    /* An overlay needs a lower layer that does not change, and would copy each file that gets
     * another owner. */
    if (!shared && !r->record.live && !clone_changes_owner(&r->t, i))
        e = lay_over(r, i);
    return e == OVERLAY_IMPOSSIBLE ? clone_by_copy(r, i, shared, copied) : e;
}

/* --- measuring ------------------------------------------------------------------------------- */

static int free_on(int fd, bool sync, uint64_t *ret)
{
    struct statvfs fs;

    /* Some file systems do not count data that is not written yet. */
    if ((sync && syncfs(fd) < 0) || fstatvfs(fd, &fs) < 0)
        return -errno;
    *ret = (uint64_t)fs.f_bfree * fs.f_frsize;
    return 0;
}

static int measure_upper(const Place *place, bool sync, uint64_t *ret)
{
    _cleanup_close_ int fd = overlay_open_upper(place);
    CloneEstimate estimate;
    int e = fd < 0 ? fd : sync && syncfs(fd) < 0 ? -errno : tree_measure(fd, NULL, NULL, &estimate);

    if (e == 0)
        *ret = estimate.bytes;
    return e;
}

static int measure_before(Rehearsal *r)
{
    int e = 0;

    for (size_t i = 0; e == 0 && i < r->session.run.n_places; i++)
        e = transaction_check(&r->t, free_on(r->t.trees[i].fd, true, r->free_before + i),
                              "cannot measure the space of", r->session.run.places[i].directory);
    if (e == 0)
        r->record.space = 0;
    return e;
}

/* *reterr_directory: the directory that could not be measured. */
static int measure(Rehearsal *r, bool sync, const char **reterr_directory)
{
    uint64_t uppers = 0, others = 0, now = 0;

    for (size_t i = 0; i < r->session.run.n_places; i++) {
        bool overlay = r->methods[i] == REHEARSAL_OVERLAY;
        int e = overlay ? measure_upper(r->session.run.places + i, sync, &now)
                        : free_on(r->t.trees[i].fd, sync, &now);

        *reterr_directory = r->session.run.places[i].directory;
        if (e < 0)
            return e;
        if (overlay)
            uppers += now;
        else
            others = MAX(others, r->free_before[i] - MIN(r->free_before[i], now));
    }
    /* Temporary files lie beside the first clone: free space shows them, an upper directory does
     * not. */
    if (r->session.run.n_places > 0 && r->methods[0] == REHEARSAL_OVERLAY)
        uppers += r->t.temporary;
    r->record.space = MAX(r->record.space, (int64_t)(uppers + others));
    return 0;
}

int rehearse_measure(Rehearsal *r)
{
    const char *directory = "";
    int e = measure(r, true, &directory);

    return transaction_check(&r->t, e, "cannot measure the space of", directory);
}

void rehearse_sample(void *userdata)
{
    Rehearsal *r = userdata;
    uint64_t begun = time_monotonic(), ended;
    const char *directory;

    if (begun < r->sample_after)
        return;
    (void)measure(r, false, &directory); /* the end of the step reports errors */
    ended = time_monotonic();
    r->sample_after = ended + 9 * (ended - begun);
}

/* --- all directories ------------------------------------------------------------------------- */

int rehearse_clone(Rehearsal *r)
{
    Transaction *t = &r->t;
    size_t n = t->run->n_places;
    uint64_t copied = 0, begun = time_now();
    int e = transaction_allocate(t);

    r->methods = calloc(n + 1, sizeof(RehearsalMethod));
    r->free_before = calloc(n + 1, sizeof(uint64_t));
    if (e != 0 || !r->methods || !r->free_before)
        return transaction_fail_take(t, RESULT_FAILED, NULL);
    for (size_t i = 0; i < n; i++)
        r->methods[i] = REHEARSAL_COPY;
    e = transaction_check(t, rehearse_announce(r, false), "cannot write to", t->run->store->path);
    for (size_t i = 0; e == 0 && i < n; i++)
        e = make_tree(r, i, &copied);
    if (e == 0 && !t->plan->from)
        e = init_own_clones(t);
    r->cloned_usec = time_now() - begun;
    return e == 0 ? measure_before(r) : e;
}

int rehearse_compare(Rehearsal *r)
{
    Transaction *t = &r->t;

    for (size_t i = 0; !r->record.live && i < t->run->n_places; i++) {
        const Place *place = t->run->places + i;
        uint64_t fingerprint;
        int e = tree_fingerprint(place->fd, place->exclude, &canceled, &fingerprint);

        if (e == -ECANCELED)
            return transaction_check(t, e, "cannot read", place->directory);
        r->record.changed = r->record.changed || e < 0 || fingerprint != t->clones[i].fingerprint;
    }
    return 0;
}
