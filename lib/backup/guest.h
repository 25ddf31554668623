/* SPDX-License-Identifier: MIT */
/* Guests of a state: services that keep a part of their state, and their stamps, in it. See Within=
 * in migrate.d(5). */
#pragma once

#include "backup/backup.h"

/* The lock of a host's state: a transaction of the host takes it exclusively, guests share it. The
 * host takes it after its record is on disk, a guest looks for that record after it has the lock,
 * so one of them sees the other. flock(2) on a file of the host's store, which ends with the
 * process. Does not wait: 0 and *ret_fd, 1 if somebody else has it, or a negative errno. */
int guests_lock_shared(const Store *host, int *ret_fd) _must_check_;
/* Exclusively. *ret_fd is -1 if there never was a guest. */
int guests_lock(const Store *host, int *ret_fd) _must_check_;

/* Why the host cannot get the lock, with the guests' names if declarations are not NULL. NULL: out
 * of memory. */
char *guests_describe_busy(const Declarations *declarations, const char *host) _must_check_;

/* A guest, and its part in a backup of the host. */
typedef struct Guest {
    const char *name;   /* borrowed from the declarations */
    const char *wanted; /* the declared version; borrowed, too */
    char *now;          /* its stamp in the host's state; NULL: none */
    char *then;         /* its stamp in the backup; NULL: none */
} Guest;

typedef struct Guests {
    Guest *items; /* sorted by name */
    size_t n_items;
} Guests;

/* Reads the stamps of all guests of a service, now (below root) and in a backup (NULL allowed). 0
 * or a negative errno. */
int guests_read(const char *root, const Declarations *declarations, const Store *host,
                const Backup *backup, Guests *ret) _must_check_;
void guests_free(Guests *guests);
/* Would the backup give the guest another version? */
bool guest_is_set_back(const Guest *guest);

/* Adds to *reasons a sentence for each guest that the backup of that id would give another version.
 * 0 or a negative errno. */
int guests_describe_set_back(const Declarations *declarations, const Store *host, const char *id,
                             char ***reasons) _must_check_;
