/* SPDX-License-Identifier: MIT */
/* Reads one service: the facts, the verdict, and the verdict in words. Changes no data, takes no
 * lock, and runs no script. */
#pragma once

#include "basic/result.h"
#include "judge/words.h"

typedef struct Service {
    const Declaration *declaration; /* borrowed */
    Facts facts;
    Verdict verdict;
    Condition condition; /* derived from the verdict */
    Words words;         /* derived from the verdict */

    /* The texts that migratectl prints. Unlike words, they also say whether systemd has to reload
     * its units before the next command. */
    const char *what;  /* the sentence; borrowed from words */
    char *reload;      /* a sentence; NULL: no reload is needed, or systemd cannot be asked */
    char *next, *then; /* the next command, and the one after it; NULL: nothing to run */

    char *rehearsed; /* "rehearsed 2 h ago: passed, 12 s"; NULL: not rehearsed, or --from= is
                      * given */
} Service;

/* Reads one service of all. bus NULL: the states of units are unknown. from, if not NULL, replaces
 * the version that the state has (--from=). Returns 0 or -ENOMEM; *ret records facts that cannot be
 * read. */
int service_look(const Declarations *all, const Declaration *declaration, sd_bus *bus,
                 const char *from, Service *ret) _must_check_;
/* Derives the verdict and the words again after facts have changed. Returns 0 or -ENOMEM. */
int service_judge(Service *service) _must_check_;
/* Estimates the space of the clone if a migration is pending, and derives the verdict again. Works
 * only as root and without --root=. Leaves facts that cannot be read to the helper's check. Returns
 * 0 or -ENOMEM. */
int service_read_space(Service *service) _must_check_;
/* Replaces the verdict and the words by those of the helper's refusal. Returns 0 or -ENOMEM. */
int service_take_refusal(Service *service, Refusal *refusal) _must_check_;
void service_free(Service *service);

/* Formats "run: COMMAND, then: COMMAND". The caller owns the string; NULL: there is nothing to run,
 * or out of memory. */
char *service_next(const Service *service) _must_check_;

/* Formats the next commands without "migratectl VERB NAME", for the output of exactly that
 * command. */
char *service_next_after(const Service *service, const char *verb) _must_check_;

/* Connects to PID 1. NULL: --root= is given, or there is no systemd or no bus. */
sd_bus *service_bus(void);

/* Opens a path below --root= (or /) without leaving that directory. flags are those of open(2).
 * Returns a descriptor or a negative errno. */
int open_below_root(const char *path, int flags) _must_check_;

/* Finds Post= hooks that wait for the service to start, and have changed since their migration was
 * approved. Returns one fingerprint for each hook of service->facts.post; "" means that the hook
 * needs no approval. *ret_first is the command of the first hook that needs approval, or NULL. The
 * caller owns the array; NULL: out of memory. */
Fingerprint *post_hooks_compare(const Service *service, const char **ret_first) _must_check_;
/* Returns the command of the first hook that needs approval; NULL: none. */
const char *hook_to_approve(const Service *service);

typedef struct Looked {
    Declarations declarations;
    Service *services;
    size_t n_services;
    size_t n_inert; /* services that are left out because they are not enabled */
    sd_bus *bus;    /* NULL: the states of units are unknown */
    char **left;    /* sentences about gates of services that nothing declares any more */
} Looked;

/* Adds a sentence for each unit that systemd still guards for a service that nothing declares any
 * more; name NULL: for all services. Returns 0 or -ENOMEM. */
int left_gates_find(const Declarations *all, const char *name, char ***list) _must_check_;

/* Reads the services in names (NULL-terminated; empty: all). Returns RESULT_DONE; or, after
 * printing the reason, RESULT_REFUSED if a name is not declared (*ret has the others), or
 * RESULT_FAILED. */
Result look(char **names, Looked *ret) _must_check_;
void looked_free(Looked *looked);
