/* SPDX-License-Identifier: MIT */
/* The graph of versions and migrations, and the best path through it, for plan.c. */
#pragma once

#include "declare/plan.h"

typedef struct Node {
    const char *version;        /* borrowed */
    uint64_t cost;              /* cost of the path to the end; UINT64_MAX: there is no path */
    size_t next;                /* next node of the best path */
    const Migration *migration; /* migration to the next node; NULL: a gap */
} Node;

typedef struct Graph {
    const Declaration *declaration;
    const Lineage *lineage; /* empty if it is unknown, and for a plan upwards */
    bool down;
    Node *nodes; /* in the order of the plan, from its start to its end */
    size_t n_nodes;
} Graph;

/* Builds the graph from a version to Version=, which must differ, and finds the best path from each
 * node to the end. Borrows its arguments. Returns 0 or -ENOMEM. */
int graph_build(const Declaration *declaration, const char *from, const Lineage *lineage,
                Graph *ret) _must_check_;
void graph_free(Graph *graph);

/* Returns the furthest node that is reachable from the start without a gap. NULL: out of memory. */
const Node *graph_reached(const Graph *graph) _must_check_;

/* Returns the version from which the migration led the state to this version. NULL: the migration
 * does not lead to it, or the origin is unknown. */
const char *graph_origin(const Graph *graph, const Migration *migration, const char *version);
