/* SPDX-License-Identifier: MIT */
/* Follows a run of the helper. No function returns an error, because a failure to show progress is
 * not a failure of the migration. */
#include "act/follow.h"

#include "act/jobs.h"
#include "basic/text.h"
#include "system/log.h"
#include "terminal/output.h"

#include <syslog.h>

#define SHOWN_MAX 4096 /* the limit of a message in bytes */

static bool is_silent(void)
{
    return options.quiet || options.json != JSON_OFF;
}

bool follow_is_live(void)
{
    const char *term = getenv("TERM");

    return output_is_terminal() && !is_silent() && !streq(term ? term : "dumb", "dumb");
}

/* Matches the entries of the unit, the helper's entries about the unit (journald may not know the
 * unit of a process that has just ended), and systemd's entries about the unit. Only journald can
 * set fields that begin with "_". */
static int add_matches(sd_journal *journal, const char *unit)
{
    static const char *const fields[][2] = {
        {"_SYSTEMD_UNIT", NULL}, {"OBJECT_SYSTEMD_UNIT", "_UID=0"}, {"UNIT", "_PID=1"}};
    int r = 0;

    for (size_t i = 0; r >= 0 && i < ELEMENTSOF(fields); i++) {
        _cleanup_free_ char *match = strprintf("%s=%s", fields[i][0], unit);

        r = !match ? -ENOMEM : i > 0 ? sd_journal_add_disjunction(journal) : 0;
        if (r >= 0 && fields[i][1])
            r = sd_journal_add_match(journal, fields[i][1], 0);
        if (r >= 0)
            r = sd_journal_add_match(journal, match, 0);
    }
    return r;
}

/* Returns the start of the present run, or the present time: CLOCK_REALTIME, microseconds. */
static uint64_t find_beginning(sd_bus *bus, const char *unit)
{
    _cleanup_free_ char *state = NULL;
    uint64_t begun;

    if (unit_property(bus, unit, "Unit", "ActiveState", "s", &state) == 0 &&
        (streq(state, "activating") || streq(state, "active")) &&
        unit_property(bus, unit, "Service", "ExecMainStartTimestamp", "t", &begun) == 0 &&
        begun > 0)
        return begun;
    return time_now();
}

void follow_begin(Follow *follow, sd_bus *bus, const char *unit, const char *verb, const char *name)
{
    int r;

    *follow = (Follow){.bus = bus,
                       .unit = unit,
                       .verb = verb,
                       .name = name,
                       .result = -1,
                       .begun = time_monotonic()};
    r = sd_journal_open(&follow->journal, SD_JOURNAL_LOCAL_ONLY);
    if (r >= 0)
        r = add_matches(follow->journal, unit);
    if (r >= 0)
        r = sd_journal_seek_realtime_usec(follow->journal, find_beginning(bus, unit));
    if (r < 0) {
        sd_journal_close(follow->journal);
        follow->journal = NULL;
    }
}

/* --- the journal ------------------------------------------------------------------------------ */

static char *read_field(sd_journal *journal, const char *name)
{
    size_t length = strlen(name) + 1, size;
    const void *data;

    if (sd_journal_get_data(journal, name, &data, &size) < 0 || size < length)
        return NULL;
    return strndup((const char *)data + length, size - length);
}

static void remember(Follow *follow, char *line)
{
    if (follow->n_lines == ELEMENTSOF(follow->lines)) {
        free(follow->lines[0]);
        memmove(follow->lines, follow->lines + 1, sizeof(char *) * --follow->n_lines);
    }
    follow->lines[follow->n_lines++] = line;
}

static void clear_line(Follow *follow)
{
    if (!follow->live)
        return;
    fputs("\r\033[K", stdout);
    follow->live = false;
    free(TAKE_PTR(follow->shown));
}

/* Prints a line that stays above the live line: a finished step, or a warning. */
static void show_mark(Follow *follow, const char *message, bool warning)
{
    clear_line(follow);
    print_line(4, "  %s%s%s %s", colour(warning ? COLOUR_YELLOW : COLOUR_GREEN),
               warning ? "!" : check_mark(), colour(COLOUR_NONE), message);
    fflush(stdout);
}

static void keep_said(Follow *follow, const char *message)
{
    uint64_t when;

    if (!*message || sd_journal_get_monotonic_usec(follow->journal, &when, NULL) < 0)
        return;
    free(follow->said);
    follow->said = strdup(message);
    follow->said_when = when;
}

/* Reads the result from a journal entry. The result ends a rehearsal, which has no job; a migration
 * ends with systemd's job. */
static void take_result(Follow *follow)
{
    _cleanup_free_ char *result = read_field(follow->journal, "MIGRATE_RESULT");

    for (int i = 0; result && i <= RESULT_INVALID; i++)
        if (streq(result, result_name((Result)i)))
            follow->result = i;
    follow->through = follow->through || (result && streq(follow->verb, "rehearse"));
}

/* Removes "Rehearsal: ", which the operator knows. */
static const char *without_prefix(const char *message)
{
    return startswith(message, LOG_REHEARSAL) ? message + strlen(LOG_REHEARSAL) : message;
}

static void take_message(Follow *follow, char *message)
{
    _cleanup_free_ char *transport = read_field(follow->journal, "_TRANSPORT"),
                        *done = read_field(follow->journal, "MIGRATE_DURATION"),
                        *priority = read_field(follow->journal, "PRIORITY");
    bool script = streq_null(transport, "stdout");

    if (!follow_is_live()) {
        if (!is_silent()) {
            print_line(4, "  %s", message);
            fflush(stdout);
        }
        remember(follow, message);
        return;
    }
    if (script)
        keep_said(follow, message);
    if (!script && done)
        show_mark(follow, without_prefix(message), false);
    else if (!script && priority && strtol(priority, NULL, 10) == LOG_WARNING)
        show_mark(follow, without_prefix(message), true);
    else {
        remember(follow, message);
        return;
    }
    free(message);
}

static void read_journal(Follow *follow)
{
    if (!follow->journal)
        return;
    (void)sd_journal_process(follow->journal);
    while (sd_journal_next(follow->journal) > 0) {
        _cleanup_free_ char *result = read_field(follow->journal, "JOB_RESULT");
        _cleanup_free_ char *about = read_field(follow->journal, "UNIT");
        _cleanup_free_ char *message = NULL;
        char plain[SHOWN_MAX];

        if (about) {
            follow->through = follow->through || (result && streq(follow->verb, "run"));
            continue; /* systemd's "Starting…" and "Finished…" are not shown */
        }
        take_result(follow);
        message = read_field(follow->journal, "MESSAGE");
        if (!message)
            continue;
        text_plain(plain, sizeof(plain), message, output_is_utf8() || !output_is_terminal());
        free(message);
        message = strdup(plain);
        if (message)
            take_message(follow, TAKE_PTR(message));
    }
}

/* --- the live line ---------------------------------------------------------------------------- */

/* Returns the width of the live line. One column stays free, because some terminals begin a new
 * line after a full line. */
static size_t columns(void)
{
    return MAX(output_width(), (size_t)2) - 1;
}

/* Describes the unit before the helper has written a record: the unit may wait for other units. */
static void describe_unit(const Follow *follow, char *out, size_t size)
{
    _cleanup_free_ char *status = NULL, *line = NULL;
    char elapsed[32];

    text_elapsed(elapsed, sizeof(elapsed), time_monotonic() - follow->begun);
    if (unit_property(follow->bus, follow->unit, "Service", "StatusText", "s", &status) < 0)
        status = NULL;
    line = strprintf("  %s %s %s", isempty(status) ? "Waiting for its turn" : status, ellipsis(),
                     elapsed);
    text_plain(out, size, line ? line : "", output_is_utf8());
    text_cut(out, columns());
}

static void print_live(Follow *follow)
{
    char buffer[PROGRESS_MAX], line[1024];
    Progress progress;

    if (progress_read(follow->verb, follow->name, buffer, &progress) &&
        progress.phase != PROGRESS_NONE) {
        follow->seen = true;
        live_line(line, sizeof(line), &progress, time_monotonic(),
                  follow->said_when >= progress.begun ? follow->said : NULL, columns(),
                  output_is_utf8());
    } else if (follow->seen || time_monotonic() - follow->begun < 1000000)
        return; /* the run has ended, or may end before anybody can read the line */
    else
        describe_unit(follow, line, sizeof(line));
    if (follow->live && streq_null(line, follow->shown))
        return;
    clear_line(follow);
    fputs(line, stdout);
    fflush(stdout);
    follow->shown = strdup(line);
    follow->live = true;
}

/* --- following -------------------------------------------------------------------------------- */

void follow_tick(void *userdata)
{
    Follow *follow = userdata;

    read_journal(follow);
    if (follow_is_live())
        print_live(follow);
}

/* Journal entries arrive a moment after the end of the job; systemd's entry is the last one. */
void follow_settle(Follow *follow, bool ended)
{
    clear_line(follow);
    fflush(stdout);
    read_journal(follow);
    for (unsigned i = 0; ended && follow->journal && !follow->through && i < 20; i++) {
        if (sd_journal_wait(follow->journal, 100000) < 0)
            break;
        read_journal(follow);
    }
}

void follow_print_last(const Follow *follow)
{
    if (!follow_is_live() && !is_silent())
        return; /* all lines have been printed */
    for (size_t i = 0; i < follow->n_lines; i++)
        print_error("  %s", follow->lines[i]);
}

void follow_end(Follow *follow)
{
    for (size_t i = 0; i < follow->n_lines; i++)
        free(follow->lines[i]);
    free(follow->shown);
    free(follow->said);
    sd_journal_close(follow->journal);
    *follow = (Follow){};
}
