/* SPDX-License-Identifier: MIT */
/* Only words.c and words-command.c include this. */
#pragma once

#include "judge/words.h"

/* Sets words->command and words->then, which the caller owns. NULL: there is no command, or no
 * memory. */
void words_find_command(const Facts *facts, const Verdict *v, Words *words);
