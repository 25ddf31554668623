/* SPDX-License-Identifier: MIT */
/* Renders declarations to the texts of units. Reads and writes no file. */
#pragma once

#include "declare/declaration.h"

/* A file or symbolic link of the output. */
typedef struct Output {
    char *path;    /* relative: "migrate@app.service", "app.service.d/50-migrate-app.conf" */
    char *content; /* NULL for a link */
    char *link;    /* its target, NULL for a file */
} Output;

typedef struct Outputs {
    Output *items;
    size_t n_items;
} Outputs;

void outputs_free(Outputs *outputs);

/* Appends the gate and the drop-ins, which hold the service's units back. The gate of an invalid
 * declaration cannot open; an inert declaration has none. 0 or -ENOMEM. */
int render_gates(const Declaration *declaration, Outputs *outputs) _must_check_;

/* Appends migrate@NAME.service and migrate-post@NAME.service, which open the gate. Invalid and
 * inert declarations have none. 0 or -ENOMEM. */
int render_services(const Declaration *declaration, Outputs *outputs) _must_check_;
