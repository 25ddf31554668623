/* SPDX-License-Identifier: MIT */
/* Cloning the directory of a state, telling whether one has changed, removing one.
 *
 * The directory belongs to a service user who may race us: every name below it is opened relative
 * to a descriptor, never followed, and what it turns out to be is looked at again after opening.
 * Nothing here knows of versions, stamps or transactions. */
#pragma once

#include "basic/util.h"

#include <signal.h>

/* An extended attribute of a state's root that marks one tree: a clone does not get it. */
#define TREE_MARK "trusted.migrate.transaction"

/* How far a clone has come; updated while clone_tree() runs, read from its progress callback. */
typedef struct CloneProgress {
    uint64_t bytes;  /* content handled so far, apparent size of data extents, shared or copied */
    uint64_t copied; /* of these, bytes that really were copied: neither reflink nor snapshot */
    uint64_t files;  /* entries of every type made so far below the root, each name counted */
} CloneProgress;

typedef struct CloneOptions {
    const volatile sig_atomic_t *cancel; /* non-zero: stop soon with -ECANCELED */
    uint64_t copy_limit;                 /* more bytes really copied than this: CLONE_OVER_LIMIT;
                                            UINT64_MAX for none */
    unsigned threads;                    /* 0: one per processor, at most 8 */
    /* Subtrees to leave out, relative to the directory ("media", "data/uploads"): NULL-terminated,
     * NULL for none; without empty components, "." and "..", else -EINVAL. Nothing below such a
     * path is read, whatever may be mounted at it. The clone has an empty directory in its place,
     * with the original's owner and mode. CLONE_REFUSED if it is no directory; one that does not
     * exist is ignored.
     *
     * A btrfs subvolume of which something is excluded that is no subvolume becomes a new subvolume
     * with reflinks instead of a snapshot. Into either rename(2) can move an excluded subvolume,
     * but not an excluded directory (EXDEV, as between any two subvolumes): who wants to move it
     * must tell by st_dev, beforehand. */
    char *const *exclude;
    /* The clone's root is a plain directory even where the original is a subvolume, so that its
     * entries can be renamed into that. */
    bool plain;
    /* The original is in use: what vanishes meanwhile, or turns into something else, is left out,
     * and what changes is cloned as it is when its turn comes, so that the clone is of no single
     * moment (a snapshot is of one each subvolume). Without it that is -ESTALE; with it, only what
     * goes on under the walk itself, as directories that are moved about, and it can be tried
     * again. The fingerprint says nothing then. */
    bool live;
    /* Optional; called a few times a second. */
    void (*progress)(const CloneProgress *progress, void *userdata);
    void *userdata;
} CloneOptions;

/* What was cloned. */
typedef struct CloneResult {
    CloneProgress total;
    uint64_t fingerprint; /* of the original, taken before each entry's content was read */
    bool snapshot;        /* the clone is a btrfs snapshot */
    /* Files with further names outside the tree (in another directory of the same state, say) or in
     * what is excluded: the clone's is a file of its own, and what is written to it does not appear
     * under those names. */
    uint64_t linked_outside;
} CloneResult;

typedef enum CloneOutcome {
    CLONE_DONE = 0,
    CLONE_OVER_LIMIT = 1,  /* copy_limit was passed: nothing is left behind */
    CLONE_REFUSED = 2,     /* the tree holds what cannot be cloned (a mount point, an
                              unknown file type): reterr_what says path and reason */
    CLONE_ANOTHER_WAY = 3, /* inside lib/tree alone: not by a snapshot */
} CloneOutcome;

/* Clones the directory source_fd as the new entry target_name of target_parent_fd, on the same
 * mount. A btrfs subvolume becomes a writable snapshot, everything else a directory, but for
 * subvolumes below it: these become snapshots, too, read-only where they are that. Otherwise
 * contents reflinked where the file system can, otherwise copied with what the kernel
 * offers; owner, mode, times (directories last), ACLs and all extended attributes, inode flags that
 * matter, hard links within the tree, holes, symlinks, sockets, FIFOs and device nodes are kept.
 * Never calls fsync: whoever commits calls syncfs() once. Memory is bounded whatever the number of
 * entries, but for files with a further name that has not come up yet: 32 MiB do for 250,000 such.
 *
 * Returns a CLONE_… outcome, or a negative errno (-ENOSPC, -ECANCELED, …). Unless it returns
 * CLONE_DONE, nothing of the clone is left behind. An entry that vanishes, changes or turns into
 * something else while it is cloned is -ESTALE: the original is supposed to be quiescent.
 * reterr_what (owned by the caller, may be left NULL) says of which entry an error or a refusal
 * speaks, as in "'a/b' is a mount point" or "'a/b' cannot be copied"; the errno says why. Only the
 * calling thread calls the progress callback, and only it takes signals. */
int clone_tree(int source_fd, int target_parent_fd, const char *target_name,
               const CloneOptions *options, CloneResult *ret, char **reterr_what) _must_check_;
