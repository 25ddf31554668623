/* SPDX-License-Identifier: MIT */
/* Prints messages, JSON and colours, asks the operator, and runs the pager. Knows no service.
 *
 * The JSON output is stable: docs/json-schema has the keys of each verb. Keys may be added, but
 * never renamed or removed; a key that the schema lacks fails the tests. Every object has every
 * key, except records of the store, which are printed as they are; null means that the key does not
 * apply or could not be read. */
#pragma once

#include "basic/result.h"
#include "basic/util.h"
#include "store/record.h"
#include "terminal/options.h"

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

/* Prepares the output. Call this once, before anything is printed. */
void output_init(void);
/* Returns the escape sequence for standard output, or "" without colours. COLOUR_NONE ends a
 * colour. */
const char *colour(Colour colour);
bool output_is_terminal(void);
/* Returns the present width of the terminal in columns. 0: standard output is not a terminal, so
 * lines may have any length. */
size_t output_width(void);
/* Returns the width of the terminal on standard error in columns; 0: not a terminal. */
size_t output_error_width(void);
/* Says whether standard output can show UTF-8. */
bool output_is_utf8(void);
#define arrow()      (output_is_utf8() ? "→" : "->")
#define bullet()     (output_is_utf8() ? "●" : "*")
#define check_mark() (output_is_utf8() ? "✓" : "+")
#define ellipsis()   (output_is_utf8() ? "…" : "...")

/* Sends all further output to a pager, if standard output is a terminal. */
void pager_open(void);
/* Closes the output, and waits for the end of the pager. */
void pager_close(void);

/* Prints one line to stdout or stderr, wrapped on a terminal: see wrap.h. indent: the columns
 * before continuation lines. */
void print_wrapped(FILE *file, size_t indent, const char *prefix, const char *format, ...)
    _printf_(4, 5);
#define print_line(indent, ...) print_wrapped(stdout, indent, "", __VA_ARGS__)
#define print_error(...)        print_wrapped(stderr, 4, "", __VA_ARGS__)
/* Prints "migratectl: …" to standard error. */
#define complain(...) print_wrapped(stderr, 4, "migratectl: ", __VA_ARGS__)
/* Complains, and returns the Result. */
#define fail(result, ...)                                                                          \
    ({                                                                                             \
        complain(__VA_ARGS__);                                                                     \
        (Result)(result);                                                                          \
    })
#define complain_memory() fail(RESULT_FAILED, "out of memory")
/* Prints to standard output, unless --quiet is given. */
#define say(...)                                                                                   \
    do {                                                                                           \
        if (!options.quiet)                                                                        \
            print_line(4, __VA_ARGS__);                                                            \
        fflush(stdout);                                                                            \
    } while (0)
/* Prints "          Key: …" like systemctl status. key NULL: a further line of the previous
 * field. */
#define print_field(key, ...) print_wrapped(stdout, 15, field_label(key), __VA_ARGS__)
const char *field_label(const char *key);

/* Says whether ask_operator() will print a question, which the caller has to explain before. */
bool ask_is_needed(void);
/* Asks on the terminal, unless --yes is given. name: the service. otherwise: the consequence of a
 * no, such as "nothing was changed". Returns RESULT_DONE for yes. Returns RESULT_APPROVAL, after
 * printing the reason, for any other answer and without a terminal; the caller must then change
 * nothing. */
Result ask_operator(const char *name, const char *question, const char *otherwise) _must_check_;

/* Add a value to an object. NULL and negative numbers become null. */
void json_add_text(json_object *object, const char *key, const char *value);
void json_add_number(json_object *object, const char *key, int64_t value);
void json_add_boolean(json_object *object, const char *key, bool value);
/* Adds null for each of the n keys that the object lacks. */
void json_add_missing(json_object *object, const char *const *keys, size_t n);
/* Appends an item to an array, which owns the item. Returns 0; or -ENOMEM, also if item is NULL. */
int json_append(json_object *array, json_object *item) _must_check_;
/* Prints the object as --json= asks. */
void print_json(json_object *object);
/* Makes a JSON object of a record of the store, unchanged. NULL: out of memory. */
json_object *record_to_json(const RecordType *type, const void *record) _must_check_;

static inline void cleanup_json(json_object **object)
{
    json_object_put(*object);
}
#define _cleanup_json_ _cleanup_(cleanup_json)
