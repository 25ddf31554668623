/* SPDX-License-Identifier: MIT */
/* A walk over a tree that somebody may be changing: iterative, with a bounded number of descriptors
 * whatever the depth, and never outside the tree. Private to lib/tree.
 *
 * A directory is listed once, by one buffer: what is not a directory is handed on at once, only the
 * names of subdirectories are remembered. So a directory of a million files costs no memory, and no
 * directory is being read while another one is. */
#pragma once

#include "basic/util.h"

#include <signal.h>
#include <stdatomic.h>
#include <sys/stat.h>

/* Directories of the path to where the walk is that stay open; those above are parked, that is
 * closed, and found again through the ".." of their child, which must be the same inode. */
#define WALK_OPEN_LEVELS 48

/* Of WalkOps.before(). */
typedef enum WalkBefore {
    WALK_ENTER = 0,
    WALK_SKIP = 1,
} WalkBefore;

typedef struct Dir Dir;
typedef struct Walk Walk;

/* A directory of the tree. It lives as long as somebody holds a reference: the walk while it is in
 * or below it, children, and whoever else called dir_ref(). */
struct Dir {
    Dir *parent; /* NULL for the root of the tree; a reference */
    char *name;  /* below parent; "" for the root */
    atomic_uint references;
    unsigned depth;
    int fd;          /* -1 while parked */
    struct statx st; /* as seen before it was listed */
    bool subvolume;  /* the root of a btrfs subvolume within the tree... */
    bool read_only;  /* ...which cannot be written to */
    bool snapshot;   /* in one that is not cloned entry by entry; see tree/clone.c */

    char *subdirs; /* the names of what is still to be entered, each with its NUL */
    size_t subdirs_size, subdirs_allocated, subdirs_at;

    /* For the clone alone, see tree/clone.c. */
    int target_fd;
    uint64_t target_ino;
    unsigned pending; /* entries queued and subdirectories not yet complete */
    unsigned jobs;    /* of these, the entries */
    bool left;        /* the walk will not come back */
};

/* Any result but 0 ends the walk, which then returns it. */
typedef struct WalkOps {
    /* Before a directory is opened: a WalkBefore, or a negative errno. */
    int (*before)(Walk *walk, Dir *parent, const char *name, const struct statx *st);
    /* A directory was opened, and not listed yet. */
    int (*enter)(Walk *walk, Dir *dir);
    /* The root of an excluded subtree: a directory, which is not opened. */
    int (*excluded)(Walk *walk, Dir *dir, const char *name, const struct statx *st);
    /* Something that is no directory. st is NULL if the walk is not to look. */
    int (*entry)(Walk *walk, Dir *dir, const char *name, const struct statx *st);
    /* All below dir has been handed out; its parent is not parked. */
    int (*leave)(Walk *walk, Dir *dir);
    /* Before dir->fd is closed, and after it was opened again while child is still open. */
    int (*park)(Walk *walk, Dir *dir);
    int (*unpark)(Walk *walk, Dir *dir, Dir *child);
} WalkOps;

struct Walk {
    const WalkOps *ops;
    const volatile sig_atomic_t *cancel; /* may be NULL */
    char *const *exclude;                /* see CloneOptions; may be NULL */
    void *userdata;
    bool live;     /* what vanishes under the walk is left out, what changes is no error */
    bool removing; /* enter subvolumes, look at directories only, accept that directories change */

    uint64_t fingerprint;
    bool root_may_move; /* the root's times and size are no part of that */
    const char *stamps; /* nor, in the root, empty files and links whose names begin so; or NULL */
    char *what;         /* "'a/b' is a mount point": what the result is about; owned */
    char buffer[65536];
};

/* NULL when memory is short. All but ops may be NULL, and is borrowed. */
Walk *walk_new(const WalkOps *ops, const volatile sig_atomic_t *cancel, char *const *exclude,
               void *userdata) _must_check_;
void walk_free(Walk *walk);
static inline void cleanup_walk(Walk **walk)
{
    walk_free(*walk);
}
#define _cleanup_walk_ _cleanup_(cleanup_walk)

/* Walks the directory dir_fd. 0, CLONE_REFUSED, what an operation
 * returned, or a negative errno: -EINVAL for walk->exclude, -ECANCELED, -ESTALE if the tree changed
 * under the walk, -EBUSY for a mount point when removing. */
int walk_run(Walk *walk, int dir_fd) _must_check_;

/* NULL when memory is short. */
Dir *dir_new(Dir *parent, const char *name) _must_check_;
Dir *dir_ref(Dir *dir);
void dir_unref(Dir *dir);
/* The names of subdirectories, in the order in which they came. */
int dir_remember(Dir *dir, const char *name) _must_check_;
const char *dir_next(Dir *dir);

/* Says in walk->what (unless something is there already) that an entry has the problem. */
void walk_blame(Walk *walk, const Dir *dir, const char *name, const char *problem);
/* "'a/b' problem"; bytes that would garble a terminal or a log are written as \xNN. NULL when
 * memory is short. name may be NULL: the directory itself. */
char *dir_describe(const Dir *dir, const char *name, const char *problem) _must_check_;

/* Opens the directory with O_PATH, below root_fd in place of the tree's root. The names of a tree
 * that is not ours must not lead through symbolic links: then hostile is true. */
int dir_open_beneath(const Dir *dir, int root_fd, bool hostile) _must_check_;

/* -EINVAL unless these are relative paths of proper components, see CloneOptions. */
int exclude_check(char *const *exclude) _must_check_;
bool exclude_matches(const Walk *walk, const Dir *dir, const char *name);
/* Whether something below dir is excluded. */
bool exclude_below(const Walk *walk, const Dir *dir);
/* What is at the root of an excluded subtree: where something is mounted there, what is below it if
 * that can be seen, otherwise what is seen. */
int exclude_look(const Dir *dir, const char *name, struct statx *ret,
                 bool *ret_mounted) _must_check_;
/* Makes the empty directory that stands in a clone for an excluded one, which st is of. */
int exclude_stand_in(int parent_fd, const char *name, const struct statx *st) _must_check_;
uint64_t exclude_hash(const Dir *dir, const char *name, const struct statx *st, bool mounted);

static inline bool walk_cancelled(const Walk *walk)
{
    return walk->cancel && *walk->cancel;
}
