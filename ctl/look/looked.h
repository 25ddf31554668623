/* SPDX-License-Identifier: MIT */
/* Reads the facts of all or of the named services, for status and the overview. */
#pragma once

#include "basic/result.h"
#include "look/service.h"

typedef struct Looked {
    Declarations declarations;
    Service *services;
    size_t n_services;
    size_t n_inert; /* services that are left out because they are not enabled */
    sd_bus *bus;    /* NULL: the states of units are unknown */
} Looked;

/* Reads the services in names (NULL-terminated; empty: all). Returns RESULT_DONE; or, after
 * printing the reason, RESULT_REFUSED if a name is not declared (*ret has the others), or
 * RESULT_FAILED. */
Result look(char **names, Looked *ret) _must_check_;
void looked_free(Looked *looked);
