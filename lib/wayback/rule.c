/* SPDX-License-Identifier: MIT */
/* Judges waybacks. */
#include "wayback/wayback.h"

static bool somebody_goes_back(const Applied *applied, const BackupRule *rule)
{
    for (char *const *version = rule->versions; version && *version; version++)
        if (version_compare(*version, applied->to) < 0)
            return true;
    return false;
}

static AppliedFate judge(const Applied *applied, uint64_t newer, const BackupRule *rule)
{
    if (applied->id[0] == '.')
        return APPLIED_FINISH;
    if (!applied->to)
        return APPLIED_DAMAGED;
    if (applied->is_awaited)
        return APPLIED_AWAITED;
    /* Only age decides here: on a full disk, the history may have lost a line, at which the lineage
     * ends. */
    if (!applied->recorded || !applied->on_the_way)
        return backup_rule_is_old(rule, applied->time) ? APPLIED_REMOVE : APPLIED_YOUNG;
    if (newer < rule->keep)
        return APPLIED_NEWEST;
    if (!backup_rule_is_old(rule, applied->time))
        return APPLIED_YOUNG;
    if (rule->unsure)
        return APPLIED_UNSURE;
    return somebody_goes_back(applied, rule) ? APPLIED_VERSION : APPLIED_REMOVE;
}

void applied_judge(const Applied *items, size_t n, const BackupRule *rule, AppliedFate *ret)
{
    uint64_t newer = 0;

    for (size_t i = 0; i < n; i++) {
        ret[i] = judge(items + i, newer, rule);
        newer += items[i].to && items[i].on_the_way;
    }
}

void applied_mark_lineage(Applied *items, size_t n, const char *version, const Lineage *lineage)
{
    for (size_t i = 0; i < lineage->n_items; i++) {
        const Arrival *arrival = lineage->items + i;

        if (!arrival->id || lineage_is_superseded(lineage, i) ||
            version_compare(arrival->to, version) > 0)
            continue;
        for (size_t j = 0; j < n; j++)
            items[j].on_the_way = items[j].on_the_way || streq(items[j].id, arrival->id);
    }
}
