/* SPDX-License-Identifier: MIT */
/* Copies one entry of a tree: its content and its attributes. Private to lib/tree. */
#pragma once

#include "tree/tree.h"

#include <stdatomic.h>
#include <sys/stat.h>

/* Data that all threads of one clone share. */
typedef struct Copy {
    const volatile sig_atomic_t *cancel;
    atomic_bool stop; /* a thread has failed; stop soon */
    uint64_t limit;
    bool live;                                 /* see CloneOptions */
    atomic_uint_fast64_t bytes, copied, files; /* see CloneProgress */
    /* Set after the first attempt fails for lack of support. */
    atomic_bool no_reflink, no_kernel_copy, no_projects;
    atomic_bool projects_inherited; /* new files may inherit the project of their directory */
} Copy;

/* Data of one thread. */
typedef struct Scratch {
    Copy *copy;
    const char *problem; /* describes the operation that failed; NULL: errno says enough */
    char list[65536], value[65536]; /* sizes: XATTR_LIST_MAX, XATTR_SIZE_MAX */
    char buffer[262144];
} Scratch;

typedef enum CopyFlags {
    COPY_EXISTS = 1 << 0,   /* the target exists already and is empty */
    COPY_UNSEALED = 1 << 1, /* leave out the immutable and append-only flags */
} CopyFlags;

/* Copy one entry. seen is the result of the walk's statx(2). Return 0, CLONE_OVER_LIMIT, or a
 * negative errno: -ESTALE if the entry differs from seen or changes during the copy. With
 * copy->live, skips an entry that has vanished or changed its type, and returns 0. */
int copy_file(Scratch *scratch, int source_dir, int target_dir, const char *name,
              const struct statx *seen, CopyFlags flags) _must_check_;
int copy_special(Scratch *scratch, int source_dir, int target_dir, const char *name,
                 const struct statx *seen) _must_check_;

/* Copies the owner, extended attributes (except mark, may be NULL), mode, inode flags (inode, see
 * inode_flags()) and times, in the only order in which no step undoes another. */
int copy_attributes(Scratch *scratch, int source, int target, const struct statx *st,
                    unsigned inode, const char *mark, CopyFlags flags) _must_check_;
/* Copies the attributes of an inode that is open with O_PATH to the entry name of target_dir. */
int copy_special_attributes(Scratch *scratch, int source, int target, int target_dir,
                            const char *name, const struct statx *st) _must_check_;
/* Give a new directory or file the quota project of source and the flags that only an empty inode
 * can get. root: also removes inherited ACLs. */
int prepare_directory(Scratch *scratch, int source, int target, bool root) _must_check_;
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
