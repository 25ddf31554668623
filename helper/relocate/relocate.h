/* SPDX-License-Identifier: MIT */
/* Gives a state another name and another directory, with its records and its backups. */
#pragma once

#include "session/session.h"
#include "store/known.h"

typedef struct Relocation {
    Session *session;
    char *other_name;       /* the other name of the state, or NULL if it keeps its name */
    char *other_directory;  /* the other directory of the state, or NULL if it keeps its
                             * directory */
    bool records_elsewhere; /* other_name still has the records */
    Store other;            /* the store of other_name, locked; not open if other_name is NULL */
    Known known;
    Place source, target; /* the other directory and the declared one */
} Relocation;

/* Gives the state the declared name and directory, as lib/judge/former.c finds in the session's
 * facts, or continues a move that a crash has cut off. The caller reads the facts again afterwards.
 * Returns RESULT_DONE, or another Result, which was logged. former.c. */
int former_take_over(Session *session) _must_check_;

/* Moves the state. A record in the store says that a move is under way, so the move is repeatable
 * after a crash at any point, in either direction. Returns RESULT_DONE, or another Result, which
 * was logged. */
Result relocate(Relocation *relocation) _must_check_;

/* Reads the record of a move from a store, and fills in the other name and directory. Returns 0, 1
 * if there is none, or a negative errno. */
int relocation_read(Relocation *relocation, const Store *store) _must_check_;

/* Renames names and directories in the manifests of the session's store, and moves backups on other
 * mounts. Repeatable. Returns 0, or a negative errno; some errors set reterr_what. backups.c. */
int relocate_backups(const Relocation *relocation, char **reterr_what) _must_check_;

/* Recovers the transactions of guests (Within=), whose hooks know the directory by its old path.
 * Returns RESULT_DONE, or another Result, which was logged unless reterr_what is set. guests.c. */
Result relocate_settle_guests(const Relocation *relocation, char **reterr_what) _must_check_;
/* Keeps guests from writing while the directory moves. The record must be on disk. Returns 0 with
 * *ret_fd (a lock or -1), -EAGAIN with reterr_what, or another negative errno. */
int relocate_keep_guests_out(const Relocation *relocation, int *ret_fd,
                             char **reterr_what) _must_check_;

/* Renames paths in other records, and garbage collector roots. Repeatable. Returns 0 or a negative
 * errno. */
int relocate_records(const Relocation *relocation) _must_check_;
