/* SPDX-License-Identifier: MIT */
/* What backup.c and backup/manifest.c say to each other. */
#pragma once

#include "backup/backup.h"

/* The store's, or MOUNT/.migrate/NAME as a path that leads nowhere else. NULL is none. */
bool backup_base_is_valid(const Store *store, const char *base);

/* Fills in what a manifest, or the record of a failure, says of backup->id. 0, -ENOMEM, or -EBADMSG
 * with *ret_refused, a string constant: then nothing of it is to be believed. */
int backup_fill(const Store *store, const TransactionRecord *record, Backup *backup,
                const char **ret_refused) _must_check_;
void backup_free_places(Backup *backup);
