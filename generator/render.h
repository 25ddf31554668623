/* SPDX-License-Identifier: MIT */
/* The texts of units. A pure function of declarations: no file is read or written. */
#pragma once

#include "declare/declaration.h"

/* A file of the output: below the generator's directory, or a link. */
typedef struct Output {
    char *path;    /* relative: "migrate@app.service", "app.service.d/50-migrate-app.conf" */
    char *content; /* of a file, or … */
    char *link;    /* … where a symbolic link points to */
} Output;

typedef struct Outputs {
    Output *items;
    size_t n_items;
} Outputs;

void outputs_free(Outputs *outputs);

/* Appends what holds the service's units back: the gate and the drop-ins. A broken declaration gets
 * a gate that cannot open. Inert ones get nothing. 0 or -ENOMEM. */
int render_gates(const Declaration *declaration, Outputs *outputs) _must_check_;

/* Appends the units that open the gate: migrate@NAME.service and migrate-post@NAME.service. Broken
 * and inert declarations get nothing. 0 or -ENOMEM. */
int render_services(const Declaration *declaration, Outputs *outputs) _must_check_;
