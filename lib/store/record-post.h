/* SPDX-License-Identifier: MIT */
/* The record STORE/post: Post= hooks and other work after a migration. It exists from the commit
 * until the service has started on the migrated state and the work is done. */
#pragma once

#include "basic/fingerprint.h"
#include "declare/declaration.h"
#include "store/record.h"

/* A Post= hook that has not run yet. */
typedef struct PostHook {
    RecordRest *rest;
    char **argv;
    char *fingerprint; /* command_fingerprint() of then; NULL: written by an earlier version */
    bool approved;     /* the operator has approved the migration */
    char *from, *to;   /* versions of the step */
    char *software_from, *software_to;
    uint64_t timeout_usec; /* UINT64_MAX: no limit */
    char *user, *group;    /* for a hook of a wayback; else NULL */
} PostHook;

typedef struct PostRecord {
    RecordRest *rest;
    char *id; /* id of the transaction */
    char *from, *to;
    PostHook *hooks;
    size_t n_hooks;
    bool begun; /* a hook may have run */
} PostRecord;

DECLARE_RECORD(PostHook, post_hook);
DECLARE_RECORD(PostRecord, post_record);

/* Fills in the present fingerprint of a hook, and whether the operator has approved the migration.
 * 0 or -ENOMEM. */
int post_hook_note(PostHook *hook, const Declaration *declaration, bool approved) _must_check_;

typedef enum PostChange {
    POST_SAME,    /* unchanged, or unknown */
    POST_CHANGED, /* changed, but never approved: may run, as upgrades bring new scripts */
    POST_REFUSED, /* changed after the approval: must not run */
} PostChange;

/* Says whether a hook has changed since the migration. *ret_now: its present fingerprint. */
PostChange post_hook_compare(const PostHook *hook, const Declaration *declaration,
                             Fingerprint *ret_now);

/* Marks the hook as approved with that fingerprint. 0 or -ENOMEM. */
int post_hook_approve(PostHook *hook, const Fingerprint *now) _must_check_;
