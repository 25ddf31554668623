/* SPDX-License-Identifier: MIT */
/* Watches the file systems that a script writes to, so that a failure can say which of them was
 * full, and a rehearsal leaves space to the services that run. */
#pragma once

#include "basic/util.h"

typedef struct Disk {
    int fd;                                /* borrowed */
    const char *path;                      /* for messages; borrowed */
    uint64_t before, least, last, reserve; /* available bytes: at the beginning, at the lowest, now;
                                            * what a rehearsal leaves */
    bool no_inodes;
} Disk;

typedef struct Disks {
    Disk *items;
    size_t n_items;
    bool reserved;   /* root may write to the blocks that are reserved for root */
    const Disk *low; /* the first that fell below its reserve; or NULL */
} Disks;

void disks_free(Disks *disks);
/* Watches the file system of fd, unless it is watched already. Returns 0 or a negative errno. */
int disks_add(Disks *disks, int fd, const char *path) _must_check_;
/* Measures all. Returns true if one has less than its reserve, and sets disks->low. */
bool disks_look(Disks *disks);
/* Describes the file system that was full; said (may be NULL) is the last line of the script.
 * Returns a clause such as " while the file system of …", "" if none was full, or NULL: out of
 * memory. The caller owns the string. */
char *disks_describe_full(const Disks *disks, const char *said) _must_check_;
/* Describes disks->low. The caller owns the string; NULL: out of memory. */
char *disks_describe_low(const Disks *disks) _must_check_;
/* Returns how much more was used at the peak than now: the most of all file systems. */
uint64_t disks_temporary(const Disks *disks);
