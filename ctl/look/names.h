/* SPDX-License-Identifier: MIT */
/* Finds the service that somebody means by a word: a name, or a unit. */
#pragma once

#include "basic/result.h"
#include "basic/util.h"

/* Replaces units by names: migrate@app.service, and app.service of Unit=app.service, are app. A name
 * that is declared stays as it is. With known false, only the type of a unit is cut off. The caller
 * owns the list. Returns RESULT_DONE; RESULT_USAGE after printing the reason, if a unit is of several
 * services or a name is not valid; or RESULT_FAILED. */
Result names_resolve(char **words, bool known, char ***ret) _must_check_;
/* Refuses names together with --all, and neither of them. */
Result names_or_all(char **names, const char *verb) _must_check_;
