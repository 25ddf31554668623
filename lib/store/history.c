/* SPDX-License-Identifier: MIT */
/* Merging what manifests say into the history. Ids begin with the time of their transaction, so
 * that they are in order where clocks are. */
#include "store/history.h"

#include "basic/directory.h"
#include "basic/result.h"

static const char *id_of(json_object *entry)
{
    const char *id = json_string(entry, "id");

    return id ? id : "";
}

static bool is_told_of(json_object *history, const char *id)
{
    for (size_t i = 0; i < json_object_array_length(history); i++)
        if (streq(id_of(json_object_array_get_idx(history, i)), id))
            return true;
    return false;
}

/* Before all that is newer at the end. Takes entry over. */
static int insert(json_object **history, json_object *entry)
{
    size_t n = json_object_array_length(*history), at = n;
    _cleanup_json_ json_object *merged = json_object_new_array(), *owned = entry;
    int r = merged ? 0 : -ENOMEM;

    for (size_t i = n; i > 0; i--) {
        const char *id = id_of(json_object_array_get_idx(*history, i - 1));

        if (id[0] && strcmp(id, id_of(entry)) < 0)
            break;
        if (id[0])
            at = i - 1;
    }
    for (size_t i = 0; r == 0 && i <= n; i++) {
        json_object *next = i < at    ? json_object_array_get_idx(*history, i)
                            : i == at ? entry
                                      : json_object_array_get_idx(*history, i - 1);

        json_object_get(next);
        if (json_object_array_add(merged, next) < 0) {
            json_object_put(next);
            r = -ENOMEM;
        }
    }
    if (r < 0)
        return r;
    json_object_put(*history);
    *history = TAKE_PTR(merged);
    return 0;
}

static int add_manifest(const Store *store, const char *id, json_object **history)
{
    _cleanup_free_ char *path = strprintf("backups/%s/manifest", id);
    _cleanup_json_ json_object *manifest = NULL;
    int r = path ? record_read(store, path, &manifest) : -ENOMEM;

    if (r != 0)
        return r == -ENOMEM ? r : 0;
    if (!streq(id_of(manifest), id) ||
        !streq_null(json_string(manifest, "result"), result_name(RESULT_DONE)))
        return 0;
    return insert(history, TAKE_PTR(manifest));
}

int history_complete(const Store *store, json_object **ret)
{
    _cleanup_json_ json_object *history = NULL;
    _cleanup_strv_ char **ids = NULL;
    int r = history_read(store, &history);

    if (r == 0 && store->fd >= 0 && directory_list(store->fd, "backups", "", &ids) == -ENOMEM)
        r = -ENOMEM;
    STRV_FOREACH (id, ids)
        if (r == 0 && **id != '.' && !is_told_of(history, *id))
            r = add_manifest(store, *id, &history);
    if (r == 0)
        *ret = TAKE_PTR(history);
    return r;
}
