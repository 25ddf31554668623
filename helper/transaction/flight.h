/* SPDX-License-Identifier: MIT */
/* A transaction in flight, running or cut off. Its record describes the transaction completely, see
 * store/record-transaction.h. */
#pragma once

#include "place/place.h"
#include "state/lodging.h"
#include "state/run.h"
#include "store/record-transaction.h"
#include "system/log.h"

/* Prefix for the names of the undo hooks' directories in BASE/backups/ID. */
#define FLIGHT_HOOKS_PREFIX ".hooks-"

typedef struct Flight {
    const Store *store;
    LogContext *log;
    TransactionRecord record;   /* owned */
    const char *id, *from, *to; /* borrowed from the record. from is NULL with flight_is_init(), and
                                 * can be NULL in phase "recording" */
    Place *places;              /* borrowed from a Run, or owned after flight_read() */
    size_t n_places;
    bool stamp_in_store; /* one stamp for all directories, in the store */
    Lodging *lodgings;   /* stamps in the states of hosts; borrowed or owned like the places */
    size_t n_lodgings;
    bool recovered; /* the transaction was cut off, perhaps in an earlier boot */
    bool changed;   /* set by rollback(): another service has changed the live state */
    bool unsure;    /* the last attempt to write the record failed */
    int hooks_fd;   /* BASE/backups/ID for undo hooks; -1 if not opened */
} Flight;

#define FLIGHT_NONE                                                                                \
    {                                                                                              \
        .hooks_fd = -1                                                                             \
    }

/* Functions return 0 or a negative errno unless their comment says otherwise. */

/* Returns a new transaction of a run. Its record says only where the stamps are. */
Flight flight_of_run(Run *run);
/* Borrows id, from and to from the record, after the record was filled in. */
void flight_borrow(Flight *flight);

/* Reads the transaction in flight, and opens its directories by the record, since mounts and
 * declaration may have changed. Returns 0, 1 if nothing is in flight, -EBADMSG for a damaged
 * record, or another negative errno; some errors set reterr_what. The caller calls flight_close()
 * in every case. */
int flight_read(const Store *store, LogContext *log, Flight *ret, char **reterr_what) _must_check_;
void flight_close(Flight *flight);

/* Writes the record, and gives the phase to the log. PHASE_NONE keeps the present phase. After an
 * error the struct has the old phase, but the disk may have either phase, since the rename may have
 * succeeded before the sync failed. */
int flight_write(Flight *flight, Phase phase) _must_check_;
/* Returns true if Init= makes the first state. Such a transaction makes no backup. */
bool flight_is_init(const Flight *flight);
/* Returns true if a backup replaces a lost state. Then "from" is the version of the lost state, and
 * the transaction makes no backup. */
bool flight_is_of_lost(const Flight *flight);

/* Stamps the whole live state, durably. Called if nothing is exchanged, or before the exchange.
 * *ret_i (may be NULL) is the number of the directory that failed, n_places for the store, or more
 * for a host stamp. Keeps a host stamp that is no longer FROM:TO. */
int flight_stamp(const Flight *flight, const char *version, size_t *ret_i) _must_check_;
/* Stamps the store and the hosts, durably: an exchange does not change these stamps. */
int flight_stamp_apart(const Flight *flight, const char *version) _must_check_;
/* Returns the path for the number that flight_stamp() has set. Borrowed. */
const char *flight_stamp_path(const Flight *flight, size_t i);
/* Stamps FROM:TO, which no gate accepts, by flight_stamp(), or by flight_stamp_apart() if apart is
 * set. The record says so before the first stamp is written. */
int flight_stamp_between(Flight *flight, bool apart) _must_check_;
/* Returns the final stamp: TO, or FROM::TO. The caller owns the string; NULL: out of memory. */
char *flight_new_stamp(const Flight *flight) _must_check_;
/* Removes stamps that an earlier Stamp= has left, durably: from the store or, if live is set, from
 * the directories. Such a stamp would open an older gate. */
int flight_forget_other_stamps(const Flight *flight, bool live) _must_check_;

/* Puts the declaration's readers into the record if the declaration wants version TO. */
int flight_describe_readers(Flight *flight, const Declaration *declaration) _must_check_;
/* Makes the readers' links to the stamp TO in a directory, durably. Makes no links if the stamp is
 * FROM::TO. */
int flight_link(const Flight *flight, int fd) _must_check_;
/* Makes the readers' links in the store, or, if live is set and stamps are in the directories, in
 * every directory. */
int flight_link_live(const Flight *flight, bool live) _must_check_;

/* Opens hooks_fd: beside the backups of the primary directory, or in the store if there is no
 * directory. */
int flight_open_hooks(Flight *flight, bool create, char **reterr_what) _must_check_;

/* Returns the base with the directory BASE/backups/ID of clones, backups and hooks, for messages.
 * Borrowed. */
const char *flight_base(const Flight *flight);
/* Logs the end of a recovery. */
#define log_recovered(flight, ...)                                                                 \
    log_event((flight)->log, LOG_NOTICE, MESSAGE_RECOVERED, RESULT_DONE, __VA_ARGS__)

/* Removes everything that the transaction has made beside the state. Repeatable. */
int flight_discard(Flight *flight) _must_check_;
/* Removes the [Down] scripts that steps_keep() has copied into the store. Repeatable. */
int flight_drop_wayback(const Flight *flight) _must_check_;
