/* SPDX-License-Identifier: MIT */
/* Is anybody using the state? */
#pragma once

#include "declaration.h"
#include "place.h"

enum {
    QUIESCE_IDLE = 0,
    QUIESCE_BUSY = 1, /* reterr_what names who, and what to type */
};

/* The service's units are inactive and their control groups empty, nobody has a file below a
 * directory open for writing or mapped shared, nobody holds a mount of it in any namespace. Never
 * stops anything: stopping from within a unit cancels the very jobs that wait for it. */
int quiesce_check(const Declaration *declaration, const Place *places, size_t n_places,
                  char **reterr_what) _must_check_;
