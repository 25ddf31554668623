/* SPDX-License-Identifier: MIT */
/* Locks and lists guests: services that keep a part of their state, and stamps, in another
 * service's state. See Within= in migrate.d(5). */
#pragma once

#include "backup/backup.h"

/* Takes the lock of a host's state: shared for a guest, exclusively for a transaction of the host.
 * The host takes the lock after its record is on disk, and a guest looks for the host's record
 * after taking the lock, so one of them always notices the other.
 *
 * The lock is a flock(2), which ends with the process. Does not wait. 0 and *ret_fd (-1: there
 * never was a guest), 1 if somebody else has the lock, or a negative errno. */
int guests_lock(const Store *host, bool shared, int *ret_fd) _must_check_;

/* Says why the host cannot get the lock. declarations (may be NULL): for the guests' names. The
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
 * NULL). 0 or a negative errno. */
int guests_read(const char *root, const Declarations *declarations, const Store *host,
                const Backup *backup, Guests *ret) _must_check_;
void guests_free(Guests *guests);
/* Says whether a restore of the backup would give the guest another version.
 * guests_describe_set_back() adds a sentence for each such guest. */
bool guest_is_set_back(const Guest *guest);
int guests_describe_set_back(const Declarations *declarations, const Store *host, const char *id,
                             char ***reasons) _must_check_;
