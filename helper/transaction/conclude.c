/* SPDX-License-Identifier: MIT */
/* Concludes a transaction. After any failure here the transaction stays in flight, and the next run
 * repeats the whole conclusion. */
#include "transaction/conclude.h"

#include "basic/directory.h"
#include "basic/durable.h"
#include "basic/mountinfo.h"
#include "judge/live.h"
#include "store/consent.h"
#include "store/history.h"
#include "store/known.h"
#include "store/provisional.h"
#include "store/software.h"
#include "store/stamp.h"
#include "transaction/restoring.h"

#include <assert.h>
#include <fcntl.h>

/* Stamps the backup with its version: an original whose version was detected has no stamp. */
static int stamp_backup(const Place *place, const char *name, const char *version)
{
    _cleanup_close_ int fd = directory_fd(place->transaction_fd, place->entry);
    int r = fd < 0 ? fd : stamp_write(fd, name, version);

    /* The owner of the state may have made a directory with the name of a stamp while the original
     * was open. Such a directory must not keep the transaction from ending. */
    if (r == -EISDIR || r == -EPERM)
        r = 0;
    /* The stamp must be on disk before the record is removed, since the record may lie on another
     * file system. */
    return r == 0 && fsync(fd) < 0 ? -errno : r; /* mutation: sync-stamp-of-backup */
}

/* Removes the empty directories that Init= has replaced. Keeps a directory that got a file at the
 * last moment. Repeatable. */
static int drop_replaced(Flight *flight)
{
    bool kept = false;

    ARRAY_FOREACH (place, flight->places, flight->n_places) {
        int r = place_prepare_again(place, flight->id);

        if (r == -ENOENT)
            continue;
        if (r < 0)
            return r;
        if (unlinkat(place->transaction_fd, place->entry, AT_REMOVEDIR) == 0 || errno == ENOENT)
            continue;
        if (errno != ENOTEMPTY && errno != EEXIST)
            return -errno;
        log_warning(flight->log,
                    "%s was not empty when its state was made: the earlier files are in %s/%s",
                    place->directory, place->transaction, place->entry);
        kept = true;
    }
    return kept ? 0 : flight_discard(flight);
}

static int write_beside(const Place *place, const TransactionRecord *record)
{
    return record_write_at(place->transaction_fd, MANIFEST, &transaction_record_type, record);
}

/* Writes the manifests: first beside the trees, where they survive a loss of the store, then in the
 * store. Until the last one is on disk, the transaction is in flight. A full disk must not prevent
 * the start of the service: pruning writes the manifests beside the trees that are missing. */
static int write_manifests(const Flight *flight)
{
    const TransactionRecord *record = &flight->record;

    ARRAY_FOREACH (place, flight->places, flight->n_places) {
        int r = 0;

        if (record->protect != PROTECT_HOOKS && !streq(place->base, flight->store->path))
            r = write_beside(place, record); /* mutation: write-manifest-beside */
        if (r == -ENOSPC || r == -EDQUOT) {
            /* A restore has brought the manifest of the backup that is now the state. */
            (void)unlinkat(place->transaction_fd, MANIFEST, 0);
            log_warning(flight->log, "Cannot write '%s/" MANIFEST "' yet: %s", place->transaction,
                        strerror(-r));
        } else if (r < 0)
            return r;
    }
    return manifest_write(flight->store, record);
}

/* Returns true if this migration reverts the hook's step, so that the hook must not run. */
static bool hook_is_undone(const PostHook *hook, const TransactionRecord *record)
{
    bool down = version_compare(record->from, record->to) > 0;

    if (!hook->from || !hook->to || (version_compare(hook->from, hook->to) > 0) == down)
        return false;
    return down ? version_compare(hook->to, record->to) > 0
                : version_compare(hook->to, record->to) < 0;
}

/* Writes the hooks that run after the start. The hooks of an earlier migration come first. */
static int write_post(const Store *store, const TransactionRecord *record)
{
    _cleanup_(post_record_free) PostRecord earlier = {};
    _cleanup_free_ PostHook *hooks = NULL; /* the hooks in the array belong to the records */
    size_t n = 0;
    int r = post_record_read(store, RECORD_POST, &earlier);

    if (r < 0 && r != -EBADMSG)
        return r;
    if (streq_null(earlier.id, record->id))
        return 0; /* the hooks were written before a crash */
    hooks = calloc(earlier.n_hooks + record->n_post + 1, sizeof(PostHook));
    if (!hooks)
        return -ENOMEM;
    for (size_t i = 0; i < earlier.n_hooks; i++)
        if (!hook_is_undone(earlier.hooks + i, record))
            hooks[n++] = earlier.hooks[i];
    for (size_t i = 0; i < record->n_post; i++)
        hooks[n++] = record->post[i];
    return post_record_write(store, RECORD_POST,
                             &(PostRecord){.id = record->id,
                                           .from = record->from,
                                           .to = record->to,
                                           .hooks = hooks,
                                           .n_hooks = n});
}

/* Only logs a failure: the manifest has the same data, and a full disk must not prevent the start
 * of the service. */
static void write_history(const Flight *flight)
{
    _cleanup_(history_free) History history = {};
    int r;

    if (history_read(flight->store, &history) == 0 && history_find(&history, flight->id))
        return;
    r = history_append(flight->store, &flight->record);
    if (r < 0)
        log_warning(flight->log, "Cannot write the history in %s: %s", flight->store->path,
                    strerror(-r));
}

static int end(const Flight *flight)
{
    write_history(flight);
    return record_remove(flight->store, RECORD_TRANSACTION);
}

/* Keeps the directory beside the state (the clone or the original) as the backup, with a stamp. */
static int keep_backup(Flight *flight)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < flight->n_places; i++) {
        Place *place = flight->places + i;

        r = place_prepare_again(place, flight->id);
        if (r == 0)
            r = place_keep_clone(place);
        if (r == 0) /* mutation: sync-exchange */
            r = place_sync(place);
        if (r == 0 && !flight->stamp_in_store) /* mutation: stamp-backup */
            r = stamp_backup(place, flight->store->name, flight->from);
    }
    return r;
}

int remember_mounts(const Store *store, const Place *places, size_t n_places, bool add, bool anew)
{
    _cleanup_strv_ char **paths = NULL;
    bool changed = false;
    int r = 0;

    ARRAY_FOREACH (place, places, n_places)
        for (size_t i = 0; r >= 0 && i <= place->n_declared; i++) {
            char *path = i == 0 ? strdup(place->directory)
                                : strprintf("%s/%s", place->directory, place->exclude[i - 1]);
            MountKind kind;

            r = strv_consume(&paths, path);
            if (r == 0)
                r = mount_find(path, &kind);
            if (r == 0 && kind == MOUNT_DISK && !place->remote && add)
                r = known_mount_write(store, path, true);
            else if (r == 0 && (kind == MOUNT_OTHER || (kind == MOUNT_NONE && anew)))
                r = known_mount_write(store, path, false);
            changed = changed || r > 0;
        }
    if (r >= 0 && add)
        r = known_mounts_prune(store, paths);
    changed = changed || r > 0;
    return r >= 0 && changed && fsync(store->fd) < 0 ? -errno : MIN(r, 0);
}

/* Writes the last-seen record. At a later start, the record shows that an empty directory means
 * lost data, and not a fresh installation. */
static int remember(const Store *store, const char *version, const Place *places, size_t n_places)
{
    _cleanup_strv_ char **directories = NULL;

    for (size_t i = 0; i < n_places; i++)
        if (strv_append(&directories, places[i].directory) < 0)
            return -ENOMEM;
    return known_write(store, version, directories);
}

static int remember_flight(const Flight *flight)
{
    int r = remember(flight->store, flight->to, flight->places, flight->n_places);

    return r == 0 ? software_remember(flight->store, flight->to, flight->record.software_to) : r;
}

void remember_run(const Run *run, const char *version)
{
    int r = remember(run->store, version, run->places, run->n_places);

    if (r < 0)
        log_warning(&run->log, "Cannot write %s/" RECORD_KNOWN ": %s", run->store->path,
                    strerror(-r));
}

static int forget_attempts(const Flight *flight)
{
    const Store *store = flight->store;
    /* mutation: remember-mounts */
    int r = remember_mounts(store, flight->places, flight->n_places, true, false);

    if (r == 0)
        r = remember_flight(flight);
    if (r == 0)
        r = fresh_write(store, NULL);
    if (r == 0)
        r = record_remove(store, RECORD_FAILED);
    if (r == 0)
        r = record_remove(store, RECORD_APPROVED); /* the approval was for this migration */
    return r == 0 ? record_remove(store, RECORD_INTERRUPTED) : r;
}

static int sync_exchanged(Flight *flight)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < flight->n_places; i++) {
        r = place_prepare_again(flight->places + i, flight->id);
        if (r == 0)
            r = place_sync(flight->places + i);
    }
    return r;
}

/* Writes the new stamp. A directory that was exchanged has its stamp already. Its descriptor leads to
 * the original since then. */
static int stamp_new(const Flight *flight, bool exchanged)
{
    _cleanup_free_ char *stamp = flight_new_stamp(flight);
    int r;

    if (!stamp)
        return -ENOMEM;
    r = exchanged ? flight_stamp_apart(flight, stamp) : flight_stamp(flight, stamp, NULL);
    return r == 0 ? flight_link_live(flight, !exchanged) : r;
}

/* Removes the fields that only recovery needs. */
static void strip(TransactionRecord *record)
{
    record->posts = record->posts || record->n_post > 0;
    record->phase = PHASE_NONE;
    record->between = false;
    record->result = RESULT_DONE;
    strv_free(TAKE_PTR(record->readers));
    transaction_record_drop_post(record);
    transaction_record_drop_undo(record);
}

/* Concludes Init= or the restore of a lost state, which make no backup. Only the replaced
 * directories prove the exchange, so the record must say "concluding" before these are removed. */
static int conclude_without_backup(Flight *flight)
{
    bool init = flight_is_init(flight);
    int r = 0;

    if (flight->record.phase != PHASE_CONCLUDING) {
        r = sync_exchanged(flight);
        if (r == 0)
            r = stamp_new(flight, true);
        if (r == 0 && !init)
            r = flight_forget_other_stamps(flight, false);
        if (r == 0) /* mutation: record-concluding */
            r = flight_write(flight, PHASE_CONCLUDING);
    }
    if (r == 0)
        r = init ? drop_replaced(flight) : restore_drop_emptied(flight);
    if (r == 0 && !init) {
        provisional_note(flight->store, flight->log, flight->id, flight->from, flight->to);
        r = write_post(flight->store, &flight->record);
    }
    if (r == 0)
        r = forget_attempts(flight);
    if (r < 0)
        return r;
    strip(&flight->record);
    transaction_record_drop_places(&flight->record);
    return end(flight);
}

int conclude(Flight *flight)
{
    const Store *store = flight->store;
    TransactionRecord *record = &flight->record;
    bool exchanged = record->phase != PHASE_CONCLUDING, backup = record->protect != PROTECT_HOOKS;
    int r;

    assert(record->phase == PHASE_SWAPPING || !exchanged);
    if (flight_is_init(flight) || flight_is_of_lost(flight))
        return conclude_without_backup(flight);
    r = backup ? keep_backup(flight) : 0;
    if (r == 0)
        r = stamp_new(flight, exchanged);
    if (r == 0)
        r = flight_forget_other_stamps(flight, !exchanged);
    if (r < 0)
        return r;
    /* No fingerprint after a crash: another system may have written to the state between the crash
     * and the recovery. */
    if (backup && !flight->recovered && !record->live)
        live_note(record, NULL, NULL);
    provisional_note(flight->store, flight->log, flight->id, flight->from, flight->to);
    r = write_post(store, record);
    if (r < 0)
        return r;
    strip(record);
    r = write_manifests(flight); /* mutation: write-manifest */
    if (r == 0)
        r = forget_attempts(flight);
    return r == 0 ? end(flight) : r;
}

int conclude_recording(Flight *flight, size_t *ret_i)
{
    int r;

    assert(flight->record.phase == PHASE_RECORDING);
    r = flight_stamp(flight, flight->to, ret_i);
    if (r == 0)
        r = flight_link_live(flight, true);
    if (r == 0)
        r = flight_forget_other_stamps(flight, true);
    if (r == 0)
        r = remember_flight(flight);
    if (r < 0)
        return r;
    transaction_record_drop_places(&flight->record);
    strv_free(TAKE_PTR(flight->record.readers));
    flight->record.phase = PHASE_NONE;
    /* The marker of a fresh start opens the gate. */
    r = fresh_write(flight->store, NULL);
    return r == 0 ? end(flight) : r;
}
