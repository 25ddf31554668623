/* SPDX-License-Identifier: MIT */
/* An overlay in the place of a clone, where a clone would have to be a copy: it is there at once,
 * and what no step touches takes no space. Below BASE/.rehearsal:
 *
 *   ENTRY         where it is mounted, in this process's mount namespace alone
 *   ENTRY.upper   what steps have changed
 *   ENTRY.work    overlayfs's own
 *
 * The lower layer is the state itself, through the descriptor that it was found by. Overlayfs never
 * writes to it, and reads it without access times. It must not change meanwhile, so that there is
 * none of a state that is in use. With redirect_dir= a directory can be renamed, and with metacopy=
 * an owner changed, without anything below it, or in it, being copied; with index= a file keeps its
 * names. */
#include "rehearse/overlay.h"

#include "basic/durable.h"
#include "tree/entry.h"
#include "tree/remove.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

/* Each is tried after the one before it. Without redirect_dir= scripts would fail that succeed on a
 * clone, so a copy is better than that. */
static const char *const mount_options[] = {
    "redirect_dir=on,metacopy=on,index=on",
    "redirect_dir=on,metacopy=on,index=off",
    "redirect_dir=on,index=off",
};

static int make_beside(const Place *place, const char *suffix, char **ret_name, int *ret_fd)
{
    _cleanup_free_ char *name = strprintf("%s%s", place->clone, suffix);
    int fd;

    if (!name)
        return -ENOMEM;
    fd = durable_mkdir(place->transaction_fd, name);
    if (fd < 0)
        return fd;
    *ret_name = TAKE_PTR(name);
    *ret_fd = fd;
    return 0;
}

/* What is in the state's file system without being a part of the state is not there; what a
 * declaration excludes is covered in the sandbox. */
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
        _cleanup_free_ char *options = NULL, *where = NULL;

        /* Descriptors stand for paths, whose colons and commas overlayfs would take for its own. */
        options = strprintf("lowerdir=/proc/self/fd/%d,upperdir=/proc/self/fd/%d,"
                            "workdir=/proc/self/fd/%d,%s",
                            lower_fd, upper_fd, work_fd, mount_options[i]);
        where = strprintf("/proc/self/fd/%d", merged_fd);
        if (!options || !where)
            return -ENOMEM;
        r = mount("rehearsal", where, "overlay", MS_NOSUID | MS_NODEV, options) < 0 ? -errno : 0;
    }
    return r;
}

static int lay(const Place *place)
{
    _cleanup_free_ char *upper = NULL, *work = NULL, *merged = NULL;
    _cleanup_close_ int upper_fd = -1, work_fd = -1, merged_fd = -1;
    int r;

    r = make_beside(place, ".upper", &upper, &upper_fd);
    if (r == 0)
        r = make_beside(place, ".work", &work, &work_fd);
    if (r == 0)
        r = make_beside(place, "", &merged, &merged_fd);
    /* It lends the root of the overlay all its attributes. */
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
    /* No overlay in the kernel, nor on this file system, or too deep a stack of them: each has its
     * own errno. A copy takes its place. */
    for (size_t i = 0; removed == 0 && i < ELEMENTSOF(all); i++)
        removed = remove_beside(place, all[i]);
    return removed < 0 ? removed : OVERLAY_IMPOSSIBLE;
}

int overlay_open_upper(const Place *place)
{
    _cleanup_free_ char *name = strprintf("%s.upper", place->clone);
    int fd =
        name ? openat(place->transaction_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
             : -1;

    return name ? fd < 0 ? -errno : fd : -ENOMEM;
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
