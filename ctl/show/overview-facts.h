/* SPDX-License-Identifier: MIT */
/* What the overview tells beside the conditions: what was done last, and which backups there are.
 */
#pragma once

#include "look/looked.h"

#define FACTS_EVENTS 3
#define DATE_LENGTH  ((int)strlen("2026-11-22")) /* of what time_local_short() says */

typedef struct Facts {
    const TransactionRecord *events[FACTS_EVENTS]; /* of histories, newest first; borrowed */
    size_t n_events;
    size_t n_backups, n_hosts; /* how many, and of how many services */
    int64_t bytes;             /* that those take at most: they may share blocks with the state */
    char *next_pruning;        /* when, UTC; NULL: not known */
    bool never_pruned;         /* the timer is not active */
    bool unread;               /* the store is root's, and we are not */
} Facts;

/* 0 or -ENOMEM. What cannot be found out is left out. */
int facts_find(const Looked *looked, Facts *ret) _must_check_;
void facts_free(Facts *facts);
/* "4 of 2 services, 3.2 GiB; pruned again 2026-11-23 00:12:00", brief "4, 3.2 GiB; pruned again
 * 2026-11-23"; the caller owns it. */
char *facts_describe_backups(const Facts *facts, bool brief) _must_check_;
