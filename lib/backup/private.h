/* SPDX-License-Identifier: MIT */
/* Shared by the files of backup/. */
#pragma once

#include "backup/backup.h"

/* Is it the store, or the canonical path of a MOUNT/.migrate/NAME? NULL is neither. */
bool backup_base_is_valid(const Store *store, const char *base);

/* Fills in a backup from a manifest, or from the record of a failure. 0, -ENOMEM, or -EBADMSG with
 * *ret_refused, a string constant, if the record is not to be trusted. */
int backup_fill(const Store *store, const TransactionRecord *record, Backup *backup,
                const char **ret_refused) _must_check_;
void backup_free_places(Backup *backup);
