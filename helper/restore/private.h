/* SPDX-License-Identifier: MIT */
/* Declares a running restore, shared by the files of restore/. */
#pragma once

#include "backup/backup.h"
#include "restore/restore.h"

typedef struct Restore {
    Run *run;
    const RestoreOrder *order;
    Backups backups;
    const Backup *backup;
    char *version;              /* the version of the live state */
    bool lost;                  /* there is no live state, see lost.h */
    bool *made;                 /* the directories that were missing, one flag for each place; or
                                 * NULL */
    TransactionRecord manifest; /* the manifest of the backup */
    Flight flight;
    uint64_t started;
    int guests_fd; /* a lock that keeps guests out, see lodging.h; -1 if not taken */
} Restore;

/* Decides whether the backup can be restored, and fills in the rest of the struct. The places of
 * the run describe the backup afterwards. Returns RESULT_DONE, or another Result, which was
 * logged. */
Result restore_judge(Restore *restore) _must_check_;

/* Return why guests in the state, or a host, prevent the restore; NULL if they do not. The caller
 * owns the string. guests.c. */
char *restore_check_guests(const Restore *restore) _must_check_;
char *restore_check_lodgings(const Restore *restore) _must_check_;
/* Keeps guests out until the end of the restore, and checks them again. Returns 0 or a negative
 * errno: -EBUSY with reterr_what. guests.c. */
int restore_keep_guests_out(Restore *restore, char **reterr_what) _must_check_;

/* Logs why the backup is not restored (what is NULL if memory ran out), and that nothing has
 * changed. Returns result. */
Result restore_say_not(const Restore *restore, Result result, const char *what);
