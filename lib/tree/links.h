/* SPDX-License-Identifier: MIT */
/* A table of the files that have more than one name. Private to lib/tree. */
#pragma once

#include "tree/walk.h"

typedef struct Link {
    struct Link *next;
    uint64_t ino, target_ino; /* of the original and of the copy */
    Dir *dir;                 /* a reference; the first name is in there */
    uint32_t device_major, device_minor;
    uint32_t missing; /* names not seen yet; some may lie outside the tree */
    uint32_t seal;    /* STATX_ATTR_APPEND, STATX_ATTR_IMMUTABLE */
    char name[];
} Link;

/* One Link for each such file: about 70 bytes and the name. It is dropped when all names were seen,
 * unless the file has flags that forbid further names: the copy gets these flags last. */
typedef struct Links {
    Link **buckets;
    size_t n_buckets, n_links;
} Links;

Link *links_find(const Links *links, const struct statx *st);
int links_add(Links *links, Dir *dir, const char *name, const struct statx *st,
              uint64_t target_ino) _must_check_;
/* Counts one more name. May free link. */
void links_count(Links *links, Link *link);
/* Takes any Link out, for link_free(); NULL if there is none. */
Link *links_take(Links *links);
void link_free(Link *link);
static inline void cleanup_link(Link **link)
{
    if (*link)
        link_free(*link);
}
void links_free(Links *links);
