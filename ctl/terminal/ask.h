/* SPDX-License-Identifier: MIT */
/* A question to the operator. */
#pragma once

#include "basic/util.h"

/* Will somebody be asked, who has to be told beforehand what it is about? */
bool ask_is_needed(void);
/* Asks on the terminal, unless --yes was given. name is what it is about. RESULT_DONE for yes;
 * RESULT_APPROVAL for anything else, and where nobody can be asked, which is said: then nothing may
 * be done. The question ends without a space. */
int ask_operator(const char *name, const char *question, const char *otherwise);
