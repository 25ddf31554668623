/* SPDX-License-Identifier: MIT */
/* The first steps of many verbs. Each function returns RESULT_DONE, or another Result after
 * printing the reason. refuse_undeclared(), refuse_invalid() and refuse_store() always print a
 * reason. */
#pragma once

#include "basic/result.h"
#include "declare/declaration.h"
#include "store/store.h"

Result read_declarations(Declarations *ret) _must_check_;
Result refuse_undeclared(const char *name);
/* Prints the problems of a declaration. */
Result refuse_invalid(const Declaration *declaration);
/* Reads all declarations, and finds the valid declaration NAME. *ret_declarations owns it. */
Result find_declaration(const char *name, Declarations *ret_declarations,
                        const Declaration **ret) _must_check_;
/* Begins a verb that changes the state of NAME: requires root, and lets the helper recover an
 * interrupted transaction. Skips both with --root=. Then works like find_declaration(). */
Result find_settled(const char *verb, const char *name, Declarations *ret_declarations,
                    const Declaration **ret) _must_check_;
/* Refuses text that is not a valid version. */
Result refuse_version(const char *version) _must_check_;
/* Prints that the store of NAME cannot be opened. error is the errno of store_open(). */
Result refuse_store(const char *name, int error);
/* Opens the store of NAME and takes its lock. Without create, a missing store is RESULT_DONE and fd
 * -1. */
Result open_locked_store(const char *name, bool create, Store *ret) _must_check_;
/* Lists sentences about clones and backups that the software can see, unless with --root=. Returns 0
 * or -ENOMEM. */
int describe_visible(const Declaration *declaration, char ***ret) _must_check_;
Result require_root(const char *verb) _must_check_;
