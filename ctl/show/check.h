/* SPDX-License-Identifier: MIT */
/* Prints and collects the findings of migratectl check. */
#pragma once

#include "look/service.h"
#include "terminal/output.h"

typedef struct Findings {
    json_object *list; /* for --json= */
    size_t n_errors, n_warnings;
} Findings;

/* Prints the verdict of a service, and adds it to findings, if there is an obstacle or systemd has
 * not read the declaration. helper is the Result of the helper's check, or RESULT_DONE without a
 * check. Returns the Result for this service. */
Result check_show(const Service *service, Result helper, Findings *findings);
