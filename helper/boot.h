/* SPDX-License-Identifier: MIT */
/* Migrations in a boot that is not known to be good yet, provisional.h. */
#pragma once

#include "transaction/flight.h"

/* At the end of a transaction: upwards, and as long as boot-complete.target has a job waiting, it
 * is provisional; otherwise nothing is any more. What cannot be written is told in the journal: a
 * way back that needs nobody's approval is lost by that, no data. */
void boot_note(const Flight *flight);

/* migrate-boot-complete.service: the boot is good, and with it what was migrated. A Result. */
int verb_boot_complete(void) _must_check_;
