/* SPDX-License-Identifier: MIT */
/* Handles the lock of rehearsals, and removes their clones. A rehearsal never holds the lock of
 * runs, so no run waits for a rehearsal. */
#pragma once

#include "store/rehearsal.h"
#include "system/log.h"

/* Takes the lock of rehearsals, which ends with the process. The caller closes *ret_fd. 0, 1 if
 * another rehearsal runs, or a negative errno. */
int rehearsal_lock(const Store *store, int *ret_fd) _must_check_;

/* Tells a running rehearsal to end, because a migration or another exchange of the state begins.
 * Does not wait for the end, and cannot fail. */
void rehearsal_give_way(const Store *store);

/* Tells a running rehearsal to end, waits at most half a minute for its end, and removes the clones
 * of all rehearsals, even clones that were kept. */
void rehearsal_make_room(const Store *store);

enum {
    REHEARSAL_AT_WORK = 1,
    REHEARSAL_AWAY = 2, /* some clones may be on a disk that is not mounted */
};

/* Removes clones of rehearsals, unless a rehearsal runs. kept: also clones that were kept for
 * inspection. 0 (also if there was none), REHEARSAL_…, or a negative errno. May be repeated. */
int rehearsal_drop(const Store *store, bool kept) _must_check_;
/* The same for a caller that holds the lock of rehearsals. Never returns REHEARSAL_AT_WORK. */
int rehearsal_drop_locked(const Store *store, bool kept) _must_check_;
