/* SPDX-License-Identifier: MIT */
/* Gives a state another name and another directory, with its records and its backups. */
#pragma once

#include "session/session.h"
#include "store/known.h"

typedef struct Relocation {
    Session *session;
    char *other_name;       /* its other name; NULL: it keeps its name */
    char *other_directory;  /* its other directory; NULL: it stays */
    bool records_elsewhere; /* other_name still has the records */
    Store other;            /* of other_name, locked; not open without an other name */
    Known known;
    Place source, target; /* the other directory and the declared one */
} Relocation;

/* Does it. A record in the store says that it is under way, so it is repeatable after a crash at
 * any point, in either direction. RESULT_DONE, or another Result, which was logged. */
Result relocate(Relocation *relocation) _must_check_;

/* Reads the record of a relocation from a store, and fills in the other name and directory. 0, 1 if
 * there is none, or a negative errno. */
int relocation_read(Relocation *relocation, const Store *store) _must_check_;

/* Renames names and directories in the manifests of the session's store, and moves backups on other
 * mounts. Repeatable. 0, or a negative errno, some with reterr_what. backups.c. */
int relocate_backups(const Relocation *relocation, char **reterr_what) _must_check_;

/* Recovers the transactions of guests (Within=), whose hooks know the directory by its old path.
 * RESULT_DONE, or another Result, which was logged unless there is a reterr_what. guests.c. */
Result relocate_settle_guests(const Relocation *relocation, char **reterr_what) _must_check_;
/* With the record on disk: keeps guests from writing while the directory moves. 0 and *ret_fd (a
 * lock or -1), -EAGAIN with reterr_what, or another negative errno. */
int relocate_keep_guests_out(const Relocation *relocation, int *ret_fd,
                             char **reterr_what) _must_check_;

/* Renames what other records and garbage collector roots name. Repeatable. 0 or a negative errno.
 * records.c. */
int relocate_records(const Relocation *relocation) _must_check_;
