/* SPDX-License-Identifier: MIT */
/* Finds the directories of a state, and makes the directories for their clones. The paths to the
 * directories contain no symbolic link that a user other than root controls. */
#pragma once

#include "store/record-transaction.h"

#include <sys/stat.h>

/* The directory below a base that holds the clones of a rehearsal. Only one rehearsal of a service
 * runs at a time. */
#define REHEARSAL_DIRECTORY ".rehearsal"

/* Says whether something is mounted where a missing base would lie. If so, the base was removed, or
 * never existed. */
bool place_base_is_mounted(const char *base);

typedef struct Place {
    const char *directory; /* as declared; borrowed */
    char *path;            /* the directory without symbolic links */
    char *name;            /* last component of path */
    int parent_fd;         /* the parent of the directory */
    int fd;                /* the directory itself; -1: it does not exist */
    const char *remote;    /* the kind of a file system that may hang; static; NULL: it is local */
    PlaceMethod method;
    char **exclude;    /* relative paths that stay where they are and are not read: Exclude=, and
                        * with PLACE_ENTRIES names that are not part of the state */
    size_t n_declared; /* the first n_declared paths of exclude come from the declaration */
    char *cover;       /* an ancestor that the users of scripts cannot enter; may be NULL */
    char *base; /* STORE, or MOUNT/.migrate/NAME: has the clones and backups of this mount */
    bool base_is_inside; /* the base is inside the directory */
    int base_fd;         /* -1 until place_prepare() */
    char *transaction;   /* BASE/backups/ID: holds the clone, and after the swap the original */
    int transaction_fd;  /* -1 until place_prepare() */
    char *entry; /* name of the original below transaction, after it has become the backup */
    char *clone; /* name of the clone below transaction; NULL until place_prepare(); equal to
                  * entry with PLACE_EXCHANGE */
} Place;

#define PLACE_NONE                                                                                 \
    {                                                                                              \
        .parent_fd = -1, .fd = -1, .method = PLACE_EXCHANGE, .base_fd = -1, .transaction_fd = -1   \
    }

typedef enum PlaceOutcome {
    PLACE_FOUND = 0,
    PLACE_REFUSED = 1, /* reterr_what says why the directory cannot be migrated */
} PlaceOutcome;

/* Finds a directory. Only root may own or write its ancestors. A symbolic link is followed only if
 * root owns the link and nobody else can write to a directory that leads to it. Returns PLACE_FOUND
 * (also if the directory itself is missing: fd is -1), PLACE_REFUSED, or a negative errno. find.c. */
int place_find(const char *directory, const char *store_path, const char *name, Place *ret,
               char **reterr_what) _must_check_;
/* Finds a directory like place_find(), and applies Exclude=. excludes has absolute paths as
 * declared; only paths below the directory count. NULL: none. */
int place_find_without(const char *directory, const Items *excludes, const char *store_path,
                       const char *name, Place *ret, char **reterr_what) _must_check_;
/* Lists the bases of a declaration (may be NULL), and sentences about those that lie in the root of
 * a state, where the software can see them. Either list may be NULL. Leaves out directories that
 * cannot be found. Returns 0 or -ENOMEM. */
int place_find_bases(const Declaration *declaration, const char *store_path, char ***bases,
                     char ***visible) _must_check_;
/* Finds a directory of a declaration, with its Exclude=. Unless the stamp is in the store, the file
 * system must be one that PID 1 can access without hanging. Returns the values of place_find(). */
int place_find_declared(const Declaration *declaration, const char *directory,
                        const char *store_path, Place *ret, char **reterr_what) _must_check_;
/* Finds a directory again from its record in a transaction. The directory must still be on the
 * recorded mount, and must lead to the recorded path. *ret borrows the directory's name from the
 * record. Returns the values of place_find(); -EBADMSG: the record is not valid. */
int place_find_again(const DirectoryRecord *record, const Store *store, Place *ret,
                     char **reterr_what) _must_check_;
/* Writes places into the record of a new transaction. *record belongs to the caller also on
 * failure. Returns 0 or -ENOMEM. */
int places_record(const Place *places, size_t n_places, TransactionRecord *record) _must_check_;

/* Makes the directory of transaction ID, and probes whether the original can be exchanged with an
 * entry of it; if not, the method becomes PLACE_ENTRIES. With create false, only opens what exists.
 * Returns 0 or a negative errno; -ENOENT: create is false and the directory is missing. base.c. */
int place_prepare(Place *place, const char *id, bool create, char **reterr_what) _must_check_;
/* Opens the directories of a transaction that has begun, unless they are open already. Returns the
 * values of place_prepare(). */
int place_prepare_again(Place *place, const char *id) _must_check_;

/* Makes BASE/REHEARSAL_DIRECTORY for the clone of a rehearsal. Returns 0 or a negative errno. */
int place_prepare_rehearsal(Place *place, char **reterr_what) _must_check_;

/* Removes the directory of transaction ID. Can be repeated. Returns 0 or a negative errno. */
int place_discard(Place *place, const char *id) _must_check_;

void place_close(Place *place);

/* Syncs a swap to disk. Returns 0 or a negative errno. */
int place_sync(const Place *place) _must_check_;

/* Opens the clone. Returns a descriptor or a negative errno. */
int place_open_clone(const Place *place) _must_check_;

/* Renames the clone to the name of a backup, for migrations whose scripts ran on the original. Can
 * be repeated, and does nothing after a swap. Returns 0 or a negative errno. */
int place_keep_clone(const Place *place) _must_check_;

/* Is path an excluded path, or below one? path must have no symbolic links. */
bool place_excludes(const Place *place, const char *path);

/* Check right before a swap that nothing is mounted in the original, that each excluded directory
 * is still empty in the clone, or that the backup fd can replace the directory. All return
 * PLACE_FOUND, PLACE_REFUSED, or a negative errno. check.c. */
int place_check_mounts(const Place *place, char **reterr_what) _must_check_;
int place_check_clone(const Place *place, char **reterr_what) _must_check_;
int place_check_backup(const Place *place, int fd, char **reterr_what) _must_check_;

/* Opens the directory at path below fd without following links; "" is fd itself. Returns -ENOENT if
 * path is missing or is not a directory. check.c. */
int place_open_below(int fd, const char *path) _must_check_;

/* Sets *reterr_what to "'PATH' is missing: is a disk not mounted?". Returns -ENOENT. */
int place_missing(const char *path, char **reterr_what) _must_check_;

/* Check values of a record, and return false for NULL: is name a single file name, is path absolute
 * without empty components, "." and "..", is base a base of this store? */
bool place_name_is_valid(const char *name);
bool place_path_is_canonical(const char *path);
bool place_base_is_valid(const char *base, const Store *store);
/* Would the entries of a and b below one transaction directory overlap? */
bool place_entries_collide(const Place *a, const Place *b);

/* Makes the missing directory of the state durably. Its mode is 0755 for root and 0700 for other
 * owners. After a crash, root may still own the new directory. Returns 0 or a negative errno. */
int place_make_directory(const Place *place, uid_t uid, gid_t gid) _must_check_;
