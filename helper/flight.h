/* SPDX-License-Identifier: MIT */
/* A transaction in flight, as its record tells it: what the one that is running and the one that a
 * crash cut off have in common. The record is STORE/transaction; whatever recovery needs to know is
 * in it, since the declaration may be another by then, or gone. */
#pragma once

#include "log.h"
#include "place.h"
#include "store.h"

/* staging: nothing of the live state has been touched. swapping: clones are complete and on disk,
 * exchanges may have happened. recording: nothing is migrated, only stamps are written. */
#define PHASE_STAGING   "staging"
#define PHASE_SWAPPING  "swapping"
#define PHASE_RECORDING "recording"
/* A backup is being brought back: nothing of it is ever dropped, see restore.c. */
#define PHASE_RESTORING "restoring"

typedef struct Flight {
    const Store *store;
    LogContext *log;
    json_object *record;        /* owned */
    const char *id, *from, *to; /* borrowed from the record; from may be NULL when recording */
    Place *places;              /* borrowed from a Run, or owned after flight_read() */
    size_t n_places;
} Flight;

/* Reads what is in flight, and finds its places as they were written down: mounts and declaration
 * may be others by now. 0, 1 if nothing is in flight, -EBADMSG for a damaged record, or another
 * negative errno; reterr_what may then say more. flight_close() in every case. */
int flight_read(const Store *store, LogContext *log, Flight *ret, char **reterr_what) _must_check_;
/* Closes what flight_read() has opened. */
void flight_close(Flight *flight);

/* Writes the record down with another phase, which the log is told too. 0 or a negative errno. */
int flight_write(Flight *flight, const char *phase) _must_check_;

/* The places, for a record; NULL: out of memory. */
json_object *flight_describe_places(const Place *places, size_t n_places) _must_check_;
