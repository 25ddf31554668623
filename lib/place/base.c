/* SPDX-License-Identifier: MIT */
/* Makes, probes and removes BASE/backups/ID, the directory of one transaction. BASE is STORE or
 * MOUNT/.migrate/NAME. */
#include "basic/directory.h"
#include "place/private.h"

#include "basic/durable.h"
#include "store/base.h"
#include "tree/tree.h"

#include <fcntl.h>
#include <stdio.h>

static bool base_is_in_store(const Place *place)
{
    return !strstr(place->base, "/" BASE_DIRECTORY "/");
}

/* Makes a base outside of the store. Only root can write to the ancestors of the mount point, so
 * opening the path again is safe. */
static int make_outside(const Place *place, int *ret_lock_fd)
{
    _cleanup_free_ char *top = base_top(place->base);
    _cleanup_close_ int top_fd = top ? open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

    if (!top)
        return -ENOMEM;
    return top_fd < 0 ? -errno : base_make(top_fd, strrchr(place->base, '/') + 1, ret_lock_fd);
}

static int open_base(Place *place)
{
    int fd = place->base_fd;

    if (fd < 0)
        fd = base_is_in_store(place) ? directory_fd(AT_FDCWD, place->base)
                                     : base_open(NULL, place->base);
    if (fd < 0)
        return fd;
    place->base_fd = fd;
    return 0;
}

/* Makes the base, also if it is open already: another process may have removed it while it was
 * empty. */
static int make_base(Place *place, int *ret_lock_fd)
{
    int fd;

    if (base_is_in_store(place))
        return open_base(place);
    fd = place->base_is_inside ? base_make(place->fd, strrchr(place->base, '/') + 1, ret_lock_fd)
                               : make_outside(place, ret_lock_fd);
    if (fd < 0)
        return fd;
    cleanup_close(&place->base_fd);
    place->base_fd = fd;
    return 0;
}

static int open_transaction(Place *place, const char *id, bool create)
{
    _cleanup_close_ int backups_fd = -1;
    int fd;

    backups_fd =
        create ? durable_mkdir(place->base_fd, "backups") : directory_fd(place->base_fd, "backups");
    if (backups_fd < 0)
        return backups_fd;
    if (strreplacef(&place->transaction, "%s/backups/%s", place->base, id) < 0)
        return -ENOMEM;
    fd = create ? durable_mkdir(backups_fd, id) : directory_fd(backups_fd, id);
    if (fd < 0)
        return fd;
    cleanup_close(&place->transaction_fd);
    place->transaction_fd = fd;
    return 0;
}

bool place_base_is_mounted(const char *base)
{
    _cleanup_free_ char *top = base_top(base);
    _cleanup_close_ int fd = top ? open(top, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
    _cleanup_close_ int above = fd < 0 ? -1 : openat(fd, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
    Location own, parent;

    return top && (streq(top, "/") ||
                   (above >= 0 && location_get(fd, &own, NULL) == 0 &&
                    location_get(above, &parent, NULL) == 0 && !location_equal(&own, &parent)));
}

/* --- probing --------------------------------------------------------------------------------- */

#define PROBE_PREFIX ".migrate-probe-"

/* Removes the directory that an interrupted probe may have left beside the original. */
static int clean_probe(const Place *place, const char *id)
{
    _cleanup_free_ char *name = strprintf(PROBE_PREFIX "%s", id);

    if (!name)
        return -ENOMEM;
    return unlinkat(place->parent_fd, name, AT_REMOVEDIR) < 0 && errno != ENOENT ? -errno : 0;
}

/* Exchanges two empty directories to find out whether renames between the two parents work. Some
 * kernels and file systems report a missing exchange only when it is tried. */
static int probe_exchange(Place *place, const char *id)
{
    _cleanup_free_ char *name = strprintf(PROBE_PREFIX "%s", id);
    int r = 0;

    if (!name)
        return -ENOMEM;
    if (mkdirat(place->parent_fd, name, 0700) < 0 ||
        mkdirat(place->transaction_fd, name, 0700) < 0 ||
        renameat2(place->parent_fd, name, place->transaction_fd, name, RENAME_EXCHANGE) < 0)
        r = -errno;
    /* A probe directory that is left over would become part of the backup. */
    if (unlinkat(place->parent_fd, name, AT_REMOVEDIR) < 0 && r == 0)
        r = -errno;
    if (unlinkat(place->transaction_fd, name, AT_REMOVEDIR) < 0 && r == 0)
        r = -errno;
    return r;
}

/* Falls back to PLACE_ENTRIES on file systems that have rename(2) but no exchange. Entries can only
 * be renamed if the base is on the mount and device of the directory itself. */
static int choose_method(Place *place, const char *id, char **reterr_what)
{
    Location own, base;
    int r;

    if (place->method == PLACE_ENTRIES)
        return 0;
    r = probe_exchange(place, id);
    if (r == 0)
        return 0;
    if ((r == -EINVAL || r == -ENOSYS || r == -EOPNOTSUPP) &&
        location_get(place->fd, &own, NULL) == 0 &&
        location_get(place->transaction_fd, &base, NULL) == 0 && location_equal(&own, &base)) {
        place->method = PLACE_ENTRIES;
        return 0;
    }
    return because(r, reterr_what,
                   "directories cannot be exchanged between '%s' and the parent of '%s': %s",
                   place->transaction, place->directory, strerror(-r));
}

/* --- preparing, discarding ------------------------------------------------------------------- */

static int explain_base(const Place *place, int r, char **reterr_what)
{
    if (r == -EPERM)
        return because(r, reterr_what,
                       "users other than root own '%s' or can write to it. Move it away",
                       place->base);
    if (place->base_is_inside && r == -EOPNOTSUPP)
        return because(r, reterr_what,
                       "users other than root can write to '%s', and its file system has no "
                       "immutable directories (chattr +i) that they cannot rename. Let only root "
                       "write to it, or declare a directory below it",
                       place->directory);
    if (place->base_is_inside && r == -ESTALE)
        return because(r, reterr_what,
                       "something renames '%s/" BASE_DIRECTORY "' while it is in use. Stop it",
                       place->directory);
    if (r == -EWOULDBLOCK)
        return because(r, reterr_what, "another process holds the lock of '%s': end that process",
                       place->base);
    return because(r, reterr_what, "'%s': %s", place->base, strerror(-r));
}

int place_prepare(Place *place, const char *id, bool create, char **reterr_what)
{
    _cleanup_close_ int lock_fd = -1;
    int r;

    r = create ? make_base(place, &lock_fd) : open_base(place);
    if (r == 0)
        r = open_transaction(place, id, create);
    if (r < 0)
        return reterr_what && r != -ENOENT ? explain_base(place, r, reterr_what) : r;
    if (create)
        r = choose_method(place, id, reterr_what);
    if (r < 0)
        return r;
    return strreplacef(&place->clone, "%s%s", place->entry,
                       place->method == PLACE_ENTRIES ? ".new" : "");
}

int place_prepare_again(Place *place, const char *id)
{
    return place->transaction_fd < 0 ? place_prepare(place, id, false, NULL) : 0;
}

int place_prepare_rehearsal(Place *place, char **reterr_what)
{
    _cleanup_close_ int lock_fd = -1;
    int r = make_base(place, &lock_fd), fd;

    if (r < 0)
        return explain_base(place, r, reterr_what);
    if (strreplacef(&place->transaction, "%s/" REHEARSAL_DIRECTORY, place->base) < 0)
        return -ENOMEM;
    fd = durable_mkdir(place->base_fd, REHEARSAL_DIRECTORY);
    if (fd < 0)
        return fd;
    cleanup_close(&place->transaction_fd);
    place->transaction_fd = fd;
    return strreplacef(&place->clone, "%s", place->entry);
}

int place_discard(Place *place, const char *id)
{
    _cleanup_close_ int backups_fd = -1;
    int r;

    r = clean_probe(place, id);
    if (r < 0)
        return r;
    r = open_base(place);
    if (r < 0)
        return r == -ENOENT ? 0 : r;
    backups_fd = directory_fd(place->base_fd, "backups");
    if (backups_fd < 0)
        return backups_fd == -ENOENT ? 0 : backups_fd;
    r = tree_remove(backups_fd, id);
    /* The caller removes the transaction record next, perhaps on another file system. Without this
     * fsync, a power cut could bring back a clone that no record names. */
    return r == 0 && fsync(backups_fd) < 0 ? -errno : r;
}
