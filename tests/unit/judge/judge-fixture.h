/* SPDX-License-Identifier: MIT */
/* Facts from a line of text, so that a test is a table of such lines. */
#pragma once

#include "judge/words.h"

/* What "app" declares: words of [State], as "Version=3 Accepts=2"; Directory=/var/lib/app unless
 * another is given. Migrations lead from 1 to 2 and to 3, but for those that a word "-2" or "-3"
 * leaves out. "+down" gives them [Down], "+check" and "+warn" Check= and Warn=, "+broken" breaks
 * the declaration. Services db (a host for Within=), web and old are declared beside it, with
 * "+db",
 * "+web", "+old". Read once and kept; aborts where it cannot be read. */
Declarations *judge_declare(const char *words);
void judge_done(void);

/* Facts about app, by words:
 *
 *   app=1, app=1+2, app=data, app=empty, app=missing, app=unreadable, app=refused
 *                       /var/lib/app; 3~1 says that 1 may run on it; likewise srv= for /srv/app,
 * and store= for a state without db=1, db=none, db=unready, db=missing, db=busy, db=refused its
 * place with db others=web          stamps of that service in /var/lib/app fresh=3 known=2
 * known=2@/old transaction post=ID:2 failed=1:3 retried=1:3 interrupted=1:3 deferred over
 * deferred-badly approved=1:3 refused=1:3:TEXT attention=TEXT up failing enabled running masked off
 * manual gate=missing (other, left) requested agreed thorough from=1 root user freshcheck=fresh
 * (data, fails, stopped) detect=2 (fails, stopped) confirm=same (2, fails) room=yes (no, limit)
 * use=none (TEXT, stopped) checks=good (TEXT, stopped) backup=ID:1:3 done=1:3:ID
 * restored=3:1:ID:BACKUP untouched lasting provisional=ID moving own-records moved=web (moved-lost,
 * moved-declared) old=records (stamp, both, hidden) olddir=app (old, refused, unreadable, both)
 *   unread=store (foreign, failed, known, ways, kept)
 *
 * "_" in a TEXT is a space. Aborts at any other word, and without memory. */
void judge_facts(Facts *facts, const Declarations *declarations, const char *words);
