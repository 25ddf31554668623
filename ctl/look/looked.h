/* SPDX-License-Identifier: MIT */
/* All services, or those that were named, as they are now: what status and the overview begin with.
 */
#pragma once

#include "basic/result.h"
#include "look/service.h"

typedef struct Looked {
    Declarations declarations;
    Service *services;
    size_t n_services;
    size_t n_inert; /* left out, since they are not enabled */
    sd_bus *bus;    /* NULL: units are not known */
} Looked;

/* Looks. names: NULL-terminated, none stands for all. RESULT_DONE, RESULT_REFUSED when a name is
 * declared nowhere (the others are there), or RESULT_FAILED, each of which has been said. */
Result look(char **names, Looked *ret) _must_check_;
void looked_free(Looked *looked);
