/* SPDX-License-Identifier: MIT */
/* What is to be done about a state whose version is known: along which route, and whether it may.
 */
#include "basic/time.h"
#include "declare/declaration.h"
#include "look/condition-private.h"
#include "store/attempt.h"
#include "terminal/options.h"
#include "wayback/lineage.h"
#include "wayback/wayback.h"

/* Records name the attempt that they speak of by its fingerprint. */
static bool is_this_attempt(const Service *service, const char *from, const char *to,
                            const char *fingerprint)
{
    Fingerprint now;

    /* Fingerprints are of the files where they are used: they say nothing about another root. */
    if (options.root)
        return streq_null(from, service->plan.from) && streq_null(to, service->plan.to);
    now = attempt_fingerprint(service->declaration, &service->plan);
    return fingerprint_is(&now, fingerprint);
}

char *service_describe_failure(const Service *service)
{
    const TransactionRecord *failed = &service->failed;
    _cleanup_free_ char *finished = NULL;

    if (service->has_failed && failed->retry <= 0 &&
        is_this_attempt(service, failed->from, failed->to, failed->fingerprint)) {
        finished = time_local(failed->finished);
        return strprintf("the migration failed on %s: %s", finished ? finished : "?",
                         failed->reason ? failed->reason : "?");
    }
    if (!service->has_failed && service->has_interrupted &&
        service->interrupted.count >= INTERRUPTIONS_MAX &&
        is_this_attempt(service, NULL, NULL, service->interrupted.fingerprint))
        return strdup("the migration was interrupted three times in a row");
    return NULL;
}

/* By a record of this machine; one of another root's is about files that are not looked at here. */
static int find_approval(Service *service)
{
    const Route *route = &service->route;
    Fingerprint agreed;
    int r = 0;

    if (route->reason)
        r = route_extra(route, &service->extra);
    service->fingerprint = attempt_fingerprint(service->declaration, &service->plan);
    agreed = approval_fingerprint(&service->fingerprint, service->extra);
    service->declared_approval =
        !route->reason && attempt_is_approved(service->declaration, &service->plan);
    service->approved =
        service->declared_approval ||
        (!options.root && service->approval.from &&
         approval_is_for(&service->approval, service->plan.from, service->plan.to, &agreed));
    if (r == 0 && (route->kind != ROUTE_RESTORE || route->reason))
        r = attempt_needs_approval(service->declaration, &service->plan, &service->reasons);
    return r == 0 && route->reason ? strv_append(&service->reasons, route->reason) : r;
}

/* A plan without steps stands for bringing a backup back. */
static int plan_restore(Service *service)
{
    service->plan = (Plan){.from = strdup(service->version),
                           .to = strdup(service->route.version),
                           .down = version_compare(service->version, service->route.version) > 0};
    return service->plan.from && service->plan.to ? 0 : -ENOMEM;
}

static PlanOutcome outcome_of(Route *route, Plan *ret)
{
    if (route->kind != ROUTE_MIGRATE)
        return route->kind == ROUTE_RESTORE ? PLAN_READY : route->outcome;
    *ret = route->plan;
    route->plan = (Plan){};
    plan_take_lineage(ret, &route->lineage);
    return PLAN_READY;
}

/* As the helper chooses; --from= asks for the migrations alone. A PlanOutcome or -ENOMEM. */
static int find_route(Service *service, const char *from, char **reterr_what)
{
    _cleanup_(lineage_free) Lineage lineage = {};
    int r;

    if (version_is_valid(service->version) &&
        version_compare(service->version, service->declaration->version.value) == 0)
        return PLAN_CURRENT;
    if (!from) {
        r = route_choose(options.root, service->declaration, &service->store, service->version,
                         &service->route);
        if (r == 0 && service->route.kind == ROUTE_RESTORE)
            r = plan_restore(service);
        if (r < 0)
            return r;
        if (service->route.kind == ROUTE_REFUSED)
            *reterr_what = strdup(service->route.what);
        return outcome_of(&service->route, &service->plan);
    }
    r = lineage_find(&service->history, service->version, &lineage);
    if (r == 0)
        r = applied_load(options.root, &service->store, service->declaration, &lineage);
    if (r == 0)
        r = plan_build(service->declaration, service->version, &lineage, &service->plan,
                       reterr_what);
    if (r == PLAN_READY)
        plan_take_lineage(&service->plan, &lineage);
    return r;
}

static int conclude_ready(Service *service)
{
    const Declaration *declaration = service->declaration;
    bool accepted = declaration_accepts(declaration, service->version),
         restores = service->route.kind == ROUTE_RESTORE;
    _cleanup_free_ char *failure = NULL;
    int r;

    service->has_plan = true;
    /* As the helper does before it takes the fingerprint, with declarations that are the caller's
     * to change, too. What is damaged the helper tells. */
    r = applied_complete(&service->store, &service->plan, (Declaration *)service->declaration);
    r = r == -ENOMEM ? r : find_approval(service);
    if (r < 0)
        return r;
    failure = restores ? NULL : service_describe_failure(service);
    service->failed_before = failure != NULL;
    if (failure)
        return service_conclude(service, accepted ? CONDITION_ACCEPTED : CONDITION_FAILED,
                                TAKE_PTR(failure), service_type(service, "retry", ""));
    if (accepted)
        return service_conclude(
            service, CONDITION_ACCEPTED,
            strprintf(
                "the software runs on version %s unchanged; it is moved on when somebody asks "
                "for it",
                service->version),
            service_type(service, "start", ""));
    if (service->reasons && !service->approved)
        return service_conclude(service, CONDITION_APPROVAL, strv_join(service->reasons, "; "),
                                service_type(service, options.root ? "plan" : "approve", ""));
    return service_conclude(
        service, CONDITION_PENDING,
        restores ? strdup(service->route.what)
        : service->assumed
            ? strprintf("the state has no stamp; it is taken to be at %s", service->version)
            : NULL,
        service_type(service, "start", ""));
}

/* Has newer software said, at every place, that the declared version may run on it? The helper asks
 * the same before it looks for a way back, so there is none to show. */
static bool is_readable(const Service *service)
{
    const char *declared = service->declaration->version.value;

    if (!version_is_valid(service->version) || version_compare(service->version, declared) <= 0)
        return false;
    for (size_t i = 0; i < service->n_spots; i++)
        if (!stamps_readable_by(&service->spots[i].stamps, declared))
            return false;
    return service->n_spots > 0;
}

int service_judge_plan(Service *service, const char *from)
{
    _cleanup_free_ char *what = NULL;
    int r;

    service->readable = !from && is_readable(service);
    if (service->readable)
        return service_conclude(
            service, CONDITION_ACCEPTED,
            strprintf("the state is at version %s, on which %s may run, too (ReadableBy=): nothing "
                      "to do",
                      service->version, service->declaration->version.value),
            NULL);
    r = find_route(service, from, &what);
    switch (r) {
    case PLAN_READY:
        return conclude_ready(service);
    case PLAN_CURRENT:
        if (!streq(service->version, service->declaration->version.value))
            return service_conclude(service, CONDITION_PENDING,
                                    strprintf("%s is another spelling of %s: the stamp is renamed "
                                              "at the next start",
                                              service->version,
                                              service->declaration->version.value),
                                    NULL);
        return service_conclude(service, CONDITION_CURRENT, NULL, NULL);
    case PLAN_GAP:
    case PLAN_SKIP:
    case PLAN_DOWNGRADE:
        if (declaration_accepts(service->declaration, service->version))
            return service_conclude(service, CONDITION_ACCEPTED, NULL, NULL);
        return service_conclude(service,
                                r == PLAN_GAP    ? CONDITION_GAP
                                : r == PLAN_SKIP ? CONDITION_SKIP
                                                 : CONDITION_NEWER,
                                TAKE_PTR(what), service_type(service, "plan", ""));
    default:
        return r;
    }
}
