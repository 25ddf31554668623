/* SPDX-License-Identifier: MIT */
/* Turns the best path through the graph (plan-graph.c) into a plan, or explains why there is
 * none. */
#include "declare/plan.h"

#include "declare/plan-graph.h"

void lineage_free(Lineage *lineage)
{
    ARRAY_FOREACH (arrival, lineage->items, lineage->n_items) {
        free(arrival->migration);
        free(arrival->from);
        free(arrival->to);
        free(arrival->id);
        if (arrival->kept)
            migration_free(arrival->kept);
        free(arrival->kept);
    }
    free(lineage->items);
    strv_free(lineage->damaged);
    *lineage = (Lineage){};
}

static int plan_add(Plan *plan, const Migration *migration, const Hooks *hooks, const char *from,
                    const char *to)
{
    Step *step = ARRAY_GROW(plan->steps, plan->n_steps);

    if (!step)
        return -ENOMEM;
    *step = (Step){migration, hooks, from ? strdup(from) : NULL, strdup(to)};
    return (step->from || !from) && step->to ? 0 : -ENOMEM;
}

/* Collects the steps of the best path, and joins consecutive gaps. */
static int plan_collect(Plan *plan, const Graph *graph)
{
    const Declaration *declaration = graph->declaration;

    for (size_t i = 0; i != graph->n_nodes - 1; i = graph->nodes[i].next) {
        const Node *node = graph->nodes + i, *next = graph->nodes + node->next;
        Step *last = plan->n_steps > 0 ? plan->steps + plan->n_steps - 1 : NULL;
        int r;

        if (!node->migration && last && !last->migration) {
            if (strreplace(&last->to, next->version) < 0)
                return -ENOMEM;
            continue;
        }
        r = plan_add(plan, node->migration,
                     !node->migration ? NULL
                     : graph->down    ? &node->migration->down
                                      : &node->migration->up,
                     node->version, next->version);
        if (r < 0)
            return r;
    }
    if (!declaration->every_up.present || graph->down)
        return 0;
    plan->every_up = true;
    /* [EveryUp] starts at the first version of the plan, not at the version of the last step. */
    return plan_add(plan, NULL, &declaration->every_up, plan->from, plan->to);
}

/* Parses the numbers of the first two components: 27 and 1 for "27.1.2". */
static void series(const char *version, unsigned long *ret_major, unsigned long *ret_minor)
{
    char *end;

    version += strcspn(version, "0123456789");
    *ret_major = strtoul(version, &end, 10);
    *ret_minor = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;
}

static bool step_skips(MaxSkip max_skip, const Step *step)
{
    unsigned long from_major, from_minor, to_major, to_minor;

    series(step->from, &from_major, &from_minor);
    series(step->to, &to_major, &to_minor);
    if (to_major > from_major + 1)
        return true;
    if (max_skip == MAX_SKIP_MAJOR)
        return false;
    return to_major == from_major ? to_minor > from_minor + 1 : to_minor > 0;
}

/* Returns the first step that skips too much, or NULL. */
static const Step *plan_skips(const Plan *plan, MaxSkip max_skip)
{
    for (size_t i = 0; max_skip != MAX_SKIP_ANY && i < plan->n_steps - plan->every_up; i++)
        if (step_skips(max_skip, plan->steps + i))
            return plan->steps + i;
    return NULL;
}

/* Returns the lowest version above version at which a From=>= or From=> of a migration begins;
 * NULL: none. Only a release in between can bring the state to such a version. */
static const char *find_release_between(const Declaration *declaration, const char *version)
{
    const char *found = NULL;

    ARRAY_FOREACH (migration, declaration->migrations, declaration->n_migrations)
        ARRAY_FOREACH (from, migration->from, migration->n_from)
            ARRAY_FOREACH (test, from->range.tests, from->range.n_tests)
                if ((test->op == VERSION_GREATER || test->op == VERSION_GREATER_EQUAL) &&
                    version_compare(test->version, version) > 0 &&
                    version_compare(test->version, declaration->version.value) < 0 &&
                    (!found || version_compare(test->version, found) < 0))
                    found = test->version;
    return found;
}

/* Describes where the path ends. */
static char *describe_gap(const Graph *graph)
{
    const char *target = graph->declaration->version.value;
    const Node *reached = graph_reached(graph);

    if (!reached)
        return NULL;
    if (graph->declaration->n_migrations == 0)
        return strprintf("no migrations are declared, so none leads from %s to %s",
                         reached->version, target);
    if (reached == graph->nodes)
        return strprintf("no migration leads from %s towards %s", reached->version, target);
    return strprintf("migrations lead from %s to %s, but none from there towards %s",
                     graph->nodes[0].version, reached->version, target);
}

/* Appends why a declared or kept [Down] cannot be used. Returns false if there is no reason to
 * print. */
static bool describe_obstacle(String *s, const Graph *graph, const Migration *migration,
                              const char *version, bool origin_is_known)
{
    const Hooks *down = &migration->down;
    const char *why = hooks_unprotected(graph->declaration, down);

    if (down->script.argv && !origin_is_known)
        string_appendf(
            s, "; '%s' has one, but no record says from which version it migrated the state to %s",
            migration->id, version);
    else if (down->script.argv && migration->kept_in && why)
        string_appendf(s,
                       "; the one of '%s', kept in %s, changes what no clone protects (%s), "
                       "without both Backup= and Restore=",
                       migration->id, migration->kept_in, why);
    else if (!down->script.argv && down->warnings)
        string_appendf(s, "; '%s' has none, and says: %s", migration->id, down->warnings[0]);
    else
        return false;
    return true;
}

/* Appends why there is no way back from this version. */
static void describe_dead_end(String *s, const Graph *graph, const char *version)
{
    const Declaration *declaration = graph->declaration;

    ARRAY_FOREACH (migration, declaration->migrations, declaration->n_migrations) {
        if (version_range_holds(&migration->to, version) &&
            describe_obstacle(s, graph, migration, version,
                              graph_origin(graph, migration, version)))
            return;
    }
    ITEMS_FOREACH (arrival, graph->lineage)
        if (arrival->kept && version_compare(arrival->to, version) == 0 &&
            describe_obstacle(s, graph, arrival->kept, version, true))
            return;
    STRV_FOREACH (damaged, graph->lineage->damaged)
        string_appendf(s, "; %s", *damaged);
}

/* Describes where the way down ends, and from which version there is a way. */
static char *describe_downgrade(const Declaration *declaration, const char *from,
                                const Graph *graph)
{
    const char *target = declaration->version.value;
    const Node *reached = graph ? graph_reached(graph) : NULL, *onwards;
    _cleanup_string_ String s = {};
    char *text;

    string_appendf(&s, "the state is at %s, newer than the %s that is declared", from, target);
    if (graph) {
        if (!reached)
            return NULL;
        if (reached == graph->nodes)
            string_appendf(&s, ", and no [Down] script leads back from %s", reached->version);
        else
            string_appendf(&s,
                           ", and [Down] scripts lead back to %s, but none from there towards %s",
                           reached->version, target);
        for (onwards = graph->nodes; onwards->cost == UINT64_MAX;)
            onwards++;
        if (onwards->cost > 0)
            string_appendf(&s, "; there is a way to %s only from %s", target, onwards->version);
        describe_dead_end(&s, graph, reached->version);
    }
    return string_finish(&s, &text) < 0 ? NULL : text;
}

int plan_build(const Declaration *declaration, const char *from, const Lineage *lineage, Plan *ret,
               char **reterr_what)
{
    const char *target = declaration->version.value;
    int order = version_compare(from, target), r;
    _cleanup_(graph_free) Graph graph = {};
    _cleanup_(plan_free) Plan plan = {.down = order > 0};
    const Step *skips;

    if (order == 0)
        return PLAN_CURRENT;
    if (plan.down && declaration->downgrade != DOWNGRADE_SCRIPT &&
        declaration->downgrade != DOWNGRADE_SCRIPT_OR_RESTORE) {
        *reterr_what = describe_downgrade(declaration, from, NULL);
        return *reterr_what ? PLAN_DOWNGRADE : -ENOMEM;
    }
    r = graph_build(declaration, from, lineage, &graph);
    if (r < 0)
        return r;
    if (graph.nodes[0].cost == UINT64_MAX) {
        const Node *reached = plan.down ? NULL : graph_reached(&graph);
        const char *release = reached ? find_release_between(declaration, reached->version) : NULL;

        if (release)
            return because(PLAN_SKIP, reterr_what,
                           "no migration leads from %s towards %s: the next one takes version %s "
                           "or newer",
                           reached->version, target, release);
        *reterr_what =
            plan.down ? describe_downgrade(declaration, from, &graph) : describe_gap(&graph);
        return !*reterr_what ? -ENOMEM : plan.down ? PLAN_DOWNGRADE : PLAN_GAP;
    }
    plan.from = strdup(from);
    plan.to = strdup(target);
    if (!plan.from || !plan.to)
        return -ENOMEM;
    r = plan_collect(&plan, &graph);
    if (r < 0)
        return r;
    skips = plan.down ? NULL : plan_skips(&plan, declaration->max_skip);
    if (skips)
        return because(PLAN_SKIP, reterr_what,
                       "the step from %s to %s skips a whole series (MaxSkip=%s)", skips->from,
                       skips->to, declaration->max_skip == MAX_SKIP_MAJOR ? "major" : "minor");
    *ret = TAKE_STRUCT(plan);
    return PLAN_READY;
}

int plan_init(const Declaration *declaration, Plan *ret)
{
    _cleanup_(plan_free) Plan plan = {.to = strdup(declaration->version.value)};
    int r = plan.to ? plan_add(&plan, NULL, &declaration->init, NULL, plan.to) : -ENOMEM;

    if (r < 0)
        return r;
    *ret = TAKE_STRUCT(plan);
    return 0;
}

void plan_free(Plan *plan)
{
    ARRAY_FOREACH (step, plan->steps, plan->n_steps) {
        free(step->from);
        free(step->to);
    }
    free(plan->steps);
    free(plan->from);
    free(plan->to);
    *plan = (Plan){};
}
