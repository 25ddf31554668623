/* SPDX-License-Identifier: MIT */
/* Stamps: the names of the files that say which version a state is at.
 *
 * DIRECTORY/.stateversion.NAME=VERSION is an empty file; its name is the record. It lies in what is
 * swapped, so that data and record change in one system call, and it is a path, so that PID 1 can
 * test it without starting a process. With Stamp=store the directory is the store.
 *
 * DIRECTORY/.stateversion.NAME=OLDER may be a symbolic link to it: software of version OLDER may
 * run on that state, too (ReadableBy=). PID 1 finds it as it finds a stamp, also where it leads
 * nowhere; so links go before what they lead to, and come after it. */
#pragma once

#include "basic/util.h"

/* The file's name within its directory, owned by the caller; NULL: out of memory. */
char *stamp_name(const char *name, const char *version) _must_check_;

/* What the names in a directory say. */
typedef struct Stamps {
    char **versions; /* sorted; more than one is a contradiction. A link that leads nowhere is one,
                        as "OLDER -> VERSION" */
    char **others;   /* names of other services' stamps, which are no data either; sorted */
    char **readers;  /* the versions that links speak of */
    char **targets;  /* what each of them leads to */
    bool empty;      /* the directory holds nothing else that anybody could call his data */
} Stamps;

void stamps_free(Stamps *stamps);

/* Looks for NAME's stamps in a directory. 0 or a negative errno. Whatever is no valid version
 * (somebody made it by hand) is listed, too. */
int stamps_read(int dir_fd, const char *name, Stamps *ret) _must_check_;

/* "17", "16 and 17", "" for none: for people, so that a name which somebody else made up is not
 * repeated. The caller owns it; NULL: out of memory. */
char *stamps_describe(const Stamps *stamps) _must_check_;

/* May software of that version (or another spelling of it) run on the one that these stamps say? */
bool stamps_readable_by(const Stamps *stamps, const char *version);

/* Makes a stamp of NAME if it is not there, owned as the directory is. Not durable by itself. 0 or
 * a negative errno. */
int stamp_add(int dir_fd, const char *name, const char *version) _must_check_;

/* Makes VERSION the only stamp of NAME in a directory, owned as the directory is; links to it stay,
 * others go. Not durable by itself. 0 or a negative errno. */
int stamp_write(int dir_fd, const char *name, const char *version) _must_check_;

/* Makes links to VERSION, which is the only stamp, for these readers (NULL: none) and no others.
 * Durable where there was something to do. 0 or a negative errno. */
int stamp_link(int dir_fd, const char *name, const char *version,
               char *const *readers) _must_check_;

/* Stamps and links of FROM become those of TO. Repeatable; durable. 0 or a negative errno. */
int stamp_rename(int dir_fd, const char *from, const char *to) _must_check_;

/* Removes every stamp of NAME in a directory, links first. Not durable by itself. 0 or a negative
 * errno. */
int stamp_clear(int dir_fd, const char *name) _must_check_;
