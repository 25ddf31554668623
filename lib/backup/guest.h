/* SPDX-License-Identifier: MIT */
/* Locks and lists the guests of a state: services that keep a part of their state, and their
 * stamps, in it. See Within= in migrate.d(5). */
#pragma once

#include "backup/backup.h"

/* Takes the lock of a host's state, shared, for a guest; a transaction of the host takes the lock
 * exclusively. The host takes it after the host's record is on disk, and a guest looks for that
 * record after it has the lock, so one of them always sees the other.
 *
 * The lock is a flock(2) on a file of the host's store, which ends with the process. Does not wait.
 * 0 and *ret_fd, 1 if somebody else has the lock, or a negative errno. */
int guests_lock_shared(const Store *host, int *ret_fd) _must_check_;
/* Takes the lock exclusively, for the host. *ret_fd is -1 if there never was a guest. Returns as
 * guests_lock_shared(). */
int guests_lock(const Store *host, int *ret_fd) _must_check_;

/* Says why the host cannot get the lock. declarations: for the guests' names; may be NULL. The
 * caller owns the text; NULL: out of memory. */
char *guests_describe_busy(const Declarations *declarations, const char *host) _must_check_;

/* A guest, and its stamps in the host's state and in a backup of the host. */
typedef struct Guest {
    const char *name;   /* borrowed from the declarations */
    const char *wanted; /* the declared version; borrowed */
    char *now;          /* its stamp in the host's state; NULL: none */
    char *then;         /* its stamp in the backup; NULL: none */
} Guest;

typedef struct Guests {
    Guest *items; /* guests, sorted by name */
    size_t n_items;
} Guests;

/* Reads the stamps of all guests of a host, in its state (below root) and in a backup (may be
 * NULL). The caller frees *ret. 0 or a negative errno. */
int guests_read(const char *root, const Declarations *declarations, const Store *host,
                const Backup *backup, Guests *ret) _must_check_;
void guests_free(Guests *guests);
/* Says whether a restore of the backup would give the guest another version. */
bool guest_is_set_back(const Guest *guest);

/* Adds to *reasons a sentence for each guest that a restore of the backup with that id would give
 * another version. 0 or a negative errno. */
int guests_describe_set_back(const Declarations *declarations, const Store *host, const char *id,
                             char ***reasons) _must_check_;
