/* SPDX-License-Identifier: MIT */
/* Finds the cheapest path through the graph of versions, from its end. The nodes are the versions
 * that migrations name, the edges are the migrations ([Up], or declared and kept [Down]) and, if
 * gaps are allowed, a costly edge from each version to the next higher one. */
#include "declare/plan-graph.h"

#include <assert.h>

#define COST_STEP UINT64_C(1)
#define COST_GAP  UINT64_C(1000000)

void graph_free(Graph *graph)
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

static int compare_nodes_down(const void *a, const void *b)
{
    return compare_nodes(b, a);
}

static int graph_add_migration(Graph *graph, const Migration *migration)
{
    const char *to = version_range_exact(&migration->to);
    int r = to ? graph_add(graph, to) : 0;

    for (size_t i = 0; r == 0 && i < migration->n_from; i++)
        /* After a gap, the plan can continue at the beginning of a range. */
        for (size_t j = 0; r == 0 && j < migration->from[i].range.n_tests; j++)
            r = graph_add(graph, migration->from[i].range.tests[j].version);
    return r;
}

static int graph_fill(Graph *graph, const char *from)
{
    const Declaration *declaration = graph->declaration;
    const char *target = declaration->version.value;
    const char *lowest = graph->down ? target : from, *highest = graph->down ? from : target;
    size_t kept = 0;
    int r;

    r = graph_add(graph, from);
    if (r == 0)
        r = graph_add(graph, target);
    for (size_t i = 0; r == 0 && i < declaration->n_migrations; i++)
        r = graph_add_migration(graph, declaration->migrations + i);
    for (size_t i = 0; r == 0 && i < graph->lineage->n_items; i++) {
        r = graph_add(graph, graph->lineage->items[i].to);
        if (r == 0)
            r = graph_add(graph, graph->lineage->items[i].from);
    }
    if (r < 0)
        return r;
    ARRAY_FOREACH (node, graph->nodes, graph->n_nodes)
        if (version_compare(node->version, lowest) >= 0 &&
            version_compare(node->version, highest) <= 0)
            graph->nodes[kept++] = *node;
    graph->n_nodes = kept;
    qsort(graph->nodes, graph->n_nodes, sizeof(Node),
          graph->down ? compare_nodes_down : compare_nodes);
    return 0;
}

static bool migration_starts_at(const Migration *migration, const char *version)
{
    ARRAY_FOREACH (from, migration->from, migration->n_from)
        if (version_range_holds(&from->range, version))
            return true;
    return false;
}

/* Returns the version from which a migration starts, according to the declaration alone: an exact
 * From= or, for a linear migration, the end of the preceding migration. */
static const char *declared_origin(const Migration *migration)
{
    const VersionRange *range = migration->n_from == 1 ? &migration->from[0].range : NULL;

    if (!range)
        return NULL;
    if (migration->linear)
        return range->tests[0].op == VERSION_GREATER_EQUAL ? range->tests[0].version : NULL;
    return version_range_exact(range);
}

const char *graph_origin(const Graph *graph, const Migration *migration, const char *version)
{
    if (!version_range_holds(&migration->to, version))
        return NULL;
    ITEMS_FOREACH (arrival, graph->lineage)
        if (streq(arrival->migration, migration->id) &&
            version_compare(arrival->to, version) == 0 &&
            migration_starts_at(migration, arrival->from))
            return arrival->from;
    return version_range_exact(&migration->to) ? declared_origin(migration) : NULL;
}

/* Can the migration start at this version, in the direction of the graph? */
static bool edge_starts(const Graph *graph, const Migration *migration, const char *version)
{
    if (!graph->down)
        return migration->up.present && migration_starts_at(migration, version);
    return migration->down.script.argv && graph_origin(graph, migration, version);
}

/* Does the migration lead from graph->nodes[from] to graph->nodes[to]? */
static bool edge_ends(const Graph *graph, const Migration *migration, size_t from, size_t to)
{
    const char *end = version_range_exact(&migration->to), *version = graph->nodes[to].version;

    if (graph->down)
        end = graph_origin(graph, migration, graph->nodes[from].version);
    if (end)
        return version_compare(version, end) == 0;
    return to == graph->n_nodes - 1 && version_range_holds(&migration->to, version);
}

static void relax(Graph *graph, size_t from, size_t to, const Migration *migration, uint64_t cost)
{
    Node *node = graph->nodes + from;

    if (graph->nodes[to].cost == UINT64_MAX)
        return;
    cost += graph->nodes[to].cost;
    if (cost >= node->cost) /* on a tie, the migration whose file sorts first stays */
        return;
    node->cost = cost;
    node->next = to;
    node->migration = migration;
}

typedef enum Class { CLASS_ANY, CLASS_EXACT, CLASS_RANGED } Class;

/* Does the [Down] lead from exactly one version to exactly one version, which is end? */
static bool edge_is_exact(const Migration *migration, const char *end)
{
    const char *origin = version_range_exact(&migration->to) ? declared_origin(migration) : NULL;

    return origin && version_compare(origin, end) == 0;
}

/* Relaxes the edges of declared migrations that start at one node, in the order of their files. */
static void relax_declared(Graph *graph, size_t from, Class class)
{
    const Declaration *declaration = graph->declaration;

    ARRAY_FOREACH (migration, declaration->migrations, declaration->n_migrations) {
        if (!edge_starts(graph, migration, graph->nodes[from].version))
            continue;
        for (size_t to = from + 1; to < graph->n_nodes; to++)
            if (edge_ends(graph, migration, from, to) &&
                (class == CLASS_ANY ||
                 edge_is_exact(migration, graph->nodes[to].version) == (class == CLASS_EXACT)))
                relax(graph, from, to, migration, COST_STEP);
    }
}

/* Does a kept [Down] lead from graph->nodes[from] to graph->nodes[to]? */
static bool edge_is_kept(const Graph *graph, const Arrival *arrival, size_t from, size_t to)
{
    return arrival->kept && arrival->kept->down.script.argv &&
           !hooks_unprotected(graph->declaration, &arrival->kept->down) &&
           version_compare(arrival->to, graph->nodes[from].version) == 0 &&
           version_compare(arrival->from, graph->nodes[to].version) == 0;
}

static bool any_is_kept(const Graph *graph, size_t from)
{
    ITEMS_FOREACH (arrival, graph->lineage)
        for (size_t to = from + 1; to < graph->n_nodes; to++)
            if (edge_is_kept(graph, arrival, from, to))
                return true;
    return false;
}

static void relax_kept(Graph *graph, size_t from)
{
    ITEMS_FOREACH (arrival, graph->lineage)
        for (size_t to = from + 1; to < graph->n_nodes; to++)
            if (edge_is_kept(graph, arrival, from, to))
                relax(graph, from, to, arrival->kept, COST_STEP);
}

/* Searches from the end. All edges lead in one direction, so each node is visited once; on a tie,
 * the path whose first file sorts first wins. Downwards, a [Down] that is declared for exactly both
 * versions comes first (it may fix the kept [Down]), then a kept [Down], then a [Down] that is
 * declared for a range (it may be older than both versions). */
static void graph_search(Graph *graph)
{
    const Declaration *declaration = graph->declaration;
    /* Downwards, gaps are never allowed: older software may not be able to read the state. */
    bool gaps = !graph->down && (declaration->gaps == GAPS_ALLOW || declaration->every_up.present);

    graph->nodes[graph->n_nodes - 1].cost = 0;
    for (size_t i = graph->n_nodes - 1; i-- > 0;) {
        if (any_is_kept(graph, i)) {
            relax_declared(graph, i, CLASS_EXACT);
            relax_kept(graph, i);
            relax_declared(graph, i, CLASS_RANGED);
        } else
            relax_declared(graph, i, CLASS_ANY);
        if (gaps)
            relax(graph, i, i + 1, NULL, COST_GAP);
    }
}

int graph_build(const Declaration *declaration, const char *from, const Lineage *lineage,
                Graph *ret)
{
    static const Lineage none = {};
    int order = version_compare(from, declaration->version.value), r;
    _cleanup_(graph_free) Graph graph = {
        .declaration = declaration,
        .lineage = lineage && order > 0 ? lineage : &none,
        .down = order > 0,
    };

    assert(order != 0);
    r = graph_fill(&graph, from);
    if (r < 0)
        return r;
    graph_search(&graph);
    *ret = TAKE_STRUCT(graph);
    return 0;
}

/* Does any edge lead from graph->nodes[from] to graph->nodes[to]? */
static bool edge_exists(const Graph *graph, size_t from, size_t to)
{
    const Declaration *declaration = graph->declaration;

    ARRAY_FOREACH (migration, declaration->migrations, declaration->n_migrations)
        if (edge_starts(graph, migration, graph->nodes[from].version) &&
            edge_ends(graph, migration, from, to))
            return true;
    ITEMS_FOREACH (arrival, graph->lineage)
        if (edge_is_kept(graph, arrival, from, to))
            return true;
    return false;
}

const Node *graph_reached(const Graph *graph)
{
    _cleanup_free_ bool *reached = calloc(graph->n_nodes, sizeof(bool));
    size_t furthest = 0;

    if (!reached)
        return NULL;
    reached[0] = true;
    for (size_t i = 0; i < graph->n_nodes; i++)
        for (size_t j = i + 1; reached[i] && j < graph->n_nodes; j++)
            if (edge_exists(graph, i, j)) {
                reached[j] = true;
                furthest = MAX(furthest, j);
            }
    return graph->nodes + furthest;
}
