/* SPDX-License-Identifier: MIT */
/* What there can be only one of, and what it may leave behind: the lock of a rehearsal and its
 * clones. A rehearsal never holds the lock of runs, so that nobody waits for it. */
#pragma once

#include "store/rehearsal.h"
#include "system/log.h"

/* Takes the lock of rehearsals, which ends with the process. 0, 1 if another one rehearses, or a
 * negative errno. *ret_fd is to be closed by the caller. */
int rehearsal_lock(const Store *store, int *ret_fd) _must_check_;

/* A migration begins, or something else that exchanges the state: whoever rehearses ends, soon.
 * Does not wait for that, and cannot fail. */
void rehearsal_give_way(const Store *store);

/* The same, and has all that rehearsals have put anywhere removed, also what was kept; waits for
 * that, half a minute at most. */
void rehearsal_make_room(const Store *store);

enum {
    REHEARSAL_AT_WORK = 1,
    REHEARSAL_AWAY = 2, /* some of it is on a disk that is not there */
};

/* Removes what rehearsals have left, unless one is at work; kept: also what was kept to be looked
 * at. 0, also where there is nothing; REHEARSAL_…; or a negative errno. Repeatable. */
int rehearsal_drop(const Store *store, bool kept) _must_check_;
/* The same for whoever holds the lock of rehearsals: never REHEARSAL_AT_WORK. */
int rehearsal_drop_locked(const Store *store) _must_check_;
