/* SPDX-License-Identifier: MIT */
/* What a transaction leaves behind: concluding one that swapped, settling one that was cut off.
 *
 * Found in phase "staging": nothing was touched, the clones go. In phase "swapping": the marks
 * tell. No directory exchanged: as before. Some: the others follow, since only then all agree. All:
 * conclude. Phase "recording": go on, it can be done twice. */
#include "durable.h"
#include "stage.h"
#include "stamp.h"
#include "transaction.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/xattr.h>

char *fingerprint_format(uint64_t fingerprint)
{
    return strprintf("%016" PRIx64, fingerprint);
}

uint64_t fingerprint_parse(const char *s)
{
    return s ? strtoull(s, NULL, 16) : 0;
}

int mark_test(int fd, const char *id)
{
    char value[128];
    ssize_t n = fgetxattr(fd, STAGE_MARK, value, sizeof(value));

    if (n < 0)
        return errno == ENODATA || errno == ERANGE ? 0 : -errno;
    return (size_t)n == strlen(id) && memcmp(value, id, (size_t)n) == 0;
}

int interruption_count(const Store *store, uint64_t fingerprint)
{
    _cleanup_json_ json_object *record = NULL;

    if (record_read(store, RECORD_INTERRUPTED, &record) != 0 ||
        fingerprint_parse(json_string(record, "fingerprint")) != fingerprint)
        return 0;
    return (int)json_integer(record, "count");
}

int interruption_add(const Store *store, uint64_t fingerprint)
{
    _cleanup_free_ char *text = fingerprint_format(fingerprint);
    _cleanup_json_ json_object *record = json_object_new_object();

    if (!text || !record)
        return -ENOMEM;
    json_add_string(record, "fingerprint", text);
    json_add_integer(record, "count", interruption_count(store, fingerprint) + 1);
    return record_write(store, RECORD_INTERRUPTED, record);
}

/* --- conclude ------------------------------------------------------------------------------ */

/* The original is a backup now. It had no stamp if its version was detected; a backup says what it
 * is. */
static int stamp_backup(const Place *place, const char *name, const char *version)
{
    _cleanup_close_ int fd = openat(place->transaction_fd, place->entry,
                                    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    return fd < 0 ? -errno : stamp_write(fd, name, version);
}

static bool history_has(const Store *store, const char *id)
{
    _cleanup_json_ json_object *history = NULL;
    size_t n;

    if (history_read(store, &history) < 0)
        return false;
    n = json_object_array_length(history);
    for (size_t i = n; i > 0; i--)
        if (streq_null(json_string(json_object_array_get_idx(history, i - 1), "id"), id))
            return true;
    return false;
}

static int write_manifest(const Store *store, json_object *record, const char *id)
{
    _cleanup_close_ int backups_fd = durable_mkdir(store->fd, "backups"), fd = -1;
    const char *text;

    if (backups_fd < 0)
        return backups_fd;
    fd = durable_mkdir(backups_fd, id);
    if (fd < 0)
        return fd;
    text = json_object_to_json_string_ext(record,
                                          JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
    return text ? durable_replace(fd, "manifest", text, strlen(text)) : -ENOMEM;
}

/* Hooks that an earlier migration has left come first. */
static int write_post(const Store *store, json_object *record)
{
    _cleanup_json_ json_object *post = json_object_new_object(), *earlier = NULL;
    _cleanup_json_ json_object *hooks = json_object_new_array();
    json_object *lists[2];
    int r;

    if (!post || !hooks)
        return -ENOMEM;
    r = record_read(store, RECORD_POST, &earlier);
    if (r < 0 && r != -EBADMSG)
        return r;
    if (r == 0 && streq_null(json_string(earlier, "id"), json_string(record, "id")))
        return 0; /* written before a crash */
    lists[0] = r == 0 ? json_array(earlier, "hooks") : NULL;
    lists[1] = json_array(record, "post");
    for (size_t l = 0; l < ELEMENTSOF(lists); l++)
        for (size_t i = 0; lists[l] && i < json_object_array_length(lists[l]); i++)
            json_object_array_add(hooks, json_object_get(json_object_array_get_idx(lists[l], i)));
    json_add_string(post, "id", json_string(record, "id"));
    json_add_string(post, "from", json_string(record, "from"));
    json_add_string(post, "to", json_string(record, "to"));
    json_object_object_add(post, "hooks", TAKE_PTR(hooks));
    return record_write(store, RECORD_POST, post);
}

int transaction_conclude(const Store *store, json_object *record, Place *places, size_t n_places,
                         const LogContext *log)
{
    const char *id = json_string(record, "id"), *from = json_string(record, "from");
    int r;

    for (size_t i = 0; i < n_places; i++) {
        r = place_sync(places + i);
        if (r == 0)
            r = stamp_backup(places + i, store->name, from);
        if (r < 0)
            return r;
    }
    r = write_post(store, record);
    if (r < 0)
        return r;
    json_object_object_del(record, "post");
    json_object_object_del(record, "phase");
    json_add_string(record, "result", result_name(RESULT_DONE));
    r = write_manifest(store, record, id);
    if (r == 0)
        r = fresh_write(store, NULL);
    if (r == 0)
        r = record_remove(store, RECORD_FAILED);
    if (r == 0)
        r = record_remove(store, RECORD_INTERRUPTED);
    if (r < 0)
        return r;
    /* The manifest says the same: a full disk must not keep the service down for the sake of a log.
     */
    if (!history_has(store, id)) {
        r = history_append(store, record);
        if (r < 0)
            log_warning(log, "The history could not be written in %s: %s", store->path,
                        strerror(-r));
    }
    return record_remove(store, RECORD_TRANSACTION);
}

static int record_place(const Place *place, const char *name, const char *version)
{
    int r = place->fd < 0 ? -ENOENT : stamp_write(place->fd, name, version);

    return r == 0 && fsync(place->fd) < 0 ? -errno : r;
}

int recording_conclude(const Store *store, json_object *record, const Place *places,
                       size_t n_places, const LogContext *log, size_t *ret_i)
{
    int r;

    for (*ret_i = 0; *ret_i < n_places; (*ret_i)++) {
        r = record_place(places + *ret_i, store->name, json_string(record, "to"));
        if (r < 0)
            return r;
    }
    json_object_object_del(record, "places");
    json_object_object_del(record, "phase");
    /* A marker that stays would go on opening the gate. */
    r = fresh_write(store, NULL);
    if (r < 0)
        return r;
    if (!history_has(store, json_string(record, "id")))
        r = history_append(store, record);
    if (r < 0)
        log_warning(log, "The store %s could not be brought up to date: %s", store->path,
                    strerror(-r));
    return record_remove(store, RECORD_TRANSACTION);
}

/* --- settle -------------------------------------------------------------------------------- */

typedef struct Remains {
    json_object *record;
    const char *id, *from, *to;
    Place *places;
    size_t n_places;
} Remains;

static void remains_free(Remains *remains)
{
    for (size_t i = 0; i < remains->n_places; i++)
        place_close(remains->places + i);
    free(remains->places);
    json_object_put(remains->record);
}

/* Places as they were written down: mounts and declaration may be others by now. */
static int remains_find_places(const Store *store, Remains *remains, char **reterr_what)
{
    json_object *places = json_array(remains->record, "places");
    size_t n = places ? json_object_array_length(places) : 0;

    for (size_t i = 0; i < n; i++) {
        json_object *described = json_object_array_get_idx(places, i);
        const char *directory = json_string(described, "directory"),
                   *base = json_string(described, "base");
        const char *entry = json_string(described, "entry");
        Place *place;
        int r;

        if (!directory || directory[0] != '/' || !place_base_is_valid(base, store) ||
            !place_name_is_valid(entry))
            return -EBADMSG;
        place = ARRAY_GROW(remains->places, remains->n_places);
        if (!place)
            return -ENOMEM;
        *place = (Place)PLACE_NONE;
        r = place_find(directory, store->path, store->name, place, reterr_what);
        if (r != PLACE_FOUND)
            return r < 0 ? r : -EPERM;
        if (strreplacef(&place->base, "%s", base) < 0 ||
            strreplacef(&place->entry, "%s", entry) < 0)
            return -ENOMEM;
    }
    return n > 0 ? 0 : -EBADMSG;
}

static int settle_unswapped(const Store *store, Remains *remains, LogContext *log)
{
    int r;

    for (size_t i = 0; i < remains->n_places; i++) {
        r = place_discard(remains->places + i, remains->id);
        if (r < 0)
            return r;
    }
    r = interruption_add(store, fingerprint_parse(json_string(remains->record, "fingerprint")));
    if (r == 0)
        r = record_remove(store, RECORD_TRANSACTION);
    if (r == 0)
        log_event(log, LOG_NOTICE, MESSAGE_RECOVERED, RESULT_DONE,
                  "A migration from %s to %s was cut off before its swap: its clone was dropped, "
                  "the state is "
                  "untouched at %s",
                  remains->from, remains->to, remains->from);
    return r;
}

/* Where the clone of a place is. Looked up once, before anything is decided: a mark that cannot be
 * read a second time must not turn an exchange round, nor the original into a clone to drop. */
typedef enum Side {
    SIDE_LIVE,    /* exchanged: the clone is the state, the original is a backup */
    SIDE_BESIDE,  /* not exchanged */
    SIDE_DROPPED, /* not exchanged, and dropped already */
} Side;

static int missing(const char *path, char **reterr_what)
{
    *reterr_what = strprintf("'%s' is missing: is a disk not mounted?", path);
    return -ENOENT;
}

static int side_find(Place *place, const char *id, Side *ret, char **reterr_what)
{
    _cleanup_close_ int fd = -1;
    int live, r;

    live = mark_test(place->fd, id);
    if (live < 0)
        return live;
    r = place_prepare(place, id, false, NULL);
    /* Dropping the clones, when cut off, may have taken this one away already. What they lay in is
     * never removed: without that, another file system is mounted there, or none. */
    if (r == -ENOENT && !live && place->base_fd >= 0) {
        *ret = SIDE_DROPPED;
        return 0;
    }
    if (r < 0)
        return r == -ENOENT
                   ? missing(place->transaction ? place->transaction : place->base, reterr_what)
                   : r;
    fd = openat(place->transaction_fd, place->entry,
                O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && (errno != ENOENT || live))
        return -errno;
    r = live || fd < 0 ? 0 : mark_test(fd, id);
    if (r < 0)
        return r;
    if (!live && fd >= 0 && r == 0) {
        /* Somebody was here in between: what lies there may be the only copy of the original. */
        *reterr_what = strprintf("neither '%s' nor '%s/%s' is the clone of transaction %s",
                                 place->directory, place->transaction, place->entry, id);
        return -EBADMSG;
    }
    *ret = live ? SIDE_LIVE : fd >= 0 ? SIDE_BESIDE : SIDE_DROPPED;
    return 0;
}

static int settle_swapping(const Store *store, Remains *remains, LogContext *log,
                           char **reterr_what)
{
    _cleanup_free_ Side *sides = calloc(remains->n_places, sizeof(Side));
    size_t swapped = 0, dropped = 0;
    int r;

    if (!sides)
        return -ENOMEM;
    for (size_t i = 0; i < remains->n_places; i++) {
        r = side_find(remains->places + i, remains->id, sides + i, reterr_what);
        if (r < 0)
            return r;
        swapped += sides[i] == SIDE_LIVE;
        dropped += sides[i] == SIDE_DROPPED;
    }
    if (swapped == 0)
        return settle_unswapped(store, remains, log);
    if (dropped > 0) {
        *reterr_what =
            strprintf("some directories are exchanged, but the clone of another is gone");
        return -EBADMSG;
    }
    for (size_t i = remains->n_places; i > 0; i--) {
        Place *place = remains->places + i - 1;

        if (sides[i - 1] == SIDE_BESIDE &&
            renameat2(place->parent_fd, place->name, place->transaction_fd, place->entry,
                      RENAME_EXCHANGE) < 0)
            return -errno;
    }
    r = transaction_conclude(store, remains->record, remains->places, remains->n_places, log);
    if (r == 0)
        log_event(log, LOG_NOTICE, MESSAGE_RECOVERED, RESULT_DONE,
                  "A migration from %s to %s was cut off in its swap, which was finished: the "
                  "state is at %s, the "
                  "original is kept in %s",
                  remains->from, remains->to, remains->to, remains->places[0].transaction);
    return r;
}

static int settle_recording(const Store *store, Remains *remains, LogContext *log,
                            char **reterr_what)
{
    size_t i;
    int r;

    r = recording_conclude(store, remains->record, remains->places, remains->n_places, log, &i);
    if (r == 0)
        log_event(log, LOG_NOTICE, MESSAGE_RECOVERED, RESULT_DONE,
                  "Recording the state of %s as version %s was cut off, and is done now",
                  store->name, remains->to);
    else if (i < remains->n_places)
        *reterr_what = strprintf("cannot record version %s in %s: %s", remains->to,
                                 remains->places[i].directory, strerror(-r));
    return r;
}

static int settle(const Store *store, Remains *remains, LogContext *log, char **reterr_what)
{
    const char *phase;
    int r;

    r = record_read(store, RECORD_TRANSACTION, &remains->record);
    if (r != 0)
        return r;
    remains->id = json_string(remains->record, "id");
    remains->from = json_string(remains->record, "from");
    remains->to = json_string(remains->record, "to");
    phase = json_string(remains->record, "phase");
    if (!place_name_is_valid(remains->id) || !remains->to || !phase ||
        (!remains->from && !streq(phase, PHASE_RECORDING)))
        return -EBADMSG;
    log->transaction = remains->id;
    log->from = remains->from;
    log->to = remains->to;
    r = remains_find_places(store, remains, reterr_what);
    if (r < 0)
        return r;
    /* All were there when it began. */
    for (size_t i = 0; i < remains->n_places; i++)
        if (remains->places[i].fd < 0)
            return missing(remains->places[i].directory, reterr_what);
    if (streq(phase, PHASE_STAGING))
        return settle_unswapped(store, remains, log);
    if (streq(phase, PHASE_SWAPPING))
        return settle_swapping(store, remains, log, reterr_what);
    if (streq(phase, PHASE_RECORDING))
        return settle_recording(store, remains, log, reterr_what);
    return -EBADMSG;
}

int transaction_settle(Store *store, LogContext *log)
{
    _cleanup_(remains_free) Remains remains = {};
    _cleanup_free_ char *what = NULL;
    LogContext own = *log;
    int r;

    r = settle(store, &remains, &own, &what);
    if (r >= 0)
        return RESULT_DONE;
    log_event(&own, LOG_CRIT, MESSAGE_ATTENTION, RESULT_ATTENTION,
              "An unfinished migration of %s cannot be settled: %s", store->name,
              what ? what : strerror(-r));
    if (r == -EBADMSG && !what)
        log_error(
            &own,
            "The record %s/transaction is damaged. Look which directory has which stamp, and what "
            "lies in %s/backups, before you remove it",
            store->path, store->path);
    log_error(
        &own,
        "Nothing was removed and the service stays down. Mend the cause, then type: systemctl "
        "start migrate@%s",
        store->name);
    return RESULT_ATTENTION;
}
