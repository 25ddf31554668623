/* SPDX-License-Identifier: MIT */
/* Renames the paths in other records: paths into the store in the words of commands, and garbage
 * collector roots. */
#include "relocate/relocate.h"
#include "store/record-post.h"
#include "system/gcroot.h"
#include "wayback/wayback.h"

/* Renames paths to STORE/applied/ID in the words of a kept hook. Returns 1 if the hook has changed,
 * 0 if not, or -ENOMEM. */
static int rename_words(const Relocation *r, PostHook *hook)
{
    _cleanup_free_ char *prefix =
        strprintf(STORE_DIRECTORY "/%s/" APPLIED_DIRECTORY "/", r->other_name);
    int changed = 0;

    if (!prefix)
        return -ENOMEM;
    STRV_FOREACH (word, hook->argv) {
        const char *tail = startswith(*word, prefix) ? *word + strlen(prefix) : NULL;

        if (!tail)
            continue;
        if (strreplacef(word, STORE_DIRECTORY "/%s/" APPLIED_DIRECTORY "/%s",
                        r->session->store.name, tail) < 0)
            return -ENOMEM;
        changed = 1;
    }
    return changed;
}

/* Renames paths in the record of Post= hooks. A damaged record stays, since running the hooks
 * reports it. */
static int rename_post(const Relocation *r)
{
    const Store *own = &r->session->store;
    _cleanup_(post_record_free) PostRecord post = {};
    int e = post_record_read(own, RECORD_POST, &post), changed = 0;

    if (e != 0)
        return e == 1 || e == -EBADMSG ? 0 : e;
    for (size_t i = 0; e >= 0 && i < post.n_hooks; i++) {
        e = rename_words(r, post.hooks + i);
        changed |= e > 0;
    }
    return e < 0 ? e : changed ? post_record_write(own, RECORD_POST, &post) : 0;
}

int relocate_records(const Relocation *r)
{
    int e;

    if (!r->other_name)
        return 0;
    e = rename_post(r);
    return e < 0 ? e : gcroot_move(NULL, r->other_name, r->session->store.name);
}
