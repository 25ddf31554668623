/* SPDX-License-Identifier: MIT */
/* Plans as text, for tests. */
#pragma once

#include "declare/plan.h"

/* What comes of it: "1 -ID-> 2 ...> 3 +" (a step, a gap, [EveryUp]) of a plan whose steps meet and
 * run what they should, "current", or "OUTCOME: what is said of it". The caller owns it; NULL: out
 * of memory. lineage NULL: nothing is known of where the state came from. */
char *outcome_text(const Declaration *declaration, const char *from, const Lineage *lineage);
/* That migration id brought the state from one version to another: the newest first. Aborts without
 * memory. */
void lineage_add(Lineage *lineage, const char *id, const char *from, const char *to);
