/* SPDX-License-Identifier: MIT */
/* The last events and the backups, for the end of the overview. */
#pragma once

#include "look/looked.h"

#define FACTS_EVENTS 3
#define DATE_LENGTH  ((int)strlen("2026-11-22")) /* the beginning of time_local_short() */

typedef struct OverviewFacts {
    const TransactionRecord *events[FACTS_EVENTS]; /* of histories, newest first; borrowed */
    size_t n_events;
    size_t n_backups, n_services; /* backups, and services that have some */
    int64_t bytes;                /* sum of the backups, which may share blocks with the state */
    char *next_pruning;           /* UTC; NULL: unknown */
    bool never_pruned;            /* the timer is not active */
    bool unread;                  /* only root can read the store */
} OverviewFacts;

/* 0 or -ENOMEM. Facts that cannot be found out are left out. */
int overview_facts_find(const Looked *looked, OverviewFacts *ret) _must_check_;
void overview_facts_free(OverviewFacts *facts);
/* "4 of 2 services, 3.2 GiB; pruned again 2026-11-23 00:12:00", brief "4, 3.2 GiB; pruned again
 * 2026-11-23"; the caller owns it. */
char *overview_facts_describe_backups(const OverviewFacts *facts, bool brief) _must_check_;
