/* SPDX-License-Identifier: MIT */
/* What the helper does, one function a verb. Each returns a Result and has logged what happened. */
#pragma once

#include "transaction/transaction.h"

/* migrate@NAME.service: settles, finds out where the state is, plans, migrates. run.c. */
int verb_run(const char *name) _must_check_;

/* migrate-post@NAME.service: after the service has started. post.c. */
int verb_post(const char *name) _must_check_;

/* For migratectl: settles what a crash left behind, nothing else. run.c. */
int verb_settle(const char *name) _must_check_;

/* For migratectl check: could what is pending run? Looks at consent, space and who uses the state,
 * and runs every Check= of the plan; says what would keep it from running. Changes nothing but what
 * a crash left behind, which is settled. check.c. */
int verb_check(const char *name) _must_check_;

/* For migratectl adopt and enable: the version, given or (NULL) detected, is recorded;
 * force: also where Detect= says otherwise. adopt.c. */
int verb_adopt(const char *name, const char *version, bool force) _must_check_;

/* For migratectl forget: nothing is remembered of a state that is gone. forget.c. */
int verb_forget(const char *name) _must_check_;

/* Removes backups that are not needed any more, of the services named, or (none) of all. prune.c.
 */
int verb_prune(char **names) _must_check_;

/* Exchanges the state with a backup; force: also where the software does not take that version.
 * restore.c. */
int verb_restore(const char *name, const char *id, bool force) _must_check_;

/* Tries what run would do on a clone of the state, which is thrown away, and changes nothing;
 * keep: the clone stays, to be looked at. rehearse.c. */
int verb_rehearse(const char *name, bool keep) _must_check_;

/* What all of them begin with: the store is open and locked, the declaration read, places found.
 * session.c. */
typedef struct Session {
    Declarations declarations;
    Store store;
    Run run;
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
/* Fills in run.places, anew after something was exchanged; what they are is not looked at. The same
 * Results. */
int session_find_places(Session *session) _must_check_;
void session_close(Session *session);
