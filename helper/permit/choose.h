/* SPDX-License-Identifier: MIT */
/* Which route a run takes (lib/judge/route.h), and the one that is no migration. */
#pragma once

#include "judge/route.h"
#include "transaction/transaction.h"

/* Chooses for the state, whose stamp is version. RESULT_DONE, also where approval is still needed,
 * or a Result that has been logged. route_free() in every case. */
int choose(Run *run, const char *version, Route *ret) _must_check_;
