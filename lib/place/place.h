/* SPDX-License-Identifier: MIT */
/* Where a directory of the state is, and where its clone is made: the original, its parent, and a
 * place of ours on the same mount, all as descriptors that were reached without following a single
 * link of anybody but root. */
#pragma once

#include "store/record-transaction.h"

#include <sys/stat.h>

/* Where the clones of a rehearsal are in a base; at most one rehearses at a time. */
#define REHEARSAL_DIRECTORY ".rehearsal"

typedef struct Place {
    const char *directory; /* as declared; borrowed */
    char *path;            /* the same without symbolic links */
    char *name;            /* its last component */
    int parent_fd;         /* of the directory */
    int fd;                /* the directory itself; -1: it does not exist */
    const char *remote; /* what kind of file system that may hang it lies on; NULL: none; static */
    PlaceMethod method;
    char **exclude; /* relative to the directory: stays where it is, unread; what is declared, and
                       with PLACE_ENTRIES what is no part of the state */
    size_t n_declared; /* of these, the first come from the declaration */
    char *cover;       /* an ancestor through which scripts' users cannot go; or NULL */
    char *base; /* STORE, or MOUNT/.migrate/NAME: where clones and backups of this mount live */
    bool base_is_inside; /* that is in the directory */
    int base_fd;         /* -1 until place_prepare() */
    char *transaction; /* BASE/backups/ID, which holds the clone, and after the swap the original */
    int transaction_fd; /* -1 until place_prepare() */
    char *entry;        /* name of the original below transaction, once it is the backup */
    char *clone; /* name of the clone there; NULL until place_prepare(). With PLACE_EXCHANGE the
                    same */
} Place;

#define PLACE_NONE                                                                                 \
    {                                                                                              \
        .parent_fd = -1, .fd = -1, .method = PLACE_EXCHANGE, .base_fd = -1, .transaction_fd = -1   \
    }

typedef enum PlaceOutcome {
    PLACE_FOUND = 0,
    PLACE_REFUSED = 1, /* reterr_what says why the directory cannot be taken care of */
} PlaceOutcome;

/* Finds a directory. Every ancestor must be root's and writable by nobody else; a symbolic link is
 * followed where that is true of all that leads to it. PLACE_FOUND (also where the directory itself
 * does not exist: fd is -1), PLACE_REFUSED, or a negative errno. place/find.c. */
int place_find(const char *directory, const char *store_path, const char *name, Place *ret,
               char **reterr_what) _must_check_;
/* The same, and what of it Exclude= says. excludes are absolute paths as declared, of which those
 * below the directory count; NULL for none. */
int place_find_without(const char *directory, const Items *excludes, const char *store_path,
                       const char *name, Place *ret, char **reterr_what) _must_check_;
/* The same of a directory of a declaration, which must be on a file system that PID 1 can look at
 * unless the stamp is in the store. */
int place_find_declared(const Declaration *declaration, const char *directory,
                        const char *store_path, Place *ret, char **reterr_what) _must_check_;
/* The same of a place that was written down when a transaction began: what it was then, it still
 * must be. -EBADMSG: the record cannot be believed. *ret borrows its directory. */
int place_find_again(const DirectoryRecord *record, const Store *store, Place *ret,
                     char **reterr_what) _must_check_;
/* Fills in the records of places, for a transaction that begins. What is in *record is the caller's
 * also on failure. 0 or -ENOMEM. */
int places_record(const Place *places, size_t n_places, TransactionRecord *record) _must_check_;

/* Makes the place for transaction ID and probes whether an exchange works between it and the
 * parent; where it does not, the method becomes PLACE_ENTRIES. With create false only opens what is
 * there: -ENOENT where it is not. 0 or a negative errno. place/base.c. */
int place_prepare(Place *place, const char *id, bool create, char **reterr_what) _must_check_;
/* The same for a transaction that was begun, unless its directories are open. */
int place_prepare_again(Place *place, const char *id) _must_check_;

/* The same for a rehearsal: BASE/REHEARSAL_DIRECTORY is the place, and nothing is tried out, as
 * nothing is going to be swapped. */
int place_prepare_rehearsal(Place *place, char **reterr_what) _must_check_;

/* Removes the place of transaction ID with all that is in it. Repeatable. place/base.c. */
int place_discard(Place *place, const char *id) _must_check_;

void place_close(Place *place);

/* After a swap: makes it durable. 0 or a negative errno. */
int place_sync(const Place *place) _must_check_;

/* Opens the clone, or a negative errno. */
int place_open_clone(const Place *place) _must_check_;

/* Where scripts ran on the original, so that the clone is what is kept: gives it the backup's name.
 * Repeatable, and without effect after a swap. 0 or a negative errno. */
int place_keep_clone(const Place *place) _must_check_;

/* The paths that are excluded, as they are in the file system: is path, which is without symbolic
 * links, one of them or below? */
bool place_excludes(const Place *place, const char *path);

/* Right before a swap. Has somebody mounted something in the directory? Is what stands in the clone
 * for an excluded directory still what was put there? PLACE_FOUND, PLACE_REFUSED, or a negative
 * errno. place/check.c. */
int place_check_mounts(const Place *place, char **reterr_what) _must_check_;
int place_check_clone(const Place *place, char **reterr_what) _must_check_;
/* The same of a backup, which fd is, that is to take the directory's place. */
int place_check_backup(const Place *place, int fd, char **reterr_what) _must_check_;

/* "'PATH' is missing: is a disk not mounted?"; returns -ENOENT. */
int place_missing(const char *path, char **reterr_what) _must_check_;

/* Of a record that was read back: is this one name, is that a base of this store's? NULL is
 * neither. */
bool place_name_is_valid(const char *name);
/* Is it a path as declarations have them: absolute, without a part that is nothing or leads back?
 */
bool place_path_is_canonical(const char *path);
bool place_base_is_valid(const char *base, const Store *store);
/* Would these two be in each other's way below one transaction? */
bool place_entries_collide(const Place *a, const Place *b);

/* Makes the place's directory, durably, in a parent that is root's alone: root's 0755, or 0700 of
 * another owner. A crash before the owner is set leaves a directory of root's. 0 or a negative
 * errno. */
int place_make_directory(const Place *place, uid_t uid, gid_t gid) _must_check_;
