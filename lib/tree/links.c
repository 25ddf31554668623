/* SPDX-License-Identifier: MIT */
/* The table of files with several names. Only the walk's thread uses the table. */
#include "tree/links.h"

static size_t bucket_of(const Links *links, uint64_t ino)
{
    return (ino * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (links->n_buckets - 1);
}

Link *links_find(const Links *links, const struct statx *st)
{
    if (links->n_buckets == 0)
        return NULL;
    for (Link *link = links->buckets[bucket_of(links, st->stx_ino)]; link; link = link->next)
        if (link->ino == st->stx_ino && link->device_major == st->stx_dev_major &&
            link->device_minor == st->stx_dev_minor)
            return link;
    return NULL;
}

static int links_grow(Links *links)
{
    Links grown = *links;

    grown.n_buckets = MAX((size_t)64, links->n_buckets * 2);
    grown.buckets = calloc(grown.n_buckets, sizeof(Link *));
    if (!grown.buckets)
        return -ENOMEM;
    for (size_t i = 0; i < links->n_buckets; i++)
        for (Link *link = links->buckets[i], *next; link; link = next) {
            Link **bucket = &grown.buckets[bucket_of(&grown, link->ino)];

            next = link->next;
            link->next = *bucket;
            *bucket = link;
        }
    free(links->buckets);
    *links = grown;
    return 0;
}

void link_free(Link *link)
{
    dir_unref(link->dir);
    free(link);
}

int links_add(Links *links, Dir *dir, const char *name, const struct statx *st, uint64_t target_ino)
{
    Link *link, **bucket;
    int r;

    if (links->n_links >= links->n_buckets) {
        r = links_grow(links);
        if (r < 0)
            return r;
    }
    link = malloc(sizeof(Link) + strlen(name) + 1);
    if (!link)
        return -ENOMEM;
    bucket = &links->buckets[bucket_of(links, st->stx_ino)];
    *link = (Link){
        .next = *bucket,
        .ino = st->stx_ino,
        .target_ino = target_ino,
        .dir = dir_ref(dir),
        .device_major = st->stx_dev_major,
        .device_minor = st->stx_dev_minor,
        .missing = st->stx_nlink - 1,
        .seal = st->stx_attributes & (STATX_ATTR_APPEND | STATX_ATTR_IMMUTABLE),
    };
    strcpy(link->name, name);
    *bucket = link;
    links->n_links++;
    return 0;
}

void links_count(Links *links, Link *link)
{
    Link **at = &links->buckets[bucket_of(links, link->ino)];

    if (--link->missing > 0 || link->seal)
        return;
    while (*at != link)
        at = &(*at)->next;
    *at = link->next;
    links->n_links--;
    link_free(link);
}

Link *links_take(Links *links)
{
    while (links->n_buckets > 0) {
        Link **bucket = &links->buckets[links->n_buckets - 1], *link = *bucket;

        if (link) {
            *bucket = link->next;
            links->n_links--;
            return link;
        }
        links->n_buckets--;
    }
    return NULL;
}

void links_free(Links *links)
{
    for (Link *link; (link = links_take(links));)
        link_free(link);
    free(links->buckets);
    *links = (Links){};
}
