/* SPDX-License-Identifier: MIT */
/* Prints tables like systemd's programs.
 *
 * In a pipe and with --full, a table is complete: no text is cut, wrapped or left out. A table that
 * is too wide for a terminal first loses its optional columns; then texts are wrapped and names
 * cut. If the table is still too wide, each row becomes a block with one line for each column, and
 * no text is cut. */
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

/* A table under construction. table_print() returns the errors of all earlier functions. */
typedef struct Table {
    const Heading *headings; /* borrowed */
    size_t n_headings;
    Cell *cells; /* row by row */
    size_t n_cells;
    bool failed;
} Table;

void table_begin(Table *ret, const Heading *headings, size_t n_headings);
void table_free(Table *table);
/* Begins a row. Missing cells of the previous row are empty. */
void table_row(Table *table);
/* Adds the next cell of the row. NULL and "" are shown as "-". */
void table_cell(Table *table, const char *text, Colour colour);
/* Adds several cells without a colour. */
#define table_cells(table, ...)                                                                    \
    do {                                                                                           \
        const char *const texts[] = {__VA_ARGS__};                                                 \
        ARRAY_FOREACH (text, texts, ELEMENTSOF(texts))                                             \
            table_cell(table, *text, COLOUR_NONE);                                                 \
    } while (0)
/* Prints the table. Returns 0 or a negative errno. */
int table_print(Table *table) _must_check_;
