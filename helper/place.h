/* SPDX-License-Identifier: MIT */
/* Where a directory of the state is, and where its clone is made: the original, its parent, and a
 * place of ours on the same mount, all as descriptors that were reached without following a single
 * link. */
#pragma once

#include "store.h"

#include <sys/stat.h>

typedef struct Place {
    const char *directory; /* as declared; borrowed */
    char *name;            /* its last component */
    int parent_fd;         /* of the directory */
    int fd;                /* the directory itself; -1: it does not exist */
    char *base;  /* STORE, or MOUNT/.migrate/NAME: where clones and backups of this mount live */
    int base_fd; /* -1 until place_prepare() */
    char *transaction; /* BASE/backups/ID, which holds the clone, and after the swap the original */
    int transaction_fd; /* -1 until place_prepare() */
    char *entry;        /* name of the clone, later the original, below transaction */
} Place;

#define PLACE_NONE                                                                                 \
    {                                                                                              \
        .parent_fd = -1, .fd = -1, .base_fd = -1, .transaction_fd = -1                             \
    }

enum {
    PLACE_FOUND = 0,
    PLACE_REFUSED = 1, /* reterr_what says why the directory cannot be taken care of */
};

/* Finds a directory. Every ancestor must be root's and writable by nobody else, no component a
 * symbolic link, the directory no mount point, its file system one whose directories can be
 * exchanged. PLACE_FOUND (also where the directory itself does not exist: fd is -1), PLACE_REFUSED,
 * or a negative errno. */
int place_find(const char *directory, const char *store_path, const char *name, Place *ret,
               char **reterr_what) _must_check_;

/* Makes the place for transaction ID and probes that an exchange works between it and the parent.
 * With create false only opens what is there: -ENOENT where it is not. */
int place_prepare(Place *place, const char *id, bool create, char **reterr_what) _must_check_;

/* Removes the place of transaction ID with all that is in it. Repeatable. */
int place_discard(Place *place, const char *id) _must_check_;

void place_close(Place *place);

/* After an exchange: makes it durable. 0 or a negative errno. */
int place_sync(const Place *place) _must_check_;

/* "'PATH' is missing: is a disk not mounted?"; returns -ENOENT. */
int place_missing(const char *path, char **reterr_what) _must_check_;

/* Of a record that was read back: is this one name, is that a base of this store's? NULL is
 * neither. */
bool place_name_is_valid(const char *name);
bool place_base_is_valid(const char *base, const Store *store);

/* Removes what a probe that was cut off may have left beside the directory. */
int place_clean_probe(const Place *place, const char *id) _must_check_;
