/* SPDX-License-Identifier: MIT */
/* Guests of a state: services of which a part lives in it, and whose stamps are kept there, see
 * Within= in migrate.d(5). */
#pragma once

#include "backup/backup.h"

/* What comes and goes in a host's state and what is written into it by its guests must not meet:
 * the host's transactions take this lock exclusively, its guests share it. A host looks for it
 * after its record is on disk, and a guest looks for that record after it has the lock, so that at
 * least one of them sees the other. flock(2) on a file of the host's store: it cannot outlive its
 * processes. Without waiting: 0 and *ret_fd, which is the lock; 1: somebody else has it; or a
 * negative errno. */
int guests_lock_shared(const Store *host, int *ret_fd) _must_check_;
/* The same. *ret_fd is -1 where no guest ever was. */
int guests_lock(const Store *host, int *ret_fd) _must_check_;

/* Why a host cannot get that lock, for a message, with their names where declarations are given;
 * NULL: out of memory. */
char *guests_describe_busy(const Declarations *declarations, const char *host) _must_check_;

/* A guest, and what a backup of its host says of it. */
typedef struct Guest {
    const char *name;   /* borrowed from the declarations */
    const char *wanted; /* the version that is declared; the same */
    char *now;          /* what is stamped in the host's state; NULL: nothing */
    char *then;         /* what is stamped in the backup; NULL: nothing, it was not there yet */
} Guest;

typedef struct Guests {
    Guest *items; /* in the order of their names */
    size_t n_items;
} Guests;

/* Looks at all guests of a service: where its stamps are now (below root), and in a backup of it;
 * backup may be NULL. 0 or a negative errno; what is not there has no stamps. */
int guests_read(const char *root, const Declarations *declarations, const Store *host,
                const Backup *backup, Guests *ret) _must_check_;
void guests_free(Guests *guests);
/* Would the backup give this guest another version than it has in there now? */
bool guest_is_set_back(const Guest *guest);

/* Adds a sentence to *reasons for every guest that the host's backup of that id would set back to
 * another version. 0 or a negative errno. */
int guests_describe_set_back(const Declarations *declarations, const Store *host, const char *id,
                             char ***reasons) _must_check_;
