/* SPDX-License-Identifier: MIT */
/* Finds services that use a state and are not declared. */
#pragma once

#include "declare/declaration.h"

/* Lists a sentence for each service whose unit file names a directory of the state, or its user,
 * and that no declaration names. The caller owns the list. Returns 0 or -ENOMEM. */
int neighbours_find(const Declarations *all, const Declaration *declaration,
                    char ***ret) _must_check_;
