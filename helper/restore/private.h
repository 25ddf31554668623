/* SPDX-License-Identifier: MIT */
/* Shared by the files of restore/. */
#pragma once

#include "backup/backup.h"
#include "restore/restore.h"

typedef struct Restore {
    Run *run;
    const RestoreOrder *order;
    Backups backups;
    const Backup *backup;
    char *version;              /* of the live state */
    bool lost;                  /* there is no live state: lost.h */
    bool *made;                 /* the directories that were missing, one for each place; or NULL */
    TransactionRecord manifest; /* of the backup */
    Flight flight;
    uint64_t started;
    int guests_fd; /* a lock of guests, see lodging.h; -1: none */
} Restore;

/* Decides whether the backup can be restored, and fills in the rest of the struct. The places of
 * the run become those of the backup. RESULT_DONE, or another Result, which was logged. */
Result restore_judge(Restore *restore) _must_check_;

/* Why the backup cannot be restored because of guests in the state, or because of a host; the
 * caller owns it. NULL: it can. guests.c. */
char *restore_check_guests(const Restore *restore) _must_check_;
char *restore_check_lodgings(const Restore *restore) _must_check_;
/* Keeps guests out until the end, and checks again. 0 or a negative errno, -EBUSY with reterr_what.
 */
int restore_keep_guests_out(Restore *restore, char **reterr_what) _must_check_;

/* Logs why the backup is not restored, and that nothing has changed. Returns result. what NULL: out
 * of memory. */
Result restore_say_not(const Restore *restore, Result result, const char *what);
