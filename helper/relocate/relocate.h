/* SPDX-License-Identifier: MIT */
/* Giving a state another name and another directory, with its records and its backups. */
#pragma once

#include "session/session.h"
#include "store/known.h"

typedef struct Relocation {
    Session *session;
    char *other_name;       /* whose state it was; NULL: it keeps its name */
    char *other_directory;  /* where it was; NULL: it stays */
    bool records_elsewhere; /* the records are still those of other_name */
    Store other;            /* of other_name, locked; not opened where there is no other name */
    Known known;            /* what is remembered of the state */
    Place source, target;   /* of the directories, where there is another one */
} Relocation;

/* Does it. Repeatable, and in either direction, from wherever a crash has left it: a record in the
 * store says that it is under way. RESULT_DONE or why not, which was logged. */
Result relocate(Relocation *relocation) _must_check_;

/* What is under way in a store, as seen from the session's name and directory: fills in the other
 * ones. 0, 1 if nothing is, or a negative errno. */
int relocation_read(Relocation *relocation, const Store *store) _must_check_;

/* Rewrites what the backups in the session's store say of names and directories, and moves those
 * that lie elsewhere into its own places. Repeatable. 0, or a negative errno with reterr_what.
 * relocate/backups.c. */
int relocate_backups(const Relocation *relocation, char **reterr_what) _must_check_;

/* A transaction of a guest (Within=) that was cut off is settled where it was at work: its hooks
 * know the directory by that path. RESULT_DONE, or another Result, with reterr_what where it has
 * not been logged. relocate/guests.c. */
Result relocate_settle_guests(const Relocation *relocation, char **reterr_what) _must_check_;
/* Once the record is there: nobody writes into the directory while it moves. 0 and *ret_fd, a lock
 * or -1; -EAGAIN with reterr_what, or another negative errno. */
int relocate_keep_guests_out(const Relocation *relocation, int *ret_fd,
                             char **reterr_what) _must_check_;

/* Rewrites what other records and the collector's roots say of names. Repeatable. 0 or a negative
 * errno. relocate/records.c. */
int relocate_records(const Relocation *relocation) _must_check_;
