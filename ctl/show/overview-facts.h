/* SPDX-License-Identifier: MIT */
/* Finds the facts of the overview: the groups, the last events and the backups. */
#pragma once

#include "look/service.h"
#include "terminal/output.h"

#define FACTS_EVENTS 3
#define DATE_LENGTH  ((int)strlen("2026-11-22")) /* a date at the beginning of time_local_short() */

typedef struct OverviewFacts {
    const TransactionRecord *events[FACTS_EVENTS]; /* newest first; borrowed from the histories */
    size_t n_events;
    size_t n_backups, n_services; /* number of backups, and of services with backups */
    int64_t bytes;                /* size of all backups, which may share blocks with the state */
    char *next_pruning;           /* next run of the pruning timer, UTC; NULL: unknown */
    bool never_pruned;            /* the pruning timer is not active */
    bool unread;                  /* the store could not be read: only root may */
} OverviewFacts;

/* Finds the facts. Facts that cannot be read are left out. Returns 0 or -ENOMEM. */
int overview_facts_find(const Looked *looked, OverviewFacts *ret) _must_check_;
void overview_facts_free(OverviewFacts *facts);
/* Describes the backups: "4 of 2 services, 3.2 GiB; next pruning 2026-11-23 00:12:00"; brief: "4,
 * 3.2 GiB; next pruning 2026-11-23". The caller owns the string; NULL: out of memory. */
char *overview_facts_describe_backups(const OverviewFacts *facts, bool brief) _must_check_;

/* Groups of services, by the urgency of their next action. */
typedef enum Group {
    GROUP_RUNNING,
    GROUP_HALF_DONE,
    GROUP_FAILED,
    GROUP_REFUSED,
    GROUP_WAITING,
    GROUP_DEFERRED,
    GROUP_PENDING,
    GROUP_UNSEEN,
    GROUP_NONE, /* nothing to do */
} Group;

Group group_of(const Service *service);
/* Returns the heading of a group, without a colon. */
const char *group_title(Group group);
Colour group_colour(Group group);
