/* SPDX-License-Identifier: MIT */
/* STORE/post: the work that waits until the service has started on the migrated state, with its
 * Post= hooks. It exists from the commit until then. */
#pragma once

#include "basic/fingerprint.h"
#include "declare/declaration.h"
#include "store/record.h"

/* A Post= hook that waits. */
typedef struct PostHook {
    RecordRest *rest;
    char **argv;
    char *fingerprint; /* command_fingerprint() at the time; NULL: an earlier version has not
                        * written it */
    bool approved;     /* the operator has approved the migration */
    char *from, *to;   /* of the step */
    char *software_from, *software_to;
    uint64_t timeout_usec; /* UINT64_MAX: none */
    char *user, *group;    /* if the hook was kept in a wayback; else NULL */
} PostHook;

typedef struct PostRecord {
    RecordRest *rest;
    char *id; /* of the transaction */
    char *from, *to;
    PostHook *hooks;
    size_t n_hooks;
    bool begun; /* a hook may have run */
} PostRecord;

DECLARE_RECORD(PostHook, post_hook);
DECLARE_RECORD(PostRecord, post_record);

/* Notes the fingerprint of a hook, and whether the operator has approved the migration. 0 or
 * -ENOMEM. */
int post_hook_note(PostHook *hook, const Declaration *declaration, bool approved) _must_check_;

typedef enum PostChange {
    POST_SAME,    /* or not known */
    POST_CHANGED, /* changed, but not approved by anybody: it may run, as upgrades bring new scripts
                   */
    POST_REFUSED, /* changed since it was approved */
} PostChange;

/* *ret_now: the present fingerprint. */
PostChange post_hook_compare(const PostHook *hook, const Declaration *declaration,
                             Fingerprint *ret_now);

/* Approves the hook with that fingerprint. 0 or -ENOMEM. */
int post_hook_approve(PostHook *hook, const Fingerprint *now) _must_check_;
