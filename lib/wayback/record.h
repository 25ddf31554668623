/* SPDX-License-Identifier: MIT */
/* STORE/applied/ID/steps: the [Down] sections of a migration, as they were declared. */
#pragma once

#include "store/record.h"

/* A file that a command names. */
typedef struct WaybackFile {
    RecordRest *rest;
    char *word;    /* as the command names it */
    char *copy;    /* the name of its copy beside the record; NULL: none */
    char *content; /* size and hash of the copy; NULL: not noted by an earlier version */
    char *store;   /* its path in the Nix store; NULL: not there */
    bool data;     /* data, which is named by its own path on the way back, too */
} WaybackFile;

/* A [Down] section. NULL: not declared. */
typedef struct WaybackHooks {
    RecordRest *rest;
    char **script, **check, **backup, **restore, **verify, **post;
    char **warnings;
    uint64_t timeout_usec; /* UINT64_MAX: none */
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
    char *since;        /* time_format() */
    char *user, *group; /* declared; NULL: not */
    char **read_write_paths;
    WaybackStep *steps;
    size_t n_steps;
    WaybackFile *files;
    size_t n_files;
} WaybackRecord;

DECLARE_RECORD(WaybackRecord, wayback_record);

/* The file of a word; NULL: none. */
WaybackFile *wayback_record_file(const WaybackRecord *record, const char *word);
