/* SPDX-License-Identifier: MIT */
/* Plans. The versions that migrations name are the nodes of a graph, migrations its edges; where
 * gaps are allowed there is also an edge from each version to the next one, so dear that it is
 * taken only where no migration leads on. The cheapest way through it, found from its end. */
#include "plan.h"

#define COST_STEP UINT64_C(1)
#define COST_GAP  UINT64_C(1000000)

typedef struct Node {
    const char *version;
    uint64_t cost;              /* from here to the end; UINT64_MAX: there is no way */
    size_t next;                /* the node that the best way leads to */
    const Migration *migration; /* by which; NULL: over a gap */
} Node;

typedef struct Graph {
    Node *nodes; /* ascending; the first is where the plan starts, the last where it ends */
    size_t n_nodes;
} Graph;

static void graph_free(Graph *graph)
{
    free(graph->nodes);
}

static int graph_add(Graph *graph, const char *version)
{
    Node *node;

    for (size_t i = 0; i < graph->n_nodes; i++)
        if (version_compare(graph->nodes[i].version, version) == 0)
            return 0;
    node = ARRAY_GROW(graph->nodes, graph->n_nodes);
    if (!node)
        return -ENOMEM;
    *node = (Node){.version = version, .cost = UINT64_MAX};
    return 0;
}

static int compare_nodes(const void *a, const void *b)
{
    return version_compare(((const Node *)a)->version, ((const Node *)b)->version);
}

static int graph_fill(Graph *graph, const Declaration *declaration, const char *from)
{
    const char *target = declaration->version.value;
    size_t kept = 0;
    int r;

    r = graph_add(graph, from);
    if (r == 0)
        r = graph_add(graph, target);
    for (size_t i = 0; r == 0 && i < declaration->n_migrations; i++) {
        const Migration *migration = declaration->migrations + i;
        const char *to = version_range_exact(&migration->to);

        if (to)
            r = graph_add(graph, to);
        for (size_t j = 0; r == 0 && j < migration->n_from; j++)
            /* Where a range begins is a place to go on from after a gap. */
            for (size_t k = 0; r == 0 && k < migration->from[j].range.n_tests; k++)
                r = graph_add(graph, migration->from[j].range.tests[k].version);
    }
    if (r < 0)
        return r;
    for (size_t i = 0; i < graph->n_nodes; i++)
        if (version_compare(graph->nodes[i].version, from) >= 0 &&
            version_compare(graph->nodes[i].version, target) <= 0)
            graph->nodes[kept++] = graph->nodes[i];
    graph->n_nodes = kept;
    qsort(graph->nodes, graph->n_nodes, sizeof(Node), compare_nodes);
    return 0;
}

static bool migration_starts_at(const Migration *migration, const char *version)
{
    for (size_t i = 0; i < migration->n_from; i++)
        if (version_range_holds(&migration->from[i].range, version))
            return true;
    return false;
}

/* Does the migration, begun anywhere, end at that node? */
static bool migration_ends_at(const Migration *migration, const Graph *graph, size_t node)
{
    const char *to = version_range_exact(&migration->to), *version = graph->nodes[node].version;

    if (to)
        return version_compare(version, to) == 0;
    return node == graph->n_nodes - 1 && version_range_holds(&migration->to, version);
}

static void relax(Graph *graph, size_t from, size_t to, const Migration *migration, uint64_t cost)
{
    Node *node = graph->nodes + from;

    if (graph->nodes[to].cost == UINT64_MAX)
        return;
    cost += graph->nodes[to].cost;
    if (cost >= node->cost) /* the first of equal ones stays: migrations are sorted by name */
        return;
    node->cost = cost;
    node->next = to;
    node->migration = migration;
}

/* Only upwards, so the nodes are settled from the end and each is looked at once. Seen from the
 * start, of equal ways it is then the one whose first file comes first, then whose second does. */
static void graph_search(Graph *graph, const Declaration *declaration)
{
    bool gaps = declaration->gaps == GAPS_ALLOW || declaration->every_up.present;

    graph->nodes[graph->n_nodes - 1].cost = 0;
    for (size_t i = graph->n_nodes - 1; i-- > 0;) {
        for (size_t m = 0; m < declaration->n_migrations; m++) {
            const Migration *migration = declaration->migrations + m;

            if (!migration->up.present || !migration_starts_at(migration, graph->nodes[i].version))
                continue;
            for (size_t j = i + 1; j < graph->n_nodes; j++)
                if (migration_ends_at(migration, graph, j))
                    relax(graph, i, j, migration, COST_STEP);
        }
        if (gaps)
            relax(graph, i, i + 1, NULL, COST_GAP);
    }
}

static int plan_add(Plan *plan, const Migration *migration, const Hooks *hooks, const char *from,
                    const char *to)
{
    Step *step = ARRAY_GROW(plan->steps, plan->n_steps);

    if (!step)
        return -ENOMEM;
    *step = (Step){migration, hooks, strdup(from), strdup(to)};
    return step->from && step->to ? 0 : -ENOMEM;
}

/* The best way, first step first. Gaps in a row are one. */
static int plan_collect(Plan *plan, const Graph *graph, const Declaration *declaration)
{
    for (size_t i = 0; i != graph->n_nodes - 1; i = graph->nodes[i].next) {
        const Node *node = graph->nodes + i, *next = graph->nodes + node->next;
        Step *last = plan->n_steps > 0 ? plan->steps + plan->n_steps - 1 : NULL;
        int r;

        if (!node->migration && last && !last->migration) {
            char *to = strdup(next->version);

            if (!to)
                return -ENOMEM;
            free(last->to);
            last->to = to;
            continue;
        }
        r = plan_add(plan, node->migration, node->migration ? &node->migration->up : NULL,
                     node->version, next->version);
        if (r < 0)
            return r;
    }
    if (!declaration->every_up.present)
        return 0;
    plan->every_up = true;
    /* "app migrate" wants to know where the plan began, not where its last step did. */
    return plan_add(plan, NULL, &declaration->every_up, plan->from, plan->to);
}

/* The numbers of the first two components: "27.1.2" is 27 and 1. */
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

/* The highest version that can be reached without a gap. */
static const Node *graph_reached(const Graph *graph, const Declaration *declaration, bool *reached)
{
    size_t highest = 0;

    reached[0] = true;
    for (size_t i = 0; i < graph->n_nodes; i++)
        for (size_t m = 0; reached[i] && m < declaration->n_migrations; m++) {
            const Migration *migration = declaration->migrations + m;

            if (!migration->up.present || !migration_starts_at(migration, graph->nodes[i].version))
                continue;
            for (size_t j = i + 1; j < graph->n_nodes; j++)
                if (migration_ends_at(migration, graph, j)) {
                    reached[j] = true;
                    highest = MAX(highest, j);
                }
        }
    return graph->nodes + highest;
}

/* Where the way ends, and what can be started from there: nothing. */
static char *describe_gap(const Graph *graph, const Declaration *declaration)
{
    _cleanup_free_ bool *flags = calloc(graph->n_nodes, sizeof(bool));
    const Node *reached = flags ? graph_reached(graph, declaration, flags) : NULL;

    if (!reached)
        return NULL;
    if (declaration->n_migrations == 0)
        return strprintf("no migrations are declared, so none leads from %s to %s",
                         reached->version, declaration->version.value);
    if (reached == graph->nodes)
        return strprintf("no migration leads from %s towards %s", reached->version,
                         declaration->version.value);
    return strprintf("migrations lead from %s to %s, but none from there towards %s",
                     graph->nodes[0].version, reached->version, declaration->version.value);
}

int plan_build(const Declaration *declaration, const char *from, Plan *ret, char **reterr_what)
{
    const char *target = declaration->version.value;
    int order = version_compare(from, target), r;
    _cleanup_(graph_free) Graph graph = {};
    _cleanup_(plan_free) Plan plan = {};

    if (order == 0)
        return PLAN_CURRENT;
    if (order > 0) {
        *reterr_what =
            strprintf("the state is at %s, newer than the %s that is declared", from, target);
        return *reterr_what ? PLAN_DOWNGRADE : -ENOMEM;
    }
    r = graph_fill(&graph, declaration, from);
    if (r < 0)
        return r;
    graph_search(&graph, declaration);
    if (graph.nodes[0].cost == UINT64_MAX) {
        *reterr_what = describe_gap(&graph, declaration);
        return *reterr_what ? PLAN_GAP : -ENOMEM;
    }
    plan.from = strdup(from);
    plan.to = strdup(target);
    if (!plan.from || !plan.to)
        return -ENOMEM;
    r = plan_collect(&plan, &graph, declaration);
    if (r < 0)
        return r;
    for (size_t i = 0; declaration->max_skip != MAX_SKIP_ANY && i < plan.n_steps - plan.every_up;
         i++)
        if (step_skips(declaration->max_skip, plan.steps + i)) {
            *reterr_what = strprintf(
                "the step from %s to %s leaves out a whole series (MaxSkip=%s)", plan.steps[i].from,
                plan.steps[i].to, declaration->max_skip == MAX_SKIP_MAJOR ? "major" : "minor");
            return *reterr_what ? PLAN_SKIP : -ENOMEM;
        }
    *ret = plan;
    plan = (Plan){};
    return PLAN_READY;
}

void plan_free(Plan *plan)
{
    for (size_t i = 0; i < plan->n_steps; i++) {
        free(plan->steps[i].from);
        free(plan->steps[i].to);
    }
    free(plan->steps);
    free(plan->from);
    free(plan->to);
    *plan = (Plan){};
}
