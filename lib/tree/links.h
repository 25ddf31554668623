/* SPDX-License-Identifier: MIT */
/* Where in the clone a file is that has further names. Private to lib/tree. */
#pragma once

#include "tree/walk.h"

typedef struct Link {
    struct Link *next;
    uint64_t ino, target_ino; /* of the original, and of the copy */
    Dir *dir;                 /* a reference */
    uint32_t device_major, device_minor;
    uint32_t missing; /* names not seen so far; some may lie outside the tree */
    uint32_t seal;    /* STATX_ATTR_APPEND, STATX_ATTR_IMMUTABLE */
    char name[];
} Link;

/* One Link for each file of more than one name, dropped when all of them have been seen; those with
 * flags that forbid a further name are kept, since they get these flags last. What a clone needs of
 * memory grows with nothing else: by some 70 bytes and the name for each such file. */
typedef struct Links {
    Link **buckets;
    size_t n_buckets, n_links;
} Links;

Link *links_find(const Links *links, const struct statx *st);
int links_add(Links *links, Dir *dir, const char *name, const struct statx *st,
              uint64_t target_ino) _must_check_;
/* Another name of it was made. */
void links_count(Links *links, Link *link);
/* Takes one out, NULL if there is none. */
Link *links_take(Links *links);
void link_free(Link *link);
static inline void cleanup_link(Link **link)
{
    if (*link)
        link_free(*link);
}
void links_free(Links *links);
