/* SPDX-License-Identifier: MIT */
/* The btrfs subvolumes nested in a tree. A snapshot of the tree omits nested subvolumes, so each
 * gets its own snapshot after the walk has completed the fingerprint. Private to lib/tree. */
#pragma once

#include "tree/walk.h"

/* Calls of btrfs-ioctl(2). is_subvolume(): is fd the root of a subvolume? is_subvolume_stub(): is
 * fd the empty directory that a snapshot has in place of a nested subvolume? subvolume_destroy()
 * also removes the content, but fails if it has nested subvolumes. subvolume_is_read_only() returns
 * 1, 0 or a negative errno, the others 0 or a negative errno. */
bool is_subvolume(int fd);
bool is_subvolume_stub(int fd, const struct statx *st);
int subvolume_create(int parent_fd, const char *name) _must_check_;
int snapshot_create(int fd, int parent_fd, const char *name) _must_check_;
int subvolume_destroy(int parent_fd, const char *name) _must_check_;
int subvolume_set_read_only(int fd, bool read_only) _must_check_;
int subvolume_is_read_only(int fd) _must_check_;

typedef enum SubvolumeKind {
    SUBVOLUME_SNAPSHOT, /* gets a snapshot, which replaces the stub if there is one */
    SUBVOLUME_FILLED,   /* the content was copied entry by entry */
    SUBVOLUME_EXCLUDED, /* an empty directory replaces the stub */
} SubvolumeKind;

typedef struct Subvolume {
    Dir *parent; /* the directory above; a reference */
    char *name;
    struct statx st; /* attributes of the original */
    SubvolumeKind kind;
    bool read_only;
} Subvolume;

/* In the order of the walk: a nested subvolume comes after the subvolume that contains it. */
typedef struct Subvolumes {
    Subvolume *all;
    size_t n;
} Subvolumes;

/* Adds the subvolume name in dir, with the attributes that the walk has read. Returns 0 or
 * -ENOMEM. */
int subvolumes_add(Subvolumes *subvolumes, Dir *dir, const char *name, const struct statx *st,
                   SubvolumeKind kind, bool read_only) _must_check_;
/* Makes all subvolumes in the clone, whose root is target, and restores the times of their parent
 * directories. Returns 0, or a negative errno with walk->what. */
int subvolumes_clone(const Subvolumes *subvolumes, Walk *walk, int source, int target) _must_check_;
void subvolumes_free(Subvolumes *subvolumes);
