/* SPDX-License-Identifier: MIT */
/* One service as it is now: facts about it, the verdict on them, and the verdict in words. Writes
 * nothing, locks nothing, runs no script. */
#pragma once

#include "judge/words.h"

typedef struct Service {
    const Declaration *declaration; /* borrowed */
    Facts facts;
    Verdict verdict;
    Condition condition; /* of the verdict */
    Words words;         /* of the verdict */

    /* The words as they are shown, where systemd may have to read something first. */
    const char *what;  /* borrowed from words */
    char *reload;      /* a sentence; NULL: systemd has read all, or cannot be asked */
    char *next, *then; /* what to run, and what once that is done; NULL: nothing */

    char *rehearsed; /* "rehearsed 2 h ago: passed, 12 s"; NULL: not, or with --from= */
} Service;

/* Looks at a service of all. bus NULL: units are unknown. from replaces what is found of the state
 * (--from=). 0 or -ENOMEM; what cannot be read is part of the result. */
int service_look(const Declarations *all, const Declaration *declaration, sd_bus *bus,
                 const char *from, Service *ret) _must_check_;
/* Judges anew, by facts that have come along since. The same. */
int service_judge(Service *service) _must_check_;
/* As root, on this system, where a migration is pending: finds out what its clone takes, and judges
 * anew. What cannot be found out is left for the helper to say. The same. */
int service_read_space(Service *service) _must_check_;
/* Takes the verdict that the helper has reached, and its words. The same. */
int service_take_refusal(Service *service, Refusal *refusal) _must_check_;
void service_free(Service *service);

/* "run: COMMAND, then: COMMAND"; the caller owns it. NULL: there is nothing to run, or out of
 * memory. */
char *service_next(const Service *service) _must_check_;

/* The same without "migratectl VERB NAME", for the output of that command. */
char *service_next_after(const Service *service, const char *verb) _must_check_;

/* PID 1, or NULL where it is not to be asked (--root=, no systemd, no bus). */
sd_bus *service_bus(void);

/* Opens a path of the system that --root= names (or of this one) without leaving it. flags as for
 * open(2). A descriptor or a negative errno. */
int open_below_root(const char *path, int flags) _must_check_;
