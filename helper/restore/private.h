/* SPDX-License-Identifier: MIT */
/* What the restore….c files say to each other. */
#pragma once

#include "backup/backup.h"
#include "restore/restore.h"

typedef struct Restore {
    Run *run;
    const RestoreOrder *order;
    Backups backups;
    const Backup *backup;
    char *version;              /* of the live state */
    bool lost;                  /* there is none: restore/lost.h */
    bool *made;                 /* directories that were missing, one a place; or NULL */
    TransactionRecord manifest; /* of the backup */
    Flight flight;
    uint64_t started;
    int guests_fd; /* a lock, see lodging.h; -1: none */
} Restore;

/* May and can it be brought back? Fills in what is needed for that; the places of the run become
 * those of the backup. RESULT_DONE, or why not, which is said. */
Result restore_judge(Restore *restore) _must_check_;

/* restore/guests.c: may this be brought back while others live in it, while a part of it lives with
 * others? NULL, or why not, which the caller owns. */
char *restore_check_guests(const Restore *restore) _must_check_;
char *restore_check_lodgings(const Restore *restore) _must_check_;
/* Keeps guests out until the end, and looks again. 0 or a negative errno, -EBUSY with reterr_what.
 */
int restore_keep_guests_out(Restore *restore, char **reterr_what) _must_check_;

/* Says why it is not, and that nothing was changed; returns result. what NULL: memory is short. */
Result restore_say_not(const Restore *restore, Result result, const char *what);
