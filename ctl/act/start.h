/* SPDX-License-Identifier: MIT */
/* The parts of migratectl start and retry; start.c has their order. Functions return a Result or
 * STATUS_INTERRUPTED, and have said what went wrong. */
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

/* Looks at the service; may be called again. */
Result start_look(Start *start) _must_check_;

/* migrate.c: records (or takes back) the request to migrate a state that is accepted as it is. */
Result start_request(const Start *start, bool wanted);
/* migrate.c: starts migrate@NAME.service, follows it, reads its result. */
int start_migrate(Start *start) _must_check_;

/* retry.c: removes the record that keeps a failed migration from being tried again. */
Result start_forgive(const Start *start) _must_check_;
/* retry.c: resets units and sockets that have failed while the service was down. */
Result start_reset_failed(const Start *start) _must_check_;
