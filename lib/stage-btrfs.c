/* SPDX-License-Identifier: MIT */
/* The five ioctls on btrfs subvolumes that a stage needs; see btrfs-ioctl(2). */
#include "stage-btrfs.h"

#include "stage-walk.h"

#include <linux/btrfs.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>

bool is_subvolume(int fd)
{
    struct statfs fs;
    struct statx st;

    return fstatfs(fd, &fs) >= 0 && fs.f_type == BTRFS_SUPER_MAGIC && stat_at(fd, "", &st) >= 0 &&
           st.stx_ino == 256 && S_ISDIR(st.stx_mode);
}

int subvolume_create(int parent_fd, const char *name)
{
    struct btrfs_ioctl_vol_args arguments = {};

    if (strlen(name) >= sizeof(arguments.name))
        return -ENAMETOOLONG;
    strcpy(arguments.name, name);
    return ioctl(parent_fd, BTRFS_IOC_SUBVOL_CREATE, &arguments) < 0 ? -errno : 0;
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
    struct btrfs_ioctl_vol_args arguments = {};

    if (strlen(name) >= sizeof(arguments.name))
        return -ENAMETOOLONG;
    strcpy(arguments.name, name);
    return ioctl(parent_fd, BTRFS_IOC_SNAP_DESTROY, &arguments) < 0 ? -errno : 0;
}

int subvolume_make_writable(int fd)
{
    uint64_t flags;

    if (ioctl(fd, BTRFS_IOC_SUBVOL_GETFLAGS, &flags) < 0)
        return -errno;
    if (!(flags & BTRFS_SUBVOL_RDONLY))
        return 0;
    flags &= ~(uint64_t)BTRFS_SUBVOL_RDONLY;
    return ioctl(fd, BTRFS_IOC_SUBVOL_SETFLAGS, &flags) < 0 ? -errno : 0;
}
