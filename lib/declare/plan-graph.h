/* SPDX-License-Identifier: MIT */
/* Versions and the migrations between them, as a graph, and the best way through it. plan.c's. */
#pragma once

#include "declare/plan.h"

typedef struct Node {
    const char *version;        /* borrowed */
    uint64_t cost;              /* from here to the end; UINT64_MAX: there is no way */
    size_t next;                /* the node that the best way leads to */
    const Migration *migration; /* by which; NULL: over a gap */
} Node;

typedef struct Graph {
    const Declaration *declaration;
    const Lineage *lineage; /* NULL: nothing is known */
    bool down;
    Node *nodes; /* in the plan's direction: the first is where it starts, the last where it ends */
    size_t n_nodes;
} Graph;

/* All between a version and the declared one, which must be another, and the best way from each of
 * them to the end. Borrows what it is given. 0 or -ENOMEM. */
int graph_build(const Declaration *declaration, const char *from, const Lineage *lineage,
                Graph *ret) _must_check_;
void graph_free(Graph *graph);

/* The node that is furthest from the start, without a gap. NULL: out of memory. */
const Node *graph_reached(const Graph *graph) _must_check_;

/* The version that the state came from when the migration led it to this one. NULL: the migration
 * does not lead here, or that is not known. */
const char *graph_origin(const Graph *graph, const Migration *migration, const char *version);
