/* SPDX-License-Identifier: MIT */
/* Lays an overlay over the original, instead of a copy: an overlay is made at once, and files that
 * no step changes need no space. In BASE/.rehearsal:
 *
 *   ENTRY         the mount point, in the mount namespace of this process only
 *   ENTRY.upper   the changes of the steps
 *   ENTRY.work    files of overlayfs
 *
 * The lower layer is the state, by its descriptor. Overlayfs never writes to the state, and reads
 * it without access times; the state must not change while the overlay exists. redirect_dir= and
 * metacopy= avoid copies when a directory is renamed or an owner changes, and index= keeps hard
 * links. */
#include "basic/directory.h"
#include "basic/durable.h"
#include "rehearse/private.h"
#include "tree/tree.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

/* The options of the mount, in the order in which they are tried. All have redirect_dir=, without
 * which scripts could fail that succeed on a clone. */
static const char *const mount_options[] = {
    "redirect_dir=on,metacopy=on,index=on",
    "redirect_dir=on,metacopy=on,index=off",
    "redirect_dir=on,index=off",
};

static int make_beside(const Place *place, const char *suffix)
{
    _cleanup_free_ char *name = strprintf("%s%s", place->clone, suffix);

    return name ? durable_mkdir(place->transaction_fd, name) : -ENOMEM;
}

/* Hides entries that are not part of the state, such as lost+found, by whiteouts. The sandbox
 * covers the entries of Exclude=. */
static int hide_foreign(const Place *place, int upper_fd)
{
    for (size_t i = place->n_declared; place->exclude && place->exclude[i]; i++)
        if (mknodat(upper_fd, place->exclude[i], S_IFCHR, 0) < 0)
            return -errno;
    return 0;
}

static int mount_layers(int lower_fd, int upper_fd, int work_fd, int merged_fd)
{
    int r = -EINVAL;

    for (size_t i = 0; r < 0 && i < ELEMENTSOF(mount_options); i++) {
        /* The layers are named by descriptors, since a colon or comma in a path would separate
         * options. */
        _cleanup_free_ char *options =
            strprintf("lowerdir=/proc/self/fd/%d,upperdir=/proc/self/fd/%d,"
                      "workdir=/proc/self/fd/%d,%s",
                      lower_fd, upper_fd, work_fd, mount_options[i]);
        _cleanup_free_ char *where = strprintf("/proc/self/fd/%d", merged_fd);

        if (!options || !where)
            return -ENOMEM;
        r = mount("rehearsal", where, "overlay", MS_NOSUID | MS_NODEV, options) < 0 ? -errno : 0;
    }
    return r;
}

static int lay(const Place *place)
{
    _cleanup_close_ int upper_fd = make_beside(place, ".upper");
    _cleanup_close_ int work_fd = upper_fd < 0 ? upper_fd : make_beside(place, ".work");
    _cleanup_close_ int merged_fd = work_fd < 0 ? work_fd : make_beside(place, "");
    int r = MIN(merged_fd, 0);

    /* The root of an overlay has the attributes of the upper layer. */
    if (r == 0)
        r = tree_copy_attributes(place->fd, upper_fd);
    if (r == 0)
        r = hide_foreign(place, upper_fd);
    return r == 0 ? mount_layers(place->fd, upper_fd, work_fd, merged_fd) : r;
}

static int remove_beside(const Place *place, const char *suffix)
{
    _cleanup_free_ char *name = strprintf("%s%s", place->clone, suffix);

    return name ? tree_remove(place->transaction_fd, name) : -ENOMEM;
}

int overlay_lay(const Place *place)
{
    static const char *const all[] = {"", ".work", ".upper"};
    int r = lay(place), removed = 0;

    if (r == 0 || r == -ENOMEM || r == -ENOSPC || r == -EDQUOT)
        return r;
    /* Any other error means that this kernel or file system has no overlays, or cannot nest them
     * deeper. */
    for (size_t i = 0; removed == 0 && i < ELEMENTSOF(all); i++)
        removed = remove_beside(place, all[i]);
    return removed < 0 ? removed : OVERLAY_IMPOSSIBLE;
}

int overlay_open_upper(const Place *place)
{
    _cleanup_free_ char *name = strprintf("%s.upper", place->clone);

    return name ? directory_fd(place->transaction_fd, name) : -ENOMEM;
}

int overlay_lift(const Place *place)
{
    _cleanup_close_ int fd =
        openat(place->transaction_fd, place->clone, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    _cleanup_free_ char *path = strprintf("/proc/self/fd/%d", fd);

    if (fd < 0 || !path)
        return fd < 0 ? -errno : -ENOMEM;
    return umount2(path, MNT_DETACH) < 0 ? -errno : 0;
}
