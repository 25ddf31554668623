/* SPDX-License-Identifier: MIT */
/* A transaction under way: what transaction.c and abandon.c share. */
#pragma once

#include "sandbox.h"
#include "stage.h"
#include "transaction.h"

typedef struct Transaction {
    Run *run;
    const Plan *plan;
    char *id;
    uint64_t started;
    uint64_t fingerprint; /* of what is attempted: declaration, plan, scripts */
    json_object *record;
    StageResult *staged; /* one a place */
    SandboxTree *trees;  /* the clones; their descriptors are owned here */
    char *what;          /* of the last failure */
    const char *step_from, *step_to;
    size_t step;
    bool keep_clone; /* of a failure: for somebody to look at */
} Transaction;
