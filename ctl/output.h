/* SPDX-License-Identifier: MIT */
/* What migratectl prints: messages, tables, JSON; colours, the pager. Knows no service.
 *
 * JSON, which is stable: keys may be added, never renamed or removed; a key is there in every
 * object, null where it does not apply or could not be read.
 *
 * status: array of {
 *   name, declaration (path), declared (version, null: not enabled), accepts [version], policy,
 *   state (version; null: none, or contradictory), condition (see condition_name()), from, to (what
 *   is pending), what (a sentence), next (a command to type),
 *   directories [{directory, within (whose it is, where a part of the state lives in another),
 * stamps [version], exists, empty, error}], units [{unit, load, active, sub, old}], migration
 * {unit, load, active, sub, status}, reasons [why approval is needed], steps [as in plan], store
 * (path), store_error, failed, post, transaction (the store's records), last (entry of the
 * history), backups {count, newest (manifest), place}, log (path), approval_given {from, to,
 * fingerprint, what [reason], when (UTC), by (login name), uid, holds (is it for what is
 * pending?)}, deferred {until (UTC; absent: no end), when, by, uid, reason, over (has it ended?)} }
 * plan: object {
 *   name, declaration, from, to, outcome ("ready", "current", "fresh", "unknown", "gap",
 *   "downgrade", "skip"), what, approval (needed and not given), approved, reasons [sentence],
 *   approve (the line to declare), direction ("up", "down"; null: no plan),
 *   steps [{ from, to, migration (id), file, kept (where, of a [Down] that was kept), kept_on,
 *   description, warnings [sentence], check, script, verify, post ([argument]; null: none) }],
 *   space [sentence] (null: not known), approval_given, deferred (as above) }
 * check: array of { service, file, line, severity ("error", "warning", "refused", "failed"), text }
 * history: array of the store's entries: { service, from, to, started, finished (UTC), result, … }
 * backups: array, newest first, of { service, id, state (see backup_state_name()), version (that
 * the data has), to (that it was migrated to), action, finished (UTC), bytes, files, generation,
 * boot, places [{directory, path, there}], what (a sentence) } prune: the same with remove (would
 * it be?), fate (see backup_fate_name()), reason (a sentence)
 */
#pragma once

#include "util.h"

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
/* Columns of the terminal, or 0: standard output is none, and lines may have any length. */
size_t output_width(void);
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

/* An error, on standard error: "migratectl: …". */
void complain(const char *format, ...) _printf_(1, 2);
/* What was done, on standard output; not with --quiet. */
void say(const char *format, ...) _printf_(1, 2);
/* "migratectl: out of memory"; RESULT_FAILED. */
int complain_memory(void);

/* Prints as --json= wants it. */
void print_json(json_object *object);
