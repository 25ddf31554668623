/* SPDX-License-Identifier: MIT */
/* Post= hooks that wait for the service to start, as records have them: is each still what it was
 * when the migration ran that it belongs to? */
#pragma once

#include "basic/fingerprint.h"
#include "declare/declaration.h"
#include "store/store.h"

/* Writes into a hook's record what its command and files are now, and whether somebody has agreed
 * to the migration. */
void post_hook_note(json_object *hook, const Declaration *declaration, char *const *argv,
                    bool agreed);

typedef enum PostChange {
    POST_SAME,    /* or an earlier version has written it down, which did not note that */
    POST_CHANGED, /* but nobody was asked: it may run, as an upgrade brings other scripts */
    POST_REFUSED, /* somebody had agreed to the one that was there */
} PostChange;

/* *ret_now: what it is now. */
PostChange post_hook_compare(json_object *hook, const Declaration *declaration, char *const *argv,
                             Fingerprint *ret_now);

/* It is agreed to as it was when that fingerprint was taken. */
void post_hook_agree(json_object *hook, const Fingerprint *now);
