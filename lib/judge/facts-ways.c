/* SPDX-License-Identifier: MIT */
/* Reads the history, the backups, the waybacks, and the files of the scripts. */
#include "backup/guest.h"
#include "judge/live.h"
#include "judge/owner.h"
#include "judge/verdict.h"
#include "place/command.h"
#include "store/provisional.h"
#include "wayback/wayback.h"

/* Says whether a Post= hook of that migration may have run. A hook may have acted outside of the
 * state. */
static bool hooks_have_run(const Facts *facts, const Backup *backup)
{
    return backup->manifest.posts &&
           (!facts->has_post || !streq_null(facts->post.id, backup->id) || facts->post.begun);
}

static int read_candidate(Facts *facts, const char *version)
{
    const Backup *backup = route_candidate(facts, version);
    Candidate *candidate = &facts->ways.candidate;

    if (!backup)
        return 0;
    candidate->id = strdup(backup->id);
    if (!candidate->id)
        return -ENOMEM;
    candidate->lasting = backup->manifest.external || hooks_have_run(facts, backup);
    candidate->untouched = live_is_untouched(facts->root, &backup->manifest, NULL, NULL);
    return 0;
}

static int read_guests(Facts *facts, const char *version)
{
    _cleanup_(route_free) Route route = {};
    int r = route_choose(facts, version, &route);

    if (r < 0 || route.kind != ROUTE_RESTORE || !route.asks_consent || !facts->declarations)
        return r;
    return guests_describe_set_back(facts->declarations, &facts->store, route.backup,
                                    &facts->ways.set_back);
}

static int read_ways(Facts *facts, const char *version)
{
    Ways *ways = &facts->ways;
    int r = backups_look(facts->root, facts->declaration, &facts->store, &ways->backups);

    if (r == 0 && facts->store.fd >= 0)
        r = history_complete(&facts->store, &ways->history);
    if (r == 0 && facts->store.fd >= 0)
        r = provisional_read(&facts->store, &ways->provisional);
    r = r == -EBADMSG ? 0 : r;
    if (r == 0)
        r = lineage_find(&ways->history, NULL, version, &ways->lineage);
    if (r == 0)
        r = applied_load(facts->root, &facts->store, facts->declaration, &ways->lineage);
    if (r == 0 && !facts->from)
        r = read_candidate(facts, version);
    if (r == 0 && !facts->from)
        r = read_guests(facts, version);
    ways->error = r;
    ways->known = true;
    return r == -ENOMEM ? r : 0;
}

static int take_fingerprint(Facts *facts, const Route *route)
{
    /* A wayback runs as the user that its migration had, and the fingerprint contains that user. */
    int r = applied_complete(&facts->store, &route->plan, facts->declaration);

    if (r == -ENOMEM)
        return r;
    facts->kept_error =
        route->kind == ROUTE_MIGRATE && !facts->root && !facts->unprivileged ? r : 0;
    facts->fingerprint = attempt_fingerprint(facts->declaration, &route->plan);
    facts->has_fingerprint = true;
    /* The helper reports other errors, before it executes anything. */
    r = facts->root ? 0 : command_guard_plan(facts->declaration, &route->plan, &facts->command);
    return r == -ENOMEM ? r : facts_read_owner(facts);
}

int facts_answer(Facts *facts, const Verdict *verdict)
{
    int r = 0;

    if (verdict->asks & ASKS_WAYS)
        r = read_ways(facts, verdict->version);
    if (r == 0 && verdict->asks & ASKS_WRITTEN) {
        LiveSize size;

        facts->written = facts_written(facts->root, &facts->store, verdict->version, &size);
        facts->has_written = true;
    }
    if (r == 0 && verdict->asks & ASKS_FINGERPRINT)
        r = take_fingerprint(facts, &verdict->route);
    return r;
}

Written facts_written(const char *root, const Store *store, const char *version, LiveSize *ret_size)
{
    _cleanup_(backups_free) Backups backups = {};
    const Backup *backup;

    *ret_size = (LiveSize){-1, -1};
    if (store->fd < 0 || backups_read(root, store, NULL, &backups) < 0)
        return WRITTEN_UNKNOWN;
    backup = route_newest_leading_to(&backups, version);
    if (!backup || !backup->manifest.live)
        return WRITTEN_UNKNOWN;
    if (!live_is_untouched(root, &backup->manifest, NULL, ret_size))
        return WRITTEN_SINCE;
    return backup->manifest.restored && !backup->manifest.restored_unused ? WRITTEN_BEFORE
                                                                          : WRITTEN_NEVER;
}
