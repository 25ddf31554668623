/* SPDX-License-Identifier: MIT */
/* Begins every verb: opens and locks the store, and reads the declaration. */
#pragma once

#include "state/run.h"

typedef struct Session {
    Declarations declarations;
    Store store;
    Run run;
    char *ending; /* text of the first event with a result */
} Session;

/* Takes the lock, reads the declaration, and recovers a transaction in flight. Returns RESULT_DONE,
 * or a Result that was logged. RESULT_REFUSED (no declaration has that name) and RESULT_INVALID are
 * returned after recovery. The caller calls session_close() in any case. */
int session_open(Session *session, const char *name) _must_check_;
/* Opens a session that changes nothing, with its own log. Recovers nothing: a transaction in flight
 * is RESULT_BUSY. Calls begin(), which returns a Result, under the lock, and then releases the
 * lock. Returns as session_open(); the caller calls session_close() in any case. */
int session_look(Session *session, const char *name, const LogContext *log,
                 int (*begin)(const Session *session)) _must_check_;
void session_close(Session *session);

/* Removes bases outside of the store that are empty, unless a transaction is in flight: its recovery
 * takes a missing base for a missing disk. session_close() does so for the declared directories.
 * Only logs errors: the next verb tries it again. */
void session_remove_empty_bases(const Store *store, char **bases, const LogContext *log);
