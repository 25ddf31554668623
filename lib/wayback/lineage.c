/* SPDX-License-Identifier: MIT */
/* Follows the history from its end. */
#include "wayback/wayback.h"

/* Adds the upward steps of an entry, the last first. Downward steps only undo earlier steps. */
static int add_steps(Lineage *lineage, const TransactionRecord *entry)
{
    for (size_t i = entry->n_steps; i > 0; i--) {
        const StepRecord *step = entry->steps + i - 1;
        Arrival *arrival;

        if (!step->migration || !step->from || !step->to || !version_is_valid(step->from) ||
            !version_is_valid(step->to) || version_compare(step->from, step->to) >= 0)
            continue;
        arrival = ARRAY_GROW(lineage->items, lineage->n_items);
        if (!arrival || strreplace(&arrival->migration, step->migration) < 0 ||
            strreplace(&arrival->from, step->from) < 0 || strreplace(&arrival->to, step->to) < 0 ||
            strreplace(&arrival->id, entry->id) < 0)
            return -ENOMEM;
    }
    return 0;
}

/* Returns the index of the transaction that has left the backup id, or 0. The backup has the state
 * from before the transaction. */
static size_t find_backup(const History *history, size_t end, const char *id)
{
    for (size_t i = id ? end : 0; i > 0; i--)
        if (streq_null(history->items[i - 1].id, id))
            return i - 1;
    return 0;
}

/* Returns the version of a stamp; for FROM::TO, the target TO. */
static const char *version_of(const char *stamp)
{
    const char *to = version_self_target(stamp);

    return to ? to : stamp;
}

static int follow(const History *history, size_t end, const char *version, Lineage *lineage)
{
    const char *self_from = NULL; /* version from which the software itself migrated the state */

    for (size_t i = end; i > 0; i--) {
        const TransactionRecord *entry = history->items + i - 1;
        const char *from = entry->from, *to = version_of(entry->to);
        int r;

        if (entry->result != RESULT_DONE)
            continue;
        /* Entries before "migratectl forget" belong to a state that is gone. */
        if (entry->action == ACTION_FORGOTTEN)
            break;
        if (!to || version_compare(to, version) != 0)
            continue;
        if (entry->restored) {
            i = find_backup(history, i - 1, entry->restored) + 1;
            continue;
        }
        /* The entry records the end of a self-migration; an earlier entry records its start. */
        if (from && entry->action == ACTION_SELF_MIGRATED) {
            self_from = from;
            continue;
        }
        if (self_from && (!from || version_compare(from, self_from) != 0))
            break;
        self_from = NULL;
        r = add_steps(lineage, entry);
        if (r < 0)
            return r;
        /* If another version was set without a migration, the lineage ends. */
        if (!from || (entry->action != ACTION_NONE && version_compare(from, to) != 0))
            break;
        version = from;
    }
    return 0;
}

int lineage_find(const History *history, const char *id, const char *version, Lineage *ret)
{
    _cleanup_(lineage_free) Lineage lineage = {};
    size_t n = history->n_items;
    int r = follow(history, id ? find_backup(history, n, id) : n, version_of(version), &lineage);

    if (r == 0)
        *ret = TAKE_STRUCT(lineage);
    return r;
}

bool lineage_is_superseded(const Lineage *lineage, size_t i)
{
    for (size_t later = 0; later < i; later++)
        if (version_compare(lineage->items[later].to, lineage->items[i].to) == 0)
            return true;
    return false;
}
