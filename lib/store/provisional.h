/* SPDX-License-Identifier: MIT */
/* The record STORE/provisional: the id of a migration in a boot that is not known to be good.
 *
 * A boot loader that counts boots returns to the older system if boot-complete.target is not
 * reached (systemd-bless-boot.service(8), greenboot). The older system may then restore its data
 * without consent, because data that was written in that boot was provisional. The record is
 * removed when the target is reached, or when the system is used without reaching the target: in a
 * second boot of the same software, an hour after the boot, or when an operator starts the
 * service. */
#pragma once

#include "store/record.h"
#include "system/log.h"

typedef struct ProvisionalRecord {
    RecordRest *rest;
    char *id, *to;
    char *boot; /* id of the boot; NULL: unknown */
} ProvisionalRecord;

DECLARE_RECORD(ProvisionalRecord, provisional_record);

/* Removes the record. 0, also if there is none, or a negative errno. */
int provisional_end(const Store *store) _must_check_;
/* Reads the id. *ret NULL: there is no record; else the caller owns the id. 0, -EBADMSG if the
 * record is damaged, or another negative errno. */
int provisional_read(const Store *store, char **ret) _must_check_;

/* Writes the record after an upgrade if boot-complete.target has a job, and removes it otherwise. A
 * failure is only logged: then the way back needs an approval. */
void provisional_note(const Store *store, const LogContext *log, const char *id, const char *from,
                      const char *to);
