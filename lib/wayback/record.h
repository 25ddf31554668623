/* SPDX-License-Identifier: MIT */
/* STORE/applied/ID/steps: the [Down] sections of a migration that was done, as they were then. */
#pragma once

#include "store/record.h"

/* A file that a command names. */
typedef struct WaybackFile {
    RecordRest *rest;
    char *word;    /* as the command names it */
    char *copy;    /* the name of its copy beside the record; NULL: none */
    char *content; /* size and hash of that; NULL: an earlier version did not note them */
    char *store;   /* its path in the Nix store; NULL: it is elsewhere */
    bool data;     /* it is named as it is when the state goes back */
} WaybackFile;

/* [Down] of a migration. Commands are NULL where none was declared. */
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
    char *user, *group; /* whom scripts were declared to run as; NULL: not */
    char **read_write_paths;
    WaybackStep *steps;
    size_t n_steps;
    WaybackFile *files;
    size_t n_files;
} WaybackRecord;

DECLARE_RECORD(WaybackRecord, wayback_record);

/* What the record says of a word; NULL: nothing. */
WaybackFile *wayback_record_file(const WaybackRecord *record, const char *word);
