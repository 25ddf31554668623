/* SPDX-License-Identifier: MIT */
/* Finds a state that has another name than declared, or is in another directory, and takes its
 * lock. Changes nothing itself. */
#include "relocate/relocate.h"

#include "state/refuse.h"
#include "store/stamp.h"

static void relocation_free(Relocation *r)
{
    free(r->other_name);
    free(r->other_directory);
    store_close(&r->other);
    known_record_free(&r->known);
    place_close(&r->source);
    place_close(&r->target);
}

static int open_other(Relocation *r)
{
    Run *run = &r->session->run;
    int e = store_open(NULL, r->other_name, true, &r->other);

    if (e == 0)
        e = store_lock(&r->other);
    if (e == 1)
        return run_refuse(run, RESULT_REFUSED,
                          "another run holds the lock of %s, which is what it was called: wait for "
                          "it",
                          r->other_name);
    return e == 0 ? RESULT_DONE
                  : run_refuse(run, RESULT_REFUSED, STORE_DIRECTORY "/%s: %s", r->other_name,
                               strerror(-e));
}

/* --- the directory ------------------------------------------------------------------------- */

static int open_directory(const Relocation *r, const char *directory, Place *ret)
{
    _cleanup_free_ char *what = NULL;
    int e = place_find(directory, r->session->store.path, r->session->store.name, ret, &what);

    if (e == PLACE_FOUND)
        return RESULT_DONE;
    return run_refuse(&r->session->run, RESULT_REFUSED, "%s cannot be looked at: %s", directory,
                      what           ? what
                      : e == -ENOENT ? "is a disk not mounted?"
                                     : strerror(-e));
}

/* Returns 1 if the directory has a stamp of either name, 0 if not, or a negative errno. */
static int has_state(const Relocation *r, const Place *place)
{
    _cleanup_(stamps_free) Stamps stamps = {};
    int e = place->fd < 0 ? 0 : stamps_read(place->fd, r->session->store.name, &stamps);

    return e < 0 ? e
                 : stamps.versions || (r->other_name && stamps_have_other(&stamps, r->other_name));
}

/* Opens both directories, since a crash may have left the state in either. */
static int open_directories(Relocation *r)
{
    int e;

    if (!r->other_directory)
        return RESULT_DONE;
    e = open_directory(r, r->session->run.declaration->directories.items[0].value, &r->target);
    if (e == RESULT_DONE)
        e = open_directory(r, r->other_directory, &r->source);
    if (e != RESULT_DONE)
        return e;
    e = has_state(r, &r->source);
    if (e < 0)
        return run_refuse(&r->session->run, RESULT_REFUSED, "%s cannot be read: %s",
                          r->other_directory, strerror(-e));
    if (e == 0) { /* nothing to move: the state is not in this directory */
        cleanup_close(&r->source.fd);
        r->source.fd = -1;
    }
    return RESULT_DONE;
}

/* --- take over ----------------------------------------------------------------------------- */

static int read_moving(Relocation *r, const Store *store)
{
    int e = relocation_read(r, store);

    return e >= 0
               ? RESULT_DONE
               : run_refuse(&r->session->run, RESULT_REFUSED,
                            "%s/" RECORD_MOVING " cannot be read: %s", store->path, strerror(-e));
}

/* Decides again under the lock of the other name: the first decision was made without that lock. */
static int decide_again(Relocation *r)
{
    Run *run = &r->session->run;
    Former former;
    int e = run_look(run);

    if (e < 0)
        return run_refuse(run, RESULT_FAILED, "cannot look at %s: %s", run->where, strerror(-e));
    former = former_decide(&run->facts);
    if (!former.found || !streq_null(r->other_name, former.name))
        return run_refuse(run, RESULT_REFUSED,
                          "its records in " STORE_DIRECTORY "/%s have just been moved by another "
                          "run",
                          r->other_name);
    e = read_moving(r, &r->other);
    if (e == RESULT_DONE && !r->other_directory && former.directory &&
        strreplace(&r->other_directory, former.directory) < 0)
        e = run_refuse_take(run, RESULT_REFUSED, NULL);
    return e;
}

static int find(Relocation *r)
{
    Run *run = &r->session->run;
    const Former former = former_decide(&run->facts);
    bool moving = run->facts.former.moving;
    int e = moving ? read_moving(r, run->store) : RESULT_DONE;

    if (!moving) {
        assert(former.found);
        r->records_elsewhere = former.records_elsewhere;
        if (strreplace(&r->other_name, former.name) < 0 ||
            (!former.name && strreplace(&r->other_directory, former.directory) < 0))
            e = run_refuse_take(run, RESULT_REFUSED, NULL);
    }
    if (e == RESULT_DONE && r->other_name)
        e = open_other(r);
    if (e == RESULT_DONE && r->other_name && !moving)
        e = decide_again(r);
    if (e == RESULT_DONE)
        e = open_directories(r);
    if (e == RESULT_DONE &&
        known_read(r->records_elsewhere ? &r->other : run->store, &r->known) < 0)
        e = run_refuse(run, RESULT_REFUSED, "what is remembered of it cannot be read");
    return e;
}

int former_take_over(Session *session)
{
    _cleanup_(relocation_free) Relocation relocation = {
        .session = session, .other = STORE_NONE, .source = PLACE_NONE, .target = PLACE_NONE};
    int r = find(&relocation);

    return r == RESULT_DONE ? relocate(&relocation) : r;
}
