/* SPDX-License-Identifier: MIT */
/* A transaction in flight: what the one that is running and the one that was cut off have in
 * common. All of it follows from the record, store/record-transaction.h. */
#pragma once

#include "place/place.h"
#include "state/lodging.h"
#include "store/record-transaction.h"
#include "system/log.h"

/* Directories for hooks, beside the entries in BASE/backups/ID. */
#define FLIGHT_HOOKS_PREFIX ".hooks-"

typedef struct Flight {
    const Store *store;
    LogContext *log;
    TransactionRecord record; /* owned */
    /* Borrowed from the record. from is NULL where there was no state before (flight_is_init()),
     * and may be when recording. */
    const char *id, *from, *to;
    Place *places; /* borrowed from a Run, or owned after flight_read() */
    size_t n_places;
    bool stamp_in_store; /* one stamp for all places, in the store */
    Lodging *lodgings;   /* further stamps, in the state of others; as places */
    size_t n_lodgings;
    bool recovered; /* it was cut off, perhaps in an earlier boot */
    bool unsure;    /* the last attempt to write the record failed */
    int hooks_fd;   /* BASE/backups/ID where hooks have their directories; -1: not opened */
} Flight;

#define FLIGHT_NONE                                                                                \
    {                                                                                              \
        .hooks_fd = -1                                                                             \
    }

/* Reads what is in flight, and finds its places as they were written down: mounts and declaration
 * may be others by now. 0, 1 if nothing is in flight, -EBADMSG for a damaged record, or another
 * negative errno; reterr_what may then say more. flight_close() in every case. */
int flight_read(const Store *store, LogContext *log, Flight *ret, char **reterr_what) _must_check_;
/* Closes what flight_read() has opened, the record included. */
void flight_close(Flight *flight);

/* Writes the record, with another phase unless that is PHASE_NONE, and tells the log. 0; or a
 * negative errno: then the struct still has the old phase, but the disk may have either, since a
 * file can have its new name before that fails to become durable. */
int flight_write(Flight *flight, Phase phase) _must_check_;
/* Is Init= making a state where there was none? Then there is no backup. */
bool flight_is_init(const Flight *flight);
/* Is a backup brought back where nothing is left? Then from is what there was, and there is no
 * backup of that. */
bool flight_is_of_lost(const Flight *flight);

/* Stamps all of the live state, durably: before an exchange, or where there is none. 0 or a
 * negative errno; ret_i, if not NULL, is the place that it speaks of, or n_places where it is the
 * store, or behind that a lodging. Once lodgings say FROM:TO, those that do not any more are left.
 */
int flight_stamp(const Flight *flight, const char *version, size_t *ret_i) _must_check_;
/* The same only where stamps are apart from what is exchanged: in the store, in lodgings. */
int flight_stamp_apart(const Flight *flight, const char *version) _must_check_;
/* Where what flight_stamp() speaks of is. */
const char *flight_stamp_path(const Flight *flight, size_t i);
/* Gives the record the readers of a declaration that wants TO, before it is written. 0 or -ENOMEM.
 */
int flight_describe_readers(Flight *flight, const Declaration *declaration) _must_check_;
/* Links for the readers to the stamp TO in a directory, durably; nothing where it is FROM::TO. 0 or
 * a negative errno. */
int flight_link(const Flight *flight, int fd) _must_check_;
/* The same wherever stamps are apart from what is exchanged, and, with live, in the directories. */
int flight_link_live(const Flight *flight, bool live) _must_check_;
/* What stamps say in the end: TO, or FROM::TO; the caller owns it. NULL: out of memory. */
char *flight_new_stamp(const Flight *flight) _must_check_;
/* Where the other kind of stamp was used before, it would open the gate of a declaration that still
 * does: it goes, durably, from the store, or (with live, where nothing was exchanged) from the
 * directories. */
int flight_forget_other_stamps(const Flight *flight, bool live) _must_check_;
/* As flight_stamp() or flight_stamp_apart(), with FROM:TO, which nothing accepts; the record knows
 * before. */
int flight_stamp_between(Flight *flight, bool apart) _must_check_;

/* Opens hooks_fd: in the primary directory's place, or, without one, in the store's. */
int flight_open_hooks(Flight *flight, bool create, char **reterr_what) _must_check_;

/* Where clones, backups and what hooks have kept are, for messages; the caller owns it. */
char *flight_beside(const Flight *flight) _must_check_;

/* Removes all that the transaction has put beside the state. Repeatable. */
int flight_discard(Flight *flight) _must_check_;
