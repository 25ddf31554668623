/* SPDX-License-Identifier: MIT */
/* Asks the operator a question. */
#pragma once

#include "basic/result.h"
#include "basic/util.h"

/* Will ask_operator() print a question, so that the caller has to explain it first? */
bool ask_is_needed(void);
/* Asks on the terminal, unless --yes is given. name: the service. otherwise: the consequence of a
 * no, such as "nothing was changed".
 *
 * Returns RESULT_DONE for yes. Returns RESULT_APPROVAL, after printing the reason, for any other
 * answer and without a terminal; the caller must then change nothing. */
Result ask_operator(const char *name, const char *question, const char *otherwise) _must_check_;
