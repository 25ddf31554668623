/* SPDX-License-Identifier: MIT */
/* What else goes by the name of a state: words of commands that lead into the store, and the
 * collector's roots. The other records name nothing of it. */
#include "relocate/relocate.h"
#include "store/gcroot.h"
#include "wayback/wayback.h"

/* A word of a hook that was kept on the way up leads to STORE/applied/ID. 1 if the hook says
 * something else now, 0, or -ENOMEM. */
static int rename_words(const Relocation *r, json_object *hook)
{
    json_object *words = json_array(hook, "argv");
    _cleanup_free_ char *prefix =
        strprintf(STORE_DIRECTORY "/%s/" APPLIED_DIRECTORY "/", r->other_name);
    int changed = 0;

    if (!prefix)
        return -ENOMEM;
    for (size_t i = 0; words && i < json_object_array_length(words); i++) {
        json_object *word = json_object_array_get_idx(words, i);
        const char *text =
            json_object_is_type(word, json_type_string) ? json_object_get_string(word) : NULL;
        _cleanup_free_ char *renamed = NULL;

        if (!text || !startswith(text, prefix))
            continue;
        renamed = strprintf(STORE_DIRECTORY "/%s/" APPLIED_DIRECTORY "/%s", r->session->store.name,
                            text + strlen(prefix));
        word = renamed ? json_object_new_string(renamed) : NULL;
        if (!word || json_object_array_put_idx(words, i, word) < 0)
            return -ENOMEM;
        changed = 1;
    }
    return changed;
}

/* What is left to do after the start. A damaged record is left to whoever does that. */
static int rename_post(const Relocation *r)
{
    const Store *own = &r->session->store;
    _cleanup_json_ json_object *post = NULL;
    json_object *hooks;
    int e = record_read(own, RECORD_POST, &post), changed = 0;

    if (e != 0)
        return e == 1 || e == -EBADMSG ? 0 : e;
    hooks = json_array(post, "hooks");
    for (size_t i = 0; e >= 0 && hooks && i < json_object_array_length(hooks); i++) {
        e = rename_words(r, json_object_array_get_idx(hooks, i));
        changed |= e > 0;
    }
    return e < 0 ? e : changed ? record_write(own, RECORD_POST, post) : 0;
}

int relocate_records(const Relocation *r)
{
    int e;

    if (!r->other_name)
        return 0;
    e = rename_post(r);
    return e < 0 ? e : gcroot_move(NULL, r->other_name, r->session->store.name);
}
