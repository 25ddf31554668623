/* SPDX-License-Identifier: MIT */
/* Is anybody using the state? */
#pragma once

#include "declare/declaration.h"
#include "place/place.h"
#include "system/log.h"

typedef enum InUse {
    IN_USE_IDLE = 0,
    IN_USE_BUSY = 1, /* reterr_what names who, and what to type */
} InUse;

/* The service's units are inactive and their control groups empty; in whatever namespace, and by
 * whatever path, nobody has a file of the state open for writing or mapped for that, holds a
 * writable mount of it or of a part of it, or has it as their root; no loop device and no swap lies
 * in it. Nothing is mounted below it. Never stops anything: stopping from within a unit cancels the
 * very jobs that wait for it. Or a negative errno. */
int in_use_check(const Declaration *declaration, const Place *places, size_t n_places,
                 char **reterr_what) _must_check_;

/* After the exchange: warns in the journal of everybody who still has the old tree, which is the
 * backup now, open for reading, mapped, mounted, or as their working directory: what they see or
 * write is not the state any more. place->fd must still be what was cloned. Changes nothing and
 * cannot fail. */
void in_use_report_holders(const Place *places, size_t n_places, const LogContext *log);

/* After a migration: starts the sockets (and paths) again that gave up while the service was held
 * back, since every connection found it refused. Does not wait for them, and cannot fail: what goes
 * wrong is warned of. */
void in_use_revive(const Declaration *declaration, const LogContext *log);
