/* SPDX-License-Identifier: MIT */
/* Plans as text, for tests. */
#include "declare/plan-fixture.h"

static char *plan_text(const Plan *plan)
{
    _cleanup_string_ String s = {};
    char *text;

    string_append(&s, plan->from);
    for (size_t i = 0; i < plan->n_steps; i++) {
        const Step *step = plan->steps + i;

        if (plan->every_up && i == plan->n_steps - 1)
            string_append(&s, " +");
        else if (step->migration)
            string_appendf(&s, " -%s%s-> %s", step->migration->id,
                           step->migration->kept_in ? ", kept" : "", step->to);
        else
            string_appendf(&s, " ...> %s", step->to);
    }
    return string_finish(&s, &text) < 0 ? NULL : text;
}

/* Do the steps meet, begin and end where the plan says, and run what they should? */
static bool plan_is_sound(const Plan *plan, const Declaration *declaration)
{
    const char *at = plan->from;

    if (plan->down != (version_compare(plan->from, plan->to) > 0))
        return false;

    for (size_t i = 0; i < plan->n_steps; i++) {
        const Step *step = plan->steps + i;
        bool every_up = plan->every_up && i == plan->n_steps - 1;

        if (every_up ? !streq(step->from, plan->from) || !streq(at, plan->to)
                     : !streq(step->from, at) ||
                           (plan->down ? version_compare(step->from, step->to) <= 0
                                       : version_compare(step->from, step->to) >= 0))
            return false;
        if (step->hooks != (every_up           ? &declaration->every_up
                            : !step->migration ? NULL
                            : plan->down       ? &step->migration->down
                                               : &step->migration->up))
            return false;
        at = step->to;
    }
    return streq(at, plan->to) && streq(at, declaration->version.value);
}

char *outcome_text(const Declaration *declaration, const char *from, const Lineage *lineage)
{
    static const char *const outcomes[] = {
        [PLAN_GAP] = "gap", [PLAN_DOWNGRADE] = "downgrade", [PLAN_SKIP] = "skip"};
    _cleanup_(plan_free) Plan plan = {};
    _cleanup_free_ char *what = NULL;
    int r = plan_build(declaration, from, lineage, &plan, &what);

    if (r < 0)
        return strprintf("error %d", r);
    if (r == PLAN_CURRENT)
        return strdup("current");
    if (r != PLAN_READY)
        return strprintf("%s: %s", outcomes[r], what);
    return plan_is_sound(&plan, declaration) ? plan_text(&plan)
                                             : strdup("a plan that is not sound");
}

void lineage_add(Lineage *lineage, const char *id, const char *from, const char *to)
{
    Arrival *arrival = ARRAY_GROW(lineage->items, lineage->n_items);

    if (!arrival)
        abort();
    *arrival = (Arrival){.migration = strdup(id), .from = strdup(from), .to = strdup(to)};
}
