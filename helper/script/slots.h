/* SPDX-License-Identifier: MIT */
/* Slots: how many migrations work at the same time. Whoever clones, runs scripts in a closed
 * sandbox or writes to disk holds one; there is one a processor, and two at least. However many
 * services are pending, so much memory and disk is in use, and no more.
 *
 * None is held while something runs that may wait for another service, and so for another
 * migration: that one could wait for a slot in turn. It is a courtesy to the rest of the system and
 * no lock: where slots cannot be had, work goes on without. */
#pragma once

#include "system/log.h"

#include <signal.h>

/* Takes a slot if one is free; nothing if this process holds one already. 0, or 1 if none is free.
 */
int slots_try(const LogContext *log) _must_check_;

/* The same, and waits for one. 0, or -ECANCELED once *cancel (which may be NULL) is set. */
int slots_take(const LogContext *log, const volatile sig_atomic_t *cancel) _must_check_;

/* Gives it back, if there is one. The kernel does that for a process that ends, however it ends. */
void slots_give(void);
