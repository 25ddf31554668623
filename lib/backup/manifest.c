/* SPDX-License-Identifier: MIT */
/* Checks manifests, and fills in backups from them. Touches no file. */
#include "backup/private.h"

#include "basic/time.h"
#include "place/place.h"
#include "store/base.h"

#include <limits.h>

bool backup_base_is_store(const Store *store, const char *base)
{
    return startswith(base, STORE_DIRECTORY "/") &&
           streq(base + strlen(STORE_DIRECTORY "/"), store->name);
}

bool backup_base_is_valid(const Store *store, const char *base)
{
    return place_path_is_canonical(base) && strlen(base) < PATH_MAX &&
           (backup_base_is_store(store, base) || base_is_outside(base, store->name));
}

static int fill_places(const Store *store, const TransactionRecord *record, Backup *backup)
{
    ARRAY_FOREACH (described, record->places, record->n_places) {
        BackupPlace *place;

        if (!described->directory || described->directory[0] != '/' ||
            !backup_base_is_valid(store, described->base) ||
            !place_name_is_valid(described->entry) || strlen(described->entry) > NAME_MAX)
            return -EBADMSG;
        place = ARRAY_GROW(backup->places, backup->n_places);
        if (!place)
            return -ENOMEM;
        *place = (BackupPlace){described->directory, described->base, described->entry, false};
    }
    return record->places ? 0 : -EBADMSG;
}

/* Returns the end of a transaction or, if the end is unknown after a recovery, the start. */
static const char *time_of(const TransactionRecord *record)
{
    return record->finished ? record->finished : record->started;
}

static const char *manifest_refused(const TransactionRecord *record, const char *id,
                                    uint64_t *ret_time)
{
    const char *from = record->from, *to = record->to;

    if (!streq_null(record->id, id))
        return "its manifest belongs to another backup";
    /* A self-migrating state may have had the version FROM::TO, which is also valid. */
    if (!from || !(version_is_valid(from) || version_self_target(from)) || !to ||
        !(version_is_valid(to) || version_self_target(to)))
        return "its manifest does not say its version";
    if (time_parse(time_of(record), ret_time) < 0)
        return "its manifest does not say its time";
    return NULL;
}

int backup_fill(const Store *store, TransactionRecord *record, Backup *backup,
                const char **ret_refused)
{
    uint64_t usec = 0;
    int r;

    *ret_refused = manifest_refused(record, backup->id, &usec);
    if (*ret_refused)
        return -EBADMSG;
    r = fill_places(store, record, backup);
    if (r == -EBADMSG) {
        *ret_refused = "its manifest does not say its directories";
        backup->n_places = 0;
    }
    if (r < 0)
        return r;
    backup->manifest = TAKE_STRUCT(*record);
    record = &backup->manifest;
    backup->version = record->from;
    backup->to = record->to;
    backup->finished = time_of(record);
    backup->time = MAX(usec, (uint64_t)MAX(record->not_before, 0));
    backup->generation = record->generation;
    backup->boot = record->boot;
    backup->action = transaction_record_action(record);
    backup->bytes = MAX(record->bytes, -1);
    backup->files = MAX(record->files, -1);
    return 0;
}
