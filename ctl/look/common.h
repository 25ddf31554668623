/* SPDX-License-Identifier: MIT */
/* The first steps of many verbs, and the messages of these steps. */
#pragma once

#include "basic/result.h"
#include "declare/declaration.h"
#include "store/store.h"

/* Reads all declarations. RESULT_DONE, or RESULT_FAILED, which is said. */
Result read_declarations(Declarations *ret) _must_check_;
/* Says that nothing declares NAME, which is RESULT_REFUSED. */
Result refuse_undeclared(const char *name);
/* Prints the problems of a declaration; RESULT_INVALID. */
Result refuse_invalid(const Declaration *declaration);
/* Reads all declarations, and finds a valid one of this name, which ret_declarations owns.
 * RESULT_DONE, or another Result, which is said. */
Result find_declaration(const char *name, Declarations *ret_declarations,
                        const Declaration **ret) _must_check_;
/* What verbs begin with that change the state of NAME: they need root, and the helper recovers what
 * was cut off; but not below --root=. As find_declaration(). */
Result find_settled(const char *verb, const char *name, Declarations *ret_declarations,
                    const Declaration **ret) _must_check_;
/* RESULT_DONE for a valid version; RESULT_USAGE for another text, which is said. */
Result refuse_version(const char *version) _must_check_;
/* Says that the store of NAME cannot be opened, which is RESULT_FAILED. error: store_open()'s. */
Result refuse_store(const char *name, int error);
/* Opens the store of NAME and takes its lock. Without create, a missing store is RESULT_DONE and fd -1.
 * RESULT_DONE; RESULT_BUSY or RESULT_FAILED, which is said. */
Result open_locked_store(const char *name, bool create, Store *ret) _must_check_;
/* RESULT_DONE for root; RESULT_FAILED for others, which is said. */
Result require_root(const char *verb) _must_check_;
