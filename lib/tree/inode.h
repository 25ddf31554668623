/* SPDX-License-Identifier: MIT */
/* One inode: looking at it, opening it, its flags, and what the fingerprint covers of it. Symbolic
 * links are never followed. Private to lib/tree. */
#pragma once

#include "basic/util.h"

#include <sys/stat.h>

/* statx(2) of an entry, or of fd itself if name is "". Triggers no automount. */
int stat_at(int fd, const char *name, struct statx *ret) _must_check_;
/* openat(2) for reading. Does not change the atime if that is permitted, and does not wait for a
 * FIFO. A descriptor or a negative errno. */
int open_quietly(int fd, const char *name, int flags) _must_check_;
/* -ESTALE for the errors of a name that was there a moment ago and is now nothing, a link or a
 * socket; other values are returned as they are. */
int changed_is_stale(int r);

/* The path of an inode that is open with O_PATH, for system calls that refuse such descriptors. */
typedef struct FdPath {
    char path[sizeof("/proc/self/fd/") + 10];
} FdPath;
FdPath fd_path(int fd);

/* The inode flags of an open file, see FS_IOC_GETFLAGS(2); 0 if the file system has none. */
int inode_flags(int fd, unsigned *ret) _must_check_;
/* Sets the flags in mask to their values in flags. */
int inode_flags_set(int fd, unsigned mask, unsigned flags) _must_check_;
/* Sets the immutable and append-only flags that are in attributes, see statx(2); clears both. */
int seal_file(int fd, uint64_t attributes) _must_check_;
int unseal_file(int fd) _must_check_;

/* The hash of one entry, see tree_fingerprint(). */
uint64_t entry_hash(uint64_t parent_ino, const char *name, const struct statx *st);
/* Is it the same inode on the same mount, and is everything that the fingerprint covers unchanged?
 */
bool entry_unchanged(const struct statx *a, const struct statx *b);

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
/* The root of a btrfs subvolume has this number. */
#define SUBVOLUME_INO 256
/* Is something mounted on an entry of parent? Without mount ids, another device means a mount,
 * unless it is a subvolume. */
static inline bool statx_is_mount_point(const struct statx *st, const struct statx *parent)
{
    return st->stx_mask & parent->stx_mask & STATX_MNT_ID
               ? st->stx_mnt_id != parent->stx_mnt_id
               : !statx_same_device(st, parent) && st->stx_ino != SUBVOLUME_INO;
}
/* Bytes of content: the size without holes. */
static inline uint64_t statx_content(const struct statx *st)
{
    return MIN(st->stx_size, st->stx_blocks * 512);
}
static inline struct timespec statx_time(const struct statx_timestamp *t)
{
    return (struct timespec){.tv_sec = t->tv_sec, .tv_nsec = t->tv_nsec};
}
