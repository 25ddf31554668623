/* SPDX-License-Identifier: MIT */
/* Functions that only the files of backup/ use. */
#pragma once

#include "backup/backup.h"

/* Says whether base is the store, or the canonical path of a MOUNT/.migrate/NAME. False for
 * NULL. */
bool backup_base_is_valid(const Store *store, const char *base);

/* Moves a manifest, or the record of a failed attempt, into a backup. 0, -ENOMEM, or -EBADMSG if the
 * record cannot be trusted (*ret_refused, a string constant, has the reason). */
int backup_fill(const Store *store, TransactionRecord *record, Backup *backup,
                const char **ret_refused) _must_check_;
