/* SPDX-License-Identifier: MIT */
/* Reads and writes waybacks: the [Down] sections of migrations, kept in the store for a system that
 * does not know the newer migration.
 *
 * STORE/applied/ID (the id of the transaction) holds the record "steps", and copies of the files
 * that its commands name. Paths in the Nix store get a garbage collector root instead. A wayback is
 * valid if the history has the transaction as done. */
#pragma once

#include "declare/plan.h"
#include "wayback/record.h"

#define APPLIED_DIRECTORY "applied"
#define APPLIED_RECORD    "steps"
/* The prefix of a wayback whose removal has begun, as with backups. */
#define APPLIED_REMOVING_PREFIX ".removing-"

/* The largest file that is copied. No script is larger. */
#define APPLIED_FILE_MAX (UINT64_C(64) << 20)

/* Writes STORE/applied/ID, durably, for the steps of an upgrade that have a [Down] section, if there
 * are any. *ret_notes: sentences about files that cannot be kept, owned by the caller. 0, or a
 * negative errno with *reterr_what, a path or NULL; the caller then removes what was written. */
int applied_write(const Store *store, const char *id, const char *since,
                  const Declaration *declaration, const Plan *plan, char ***ret_notes,
                  char **reterr_what) _must_check_;

/* Fills in the waybacks of the steps of a lineage. Commands name the original files, or the copies
 * if the originals have changed. root: as for store_open(). 0 or -ENOMEM. */
int applied_load(const char *root, const Store *store, const Declaration *declaration,
                 Lineage *lineage) _must_check_;

/* Adds to a declaration the ReadWritePaths= of a wayback that has a step of the plan, and its User=
 * and Group= if the declaration has no User=. 0, -EBADMSG, or another negative errno. */
int applied_complete(const Store *store, const Plan *plan, Declaration *declaration) _must_check_;

/* Reads the record of a wayback. 0, 1 if there is none, -EBADMSG if it is damaged, or another
 * negative errno. */
int applied_read(const Store *store, const char *id, WaybackRecord *ret) _must_check_;
/* Appends the record's paths in the Nix store. 0 or -ENOMEM. */
int applied_find_roots(const WaybackRecord *record, char ***paths) _must_check_;

/* Says whether path is in a wayback, whose id is the part *ret_id of path, *ret_length long. */
bool applied_path_is_within(const Store *store, const char *path, const char **ret_id,
                            size_t *ret_length);
