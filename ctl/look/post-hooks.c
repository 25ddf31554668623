/* SPDX-License-Identifier: MIT */
/* Finds Post= hooks that have changed since their migration was approved. Writes nothing. */
#include "look/post-hooks.h"

Fingerprint *post_hooks_compare(const Service *service, const char **ret_first)
{
    size_t n = service->facts.post.n_hooks;
    Fingerprint *changed = calloc(n + 1, sizeof(Fingerprint));

    *ret_first = NULL;
    for (size_t i = 0; changed && i < n; i++) {
        const PostHook *hook = service->facts.post.hooks + i;

        if (!hook->argv ||
            post_hook_compare(hook, service->declaration, changed + i) != POST_REFUSED)
            changed[i] = (Fingerprint){};
        else if (!*ret_first)
            *ret_first = hook->argv[0];
    }
    return changed;
}

const char *hook_to_approve(const Service *service)
{
    const char *first;

    free(post_hooks_compare(service, &first));
    return first;
}
