/* SPDX-License-Identifier: MIT */
/* What all verbs begin with: the store is open and locked, and the declaration has been read. */
#pragma once

#include "state/run.h"

typedef struct Session {
    Declarations declarations;
    Store store;
    Run run;
    char *ending; /* the text of the first event with a result */
} Session;

/* Takes the lock, settles what was in flight, reads the declaration. RESULT_DONE or why not, which
 * was logged; in any case session_close(). RESULT_REFUSED (nothing declares it) and RESULT_INVALID
 * come after settling. */
int session_open(Session *session, const char *name) _must_check_;
/* For what changes nothing and so needs no lock, but whose log differs: nothing is settled, and
 * what is in flight is RESULT_BUSY. The lock is given back once begin() has been called with it,
 * which returns a Result, too. The same Results; in any case session_close(). */
int session_look(Session *session, const char *name, const LogContext *log,
                 int (*begin)(const Session *session)) _must_check_;
void session_close(Session *session);
