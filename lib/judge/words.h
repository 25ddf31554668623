/* SPDX-License-Identifier: MIT */
/* What is said of a verdict: one sentence, and what to run next. The journal, migratectl, JSON and
 * the check before a switch of systems all say this. */
#pragma once

#include "judge/verdict.h"

typedef struct Words {
    char *sentence; /* without the service's name, and without a full stop */
    char *command;  /* to run next; NULL: nothing, or not from where this is read */
    char *then;     /* what to run once that is done; NULL: nothing */
} Words;

/* 0 or -ENOMEM. */
int words_find(const Facts *facts, const Verdict *verdict, Words *ret) _must_check_;
void words_free(Words *words);

/* "run: COMMAND, then: THEN"; NULL: out of memory, or nothing is to be run. */
char *words_line(const Words *words) _must_check_;

/* Has systemd not read what is declared? A sentence, with "systemctl daemon-reload" in the place of
 * the command; what was there becomes what to run then. *ret NULL: it has, or cannot be asked. 0 or
 * -ENOMEM. */
int words_reload(const Facts *facts, Words *words, char **ret) _must_check_;

/* Why an approval that is there does not count for what is pending. The caller owns it; NULL: there
 * is none, it counts, or out of memory. */
char *words_expired(const Facts *facts, const Verdict *verdict) _must_check_;

/* Why a route needs an approval of its own. The caller owns it; NULL: out of memory. */
char *words_consent(const Facts *facts, const Route *route) _must_check_;
