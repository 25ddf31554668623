/* SPDX-License-Identifier: MIT */
/* Functions that only the files of backup/ use. */
#pragma once

#include "backup/backup.h"

/* Says whether base is the store, or the canonical path of a MOUNT/.migrate/NAME. False for
 * NULL. */
bool backup_base_is_valid(const Store *store, const char *base);

/* Like backups_read(). directories (may be NULL): a backup that only the manifest beside it describes
 * counts if all its directories are among these. machine: the backup counts as one of this system if
 * its manifest names that; NULL: none does. */
int backups_read_all(const char *root, const Store *store, char *const *bases,
                     const Items *directories, const char *machine, Backups *ret) _must_check_;

/* Moves a manifest, or the record of a failed attempt, into a backup. 0, -ENOMEM, or -EBADMSG if the
 * record cannot be trusted (*ret_refused, a string constant, has the reason). */
int backup_fill(const Store *store, TransactionRecord *record, Backup *backup,
                const char **ret_refused) _must_check_;
