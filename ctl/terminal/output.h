/* SPDX-License-Identifier: MIT */
/* What migratectl prints: messages, tables, JSON; colours, the pager. Knows no service.
 *
 * JSON is stable: docs/json-schema says, verb by verb, what is printed. Keys may be added, never
 * renamed or removed; a key is there in every object, null where it does not apply or could not be
 * read, but in records of the store, which are printed as they are. The schema comes first: what it
 * does not name fails the tests.
 */
#pragma once

#include "basic/util.h"
#include "store/record.h"

#include <json-c/json.h>

typedef enum Colour {
    COLOUR_NONE,
    COLOUR_BOLD,
    COLOUR_UNDERLINE,
    COLOUR_DIM,
    COLOUR_GREEN,
    COLOUR_YELLOW,
    COLOUR_RED,
} Colour;

/* To be called once, before anything is printed. */
void output_init(void);
/* The escape sequence for standard output, "" where there are no colours. COLOUR_NONE ends them. */
const char *colour(Colour colour);
bool output_is_terminal(void);
/* Columns of the terminal as it is now, or 0: standard output is none, and lines may have any length.
 */
size_t output_width(void);
/* The same of standard error. */
size_t output_error_width(void);
/* "→", or "->" where that cannot be printed; likewise for others. */
const char *arrow(void);
const char *bullet(void);
const char *check_mark(void);
/* Can standard output show what is not ASCII? */
bool output_is_utf8(void);
const char *ellipsis(void);

/* From now on, what is printed goes through a pager; only on a terminal. */
void pager_open(void);
/* Lets the pager be read to its end. */
void pager_close(void);

/* All of these end the line, and on a terminal wrap it: wrap.h. */

/* On standard output. indent: the columns before the lines that continue it. */
void print_line(size_t indent, const char *format, ...) _printf_(2, 3);
/* "          Key: …", as systemctl status has it. key NULL: a further line of the same. */
void print_field(const char *key, const char *format, ...) _printf_(2, 3);
/* On standard error. */
void print_error(const char *format, ...) _printf_(1, 2);
/* The same: "migratectl: …". */
void complain(const char *format, ...) _printf_(1, 2);
/* What was done, on standard output; not with --quiet. */
void say(const char *format, ...) _printf_(1, 2);
/* "migratectl: out of memory"; RESULT_FAILED. */
int complain_memory(void);

/* Prints as --json= wants it. */
void print_json(json_object *object);
/* A record of the store as it is. NULL: out of memory. */
json_object *record_to_json(const RecordType *type, const void *record) _must_check_;

static inline void cleanup_json(json_object **object)
{
    json_object_put(*object);
}
#define _cleanup_json_ _cleanup_(cleanup_json)
