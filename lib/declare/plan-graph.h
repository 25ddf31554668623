/* SPDX-License-Identifier: MIT */
/* The graph of versions and migrations, and the best way through it, for plan.c. */
#pragma once

#include "declare/plan.h"

typedef struct Node {
    const char *version;        /* borrowed */
    uint64_t cost;              /* to the end; UINT64_MAX: no way */
    size_t next;                /* the next node of the best way */
    const Migration *migration; /* the migration that leads there; NULL: a gap */
} Node;

typedef struct Graph {
    const Declaration *declaration;
    const Lineage *lineage; /* NULL: unknown */
    bool down;
    Node *nodes; /* in the direction of the plan: the first is its start, the last its end */
    size_t n_nodes;
} Graph;

/* Builds the graph from a version to Version=, which must differ, with the best way from each node
 * to the end. Borrows its arguments. 0 or -ENOMEM. */
int graph_build(const Declaration *declaration, const char *from, const Lineage *lineage,
                Graph *ret) _must_check_;
void graph_free(Graph *graph);

/* The node that is furthest from the start without a gap. NULL: out of memory. */
const Node *graph_reached(const Graph *graph) _must_check_;

/* The version from which the migration led the state to this version. NULL: the migration does not
 * lead here, or the version is unknown. */
const char *graph_origin(const Graph *graph, const Migration *migration, const char *version);
