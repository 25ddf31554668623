/* SPDX-License-Identifier: MIT */
/* Prints tables. */
#include "terminal/table.h"

#include "terminal/wrap.h"

#include <assert.h>

#define GAP            1
#define SHRUNK_AT_MOST 12 /* the smallest width of a text that is cut */

typedef struct Layout {
    size_t *widths;   /* 0: the column is left out */
    size_t *minimums; /* 0: the column is left out */
} Layout;

void table_begin(Table *ret, const Heading *headings, size_t n_headings)
{
    assert(n_headings > 0);
    *ret = (Table){.headings = headings, .n_headings = n_headings};
}

void table_free(Table *table)
{
    for (size_t i = 0; i < table->n_cells; i++)
        free(table->cells[i].text);
    free(table->cells);
    *table = (Table){};
}

void table_cell(Table *table, const char *text, Colour which)
{
    Cell *cell = table->failed ? NULL : ARRAY_GROW(table->cells, table->n_cells);

    if (cell)
        *cell = (Cell){cell_text(isempty(text) ? "-" : text), which};
    table->failed = !cell || !cell->text;
}

void table_row(Table *table)
{
    while (!table->failed && table->n_cells % table->n_headings > 0)
        table_cell(table, NULL, COLOUR_NONE);
}

/* --- how wide -------------------------------------------------------------------------------- */

static void measure(const Table *table, const Layout *layout)
{
    for (size_t c = 0; c < table->n_headings; c++) {
        const Heading *heading = table->headings + c;
        size_t least = text_columns(heading->name);

        layout->widths[c] = least;
        if (heading->shrinks)
            least = MAX(least, (size_t)SHRUNK_AT_MOST);
        for (size_t i = c; i < table->n_cells; i += table->n_headings) {
            const char *text = table->cells[i].text;

            layout->widths[c] = MAX(layout->widths[c], text_columns(text));
            if (heading->wraps)
                least = MAX(least, wrap_widest(text));
        }
        layout->minimums[c] =
            heading->shrinks || heading->wraps ? MIN(least, layout->widths[c]) : layout->widths[c];
    }
}

static size_t sum(const Table *table, const size_t *widths)
{
    size_t total = 0;

    for (size_t c = 0; c < table->n_headings; c++)
        total += widths[c] > 0 ? widths[c] + (total > 0 ? GAP : 0) : 0;
    return total;
}

/* Finds the column to make narrower: the widest column above its minimum. */
static size_t next_to_narrow(const Table *table, const Layout *layout)
{
    size_t which = table->n_headings, most = 0;

    for (size_t c = 0; c < table->n_headings; c++)
        if (layout->widths[c] > layout->minimums[c] && layout->widths[c] > most) {
            most = layout->widths[c];
            which = c;
        }
    return which;
}

static bool fit(const Table *table, const Layout *layout, size_t width)
{
    for (size_t c = table->n_headings; c > 0 && sum(table, layout->minimums) > width; c--)
        if (table->headings[c - 1].optional)
            layout->widths[c - 1] = layout->minimums[c - 1] = 0;
    if (sum(table, layout->minimums) > width)
        return false;
    while (sum(table, layout->widths) > width)
        layout->widths[next_to_narrow(table, layout)]--;
    return true;
}

/* --- printing -------------------------------------------------------------------------------- */

typedef struct Line {
    size_t column, owed; /* blanks to print before the next text */
} Line;

static void put(Line *line, size_t width, bool right, Colour which, const char *text, size_t length)
{
    size_t taken;
    _cleanup_free_ char *part = strndup(text, length);

    taken = part ? text_columns(part) : length;
    if (line->column++ > 0)
        line->owed += GAP;
    if (right)
        line->owed += width - MIN(taken, width);
    if (length > 0) {
        printf("%*s%s%.*s%s", (int)line->owed, "", which != COLOUR_NONE ? colour(which) : "",
               (int)length, text, which != COLOUR_NONE ? colour(COLOUR_NONE) : "");
        line->owed = 0;
    }
    if (!right)
        line->owed += width - MIN(taken, width);
}

static int put_part(Line *line, const Heading *heading, size_t width, const Cell *cell,
                    const char **text)
{
    const char *begin = *text, *rest = begin + strlen(begin);
    size_t length = (size_t)(rest - begin);
    _cleanup_free_ char *cut = NULL;

    if (heading->wraps && text_columns(begin) > width)
        length = wrap_line(cell->text, begin, width, &rest);
    else if (heading->shrinks) {
        cut = cell_cut(begin, width);
        if (!cut)
            return -ENOMEM;
        length = strlen(cut);
    }
    put(line, width, heading->right, cell->colour, cut ? cut : begin, length);
    *text = rest;
    return 0;
}

static int print_row(const Table *table, const size_t *widths, const Cell *cells)
{
    _cleanup_free_ const char **rests = calloc(table->n_headings, sizeof(*rests));
    bool more = true;

    if (!rests)
        return -ENOMEM;
    for (size_t c = 0; c < table->n_headings; c++)
        rests[c] = cells[c].text;
    while (more) {
        Line line = {};

        more = false;
        for (size_t c = 0; c < table->n_headings; c++) {
            if (widths[c] == 0)
                continue;
            if (put_part(&line, table->headings + c, widths[c], cells + c, rests + c) < 0)
                return -ENOMEM;
            more = more || *rests[c];
        }
        putchar('\n');
    }
    return 0;
}

static void print_headings(const Table *table, const size_t *widths)
{
    Line line = {};

    for (size_t c = 0; c < table->n_headings; c++) {
        const Heading *heading = table->headings + c;

        if (widths[c] > 0)
            put(&line, widths[c], heading->right, COLOUR_UNDERLINE, heading->name,
                strlen(heading->name));
    }
    putchar('\n');
}

static void print_blocks(const Table *table)
{
    size_t widest = 0;

    for (size_t c = 0; c < table->n_headings; c++)
        widest = MAX(widest, text_columns(table->headings[c].name));
    for (size_t i = 0; i < table->n_cells; i++) {
        const Cell *cell = table->cells + i;
        size_t c = i % table->n_headings;

        if (c == 0 && i > 0)
            putchar('\n');
        if (!streq(cell->text, "-"))
            print_line(widest + 2, "%*s: %s%s%s", (int)widest, table->headings[c].name,
                       cell->colour != COLOUR_NONE ? colour(cell->colour) : "", cell->text,
                       cell->colour != COLOUR_NONE ? colour(COLOUR_NONE) : "");
    }
}

int table_print(Table *table)
{
    _cleanup_free_ size_t *widths = calloc(table->n_headings, sizeof(*widths)),
                          *minimums = calloc(table->n_headings, sizeof(*minimums));
    const Layout layout = {widths, minimums};
    size_t width = output_width();

    table_row(table);
    if (table->failed || !widths || !minimums)
        return -ENOMEM;
    measure(table, &layout);
    if (width > 0 && !options.full && !fit(table, &layout, width)) {
        print_blocks(table);
        return 0;
    }
    if (!options.no_legend)
        print_headings(table, widths);
    for (size_t i = 0; i < table->n_cells; i += table->n_headings)
        if (print_row(table, widths, table->cells + i) < 0)
            return -ENOMEM;
    return 0;
}
