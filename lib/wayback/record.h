/* SPDX-License-Identifier: MIT */
/* The record STORE/applied/ID/steps: the [Down] sections of a migration, as they were declared. */
#pragma once

#include "store/record.h"

/* A file that a command names. */
typedef struct WaybackFile {
    RecordRest *rest;
    char *word;    /* path, as the command names it */
    char *copy;    /* file name of the copy, beside the record; NULL: none */
    char *content; /* size and hash of the copy; NULL: an earlier version noted none */
    char *store;   /* path in the Nix store; NULL: the file is elsewhere */
    bool data;     /* data: the way back uses the original path */
} WaybackFile;

/* A [Down] section. A member is NULL if it was not declared. */
typedef struct WaybackHooks {
    RecordRest *rest;
    char **script, **check, **backup, **restore, **verify, **post;
    char **warnings;
    uint64_t timeout_usec; /* UINT64_MAX: no limit */
    bool external;
} WaybackHooks;

typedef struct WaybackStep {
    RecordRest *rest;
    WaybackHooks *down;
    char *migration, *description, *file;
    char *from, *to;
} WaybackStep;

typedef struct WaybackRecord {
    RecordRest *rest;
    char *id, *service, *from, *to;
    char *since;        /* start of the transaction, time_format() */
    char *user, *group; /* User= and Group=; NULL: not declared */
    char **read_write_paths;
    WaybackStep *steps;
    size_t n_steps;
    WaybackFile *files;
    size_t n_files;
} WaybackRecord;

DECLARE_RECORD(WaybackRecord, wayback_record);

/* Returns the file that a word of a command names. NULL: there is none. */
WaybackFile *wayback_record_file(const WaybackRecord *record, const char *word);
