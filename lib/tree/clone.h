/* SPDX-License-Identifier: MIT */
/* Clones the directory of a state.
 *
 * The directory belongs to a service's user, who may change it during the clone. So every name
 * below the directory is opened relative to a descriptor, is never followed, and is checked again
 * after opening. Nothing in this room knows of versions, stamps or transactions. */
#pragma once

#include "basic/util.h"

#include <signal.h>

/* The extended attribute on the root of a tree that marks this tree. A clone does not get the
 * attribute. */
#define TREE_MARK "trusted.migrate.transaction"

/* The progress of a clone. Updated while clone_tree() runs; read it in the progress callback. */
typedef struct CloneProgress {
    uint64_t bytes;  /* content cloned so far: apparent size of data extents, shared or copied */
    uint64_t copied; /* the part of bytes that was copied, not shared by a reflink or a snapshot */
    uint64_t files;  /* number of entries of every type below the root; every name counts */
} CloneProgress;

typedef struct CloneOptions {
    const volatile sig_atomic_t *cancel; /* non-zero: stop soon with -ECANCELED */
    uint64_t copy_limit; /* the limit of copied bytes, then CLONE_OVER_LIMIT; UINT64_MAX: no
                          * limit */
    unsigned threads;    /* number of threads; 0: one for each processor, at most 8 */
    /* Subtrees to leave out, relative to the directory ("media", "data/uploads"). NULL-terminated;
     * NULL for none. Empty components, "." and ".." are -EINVAL. Nothing below such a path is read,
     * even if a file system is mounted there. The clone has an empty directory at the path, with
     * the original's owner and mode. A path that is not a directory is CLONE_REFUSED; a missing
     * path is ignored.
     *
     * A btrfs subvolume in which a plain directory is excluded becomes a new subvolume with
     * reflinks instead of a snapshot. An excluded subvolume can be moved into the clone by
     * rename(2), but an excluded directory cannot (EXDEV): compare st_dev first. */
    char *const *exclude;
    /* The clone's root is a plain directory even if the original is a subvolume, so that the
     * entries of the clone can be renamed into the original. */
    bool plain;
    /* The original is in use. Entries that vanish or change their type are left out. Other entries
     * are cloned as they are at that moment, so the clone mixes several moments (a snapshot shows
     * one moment for each subvolume). Only a change that disturbs the walk itself, such as a moved
     * directory, is -ESTALE; the caller can try again. The fingerprint is not valid. */
    bool live;
    /* Optional callback, called a few times a second by the calling thread. */
    void (*progress)(const CloneProgress *progress, void *userdata);
    void *userdata;
} CloneOptions;

typedef struct CloneResult {
    CloneProgress total;
    uint64_t fingerprint; /* fingerprint of the original; each entry was checked before it was
                           * read */
    bool snapshot;        /* the clone is a btrfs snapshot */
    /* The number of files that have further names outside the tree or in an excluded directory. The
     * clone has a separate file: writing to it does not change the file under the other names. */
    uint64_t linked_outside;
} CloneResult;

typedef enum CloneOutcome {
    CLONE_DONE = 0,
    CLONE_OVER_LIMIT = 1,
    CLONE_REFUSED = 2,     /* the tree has an entry that cannot be cloned: a mount point, an unknown
                            * file type; reterr_what names the path and the reason */
    CLONE_ANOTHER_WAY = 3, /* inside lib/tree only: a snapshot is not possible */
} CloneOutcome;

/* Clones the directory source_fd as the new entry target_name of target_parent_fd, on the same
 * mount. A btrfs subvolume becomes a writable snapshot. Subvolumes nested in it, or in a plain
 * directory, become snapshots too, read-only if the original is read-only. Contents are reflinked
 * if the file system supports that, and copied otherwise. The clone keeps owners, modes, times,
 * ACLs, extended attributes, the inode flags that matter, hard links within the tree, holes,
 * symbolic links, sockets, FIFOs and device nodes.
 *
 * Never calls fsync: the caller calls syncfs() once. Memory does not grow with the number of
 * entries, except for files with further names that were not seen yet: 32 MiB are enough for
 * 250,000 of them.
 *
 * Returns a CloneOutcome or a negative errno (-ENOSPC, -ECANCELED, …). Leaves nothing behind unless
 * it returns CLONE_DONE. An entry that vanishes or changes during the clone is -ESTALE. After an
 * error *reterr_what (owned by the caller, may still be NULL) names the entry: "'a/b' cannot be
 * copied". Only the calling thread takes signals. */
int clone_tree(int source_fd, int target_parent_fd, const char *target_name,
               const CloneOptions *options, CloneResult *ret, char **reterr_what) _must_check_;
