/* SPDX-License-Identifier: MIT */
/* Tables, as systemd's programs print them.
 *
 * In a pipe and with --full, nothing is cut, wrapped or left out. A table that is too wide for a
 * terminal loses its optional columns, then texts are wrapped and names cut. If that is not enough,
 * each row becomes a block with a line for each column, in which nothing is cut. */
#pragma once

#include "terminal/output.h"

typedef struct Heading {
    const char *name;
    bool right;
    bool shrinks;  /* texts may be cut at their ends */
    bool wraps;    /* texts may be wrapped */
    bool optional; /* the column may be left out */
} Heading;

typedef struct Cell {
    char *text;
    Colour colour;
} Cell;

/* table_print() returns the errors of all functions before. */
typedef struct Table {
    const Heading *headings; /* borrowed */
    size_t n_headings;
    Cell *cells; /* row by row */
    size_t n_cells;
    bool failed;
} Table;

void table_begin(Table *ret, const Heading *headings, size_t n_headings);
void table_free(Table *table);
/* Begins a row; missing cells of the row before are empty. */
void table_row(Table *table);
/* Adds the next cell of the row; text NULL or "" is shown as "-". */
void table_cell(Table *table, const char *text, Colour colour);
/* 0 or a negative errno. */
int table_print(Table *table) _must_check_;
