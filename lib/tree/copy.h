/* SPDX-License-Identifier: MIT */
/* Copying one entry of a tree: its content and its attributes. Private to lib/tree. */
#pragma once

#include "tree/clone.h"

#include <stdatomic.h>
#include <sys/stat.h>

/* Shared by all threads of one clone. */
typedef struct Copy {
    const volatile sig_atomic_t *cancel;
    atomic_bool stop; /* a thread has failed: give up soon */
    uint64_t limit;
    bool live;                                 /* see CloneOptions */
    atomic_uint_fast64_t bytes, copied, files; /* see CloneProgress */
    /* Found out with the first file. */
    atomic_bool no_reflink, no_kernel_copy, no_projects;
    atomic_bool projects_inherited; /* new files may get the project of their directory */
} Copy;

/* Of one thread. */
typedef struct Scratch {
    Copy *copy;
    const char *problem; /* after a failure: what could not be done; NULL if errno says enough */
    char list[65536], value[65536]; /* XATTR_LIST_MAX, XATTR_SIZE_MAX */
    char buffer[262144];
} Scratch;

typedef enum CopyFlags {
    COPY_EXISTS = 1 << 0,   /* the target was created already, empty */
    COPY_UNSEALED = 1 << 1, /* seal_file() will set the immutable and append-only flags */
} CopyFlags;

/* Copy one entry. seen is what the walk saw. 0, CLONE_OVER_LIMIT, or a negative errno: -ESTALE if
 * the entry differs from seen or changes meanwhile. If the state is in use (copy->live), only the
 * type must be the same; an entry that is gone or has another type is 0, and is not copied. */
int copy_file(Scratch *scratch, int source_dir, int target_dir, const char *name,
              const struct statx *seen, CopyFlags flags) _must_check_;
int copy_special(Scratch *scratch, int source_dir, int target_dir, const char *name,
                 const struct statx *seen) _must_check_;

/* Copies owner, extended attributes (except mark, unless it is NULL), mode, inode flags (inode: of
 * source, see inode_flags()) and times, in the one order in which none undoes another. */
int copy_attributes(Scratch *scratch, int source, int target, const struct statx *st,
                    unsigned inode, const char *mark, CopyFlags flags) _must_check_;
/* The same for an inode that is open with O_PATH. target is the entry name of target_dir. */
int copy_special_attributes(Scratch *scratch, int source, int target, int target_dir,
                            const char *name, const struct statx *st) _must_check_;
/* Prepares a new directory for entries: removes what it has inherited and the original has not, and
 * sets the flags that only an empty directory can get. */
int prepare_directory(Scratch *scratch, int source, int target, bool root) _must_check_;
/* Gives a new file the project of source, and the flags that only an empty file can get. */
int prepare_file(Scratch *scratch, int source, int target, unsigned flags) _must_check_;
static inline CloneProgress copy_progress(Copy *copy)
{
    return (CloneProgress){
        .bytes = atomic_load(&copy->bytes),
        .copied = atomic_load(&copy->copied),
        .files = atomic_load(&copy->files),
    };
}
static inline bool copy_stopped(Copy *copy)
{
    return atomic_load(&copy->stop) || (copy->cancel && *copy->cancel);
}
