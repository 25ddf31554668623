/* SPDX-License-Identifier: MIT */
/* Has the state another name, or is it in another directory, than is declared? By FormerName= and
 * FormerDirectory=, and by what a newer system has written down. Decided from facts alone. */
#pragma once

#include "judge/outcome.h"
#include "store/known.h"
#include "store/stamp.h"

/* As often as a state can have been renamed without anybody having tidied up. */
#define FORMER_CHAIN_MAX 16

typedef struct FormerName {
    char *name;
    int records;   /* 1: there are records of a state; 0; or a negative errno */
    bool declared; /* another declaration has that name, and is enabled */
    Known known;   /* what the records say of it */
} FormerName;

typedef struct FormerDirectory {
    char *directory;
    int error;     /* 0, -ENOENT, or why it cannot be read */
    char *refused; /* why it cannot be taken care of; or NULL */
    Stamps stamps; /* of the declared name; the others are in there, too */
} FormerDirectory;

typedef struct FormerFacts {
    bool moving;       /* it was being moved when a crash came */
    int own_records;   /* as in FormerName, of the declared name */
    int moved_error;   /* why the record of its new name cannot be followed; 0: it can */
    FormerName moved;  /* where a newer system has moved it; name NULL: none has */
    FormerName *names; /* FormerName=, in that order */
    size_t n_names;
    FormerDirectory *directories; /* FormerDirectory=, and those that records name */
    size_t n_directories;
} FormerFacts;

/* All borrowed from the facts. */
typedef struct Former {
    bool found;             /* in another name or directory, from where the next start takes it */
    bool refused;           /* that cannot be told: outcome says why */
    Outcome outcome;        /* of either */
    const char *name;       /* whose state it is there; NULL: it has the declared name */
    const char *directory;  /* where it is; NULL: where it is declared */
    const char *other;      /* the second that a refusal speaks of */
    int error;              /* the same, a negative errno */
    const Known *known;     /* what is remembered of it; NULL: nothing */
    bool records_elsewhere; /* the records are still those of that name */
} Former;

struct Facts;
Former former_decide(const struct Facts *facts);
