/* SPDX-License-Identifier: MIT */
/* Lines of /proc/PID/mountinfo, see proc_pid_mountinfo(5): what is mounted where, in the eyes of
 * one process. */
#pragma once

#include "basic/util.h"

/* One line. root and point are without the escapes of the file, and "" instead of "/", so that a
 * path below either of them is simply appended. */
typedef struct Mount {
    uint64_t id;  /* unique among all namespaces */
    char *device; /* "8:1", the file system's; on btrfs another than the st_dev of its files */
    char *root;   /* the directory of that file system that is mounted */
    char *point;  /* where, as seen from the process's root */
    bool read_only;
} Mount;

/* The whole of our own namespace's /proc/self/mountinfo, for mount_next(). The caller owns it. 0 or
 * a negative errno. */
int mountinfo_read(char **ret) _must_check_;
/* Takes the next line of *text apart in place; *text moves on, and *ret points into the line. False
 * at the end. */
bool mount_next(char **text, Mount *ret);

/* Undoes "\040" and so on in place: what files of /proc write where a path would break a line or a
 * field. */
void path_unescape(char *s);

/* What path has behind directory: "" if it is the directory itself, NULL if it is not below it. "/"
 * is "" in both. */
const char *path_below(const char *path, const char *directory);

/* Where something is on its file system, whatever is mounted at which place. */
typedef struct OnDisk {
    char *device;
    char *path;       /* "" for the file system's root */
    bool mount_point; /* it is one, in our namespace */
} OnDisk;

/* Of something of our own namespace that is open. 0, or a negative errno: -ENOENT where its mount
 * is out of our sight (behind a chroot, or unmounted). The caller owns what is in *ret. */
int on_disk_find(int fd, OnDisk *ret) _must_check_;
void on_disk_free(OnDisk *on_disk);

/* Reads a file of /proc in one go as far as the kernel lets us, and appends a NUL. 0 or a negative
 * errno; -EFBIG beyond max. The caller owns *ret. */
int proc_read(int dir_fd, const char *path, size_t max, char **ret) _must_check_;

/* The file position, flags and mount of an open file, from a directory of /proc (or AT_FDCWD and a
 * whole path): its mount's id in *ret. 0 or a negative errno. */
int proc_mount_id(int dir_fd, const char *fdinfo, uint64_t *ret) _must_check_;
