/* SPDX-License-Identifier: MIT */
/* Reads the attributes of one inode, opens the inode, changes its flags, and hashes it for the
 * fingerprint. Symbolic links are never followed. Private to lib/tree. */
#pragma once

#include "basic/util.h"

#include <sys/stat.h>

/* Calls statx(2) for an entry, or for fd itself if name is "". Triggers no automount. */
int stat_at(int fd, const char *name, struct statx *ret) _must_check_;
/* Opens an entry for reading. Does not change the atime if the caller may avoid that, and does not
 * wait for a FIFO. Returns a descriptor or a negative errno. */
int open_quietly(int fd, const char *name, int flags) _must_check_;
/* Closes the descriptor, and sets it to -1. */
void close_early(int *fd);
/* Returns -ESTALE if r is an error of a name that has vanished, or has become a link or a socket.
 * Returns other values unchanged. */
int changed_is_stale(int r);

/* The path of an inode that is open with O_PATH, for system calls that refuse such descriptors. */
typedef struct FdPath {
    char path[sizeof("/proc/self/fd/") + 10];
} FdPath;
FdPath fd_path(int fd);

/* Reads the inode flags of an open file, see FS_IOC_GETFLAGS(2); 0 if the file system has none. */
int inode_flags(int fd, unsigned *ret) _must_check_;
/* Sets the inode flags in mask to their values in flags. */
int inode_flags_set(int fd, unsigned mask, unsigned flags) _must_check_;
/* Set the immutable and append-only flags that are in attributes (see statx(2)), or clear both. */
int seal_file(int fd, uint64_t attributes) _must_check_;
int unseal_file(int fd) _must_check_;

/* Returns the hash of one entry, see tree_fingerprint(). */
uint64_t entry_hash(uint64_t parent_ino, const char *name, const struct statx *st);
/* Says whether a and b are the same inode on the same mount, with equal hashes. */
bool entry_unchanged(const struct statx *a, const struct statx *b);
/* Returns 0 if the inode fd is as in seen, -ESTALE if it has changed, or another negative errno. */
int check_unchanged(int fd, const struct statx *seen) _must_check_;

static inline bool statx_is_sealed(const struct statx *st)
{
    return st->stx_attributes & (STATX_ATTR_APPEND | STATX_ATTR_IMMUTABLE);
}
static inline bool statx_same_device(const struct statx *a, const struct statx *b)
{
    return a->stx_dev_major == b->stx_dev_major && a->stx_dev_minor == b->stx_dev_minor;
}
static inline bool statx_same_inode(const struct statx *a, const struct statx *b)
{
    return a->stx_ino == b->stx_ino && statx_same_device(a, b);
}
/* The inode number of the root of a btrfs subvolume. */
#define SUBVOLUME_INO 256
/* Is something mounted on this entry of parent? If the kernel reports no mount ids, another device
 * means a mount, unless the entry is a subvolume. */
static inline bool statx_is_mount_point(const struct statx *st, const struct statx *parent)
{
    return st->stx_mask & parent->stx_mask & STATX_MNT_ID
               ? st->stx_mnt_id != parent->stx_mnt_id
               : !statx_same_device(st, parent) && st->stx_ino != SUBVOLUME_INO;
}
/* Returns the bytes of content: the size without holes. */
static inline uint64_t statx_content(const struct statx *st)
{
    return MIN(st->stx_size, st->stx_blocks * 512);
}
static inline struct timespec statx_time(const struct statx_timestamp *t)
{
    return (struct timespec){.tv_sec = t->tv_sec, .tv_nsec = t->tv_nsec};
}
