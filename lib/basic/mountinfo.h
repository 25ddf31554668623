/* SPDX-License-Identifier: MIT */
/* Reads the mounts of a process from /proc/PID/mountinfo: see proc_pid_mountinfo(5). */
#pragma once

#include "basic/util.h"

/* One line of mountinfo. root and point are unescaped. Both are "" instead of "/", so that a path
 * below them can be appended. */
typedef struct Mount {
    uint64_t id;  /* unique across all mount namespaces */
    char *device; /* device number, "8:1"; on btrfs it differs from the st_dev of files */
    char *root;   /* the mounted directory of the file system */
    char *point;  /* mount point, relative to the root of the process */
    const char *type; /* "ext4", "fuse.sshfs"; "" if the line has none */
    bool read_only;
} Mount;

/* Reads /proc/self/mountinfo for mount_next(). The caller owns *ret. Returns 0 or a negative
 * errno. */
int mountinfo_read(char **ret) _must_check_;
/* Parses the next line in place. *text moves to the following line, and *ret points into the parsed
 * line. Returns false at the end. */
bool mount_next(char **text, Mount *ret);

/* What is mounted at a path. */
typedef enum MountKind {
    MOUNT_NONE,
    MOUNT_IDLE,  /* an automount whose file system is not mounted */
    MOUNT_DISK,  /* a file system on a disk of this machine */
    MOUNT_OTHER, /* another file system (network, FUSE, memory), or the same directory as below it */
} MountKind;

/* Finds what is mounted at a path, in text that mountinfo_read() has read. Changes the text. */
MountKind mount_kind(char *text, const char *path);
/* Does the same for the mounts of PID 1, since a unit's settings may give the caller mounts of its
 * own. The path must have no symbolic links. Returns 0 or a negative errno. */
int mount_find(const char *path, MountKind *ret) _must_check_;

/* Replaces "\040" and the other escapes of paths in /proc, in place. */
void path_unescape(char *s);

/* The position of a file on its file system, independent of mounts over it. */
typedef struct OnDisk {
    char *device;
    char *path;       /* path on the file system; "" is its root */
    bool mount_point; /* path is a mount point in our mount namespace */
} OnDisk;

/* Finds the position of an open file of our own mount namespace. The caller frees *ret. Returns 0
 * or a negative errno; -ENOENT: the file's mount is not visible here (outside of a chroot, or
 * unmounted). */
int on_disk_find(int fd, OnDisk *ret) _must_check_;
void on_disk_free(OnDisk *on_disk);

/* Finds the id of the mount on which a file is open. fdinfo is the path of the file's fdinfo below
 * dir_fd. Returns 0 or a negative errno. */
int proc_mount_id(int dir_fd, const char *fdinfo, uint64_t *ret) _must_check_;
/* The same in the text of fdinfo. -ENODATA: it has no id. */
int fdinfo_mount_id(const char *text, uint64_t *ret) _must_check_;
