/* SPDX-License-Identifier: MIT */
/* Calls the ioctls for btrfs subvolumes, see btrfs-ioctl(2). */
#include "tree/btrfs.h"

#include "tree/inode.h"

#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>

bool is_subvolume(int fd)
{
    struct statfs fs;
    struct statx st;

    return fstatfs(fd, &fs) >= 0 && fs.f_type == BTRFS_SUPER_MAGIC && stat_at(fd, "", &st) >= 0 &&
           st.stx_ino == BTRFS_FIRST_FREE_OBJECTID && S_ISDIR(st.stx_mode);
}

static int call_with_name(int parent_fd, unsigned long request, const char *name)
{
    struct btrfs_ioctl_vol_args arguments = {};

    if (strlen(name) >= sizeof(arguments.name))
        return -ENAMETOOLONG;
    strcpy(arguments.name, name);
    return ioctl(parent_fd, request, &arguments) < 0 ? -errno : 0;
}

int subvolume_create(int parent_fd, const char *name)
{
    return call_with_name(parent_fd, BTRFS_IOC_SUBVOL_CREATE, name);
}

int snapshot_create(int fd, int parent_fd, const char *name)
{
    struct btrfs_ioctl_vol_args_v2 arguments = {.fd = fd};

    if (strlen(name) >= sizeof(arguments.name))
        return -ENAMETOOLONG;
    strcpy(arguments.name, name);
    return ioctl(parent_fd, BTRFS_IOC_SNAP_CREATE_V2, &arguments) < 0 ? -errno : 0;
}

int subvolume_destroy(int parent_fd, const char *name)
{
    return call_with_name(parent_fd, BTRFS_IOC_SNAP_DESTROY, name);
}

int subvolume_set_read_only(int fd, bool read_only)
{
    uint64_t flags, wanted;

    if (ioctl(fd, BTRFS_IOC_SUBVOL_GETFLAGS, &flags) < 0)
        return -errno;
    wanted = (flags & ~(uint64_t)BTRFS_SUBVOL_RDONLY) | (read_only ? BTRFS_SUBVOL_RDONLY : 0);
    if (wanted == flags)
        return 0;
    return ioctl(fd, BTRFS_IOC_SUBVOL_SETFLAGS, &wanted) < 0 ? -errno : 0;
}

int subvolume_is_read_only(int fd)
{
    uint64_t flags;

    if (ioctl(fd, BTRFS_IOC_SUBVOL_GETFLAGS, &flags) < 0)
        return -errno;
    return !!(flags & BTRFS_SUBVOL_RDONLY);
}

bool is_subvolume_stub(int fd, const struct statx *st)
{
    struct statfs fs;

    return st->stx_ino == BTRFS_EMPTY_SUBVOL_DIR_OBJECTID && fstatfs(fd, &fs) >= 0 &&
           fs.f_type == BTRFS_SUPER_MAGIC;
}
