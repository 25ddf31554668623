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

/* Lists the enabled services that is_wanted chooses, in the order in which they are migrated.
 * Returns RESULT_DONE, or RESULT_FAILED after printing the reason. */
Result services_find(sd_bus *bus, bool (*is_wanted)(const Service *service),
                     char ***ret) _must_check_;
