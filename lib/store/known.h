/* SPDX-License-Identifier: MIT */
/* The record STORE/known: the state that was seen last. The record tells a directory that has lost
 * its data from a directory that never had data. If the record is missing, the history is used
 * instead, unless the state was forgotten ("migratectl forget"). */
#pragma once

#include "store/record.h"

typedef struct Known {
    RecordRest *rest;
    char *version;      /* NULL: unknown */
    char **directories; /* NULL: unknown */
    char **former;      /* directories from which the state was moved */
} Known;

DECLARE_RECORD(Known, known_record);

/* Reads the record. 0, 1 if no state was seen, or a negative errno. */
int known_read(const Store *store, Known *ret) _must_check_;

/* Record a state, durably; directories may be NULL. known_write() writes only changes.
 * known_write_moved() adds the directory from which the state was moved (former, may be NULL),
 * and renames the mount points below it; version is NULL until the stamps have been read. 0 or a
 * negative errno. */
int known_write(const Store *store, const char *version, char *const *directories) _must_check_;
int known_write_moved(const Store *store, const char *version, char *const *directories,
                      const char *former) _must_check_;

/* The declared paths that were mount points when the state was last seen: symbolic links
 * STORE/mounted-UNIT, named after their mount units, which PID 1 follows. known_mount_read() returns
 * 1 if there is a link, known_mount_is_missing() if there is one and nothing is mounted where it leads.
 * known_mount_write() makes or removes a link, and returns 1 if that changed the store, which the
 * caller syncs. Otherwise all return 0 or a negative errno. */
int known_mount_read(const Store *store, const char *path) _must_check_;
int known_mount_is_missing(const Store *store, const char *path) _must_check_;
int known_mount_write(const Store *store, const char *path, bool mounted) _must_check_;
/* Removes the links to paths that are not declared any more and where nothing is mounted now, so that
 * they are not demanded if they are declared again. Returns 1 if that changed the store, which the
 * caller syncs, 0 or a negative errno. */
int known_mounts_prune(const Store *store, char *const *declared) _must_check_;
/* Removes all links. Returns 0 or a negative errno. */
int known_mounts_forget(const Store *store) _must_check_;

/* The record STORE/moving exists during a move. It names both ends but no direction: the running
 * system's helper moves the state to the name and directory of its own declaration. */
typedef struct MovingRecord {
    RecordRest *rest;
    char **names;
    char **directories;
} MovingRecord;

/* The record STORE/moved has the present name. It is the only file in the store of a former name. */
typedef struct MovedRecord {
    RecordRest *rest;
    char *to;
    char **directories;
} MovedRecord;

DECLARE_RECORD(MovingRecord, moving_record);
DECLARE_RECORD(MovedRecord, moved_record);

/* Reads the name that has the records now. The caller owns *ret. 0, 1 if the records did not move,
 * -EBADMSG if the record is damaged, or another negative errno. */
int moved_read(const Store *store, char **ret) _must_check_;
