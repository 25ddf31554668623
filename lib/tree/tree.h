/* SPDX-License-Identifier: MIT */
/* Clones, measures, fingerprints and removes the directory of a state. The service's user may
 * change the tree meanwhile, so each name is opened relative to a descriptor, without following
 * links, and is checked again after opening. */
#pragma once

#include "basic/util.h"

#include <signal.h>

/* The extended attribute that marks the root of a tree. A clone does not get the attribute. */
#define TREE_MARK "trusted.migrate.transaction"

typedef struct CloneProgress {
    uint64_t bytes;  /* content cloned so far: apparent size of data extents, shared or copied */
    uint64_t copied; /* the part of bytes that was copied, not shared by a reflink or a snapshot */
    uint64_t files;  /* number of entries of every type below the root; every name counts */
} CloneProgress;

typedef struct CloneOptions {
    const volatile sig_atomic_t *cancel; /* non-zero: stop soon with -ECANCELED */
    uint64_t copy_limit;                 /* the limit of copied bytes; UINT64_MAX: none */
    unsigned threads;                    /* 0: one for each processor, at most 8 */
    /* Subtrees to leave out, relative to the directory ("data/uploads"); may be NULL. Empty
     * components, "." and ".." are -EINVAL. Nothing below such a path is read, even if a file system
     * is mounted there. The clone has an empty directory at the path, with the original's owner and
     * mode. A path that is not a directory is CLONE_REFUSED; a missing path is ignored.
     *
     * A btrfs subvolume in which a plain directory is excluded becomes a new subvolume with
     * reflinks instead of a snapshot. An excluded subvolume can be moved into the clone by
     * rename(2), but an excluded directory cannot (EXDEV): compare st_dev first. */
    char *const *exclude;
    /* The clone's root is a plain directory even if the original is a subvolume, so that the
     * entries of the clone can be renamed into the original. */
    bool plain;
    /* The original is in use. Entries that vanish or change their type are left out. The clone mixes
     * several moments (a snapshot shows one moment for each subvolume), and the fingerprint is not
     * valid. Only a change that disturbs the walk itself, such as a moved directory, is -ESTALE. */
    bool live;
    /* Called a few times a second by the calling thread; may be NULL. */
    void (*progress)(const CloneProgress *progress, void *userdata);
    void *userdata;
} CloneOptions;

typedef struct CloneResult {
    CloneProgress total;
    uint64_t fingerprint; /* of the original; each entry was checked before it was read */
    bool snapshot;        /* the clone is a btrfs snapshot */
    /* The number of files with further names outside the tree or in an excluded directory. Writing
     * to their copies does not change the files under the other names. */
    uint64_t linked_outside;
} CloneResult;

typedef enum CloneOutcome {
    CLONE_DONE = 0,
    CLONE_OVER_LIMIT = 1,
    CLONE_REFUSED = 2,     /* the tree has an entry that cannot be cloned, such as a mount point */
    CLONE_ANOTHER_WAY = 3, /* inside lib/tree only: a snapshot is not possible */
} CloneOutcome;

/* Clones the directory source_fd as the new entry target_name of target_parent_fd, on the same
 * mount. A btrfs subvolume becomes a writable snapshot; nested subvolumes become snapshots too,
 * read-only like the original. Contents are reflinked if the file system supports that. The clone
 * keeps owners, modes, times, ACLs, extended attributes, the inode flags that matter, hard links
 * within the tree, holes, symbolic links, sockets, FIFOs and device nodes.
 *
 * Never calls fsync: the caller calls syncfs() once. Memory does not grow with the number of
 * entries, except for files with further names that were not seen yet.
 *
 * Returns a CloneOutcome or a negative errno; -ESTALE: an entry has vanished or changed. Leaves
 * nothing behind unless it returns CLONE_DONE. After a failure *reterr_what (owned by the caller, may
 * still be NULL) names the entry: "'a/b' cannot be copied". Only the calling thread takes signals. */
int clone_tree(int source_fd, int target_parent_fd, const char *target_name,
               const CloneOptions *options, CloneResult *ret, char **reterr_what) _must_check_;

/* Copies the entry name of source_fd, of any type, into the directory target_fd like clone_tree(),
 * for a caller that swaps a tree entry by entry. Unless the result is CLONE_DONE, the caller removes
 * the incomplete copy. */
int tree_copy_entry(int source_fd, int target_fd, const char *name,
                    const volatile sig_atomic_t *cancel, char **reterr_what) _must_check_;

/* Gives the directory target_fd the owner, mode, ACLs, extended attributes and times of the
 * directory source_fd, but not its inode flags. Returns 0 or a negative errno. */
int tree_copy_attributes(int source_fd, int target_fd) _must_check_;

typedef struct CloneEstimate {
    bool shared;     /* the clone shares contents with the original: a snapshot, or reflinks */
    uint64_t copied; /* bytes of content to copy, as in CloneProgress */
    uint64_t bytes;  /* bytes of space, including directories and metadata */
    uint64_t inodes;
    uint64_t files; /* number of files, as in CloneProgress */
} CloneEstimate;

/* Tests with unnamed files whether contents can be shared on the mount of this directory. */
bool clone_can_share(int dir_fd) _must_check_;

/* Measures the minimum of space and inodes that removing the tree would free. exclude and cancel: see
 * CloneOptions; may be NULL. Returns 0 or a negative errno: -ECANCELED; -EBUSY if something is
 * mounted in the tree; other errors of reading the tree. */
int tree_measure(int fd, char *const *exclude, const volatile sig_atomic_t *cancel,
                 CloneEstimate *ret) _must_check_;
/* Estimates the space that a clone of the directory fd needs. probe_fd: for clone_can_share(). If
 * contents can be shared, the tree is not read and all numbers are 0. Returns as tree_measure(). */
int clone_estimate(int fd, int probe_fd, char *const *exclude, const volatile sig_atomic_t *cancel,
                   CloneEstimate *ret) _must_check_;

/* Makes the fingerprint of the present tree. If nothing has changed, this fingerprint equals
 * CloneResult.fingerprint of a clone with the same exclude. The fingerprint covers names, types,
 * owners, modes, sizes, mtimes, ctimes and inode numbers of all entries and of the root. Of an
 * excluded directory, it covers the inode, owner and mode, and whether something is mounted on it.
 *
 * Returns 0 or a negative errno: -ESTALE if the tree is changing right now, -EXDEV if something is
 * mounted in a part that is not excluded. cancel and exclude may be NULL. */
int tree_fingerprint(int dir_fd, char *const *exclude, const volatile sig_atomic_t *cancel,
                     uint64_t *ret) _must_check_;

typedef struct MovedFingerprint {
    uint64_t all;
    uint64_t ownerless;    /* omits owners, ctimes, and the root's mode */
    uint64_t bytes, files; /* what the tree occupies, and how many entries it has */
} MovedFingerprint;

/* Makes a fingerprint that does not change when the tree is moved or marked; compare only results
 * of this function. It omits the root's times and size, and stamps, which are renamed with a state:
 * empty files and symbolic links in the root whose names begin with stamps (may be NULL). Returns
 * as tree_fingerprint(). */
int tree_fingerprint_moved(int dir_fd, char *const *exclude, const char *stamps,
                           const volatile sig_atomic_t *cancel, MovedFingerprint *ret) _must_check_;

typedef enum OverlayReading {
    OVERLAY_READS = 0,
    OVERLAY_MISREADS = 1,
} OverlayReading;

/* Searches the tree for marks of overlayfs: character devices 0:0, which stand for removed names,
 * and the attributes trusted.overlay.* and user.overlay.*. States of containers have such marks, and
 * any user can make such a device.
 *
 * Returns OVERLAY_READS if there are none; OVERLAY_MISREADS with *ret_what ("'a/b' is …", owned by
 * the caller); or a negative errno, also -ECANCELED. exclude and cancel may be NULL. */
int overlay_misreads(int dir_fd, char *const *exclude, const volatile sig_atomic_t *cancel,
                     char **ret_what) _must_check_;

/* Gives every entry of the tree to uid and gid, and leaves modes as they are. cancel may be NULL.
 * Returns 0, -ESTALE if a user changes the tree meanwhile, or another negative errno; *reterr_what,
 * owned by the caller, may then name the entry. */
int tree_own(int dir_fd, uid_t uid, gid_t gid, const volatile sig_atomic_t *cancel,
             char **reterr_what) _must_check_;

/* Is the directory the root of a read-only btrfs subvolume? The kernel refuses to rename such a
 * directory into another one (EROFS). */
bool tree_is_read_only(int fd);
/* Makes the subvolume read-only, or writable. Returns 0 or a negative errno. */
int tree_set_read_only(int fd, bool read_only) _must_check_;

/* Removes the entry name of parent_fd with everything below it, including subvolumes; immutable and
 * append-only flags do not protect it. If something is mounted below, the result is -EBUSY. Returns
 * 0 (also if there is no such entry) or a negative errno. Can be repeated after a crash. */
int tree_remove(int parent_fd, const char *name) _must_check_;
