/* SPDX-License-Identifier: MIT */
/* Stamps: files whose names say the version of a state.
 *
 * DIRECTORY/.stateversion.NAME=VERSION is an empty file. It lies in what is swapped, so that data
 * and stamp change in one system call; and it is a path, so that PID 1 can test it. With
 * Stamp=store it lies in the store.
 *
 * DIRECTORY/.stateversion.NAME=OLDER may be a symbolic link to it: software of version OLDER may
 * use that state, too (ReadableBy=). PID 1 takes a dangling link for a stamp, so links go before
 * their targets and come after them. */
#pragma once

#include "basic/util.h"

/* The file's name within its directory, owned by the caller; NULL: out of memory. */
char *stamp_name(const char *name, const char *version) _must_check_;

/* The stamps in a directory. */
typedef struct Stamps {
    char **versions; /* sorted; more than one is a contradiction. A dangling link is a version
                      * "OLDER -> VERSION" */
    char **others;   /* file names of other services' stamps, which are no data; sorted */
    char **readers;  /* the versions of links */
    char **targets;  /* their targets */
    bool empty;      /* there is nothing else that could be data */
} Stamps;

void stamps_free(Stamps *stamps);

/* Reads NAME's stamps in a directory, invalid versions included. 0 or a negative errno. */
int stamps_read(int dir_fd, const char *name, Stamps *ret) _must_check_;

/* Is a stamp of that other service among them? */
bool stamps_have_other(const Stamps *stamps, const char *name);

/* "17", "16 and 17", or "", for messages. The caller owns it; NULL: out of memory. */
char *stamps_describe(const Stamps *stamps) _must_check_;

/* May software of that version, or of another spelling of it, use the state? */
bool stamps_readable_by(const Stamps *stamps, const char *version);

/* Makes a stamp of NAME, owned as the directory is, if it is missing. The caller syncs. 0 or a
 * negative errno. */
int stamp_add(int dir_fd, const char *name, const char *version) _must_check_;

/* Makes VERSION the only stamp of NAME in a directory; links to it stay, others go. The caller
 * syncs. 0 or a negative errno. */
int stamp_write(int dir_fd, const char *name, const char *version) _must_check_;

/* Makes links of these readers (NULL: none) to VERSION, the only stamp, and removes others;
 * durable. 0 or a negative errno. */
int stamp_link(int dir_fd, const char *name, const char *version,
               char *const *readers) _must_check_;

/* Renames stamps and links of FROM to TO. Repeatable; durable. 0 or a negative errno. */
int stamp_rename(int dir_fd, const char *from, const char *to) _must_check_;

/* Removes all stamps of NAME, links first. The caller syncs. 0 or a negative errno. */
int stamp_clear(int dir_fd, const char *name) _must_check_;
