/* SPDX-License-Identifier: MIT */
/* The way back of migrations that were done, kept in the store.
 *
 * An older system has never heard of a newer migration. So the [Down] of every step upwards is kept
 * as it was declared when the state went there: STORE/applied/ID, where ID is the transaction's id,
 * holds the record "steps" and copies of the files that the commands name. What lies in the Nix
 * store is not copied but has a root for the garbage collector, see gcroot.h.
 *
 * It is valid exactly when the history says that the transaction was done. */
#pragma once

#include "declare/plan.h"
#include "wayback/record.h"

#define APPLIED_DIRECTORY "applied"
#define APPLIED_RECORD    "steps"
/* Of one whose removal has begun, as with backups. */
#define APPLIED_REMOVING_PREFIX ".removing-"

/* A larger file is not copied: a database is no script. */
#define APPLIED_FILE_MAX (UINT64_C(64) << 20)

/* Writes STORE/applied/ID of an upward plan, as far as it has steps with a [Down] (0 and nothing is
 * written where it has none), and makes roots for the collector. Durable when it returns. since is
 * the time to tell people. What commands name but cannot be kept is told in *ret_notes, sentences,
 * the caller's. 0, or a negative errno with *reterr_what, a path, the caller's, or NULL: what was
 * written so far is for the caller to remove. */
int applied_write(const Store *store, const char *id, const char *since,
                  const Declaration *declaration, const Plan *plan, char ***ret_notes,
                  char **reterr_what) _must_check_;

/* Fills in what was kept of the steps that a state came by. A command names the original file where
 * that is still what it was, else the copy, at the place where scripts see it, which is where it
 * is. What is damaged, or whose files are gone, goes to lineage->damaged. root: where the store
 * lies, as given to store_open(). 0 or -ENOMEM. */
int applied_load(const char *root, const Store *store, const Declaration *declaration,
                 Lineage *lineage) _must_check_;

/* User=, Group= and ReadWritePaths= of the declaration that was in force then, for a step of it:
 * where the declaration in force now does not say User=, scripts run as whom they would have run
 * as, and paths are added. 0, -EBADMSG, or another negative errno. */
int applied_complete(const Store *store, const Plan *plan, Declaration *declaration) _must_check_;

/* Reads the record of a transaction. 0, 1 if there is none, -EBADMSG, or another negative errno. */
int applied_read(const Store *store, const char *id, WaybackRecord *ret) _must_check_;
/* Appends the paths of the Nix store that a record names. 0 or -ENOMEM. */
int applied_find_roots(const WaybackRecord *record, char ***paths) _must_check_;

/* Is path a file that was kept? *ret_id is where in it the transaction's id begins. */
bool applied_path_is_within(const Store *store, const char *path, const char **ret_id,
                            size_t *ret_length);
