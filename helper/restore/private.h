/* SPDX-License-Identifier: MIT */
/* The data of a running restore, shared by the files of restore/. */
#pragma once

#include "backup/backup.h"
#include "restore/restore.h"

typedef struct Restore {
    Run *run;
    const RestoreOrder *order;
    Backups backups;
    const Backup *backup;
    char *version; /* the version of the live state */
    bool lost;     /* there is no live state, see lost.c */
    bool *made;    /* for each place: the directory was missing; or NULL */
    Flight flight;
    uint64_t started;
    int guests_fd; /* a lock that keeps guests out, see lodging.h; -1 if not taken */
} Restore;

/* Decides whether the backup can be restored, and fills in the rest of the struct. The places of
 * the run describe the backup afterwards. Returns RESULT_DONE, or another Result, which was logged.
 * judge.c. */
Result restore_judge(Restore *restore) _must_check_;

/* Keeps guests out until the end of the restore, and checks the guests again. Returns 0, -EBUSY
 * with reterr_what, or another negative errno. */
int restore_keep_guests_out(Restore *restore, char **reterr_what) _must_check_;

/* Logs why the backup is not restored, and that nothing has changed. Returns result. The first form
 * takes over what; NULL: out of memory. */
Result restore_refuse_take(const Restore *restore, Result result, char *what);
#define restore_refuse(restore, result, ...)                                                       \
    restore_refuse_take(restore, result, strprintf(__VA_ARGS__))

/* Sets restore->lost if all directories are missing or empty. Returns 0 or a negative errno.
 * lost.c. */
int restore_find_lost(Restore *restore) _must_check_;
/* Finds the version that was lost in the last-seen record, or takes the version of the backup.
 * Returns 0 or a negative errno. */
int restore_find_lost_version(Restore *restore) _must_check_;
/* Makes the missing directories. The places describe the backup before and after the call. Returns
 * 0 or a negative errno; some errors set reterr_what. */
int restore_make_directories(Restore *restore, char **reterr_what) _must_check_;
/* Removes the new directories after a failure, if nothing is in flight. */
void restore_unmake_directories(const Restore *restore);
