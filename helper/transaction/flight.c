/* SPDX-License-Identifier: MIT */
/* Reads and writes the record of a transaction in flight, checks a record that is read back, and
 * writes stamps. */
#include "transaction/flight.h"

#include "basic/directory.h"
#include "basic/durable.h"
#include "store/stamp.h"
#include "tree/tree.h"
#include "wayback/wayback.h"

#include <assert.h>
#include <fcntl.h>

Flight flight_of_run(Run *run)
{
    bool in_store = run->declaration->stamp_in_store;
    Flight flight = {.store = run->store,
                     .log = &run->log,
                     .record = TRANSACTION_RECORD_NEW,
                     .places = run->places,
                     .n_places = run->n_places,
                     .stamp_in_store = in_store,
                     .lodgings = run->lodgings,
                     .n_lodgings = run->n_lodgings,
                     .hooks_fd = -1};

    flight.record.stamp = in_store ? STAMP_IN_STORE : STAMP_IN_DIRECTORIES;
    return flight;
}

void flight_borrow(Flight *flight)
{
    flight->id = flight->record.id;
    flight->from = flight->record.from;
    flight->to = flight->record.to;
}

int flight_write(Flight *flight, Phase phase)
{
    Phase before = flight->record.phase;
    int r;

    assert(flight->id && (phase != PHASE_NONE || before != PHASE_NONE));
    if (phase != PHASE_NONE)
        flight->record.phase = phase;
    r = transaction_record_write(flight->store, RECORD_TRANSACTION, &flight->record);
    flight->unsure = r < 0;
    if (r < 0 && before != PHASE_NONE) /* mutation: keep-phase */
        flight->record.phase = before;
    if (r == 0 && phase != PHASE_NONE)
        flight->log->phase = phase_name(phase);
    return r;
}

bool flight_is_init(const Flight *flight)
{
    return flight->record.action == ACTION_INITIALIZED;
}

bool flight_is_of_lost(const Flight *flight)
{
    return flight->record.lost;
}

static int stamp_durably(int fd, const char *name, const char *version)
{
    int r = fd < 0 ? -ENOENT : stamp_write(fd, name, version);

    return r == 0 && fsync(fd) < 0 ? -errno : r; /* mutation: sync-stamp */
}

/* Writes a host stamp. If the host's data was replaced meanwhile, the host stamp belongs to other
 * data, and stays as it is. */
static int stamp_lodging(const Flight *flight, const Lodging *lodging, const char *version,
                         const char *between)
{
    bool begun = between && !streq(version, between);
    int r = lodging_stamp(lodging, flight->store->name, version, begun ? between : NULL);

    if (r > 0)
        log_warning(flight->log,
                    "The part of %s in the state of %s has changed since this migration began: its "
                    "stamp in %s stays as it is",
                    flight->store->name, lodging->host, lodging->path);
    return MIN(r, 0);
}

static int stamp_apart(const Flight *flight, const char *version, size_t *i)
{
    _cleanup_free_ char *between =
        flight->record.between ? strprintf("%s:%s", flight->from, flight->to) : NULL;
    int r = flight->record.between && !between ? -ENOMEM : 0;

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
    return streq_null(flight->to, declaration->version.value)
               ? items_values(&declaration->readable_by, &flight->record.readers)
               : 0;
}

int flight_link(const Flight *flight, int fd)
{
    return flight->record.self || !flight->record.readers
               ? 0
               : stamp_link(fd, flight->store->name, flight->to, flight->record.readers);
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
    return flight->record.self ? strprintf("%s" VERSION_SELF "%s", flight->from, flight->to)
                               : strdup(flight->to);
}

int flight_stamp_between(Flight *flight, bool apart)
{
    _cleanup_free_ char *between = strprintf("%s:%s", flight->from, flight->to);
    int r;

    if (!between)
        return -ENOMEM;
    flight->record.between = true;
    r = flight_write(flight, PHASE_NONE);
    if (r < 0)
        return r;
    return apart ? flight_stamp_apart(flight, between) : flight_stamp(flight, between, NULL);
}

static int open_stores_own(const Flight *flight, bool create)
{
    int (*open_own)(int, const char *) = create ? durable_mkdir : directory_fd;
    _cleanup_close_ int backups_fd = open_own(flight->store->fd, "backups");

    return backups_fd < 0 ? backups_fd : open_own(backups_fd, flight->id);
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

const char *flight_base(const Flight *flight)
{
    return flight->n_places > 0 ? flight->places[0].base : flight->store->path;
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
    backups_fd = directory_fd(flight->store->fd, "backups");
    if (backups_fd < 0)
        return backups_fd == -ENOENT ? 0 : backups_fd;
    result = tree_remove(backups_fd, flight->id);
    return result == 0 && fsync(backups_fd) < 0 ? -errno : result;
}

int flight_drop_wayback(const Flight *flight)
{
    _cleanup_close_ int fd = directory_fd(flight->store->fd, APPLIED_DIRECTORY);
    int r;

    if (fd < 0)
        return fd == -ENOENT ? 0 : fd;
    r = tree_remove(fd, flight->id);
    return r == 0 && fsync(fd) < 0 ? -errno : r;
}

static int find_places(Flight *flight, char **reterr_what)
{
    const TransactionRecord *record = &flight->record;

    for (size_t i = 0; i < record->n_places; i++) {
        Place *place = ARRAY_GROW(flight->places, flight->n_places);
        int r = -ENOMEM;

        if (place) {
            *place = (Place)PLACE_NONE;
            r = place_find_again(record->places + i, flight->store, place, reterr_what);
        }
        if (r < 0 || r == PLACE_REFUSED)
            return r < 0 ? r : -EPERM;
    }
    if (record->n_places == 0 && !flight->stamp_in_store)
        return -EBADMSG;
    return lodgings_open_again(record->within, record->n_within, &flight->lodgings,
                               &flight->n_lodgings, reterr_what);
}

int flight_read(const Store *store, LogContext *log, Flight *ret, char **reterr_what)
{
    TransactionRecord *record = &ret->record;
    int r;

    *ret = (Flight){.store = store, .log = log, .hooks_fd = -1};
    r = transaction_record_read(store, RECORD_TRANSACTION, record);
    if (r != 0)
        return r;
    flight_borrow(ret);
    if (!place_name_is_valid(ret->id) || !ret->to || record->phase == PHASE_NONE ||
        (!ret->from && record->phase != PHASE_RECORDING && !flight_is_init(ret)))
        return -EBADMSG;
    ret->recovered = true;
    ret->stamp_in_store = record->stamp == STAMP_IN_STORE;
    record->self = record->self && ret->from;
    STRV_FOREACH (reader, record->readers)
        if (!version_is_valid(*reader))
            return -EBADMSG;
    log->transaction = ret->id;
    log->from = ret->from;
    log->to = ret->to;
    log->phase = phase_name(record->phase);
    return find_places(ret, reterr_what);
}

void flight_close(Flight *flight)
{
    for (size_t i = 0; i < flight->n_places; i++)
        place_close(flight->places + i);
    free(flight->places);
    lodgings_free(flight->lodgings, flight->n_lodgings);
    cleanup_close(&flight->hooks_fd);
    transaction_record_free(&flight->record);
    *flight = (Flight)FLIGHT_NONE;
}
