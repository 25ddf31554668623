/* SPDX-License-Identifier: MIT */
/* A walk over a tree that another process may be changing. It never leaves the tree, does not
 * recurse, and has a limited number of descriptors open at any depth.
 *
 * A directory is read once, through one buffer. Entries that are not directories are handed on at
 * once, and the names of subdirectories are remembered. So a directory of a million files needs no
 * memory, and only one directory is being read at a time. */
#pragma once

#include "basic/util.h"

#include <signal.h>
#include <stdatomic.h>
#include <sys/stat.h>

/* How many directories on the path to the current one stay open. Those above are parked: closed,
 * and opened again through the ".." of their child, which must be the same inode. */
#define WALK_OPEN_LEVELS 48

/* What WalkOps.before() returns. */
typedef enum WalkBefore {
    WALK_ENTER = 0,
    WALK_SKIP = 1,
} WalkBefore;

typedef struct Dir Dir;
typedef struct Walk Walk;

/* A directory of the tree. References are held by the walk while it is there or below, by children,
 * and by everyone who called dir_ref(). */
struct Dir {
    Dir *parent; /* NULL for the root of the tree; a reference */
    char *name;  /* below parent; "" for the root */
    atomic_uint references;
    unsigned depth;
    int fd;          /* -1 while parked */
    struct statx st; /* as seen before it was listed */
    bool subvolume;  /* the root of a btrfs subvolume within the tree */
    bool read_only;  /* this subvolume is read-only */
    bool snapshot;   /* the clone gets it with a snapshot, see tree/clone-entries.c */

    char *subdirs; /* names of subdirectories to enter, each with its NUL */
    size_t subdirs_size, subdirs_allocated, subdirs_at;

    /* Of the clone only, see tree/clone-entries.c. */
    int target_fd;
    uint64_t target_ino;
    unsigned pending; /* queued entries, and subdirectories that are not complete */
    unsigned jobs;    /* queued entries */
    bool left;        /* the walk will not come back */
};

/* Each may be NULL. A result other than 0 ends the walk, which returns it. */
typedef struct WalkOps {
    /* Before a directory is opened: a WalkBefore, or a negative errno. */
    int (*before)(Walk *walk, Dir *parent, const char *name, const struct statx *st);
    /* A directory was opened. It will be read next. */
    int (*enter)(Walk *walk, Dir *dir);
    /* The root of an excluded subtree: a directory, which is not opened. */
    int (*excluded)(Walk *walk, Dir *dir, const char *name, const struct statx *st);
    /* An entry that is not a directory. st may be NULL if the walk is removing. */
    int (*entry)(Walk *walk, Dir *dir, const char *name, const struct statx *st);
    /* Everything below dir was handed on. Its parent is open. */
    int (*leave)(Walk *walk, Dir *dir);
    /* Before dir->fd is closed, and after it was opened again. child is still open. */
    int (*park)(Walk *walk, Dir *dir);
    int (*unpark)(Walk *walk, Dir *dir, Dir *child);
} WalkOps;

struct Walk {
    const WalkOps *ops;
    const volatile sig_atomic_t *cancel; /* may be NULL */
    char *const *exclude;                /* see CloneOptions; may be NULL */
    void *userdata;
    bool live;     /* leave out what vanishes; a change is not an error */
    bool removing; /* enter subvolumes, look at directories only; a change is not an error */

    uint64_t fingerprint;
    bool root_may_move; /* the fingerprint is without the root's times and size */
    const char *stamps; /* and without empty files and links in the root whose names begin so */
    char *what;         /* "'a/b' is a mount point": explains the result; owned */
    char buffer[65536];
};

/* Arguments are borrowed; all but ops may be NULL. NULL if memory is short. */
Walk *walk_new(const WalkOps *ops, const volatile sig_atomic_t *cancel, char *const *exclude,
               void *userdata) _must_check_;
void walk_free(Walk *walk);
static inline void cleanup_walk(Walk **walk)
{
    walk_free(*walk);
}
#define _cleanup_walk_ _cleanup_(cleanup_walk)

/* Walks the directory dir_fd. 0, CLONE_REFUSED, the result of an operation, or a negative errno:
 * -EINVAL for walk->exclude, -ECANCELED, -ESTALE if the tree changed under the walk, -EBUSY for a
 * mount point when removing. */
int walk_run(Walk *walk, int dir_fd) _must_check_;

/* NULL if memory is short. */
Dir *dir_new(Dir *parent, const char *name) _must_check_;
Dir *dir_ref(Dir *dir);
void dir_unref(Dir *dir);
/* Remembers the name of a subdirectory; returns and forgets the first one. */
int dir_remember(Dir *dir, const char *name) _must_check_;
const char *dir_next(Dir *dir);

/* Sets walk->what, unless it is set, to dir_describe(). */
void walk_blame(Walk *walk, const Dir *dir, const char *name, const char *problem);
/* "'a/b' problem", where bytes that would garble a terminal or a log are written as \xNN. name may
 * be NULL: the directory itself. NULL if memory is short. */
char *dir_describe(const Dir *dir, const char *name, const char *problem) _must_check_;

/* Opens the directory of the same path below root_fd, with O_PATH. hostile: other users can change
 * this tree, so follow no symbolic links. */
int dir_open_beneath(const Dir *dir, int root_fd, bool hostile) _must_check_;

/* -EINVAL unless all paths are valid, see CloneOptions. */
int exclude_check(char *const *exclude) _must_check_;
bool exclude_matches(const Walk *walk, const Dir *dir, const char *name);
/* Is something below dir excluded? */
bool exclude_below(const Walk *walk, const Dir *dir);
/* Looks at the root of an excluded subtree without opening it; below a mount on it, if possible. */
int exclude_look(const Dir *dir, const char *name, struct statx *ret,
                 bool *ret_mounted) _must_check_;
/* Makes the empty directory that replaces an excluded one in a clone. st is of the original. */
int exclude_stand_in(int parent_fd, const char *name, const struct statx *st) _must_check_;
uint64_t exclude_hash(const Dir *dir, const char *name, const struct statx *st, bool mounted);

static inline bool walk_cancelled(const Walk *walk)
{
    return walk->cancel && *walk->cancel;
}
