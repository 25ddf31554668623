/* SPDX-License-Identifier: MIT */
/* The btrfs subvolumes nested in a tree, which a snapshot of it leaves out: each is put into the
 * clone by a snapshot of its own, once the walk is over and all of the original is in the
 * fingerprint. Private to lib/tree. */
#pragma once

#include "tree/walk.h"

typedef enum SubvolumeKind {
    SUBVOLUME_SNAPSHOT, /* becomes a snapshot, in place of the stub that may be there */
    SUBVOLUME_FILLED,   /* is in the clone already, entry by entry */
    SUBVOLUME_EXCLUDED, /* an empty directory takes the place of the stub */
} SubvolumeKind;

typedef struct Subvolume {
    Dir *parent; /* a reference */
    char *name;
    struct statx st; /* of the original */
    SubvolumeKind kind;
    bool read_only;
} Subvolume;

/* In the order of the walk: one that lies in another comes after it. */
typedef struct Subvolumes {
    Subvolume *all;
    size_t n;
} Subvolumes;

/* st is what the walk saw of name in dir. */
int subvolumes_add(Subvolumes *subvolumes, Dir *dir, const char *name, const struct statx *st,
                   SubvolumeKind kind, bool read_only) _must_check_;
/* Puts all of them into the clone, whose root is target. The times of the directories they lie in
 * stay as they are. 0 or a negative errno, with walk->what. */
int subvolumes_clone(const Subvolumes *subvolumes, Walk *walk, int source, int target) _must_check_;
void subvolumes_free(Subvolumes *subvolumes);
