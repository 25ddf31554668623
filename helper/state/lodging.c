/* SPDX-License-Identifier: MIT */
/* Finds, locks and writes host stamps. The directory belongs to the host's user, who may be
 * hostile. */
#include "state/lodging.h"

#include "backup/guest.h"
#include "store/stamp.h"

#include <fcntl.h>
#include <poll.h>

/* The number of attempts to take a lock, ten a second. migrate-post@.service may hold the lock for
 * a moment, to record a version. */
#define PATIENCE 50

static bool wait_a_little(int i)
{
    if (i + 1 >= PATIENCE)
        return false;
    poll(NULL, 0, 100);
    return true;
}

/* Takes the lock, and then looks for the host's records; see guest.h for the order. 0, 1 if the
 * host is busy, or a negative errno. */
static int lock_once(Lodging *lodging)
{
    int r = guests_lock(&lodging->store, true, &lodging->lock_fd);

    if (r == 0 && (store_has(&lodging->store, RECORD_TRANSACTION) ||
                   store_has(&lodging->store, RECORD_MOVING))) {
        lodging_unlock(lodging);
        r = 1;
    }
    return r;
}

static int lock(Lodging *lodging, char **reterr_what)
{
    int r = lock_once(lodging);

    for (int i = 0; r == 1 && wait_a_little(i); i++)
        r = lock_once(lodging);
    if (r != 1)
        return r;
    *reterr_what = strprintf("a part of it lives in the state of %s, which is being migrated or "
                             "restored. To see how far it is, run: systemctl status migrate@%s. "
                             "If it was cut off, run: systemctl start migrate@%s",
                             lodging->host, lodging->host, lodging->host);
    return *reterr_what ? LODGING_BUSY : -ENOMEM;
}

static int find_directory(Lodging *lodging, char **reterr_what)
{
    _cleanup_free_ char *what = NULL;
    int r = place_find(lodging->path, lodging->store.path, lodging->host, &lodging->place, &what);

    if (r == PLACE_FOUND && lodging->place.remote) {
        what = strprintf("'%s' lies on %s", lodging->path, lodging->place.remote);
        r = what ? PLACE_REFUSED : -ENOMEM;
    }
    if (r == PLACE_FOUND)
        lodging->fd = lodging->place.fd;
    if (r != PLACE_REFUSED)
        return r;
    *reterr_what = TAKE_PTR(what);
    return *reterr_what ? LODGING_REFUSED : -ENOMEM;
}

int lodging_open(const char *host, const char *path, bool create, Lodging *ret, char **reterr_what)
{
    int r;

    *ret = (Lodging)LODGING_NONE;
    ret->host = strdup(host);
    ret->path = strdup(path);
    if (!ret->host || !ret->path)
        return -ENOMEM;
    r = store_open(NULL, host, create, &ret->store);
    if (r == 0)
        r = lock(ret, reterr_what);
    if (r != 0)
        return r;
    ret->in_store = streq(path, ret->store.path);
    if (!ret->in_store)
        return find_directory(ret, reterr_what);
    ret->fd = ret->store.fd;
    return LODGING_FOUND;
}

void lodging_unlock(Lodging *lodging)
{
    cleanup_close(&lodging->lock_fd);
}

static void close_lodging(Lodging *lodging)
{
    lodging_unlock(lodging);
    place_close(&lodging->place);
    store_close(&lodging->store);
    free(lodging->host);
    free(lodging->path);
    *lodging = (Lodging)LODGING_NONE;
}

void lodgings_free(Lodging *lodgings, size_t n)
{
    for (size_t i = 0; i < n; i++)
        close_lodging(lodgings + i);
    free(lodgings);
}

static bool is_ours(const Stamps *stamps, const char *version, const char *between)
{
    STRV_FOREACH (found, stamps->versions)
        if (!streq(*found, version) && !streq(*found, between))
            return false;
    return stamps->versions != NULL;
}

int lodging_stamp(const Lodging *lodging, const char *name, const char *version,
                  const char *between)
{
    _cleanup_(stamps_free) Stamps stamps = {};
    int r;

    if (lodging->fd < 0)
        return -ENOENT;
    r = between ? stamps_read(lodging->fd, name, &stamps) : 0;
    if (r < 0)
        return r;
    if (between && !is_ours(&stamps, version, between))
        return 1;
    r = stamp_write(lodging->fd, name, version);
    return r == 0 && fsync(lodging->fd) < 0 ? -errno : r;
}

int lodgings_record(const Lodging *lodgings, size_t n, TransactionRecord *record)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < n; i++) {
        HostStampRecord *stamp = ARRAY_GROW(record->within, record->n_within);

        r = stamp ? strreplace(&stamp->host, lodgings[i].host) : -ENOMEM;
        if (r == 0)
            r = strreplace(&stamp->path, lodgings[i].path);
    }
    return r;
}

static int open_again(Lodging *lodging, const HostStampRecord *record, char **reterr_what)
{
    const char *host = record->host, *path = record->path;
    int r;

    if (!host || !declaration_name_is_valid(host) || !place_path_is_canonical(path))
        return -EBADMSG;
    r = lodging_open(host, path, false, lodging, reterr_what);
    if (r == -ENOENT || (r == LODGING_FOUND && lodging->fd < 0)) {
        *reterr_what =
            strprintf("'%s' is missing, the %s of %s, in whose state a part lives: is a disk not "
                      "mounted? If it is gone for good, make an empty directory in its place",
                      r < 0 ? STORE_DIRECTORY : path, r < 0 ? "store" : "state", host);
        return -ENOENT;
    }
    if (r == LODGING_REFUSED &&
        strreplacef(reterr_what,
                    "the state of %s, in which a part lives, cannot be taken care of: %s", host,
                    *reterr_what) < 0)
        return -ENOMEM;
    return r == LODGING_BUSY ? -EBUSY : r == LODGING_REFUSED ? -EPERM : r;
}

int lodgings_open_again(const HostStampRecord *records, size_t n, Lodging **ret, size_t *ret_n,
                        char **reterr_what)
{
    for (size_t i = 0; i < n; i++) {
        Lodging *lodging = ARRAY_GROW(*ret, *ret_n);
        int r;

        if (!lodging)
            return -ENOMEM;
        *lodging = (Lodging)LODGING_NONE;
        r = open_again(lodging, records + i, reterr_what);
        if (r < 0)
            return r;
    }
    return 0;
}

int lodging_keep_out(const Store *store, int *ret_fd)
{
    int r = guests_lock(store, false, ret_fd);

    for (int i = 0; r == 1 && wait_a_little(i); i++)
        r = guests_lock(store, false, ret_fd);
    return r;
}
