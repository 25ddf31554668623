/* SPDX-License-Identifier: MIT */
/* Lineage: the entries of the history that led to a state, found from their end. */
#include "lineage.h"

#include "known.h"
#include "result.h"

void lineage_free(Lineage *lineage)
{
    for (size_t i = 0; i < lineage->n_items; i++) {
        free(lineage->items[i].migration);
        free(lineage->items[i].from);
        free(lineage->items[i].to);
    }
    free(lineage->items);
    *lineage = (Lineage){};
}

static int add(Lineage *lineage, const char *migration, const char *from, const char *to)
{
    Arrival *arrival = ARRAY_GROW(lineage->items, lineage->n_items);

    if (!arrival)
        return -ENOMEM;
    *arrival = (Arrival){strdup(migration), strdup(from), strdup(to)};
    return arrival->migration && arrival->from && arrival->to ? 0 : -ENOMEM;
}

/* Steps upwards, the last first. Those down undo what is found further back. */
static int add_steps(Lineage *lineage, json_object *entry)
{
    json_object *steps = json_array(entry, "steps");

    for (size_t i = steps ? json_object_array_length(steps) : 0; i > 0; i--) {
        json_object *step = json_object_array_get_idx(steps, i - 1);
        const char *migration = json_string(step, "migration"), *from = json_string(step, "from"),
                   *to = json_string(step, "to");
        int r;

        if (!migration || !from || !to || !version_is_valid(from) || !version_is_valid(to) ||
            version_compare(from, to) >= 0)
            continue;
        r = add(lineage, migration, from, to);
        if (r < 0)
            return r;
    }
    return 0;
}

int lineage_find(json_object *history, const char *version, Lineage *ret)
{
    _cleanup_(lineage_free) Lineage lineage = {};

    for (size_t i = history ? json_object_array_length(history) : 0; i > 0; i--) {
        json_object *entry = json_object_array_get_idx(history, i - 1);
        const char *from = json_string(entry, "from"), *to = json_string(entry, "to");
        int r;

        /* What was before belongs to a state that is gone. */
        if (streq_null(json_string(entry, "action"), ACTION_FORGOTTEN) &&
            streq_null(json_string(entry, "result"), result_name(RESULT_DONE)))
            break;
        if (!to || version_compare(to, version) != 0 ||
            !streq_null(json_string(entry, "result"), result_name(RESULT_DONE)))
            continue;
        r = add_steps(&lineage, entry);
        if (r < 0)
            return r;
        /* Said to be at that version by somebody, and not only written in another way. */
        if (!from || (json_string(entry, "action") && version_compare(from, to) != 0))
            break;
        version = from;
    }
    *ret = lineage;
    lineage = (Lineage){};
    return 0;
}

int lineage_read(const Store *store, const char *version, Lineage *ret)
{
    _cleanup_json_ json_object *history = NULL;
    int r = history_read(store, &history);

    return r < 0 ? r : lineage_find(history, version, ret);
}
