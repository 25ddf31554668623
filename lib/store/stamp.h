/* SPDX-License-Identifier: MIT */
/* Reads and writes stamps: files whose names record the state version. Functions return 0 or a
 * negative errno.
 *
 * DIRECTORY/.stateversion.NAME=VERSION is an empty file. It lies in the directory that is swapped,
 * so that data and stamp change in one system call, and PID 1 can test its path. With Stamp=store,
 * the stamp lies in the store.
 *
 * DIRECTORY/.stateversion.NAME=OLDER may be a symbolic link to the stamp: software of version OLDER
 * may use that state, too (ReadableBy=). PID 1 takes a dangling link for a stamp, so links are
 * removed before their targets and made after them. */
#pragma once

#include "basic/util.h"

/* Makes the name of a stamp's file. The caller owns it; NULL: out of memory. */
char *stamp_name(const char *name, const char *version) _must_check_;

/* The stamps in a directory. */
typedef struct Stamps {
    char **versions; /* sorted; more than one is a contradiction; a dangling link counts as a
                        version "OLDER -> VERSION" */
    char **others;   /* file names of other services' stamps; sorted */
    char **readers;  /* versions OLDER of links */
    char **targets;  /* versions that the links name */
    bool empty;      /* the directory has no data */
} Stamps;

void stamps_free(Stamps *stamps);

/* Reads NAME's stamps in a directory, invalid versions included. */
int stamps_read(int dir_fd, const char *name, Stamps *ret) _must_check_;

/* Is this file name a stamp of the service? */
bool stamp_is_of(const char *file, const char *name);
/* Does the directory have a stamp of the other service name? */
bool stamps_have_other(const Stamps *stamps, const char *name);

/* Describes the versions for messages: "17", "16 and 17", or "". The caller owns the text; NULL:
 * out of memory. */
char *stamps_describe(const Stamps *stamps) _must_check_;

/* Says whether a link lets software of that version, in any spelling, use the state. */
bool stamps_readable_by(const Stamps *stamps, const char *version);

/* Makes a stamp of NAME, if it is missing, with the owner of the directory. The caller syncs. */
int stamp_add(int dir_fd, const char *name, const char *version) _must_check_;

/* Makes VERSION the only stamp of NAME. Links to this stamp stay, other links are removed. The
 * caller syncs. */
int stamp_write(int dir_fd, const char *name, const char *version) _must_check_;

/* Makes links from these readers (NULL: none) to VERSION, and removes other links; durable.
 * -ESTALE: VERSION is not the only stamp. */
int stamp_link(int dir_fd, const char *name, const char *version,
               char *const *readers) _must_check_;

/* Renames stamps and links of FROM to TO, durably. May be repeated after a crash. */
int stamp_rename(int dir_fd, const char *from, const char *to) _must_check_;

/* Removes all stamps of NAME, links first. The caller syncs. */
int stamp_clear(int dir_fd, const char *name) _must_check_;
