/* SPDX-License-Identifier: MIT */
/* Plans. The versions that migrations name are the nodes of a graph, migrations its edges; where
 * gaps are allowed there is also an edge from each version to the next one, so dear that it is
 * taken only where no migration leads on. Dijkstra's algorithm over a handful of nodes. */
#include "plan.h"

#define COST_STEP UINT64_C(1)
#define COST_GAP  UINT64_C(1000000)

typedef struct Node {
    const char *version;
    uint64_t cost;              /* UINT64_MAX: not reached */
    size_t before;              /* the node it was reached from */
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

static void relax(Graph *graph, size_t from, size_t to, const Migration *migration, uint64_t cost)
{
    Node *node = graph->nodes + to;

    cost += graph->nodes[from].cost;
    if (cost >= node->cost) /* the first of equal ones stays: migrations are sorted by name */
        return;
    *node = (Node){.version = node->version, .cost = cost, .before = from, .migration = migration};
}

/* Only upwards, so the nodes are settled in ascending order and each is looked at once. */
static void graph_search(Graph *graph, const Declaration *declaration)
{
    bool gaps = declaration->gaps == GAPS_ALLOW || declaration->every_up.present;
    const char *target = declaration->version.value;

    graph->nodes[0].cost = 0;
    for (size_t i = 0; i + 1 < graph->n_nodes; i++) {
        if (graph->nodes[i].cost == UINT64_MAX)
            continue;
        for (size_t m = 0; m < declaration->n_migrations; m++) {
            const Migration *migration = declaration->migrations + m;
            const char *to = version_range_exact(&migration->to);

            if (!migration->up.present || !migration_starts_at(migration, graph->nodes[i].version))
                continue;
            for (size_t j = i + 1; j < graph->n_nodes; j++)
                if (to ? version_compare(graph->nodes[j].version, to) == 0
                       : j == graph->n_nodes - 1 && version_range_holds(&migration->to, target))
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

/* The way to node, first step first. Gaps in a row are one. */
static int plan_collect(Plan *plan, const Graph *graph, const Declaration *declaration)
{
    _cleanup_free_ size_t *way = NULL;
    size_t n_way = 0;

    for (size_t i = graph->n_nodes - 1; i != 0; i = graph->nodes[i].before) {
        size_t *added = ARRAY_GROW(way, n_way);

        if (!added)
            return -ENOMEM;
        *added = i;
    }
    while (n_way-- > 0) {
        const Node *node = graph->nodes + way[n_way];
        Step *last = plan->n_steps > 0 ? plan->steps + plan->n_steps - 1 : NULL;
        int r;

        if (!node->migration && last && !last->migration) {
            char *to = strdup(node->version);

            if (!to)
                return -ENOMEM;
            free(last->to);
            last->to = to;
            continue;
        }
        r = plan_add(plan, node->migration, node->migration ? &node->migration->up : NULL,
                     graph->nodes[node->before].version, node->version);
        if (r < 0)
            return r;
    }
    if (!declaration->every_up.present)
        return 0;
    plan->every_up = true;
    return plan_add(plan, NULL, &declaration->every_up, plan->to, plan->to);
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

/* The highest version that can be reached, and what can be started from there: nothing. */
static char *describe_gap(const Graph *graph, const Declaration *declaration)
{
    const Node *reached = graph->nodes;

    for (size_t i = 0; i < graph->n_nodes; i++)
        if (graph->nodes[i].cost != UINT64_MAX)
            reached = graph->nodes + i;
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
    if (graph.nodes[graph.n_nodes - 1].cost == UINT64_MAX) {
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
    for (size_t i = 0; declaration->max_skip != MAX_SKIP_ANY && i < plan.n_steps; i++)
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
