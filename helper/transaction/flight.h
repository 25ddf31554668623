/* SPDX-License-Identifier: MIT */
/* A transaction in flight, running or cut off. Its record has all of it, see
 * store/record-transaction.h. */
#pragma once

#include "place/place.h"
#include "state/lodging.h"
#include "state/run.h"
#include "store/record-transaction.h"
#include "system/log.h"

/* Names of the undo hooks' directories in BASE/backups/ID. */
#define FLIGHT_HOOKS_PREFIX ".hooks-"

typedef struct Flight {
    const Store *store;
    LogContext *log;
    TransactionRecord record; /* owned */
    /* Borrowed from the record. from is NULL without an earlier state (flight_is_init()), and may
     * be NULL in phase "recording". */
    const char *id, *from, *to;
    Place *places; /* borrowed from a Run, or owned after flight_read() */
    size_t n_places;
    bool stamp_in_store; /* one stamp for all places, in the store */
    Lodging *lodgings;   /* stamps in the states of hosts; owned as the places are */
    size_t n_lodgings;
    bool recovered; /* it was cut off, perhaps in an earlier boot */
    bool changed;   /* by rollback(): something outside has changed the live state */
    bool unsure;    /* the last attempt to write the record failed */
    int hooks_fd;   /* BASE/backups/ID for undo hooks; -1: not opened */
} Flight;

#define FLIGHT_NONE                                                                                \
    {                                                                                              \
        .hooks_fd = -1                                                                             \
    }

/* A new transaction of a run, whose record says only where the stamps are. */
Flight flight_of_run(Run *run);
/* Borrows id, from and to from the record, once the record has them. */
void flight_borrow(Flight *flight);

/* Reads the transaction in flight, and opens its directories by the record: mounts and declaration
 * may have changed. 0, 1 if nothing is in flight, -EBADMSG for a damaged record, or another
 * negative errno, some with reterr_what. Call flight_close() in every case. */
int flight_read(const Store *store, LogContext *log, Flight *ret, char **reterr_what) _must_check_;
/* Closes what flight_read() has opened. */
void flight_close(Flight *flight);

/* Writes the record, with a new phase unless that is PHASE_NONE, and gives the phase to the log. 0,
 * or a negative errno: then the struct has the old phase, but the disk may have either, since the
 * rename may have succeeded before the sync failed. */
int flight_write(Flight *flight, Phase phase) _must_check_;
/* Does Init= make the first state? Then there is no backup. */
bool flight_is_init(const Flight *flight);
/* Does a backup replace a lost state? Then "from" is the version that was lost, and there is no
 * backup of it. */
bool flight_is_of_lost(const Flight *flight);

/* Stamps all of the live state, durably, where nothing is exchanged or before it is. 0 or a
 * negative errno. *ret_i (NULL allowed) is the number of the directory that an error is about,
 * n_places for the store, more for a host stamp. Host stamps that have lost FROM:TO in between
 * stay. */
int flight_stamp(const Flight *flight, const char *version, size_t *ret_i) _must_check_;
/* The same for the stamps that no exchange brings: in the store, and host stamps. */
int flight_stamp_apart(const Flight *flight, const char *version) _must_check_;
/* The path for *ret_i of flight_stamp(). */
const char *flight_stamp_path(const Flight *flight, size_t i);
/* Puts the declaration's readers into the record, if it wants TO. 0 or -ENOMEM. */
int flight_describe_readers(Flight *flight, const Declaration *declaration) _must_check_;
/* Makes the readers' links to the stamp TO in a directory, durably; none if the stamp is FROM::TO.
 * 0 or a negative errno. */
int flight_link(const Flight *flight, int fd) _must_check_;
/* The same in the store, and with live in the directories. */
int flight_link_live(const Flight *flight, bool live) _must_check_;
/* The final stamp: TO, or FROM::TO. The caller owns it; NULL: out of memory. */
char *flight_new_stamp(const Flight *flight) _must_check_;
/* Removes the stamps of the kind that was used before (Stamp=), durably, from the store, or with
 * live from the directories: they would open an older gate. */
int flight_forget_other_stamps(const Flight *flight, bool live) _must_check_;
/* As flight_stamp() or flight_stamp_apart(), with FROM:TO, which no gate accepts. The record says
 * so first. */
int flight_stamp_between(Flight *flight, bool apart) _must_check_;

/* Opens hooks_fd: with the primary directory's backups, or in the store if there is no directory.
 */
int flight_open_hooks(Flight *flight, bool create, char **reterr_what) _must_check_;

/* The path of clones, backups and hooks, for messages. The caller owns it. */
char *flight_beside(const Flight *flight) _must_check_;

/* Removes everything that the transaction has made beside the state. Repeatable. */
int flight_discard(Flight *flight) _must_check_;
