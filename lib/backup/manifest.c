/* SPDX-License-Identifier: MIT */
/* What a manifest says. Touches no file; what is read back from disk is bad input until shown
 * otherwise. */
#include "backup/private.h"

#include "basic/time.h"

void backup_free_places(Backup *backup)
{
    for (size_t i = 0; i < backup->n_places; i++) {
        free(backup->places[i].directory);
        free(backup->places[i].base);
        free(backup->places[i].entry);
    }
    free(backup->places);
    backup->places = NULL;
    backup->n_places = 0;
}

bool backup_base_is_store(const Store *store, const char *base)
{
    return startswith(base, STORE_DIRECTORY "/") &&
           streq(base + strlen(STORE_DIRECTORY "/"), store->name);
}

/* The store, or MOUNT/.migrate/NAME: a path that leads nowhere else. */
bool backup_base_is_valid(const Store *store, const char *base)
{
    _cleanup_free_ char *tail = strprintf("/.migrate/%s", store->name);

    if (!base || !tail || base[0] != '/' || strlen(base) >= 4096)
        return false;
    if (strstr(base, "//") || strstr(base, "/./") || strstr(base, "/../"))
        return false;
    return backup_base_is_store(store, base) || endswith(base, tail);
}

static bool name_is_valid(const char *name)
{
    return !isempty(name) && !streq(name, ".") && !streq(name, "..") && !strchr(name, '/') &&
           strlen(name) <= 255;
}

int backup_copy_string(json_object *record, const char *key, char **ret)
{
    const char *value = json_string(record, key);
    char *copy = value ? strdup(value) : NULL;

    if (value && !copy)
        return -ENOMEM;
    *ret = copy;
    return 0;
}

static int64_t size_of(json_object *record, const char *key)
{
    json_object *value;
    int64_t n = -1;

    if (json_object_object_get_ex(record, key, &value) && json_object_is_type(value, json_type_int))
        n = json_object_get_int64(value);
    return n < 0 ? -1 : n;
}

/* 0, -ENOMEM, or -EBADMSG: none of them is to be believed. */
static int copy_places(const Store *store, json_object *record, Backup *backup)
{
    json_object *places = json_array(record, "places");
    size_t n = places ? json_object_array_length(places) : 0;

    for (size_t i = 0; i < n; i++) {
        json_object *described = json_object_array_get_idx(places, i);
        const char *directory = json_string(described, "directory"),
                   *base = json_string(described, "base"), *entry = json_string(described, "entry");
        BackupPlace *place;

        if (!directory || directory[0] != '/' || !backup_base_is_valid(store, base) ||
            !name_is_valid(entry))
            return -EBADMSG;
        place = ARRAY_GROW(backup->places, backup->n_places);
        if (!place)
            return -ENOMEM;
        *place = (BackupPlace){strdup(directory), strdup(base), strdup(entry), false};
        if (!place->directory || !place->base || !place->entry)
            return -ENOMEM;
    }
    return places ? 0 : -EBADMSG;
}

/* Where recovery has finished what was cut off, nobody knows when, but not before it was begun. */
static const char *time_of(json_object *record)
{
    return json_object_object_get_ex(record, "finished", NULL) ? "finished" : "started";
}

static const char *manifest_refused(json_object *record, const char *id, uint64_t *ret_time)
{
    const char *from = json_string(record, "from"), *to = json_string(record, "to");

    if (!streq_null(json_string(record, "id"), id))
        return "its manifest is another's";
    /* A state that software was migrating itself can be replaced, and be brought back. */
    if (!from || !(version_is_valid(from) || version_self_target(from)) || !to ||
        !(version_is_valid(to) || version_self_target(to)))
        return "its manifest does not say of which version it is";
    if (time_parse(json_string(record, time_of(record)), ret_time) < 0)
        return "its manifest does not say when it was made";
    return NULL;
}

int backup_fill(const Store *store, json_object *record, Backup *backup, const char **ret_refused)
{
    uint64_t usec = 0;
    int r;

    *ret_refused = manifest_refused(record, backup->id, &usec);
    if (*ret_refused)
        return -EBADMSG;
    r = copy_places(store, record, backup);
    if (r == -EBADMSG) {
        *ret_refused = "its manifest does not say where its directories are";
        backup_free_places(backup);
    }
    if (r < 0)
        return r;
    if (backup_copy_string(record, "from", &backup->version) < 0 ||
        backup_copy_string(record, "to", &backup->to) < 0 ||
        backup_copy_string(record, time_of(record), &backup->finished) < 0 ||
        backup_copy_string(record, "generation", &backup->generation) < 0 ||
        backup_copy_string(record, "boot", &backup->boot) < 0 ||
        backup_copy_string(record, "action", &backup->action) < 0)
        return -ENOMEM;
    backup->time = usec;
    backup->bytes = size_of(record, "bytes");
    backup->files = size_of(record, "files");
    return 0;
}
