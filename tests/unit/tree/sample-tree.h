/* SPDX-License-Identifier: MIT */
/* For the tests of clones: file systems, trees to clone, and a dump of a tree that shares no code
 * with the clone. */
#pragma once

#include "tree/tree.h"

/* An empty directory on some file system. */
typedef struct Ground {
    const char *kind; /* "ext4", or "here": the file system of TMPDIR */
    const char *path;
    int fd;
    bool reflinks; /* a clone copies nothing */
} Ground;

/* Makes a ground, from an image of this size unless kind is "here". NULL, and *ret_why, if the
 * system cannot do that. Everything is removed when the process that called ground_begin() ends. */
const Ground *ground_make(const char *kind, unsigned megabytes, const char **ret_why);
void ground_begin(void);
void ground_end(void);

enum {
    DUMP_IDENTITY = 1 << 0, /* also attributes that a clone cannot have: inode numbers, ctimes */
};

/* A tree as text, one line for each entry, sorted by path: everything that a clone must have. */
char *tree_dump(int dir_fd, const char *name, unsigned flags);
/* Whether two dumps are the same; prints the first lines that differ. */
bool dump_same(const char *a, const char *b);
size_t dump_lines(const char *dump);

/* A tree with one of everything. As root with all that only root can make. Returns its descriptor.
 */
int tree_make(const Ground *ground, const char *name);

/* The following functions end the program if they fail. */
int make_dir(int dir_fd, const char *name, mode_t mode);
void make_file(int dir_fd, const char *name, const char *content);
void make_large_file(int dir_fd, const char *name, size_t size);
void make_acl(int fd, const char *kind);
bool exists(int dir_fd, const char *name);
void must(bool condition, const char *what);
#define MUST(condition) must(condition, #condition)

/* clone_tree() of fd without limits. */
int clone_simply(int fd, int parent_fd, const char *name, CloneResult *ret);
