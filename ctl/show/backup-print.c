/* SPDX-License-Identifier: MIT */
/* Formats a backup as text and as JSON. */
#include "show/backup-print.h"

#include <inttypes.h>

char *backup_age(const Backup *backup)
{
    static const struct {
        uint64_t seconds;
        const char *one, *many;
    } units[] = {{86400, "day", "days"}, {3600, "h", "h"}, {60, "min", "min"}, {1, "s", "s"}};
    uint64_t now = time_now(), seconds;
    size_t u = 0;

    if (backup->time == 0)
        return NULL;
    seconds = now > backup->time ? (now - backup->time) / 1000000 : 0;
    while (u + 1 < ELEMENTSOF(units) && seconds < units[u].seconds * (u == 0 ? 2 : 1))
        u++;
    seconds /= units[u].seconds;
    return strprintf("%" PRIu64 " %s", seconds, seconds == 1 ? units[u].one : units[u].many);
}

const char *backup_generation(const Backup *backup)
{
    const char *slash = backup->generation ? strrchr(backup->generation, '/') : NULL;

    return slash && slash[1] ? slash + 1 : backup->generation;
}

const char *backup_state_words(BackupState state)
{
    switch (state) {
    case BACKUP_WHOLE:
        return "whole";
    case BACKUP_HOOKS:
        return "kept by hooks";
    case BACKUP_REMOVING:
        return "half removed";
    case BACKUP_FAILED:
        return "failed clone";
    case BACKUP_IN_FLIGHT:
        return "in flight";
    default:
        return backup_state_name(state);
    }
}

Colour backup_colour(BackupState state)
{
    switch (state) {
    case BACKUP_WHOLE:
    case BACKUP_HOOKS:
        return COLOUR_GREEN;
    case BACKUP_DAMAGED:
        return COLOUR_RED;
    case BACKUP_INCOMPLETE:
    case BACKUP_UNKNOWN:
        return COLOUR_YELLOW;
    default:
        return COLOUR_NONE;
    }
}

static void add_text(json_object *object, const char *key, const char *value)
{
    json_object_object_add(object, key, value ? json_object_new_string(value) : NULL);
}

static void add_number(json_object *object, const char *key, int64_t value)
{
    json_object_object_add(object, key, value >= 0 ? json_object_new_int64(value) : NULL);
}

static json_object *places_to_json(const Backup *backup)
{
    json_object *array = json_object_new_array();

    for (size_t i = 0; array && i < backup->n_places; i++) {
        const BackupPlace *place = backup->places + i;
        _cleanup_free_ char *path =
            strprintf("%s/backups/%s/%s", place->base, backup->id, place->entry);
        json_object *object = json_object_new_object();

        add_text(object, "directory", place->directory);
        add_text(object, "path", path);
        json_object_object_add(object, "there", json_object_new_boolean(place->there));
        json_object_array_add(array, object);
    }
    return array;
}

json_object *backup_to_json(const char *name, const Backup *backup)
{
    json_object *object = json_object_new_object();

    if (!object)
        return NULL;
    add_text(object, "service", name);
    add_text(object, "id", backup->id);
    add_text(object, "state", backup_state_name(backup->state));
    add_text(object, "version", backup->version);
    add_text(object, "to", backup->to);
    add_text(object, "action", backup->action);
    add_text(object, "finished", backup->finished);
    add_number(object, "bytes", backup->bytes);
    add_number(object, "files", backup->files);
    add_text(object, "generation", backup->generation);
    add_text(object, "boot", backup->boot);
    json_object_object_add(object, "places", places_to_json(backup));
    add_text(object, "what", backup->what);
    return object;
}
