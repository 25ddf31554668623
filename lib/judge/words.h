/* SPDX-License-Identifier: MIT */
/* Makes the words for a verdict: one sentence, and the commands to run next. The journal,
 * migratectl, JSON and the check before a switch of systems use the same words. */
#pragma once

#include "judge/verdict.h"

typedef struct Words {
    char *sentence; /* a sentence, without the service's name, and without a full stop */
    char *command;  /* command to run next; NULL: none, or not on this system */
    char *then;     /* command to run after that; NULL: none */
} Words;

/* Makes the sentence and the commands for a verdict. The caller frees *ret. 0 or -ENOMEM. */
int words_find(const Facts *facts, const Verdict *verdict, Words *ret) _must_check_;
/* words-command.c: sets words->command and words->then. NULL: there is no command, or no memory. */
void words_find_command(const Facts *facts, const Verdict *verdict, Words *words);
void words_free(Words *words);
/* Returns the stamp of the state; if no directory has one, the last version; if the stamps differ,
 * "VERSION". Borrowed. */
const char *words_seen(const Facts *facts);
/* Returns the backup that "migratectl restore NAME latest" brings back, if the state is too new for
 * the software. NULL: there is none, or the state has a part in a host, which is not in a backup.
 * Borrowed from the facts. */
const Backup *words_way_down(const Facts *facts, const Verdict *verdict);

/* Returns the first directory without data, on a disk that may not be mounted. Borrowed. */
const char *words_bare_directory(const Facts *facts);

/* Makes "run: COMMAND, then: THEN". The caller owns the text; NULL: out of memory, or there is no
 * command. */
char *words_line(const Words *words) _must_check_;

/* If systemd has not read the declaration, makes a sentence about that, and puts "systemctl
 * daemon-reload" before the command, which moves to words->then. *ret NULL: no reload is needed, or
 * systemd cannot be asked. The caller owns *ret. 0 or -ENOMEM. */
int words_reload(const Facts *facts, Words *words, char **ret) _must_check_;

/* Says why an existing approval does not cover the pending plan. The caller owns the text. NULL:
 * there is no approval, the approval covers the plan, or memory is short. */
char *words_expired(const Facts *facts, const Verdict *verdict) _must_check_;

/* Says why a route needs an approval of its own. The caller owns the text; NULL: out of memory. */
char *words_consent(const Facts *facts, const Route *route) _must_check_;
