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
static int make_outside(const Place *place)
{
    const char *name = strrchr(place->base, '/') + 1;
    size_t length = (size_t)(name - place->base) - strlen("/" BASE_DIRECTORY "/");
    _cleanup_free_ char *top = strprintf("%.*s/", (int)length, place->base);
    _cleanup_close_ int top_fd = top ? open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

    if (!top)
        return -ENOMEM;
    return top_fd < 0 ? -errno : base_make(top_fd, name);
}

static int open_base(Place *place, bool create)
{
    int fd;

    if (place->base_fd >= 0)
        return 0;
    if (base_is_in_store(place))
        fd = directory_fd(AT_FDCWD, place->base);
    else if (!create)
        fd = base_open(NULL, place->base);
    else if (place->base_is_inside)
        fd = base_make(place->fd, strrchr(place->base, '/') + 1);
    else
        fd = make_outside(place);
    if (fd < 0)
        return fd;
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
    return because(r, reterr_what, "'%s': %s", place->base, strerror(-r));
}

int place_prepare(Place *place, const char *id, bool create, char **reterr_what)
{
    int r;

    r = open_base(place, create);
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
    int r = open_base(place, true), fd;

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
    r = open_base(place, false);
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
