/* SPDX-License-Identifier: MIT */
/* What the files that find and make places share. Only they include this. */
#pragma once

#include "place/place.h"

/* The mount and the device (a btrfs subvolume has its own): rename(2) works between directories
 * that have both in common. */
typedef struct Location {
    uint64_t mount;
    dev_t device;
} Location;

static inline bool location_equal(const Location *a, const Location *b)
{
    return a->mount == b->mount && a->device == b->device;
}

/* ret_st may be NULL. 0 or a negative errno. */
int location_get(int fd, Location *ret, struct stat *ret_st) _must_check_;

/* Can others than root rename things in it? The group's bits are an ACL's mask where there is one.
 */
static inline bool others_can_write(const struct stat *st)
{
    return st->st_uid != 0 || (st->st_mode & (S_IWOTH | S_IWGRP));
}

/* Takes the text over; NULL means that memory is short. PLACE_REFUSED or -ENOMEM. */
int place_refuse(char **reterr_what, char *what);

/* Beside root, user may own what leads to a path, and owner the file at its end. */
typedef struct Guard {
    uid_t user, owner;
    bool content; /* the file counts, too */
} Guard;

/* The path with all symbolic links replaced by their targets, as far as it exists. Without a guard
 * a link is only followed where nobody but root could make it lead elsewhere. With one, nobody but
 * root and its user could make the path lead elsewhere, with or without links. PLACE_FOUND,
 * PLACE_REFUSED, or a negative errno. place/path.c. */
int place_resolve(const char *path, const Guard *guard, char **ret,
                  char **reterr_what) _must_check_;

/* Is there a directory at path below fd, which is relative? It is not opened itself: somebody's
 * dead server may be mounted there. 1, 0 (nothing, or something else), or a negative errno.
 * place/check.c. */
int place_look_below(int fd, const char *path) _must_check_;
