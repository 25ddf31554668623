/* SPDX-License-Identifier: MIT */
/* Choosing a route. Down: a swap back if nobody has used the state, then what Downgrade= says. Up:
 * migrations, unless newer data was set aside on the way to where the state is now. */
#include "judge/route.h"

#include "backup/backup.h"
#include "judge/live.h"
#include "store/history.h"
#include "store/provisional.h"
#include "wayback/wayback.h"

/* What the choice is made from. */
typedef struct Facts {
    const char *root;
    const Declaration *declaration;
    const Store *store;
    const char *version; /* of the state, as its stamp has it */
    Backups backups;
    History history;
} Facts;

static void facts_free(Facts *facts)
{
    backups_free(&facts->backups);
    history_free(&facts->history);
}

void route_free(Route *route)
{
    free(route->what);
    plan_free(&route->plan);
    lineage_free(&route->lineage);
    free(route->backup);
    free(route->version);
    free(route->reason);
    *route = (Route){};
}

/* Is what lies live what this backup's transaction has left? */
static bool made_live(const Facts *facts, const Backup *backup)
{
    _cleanup_(transaction_record_free) TransactionRecord manifest = {};

    return manifest_read(facts->store, backup->id, &manifest) == 0 &&
           live_is_untouched(facts->root, &manifest, NULL);
}

/* The version that a transaction whose stamp was this has led to. */
static const char *version_of(const char *stamp)
{
    const char *to = version_self_target(stamp);

    return to ? to : stamp;
}

/* The newest backup whose transaction led to where the state is; NULL: there is none. */
static const Backup *newest_leading_to(const Facts *facts, const char *stamp)
{
    for (size_t i = 0; i < facts->backups.n_items; i++) {
        const Backup *backup = facts->backups.items + i;

        if (backup->state == BACKUP_WHOLE && backup->to &&
            streq(version_of(backup->to), version_of(stamp)))
            return backup;
    }
    return NULL;
}

static const Backup *newest_accepted(const Facts *facts)
{
    for (size_t i = 0; i < facts->backups.n_items; i++) {
        const Backup *backup = facts->backups.items + i;

        if (backup->state == BACKUP_WHOLE && backup->version && version_is_valid(backup->version) &&
            declaration_accepts(facts->declaration, backup->version))
            return backup;
    }
    return NULL;
}

static int route_restore(Route *route, const Backup *backup, bool lossless, char *what)
{
    *route = (Route){.kind = ROUTE_RESTORE,
                     .backup = strdup(backup->id),
                     .version = strdup(backup->version),
                     .lossless = lossless,
                     .what = what};
    return route->backup && route->version && route->what ? 0 : -ENOMEM;
}

/* --- down ---------------------------------------------------------------------------------- */

/* Has a Post= hook run since that migration? It may have reached out of the state. */
static bool hooks_have_run(const Facts *facts, const Backup *backup,
                           const TransactionRecord *manifest)
{
    _cleanup_(post_record_free) PostRecord post = {};

    if (!manifest->posts)
        return false;
    return post_record_read(facts->store, RECORD_POST, &post) != 0 ||
           !streq_null(post.id, backup->id) || post.begun;
}

/* Nobody has used it: back, without a question. What acted outside of the state would stay, as
 * would the part of it that lives with another service. */
static int undo(const Facts *facts, Route *route)
{
    const Backup *backup = newest_leading_to(facts, facts->version);
    _cleanup_(transaction_record_free) TransactionRecord manifest = {};

    if (facts->declaration->within.n_items > 0)
        return 0;
    if (!backup || !backup->version || !declaration_accepts(facts->declaration, backup->version))
        return 0;
    if (manifest_read(facts->store, backup->id, &manifest) != 0 || manifest.external ||
        hooks_have_run(facts, backup, &manifest) ||
        !live_is_untouched(facts->root, &manifest, NULL))
        return 0;
    return route_restore(route, backup, true,
                         strprintf("nothing has been written to it since it was brought to %s, so "
                                   "what it was before, at %s, is simply swapped in again",
                                   facts->version, backup->version));
}

/* Has nothing else been done since its transaction? */
static bool is_last(const Facts *facts, const Backup *backup)
{
    for (size_t i = facts->history.n_items; i > 0; i--)
        if (facts->history.items[i - 1].result == RESULT_DONE)
            return streq_null(facts->history.items[i - 1].id, backup->id);
    return false;
}

/* What was written to the state is not in the backup: somebody has to agree; unless all of that
 * happened in a boot that was never found good, which is what such a boot is for. */
static int bring_back(const Facts *facts, Route *route)
{
    const Backup *backup = newest_accepted(facts), *latest;
    _cleanup_free_ char *provisional = NULL;
    int r;

    if (!backup)
        return 0;
    r = provisional_read(facts->store, &provisional);
    if (r < 0 && r != -EBADMSG)
        return r;
    latest = is_last(facts, backup) ? newest_leading_to(facts, facts->version) : NULL;
    r = route_restore(
        route, backup, false,
        strprintf("the backup %s, at version %s, comes back as it was on %s; what was "
                  "written since is not in it, and is kept as a backup in turn",
                  backup->id, backup->version, backup->finished));
    if (r < 0 || (latest == backup && streq_null(provisional, backup->id)))
        return r;
    route->reason = strdup(route->what);
    return route->reason ? 0 : -ENOMEM;
}

static int plan(const Facts *facts, Route *route)
{
    int r = lineage_find(&facts->history, facts->version, &route->lineage);

    if (r == 0)
        r = applied_load(facts->root, facts->store, facts->declaration, &route->lineage);
    if (r == 0)
        r = plan_build(facts->declaration, facts->version, &route->lineage, &route->plan,
                       &route->what);
    if (r < 0)
        return r;
    route->outcome = r;
    route->kind = r == PLAN_READY ? ROUTE_MIGRATE : ROUTE_REFUSED;
    return 0;
}

static int choose_down(const Facts *facts, Route *route)
{
    Downgrade downgrade = facts->declaration->downgrade;
    bool scripts = version_is_valid(facts->version);
    int r;

    /* Somebody asks for a migration that the software does not need: not for another one's data. */
    if (declaration_accepts(facts->declaration, facts->version))
        return plan(facts, route);
    r = undo(facts, route);
    if (r < 0 || route->kind == ROUTE_RESTORE)
        return r;
    if (scripts && downgrade != DOWNGRADE_RESTORE) {
        r = plan(facts, route);
        if (r < 0 || route->kind == ROUTE_MIGRATE || downgrade != DOWNGRADE_SCRIPT_OR_RESTORE)
            return r;
    }
    if (downgrade == DOWNGRADE_RESTORE || downgrade == DOWNGRADE_SCRIPT_OR_RESTORE) {
        Route refused = *route;

        *route = (Route){};
        r = bring_back(facts, route);
        if (r < 0 || route->kind == ROUTE_RESTORE) {
            route_free(&refused);
            return r;
        }
        *route = refused;
    }
    if (route->what)
        return 0;
    route->outcome = PLAN_DOWNGRADE;
    route->what = strprintf("the state is at %s, newer than the %s that is declared, and there is "
                            "no backup of a version that the software takes",
                            facts->version, facts->declaration->version.value);
    return route->what ? 0 : -ENOMEM;
}

/* --- up ------------------------------------------------------------------------------------ */

/* Newer data that was set aside. */
typedef struct Aside {
    const Backup *backup;           /* NULL: there is none */
    const TransactionRecord *entry; /* of the history, that did it */
} Aside;

/* The index of the transaction of that id among the first n of the history; 0 if it is not there.
 */
static size_t history_index(const History *history, size_t n, const char *id)
{
    for (size_t i = n; id && i > 0; i--)
        if (streq_null(history->items[i - 1].id, id))
            return i - 1;
    return 0;
}

/* May an operator want that instead of migrating anew? Not what nobody had written to. */
static const Backup *aside_of(const Facts *facts, const TransactionRecord *entry)
{
    const char *from = entry->from;
    const Backup *backup = entry->id ? backups_find(&facts->backups, entry->id) : NULL;

    if (!backup || backup->state != BACKUP_WHOLE || !from || !version_is_valid(from) ||
        entry->unused || version_compare(from, facts->version) <= 0)
        return NULL;
    return version_compare(from, facts->declaration->version.value) <= 0 ||
                   declaration_accepts(facts->declaration, from)
               ? backup
               : NULL;
}

/* From which version did the entry lead to where it led? NULL: nothing is known of what was before,
 * since somebody said which version it is. */
static const char *origin_of(const TransactionRecord *entry)
{
    if (entry->action == ACTION_SELF_MIGRATED)
        return entry->to; /* the migration that let it start comes before, and led there, too */
    return !entry->from || entry->action == ACTION_NONE ||
                   version_compare(entry->from, entry->to) == 0
               ? entry->from
               : NULL;
}

/* Follows the history back from where the state is, through backups that were brought back, to the
 * newest that replaced something newer. */
static Aside find_aside(const Facts *facts)
{
    const char *version = facts->version;
    size_t i = facts->history.n_items;

    while (version && i > 0) {
        const TransactionRecord *entry = facts->history.items + --i;
        const Backup *backup;

        if (entry->result != RESULT_DONE)
            continue;
        if (entry->action == ACTION_FORGOTTEN)
            break; /* what was before belongs to a state that is gone */
        if (!entry->to || version_compare(entry->to, version) != 0)
            continue;
        if (!entry->restored) {
            version = origin_of(entry);
            continue;
        }
        backup = aside_of(facts, entry);
        if (backup)
            return (Aside){backup, entry};
        /* What came back was set aside when the transaction of that name replaced it. Until then it
         * was the state, so its own past is what lies before that transaction: what came since
         * happened to other data. */
        i = history_index(&facts->history, i, entry->restored);
        version = facts->history.items[i].from;
    }
    return (Aside){};
}

static int choose_up(const Facts *facts, Route *route)
{
    Aside aside = find_aside(facts);
    int r;

    /* The older data was not used: what was set aside is simply the newer. */
    if (aside.backup && made_live(facts, aside.backup))
        return route_restore(
            route, aside.backup, true,
            strprintf("nothing has been written to it since it was taken back from "
                      "%s to %s, so the newer data is simply swapped in again",
                      aside.backup->version, facts->version));
    r = plan(facts, route);
    if (r < 0 || !aside.backup || route->kind != ROUTE_MIGRATE)
        return r;
    route->backup = strdup(aside.backup->id);
    route->version = strdup(aside.backup->version);
    route->reason =
        strprintf("newer data, at %s, was set aside on %s as the backup %s, when the "
                  "state was taken back to %s: migrating leaves it there. To bring it "
                  "back instead, and keep what is there now: migratectl restore %s %s%s",
                  aside.backup->version, aside.backup->finished, aside.backup->id, aside.entry->to,
                  facts->store->name, aside.backup->id,
                  declaration_accepts(facts->declaration, aside.backup->version)
                      ? ""
                      : " --force (it is migrated on at the next start)");
    return route->backup && route->version && route->reason ? 0 : -ENOMEM;
}

/* ------------------------------------------------------------------------------------------- */

int route_choose(const char *root, const Declaration *declaration, const Store *store,
                 const char *version, Route *ret)
{
    _cleanup_(facts_free) Facts facts = {
        .root = root, .declaration = declaration, .store = store, .version = version};
    int r;

    *ret = (Route){};
    r = backups_read(root, store, NULL, &facts.backups);
    if (r == 0 && store->fd >= 0)
        r = history_complete(store, &facts.history);
    if (r == 0)
        r = version_compare(version_of(version), declaration->version.value) > 0 ||
                    !version_is_valid(version)
                ? choose_down(&facts, ret)
                : choose_up(&facts, ret);
    if (r < 0)
        route_free(ret);
    return r;
}

int route_extra(const Route *route, char **ret)
{
    *ret = NULL;
    if (!route->backup)
        return 0;
    *ret = strprintf("%s %s", route->kind == ROUTE_RESTORE ? "restore" : "without", route->backup);
    return *ret ? 0 : -ENOMEM;
}

Written route_written(const char *root, const Store *store, const char *version)
{
    _cleanup_(facts_free) Facts facts = {.root = root, .store = store, .version = version};
    _cleanup_(transaction_record_free) TransactionRecord manifest = {};
    const Backup *backup;

    if (backups_read(root, store, NULL, &facts.backups) < 0)
        return WRITTEN_SINCE;
    backup = newest_leading_to(&facts, version);
    if (!backup || manifest_read(store, backup->id, &manifest) != 0 ||
        !live_is_untouched(root, &manifest, NULL))
        return WRITTEN_SINCE;
    return manifest.restored && !manifest.restored_unused ? WRITTEN_BEFORE : WRITTEN_NEVER;
}
