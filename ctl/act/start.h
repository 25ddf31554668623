/* SPDX-License-Identifier: MIT */
/* What start.c, which tells it in order, shares with the files that do parts of it. Functions
 * return a Result or STATUS_INTERRUPTED, and have said what went wrong. */
#pragma once

#include "act/outage.h"
#include "look/service.h"

/* One service that is being taken along. */
typedef struct Start {
    sd_bus *bus;
    const char *name;
    bool retry;
    Declarations declarations;
    const Declaration *declaration;
    Service service;
    Jobs jobs;
    Outage outage;
} Start;

void start_free(Start *start);

/* Looks at the service, again if need be. */
int start_look(Start *start) _must_check_;

/* migrate.c: writes down (or takes back) that a state which is accepted is to be moved on. */
int start_request(const Start *start, bool wanted);
/* migrate.c: starts migrate@NAME.service, follows it, looks what came of it. */
int start_migrate(Start *start) _must_check_;

/* retry.c: the failure of the last attempt is not held against the next. */
int start_forgive(const Start *start) _must_check_;
/* retry.c: units and sockets that gave up while the service was held down may start again. */
int start_reset_failed(const Start *start) _must_check_;
