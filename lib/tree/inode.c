/* SPDX-License-Identifier: MIT */
/* Reads and changes one inode, by its descriptor or by its name in an open directory. */
#include "tree/inode.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

int stat_at(int fd, const char *name, struct statx *ret)
{
    int flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | (*name ? 0 : AT_EMPTY_PATH);

    if (statx(fd, name, flags, STATX_BASIC_STATS | STATX_MNT_ID, ret) < 0)
        return -errno;
    return 0;
}

int open_quietly(int fd, const char *name, int flags)
{
    int opened;

    flags |= O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
    opened = openat(fd, name, flags | O_NOATIME);
    if (opened < 0 && errno == EPERM) /* the caller is neither the owner nor privileged */
        opened = openat(fd, name, flags);
    return opened < 0 ? -errno : opened;
}

int changed_is_stale(int r)
{
    return r == -ENOENT || r == -ELOOP || r == -ENOTDIR || r == -ENXIO ? -ESTALE : r;
}

FdPath fd_path(int fd)
{
    FdPath p;

    snprintf(p.path, sizeof(p.path), "/proc/self/fd/%d", fd);
    return p;
}

void close_early(int *fd)
{
    cleanup_close(fd);
    *fd = -1;
}

#define FLAGS_LAST (FS_APPEND_FL | FS_IMMUTABLE_FL)

int inode_flags(int fd, unsigned *ret)
{
    int flags = 0;

    if (ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0) {
        if (errno != ENOTTY && errno != EOPNOTSUPP && errno != EINVAL && errno != ENOSYS)
            return -errno;
        flags = 0;
    }
    *ret = flags;
    return 0;
}

int inode_flags_set(int fd, unsigned mask, unsigned flags)
{
    unsigned now;
    int wanted, r;

    r = inode_flags(fd, &now);
    if (r < 0)
        return r;
    wanted = (now & ~mask) | (flags & mask);
    if ((unsigned)wanted == now)
        return 0;
    return ioctl(fd, FS_IOC_SETFLAGS, &wanted) < 0 ? -errno : 0;
}

int seal_file(int fd, uint64_t attributes)
{
    unsigned flags = (attributes & STATX_ATTR_APPEND ? FS_APPEND_FL : 0) |
                     (attributes & STATX_ATTR_IMMUTABLE ? FS_IMMUTABLE_FL : 0);

    return flags ? inode_flags_set(fd, FLAGS_LAST, flags) : 0;
}

int unseal_file(int fd)
{
    return inode_flags_set(fd, FLAGS_LAST, 0);
}

/* Hashes an entry without its atime, because reading is not a change, and without st_dev, which
 * differs after each mount of the file system. */
uint64_t entry_hash(uint64_t parent_ino, const char *name, const struct statx *st)
{
    const uint64_t fields[] = {
        parent_ino,
        st->stx_ino,
        (uint64_t)st->stx_mode << 32 | st->stx_nlink,
        (uint64_t)st->stx_uid << 32 | st->stx_gid,
        st->stx_size,
        st->stx_mtime.tv_sec,
        (uint64_t)st->stx_mtime.tv_nsec << 32 | st->stx_ctime.tv_nsec,
        st->stx_ctime.tv_sec,
        (uint64_t)st->stx_rdev_major << 32 | st->stx_rdev_minor,
    };
    uint64_t hash = hash_string(hash_bytes(HASH_INIT, fields, sizeof(fields)), name);

    /* The hashes of a tree are added up, and FNV hashes of similar entries are too similar for a
     * sum. This is the finalizer of splitmix64. */
    hash ^= hash >> 30;
    hash *= UINT64_C(0xbf58476d1ce4e5b9);
    hash ^= hash >> 27;
    hash *= UINT64_C(0x94d049bb133111eb);
    return hash ^ hash >> 31;
}

bool entry_unchanged(const struct statx *a, const struct statx *b)
{
    return statx_same_inode(a, b) && a->stx_mnt_id == b->stx_mnt_id &&
           entry_hash(0, "", a) == entry_hash(0, "", b);
}

int check_unchanged(int fd, const struct statx *seen)
{
    struct statx st;
    int r = stat_at(fd, "", &st);

    return r < 0 ? r : entry_unchanged(&st, seen) ? 0 : -ESTALE;
}
