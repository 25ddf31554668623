/* SPDX-License-Identifier: MIT */
/* Declarations that the files of lib/place share. No other room includes this file. */
#pragma once

#include "place/place.h"

/* The mount and the device of a directory. rename(2) works between directories with the same mount
 * and device (each btrfs subvolume has a device of its own). */
typedef struct Location {
    uint64_t mount;
    dev_t device;
} Location;

static inline bool location_equal(const Location *a, const Location *b)
{
    return a->mount == b->mount && a->device == b->device;
}

/* Finds the location of fd. ret_st may be NULL. Returns 0 or a negative errno. */
int location_get(int fd, Location *ret, struct stat *ret_st) _must_check_;

/* Can users other than root rename entries of this directory? If it has an ACL, the group's bits
 * are the ACL's mask. */
static inline bool others_can_write(const struct stat *st)
{
    return st->st_uid != 0 || (st->st_mode & (S_IWOTH | S_IWGRP));
}

/* The users, besides root, that a path may depend on: user may own the directories and links of the
 * path, owner the file at its end. */
typedef struct Guard {
    uid_t user, owner;
    bool content; /* also check who can write to the file */
} Guard;

/* Replaces all symbolic links of a path by their targets, as far as the path exists. Without a
 * guard, a link is refused if users other than root could change where it leads. With a guard, any
 * component is refused if users other than root and the guard's user could exchange it.
 *
 * Returns PLACE_FOUND, PLACE_REFUSED, or a negative errno. place/path.c. */
int place_resolve(const char *path, const Guard *guard, char **ret,
                  char **reterr_what) _must_check_;

/* Is there a directory at the relative path below fd? Does not open it, because a file system whose
 * server hangs may be mounted on it. Returns 1, 0, or a negative errno. place/check.c. */
int place_look_below(int fd, const char *path) _must_check_;
