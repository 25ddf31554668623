/* SPDX-License-Identifier: MIT */
/* Decides whether the state has another name, or is in another directory, than is declared. Uses
 * facts alone: FormerName=, FormerDirectory=, and the records of a newer system. */
#pragma once

#include "judge/outcome.h"
#include "store/known.h"
#include "store/stamp.h"

/* The most renames in a row that are followed. */
#define FORMER_CHAIN_MAX 16

typedef struct FormerName {
    char *name;
    int records;   /* 1: there are records of a state; 0: there are none; or a negative errno */
    bool declared; /* an enabled declaration has that name */
    Known known;   /* the last-seen record of that name */
} FormerName;

typedef struct FormerDirectory {
    char *directory;
    int error;     /* 0, -ENOENT, or why the directory cannot be read */
    char *refused; /* why the state cannot be moved from there; or NULL */
    Stamps stamps; /* stamps of the declared name, and file names of other stamps */
} FormerDirectory;

typedef struct FormerFacts {
    bool moving;       /* a move of the state was cut off */
    int own_records;   /* as FormerName.records, for the declared name */
    int moved_error;   /* 0, or why the record of the state's new name cannot be followed */
    FormerName moved;  /* the state's name on a newer system; name NULL: none */
    FormerName *names; /* former names, in the order of FormerName= */
    size_t n_names;
    FormerDirectory *directories; /* directories of FormerDirectory=, then of the records */
    size_t n_directories;
} FormerFacts;

/* Says where the state is. Pointers are borrowed from the facts. */
typedef struct Former {
    bool found;             /* the next start takes the state from another name or directory */
    bool refused;           /* the state cannot be taken from there; outcome says why */
    Outcome outcome;        /* valid if found or refused */
    const char *name;       /* the name that the state has there; NULL: the declared name */
    const char *directory;  /* where the state is; NULL: where it is declared */
    const char *other;      /* for a refusal: a second name or directory, or a reason; or NULL */
    int error;              /* for a refusal: 0 or a negative errno */
    const Known *known;     /* the last-seen record of the state; NULL: none */
    bool records_elsewhere; /* the records are still in the former name's store */
} Former;

struct Facts;
Former former_decide(const struct Facts *facts);
