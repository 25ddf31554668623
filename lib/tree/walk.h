/* SPDX-License-Identifier: MIT */
/* Walks over a tree that another process may be changing. Never leaves the tree, does not recurse,
 * and has a limited number of descriptors open at any depth. A directory is read once, and only the
 * names of its subdirectories are remembered, so that a million files need no memory. */
#pragma once

#include "basic/util.h"

#include <signal.h>
#include <stdatomic.h>
#include <sys/stat.h>

/* The number of directories that stay open: the current one and those above it. Directories further
 * up are parked: closed, and later opened again as ".." of their child, which must be the same
 * inode. */
#define WALK_OPEN_LEVELS 48

/* The results of WalkOps.before(). */
typedef enum WalkBefore {
    WALK_ENTER = 0,
    WALK_SKIP = 1,
} WalkBefore;

typedef struct Dir Dir;
typedef struct Walk Walk;

/* A directory of the tree. The walk holds a reference while it is in the directory or below it;
 * children and callers of dir_ref() hold references too. */
struct Dir {
    Dir *parent; /* the directory above, a reference; NULL for the root of the tree */
    atomic_uint references;
    unsigned depth;
    int fd;          /* -1 while parked */
    struct statx st; /* attributes before the directory was listed */
    bool subvolume;  /* this is the root of a btrfs subvolume within the tree */
    bool read_only;  /* the subvolume is read-only */
    bool snapshot;   /* a snapshot clones this directory, see tree/clone-entries.c */

    String subdirs; /* names of subdirectories to enter, each with a slash at its end */
    size_t subdirs_at;

    /* Used only for clones, see tree/clone-entries.c. */
    int target_fd;
    uint64_t target_ino;
    unsigned pending; /* number of queued entries, and of subdirectories that are not complete */
    unsigned jobs;    /* number of queued entries */
    bool left;        /* the walk has left this directory for good */

    char name[]; /* name below parent; "" for the root */
};

/* The operations of a walk. Each may be NULL. A result other than 0 ends the walk, which returns
 * that result. */
typedef struct WalkOps {
    /* Called before a directory is opened. Returns a WalkBefore, or a negative errno. */
    int (*before)(Walk *walk, Dir *parent, const char *name, const struct statx *st);
    /* Called after a directory was opened and before it is read. */
    int (*enter)(Walk *walk, Dir *dir);
    /* Called for the root of an excluded subtree: a directory, which is not opened. */
    int (*excluded)(Walk *walk, Dir *dir, const char *name, const struct statx *st);
    /* Called for an entry that is not a directory. st may be NULL if the walk is removing. */
    int (*entry)(Walk *walk, Dir *dir, const char *name, const struct statx *st);
    /* Called after all entries below dir were visited. The parent is open. */
    int (*leave)(Walk *walk, Dir *dir);
    /* Called before dir->fd is closed (park) and after it was reopened (unpark); child is open. */
    int (*park)(Walk *walk, Dir *dir);
    int (*unpark)(Walk *walk, Dir *dir, Dir *child);
} WalkOps;

struct Walk {
    const WalkOps *ops;
    const volatile sig_atomic_t *cancel; /* may be NULL */
    char *const *exclude;                /* see CloneOptions; may be NULL */
    void *userdata;
    bool live;     /* leave out entries that vanish; a change is not an error */
    bool removing; /* enter subvolumes, stat only directories; a change is not an error */

    uint64_t fingerprint, ownerless, bytes, files; /* see MovedFingerprint */
    bool root_may_move; /* the fingerprint omits the root's times and size; ownerless is made */
    const char *stamps; /* see tree_fingerprint_moved() */
    char *what;         /* "'a/b' is a mount point": explains the result; owned */
    char buffer[65536];
};

/* Makes a walk. Borrows the arguments; all but ops may be NULL. Returns NULL if out of memory. */
Walk *walk_new(const WalkOps *ops, const volatile sig_atomic_t *cancel, char *const *exclude,
               void *userdata) _must_check_;
void cleanup_walk(Walk **walk);
#define _cleanup_walk_ _cleanup_(cleanup_walk)

/* Walks the directory dir_fd. Returns 0, CLONE_REFUSED, the result of an operation, or a negative
 * errno: -EINVAL for walk->exclude, -ECANCELED, -ESTALE if the tree changed during the walk, -EBUSY
 * for a mount point when removing. */
int walk_run(Walk *walk, int dir_fd) _must_check_;

/* Makes a Dir. Returns NULL if out of memory. */
Dir *dir_new(Dir *parent, const char *name) _must_check_;
Dir *dir_ref(Dir *dir);
void dir_unref(Dir *dir);
/* Remember the name of a subdirectory; dir_next() returns and forgets the first name. */
int dir_remember(Dir *dir, const char *name) _must_check_;
const char *dir_next(Dir *dir);

/* Sets walk->what to dir_describe(), unless it is set already. Returns r. */
int walk_blame(Walk *walk, const Dir *dir, const char *name, const char *problem, int r);
/* Formats "'a/b' problem", without bytes that would garble a terminal or a log. name NULL: the
 * directory itself. Returns NULL if out of memory. */
char *dir_describe(const Dir *dir, const char *name, const char *problem) _must_check_;

/* Opens the directory with the same path below root_fd, with O_PATH. hostile: other users can
 * change this tree, so no symbolic links are followed. */
int dir_open_beneath(const Dir *dir, int root_fd, bool hostile) _must_check_;

/* Returns 0, or -EINVAL if a path is not valid, see CloneOptions. */
int exclude_check(char *const *exclude) _must_check_;
bool exclude_matches(const Walk *walk, const Dir *dir, const char *name);
/* Says whether something below dir is excluded. */
bool exclude_below(const Walk *walk, const Dir *dir);
/* Stats the root of an excluded subtree without opening it. If something is mounted on the root,
 * stats the hidden directory if possible. */
int exclude_look(const Dir *dir, const char *name, struct statx *ret,
                 bool *ret_mounted) _must_check_;
/* Makes an empty directory with attributes st, in place of an excluded one, in a clone. */
int exclude_stand_in(int parent_fd, const char *name, const struct statx *st) _must_check_;
/* Returns the part of the attributes of such a root that no use of the subtree changes. */
struct statx exclude_known(const struct statx *st, bool mounted);

static inline bool walk_cancelled(const Walk *walk)
{
    return walk->cancel && *walk->cancel;
}
