/* SPDX-License-Identifier: MIT */
/* One entry of a tree: its content and its attributes. Private to lib/tree. */
#pragma once

#include "tree/clone.h"

#include <stdatomic.h>
#include <sys/stat.h>

/* What all threads of one clone share. */
typedef struct Copy {
    const volatile sig_atomic_t *cancel;
    atomic_bool stop; /* somebody failed: give up soon */
    uint64_t limit;
    bool live;                                 /* CloneOptions */
    atomic_uint_fast64_t bytes, copied, files; /* see CloneProgress */
    /* Found out with the first file, for all others. */
    atomic_bool no_reflink, no_kernel_copy, no_projects;
    atomic_bool projects_inherited; /* new files may have a project that nobody gave them */
} Copy;

/* What each thread has for itself. */
typedef struct Scratch {
    Copy *copy;
    const char
        *problem; /* what could not be done, after a failure that errno alone does not tell */
    char list[65536], value[65536]; /* XATTR_LIST_MAX, XATTR_SIZE_MAX */
    char buffer[262144];
} Scratch;

typedef enum CopyFlags {
    COPY_EXISTS = 1 << 0,   /* the target was created already, empty */
    COPY_UNSEALED = 1 << 1, /* leave the immutable and append-only flags to seal_file() */
} CopyFlags;

/* Each returns 0, a negative errno (-ESTALE: the entry is not what was seen, or changed while it
 * was copied) or CLONE_OVER_LIMIT. seen is what the walk saw. Of what is in use (copy->live) only
 * the type has to be that; 0 also where it is gone, or another: then there is no target. */
int copy_file(Scratch *scratch, int source_dir, int target_dir, const char *name,
              const struct statx *seen, CopyFlags flags) _must_check_;
int copy_special(Scratch *scratch, int source_dir, int target_dir, const char *name,
                 const struct statx *seen) _must_check_;

/* Owner, extended attributes, mode, inode flags (those of source, see inode_flags()) and times, in
 * the one order in which none undoes another. The extended attribute mark (NULL for none) is left
 * out. */
int copy_attributes(Scratch *scratch, int source, int target, const struct statx *st,
                    unsigned inode, const char *mark, CopyFlags flags) _must_check_;
/* The same for what is open with O_PATH alone. name is target in target_dir. */
int copy_special_attributes(Scratch *scratch, int source, int target, int target_dir,
                            const char *name, const struct statx *st) _must_check_;
/* Makes a new directory ready for entries: nothing inherited that the original does not have, and
 * the flags that only something empty can get. */
int prepare_directory(Scratch *scratch, int source, int target, bool root) _must_check_;
/* Gives a new file source's project, and those of its flags that only something empty can get. */
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
