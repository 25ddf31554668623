/* SPDX-License-Identifier: MIT */
/* Prints approvals and deferrals, as text and as JSON. */
#include "show/consent-print.h"

#include "store/operator.h"
#include "terminal/options.h"
#include "terminal/output.h"

char *consent_describe_plan(const Service *service)
{
    const Route *route = &service->verdict.route;

    if (route->kind == ROUTE_RESTORE)
        return strprintf("bringing back the backup %s, at version %s,", route->backup,
                         route->version);
    return strprintf("the migration from %s to %s", service->verdict.route.plan.from,
                     service->verdict.route.plan.to);
}

/* The verdict already says if approval is missing. */
void consent_print_reasons(const Service *service)
{
    const Verdict *verdict = &service->verdict;
    bool recorded = service->verdict.approved && !service->verdict.declared_approval;
    _cleanup_free_ char *who =
                            recorded ? operator_describe(&service->facts.approval.operator) : NULL,
                        *expired = words_expired(&service->facts, verdict);

    if (verdict->reasons && verdict->approved) {
        print_line(2, "\n%sThis plan needs approval%s%s%s:", colour(COLOUR_YELLOW),
                   colour(COLOUR_NONE), recorded ? ", which was given by " : ", which is declared",
                   who ? who : "");
        STRV_FOREACH (reason, verdict->reasons)
            print_line(4, "  %s", *reason);
    }
    if (verdict->reasons && expired)
        print_line(2, "\nNote: %s", expired);
}

static json_object *approval_to_json(const Service *service)
{
    json_object *object = service->facts.approval.from
                              ? record_to_json(&approval_type, &service->facts.approval)
                              : NULL;

    if (object)
        json_object_object_add(object, "holds",
                               json_object_new_boolean(service->verdict.approved &&
                                                       !service->verdict.declared_approval));
    return object;
}

static json_object *deferral_to_json(const Service *service)
{
    json_object *object;

    if (!service->facts.has_deferral)
        return NULL;
    if (service->facts.deferral.damaged)
        return json_object_new_object();
    object = record_to_json(&deferral_record_type, &service->facts.deferral);
    if (object)
        json_object_object_add(object, "over", json_object_new_boolean(!service->facts.deferred));
    return object;
}

void consent_add_to_json(json_object *object, const Service *service)
{
    json_object_object_add(object, "approval_given", approval_to_json(service));
    json_object_object_add(object, "deferred", deferral_to_json(service));
}
