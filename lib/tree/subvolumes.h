/* SPDX-License-Identifier: MIT */
/* The btrfs subvolumes nested in a tree. A snapshot of the tree does not contain them, so each gets
 * its own snapshot after the walk has completed the fingerprint. Private to lib/tree. */
#pragma once

#include "tree/walk.h"

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

/* The subvolumes in the order of the walk: a nested subvolume comes after the one that contains
 * it. */
typedef struct Subvolumes {
    Subvolume *all;
    size_t n;
} Subvolumes;

/* Adds a subvolume. st has the attributes of name in dir that the walk has read. Returns 0 or
 * -ENOMEM. */
int subvolumes_add(Subvolumes *subvolumes, Dir *dir, const char *name, const struct statx *st,
                   SubvolumeKind kind, bool read_only) _must_check_;
/* Makes all subvolumes in the clone, whose root is target, and restores the times of their parent
 * directories. Returns 0, or a negative errno with walk->what. */
int subvolumes_clone(const Subvolumes *subvolumes, Walk *walk, int source, int target) _must_check_;
void subvolumes_free(Subvolumes *subvolumes);
