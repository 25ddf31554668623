/* SPDX-License-Identifier: MIT */
/* Reads and writes the record of work after the start. Finds changes of its hooks. */
#include "store/record-post.h"

#include "store/attempt.h"
#include "store/record-table.h"

#define RECORD PostHook
static const RecordField hook_fields[] = {
    STRINGS("argv", argv, 0),
    STRING("fingerprint", fingerprint, 0),
    BOOLEAN("agreed", approved, 0),
    STRING("from", from, 0),
    STRING("to", to, 0),
    STRING("software-from", software_from, 0),
    STRING("software-to", software_to, 0),
    USEC("timeout", timeout_usec, 0),
    STRING("user", user, 0),
    STRING("group", group, 0),
};
RECORD_TYPE(post_hook_type, hook_fields);
#undef RECORD

#define RECORD PostRecord
static const RecordField record_fields[] = {
    STRING("id", id, 0),        STRING("from", from, 0),
    STRING("to", to, 0),        LIST("hooks", hooks, PostHook, post_hook_type, FIELD_ALWAYS),
    BOOLEAN("begun", begun, 0),
};
RECORD_TYPE(post_record_type, record_fields);

int post_hook_note(PostHook *hook, const Declaration *declaration, bool approved)
{
    Fingerprint fingerprint = command_fingerprint(declaration, hook->argv);

    hook->approved = approved;
    return strreplace(&hook->fingerprint, fingerprint.hex);
}

PostChange post_hook_compare(const PostHook *hook, const Declaration *declaration,
                             Fingerprint *ret_now)
{
    *ret_now = command_fingerprint(declaration, hook->argv);
    if (!hook->fingerprint || fingerprint_is(ret_now, hook->fingerprint))
        return POST_SAME;
    return hook->approved ? POST_REFUSED : POST_CHANGED;
}

int post_hook_approve(PostHook *hook, const Fingerprint *now)
{
    hook->approved = true;
    return strreplace(&hook->fingerprint, now->hex);
}
