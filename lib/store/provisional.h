/* SPDX-License-Identifier: MIT */
/* A state that was migrated while it was not known yet whether the boot is good.
 *
 * Boot loaders that count boots go back to the older system by themselves when boot-complete.target
 * is not reached (systemd-bless-boot.service(8), greenboot). Whatever was written in such a boot
 * was on probation with it: the older system may bring its own data back without asking anybody.
 * The record has the id of the transaction, which is that of the backup, and goes once the target
 * is reached. */
#pragma once

#include "store/store.h"
#include "system/log.h"

/* Writes it down, or with NULL removes it; durable. 0 or a negative errno. */
int provisional_write(const Store *store, const char *id) _must_check_;
/* The id, or NULL where there is none; the caller owns it. 0, -EBADMSG or another negative errno.
 */
int provisional_read(const Store *store, char **ret) _must_check_;

/* At the end of a transaction: upwards, and as long as boot-complete.target has a job waiting, it
 * is provisional; otherwise nothing is any more. What cannot be written is told in the journal: a
 * way back that needs nobody's approval is lost by that, no data. */
void provisional_note(const Store *store, const LogContext *log, const char *id, const char *from,
                      const char *to);
