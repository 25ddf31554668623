/* SPDX-License-Identifier: MIT */
/* What the tests of the stage have in common: file systems to work on, trees to clone, and a view
 * of a tree that shares no code with what is tested. */
#pragma once

#include "tree/clone.h"
#include "tree/fingerprint.h"
#include "tree/remove.h"

/* An empty directory on some file system. */
typedef struct Ground {
    const char *kind; /* "ext4", or "here" for wherever TMPDIR is */
    const char *path;
    int fd;
    bool reflinks; /* copies nothing */
} Ground;

/* Makes a ground, mounting an image of so many MiB unless kind is "here". NULL with *ret_why where
 * that is not possible. All is gone when the process that called ground_begin() ends. */
const Ground *ground_make(const char *kind, unsigned megabytes, const char **ret_why);
void ground_begin(void);
void ground_end(void);

enum {
    DUMP_IDENTITY = 1 << 0, /* with what no clone shares: inode numbers, ctimes */
};

/* A tree as text, a line an entry, sorted by path: everything that a clone must have, too. */
char *tree_dump(int dir_fd, const char *name, unsigned flags);
/* Whether two dumps are the same; prints the first lines that differ. */
bool dump_same(const char *a, const char *b);
size_t dump_lines(const char *dump);

/* A tree with one of everything. As root with all that only root can make. Returns its descriptor.
 */
int tree_make(const Ground *ground, const char *name);

/* The rest ends the program when it fails: without its tree a test has nothing to say. */
int make_dir(int dir_fd, const char *name, mode_t mode);
void make_file(int dir_fd, const char *name, const char *content);
void make_large_file(int dir_fd, const char *name, size_t size);
void make_acl(int fd, const char *kind);
bool exists(int dir_fd, const char *name);
void must(bool condition, const char *what);
#define MUST(condition) must(condition, #condition)

/* clone_tree() with no limits, on what is open as fd. */
int clone_simply(int fd, int parent_fd, const char *name, CloneResult *ret);
