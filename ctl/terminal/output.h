/* SPDX-License-Identifier: MIT */
/* Messages, JSON, colours and the pager of migratectl. Knows no service.
 *
 * JSON is stable: docs/json-schema has the keys of each verb. Keys may be added, never renamed or
 * removed. Every object has every key, with null where it does not apply or could not be read; only
 * records of the store are printed as they are. A key that the schema does not have fails the
 * tests.
 */
#pragma once

#include "basic/result.h"
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

/* Call this once, before anything is printed. */
void output_init(void);
/* The escape sequence for standard output, "" if there are no colours. COLOUR_NONE ends a colour.
 */
const char *colour(Colour colour);
bool output_is_terminal(void);
/* The present columns of the terminal; 0: standard output is not a terminal, so lines have any
 * length. */
size_t output_width(void);
/* The same for standard error. */
size_t output_error_width(void);
/* "→", or "->" in a locale without UTF-8; the others likewise. */
const char *arrow(void);
const char *bullet(void);
const char *check_mark(void);
/* Can standard output show UTF-8? */
bool output_is_utf8(void);
const char *ellipsis(void);

/* Shows all further output in a pager, if standard output is a terminal. */
void pager_open(void);
/* Waits for the end of the pager. */
void pager_close(void);

/* These print one line, which a terminal shows wrapped: wrap.h. */

/* On standard output. indent: the columns before the lines that continue the first. */
void print_line(size_t indent, const char *format, ...) _printf_(2, 3);
/* "          Key: …", as in systemctl status. key NULL: a further line of the field before. */
void print_field(const char *key, const char *format, ...) _printf_(2, 3);
/* On standard error. */
void print_error(const char *format, ...) _printf_(1, 2);
/* On standard error: "migratectl: …". */
void complain(const char *format, ...) _printf_(1, 2);
/* On standard output, but not with --quiet. */
void say(const char *format, ...) _printf_(1, 2);
/* "migratectl: out of memory"; RESULT_FAILED. */
Result complain_memory(void);

/* Prints the object in the mode of --json=. */
void print_json(json_object *object);
/* A record of the store as it is. NULL: out of memory. */
json_object *record_to_json(const RecordType *type, const void *record) _must_check_;

static inline void cleanup_json(json_object **object)
{
    json_object_put(*object);
}
#define _cleanup_json_ _cleanup_(cleanup_json)
