/* SPDX-License-Identifier: MIT */
/* What a rehearsal's scripts run on: made without a trace in the original, measured, and compared
 * with it. */
#include "init.h"
#include "place-tree.h"
#include "rehearse-private.h"

#include <sys/statvfs.h>

static int stage_place(Rehearsal *r, size_t i, uint64_t *copied)
{
    Transaction *t = &r->t;
    Place *place = t->run->places + i;
    uint64_t limit = t->plan->from ? t->run->declaration->copy_limit : UINT64_MAX;
    char *what = NULL;
    int e = place_prepare_rehearsal(place, &what);

    if (e < 0) {
        e = transaction_fail_what(t, "cannot prepare", what, e);
        free(what);
        return e;
    }
    e = clone_place(t, i, limit == UINT64_MAX ? limit : limit - MIN(limit, *copied), r->live);
    if (e != 0)
        return e;
    *copied += t->staged[i].total.copied;
    r->methods[i] = t->staged[i].snapshot            ? REHEARSAL_SNAPSHOT
                    : t->staged[i].total.copied == 0 ? REHEARSAL_REFLINK
                                                     : REHEARSAL_COPY;
    return 0;
}

/* --- measuring ------------------------------------------------------------------------------- */

static int free_on(int fd, uint64_t *ret)
{
    struct statvfs fs;

    /* Until it is written, some file systems count it nowhere. */
    if (syncfs(fd) < 0 || fstatvfs(fd, &fs) < 0)
        return -errno;
    *ret = (uint64_t)fs.f_bfree * fs.f_frsize;
    return 0;
}

static int measure_before(Rehearsal *r)
{
    for (size_t i = 0; i < r->session.run.n_places; i++) {
        int e = free_on(r->t.trees[i].fd, r->free_before + i);

        if (e < 0)
            return transaction_fail_errno(&r->t, "cannot measure",
                                          r->session.run.places[i].directory, e);
    }
    r->space = 0;
    return 0;
}

int rehearse_measure(Rehearsal *r)
{
    uint64_t all = 0, now;

    for (size_t i = 0; i < r->session.run.n_places; i++) {
        int e = free_on(r->t.trees[i].fd, &now);

        if (e < 0)
            return transaction_fail_errno(&r->t, "cannot measure",
                                          r->session.run.places[i].directory, e);
        all = MAX(all, r->free_before[i] - MIN(r->free_before[i], now));
    }
    r->space = MAX(r->space, all);
    return 0;
}

/* --- all of it ------------------------------------------------------------------------------- */

int rehearse_stage(Rehearsal *r)
{
    Transaction *t = &r->t;
    size_t n = t->run->n_places;
    uint64_t copied = 0, begun = time_now();
    int e = 0;

    t->trees = calloc(n + 1, sizeof(SandboxTree));
    t->staged = calloc(n + 1, sizeof(StageResult));
    r->methods = calloc(n + 1, sizeof(RehearsalMethod));
    r->free_before = calloc(n + 1, sizeof(uint64_t));
    if (!t->trees || !t->staged || !r->methods || !r->free_before)
        return transaction_fail(t, NULL, RESULT_FAILED);
    for (size_t i = 0; i < n; i++)
        t->trees[i].fd = -1;
    e = rehearse_announce(r, false);
    if (e < 0)
        return transaction_fail_errno(t, "cannot write in", t->run->store->path, e);
    for (size_t i = 0; e == 0 && i < n; i++)
        e = stage_place(r, i, &copied);
    if (e == 0 && !t->plan->from)
        e = init_own_clones(t);
    r->staged_usec = time_now() - begun;
    return e == 0 ? measure_before(r) : e;
}

int rehearse_compare(Rehearsal *r)
{
    Transaction *t = &r->t;

    for (size_t i = 0; !r->live && i < t->run->n_places; i++) {
        const Place *place = t->run->places + i;
        uint64_t fingerprint;
        int e = stage_fingerprint(place->fd, place->exclude, &canceled, &fingerprint);

        if (e == -ECANCELED)
            return transaction_fail_errno(t, "cannot look at", place->directory, e);
        r->changed = r->changed || e < 0 || fingerprint != t->staged[i].fingerprint;
    }
    return 0;
}
