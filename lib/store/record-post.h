/* SPDX-License-Identifier: MIT */
/* STORE/post: what is left to do once the service has started on a migrated state. It is there from
 * the commit until then; Post= hooks that are still what they were when the migration ran are in
 * it. */
#pragma once

#include "basic/fingerprint.h"
#include "declare/declaration.h"
#include "store/record.h"

/* A Post= hook that waits. */
typedef struct PostHook {
    RecordRest *rest;
    char **argv;
    char *fingerprint; /* command_fingerprint() then; NULL: an earlier version wrote it */
    bool approved;     /* somebody had approved the migration */
    char *from, *to;   /* of the step */
    char *software_from, *software_to;
    uint64_t timeout_usec; /* UINT64_MAX: none */
    char *user, *group;    /* of a step that was kept on the way up; else NULL */
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

/* Writes into a hook what its command and files are now, and whether somebody has approved the
 * migration. 0 or -ENOMEM. */
int post_hook_note(PostHook *hook, const Declaration *declaration, bool approved) _must_check_;

typedef enum PostChange {
    POST_SAME,    /* or an earlier version has written it down, which did not note that */
    POST_CHANGED, /* but nobody was asked: it may run, as an upgrade brings other scripts */
    POST_REFUSED, /* somebody had approved the one that was there */
} PostChange;

/* *ret_now: what it is now. */
PostChange post_hook_compare(const PostHook *hook, const Declaration *declaration,
                             Fingerprint *ret_now);

/* It is approved as it was when that fingerprint was taken. 0 or -ENOMEM. */
int post_hook_approve(PostHook *hook, const Fingerprint *now) _must_check_;
