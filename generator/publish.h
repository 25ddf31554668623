/* SPDX-License-Identifier: MIT */
/* Writing units into the generator's directory. */
#pragma once

#include "render.h"

/* Writes every output below directory: whole files or none, by a temporary name and a rename, since
 * two runs of a generator can overlap and an empty file would be a mask. 0, or the first negative
 * errno, after having tried all; reterr_path (owned by outputs) is the one that failed. */
int publish(const char *directory, const Outputs *outputs, const char **reterr_path) _must_check_;

/* Prints what publish() would write. */
void publish_dry_run(FILE *f, const Outputs *outputs);
