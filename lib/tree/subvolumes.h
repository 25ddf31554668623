/* SPDX-License-Identifier: MIT */
/* The btrfs subvolumes nested in a tree. A snapshot of the tree leaves them out, so each gets a
 * snapshot of its own, after the walk has taken the whole fingerprint. Private to lib/tree. */
#pragma once

#include "tree/walk.h"

typedef enum SubvolumeKind {
    SUBVOLUME_SNAPSHOT, /* gets a snapshot, which replaces the stub if there is one */
    SUBVOLUME_FILLED,   /* was copied entry by entry */
    SUBVOLUME_EXCLUDED, /* an empty directory replaces the stub */
} SubvolumeKind;

typedef struct Subvolume {
    Dir *parent; /* a reference */
    char *name;
    struct statx st; /* of the original */
    SubvolumeKind kind;
    bool read_only;
} Subvolume;

/* In the order of the walk: nested ones come after the one that they are in. */
typedef struct Subvolumes {
    Subvolume *all;
    size_t n;
} Subvolumes;

/* st is what the walk saw of name in dir. */
int subvolumes_add(Subvolumes *subvolumes, Dir *dir, const char *name, const struct statx *st,
                   SubvolumeKind kind, bool read_only) _must_check_;
/* Puts all of them into the clone, whose root is target, and restores the times of the directories
 * that they are in. 0, or a negative errno with walk->what. */
int subvolumes_clone(const Subvolumes *subvolumes, Walk *walk, int source, int target) _must_check_;
void subvolumes_free(Subvolumes *subvolumes);
