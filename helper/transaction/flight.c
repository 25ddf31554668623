/* SPDX-License-Identifier: MIT */
/* The record of a transaction: writing it, and believing nothing of it when it is read back. */
#include "transaction/flight.h"

#include "basic/durable.h"
#include "store/stamp.h"
#include "tree/remove.h"

#include <fcntl.h>

json_object *flight_describe_places(const Place *places, size_t n_places)
{
    json_object *array = json_object_new_array();

    for (size_t i = 0; array && i < n_places; i++) {
        json_object *place = json_object_new_object();

        json_add_string(place, "directory", places[i].directory);
        json_add_string(place, "path", places[i].path);
        json_add_string(place, "method", place_method_name(places[i].method));
        json_add_string(place, "base", places[i].base);
        json_add_string(place, "entry", places[i].entry);
        json_add_strv(place, "exclude", places[i].exclude);
        json_add_integer(place, "declared", (int64_t)places[i].n_declared);
        json_object_array_add(array, place);
    }
    return array;
}

int flight_write(Flight *flight, const char *phase)
{
    const char *known = json_string(flight->record, "phase");
    _cleanup_free_ char *before = phase && known ? strdup(known) : NULL;
    int r;

    if (phase && known && !before)
        return -ENOMEM;
    if (phase)
        json_add_string(flight->record, "phase", phase);
    r = record_write(flight->store, RECORD_TRANSACTION, flight->record);
    flight->unsure = r < 0;
    if (r < 0 && before) /* mutation: keep-phase */
        json_add_string(flight->record, "phase", before);
    if (r == 0 && phase)
        flight->log->phase = phase;
    return r;
}

bool flight_is_in(const Flight *flight, const char *phase)
{
    return streq_null(json_string(flight->record, "phase"), phase);
}

bool flight_is_init(const Flight *flight)
{
    return streq_null(json_string(flight->record, "action"), ACTION_INIT);
}

bool flight_is_of_lost(const Flight *flight)
{
    return json_true(flight->record, "lost");
}

static int stamp_durably(int fd, const char *name, const char *version)
{
    int r = fd < 0 ? -ENOENT : stamp_write(fd, name, version);

    return r == 0 && fsync(fd) < 0 ? -errno : r; /* mutation: sync-stamp */
}

/* What is found in a lodging that is neither of these came with other data of the host. */
static int stamp_lodging(const Flight *flight, const Lodging *lodging, const char *version,
                         const char *between)
{
    bool begun = between && !streq(version, between);
    int r = lodging_stamp(lodging, flight->store->name, version, begun ? between : NULL);

    if (r > 0)
        log_warning(flight->log,
                    "The part of %s in %s is not what it was when this migration began: its stamp "
                    "in %s stays as it is",
                    flight->store->name, lodging->host, lodging->path);
    return MIN(r, 0);
}

static int stamp_apart(const Flight *flight, const char *version, size_t *i)
{
    _cleanup_free_ char *between =
        flight->between ? strprintf("%s:%s", flight->from, flight->to) : NULL;
    int r = flight->between && !between ? -ENOMEM : 0;

    if (r == 0 && flight->stamp_in_store)
        r = stamp_durably(flight->store->fd, flight->store->name, version);
    for (size_t j = 0; r == 0 && j < flight->n_lodgings; j++) {
        *i = flight->n_places + 1 + j;
        r = stamp_lodging(flight, flight->lodgings + j, version, between);
    }
    return r;
}

int flight_stamp(const Flight *flight, const char *version, size_t *ret_i)
{
    size_t i = 0;
    int r = 0;

    for (; r == 0 && !flight->stamp_in_store && i < flight->n_places; i += r == 0)
        r = stamp_durably(flight->places[i].fd, flight->store->name, version);
    if (r == 0) {
        i = flight->n_places;
        r = stamp_apart(flight, version, &i);
    }
    if (ret_i)
        *ret_i = i;
    return r;
}

int flight_stamp_apart(const Flight *flight, const char *version)
{
    size_t i = flight->n_places;

    return stamp_apart(flight, version, &i);
}

const char *flight_stamp_path(const Flight *flight, size_t i)
{
    return i < flight->n_places ? flight->places[i].directory
           : i - flight->n_places - 1 < flight->n_lodgings
               ? flight->lodgings[i - flight->n_places - 1].path
               : flight->store->path;
}

int flight_describe_readers(Flight *flight, const Declaration *declaration)
{
    const Items *readers = &declaration->readable_by;

    if (!streq_null(flight->to, declaration->version.value))
        return 0;
    for (size_t i = 0; i < readers->n_items; i++)
        if (strv_append(&flight->readers, readers->items[i].value) < 0)
            return -ENOMEM;
    json_add_strv(flight->record, "readers", flight->readers);
    return 0;
}

int flight_link(const Flight *flight, int fd)
{
    if (flight->self || !flight->readers)
        return 0;
    return stamp_link(fd, flight->store->name, flight->to, flight->readers);
}

int flight_link_live(const Flight *flight, bool live)
{
    int r = 0;

    if (flight->stamp_in_store)
        return flight_link(flight, flight->store->fd);
    for (size_t i = 0; live && r == 0 && i < flight->n_places; i++)
        r = flight_link(flight, flight->places[i].fd);
    return r;
}

static int clear_durably(int fd, const char *name)
{
    int r = fd < 0 ? 0 : stamp_clear(fd, name);

    return r == 0 && fd >= 0 && fsync(fd) < 0 ? -errno : r;
}

int flight_forget_other_stamps(const Flight *flight, bool live)
{
    int r = 0;

    if (!flight->stamp_in_store)
        return clear_durably(flight->store->fd, flight->store->name);
    for (size_t i = 0; live && r == 0 && i < flight->n_places; i++)
        r = clear_durably(flight->places[i].fd, flight->store->name);
    return r;
}

char *flight_new_stamp(const Flight *flight)
{
    return flight->self ? strprintf("%s" VERSION_SELF "%s", flight->from, flight->to)
                        : strdup(flight->to);
}

int flight_stamp_between(Flight *flight, bool apart)
{
    _cleanup_free_ char *between = strprintf("%s:%s", flight->from, flight->to);
    int r;

    if (!between)
        return -ENOMEM;
    flight->between = true;
    json_object_object_add(flight->record, "between", json_object_new_boolean(true));
    r = flight_write(flight, NULL);
    if (r < 0)
        return r;
    return apart ? flight_stamp_apart(flight, between) : flight_stamp(flight, between, NULL);
}

static int open_stores_own(const Flight *flight, bool create)
{
    _cleanup_close_ int backups_fd = -1;
    int fd;

    if (create) {
        backups_fd = durable_mkdir(flight->store->fd, "backups");
        return backups_fd < 0 ? backups_fd : durable_mkdir(backups_fd, flight->id);
    }
    backups_fd =
        openat(flight->store->fd, "backups", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    fd = backups_fd < 0
             ? -1
             : openat(backups_fd, flight->id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

int flight_open_hooks(Flight *flight, bool create, char **reterr_what)
{
    Place *primary = flight->places;
    int r = 0;

    if (flight->n_places == 0)
        flight->hooks_fd = open_stores_own(flight, create);
    else {
        if (primary->transaction_fd < 0)
            r = place_prepare(primary, flight->id, create, reterr_what);
        if (r < 0)
            return r;
        flight->hooks_fd = fcntl(primary->transaction_fd, F_DUPFD_CLOEXEC, 3);
        if (flight->hooks_fd < 0)
            flight->hooks_fd = -errno;
    }
    return MIN(flight->hooks_fd, 0);
}

char *flight_beside(const Flight *flight)
{
    return strprintf("%s/backups/%s",
                     flight->n_places > 0 ? flight->places[0].base : flight->store->path,
                     flight->id);
}

int flight_discard(Flight *flight)
{
    _cleanup_close_ int backups_fd = -1;
    int result = 0;

    for (size_t i = 0; i < flight->n_places; i++) {
        int r = place_discard(flight->places + i, flight->id);

        result = result < 0 ? result : r;
    }
    if (result < 0 || flight->n_places > 0)
        return result;
    backups_fd =
        openat(flight->store->fd, "backups", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (backups_fd < 0)
        return errno == ENOENT ? 0 : -errno;
    result = tree_remove(backups_fd, flight->id);
    return result == 0 && fsync(backups_fd) < 0 ? -errno : result;
}

/* What stays where it is: as it was when the transaction began, whatever is declared now. */
static int take_excludes(Place *place, json_object *described)
{
    int64_t n_declared = json_integer(described, "declared");
    _cleanup_strv_ char **exclude = NULL;
    int r;

    r = json_strv(described, "exclude", &exclude);
    if (r < 0)
        return r;
    STRV_FOREACH (path, exclude) {
        _cleanup_free_ char *absolute = strprintf("/%s", *path);

        if (!absolute)
            return -ENOMEM;
        if (!place_path_is_canonical(absolute))
            return -EBADMSG;
    }
    if (n_declared < 0 || (uint64_t)n_declared > strv_length(exclude))
        return -EBADMSG;
    strv_free(place->exclude);
    place->exclude = TAKE_PTR(exclude);
    place->n_declared = (size_t)n_declared;
    return 0;
}

static int find_place(Flight *flight, json_object *described, char **reterr_what)
{
    const char *directory = json_string(described, "directory"),
               *base = json_string(described, "base"), *entry = json_string(described, "entry");
    Place *place;
    int r;

    if (!place_path_is_canonical(directory) || !place_path_is_canonical(base))
        return -EBADMSG;
    place = ARRAY_GROW(flight->places, flight->n_places);
    if (!place)
        return -ENOMEM;
    *place = (Place)PLACE_NONE;
    r = place_find_again(directory, json_string(described, "path"),
                         json_string(described, "method"), base, entry, flight->store, place,
                         reterr_what);
    if (r == PLACE_FOUND)
        r = take_excludes(place, described);
    return r == PLACE_REFUSED ? -EPERM : r;
}

static int find_places(Flight *flight, char **reterr_what)
{
    json_object *places = json_array(flight->record, "places");
    size_t n = places ? json_object_array_length(places) : 0;

    for (size_t i = 0; i < n; i++) {
        int r = find_place(flight, json_object_array_get_idx(places, i), reterr_what);

        if (r < 0)
            return r;
    }
    if (n == 0 && !flight->stamp_in_store)
        return -EBADMSG;
    return lodgings_open_again(json_array(flight->record, "within"), &flight->lodgings,
                               &flight->n_lodgings, reterr_what);
}

/* The text of the record goes with it; a log lives longer. */
static const char *known_phase(const char *phase)
{
    static const char *const phases[] = {PHASE_STAGING,    PHASE_IN_PLACE,  PHASE_SWAPPING,
                                         PHASE_CONCLUDING, PHASE_RECORDING, PHASE_RESTORING};

    for (size_t i = 0; i < ELEMENTSOF(phases); i++)
        if (streq(phases[i], phase))
            return phases[i];
    return NULL;
}

int flight_read(const Store *store, LogContext *log, Flight *ret, char **reterr_what)
{
    const char *phase;
    int r;

    *ret = (Flight){.store = store, .log = log, .hooks_fd = -1};
    r = record_read(store, RECORD_TRANSACTION, &ret->record);
    if (r != 0)
        return r;
    ret->id = json_string(ret->record, "id");
    ret->from = json_string(ret->record, "from");
    ret->to = json_string(ret->record, "to");
    phase = json_string(ret->record, "phase");
    if (!place_name_is_valid(ret->id) || !ret->to || !phase ||
        (!ret->from && !streq(phase, PHASE_RECORDING) && !flight_is_init(ret)))
        return -EBADMSG;
    ret->recovered = true;
    ret->stamp_in_store = streq_null(json_string(ret->record, "stamp"), "store");
    ret->between = json_true(ret->record, "between");
    ret->self = ret->from && json_true(ret->record, "self");
    r = json_strv(ret->record, "readers", &ret->readers);
    if (r < 0)
        return r;
    STRV_FOREACH (reader, ret->readers)
        if (!version_is_valid(*reader))
            return -EBADMSG;
    log->transaction = ret->id;
    log->from = ret->from;
    log->to = ret->to;
    log->phase = known_phase(phase);
    return find_places(ret, reterr_what);
}

void flight_close(Flight *flight)
{
    for (size_t i = 0; i < flight->n_places; i++)
        place_close(flight->places + i);
    free(flight->places);
    lodgings_free(flight->lodgings, flight->n_lodgings);
    cleanup_close(&flight->hooks_fd);
    strv_free(flight->readers);
    json_object_put(flight->record);
    *flight = (Flight)FLIGHT_NONE;
}
