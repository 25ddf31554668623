/* SPDX-License-Identifier: MIT */
/* Removes the clone and the record of a failed attempt. */
#include "permit/failed.h"

#include "backup/backup.h"
#include "tree/remove.h"

static int drop_from_base(const Run *run, const char *base, const char *id)
{
    _cleanup_close_ int fd = backup_open_base(NULL, run->store, base);
    int r;

    if (fd < 0)
        return fd == -ENOENT ? 0 : fd;
    r = tree_remove(fd, id);
    return r == 0 && fsync(fd) < 0 ? -errno : r; /* mutation: sync-removed-clone */
}

/* Looks in the bases that the record names, since the declaration may have changed. */
int failed_drop(const Run *run, const TransactionRecord *failed)
{
    size_t n = failed->n_places;
    int r = 0;

    if (!place_name_is_valid(failed->id))
        return record_remove(run->store, RECORD_FAILED);
    for (size_t i = 0; r == 0 && i <= n; i++) {
        const char *base = i == n ? run->store->path : failed->places[i].base;

        if (place_base_is_valid(base, run->store))
            r = drop_from_base(run, base, failed->id);
    }
    return r < 0 ? r : record_remove(run->store, RECORD_FAILED);
}
