/* SPDX-License-Identifier: MIT */
/* Waybacks: the [Down] sections of migrations, kept in the store for a system that does not know
 * the newer migration.
 *
 * STORE/applied/ID, with the id of the transaction, holds the record "steps" and copies of the
 * files that its commands name. Paths in the Nix store get a garbage collector root instead. A
 * wayback is valid if the history has the transaction as done. */
#pragma once

#include "declare/plan.h"
#include "wayback/record.h"

#define APPLIED_DIRECTORY "applied"
#define APPLIED_RECORD    "steps"
/* After its removal has begun, as with backups. */
#define APPLIED_REMOVING_PREFIX ".removing-"

/* Larger files are not copied: they are no scripts. */
#define APPLIED_FILE_MAX (UINT64_C(64) << 20)

/* Writes STORE/applied/ID for the steps of an upgrade that have a [Down] (nothing if none has), and
 * makes roots; durable. *ret_notes, owned by the caller, has sentences about files that cannot be
 * kept. 0, or a negative errno with *reterr_what, a path or NULL; the caller then removes what was
 * written. */
int applied_write(const Store *store, const char *id, const char *since,
                  const Declaration *declaration, const Plan *plan, char ***ret_notes,
                  char **reterr_what) _must_check_;

/* Fills in the waybacks of the steps of a lineage. Commands name the original files, or the copies
 * if these have changed. Damaged waybacks go to lineage->damaged. root: as for store_open(). 0 or
 * -ENOMEM. */
int applied_load(const char *root, const Store *store, const Declaration *declaration,
                 Lineage *lineage) _must_check_;

/* Adds User=, Group= and ReadWritePaths= of that time to a declaration that has no User= any more,
 * for a step of a wayback. 0, -EBADMSG, or another negative errno. */
int applied_complete(const Store *store, const Plan *plan, Declaration *declaration) _must_check_;

/* 0, 1 if there is none, -EBADMSG, or another negative errno. */
int applied_read(const Store *store, const char *id, WaybackRecord *ret) _must_check_;
/* Appends the record's paths in the Nix store. 0 or -ENOMEM. */
int applied_find_roots(const WaybackRecord *record, char ***paths) _must_check_;

/* Is path in a wayback? *ret_id points to the id in it. */
bool applied_path_is_within(const Store *store, const char *path, const char **ret_id,
                            size_t *ret_length);
