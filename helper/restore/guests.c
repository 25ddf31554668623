/* SPDX-License-Identifier: MIT */
/* Restores a state that has parts of guests, or that has a part in the state of a host. A backup
 * has only the directories of its own service. */
#include "backup/guest.h"
#include "restore/private.h"
#include "store/stamp.h"

/* Returns why a guest prevents the restore, or NULL. A guest with a transaction would undo or
 * finish its migration on other data. */
static char *check_guest(const char *name)
{
    _cleanup_store_ Store store = STORE_NONE;
    int r = store_open(NULL, name, false, &store);

    if (r == -ENOENT || (r == 0 && !store_has(&store, RECORD_TRANSACTION)))
        return NULL;
    if (r < 0)
        return strprintf("cannot read the store of %s, which has a part in this state: %s", name,
                         strerror(-r));
    return strprintf("a part of %s lives in this state, and a migration of %s is running or was "
                     "cut off. First run: systemctl start migrate@%s",
                     name, name, name);
}

char *restore_check_guests(const Restore *restore)
{
    _cleanup_free_ const char **names = NULL;
    char *what = NULL;
    size_t n;

    if (declarations_guests(restore->run->declarations, restore->run->store->name, &names, &n) < 0)
        return strdup("out of memory");
    for (size_t i = 0; !what && i < n; i++)
        what = check_guest(names[i]);
    return what;
}

static char *check_lodging(const Restore *restore, const Lodging *lodging)
{
    _cleanup_(stamps_free) Stamps stamps = {};
    _cleanup_free_ char *there = NULL;
    const char *name = restore->run->store->name;
    int r = lodging->fd < 0 ? 0 : stamps_read(lodging->fd, name, &stamps);

    if (r < 0)
        return strprintf("cannot read '%s': %s", lodging->path, strerror(-r));
    if (strv_length(stamps.versions) == 1 && streq(stamps.versions[0], restore->backup->version))
        return NULL;
    there = stamps_describe(&stamps);
    return strprintf(
        "the backup is at version %s, but the part of %s in the state of %s is at %s, and no "
        "backup of %s has that part. First restore %s from when it was at %s (migratectl backups "
        "%s; migratectl restore %s ID), then run the same command again",
        restore->backup->version, name, lodging->host, isempty(there) ? "no version" : there, name,
        lodging->host, restore->backup->version, lodging->host, lodging->host);
}

char *restore_check_lodgings(const Restore *restore)
{
    char *what = NULL;

    for (size_t i = 0; !what && i < restore->run->n_lodgings; i++)
        what = check_lodging(restore, restore->run->lodgings + i);
    return what;
}

int restore_keep_guests_out(Restore *restore, char **reterr_what)
{
    int r = lodging_keep_out(restore->run->store, &restore->guests_fd);

    if (r == 0) /* a guest may have failed between the first check and the lock */
        *reterr_what = restore_check_guests(restore);
    else if (r == 1)
        *reterr_what = guests_describe_busy(restore->run->declarations, restore->run->store->name);
    return r == 1 || *reterr_what ? -EBUSY : r;
}
