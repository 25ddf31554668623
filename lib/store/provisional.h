/* SPDX-License-Identifier: MIT */
/* A state that was migrated before it was known whether the boot is good.
 *
 * Boot loaders that count boots go back to the older system by themselves when boot-complete.target
 * is not reached (systemd-bless-boot.service(8), greenboot). The older system may then bring its
 * data back without asking anybody, since all that was written in that boot was on probation. The
 * record has the id of the transaction, and so of the backup; it goes once the target is reached.
 */
#pragma once

#include "store/record.h"
#include "system/log.h"

typedef struct ProvisionalRecord {
    RecordRest *rest;
    char *id;
} ProvisionalRecord;

DECLARE_RECORD(ProvisionalRecord, provisional_record);

/* Writes the record, or with NULL removes it; durable. 0 or a negative errno. */
int provisional_write(const Store *store, const char *id) _must_check_;
/* The id, or NULL where there is no record; the caller owns it. 0, -EBADMSG or another negative
 * errno. */
int provisional_read(const Store *store, char **ret) _must_check_;

/* At the end of a transaction: upwards, and as long as boot-complete.target has a job waiting, it
 * is provisional; otherwise nothing is any more. What cannot be written is told in the journal: a
 * way back that needs nobody's approval is lost by that, no data. */
void provisional_note(const Store *store, const LogContext *log, const char *id, const char *from,
                      const char *to);
