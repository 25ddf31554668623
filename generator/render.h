/* SPDX-License-Identifier: MIT */
/* Renders declarations to the texts of units. Reads and writes no files. */
#pragma once

#include "declare/declaration.h"

/* A file or symbolic link of the output. */
typedef struct Output {
    char *path;    /* relative path: "migrate@app.service", "app.service.d/50-migrate-app.conf" */
    char *content; /* text of the file; NULL: a link */
    char *link;    /* target of the link; NULL: a file */
} Output;

typedef struct Outputs {
    Output *items;
    size_t n_items;
} Outputs;

void outputs_free(Outputs *outputs);

/* Appends the gate, and the drop-ins that make the service's units wait for the gate. The gate of
 * an invalid declaration never opens; an inert declaration has no gate. Returns 0 or -ENOMEM. */
int render_gates(const Declaration *declaration, Outputs *outputs) _must_check_;

/* Appends migrate@NAME.service and migrate-post@NAME.service, which open the gate. Appends nothing
 * for invalid and inert declarations. Returns 0 or -ENOMEM. */
int render_services(const Declaration *declaration, Outputs *outputs) _must_check_;
