/* SPDX-License-Identifier: MIT */
/* The first steps of many verbs, and the messages of these steps. */
#pragma once

#include "basic/result.h"
#include "declare/declaration.h"

/* Reads all declarations. RESULT_DONE, or RESULT_FAILED, which is said. */
int read_declarations(Declarations *ret) _must_check_;
/* Says that nothing declares NAME, which is RESULT_REFUSED. */
int refuse_undeclared(const char *name);
/* Prints the problems of a declaration; RESULT_INVALID. */
int refuse_invalid(const Declaration *declaration);
/* Reads all declarations, and finds a valid one of this name, which ret_declarations owns.
 * RESULT_DONE, or another Result, which is said. */
int find_declaration(const char *name, Declarations *ret_declarations,
                     const Declaration **ret) _must_check_;
/* Says that the store of NAME cannot be opened, which is RESULT_FAILED. error: store_open()'s. */
int refuse_store(const char *name, int error);
/* Says that a migration of NAME is running, which is RESULT_BUSY. */
int refuse_busy(const char *name);
/* RESULT_DONE for root; RESULT_FAILED for others, which is said. */
int require_root(const char *verb) _must_check_;
