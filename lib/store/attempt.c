/* SPDX-License-Identifier: MIT */
/* Checks consent in the declaration, names steps, and counts interruptions. */
#include "store/attempt.h"

#include "store/record-table.h"

bool attempt_is_approved(const Declaration *declaration, const Plan *plan)
{
    for (size_t i = 0; plan->from && i < declaration->approved.n_items; i++) {
        const char *approved = declaration->approved.items[i].value, *colon = strchr(approved, ':');
        size_t length = (size_t)(colon - approved);

        if (strlen(plan->from) == length && strncmp(approved, plan->from, length) == 0 &&
            streq(colon + 1, plan->to))
            return true;
    }
    return false;
}

int attempt_needs_approval(const Declaration *declaration, const Plan *plan, char ***ret_reasons)
{
    _cleanup_strv_ char **reasons = NULL;
    int r = 0;

    if (declaration->policy == POLICY_CONFIRM)
        r = strv_append(&reasons, "Policy=confirm");
    for (size_t i = 0; r == 0 && i < plan->n_steps; i++) {
        const Step *step = plan->steps + i;

        STRV_FOREACH (warning, step->hooks ? step->hooks->warnings : NULL) {
            if (r == 0)
                r = strv_consume(&reasons,
                                 strprintf("%s to %s: %s", step->from, step->to, *warning));
        }
    }
    if (r < 0)
        return r;
    *ret_reasons = TAKE_PTR(reasons);
    return 0;
}

char *attempt_step_name(const Step *step)
{
    if (step->migration && step->migration->kept_in)
        return strprintf("%s to %s, %s (kept from %s)", step->from, step->to, step->migration->id,
                         step->migration->kept_on);
    if (!step->from)
        return strprintf("Init= at version %s", step->to);
    if (step->migration && step->migration->description)
        return strprintf("%s to %s, %s (%s)", step->from, step->to, step->migration->id,
                         step->migration->description);
    return strprintf("%s to %s, %s", step->from, step->to,
                     step->migration ? step->migration->id
                     : step->hooks   ? "[EveryUp]"
                                     : "no migration declared, the stamp moves");
}

#define RECORD InterruptionRecord
static const RecordField fields[] = {
    STRING("fingerprint", fingerprint, 0),
    INTEGER("count", count, 0),
};
RECORD_TYPE(interruption_record_type, fields);
#undef RECORD

int interruption_count(const Store *store, const char *fingerprint)
{
    _cleanup_(interruption_record_free) InterruptionRecord record = {};
    int r = interruption_record_read(store, RECORD_INTERRUPTED, &record);

    if (r != 0 || !streq_null(record.fingerprint, fingerprint))
        return 0;
    return record.count < 0 || record.count > INTERRUPTIONS_MAX ? INTERRUPTIONS_MAX
                                                                : (int)record.count;
}

int interruption_add(const Store *store, const char *fingerprint)
{
    return interruption_record_write(
        store, RECORD_INTERRUPTED,
        &(InterruptionRecord){.fingerprint = (char *)fingerprint,
                              .count = interruption_count(store, fingerprint) + 1});
}

#define RECORD RequestRecord
static const RecordField request_fields[] = {STRING("requested", when, 0)};
RECORD_TYPE(request_record_type, request_fields);

int request_write(const Store *store)
{
    _cleanup_free_ char *now = time_format(time_now());

    return now ? request_record_write(store, RECORD_REQUESTED, &(RequestRecord){.when = now})
               : -ENOMEM;
}
