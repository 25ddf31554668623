/* SPDX-License-Identifier: MIT */
/* A state that has another name or another directory than is declared: FormerName= and
 * FormerDirectory=, and what a newer system has made of them. As helper/relocate/former.c finds it,
 * which does it, and has the last word. */
#include "declare/declaration.h"
#include "look/condition-private.h"
#include "store/known.h"
#include "store/record-moving.h"
#include "terminal/options.h"

#include <fcntl.h>

/* As often as a state can have been renamed without anybody having tidied up. */
#define CHAIN_MAX 16

typedef struct Former {
    Service *service;
    char *name;      /* whose state it is there; NULL: it has the declared name */
    char *directory; /* where it is; NULL: where it is declared */
    Known known;     /* what is remembered of it */
    bool unreadable; /* whether there are records takes root to say */
    bool lost;       /* there is nothing of it under that name */
    bool moved_on;   /* a newer system has given it that name */
} Former;

static void former_free(Former *former)
{
    free(former->name);
    free(former->directory);
    known_free(&former->known);
}

/* Are there records of a state? 1, 0 or a negative errno. */
static int read_records(const char *name, Known *ret)
{
    _cleanup_store_ Store store = STORE_NONE;
    int r = store_open(options.root, name, false, &store);

    if (r < 0)
        return r == -ENOENT ? 0 : r;
    r = known_read(&store, ret);
    if (r != 1)
        return r == -ENOMEM ? r : 1;
    return store_has(&store, RECORD_TRANSACTION) || store_has(&store, "backups");
}

static bool has_stamps(const char *directory, const char *name)
{
    _cleanup_close_ int fd = open_below_root(directory, O_RDONLY | O_DIRECTORY);
    _cleanup_(stamps_free) Stamps stamps = {};

    return fd >= 0 && stamps_read(fd, name, &stamps) == 0 && stamps.versions;
}

static bool is_stamped(const Service *service, const char *name)
{
    const Items *former = &service->declaration->former_directories;

    for (size_t i = 0; i < service->n_spots; i++)
        if (!service->spots[i].host && strv_contains(service->spots[i].stamps.others, name))
            return true;
    for (size_t i = 0; i < former->n_items; i++)
        if (has_stamps(former->items[i].value, name))
            return true;
    return false;
}

/* --- the name ------------------------------------------------------------------------------ */

/* A newer system has renamed the state, and this is an older one. */
static int find_moved_away(Former *former)
{
    const Store *own = &former->service->store;
    _cleanup_free_ char *to = NULL;
    int r = own->fd >= 0 ? moved_read(own, &to) : 1;

    if (r != 0 || streq(to, own->name))
        return r == -ENOMEM ? r : 0;
    for (int i = 0; i < CHAIN_MAX; i++) {
        _cleanup_store_ Store next = STORE_NONE;
        _cleanup_free_ char *further = NULL;

        if (store_open(options.root, to, false, &next) < 0 || moved_read(&next, &further) != 0 ||
            streq(further, to))
            break;
        free(to);
        to = TAKE_PTR(further);
    }
    r = read_records(to, &former->known);
    if (r == -ENOMEM)
        return r;
    former->name = TAKE_PTR(to);
    former->moved_on = true;
    former->lost = r == 0;
    return 0;
}

static int find_former_name(Former *former)
{
    const Items *names = &former->service->declaration->former_names;
    const char *found = NULL;

    for (size_t i = 0; i < names->n_items && !found; i++) {
        int r = read_records(names->items[i].value, &former->known);

        if (r == -ENOMEM)
            return r;
        former->unreadable = former->unreadable || r < 0;
        found = r > 0 ? names->items[i].value : NULL;
    }
    for (size_t i = 0; i < names->n_items && !found; i++)
        found = is_stamped(former->service, names->items[i].value) ? names->items[i].value : NULL;
    former->name = found ? strdup(found) : NULL;
    return found && !former->name ? -ENOMEM : 0;
}

/* --- the directory ------------------------------------------------------------------------- */

static int try_directory(Former *former, const char *directory)
{
    const Declaration *declaration = former->service->declaration;

    if (former->directory || streq(directory, declaration->directories.items[0].value) ||
        (!has_stamps(directory, declaration->name) &&
         (!former->name || !has_stamps(directory, former->name))))
        return 0;
    former->directory = strdup(directory);
    return former->directory ? 0 : -ENOMEM;
}

static int find_former_directory(Former *former)
{
    const Service *service = former->service;
    const Declaration *declaration = service->declaration;
    const Items *directories = &declaration->former_directories;
    int r = 0;

    if (declaration->directories.n_items != 1 || !service->spots[0].stamps.empty)
        return 0;
    if (!former->name && service->store.fd >= 0 &&
        known_read(&service->store, &former->known) == -ENOMEM)
        return -ENOMEM;
    if (strv_contains(former->known.former, declaration->directories.items[0].value) &&
        strv_length(former->known.directories) == 1)
        r = try_directory(former, former->known.directories[0]);
    for (size_t i = 0; r == 0 && i < directories->n_items; i++)
        r = try_directory(former, directories->items[i].value);
    return r;
}

/* ------------------------------------------------------------------------------------------- */

static int conclude(const Former *former)
{
    const Declaration *declaration = former->service->declaration;
    _cleanup_free_ char *known = strv_join(former->known.directories, ", ");
    const char *where = former->directory ? former->directory
                        : isempty(known)  ? former->service->spots[0].directory
                                          : known,
               *since = former->moved_on ? "now" : "still";

    return service_conclude(
        former->service, CONDITION_PENDING,
        former->name ? strprintf("its state is %s called %s (in %s): the next start takes it %s, "
                                 "with records and backups",
                                 since, former->name, where, former->moved_on ? "back" : "over")
                     : strprintf("its state is in %s: the next start moves it to %s, with backups",
                                 where, declaration->directories.items[0].value),
        options.root || declaration->units.n_items == 0
            ? NULL
            : strprintf("systemctl start %s", declaration->units.items[0].value));
}

/* Which of both are right, somebody has to say. */
static int conclude_both(const Former *former)
{
    const char *own = former->service->declaration->name, *other = former->name;

    return service_conclude(
        former->service, CONDITION_UNKNOWN,
        strprintf("its state is called %s in " STORE_DIRECTORY "/%s, but there are other records "
                  "in " STORE_DIRECTORY "/%s: move those that are wrong out of the way",
                  other, former->moved_on ? own : other, own),
        NULL);
}

static int conclude_lost(const Former *former)
{
    return service_conclude(
        former->service, CONDITION_UNKNOWN,
        strprintf(
            "its state was renamed to %s, but " STORE_DIRECTORY
            "/%s has no records of it. Bring them back; or to begin anew, remove %s/" RECORD_MOVED,
            former->name, former->name, former->service->store.path),
        NULL);
}

int service_judge_former(Service *service)
{
    _cleanup_(former_free) Former former = {.service = service};
    _cleanup_(known_free) Known own = {};
    const char *name = service->declaration->name;
    int r;

    if (service->n_spots == 0)
        return 1;
    if (service->store.fd >= 0 && store_has(&service->store, RECORD_MOVING))
        return service_conclude(
            service, CONDITION_PENDING,
            strdup("it was being given another name or directory, and that was "
                   "cut off: the next start goes on"),
            options.root ? NULL : strprintf("systemctl start %s", service->migration_unit));
    r = find_moved_away(&former);
    if (r == 0 && !former.name)
        r = find_former_name(&former);
    if (r == 0)
        r = find_former_directory(&former);
    if (r < 0)
        return r;
    if (former.name && (former.moved_on || former.known.version)) {
        r = read_records(name, &own);
        if (r == -ENOMEM)
            return r;
        if (r > 0)
            return conclude_both(&former);
    }
    if (former.lost)
        return conclude_lost(&former);
    if (former.name || former.directory)
        return conclude(&former);
    if (former.unreadable)
        return service_conclude(service, CONDITION_UNREADABLE,
                                strdup("whether there are records of a FormerName= takes root to "
                                       "say"),
                                strprintf("sudo migratectl status %s", name));
    return 1;
}
