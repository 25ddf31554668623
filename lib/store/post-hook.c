/* SPDX-License-Identifier: MIT */
/* Telling a changed Post= hook, by the fingerprint that the record of the migration has of it. */
#include "store/post-hook.h"

#include "store/attempt.h"

#define FIELD_FINGERPRINT "fingerprint"
#define FIELD_AGREED      "agreed"

void post_hook_note(json_object *hook, const Declaration *declaration, char *const *argv,
                    bool agreed)
{
    Fingerprint fingerprint = command_fingerprint(declaration, argv);

    json_add_string(hook, FIELD_FINGERPRINT, fingerprint.hex);
    if (agreed)
        json_object_object_add(hook, FIELD_AGREED, json_object_new_boolean(true));
}

PostChange post_hook_compare(json_object *hook, const Declaration *declaration, char *const *argv,
                             Fingerprint *ret_now)
{
    const char *noted = json_string(hook, FIELD_FINGERPRINT);

    *ret_now = command_fingerprint(declaration, argv);
    if (!noted || fingerprint_is(ret_now, noted))
        return POST_SAME;
    return json_true(hook, FIELD_AGREED) ? POST_REFUSED : POST_CHANGED;
}

void post_hook_agree(json_object *hook, const Fingerprint *now)
{
    json_add_string(hook, FIELD_FINGERPRINT, now->hex);
    json_object_object_add(hook, FIELD_AGREED, json_object_new_boolean(true));
}
