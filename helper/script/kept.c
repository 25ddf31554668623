/* SPDX-License-Identifier: MIT */
/* Shows a directory of STORE/applied at its own path, and nothing around it. */
#include "script/kept.h"

#include "wayback/wayback.h"

#include <fcntl.h>

void kept_trees_free(KeptTrees *kept)
{
    for (size_t i = 0; i < kept->n_trees; i++) {
        cleanup_close(&kept->trees[i].fd);
        free((char *)kept->trees[i].path);
    }
    free(kept->trees);
    strv_free(kept->hidden);
    *kept = (KeptTrees){};
}

static int add(const ScriptContext *context, const char *directory, const char *below,
               KeptTrees *kept)
{
    SandboxTree *tree;

    for (size_t i = 0; i < kept->n_trees; i++)
        if (streq(kept->trees[i].path, directory))
            return 0;
    tree = ARRAY_GROW(kept->trees, kept->n_trees);
    if (!tree)
        return -ENOMEM;
    *tree = (SandboxTree){.path = strdup(directory), .read_only = true};
    tree->fd = openat(context->store->fd, below, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (tree->fd < 0)
        return -errno;
    return tree->path ? 0 : -ENOMEM;
}

int kept_trees_find(const ScriptContext *context, char *const *argv, KeptTrees *ret)
{
    int r = 0;

    for (; r == 0 && *argv; argv++) {
        _cleanup_free_ char *directory = NULL, *below = NULL;
        const char *id;
        size_t length;

        if (!applied_path_is_within(context->store, *argv, &id, &length))
            continue;
        directory = strndup(*argv, (size_t)(id - *argv) + length);
        below = strprintf(APPLIED_DIRECTORY "/%.*s", (int)length, id);
        r = directory && below ? add(context, directory, below, ret) : -ENOMEM;
    }
    for (char *const *path = context->hidden_paths; r == 0 && path && *path; path++)
        r = strv_append(&ret->hidden, *path);
    if (r == 0 && ret->n_trees > 0 && !strv_contains(ret->hidden, STORE_DIRECTORY))
        r = strv_append(&ret->hidden, STORE_DIRECTORY);
    return r;
}
