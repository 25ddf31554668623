/* SPDX-License-Identifier: MIT */
/* Facts from a line of text, so that a test is a table of lines. */
#pragma once

#include "judge/words.h"

/* The declaration of "app", by words:
 *
 *   Version=3 Accepts=2   keys of [State]; Directory=/var/lib/app unless a word has another
 *   -2, -3                no migration to 2, or to 3 (otherwise they lead from 1 to 2 and to 3)
 *   +down +check +warn    the migrations have [Down], Check=, Warn=
 *   +broken               the declaration is invalid
 *   +db +web +old         these services are declared, too; db can be a host for Within=
 *
 * The result is kept until judge_done(). Aborts if the declaration cannot be read. */
Declarations *judge_declare(const char *words);
void judge_done(void);

/* Facts about app, by words:
 *
 *   app=1, 1+2, 3~1, data, empty, missing, unreadable, refused
 *                       /var/lib/app; 3~1: at version 3, which 1 may run on, too
 *   srv=, store=        the same for /srv/app, and for a state without directories
 *   db=1, none, unready, missing, busy, refused
 *                       the part in the host db
 *   others=web          stamps of that service in /var/lib/app
 *
 *   records:            fresh=3 known=2 known=2@/old transaction post=ID:2 failed=1:3 retried=1:3
 *                       interrupted=1:3 deferred over deferred-badly approved=1:3 refused=1:3:TEXT
 *                       attention=TEXT
 *   units:              up failing enabled running masked off manual gate=missing (other, left)
 *   the question:       requested agreed thorough from=1 root user
 *   answers:            freshcheck=fresh (data, fails, stopped), detect=2 (fails, stopped),
 *                       confirm=same (2, fails), room=yes (no, limit), use=none (TEXT, stopped),
 *                       checks=good (TEXT, stopped)
 *   the way back:       backup=ID:1:3 done=1:3:ID restored=3:1:ID:BACKUP untouched lasting
 *                       provisional=ID
 *   another name:       moving own-records moved=web (moved-lost, moved-declared), old=records
 *                       (stamp, both, hidden), olddir=app (old, refused, unreadable, both)
 *   unread=store        (foreign, failed, known, ways, kept, commands)
 *
 * "_" in a TEXT is a space. Aborts at any other word, and without memory. */
void judge_facts(Facts *facts, const Declarations *declarations, const char *words);
