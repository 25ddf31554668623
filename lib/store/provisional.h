/* SPDX-License-Identifier: MIT */
/* STORE/provisional: a migration in a boot that is not known to be good.
 *
 * A boot loader that counts boots returns to the older system if boot-complete.target is not
 * reached (systemd-bless-boot.service(8), greenboot). The older system may then restore its data
 * without asking: what was written in that boot was on probation. The record has the transaction's
 * id, and goes once the target is reached. */
#pragma once

#include "store/record.h"
#include "system/log.h"

typedef struct ProvisionalRecord {
    RecordRest *rest;
    char *id;
} ProvisionalRecord;

DECLARE_RECORD(ProvisionalRecord, provisional_record);

/* Writes the record, or removes it for NULL; durable. 0 or a negative errno. */
int provisional_write(const Store *store, const char *id) _must_check_;
/* The id, owned by the caller, or NULL. 0, -EBADMSG or another negative errno. */
int provisional_read(const Store *store, char **ret) _must_check_;

/* At the end of a transaction: an upgrade is provisional while boot-complete.target has a job;
 * anything else ends that. A failure is logged: it only costs a way back without approval. */
void provisional_note(const Store *store, const LogContext *log, const char *id, const char *from,
                      const char *to);
