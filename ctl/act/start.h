/* SPDX-License-Identifier: MIT */
/* The parts of migratectl start and retry, which start.c calls. Each function returns a Result or
 * STATUS_INTERRUPTED, and prints the reason of a failure. */
#pragma once

#include "act/outage.h"
#include "basic/result.h"
#include "look/service.h"

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

/* Reads the declaration and the facts of the service. Can be called again. */
Result start_look(Start *start) _must_check_;

/* migrate.c: records a request to migrate a state that the software accepts without a migration;
 * wanted false removes the request. */
Result start_request(const Start *start, bool wanted);
/* migrate.c: starts migrate@NAME.service, follows the run, and returns its result. */
int start_migrate(Start *start) _must_check_;
