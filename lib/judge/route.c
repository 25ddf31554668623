/* SPDX-License-Identifier: MIT */
/* Chooses a route. Down: swaps back if nobody has used the state, else follows Downgrade=. Up:
 * migrates, with consent if a restore has set newer data aside; or swaps back to the newer data, if
 * nobody has used the restored state. */
#include "judge/route.h"

#include "judge/facts.h"

void route_free(Route *route)
{
    free(route->what);
    plan_free(&route->plan);
    free(route->backup);
    free(route->version);
    free(route->finished);
    free(route->aside_to);
    *route = (Route){};
}

static const char *version_of(const char *stamp)
{
    const char *to = version_self_target(stamp);

    return to ? to : stamp;
}

const Backup *route_newest_leading_to(const Backups *backups, const char *stamp)
{
    for (size_t i = 0; i < backups->n_items; i++) {
        const Backup *backup = backups->items + i;

        if (backup->state == BACKUP_WHOLE && backup->to &&
            streq(version_of(backup->to), version_of(stamp)))
            return backup;
    }
    return NULL;
}

const Backup *route_newest_accepted(const Backups *backups, const Declaration *declaration)
{
    for (size_t i = 0; i < backups->n_items; i++) {
        const Backup *backup = backups->items + i;

        if (backup->state == BACKUP_WHOLE && backup->version && version_is_valid(backup->version) &&
            declaration_accepts(declaration, backup->version))
            return backup;
    }
    return NULL;
}

static int route_restore(Route *route, const char *version, const Backup *backup)
{
    route->kind = ROUTE_RESTORE;
    route->backup = strdup(backup->id);
    route->version = strdup(backup->version);
    route->finished = backup->finished ? strdup(backup->finished) : NULL;
    /* The plan of a restore has no steps. */
    route->plan = (Plan){.from = strdup(version),
                         .to = strdup(backup->version),
                         .down = version_compare(version, backup->version) > 0};
    return route->backup && route->version && route->plan.from && route->plan.to &&
                   (route->finished || !backup->finished)
               ? 0
               : -ENOMEM;
}

static bool is_candidate(const Facts *facts, const Backup *backup)
{
    return streq_null(facts->ways.candidate.id, backup->id);
}

static int plan(const Facts *facts, const char *version, Route *route)
{
    int r =
        plan_build(facts->declaration, version, &facts->ways.lineage, &route->plan, &route->what);

    if (r < 0)
        return r;
    route->outcome = r;
    route->kind = r == PLAN_READY ? ROUTE_MIGRATE : ROUTE_REFUSED;
    return 0;
}

/* --- down ---------------------------------------------------------------------------------- */

/* Returns the backup for a swap back without consent. NULL: there is none, or the state has a part
 * in a host, which a swap would leave behind. */
static const Backup *find_undo(const Facts *facts, const char *version)
{
    const Backup *backup = route_newest_leading_to(&facts->ways.backups, version);

    if (facts->declaration->within.n_items > 0 || !backup || !backup->version ||
        !declaration_accepts(facts->declaration, backup->version))
        return NULL;
    return backup;
}

static bool is_last(const Facts *facts, const Backup *backup)
{
    const History *history = &facts->ways.history;

    for (size_t i = history->n_items; i > 0; i--)
        if (history->items[i - 1].result == RESULT_DONE)
            return streq_null(history->items[i - 1].id, backup->id);
    return false;
}

/* Restores the newest backup that the software accepts. Needs consent, unless the backup's
 * transaction is the last one and is provisional. */
static int bring_back(const Facts *facts, const char *version, Route *route)
{
    const Backup *backup = route_newest_accepted(&facts->ways.backups, facts->declaration), *latest;
    int r;

    if (!backup)
        return 0;
    latest = is_last(facts, backup) ? route_newest_leading_to(&facts->ways.backups, version) : NULL;
    r = route_restore(route, version, backup);
    route->asks_consent = latest != backup || !streq_null(facts->ways.provisional, backup->id);
    return r;
}

static int choose_down(const Facts *facts, const char *version, Route *route)
{
    Downgrade downgrade = facts->declaration->downgrade;
    const Backup *undo;
    int r;

    /* The software accepts the state as it is, so replacing the data by a backup would only lose
     * changes. */
    if (declaration_accepts(facts->declaration, version))
        return plan(facts, version, route);
    undo = find_undo(facts, version);
    if (undo && is_candidate(facts, undo) && !facts->ways.candidate.lasting &&
        facts->ways.candidate.untouched) {
        route->lossless = true;
        return route_restore(route, version, undo);
    }
    if (version_is_valid(version) && downgrade != DOWNGRADE_RESTORE) {
        r = plan(facts, version, route);
        if (r < 0 || route->kind == ROUTE_MIGRATE || downgrade != DOWNGRADE_SCRIPT_OR_RESTORE)
            return r;
    }
    if (downgrade == DOWNGRADE_RESTORE || downgrade == DOWNGRADE_SCRIPT_OR_RESTORE) {
        r = bring_back(facts, version, route);
        if (r < 0 || route->kind == ROUTE_RESTORE)
            return r;
    }
    if (route->what)
        return 0;
    route->outcome = PLAN_DOWNGRADE;
    route->what = strprintf("the state is at %s, newer than the %s that is declared, and there is "
                            "no backup of a version that the software takes",
                            version, facts->declaration->version.value);
    return route->what ? 0 : -ENOMEM;
}

/* --- up ------------------------------------------------------------------------------------ */

typedef struct Aside {
    const Backup *backup;           /* NULL: there is none */
    const TransactionRecord *entry; /* entry of the restore in the history */
} Aside;

/* Finds a transaction among the first n entries of the history; 0 if it is not there. */
static size_t history_index(const History *history, size_t n, const char *id)
{
    for (size_t i = n; id && i > 0; i--)
        if (streq_null(history->items[i - 1].id, id))
            return i - 1;
    return 0;
}

/* Returns the backup that the entry set aside, if an operator may prefer it to a new migration.
 * NULL: the backup is gone, unused, or from a boot that was not found good; or its version is too
 * new, or not newer than the state's. */
static const Backup *aside_of(const Facts *facts, const char *version,
                              const TransactionRecord *entry)
{
    const char *from = entry->from;
    const Backup *backup = entry->id ? backups_find(&facts->ways.backups, entry->id) : NULL;

    if (!backup || backup->state != BACKUP_WHOLE || !from || !version_is_valid(from) ||
        entry->unused || entry->unasked || version_compare(from, version) <= 0)
        return NULL;
    return version_compare(from, facts->declaration->version.value) <= 0 ||
                   declaration_accepts(facts->declaration, from)
               ? backup
               : NULL;
}

/* Returns the version from which the entry led. NULL: unknown, since an operator or a script only
 * named the version. */
static const char *origin_of(const TransactionRecord *entry)
{
    const char *from = entry->from, *to = entry->to;

    if (entry->action == ACTION_SELF_MIGRATED)
        return to; /* the entry before, which let the software start, led to the same version */
    return !from || entry->action == ACTION_NONE || version_compare(from, to) == 0 ? from : NULL;
}

/* Follows the history back from the present stamp, through restored backups, to the newest restore
 * that replaced newer data. */
static Aside find_aside(const Facts *facts, const char *stamp)
{
    const History *history = &facts->ways.history;
    size_t i = history->n_items;
    const char *version = stamp;

    while (version && i > 0) {
        const TransactionRecord *entry = history->items + --i;
        const Backup *backup;

        if (entry->result != RESULT_DONE)
            continue;
        if (entry->action == ACTION_FORGOTTEN)
            break; /* older entries belong to a state that is gone */
        if (!entry->to || version_compare(entry->to, version) != 0)
            continue;
        if (entry->anew)
            break; /* an operator has decided between this data and all that was newer */
        if (!entry->restored) {
            version = origin_of(entry);
            continue;
        }
        backup = aside_of(facts, stamp, entry);
        if (backup)
            return (Aside){backup, entry};
        /* The restored data had become a backup in the transaction entry->restored. The entries
         * between are about other data. */
        i = history_index(history, i, entry->restored);
        version = history->items[i].from;
    }
    return (Aside){};
}

static int choose_up(const Facts *facts, const char *version, Route *route)
{
    Aside aside = find_aside(facts, version);
    int r;

    /* Nobody has used the older data, so the newer data is swapped in again. */
    if (aside.backup && is_candidate(facts, aside.backup) && facts->ways.candidate.untouched) {
        route->lossless = true;
        return route_restore(route, version, aside.backup);
    }
    r = plan(facts, version, route);
    if (r < 0 || !aside.backup || route->kind != ROUTE_MIGRATE)
        return r;
    route->asks_consent = true;
    route->backup = strdup(aside.backup->id);
    route->version = strdup(aside.backup->version);
    route->finished = strdup(aside.backup->finished);
    route->aside_to = strdup(aside.entry->to);
    return route->backup && route->version && route->finished && route->aside_to ? 0 : -ENOMEM;
}

/* ------------------------------------------------------------------------------------------- */

static bool leads_down(const Facts *facts, const char *version)
{
    return version_compare(version_of(version), facts->declaration->version.value) > 0 ||
           !version_is_valid(version);
}

const Backup *route_candidate(const Facts *facts, const char *version)
{
    return leads_down(facts, version) ? find_undo(facts, version)
                                      : find_aside(facts, version).backup;
}

int route_choose(const Facts *facts, const char *version, Route *ret)
{
    _cleanup_(route_free) Route route = {};
    int r;

    if (facts->from) /* the caller asks only for migrations */
        r = plan(facts, version, &route);
    else
        r = leads_down(facts, version) ? choose_down(facts, version, &route)
                                       : choose_up(facts, version, &route);
    if (r < 0)
        return r;
    *ret = TAKE_STRUCT(route);
    return 0;
}

int route_extra(const Route *route, char **ret)
{
    *ret = NULL;
    if (!route->backup)
        return 0;
    *ret = strprintf("%s %s", route->kind == ROUTE_RESTORE ? "restore" : "without", route->backup);
    return *ret ? 0 : -ENOMEM;
}
