/* SPDX-License-Identifier: MIT */
/* Finds out whether the state has another name or directory than the declared ones. Changes
 * nothing. */
#include "relocate/former.h"

#include "relocate/relocate.h"
#include "state/refuse.h"
#include "store/record-moving.h"
#include "store/stamp.h"

/* The most renames without a clean-up in between. */
#define CHAIN_MAX 16

enum {
    FOUND_NOTHING = 0,
    FOUND = 1,
    FOUND_REFUSED = 2, /* it was logged */
};

static int refuse(const Relocation *r, char *what)
{
    run_refuse(&r->session->run, RESULT_REFUSED, MESSAGE_REFUSED, what ? what : "out of memory",
               "");
    free(what);
    return FOUND_REFUSED;
}

static void relocation_free(Relocation *r)
{
    free(r->other_name);
    free(r->other_directory);
    store_close(&r->other);
    known_free(&r->known);
    place_close(&r->source);
    place_close(&r->target);
}

/* --- the name ------------------------------------------------------------------------------ */

static bool is_declared(const Relocation *r, const char *name)
{
    const Declaration *declaration = declarations_find(&r->session->declarations, name);

    return declaration && declaration->enabled;
}

/* Has the name the records of a state, and not only "moved"? 1, 0 or a negative errno. */
static int has_records(const char *name)
{
    _cleanup_store_ Store store = STORE_NONE;
    _cleanup_(known_free) Known known = {};
    int e = store_open(NULL, name, false, &store);

    if (e < 0)
        return e == -ENOENT ? 0 : e;
    if (store_has(&store, RECORD_TRANSACTION) || store_has(&store, "backups"))
        return 1;
    e = known_read(&store, &known);
    return e < 0 ? e : e == 0;
}

/* A newer system has renamed the state, and this is an older system. */
static int find_moved_away(Relocation *r)
{
    const Store *own = &r->session->store;
    _cleanup_free_ char *to = NULL;
    int e = moved_read(own, &to);

    if (e == 1 || (e == 0 && streq(to, own->name)))
        return FOUND_NOTHING;
    if (e == 0 && has_records(own->name) != 0)
        return refuse(r, strprintf("%s/" RECORD_MOVED
                                   " says that its state is called %s now, but there are other "
                                   "records beside it: move the wrong ones away",
                                   own->path, to));
    for (int i = 0; e == 0 && i < CHAIN_MAX; i++) {
        _cleanup_store_ Store next = STORE_NONE;
        _cleanup_free_ char *further = NULL;

        e = store_open(NULL, to, false, &next);
        if (e == 0)
            e = moved_read(&next, &further);
        if (e != 0 || streq(further, to)) {
            e = e > 0 ? 0 : e;
            break;
        }
        free(to);
        to = TAKE_PTR(further);
    }
    if (e == 0 && is_declared(r, to))
        return refuse(
            r, strprintf("its state is called %s now, which is declared, too: remove one of the "
                         "two declarations; or, if this is a new state, remove %s/" RECORD_MOVED,
                         to, own->path));
    if (e == 0)
        e = has_records(to);
    if (e < 0 && e != -ENOENT)
        return refuse(r, strprintf("%s/" RECORD_MOVED ": %s", own->path, strerror(-e)));
    if (e != 1)
        return refuse(r, strprintf("its state was renamed to %s, but " STORE_DIRECTORY
                                   "/%s has no records. Restore the records; or, to start without "
                                   "the data, remove %s/" RECORD_MOVED,
                                   to ? to : "?", to ? to : "?", own->path));
    r->other_name = TAKE_PTR(to);
    r->records_elsewhere = true;
    return FOUND;
}

/* 1, 0 or a negative errno. */
static int place_has_stamp(const Place *place, const char *name)
{
    _cleanup_(stamps_free) Stamps stamps = {};
    int e = place->fd < 0 ? 0 : stamps_read(place->fd, name, &stamps);

    return e < 0 ? e : stamps.versions != NULL;
}

/* Has a declared or former directory stamps of that name? A directory that is refused has none
 * here: it will be refused when it is used. 1, 0 or a negative errno. */
static int has_stamps(const Relocation *r, const char *name)
{
    const Declaration *declaration = r->session->run.declaration;
    const Items *lists[] = {&declaration->directories, &declaration->former_directories};

    for (size_t l = 0; l < ELEMENTSOF(lists); l++)
        for (size_t i = 0; i < lists[l]->n_items; i++) {
            _cleanup_(place_close) Place place = PLACE_NONE;
            _cleanup_free_ char *what = NULL;
            int e = place_find(lists[l]->items[i].value, r->session->store.path, declaration->name,
                               &place, &what);

            if (e == PLACE_FOUND)
                e = place_has_stamp(&place, name);
            else if (e == PLACE_REFUSED || e == -ENOENT)
                e = 0;
            if (e != 0)
                return e;
        }
    return 0;
}

static int find_former_name(Relocation *r)
{
    const Declaration *declaration = r->session->run.declaration;
    const char *own = declaration->name, *found = NULL, *stamped = NULL;
    int own_records;

    for (size_t i = 0; i < declaration->former_names.n_items; i++) {
        const char *name = declaration->former_names.items[i].value;
        int e = has_records(name);

        if (e < 0)
            return refuse(r, strprintf(STORE_DIRECTORY "/%s: %s", name, strerror(-e)));
        if (e == 0) {
            e = stamped ? 0 : has_stamps(r, name);
            if (e < 0)
                return refuse(
                    r, strprintf("cannot find out whether it is in the state of FormerName=%s: %s",
                                 name, strerror(-e)));
            stamped = e > 0 ? name : stamped;
            continue;
        }
        if (found)
            return refuse(r, strprintf("there are records of FormerName=%s and of FormerName=%s, "
                                       "but only one of them can be this state: remove the other",
                                       found, name));
        found = name;
    }
    if (!found && (!stamped || has_stamps(r, own) != 0))
        return FOUND_NOTHING;
    own_records = has_records(own);
    if (own_records < 0)
        return refuse(r, strprintf("%s: %s", r->session->store.path, strerror(-own_records)));
    if (found && own_records > 0)
        return refuse(
            r, strprintf(
                   "there are records of FormerName=%s in " STORE_DIRECTORY
                   "/%s, and of %s itself in " STORE_DIRECTORY
                   "/%s: move the wrong ones away; or, if both are right, remove the FormerName=",
                   found, found, own, own));
    if (is_declared(r, found ? found : stamped))
        return refuse(r, strprintf("FormerName=%s is still declared", found ? found : stamped));
    r->other_name = strdup(found ? found : stamped);
    /* The own store may be empty. If the records came over without their directory, they stay. */
    r->records_elsewhere = own_records == 0;
    return r->other_name ? FOUND : refuse(r, NULL);
}

static int open_other(Relocation *r)
{
    bool asked = r->session->run.check_only;
    int e = store_open(NULL, r->other_name, !asked, &r->other);

    if (e == -ENOENT && asked)
        return FOUND;
    if (e == 0)
        e = store_lock(&r->other);
    if (e == 0)
        return FOUND;
    return refuse(
        r, e == 1 ? strprintf("another run has the lock of %s, its former name: wait for that run",
                              r->other_name)
                  : strprintf(STORE_DIRECTORY "/%s: %s", r->other_name, strerror(-e)));
}

/* --- the directory ------------------------------------------------------------------------- */

/* With a stamp, of either name. 1, 0 or a negative errno. */
static int has_state(const Relocation *r, const Place *place)
{
    int e = place_has_stamp(place, r->session->store.name);

    return e == 0 && r->other_name ? place_has_stamp(place, r->other_name) : e;
}

/* Is the state in candidate? FOUND, FOUND_NOTHING or FOUND_REFUSED. */
static int try_directory(Relocation *r, const char *candidate)
{
    _cleanup_(place_close) Place place = PLACE_NONE;
    _cleanup_free_ char *what = NULL;
    int e;

    if (streq(candidate, r->target.directory))
        return FOUND_NOTHING;
    e = place_find(candidate, r->session->store.path, r->session->store.name, &place, &what);
    if (e == PLACE_REFUSED)
        return refuse(r, strprintf("cannot look at FormerDirectory=%s: %s", candidate, what));
    if (e == PLACE_FOUND)
        e = has_state(r, &place);
    if (e < 0 && e != -ENOENT)
        return refuse(
            r, strprintf("cannot find out whether it is in %s: %s", candidate, strerror(-e)));
    if (e <= 0)
        return FOUND_NOTHING;
    if (r->other_directory)
        return refuse(r, strprintf("the state is in %s as well as in %s: move the wrong one away",
                                   r->other_directory, candidate));
    r->other_directory = strdup(candidate);
    if (!r->other_directory)
        return refuse(r, NULL);
    r->source = place;
    r->source.directory = r->other_directory;
    place = (Place)PLACE_NONE;
    return FOUND;
}

/* A newer system has moved it: the last-seen record has both directories. */
static bool was_moved_from(const Relocation *r, const char *directory)
{
    return strv_contains(r->known.former, directory) && strv_length(r->known.directories) == 1;
}

static int find_former_directory(Relocation *r)
{
    const Items *former = &r->session->run.declaration->former_directories;
    _cleanup_(stamps_free) Stamps stamps = {.empty = true};
    int e = FOUND_NOTHING, all = FOUND_NOTHING;

    if (r->target.fd >= 0) {
        e = stamps_read(r->target.fd, r->session->store.name, &stamps);
        if (e < 0)
            return refuse(r, strprintf("%s: %s", r->target.directory, strerror(-e)));
        if (stamps.versions || !stamps.empty)
            return FOUND_NOTHING;
        e = FOUND_NOTHING;
    }
    if (was_moved_from(r, r->target.directory))
        all = try_directory(r, r->known.directories[0]);
    for (size_t i = 0; all != FOUND_REFUSED && i < former->n_items; i++) {
        if (r->other_directory && streq(former->items[i].value, r->other_directory))
            continue;
        e = try_directory(r, former->items[i].value);
        all = e == FOUND_NOTHING ? all : e;
    }
    return all;
}

/* --- all of it ----------------------------------------------------------------------------- */

static int find_target(Relocation *r)
{
    const Declaration *declaration = r->session->run.declaration;
    _cleanup_free_ char *what = NULL;
    int e;

    if (declaration->directories.n_items != 1)
        return FOUND_NOTHING;
    e = place_find(declaration->directories.items[0].value, r->session->store.path,
                   declaration->name, &r->target, &what);
    if (e < 0 && e != -ENOENT)
        return refuse(r, strprintf("cannot look at %s: %s", declaration->directories.items[0].value,
                                   strerror(-e)));
    return e == PLACE_FOUND ? FOUND : FOUND_NOTHING; /* else it is refused later */
}

/* After a crash the directory may be in either place. */
static int find_other_directory(Relocation *r)
{
    _cleanup_free_ char *what = NULL;
    int e;

    if (!r->other_directory)
        return FOUND;
    if (find_target(r) != FOUND ||
        place_find(r->other_directory, r->session->store.path, r->session->store.name, &r->source,
                   &what) != PLACE_FOUND)
        return refuse(
            r, strprintf("a move from or to %s was cut off, and that directory cannot be read: %s",
                         r->other_directory, what ? what : "is a disk not mounted?"));
    e = has_state(r, &r->source);
    if (e < 0)
        return refuse(r, strprintf("%s: %s", r->other_directory, strerror(-e)));
    if (e == 0) { /* it is missing, so it need not move */
        cleanup_close(&r->source.fd);
        r->source.fd = -1;
    }
    return FOUND;
}

static int find_under_way(Relocation *r, const Store *store)
{
    int e = relocation_read(r, store);

    if (e == 1)
        return FOUND_NOTHING;
    if (e < 0)
        return refuse(r, strprintf("%s/" RECORD_MOVING ": %s", store->path, strerror(-e)));
    if (r->other_name && r->other.fd < 0 && open_other(r) != FOUND)
        return FOUND_REFUSED;
    return find_other_directory(r);
}

static int find_former(Relocation *r)
{
    int name, directory = FOUND_NOTHING;

    name = find_moved_away(r);
    if (name == FOUND_NOTHING)
        name = find_former_name(r);
    if (name == FOUND)
        name = open_other(r);
    if (name == FOUND && r->other.fd < 0) /* a check, which has made nothing */
        return FOUND;
    if (name == FOUND && find_under_way(r, &r->other) == FOUND_REFUSED)
        return FOUND_REFUSED;
    if (name == FOUND_REFUSED)
        return name;
    if (known_read(r->records_elsewhere ? &r->other : &r->session->store, &r->known) < 0)
        return refuse(r, strdup("its last-seen record cannot be read"));
    if (!r->other_directory) {
        directory = find_target(r);
        if (directory == FOUND)
            directory = find_former_directory(r);
    }
    return MAX(name, directory);
}

static int find(Relocation *r)
{
    int found = find_under_way(r, &r->session->store);

    if (found == FOUND_NOTHING)
        return find_former(r);
    if (found == FOUND && known_read(&r->session->store, &r->known) < 0)
        return refuse(r, strdup("its last-seen record cannot be read"));
    return found;
}

int former_check(Session *session, bool *ret_pending)
{
    _cleanup_(relocation_free) Relocation relocation = {
        .session = session, .other = STORE_NONE, .source = PLACE_NONE, .target = PLACE_NONE};
    const Run *run = &session->run;
    int found = find(&relocation);

    *ret_pending = found == FOUND;
    if (found == FOUND && relocation.other_name && relocation.other_directory)
        log_info(&run->log,
                 "The state of %s is still called %s, in %s: the next start takes it over",
                 run->declaration->name, relocation.other_name, relocation.other_directory);
    else if (found == FOUND && relocation.other_name)
        log_info(&run->log, "The state of %s is still called %s: the next start takes it over",
                 run->declaration->name, relocation.other_name);
    else if (found == FOUND)
        log_info(&run->log, "The state of %s is still in %s: the next start takes it over",
                 run->declaration->name, relocation.other_directory);
    return found == FOUND_REFUSED ? RESULT_REFUSED : RESULT_DONE;
}

int former_take_over(Session *session)
{
    _cleanup_(relocation_free) Relocation relocation = {
        .session = session, .other = STORE_NONE, .source = PLACE_NONE, .target = PLACE_NONE};

    switch (find(&relocation)) {
    case FOUND_NOTHING:
        return RESULT_DONE;
    case FOUND:
        return relocate(&relocation);
    default:
        return RESULT_REFUSED;
    }
}
