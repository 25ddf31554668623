/* SPDX-License-Identifier: MIT */
/* The store: what is remembered of a service beside its state, in /var/lib/migrate/NAME, root's
 * alone.
 *
 * Records are JSON objects, one a file; the history is one object a line. The stamps are the
 * authority on versions; nothing here is asked what version a state is at, except "fresh=VERSION",
 * which stands in for a stamp while there is no state yet, and with Stamp=store the stamp itself.
 */
#pragma once

#include "basic/time.h"
#include "declare/declaration.h"

#include <json-c/json.h>

/* Files of the store. */
#define RECORD_TRANSACTION                                                                         \
    "transaction"                   /* in flight: from before the first step until after the last */
#define RECORD_FAILED      "failed" /* the last attempt failed and is not repeated blindly */
#define RECORD_INTERRUPTED "interrupted" /* how often in a row an attempt was cut off */
#define RECORD_POST        "post"        /* what is left to do once the service has started */
#define FIELD_POST_BEGUN   "begun"       /* of that: a hook may have run */
#define RECORD_REQUESTED                                                                           \
    "requested"                 /* an operator asked for a migration that the units do not need */
#define RECORD_KNOWN    "known" /* that there is a state, see known.h */
#define RECORD_APPROVED "approved" /* a plan that was agreed to, approval.h */
#define RECORD_DEFERRED "deferred" /* not now, deferral.h */
#define RECORD_PROVISIONAL                                                                         \
    "provisional" /* migrated in a boot that is not known to be good, provisional.h */
#define RECORD_MOVING     "moving"   /* it is getting another name or directory */
#define RECORD_MOVED      "moved"    /* under which name all of it is now */
#define RECORD_SOFTWARE   "software" /* that the state belongs to: Software= */
#define RECORD_HISTORY    "history"
#define RECORD_REHEARSAL  "rehearsal"  /* how the last rehearsal ended, rehearsal.h */
#define RECORD_REHEARSING "rehearsing" /* where one has put its clones, until these are gone */

typedef struct Store {
    char *name;
    char *path;
    int fd; /* holds the lock, while there is one */
} Store;

#define STORE_NONE                                                                                 \
    {                                                                                              \
        .fd = -1                                                                                   \
    }

/* Opens NAME's store below root (NULL: the running system), with create making what is missing. 0,
 * -ENOENT, or another negative errno. */
int store_open(const char *root, const char *name, bool create, Store *ret) _must_check_;
void store_close(Store *store);

/* The names of all services that have a store, sorted; none where there is no STORE_DIRECTORY. 0 or
 * a negative errno. The caller owns *ret. */
int stores_list(const char *root, char ***ret) _must_check_;

/* Takes the lock (flock(2): it cannot outlive its process), without waiting. 0, 1 if somebody else
 * has it, or a negative errno. */
int store_lock(const Store *store) _must_check_;

bool store_has(const Store *store, const char *record);

/* Reads a record. 0, 1 if there is none, -EBADMSG if it is damaged, or another negative errno. */
int record_read(const Store *store, const char *record, json_object **ret) _must_check_;
/* Writes or removes one, durably. 0; -EFBIG, with what was there before untouched, if it is larger
 * than what would be read back (64 MiB: scripts stand in declarations, of which each file has at
 * most one); or another negative errno. The first: in any directory. */
int record_write_at(int dir_fd, const char *name, json_object *object) _must_check_;
int record_write(const Store *store, const char *record, json_object *object) _must_check_;
int record_remove(const Store *store, const char *record) _must_check_;

/* Fields, with a default where the field is missing or of another type. Strings are borrowed. */
const char *json_string(json_object *object, const char *key);
int64_t json_integer(json_object *object, const char *key);
bool json_true(json_object *object, const char *key);
json_object *json_array(json_object *object, const char *key);

/* Adds a field; value NULL adds none. */
void json_add_string(json_object *object, const char *key, const char *value);
void json_add_integer(json_object *object, const char *key, int64_t value);

/* A list of strings as a field; v NULL adds none. */
void json_add_strv(json_object *object, const char *key, char *const *v);
/* Reads one back, owned by the caller; NULL where there is none. 0, -EBADMSG if not all are
 * strings, or -ENOMEM. */
int json_strv(json_object *object, const char *key, char ***ret) _must_check_;

/* Appends one object to the history, durably. */
int history_append(const Store *store, json_object *entry) _must_check_;
/* All entries, oldest first, as a JSON array; lines that are damaged are left out. 0 or a negative
 * errno; no history is an empty one. */
int history_read(const Store *store, json_object **ret) _must_check_;

/* The version in "fresh=VERSION", NULL if there is none; the caller owns it. 0 or a negative errno.
 */
int fresh_read(const Store *store, char **ret) _must_check_;
/* Makes it the only one, or with NULL removes it; durable. */
int fresh_write(const Store *store, const char *version) _must_check_;
/* Renames it, so that it opens no gate but can still be read; durable. */
int fresh_close(const Store *store) _must_check_;

static inline void cleanup_json(json_object **object)
{
    json_object_put(*object);
}
#define _cleanup_json_  _cleanup_(cleanup_json)
#define _cleanup_store_ _cleanup_(store_close)
