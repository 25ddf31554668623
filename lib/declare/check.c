/* SPDX-License-Identifier: MIT */
/* Checks all services together: conflicting claims, and cycles between their migrations.
 *
 * A problem is added to every service that takes part in it, because any of them may be wrong. All
 * other services continue. Reads no files. */
#include "declare/private.h"

/* A unit or directory that a declaration claims. */
typedef struct Claim {
    const Item *item;
    const char *key; /* key of the claim: "Unit", "OldUnit" or "Directory" */
    Declaration *declaration;
} Claim;

typedef struct Claims {
    Claim *items;
    size_t n_items;
    bool failed; /* out of memory */
} Claims;

static void claims_free(Claims *claims)
{
    free(claims->items);
}

static void claims_add(Claims *claims, const Items *items, const char *key,
                       Declaration *declaration)
{
    ITEMS_FOREACH (item, items) {
        Claim *claim = ARRAY_GROW(claims->items, claims->n_items);

        if (claim)
            *claim = (Claim){item, key, declaration};
        else
            claims->failed = true;
    }
}

static int compare_units(const void *a, const void *b)
{
    const Claim *x = a, *y = b;
    int r = strcmp(x->item->value, y->item->value);

    return r ? r : strcmp(x->declaration->name, y->declaration->name);
}

/* Compares paths like strcmp(), but "/" sorts before all other characters, so that the paths below
 * a directory follow it directly. */
static int compare_paths(const void *a, const void *b)
{
    const unsigned char *x = (const unsigned char *)((const Claim *)a)->item->value;
    const unsigned char *y = (const unsigned char *)((const Claim *)b)->item->value;

    while (*x && *x == *y)
        x++, y++;
    return (*x == '/' ? 1 : *x) - (*y == '/' ? 1 : *y);
}

/* Adds a problem to both declarations, unless one declaration has both claims. */
static void report_clash(const Claim *a, const Claim *b)
{
    for (int i = 0; i < 2 && a->declaration != b->declaration; i++) {
        const Claim *other = i == 0 ? b : a, *claim = i == 0 ? a : b;

        problem_add(&claim->declaration->problems, claim->item->origin,
                    "%s=%s is also claimed by '%s' (%s=%s in %s): remove it from one of them",
                    claim->key, claim->item->value, other->declaration->name, other->key,
                    other->item->value, other->item->origin.file);
    }
}

static void check_units(Claims *claims)
{
    ARRAY_SORT(claims->items, claims->n_items, compare_units);
    for (size_t i = 1; i < claims->n_items; i++)
        if (streq(claims->items[i - 1].item->value, claims->items[i].item->value))
            report_clash(claims->items + i - 1, claims->items + i);
}

static void check_directories(Claims *claims)
{
    const Claim *outer = NULL;

    ARRAY_SORT(claims->items, claims->n_items, compare_paths);
    ITEMS_FOREACH (claim, claims)
        if (outer && path_is_within(claim->item->value, outer->item->value))
            report_clash(outer, claim);
        else
            outer = claim;
}

/* --- cycles --------------------------------------------------------------------------------- */

/* A dependency of a node, and the line that declares it. If units wait for their own migration,
 * there is no line. */
typedef struct Edge {
    size_t node;
    Origin origin;
} Edge;

/* A node of the graph. Each service has two: its migration, and its units, which wait for that
 * migration. */
typedef struct Node {
    Declaration *declaration;
    Edge *after;
    size_t n_after;
    size_t followed; /* number of edges that the search has followed */
    enum { UNSEEN, OPEN, DONE } state;
} Node;

typedef struct Graph {
    Node *nodes;
    size_t n_nodes;
    const Declarations *declarations;
    const Claims *units;
    bool failed; /* out of memory */
} Graph;

static void graph_free(Graph *graph)
{
    for (size_t i = 0; i < graph->n_nodes; i++)
        free(graph->nodes[i].after);
    free(graph->nodes);
}

static int compare_unit_name(const void *key, const void *claim)
{
    return strcmp(key, ((const Claim *)claim)->item->value);
}

/* Returns the node of a unit; -1: no declaration names the unit. */
static ssize_t node_of_unit(const Graph *graph, const char *unit)
{
    const Claim *claim;

    if (startswith(unit, "migrate@") && endswith(unit, ".service")) {
        char name[DECLARATION_NAME_MAX + 1] = "";
        size_t length = strlen(unit) - strlen("migrate@.service");
        const Declaration *declaration;

        if (length > DECLARATION_NAME_MAX)
            return -1;
        memcpy(name, unit + strlen("migrate@"), length);
        declaration = declarations_find(graph->declarations, name);
        return declaration ? 2 * (declaration - graph->declarations->items) : -1;
    }
    if (graph->units->n_items == 0)
        return -1;
    claim =
        bsearch(unit, graph->units->items, graph->units->n_items, sizeof(Claim), compare_unit_name);
    return claim ? 2 * (claim->declaration - graph->declarations->items) + 1 : -1;
}

static void graph_add(Graph *graph, size_t node, size_t after, Origin origin)
{
    Edge *added = ARRAY_GROW(graph->nodes[node].after, graph->nodes[node].n_after);

    if (added)
        *added = (Edge){after, origin};
    else
        graph->failed = true;
}

static void graph_add_line(Graph *graph, size_t migration, const UnitLine *line)
{
    _cleanup_free_ char *copy = NULL;
    char *state = NULL;
    bool before = streq(line->key, "Before");

    if (!before && !streq(line->key, "After"))
        return;
    copy = strdup(line->value);
    graph->failed = graph->failed || !copy;
    for (char *unit = copy ? strtok_r(copy, " \t", &state) : NULL; unit;
         unit = strtok_r(NULL, " \t", &state)) {
        ssize_t other = node_of_unit(graph, unit);

        if (other >= 0 && before)
            graph_add(graph, (size_t)other, migration, line->origin);
        else if (other >= 0)
            graph_add(graph, migration, (size_t)other, line->origin);
    }
}

static void append_node(String *s, const Graph *graph, size_t node)
{
    const Declaration *declaration = graph->nodes[node].declaration;

    if (node % 2 == 0)
        string_appendf(s, "migrate@%s.service", declaration->name);
    else
        string_append(s, declaration->units.items[0].value);
}

/* Reports the cycle to every service on it. way is the path of the search, which has returned to
 * node; the last followed edge of each node leads to the next node. */
static int report_cycle(Graph *graph, const size_t *way, size_t n_way, size_t node)
{
    _cleanup_string_ String text = {};
    _cleanup_free_ char *cycle = NULL;
    size_t start = 0;
    int r;

    while (way[start] != node)
        start++;
    for (size_t i = start; i < n_way; i++) {
        append_node(&text, graph, way[i]);
        string_append(&text, " after ");
    }
    append_node(&text, graph, node);
    r = string_finish(&text, &cycle);
    if (r < 0)
        return r;
    for (size_t i = start; i < n_way; i++)
        if (way[i] % 2 == 0) {
            Node *n = graph->nodes + way[i];

            problem_add(&n->declaration->problems, n->after[n->followed - 1].origin,
                        "dependency cycle, so none of these can start: %s: remove one of these "
                        "dependencies",
                        cycle);
        }
    return 0;
}

/* Searches for cycles, depth first. Does not recurse, because a chain may have a thousand
 * services. */
static int graph_check(Graph *graph)
{
    _cleanup_free_ size_t *way = calloc(graph->n_nodes + 1, sizeof(size_t));

    if (!way)
        return -ENOMEM;
    for (size_t start = 0; start < graph->n_nodes; start++) {
        size_t depth = 0;

        if (graph->nodes[start].state != UNSEEN)
            continue;
        way[depth++] = start;
        graph->nodes[start].state = OPEN;
        while (depth > 0) {
            Node *node = graph->nodes + way[depth - 1];
            size_t other;

            if (node->followed == node->n_after) {
                node->state = DONE;
                depth--;
                continue;
            }
            other = node->after[node->followed++].node;
            if (graph->nodes[other].state == OPEN) {
                int r = report_cycle(graph, way, depth, other);

                if (r < 0)
                    return r;
            } else if (graph->nodes[other].state == UNSEEN) {
                graph->nodes[other].state = OPEN;
                way[depth++] = other;
            }
        }
    }
    return 0;
}

static int check_cycles(Declarations *declarations, const Claims *units)
{
    _cleanup_(graph_free) Graph graph = {.declarations = declarations, .units = units};
    bool any = false;

    ITEMS_FOREACH (declaration, declarations)
        any = any || declaration->unit_lines.n_items > 0 || declaration->within.n_items > 0;
    if (!any)
        return 0;
    graph.nodes = calloc(2 * declarations->n_items, sizeof(Node));
    if (!graph.nodes)
        return -ENOMEM;
    graph.n_nodes = 2 * declarations->n_items;
    for (size_t i = 0; i < graph.n_nodes; i++) {
        graph.nodes[i].declaration = declarations->items + i / 2;
        if (i % 2 == 1)
            graph_add(&graph, i, i - 1, (Origin){});
    }
    ITEMS_FOREACH (declaration, declarations) {
        size_t migration = 2 * (size_t)(declaration - declarations->items);

        if (!declaration->enabled)
            continue;
        ITEMS_FOREACH (line, &declaration->unit_lines)
            graph_add_line(&graph, migration, line);
        /* The generator orders a guest's migration after its host's migration. */
        ITEMS_FOREACH (within, &declaration->within) {
            const Declaration *host = declarations_find(declarations, within->value);

            if (host)
                graph_add(&graph, migration, 2 * (size_t)(host - declarations->items),
                          within->origin);
        }
    }
    return graph.failed ? -ENOMEM : graph_check(&graph);
}

/* Checks that a former name is not declared, and belongs to one declaration only. */
static void check_former_names(const Declarations *declarations, Declaration *declaration)
{
    ITEMS_FOREACH (former, &declaration->former_names)
        ITEMS_FOREACH (other, declarations) {
            if (!other->enabled || other == declaration)
                continue;
            if (streq(other->name, former->value))
                PROBLEM(former->origin, "FormerName=%s is still declared in %s: remove that file",
                        former->value, other->file);
            if (items_contain(&other->former_names, former->value))
                PROBLEM(former->origin,
                        "FormerName=%s is also a former name of '%s': remove it from one of them",
                        former->value, other->name);
        }
}

int declarations_check(Declarations *declarations)
{
    _cleanup_(claims_free) Claims units = {}, directories = {};
    int r;

    ITEMS_FOREACH (declaration, declarations) {
        if (!declaration->enabled)
            continue;
        check_former_names(declarations, declaration);
        claims_add(&units, &declaration->units, "Unit", declaration);
        claims_add(&units, &declaration->activated, "Unit", declaration);
        claims_add(&units, &declaration->old_units, "OldUnit", declaration);
        claims_add(&directories, &declaration->directories, "Directory", declaration);
        claims_add(&directories, &declaration->former_directories, "FormerDirectory", declaration);
    }
    if (units.failed || directories.failed)
        return -ENOMEM;
    check_units(&units);
    check_directories(&directories);
    r = within_link(declarations);
    if (r == 0)
        r = check_cycles(declarations, &units);
    if (r == 0)
        within_spread(declarations);
    return r;
}
