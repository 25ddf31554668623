/* SPDX-License-Identifier: MIT */
/* Slots limit how many migrations clone, run scripts or sync at the same time: one for each
 * processor, and at least two. A run holds no slot while it may wait for another service, whose
 * migration could wait for a slot, too. If slots cannot be used, migrations run without a limit. */
#pragma once

#include "system/log.h"

#include <signal.h>

/* Takes a slot, unless this process has one. 0 (also if slots cannot be used), or 1 if no slot is
 * free. */
int slots_try(const LogContext *log) _must_check_;

/* Takes a slot, and waits until one is free. 0, or -ECANCELED once *cancel (may be NULL) is set. */
int slots_take(const LogContext *log, const volatile sig_atomic_t *cancel) _must_check_;

/* Gives the slot back, if this process has one. The kernel does the same when the process ends. */
void slots_give(void);
