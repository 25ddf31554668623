/* SPDX-License-Identifier: MIT */
/* The store of a service: its records in /var/lib/migrate/NAME, which only root can read. Stamps are
 * the authority on versions; the store has a version only with Stamp=store, and as "fresh=VERSION"
 * while there is no state. Functions return 0 or a negative errno unless stated otherwise. */
#pragma once

#include "basic/time.h"
#include "declare/declaration.h"

/* The names of records, which are files of the store. */
#define RECORD_TRANSACTION "transaction" /* the transaction in flight */
#define RECORD_FAILED      "failed"      /* the last attempt failed */
#define RECORD_INTERRUPTED "interrupted" /* how often in a row an attempt was cut off */
#define RECORD_POST        "post"        /* work to do after the service has started */
#define RECORD_REQUESTED   "requested"   /* the operator asks for a migration */
#define RECORD_KNOWN       "known"       /* the state that was seen last */
#define RECORD_MOUNTED     "mounted-"    /* with the mount unit's name: a link to a mount point */
#define RECORD_APPROVED    "approved"    /* a plan that was approved */
#define RECORD_DEFERRED    "deferred"    /* a deferral */
#define RECORD_PROVISIONAL "provisional" /* migrated in a boot that is not known to be good */
#define RECORD_REFUSED     "refused"     /* why the last start was refused */
#define RECORD_MOVING      "moving"      /* the state is getting another name or directory */
#define RECORD_MOVED       "moved"       /* the name that has the records now */
#define RECORD_SOFTWARE    "software"    /* Software= of the state's version */
#define RECORD_HISTORY     "history"
#define RECORD_REHEARSAL   "rehearsal"  /* how the last rehearsal ended */
#define RECORD_REHEARSING  "rehearsing" /* bases with clones of a rehearsal */

typedef struct Store {
    char *name;
    char *path;
    int fd; /* open directory, which carries the lock */
} Store;

#define STORE_NONE                                                                                 \
    {                                                                                              \
        .fd = -1                                                                                   \
    }

/* Opens NAME's store below root (NULL: the running system). create: makes the store if it is
 * missing. -ENOENT: there is no store, and *ret has only its name and path; -EPERM: other users own it or
 * can write to it. */
int store_open(const char *root, const char *name, bool create, Store *ret) _must_check_;
void store_close(Store *store);

/* Lists the names of all services that have a store, sorted. The caller owns *ret. */
int stores_list(const char *root, char ***ret) _must_check_;

/* Takes the lock of the store, a flock(2), without waiting. The lock ends with the process. 0, 1 if
 * another process has the lock, or a negative errno. */
int store_lock(const Store *store) _must_check_;
/* Waits for the lock, at most five seconds: enough for migrate-post@NAME.service to record a
 * version, but not for a migration. Returns the values of store_lock(). */
int store_lock_wait(const Store *store) _must_check_;

bool store_has(const Store *store, const char *record);

/* Removes a record, durably, if there is one. */
int record_remove(const Store *store, const char *record) _must_check_;

/* Reads the version of the marker "fresh=VERSION", or of the closed marker. *ret NULL: there is no
 * marker; else the caller owns the string. */
int fresh_read(const Store *store, char **ret) _must_check_;
/* Makes "fresh=VERSION" the only marker, durably; version NULL: removes all markers. */
int fresh_write(const Store *store, const char *version) _must_check_;
/* Closes the marker, durably: renames it, so that it opens no gate, but can still be read. */
int fresh_close(const Store *store) _must_check_;

/* The marker "declared=VERSION" says for a declaration with Detect= under which declared version
 * the helper last let the service start; "declared=:VERSION": the newest version that was declared
 * since, without such a start. "asks=VERSION" closes the gate of that version: newer software was
 * declared since the service was last let start under it.
 *
 * Reads the marker, without "declared=". *ret NULL: there is none; else the caller owns the
 * string. */
int declared_read(const Store *store, char **ret) _must_check_;
/* Makes "declared=VALUE" the only such marker, durably. */
int declared_write(const Store *store, const char *value) _must_check_;
/* Writes "asks=VERSION", durably. */
int declared_ask(const Store *store, const char *version) _must_check_;
/* Writes "declared=VERSION", unless the disk is full, and removes "asks=VERSION", durably. */
int declared_agree(const Store *store, const char *version) _must_check_;

#define _cleanup_store_ _cleanup_(store_close)
