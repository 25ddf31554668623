/* SPDX-License-Identifier: MIT */
/* Concluding: durability, the backup's stamp, what is to be done after the start, manifest,
 * history. Whatever cannot be written leaves the transaction in flight, and is done again. */
#include "transaction/conclude.h"

#include "basic/durable.h"
#include "judge/live.h"
#include "store/approval.h"
#include "store/provisional.h"
#include "store/stamp.h"
#include "transaction/remember.h"
#include "transaction/restoring.h"

#include <fcntl.h>

/* The original is a backup now. It had no stamp if its version was detected; a backup says what it
 * is. */
static int stamp_backup(const Place *place, const char *name, const char *version)
{
    _cleanup_close_ int fd = openat(place->transaction_fd, place->entry,
                                    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int r;

    if (fd < 0)
        return -errno;
    r = stamp_write(fd, name, version);
    /* Its owner may have made directories of such names, if he had the original open. What a backup
     * then says is for him to tell; it must not keep the transaction from its end. */
    if (r == -EISDIR || r == -EPERM)
        r = 0;
    /* Before the record goes, which may lie on another file system. */
    return r == 0 && fsync(fd) < 0 ? -errno : r; /* mutation: sync-stamp-of-backup */
}

/* Where Init= made the state, what it replaced is an empty directory. Should something have come
 * into it in the last moment, it stays. Repeatable. */
static int drop_replaced(Flight *flight)
{
    bool kept = false;

    for (size_t i = 0; i < flight->n_places; i++) {
        Place *place = flight->places + i;
        int r = place->transaction_fd < 0 ? place_prepare(place, flight->id, false, NULL) : 0;

        if (r == -ENOENT)
            continue;
        if (r < 0)
            return r;
        if (unlinkat(place->transaction_fd, place->entry, AT_REMOVEDIR) == 0 || errno == ENOENT)
            continue;
        if (errno != ENOTEMPTY && errno != EEXIST)
            return -errno;
        log_warning(flight->log,
                    "%s was not empty when its state was made: what was there is in %s/%s",
                    place->directory, place->transaction, place->entry);
        kept = true;
    }
    return kept ? 0 : flight_discard(flight);
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

    if (backups_fd < 0)
        return backups_fd;
    fd = durable_mkdir(backups_fd, id);
    return fd < 0 ? fd : record_write_at(fd, "manifest", record);
}

/* Of a step that this migration goes back over: it has no business with what is there now. */
static bool hook_is_undone(json_object *hook, json_object *record)
{
    const char *from = json_string(hook, "from"), *to = json_string(hook, "to");
    const char *end = json_string(record, "to");
    bool down = version_compare(json_string(record, "from"), end) > 0;

    if (!from || !to || (version_compare(from, to) > 0) == down)
        return false;
    return down ? version_compare(to, end) > 0 : version_compare(to, end) < 0;
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
        for (size_t i = 0; lists[l] && i < json_object_array_length(lists[l]); i++) {
            json_object *hook = json_object_array_get_idx(lists[l], i);

            if (l > 0 || !hook_is_undone(hook, record))
                json_object_array_add(hooks, json_object_get(hook));
        }
    json_add_string(post, "id", json_string(record, "id"));
    json_add_string(post, "from", json_string(record, "from"));
    json_add_string(post, "to", json_string(record, "to"));
    json_object_object_add(post, "hooks", TAKE_PTR(hooks));
    return record_write(store, RECORD_POST, post);
}

/* The manifest says the same: a full disk must not keep the service down for the sake of a log. */
static void write_history(const Flight *flight)
{
    int r;

    if (history_has(flight->store, flight->id))
        return;
    r = history_append(flight->store, flight->record);
    if (r < 0)
        log_warning(flight->log, "The history could not be written in %s: %s", flight->store->path,
                    strerror(-r));
}

static bool keeps_backup(const Flight *flight)
{
    return !streq_null(json_string(flight->record, "protect"), "hooks");
}

/* What was cloned: clone or original is the backup now. */
static int keep_backup(Flight *flight)
{
    int r = 0;

    if (!keeps_backup(flight))
        return 0;
    for (size_t i = 0; r == 0 && i < flight->n_places; i++) {
        Place *place = flight->places + i;

        if (place->transaction_fd < 0)
            r = place_prepare(place, flight->id, false, NULL);
        if (r == 0)
            r = place_keep_clone(place);
        if (r == 0) /* mutation: sync-exchange */
            r = place_sync(place);
        if (r == 0 && !flight->stamp_in_store) /* mutation: stamp-backup */
            r = stamp_backup(place, flight->store->name, flight->from);
    }
    return r;
}

static int forget_attempts(const Flight *flight)
{
    const Store *store = flight->store;
    int r = remember_flight(flight);

    if (r == 0)
        r = fresh_write(store, NULL);

    if (r == 0)
        r = record_remove(store, RECORD_FAILED);
    if (r == 0)
        r = approval_remove(store); /* it was for this, and is used up */
    return r == 0 ? record_remove(store, RECORD_INTERRUPTED) : r;
}

/* Where recovery comes first, no place is prepared yet. */
static int sync_exchanged(Flight *flight)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < flight->n_places; i++) {
        if (flight->places[i].transaction_fd < 0)
            r = place_prepare(flight->places + i, flight->id, false, NULL);
        if (r == 0)
            r = place_sync(flight->places + i);
    }
    return r;
}

/* There is no backup and nothing to undo. What was exchanged can only be told as long as what it
 * was exchanged with is there, so the record says that it is over before that goes. */
static int conclude_init(Flight *flight)
{
    int r = 0;

    if (!flight_is_in(flight, PHASE_CONCLUDING)) {
        r = sync_exchanged(flight);
        if (r == 0)
            r = flight_stamp_apart(flight, flight->to);
        if (r == 0)
            r = flight_link_live(flight, false);
        if (r == 0)
            r = flight_write(flight, PHASE_CONCLUDING);
    }
    if (r == 0)
        r = drop_replaced(flight);
    if (r == 0)
        r = forget_attempts(flight);
    if (r < 0)
        return r;
    json_object_object_del(flight->record, "post");
    json_object_object_del(flight->record, "phase");
    json_object_object_del(flight->record, "places");
    json_add_string(flight->record, "result", result_name(RESULT_DONE));
    write_history(flight);
    return record_remove(flight->store, RECORD_TRANSACTION);
}

/* What was exchanged has its stamp: the descriptors are those of what was live before. */
static int stamp_new(const Flight *flight, bool exchanged)
{
    _cleanup_free_ char *stamp = flight_new_stamp(flight);
    int r;

    if (!stamp)
        return -ENOMEM;
    r = exchanged ? flight_stamp_apart(flight, stamp) : flight_stamp(flight, stamp, NULL);
    return r == 0 ? flight_link_live(flight, !exchanged) : r;
}

/* What the record says only while it is one in flight. */
static void strip(json_object *record)
{
    static const char *const fields[] = {"post",    "phase",   "between",
                                         "readers", "scripts", "effects"};
    json_object *post = json_array(record, "post");

    if (post && json_object_array_length(post) > 0)
        json_object_object_add(record, "posts", json_object_new_boolean(true));
    for (size_t i = 0; i < ELEMENTSOF(fields); i++)
        json_object_object_del(record, fields[i]);
    json_add_string(record, "result", result_name(RESULT_DONE));
}

/* The state is there again, and what it was exchanged with was nothing. As with Init=, the record
 * says that it is over before that goes. */
static int conclude_lost(Flight *flight)
{
    int r = 0;

    if (!flight_is_in(flight, PHASE_CONCLUDING)) {
        r = sync_exchanged(flight);
        if (r == 0)
            r = stamp_new(flight, true);
        if (r == 0)
            r = flight_forget_other_stamps(flight, false);
        if (r == 0) /* mutation: record-concluding */
            r = flight_write(flight, PHASE_CONCLUDING);
    }
    if (r == 0)
        r = restore_drop_emptied(flight);
    if (r < 0)
        return r;
    provisional_note(flight->store, flight->log, flight->id, flight->from, flight->to);
    r = write_post(flight->store, flight->record);
    if (r == 0)
        r = forget_attempts(flight);
    if (r < 0)
        return r;
    strip(flight->record);
    json_object_object_del(flight->record, "places");
    write_history(flight);
    return record_remove(flight->store, RECORD_TRANSACTION);
}

int conclude(Flight *flight)
{
    const Store *store = flight->store;
    json_object *record = flight->record;
    bool exchanged = !flight_is_in(flight, PHASE_CONCLUDING);
    int r;

    if (flight_is_init(flight))
        return conclude_init(flight);
    if (flight_is_of_lost(flight))
        return conclude_lost(flight);
    r = keep_backup(flight);
    if (r == 0)
        r = stamp_new(flight, exchanged);
    if (r == 0)
        r = flight_forget_other_stamps(flight, !exchanged);
    if (r < 0)
        return r;
    /* What could not be noted before the commit: as long as the record is there, nobody starts on
     * it; but between a crash and its recovery there may have been a system that knows nothing of
     * that. */
    if (keeps_backup(flight) && !flight->recovered && !live_is_noted(record))
        live_note(record, NULL, NULL);
    provisional_note(flight->store, flight->log, flight->id, flight->from, flight->to);
    r = write_post(store, record);
    if (r < 0)
        return r;
    strip(record);
    r = write_manifest(store, record, flight->id); /* mutation: write-manifest */
    if (r == 0)
        r = forget_attempts(flight);
    if (r < 0)
        return r;
    write_history(flight);
    return record_remove(store, RECORD_TRANSACTION);
}

int conclude_recording(Flight *flight, size_t *ret_i)
{
    const Store *store = flight->store;
    int r;

    r = flight_stamp(flight, flight->to, ret_i);
    if (r == 0)
        r = flight_link_live(flight, true);
    if (r == 0)
        r = flight_forget_other_stamps(flight, true);
    if (r == 0)
        r = remember_flight(flight);
    if (r < 0)
        return r;
    json_object_object_del(flight->record, "places");
    json_object_object_del(flight->record, "readers");
    json_object_object_del(flight->record, "phase");
    /* A marker that stays would go on opening the gate. */
    r = fresh_write(store, NULL);
    if (r < 0)
        return r;
    write_history(flight);
    return record_remove(store, RECORD_TRANSACTION);
}
