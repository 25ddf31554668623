/* SPDX-License-Identifier: MIT */
/* The mounts that one process sees, from /proc/PID/mountinfo: see proc_pid_mountinfo(5). */
#pragma once

#include "basic/util.h"

/* One line. root and point are unescaped, and "" for "/", so that a path below them can be
 * appended. */
typedef struct Mount {
    uint64_t id;  /* unique among all namespaces */
    char *device; /* "8:1"; on btrfs not the st_dev of its files */
    char *root;   /* the directory of the file system that is mounted */
    char *point;  /* the mount point, as seen from the process's root */
    bool read_only;
} Mount;

/* Reads /proc/self/mountinfo for mount_next(). The caller owns *ret. 0 or a negative errno. */
int mountinfo_read(char **ret) _must_check_;
/* Parses the next line in place: *text moves on, and *ret points into the line. False at the
 * end. */
bool mount_next(char **text, Mount *ret);

/* Replaces "\040" and the other escapes that files in /proc use in paths, in place. */
void path_unescape(char *s);

/* The rest of path below directory: "" for directory itself, NULL if path is not below it. Both
 * have "" for "/". */
const char *path_below(const char *path, const char *directory);

/* A place on a file system, whatever is mounted over it. */
typedef struct OnDisk {
    char *device;
    char *path;       /* "" for the file system's root */
    bool mount_point; /* it is a mount point in our namespace */
} OnDisk;

/* Finds the place of an open file of our own namespace. The caller frees *ret. 0 or a negative
 * errno; -ENOENT: its mount is not visible here (outside of a chroot, or unmounted). */
int on_disk_find(int fd, OnDisk *ret) _must_check_;
void on_disk_free(OnDisk *on_disk);

/* Reads a file of /proc with as few reads as the kernel allows, and appends a NUL. The caller owns
 * *ret. 0 or a negative errno; -EFBIG: longer than max. */
int proc_read(int dir_fd, const char *path, size_t max, char **ret) _must_check_;

/* Finds the id of the mount that a file is open on. fdinfo is a path of its fdinfo below dir_fd. 0
 * or a negative errno. */
int proc_mount_id(int dir_fd, const char *fdinfo, uint64_t *ret) _must_check_;
