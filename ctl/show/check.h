/* SPDX-License-Identifier: MIT */
/* The findings of migratectl check. */
#pragma once

#include "look/service.h"
#include "terminal/output.h"

typedef struct Findings {
    json_object *list; /* for --json= */
    size_t n_errors, n_warnings;
} Findings;

/* Prints the verdict if something is in the way or systemd has not read the declaration, and adds
 * it to findings. helper: the Result of the helper's check, RESULT_DONE if the helper was not
 * asked. The Result for this service. */
Result check_show(const Service *service, Result helper, Findings *findings);
