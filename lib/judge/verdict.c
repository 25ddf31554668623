/* SPDX-License-Identifier: MIT */
/* Decides in the order in which the helper works: the declaration; where the state is; its version;
 * the route; permission; obstacles. A running migration, a mask and the last refusal override the
 * result. */
#include "judge/verdict.h"

#include "judge/verdict-private.h"
#include "judge/words.h"

void verdict_free(Verdict *verdict)
{
    free(verdict->version);
    route_free(&verdict->route);
    strv_free(verdict->reasons);
    free(verdict->extra);
    *verdict = (Verdict){};
}

/* --- obstacles ------------------------------------------------------------------------------- */

/* decide_possible(), decide_failed() and decide_confirm() return 1 as well if the verdict is final. */
int verdict_in_use(const Facts *facts, Verdict *v)
{
    if (!facts->in_use.asked)
        v->asks |= ASKS_IN_USE;
    else if (!facts->in_use.holds)
        return 1 + conclude_answer(v, OUTCOME_IN_USE, &facts->in_use);
    return 0;
}

static int decide_possible(const Facts *facts, Verdict *v)
{
    bool checks = false;

    if (!facts->space.answer.asked)
        v->asks |= ASKS_SPACE;
    else if (!facts->space.answer.holds)
        return 1 + conclude_answer(v, OUTCOME_NO_ROOM, &facts->space.answer);
    if (verdict_in_use(facts, v) > 0)
        return 1;
    for (size_t i = 0; i < v->route.plan.n_steps; i++) {
        const Hooks *hooks = v->route.plan.steps[i].hooks;

        checks = checks || (hooks && hooks->check.argv);
    }
    if (checks && !facts->checks.asked)
        v->asks |= ASKS_CHECKS;
    else if (checks && !facts->checks.holds)
        return 1 + conclude_answer(v, OUTCOME_CHECK_FAILED, &facts->checks);
    return 0;
}

/* --- permission ------------------------------------------------------------------------------ */

/* Says whether a record is about the pending attempt, by its fingerprint. */
static bool is_this_attempt(const Facts *facts, const Verdict *v, const char *from, const char *to,
                            const char *fingerprint)
{
    /* A fingerprint covers files of the running system, so it cannot be compared for another
     * root. */
    if (facts->root)
        return streq_null(from, v->route.plan.from) && streq_null(to, v->route.plan.to);
    return fingerprint_is(&facts->fingerprint, fingerprint);
}

static int decide_failed(const Facts *facts, Verdict *v)
{
    const TransactionRecord *failed = &facts->failed;

    if (facts->failed_error)
        return 1 + conclude_text(v, OUTCOME_RECORD_UNREADABLE, RECORD_FAILED, facts->failed_error);
    if (facts->has_failed && failed->retry <= 0 &&
        is_this_attempt(facts, v, failed->from, failed->to, failed->fingerprint)) {
        v->failed = true;
        return 1 + conclude(v, v->route.plan.from ? OUTCOME_FAILED : OUTCOME_FAILED_INIT);
    }
    if (!facts->has_failed && facts->has_interrupted &&
        facts->interrupted.count >= INTERRUPTIONS_MAX &&
        is_this_attempt(facts, v, NULL, NULL, facts->interrupted.fingerprint)) {
        v->failed = true;
        return 1 + conclude(v, OUTCOME_INTERRUPTED);
    }
    return 0;
}

/* Finds why the plan needs an approval, and whether it is approved. With another root, records of
 * approvals do not count: their fingerprints cover files of the running system. */
static int find_approval(const Facts *facts, Verdict *v)
{
    const Route *route = &v->route;
    Fingerprint agreed;
    int r = 0;

    if (route->asks_consent)
        r = route_extra(route, &v->extra);
    if (r == 0 && (route->kind != ROUTE_RESTORE || route->asks_consent))
        r = attempt_needs_approval(facts->declaration, &route->plan, &v->reasons);
    if (r == 0 && route->asks_consent)
        r = strv_consume(&v->reasons, words_consent(facts, route));
    STRV_FOREACH (guest, facts->ways.set_back)
        if (r == 0 && route->kind == ROUTE_RESTORE && route->asks_consent)
            r = strv_append(&v->reasons, *guest);
    if (r == 0 && facts->space.report.over_limit && route->kind == ROUTE_MIGRATE)
        r = strv_append(&v->reasons, facts->space.report.over_limit);
    agreed = approval_fingerprint(&facts->fingerprint, v->extra);
    v->declared_approval =
        !route->asks_consent && attempt_is_approved(facts->declaration, &route->plan);
    v->approved = v->declared_approval ||
                  (!facts->root && facts->approval.from &&
                   approval_is_for(&facts->approval, route->plan.from, route->plan.to, &agreed));
    return r;
}

static int decide_restore(const Facts *facts, Verdict *v)
{
    bool agreed = facts->agreed || !v->reasons || v->approved;

    if (facts->deferred && !facts->agreed)
        return conclude(v, OUTCOME_DEFERRED);
    if (!agreed)
        return conclude(v, OUTCOME_APPROVAL_RESTORE);
    return conclude(v, !v->route.lossless   ? OUTCOME_RESTORED
                       : v->route.plan.down ? OUTCOME_UNDONE
                                            : OUTCOME_REDONE);
}

static int decide_migrate(const Facts *facts, Verdict *v)
{
    const Declaration *declaration = facts->declaration;

    if (!facts->agreed && facts->deferred)
        return conclude(v, OUTCOME_DEFERRED);
    if (facts->command)
        return conclude_text(v, OUTCOME_COMMAND, facts->command, 0);
    if (facts->owner)
        return conclude_text(v, OUTCOME_OWNER, facts->owner, 0);
    if (!facts->agreed && decide_failed(facts, v) > 0)
        return 0;
    if (!facts->agreed && v->reasons && !v->approved) {
        /* The space may be one more reason (CopyLimit=). */
        v->asks |= facts->space.answer.asked ? 0 : ASKS_SPACE;
        return conclude(v, OUTCOME_APPROVAL);
    }
    if (decide_possible(facts, v) > 0)
        return 0;
    return conclude(v, facts->requested                       ? OUTCOME_PENDING
                       : facts->manual                        ? OUTCOME_MANUAL_BOOT
                       : declaration->policy == POLICY_MANUAL ? OUTCOME_MANUAL
                       : v->assumed                           ? OUTCOME_ASSUMED
                                                              : OUTCOME_PENDING);
}

/* Decides for a state that Init= makes. No consent is needed, whatever Policy= says: there is no
 * data to lose. */
int verdict_init(const Facts *facts, Verdict *v)
{
    int r = plan_init(facts->declaration, &v->route.plan);

    if (r < 0)
        return r;
    v->route.kind = ROUTE_MIGRATE;
    if (!facts->agreed && facts->deferred)
        return conclude(v, OUTCOME_DEFERRED);
    if (facts_find_unready(facts))
        return conclude_at(v, OUTCOME_HOST_UNREADY, facts_find_unready(facts));
    if (!facts->has_fingerprint)
        v->asks |= ASKS_FINGERPRINT;
    else if (facts->command)
        return conclude_text(v, OUTCOME_COMMAND, facts->command, 0);
    else if (!facts->agreed && decide_failed(facts, v) > 0)
        return 0;
    return verdict_in_use(facts, v) > 0 ? 0 : conclude(v, OUTCOME_INIT);
}

/* --- the route ------------------------------------------------------------------------------- */

static int conclude_refused(const Facts *facts, Verdict *v)
{
    v->text = v->route.what;
    if (v->accepted && !facts->requested)
        return conclude(v, OUTCOME_ACCEPTED_STUCK);
    return conclude(v, v->route.outcome == PLAN_GAP    ? OUTCOME_GAP
                       : v->route.outcome == PLAN_SKIP ? OUTCOME_SKIP
                                                       : OUTCOME_NEWER);
}

int verdict_route(const Facts *facts, Verdict *v)
{
    int r;

    if (!facts->ways.known) {
        v->asks |= ASKS_WAYS;
        return conclude(v, v->accepted ? OUTCOME_ACCEPTED : OUTCOME_PENDING);
    }
    if (facts->ways.error)
        return conclude_text(v, OUTCOME_RECORD_UNREADABLE, RECORD_HISTORY, facts->ways.error);
    r = route_choose(facts, v->version, &v->route);
    if (r < 0)
        return r;
    if (v->route.kind == ROUTE_REFUSED)
        return conclude_refused(facts, v);
    v->has_plan = true;
    if (!facts->has_fingerprint) {
        v->asks |= ASKS_FINGERPRINT;
        return conclude(v, v->accepted ? OUTCOME_ACCEPTED : OUTCOME_PENDING);
    }
    if (facts->kept_error)
        return conclude_text(v, OUTCOME_KEPT_UNREADABLE, NULL, facts->kept_error);
    r = find_approval(facts, v);
    if (r < 0)
        return r;
    if (v->accepted && !facts->requested && !facts->from)
        return conclude(v, !facts->agreed && decide_failed(facts, v) > 0 ? OUTCOME_ACCEPTED_FAILED
                                                                         : OUTCOME_ACCEPTED);
    return v->route.kind == ROUTE_RESTORE ? decide_restore(facts, v) : decide_migrate(facts, v);
}

static int decide_confirm(const Facts *facts, Verdict *v)
{
    if (v->assumed || !facts->declaration->detect.argv)
        return 0;
    if (!facts->confirm.asked)
        v->asks |= ASKS_CONFIRM;
    else if (!facts->confirm.holds)
        return 1 + conclude_answer(
                       v, facts->confirm.version ? OUTCOME_CONTRADICTED : OUTCOME_UNDETECTED,
                       &facts->confirm);
    return 0;
}

/* Decides for a state with an accepted stamp, after newer software was declared: the software, or
 * a tool of it, may have changed the data and not the stamp. 1: the verdict is final; 0 if not. */
static int decide_newer_before(const Facts *facts, Verdict *v)
{
    const Answer *confirm = &facts->confirm;

    if (v->assumed || !v->accepted || !facts_newer_before(facts))
        return 0;
    if (!confirm->asked) {
        v->asks |= ASKS_CONFIRM;
        return 1 + conclude(v, OUTCOME_ASKS_AGAIN);
    }
    if (!confirm->holds && confirm->version && version_compare(confirm->version, v->version) > 0)
        return 1 + conclude_answer(v, OUTCOME_OVERTAKEN, confirm);
    return decide_confirm(facts, v);
}

/* Says whether the version of a fresh start cannot be recorded before a host has a version. The
 * software may start in the meantime. */
static bool is_waiting_for_host(const Facts *facts, const Verdict *v)
{
    return v->assumed && streq(v->version, facts->declaration->version.value) &&
           streq_null(facts->fresh, v->version) && facts_find_unready(facts);
}

int verdict_version(const Facts *facts, Verdict *v)
{
    const char *declared = facts->declaration->version.value;
    bool same = declared && version_compare(v->version, declared) == 0;

    if (!declared) /* software without a version is not migrated */
        return conclude(v, OUTCOME_INERT);
    v->accepted = same || declaration_accepts(facts->declaration, v->version);
    if (is_waiting_for_host(facts, v))
        return conclude_at(v, OUTCOME_HOST_LATER, facts_find_unready(facts));
    if (find_missing(facts))
        return conclude_at(v, OUTCOME_MISSING_ONE, find_missing(facts));
    if (decide_newer_before(facts, v) > 0)
        return 0;
    if (facts->thorough && decide_confirm(facts, v) > 0)
        return 0;
    if (same && !v->assumed && streq(v->version, declared))
        return conclude(v, OUTCOME_CURRENT);
    if (!v->accepted && !v->assumed && facts_let_read(facts, v->version))
        return conclude(v, OUTCOME_READABLE);
    if (v->accepted && !same && !v->assumed && !facts->requested)
        return verdict_route(facts, v); /* an accepted state may still be migrated */
    if (facts_find_unready(facts))
        return conclude_at(v, OUTCOME_HOST_UNREADY, facts_find_unready(facts));
    if (v->assumed && same)
        return conclude(v, OUTCOME_RECORDED);
    if (v->assumed && v->accepted && !facts->requested)
        return conclude(v, OUTCOME_RECORDED_OLDER);
    if (decide_confirm(facts, v) > 0)
        return 0;
    return same ? conclude(v, OUTCOME_SPELLING) : verdict_route(facts, v);
}

/* --- where the state is ---------------------------------------------------------------------- */

/* Says whether the directory with the path is missing or empty, and is named because its stamp is
 * missing. */
static bool is_lost(const Facts *facts, const char *path)
{
    for (size_t i = 0; i < facts_n_own(facts); i++) {
        const StateDirectory *directory = facts->directories + i;

        if (path_is_within(path, directory->directory))
            return !facts->declaration->stamp_in_store &&
                   (directory->error == -ENOENT ||
                    (!directory->error && directory->stamps.empty && !directory->stamps.versions));
    }
    return false;
}

static int decide_place(const Facts *facts, Verdict *v)
{
    if (facts->store_error == -EPERM)
        return conclude(v, OUTCOME_STORE_FOREIGN);
    if (facts->store_error && facts->store_error != -ENOENT && facts->store_error != -EACCES)
        return conclude_text(v, OUTCOME_STORE_UNREADABLE, NULL, facts->store_error);
    if (facts->former.moving)
        return conclude(v, OUTCOME_MOVING);
    v->former = former_decide(facts);
    if (v->former.found || v->former.refused)
        return conclude_text(v, v->former.outcome, v->former.other, v->former.error);
    for (size_t i = 0; i < facts->n_directories; i++) {
        const StateDirectory *directory = facts->directories + i;

        if (directory->refused)
            return conclude_at(
                v, directory->host ? OUTCOME_HOST_REFUSED : OUTCOME_DIRECTORY_REFUSED, directory);
        if (directory->unlinked)
            return conclude_at(v, OUTCOME_UNLINKED, directory);
        if (directory->busy)
            return conclude_at(v, OUTCOME_HOST_BUSY, directory);
    }
    if (facts->unmounted && !is_lost(facts, facts->unmounted))
        return conclude(v, OUTCOME_MISSING_ONE);
    return verdict_stamps(facts, v);
}

static int decide_from(const Facts *facts, Verdict *v)
{
    int r = verdict_take_version(v, facts->from, false);

    if (r < 0)
        return r;
    if (version_compare(facts->from, facts->declaration->version.value) == 0)
        return conclude(v, OUTCOME_CURRENT);
    v->accepted = declaration_accepts(facts->declaration, facts->from);
    return verdict_route(facts, v);
}

/* --- overrides ------------------------------------------------------------------------------- */

/* Says whether the outcome needs the migration to run. Only then a mask or migrate=off matters. */
static bool needs_migration(const Verdict *v)
{
    return outcome_is_pending(v->outcome) || v->outcome == OUTCOME_FRESH ||
           v->outcome == OUTCOME_CUT_OFF || v->outcome == OUTCOME_ATTENTION ||
           v->outcome == OUTCOME_APPROVAL || v->outcome == OUTCOME_APPROVAL_RESTORE;
}

static bool holds(const Facts *facts, const Verdict *v)
{
    const Refusal *refusal = &facts->refusal;

    return refusal->sentence && streq_null(refusal->to, facts->declaration->version.value) &&
           (!refusal->from || streq_null(refusal->from, v->version)) &&
           !(refusal->result == RESULT_APPROVAL && v->approved);
}

static void look_above(const Facts *facts, Verdict *v)
{
    /* A deferral also stops the script that would find out whether a migration is pending. */
    if (facts->deferred && !facts->agreed &&
        (v->outcome == OUTCOME_ASKS_FRESH || v->outcome == OUTCOME_ASKS_VERSION))
        v->outcome = OUTCOME_DEFERRED;
    if (streq_null(facts->migration.active, "activating"))
        v->outcome = OUTCOME_RUNNING;
    else if (facts->has_transaction)
        v->outcome =
            facts->refusal.result == RESULT_ATTENTION ? OUTCOME_ATTENTION : OUTCOME_CUT_OFF;
    else if (outcome_is_pending(v->outcome) && holds(facts, v))
        /* A damaged transaction record counts as missing, so the last result may be
         * RESULT_ATTENTION. */
        v->outcome =
            facts->refusal.result == RESULT_ATTENTION ? OUTCOME_ATTENTION : OUTCOME_REFUSED;
    if (facts->agreed || (v->outcome != OUTCOME_REFUSED && !needs_migration(v)))
        return;
    if (streq_null(facts->migration.load, "masked"))
        v->outcome = OUTCOME_MASKED;
    else if (facts->off)
        v->outcome = OUTCOME_OFF;
}

static int decide(const Facts *facts, Verdict *v)
{
    const Declaration *declaration = facts->declaration;
    int r;

    if (declaration_is_broken(declaration))
        return conclude(v, OUTCOME_INVALID);
    if (!declaration->version.value && !facts->thorough)
        return conclude(v, OUTCOME_INERT);
    if (facts->from)
        return decide_from(facts, v);
    r = decide_place(facts, v);
    if (r == 0)
        look_above(facts, v);
    return r;
}

int verdict_decide(const Facts *facts, Verdict *ret)
{
    _cleanup_(verdict_free) Verdict verdict = {};
    int r = decide(facts, &verdict);

    if (r < 0)
        return r;
    *ret = TAKE_STRUCT(verdict);
    return 0;
}

int verdict_reach(Facts *facts, Verdict *ret)
{
    for (;;) {
        _cleanup_(verdict_free) Verdict verdict = {};
        unsigned missing;
        int r = verdict_decide(facts, &verdict);

        missing = verdict.asks & ASKS_READ;
        if (r == 0 && missing)
            r = facts_answer(facts, &verdict);
        if (r < 0)
            return r;
        if (missing)
            continue;
        *ret = TAKE_STRUCT(verdict);
        return 0;
    }
}
