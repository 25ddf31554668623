/* SPDX-License-Identifier: MIT */
/* Tables, as systemd's programs print them.
 *
 * In a pipe nothing is cut, wrapped or left out, and so with --full. On a terminal a table that is
 * too wide gives way, in this order: optional columns are left out, texts wrapped between words and
 * names cut; where that does not do, each row becomes a block, a column a line, in which all is
 * whole again. */
#pragma once

#include "terminal/output.h"

typedef struct Heading {
    const char *name;
    bool right;
    bool shrinks;  /* may be cut at its end */
    bool wraps;    /* may be continued on the next line */
    bool optional; /* may be left out */
} Heading;

typedef struct Cell {
    char *text;
    Colour colour;
} Cell;

/* Errors are kept until table_print(). */
typedef struct Table {
    const Heading *headings; /* borrowed */
    size_t n_headings;
    Cell *cells; /* row by row */
    size_t n_cells;
    bool failed;
} Table;

void table_begin(Table *ret, const Heading *headings, size_t n_headings);
void table_free(Table *table);
/* Begins a row; cells that the last one lacks are empty. */
void table_row(Table *table);
/* The next cell of the row; text NULL or "" prints "-". */
void table_cell(Table *table, const char *text, Colour colour);
/* 0 or a negative errno. */
int table_print(Table *table) _must_check_;
