/* SPDX-License-Identifier: MIT */
/* A question to the operator. */
#pragma once

#include "basic/result.h"
#include "basic/util.h"

/* Will ask_operator() ask, so that the question has to be explained first? */
bool ask_is_needed(void);
/* Asks on the terminal, unless --yes was given. name: the service. otherwise: the consequence of a
 * no, "nothing was changed". RESULT_DONE for yes; RESULT_APPROVAL for any other answer and where
 * there is no terminal, which is said: then nothing may be done. */
Result ask_operator(const char *name, const char *question, const char *otherwise) _must_check_;
