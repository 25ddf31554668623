/* SPDX-License-Identifier: MIT */
/* Post= hooks that have changed since their migration was approved. Writes nothing. */
#include "look/post-hooks.h"

#include "store/post-hook.h"

Fingerprint *post_hooks_compare(const Service *service, json_object *hooks, size_t n,
                                const char **ret_first)
{
    Fingerprint *changed = calloc(n + 1, sizeof(Fingerprint));

    *ret_first = NULL;
    for (size_t i = 0; changed && i < n; i++) {
        json_object *hook = json_object_array_get_idx(hooks, i), *argv = json_array(hook, "argv");
        _cleanup_strv_ char **words = NULL;

        if (!argv || json_strv(hook, "argv", &words) < 0 || !words ||
            post_hook_compare(hook, service->declaration, words, changed + i) != POST_REFUSED) {
            changed[i] = (Fingerprint){};
            continue;
        }
        if (!*ret_first)
            *ret_first = json_object_get_string(json_object_array_get_idx(argv, 0));
    }
    return changed;
}

json_object *post_hooks_of(const Service *service, size_t *ret_n)
{
    json_object *hooks = service->post ? json_array(service->post, "hooks") : NULL;

    *ret_n = hooks ? json_object_array_length(hooks) : 0;
    return hooks;
}

const char *hook_to_approve(const Service *service)
{
    size_t n;
    json_object *hooks = post_hooks_of(service, &n);
    const char *first;

    free(post_hooks_compare(service, hooks, n, &first));
    return first;
}
