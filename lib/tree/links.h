/* SPDX-License-Identifier: MIT */
/* The table of files that have more than one name. Private to lib/tree. */
#pragma once

#include "tree/walk.h"

/* A file, in the table until all its names were seen. An immutable or append-only file stays
 * longer, because its copy gets these flags last. */
typedef struct Link {
    struct Link *next;
    uint64_t ino, target_ino; /* inode numbers of the original and of the copy */
    Dir *dir;                 /* directory of the first name; a reference */
    uint32_t device_major, device_minor;
    uint32_t missing; /* number of names not seen yet; some may be outside the tree */
    uint32_t seal;    /* flags to set last: STATX_ATTR_APPEND, STATX_ATTR_IMMUTABLE */
    char name[];
} Link;

typedef struct Links {
    Link **buckets;
    size_t n_buckets, n_links;
} Links;

Link *links_find(const Links *links, const struct statx *st);
int links_add(Links *links, Dir *dir, const char *name, const struct statx *st,
              uint64_t target_ino) _must_check_;
/* Counts one more name of the file. May free link. */
void links_count(Links *links, Link *link);
/* Removes any Link from the table, for link_free(); NULL if the table is empty. */
Link *links_take(Links *links);
void link_free(Link *link);
static inline void cleanup_link(Link **link)
{
    if (*link)
        link_free(*link);
}
void links_free(Links *links);
