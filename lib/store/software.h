/* SPDX-License-Identifier: MIT */
/* Software=: which software a version belongs to. It is recorded with the state as STORE/software
 * and with every backup, in the manifest, so that the next migration can tell its scripts where the
 * software is that wrote what they read. Of what lies in the Nix store there is a root for the
 * garbage collector as long. */
#pragma once

#include "store/store.h"

/* Fields of a transaction's record, and so of a manifest: of what was there, and of what comes. */
#define FIELD_SOFTWARE_FROM "software-from"
#define FIELD_SOFTWARE_TO   "software-to"

/* The software that is recorded for a state of that version, or NULL; the caller owns it. A record
 * of another version, or a damaged one, says nothing. 0 or a negative errno. */
int software_read(const Store *store, const char *version, char **ret) _must_check_;

/* Writes both into the record of a transaction from one version (NULL: none) to what declared (may
 * be NULL) belongs to, and makes sure that the collector leaves that alone. 0 or a negative errno.
 */
int software_describe(const Store *store, json_object *record, const char *from,
                      const char *declared) _must_check_;

/* Records that a state of that version belongs to the software at path (NULL: not known);
 * repeatable. 0 or a negative errno. */
int software_remember(const Store *store, const char *version, const char *path) _must_check_;
