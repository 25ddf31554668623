/* SPDX-License-Identifier: MIT */
/* Writes units into the generator's directory. */
#pragma once

#include "render.h"

#include <stdio.h>

/* Writes all outputs below directory. Each file appears complete, by a rename, because runs of a
 * generator can overlap and systemd takes an empty file for a mask.
 *
 * Tries all outputs. Returns 0 or the first negative errno; reterr_path, owned by outputs, is the
 * path that failed. */
int publish(const char *directory, const Outputs *outputs, const char **reterr_path) _must_check_;

/* Prints the files and links that publish() would write. */
void publish_dry_run(FILE *f, const Outputs *outputs);
