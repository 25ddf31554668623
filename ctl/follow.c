/* SPDX-License-Identifier: MIT */
/* Following a migration. A failure to show something is no failure of the migration, so nothing in
 * here returns one. */
#include "follow.h"

#include "ctl.h"
#include "detail.h"
#include "jobs.h"
#include "output.h"

#include <sys/ioctl.h>
#include <time.h>

/* What the unit itself writes, what the helper writes about it (a process that has just ended may
 * have lost its unit), and what systemd says about it. Only root can make the fields with "_". */
static int add_matches(sd_journal *journal, const char *unit)
{
    _cleanup_free_ char *own = strprintf("_SYSTEMD_UNIT=%s", unit);
    _cleanup_free_ char *object = strprintf("OBJECT_SYSTEMD_UNIT=%s", unit);
    _cleanup_free_ char *about = strprintf("UNIT=%s", unit);
    int r = own && object && about ? 0 : -ENOMEM;

    if (r >= 0)
        r = sd_journal_add_match(journal, own, 0);
    if (r >= 0)
        r = sd_journal_add_disjunction(journal);
    if (r >= 0)
        r = sd_journal_add_match(journal, "_UID=0", 0);
    if (r >= 0)
        r = sd_journal_add_match(journal, object, 0);
    if (r >= 0)
        r = sd_journal_add_disjunction(journal);
    if (r >= 0)
        r = sd_journal_add_match(journal, "_PID=1", 0);
    if (r >= 0)
        r = sd_journal_add_match(journal, about, 0);
    return r;
}

void follow_begin(Follow *follow, sd_bus *bus, const char *unit)
{
    struct timespec ts;
    int r;

    *follow = (Follow){.bus = bus, .unit = unit, .begun = time_monotonic()};
    clock_gettime(CLOCK_REALTIME, &ts);
    r = sd_journal_open(&follow->journal, SD_JOURNAL_LOCAL_ONLY);
    if (r >= 0)
        r = add_matches(follow->journal, unit);
    if (r >= 0)
        r = sd_journal_seek_realtime_usec(follow->journal, (uint64_t)ts.tv_sec * 1000000 +
                                                               (uint64_t)ts.tv_nsec / 1000);
    if (r < 0) {
        sd_journal_close(follow->journal);
        follow->journal = NULL;
    }
}

/* A field's value without its name; NULL if the entry has none. */
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
    if (follow->live)
        fputs("\r\033[K", stdout);
    follow->live = false;
}

static void read_journal(Follow *follow)
{
    if (!follow->journal)
        return;
    (void)sd_journal_process(follow->journal);
    while (sd_journal_next(follow->journal) > 0) {
        _cleanup_free_ char *result = read_field(follow->journal, "JOB_RESULT");
        _cleanup_free_ char *about = read_field(follow->journal, "UNIT");
        char *message;

        if (about) {
            follow->through = follow->through || result;
            continue; /* systemd's own: "Starting…", "Finished…" */
        }
        message = read_field(follow->journal, "MESSAGE");
        if (!message)
            continue;
        if (!output_is_terminal() && !options.quiet) {
            printf("  %s\n", message);
            fflush(stdout);
        }
        remember(follow, message);
    }
}

static void print_status(Follow *follow)
{
    int64_t elapsed = (int64_t)((time_monotonic() - follow->begun) / 1000000);
    _cleanup_free_ char *status = NULL, *long_time = NULL, *line = NULL;
    struct winsize size;
    size_t width = 80;

    if (unit_string(follow->bus, follow->unit, "Service", "StatusText", &status) < 0 ||
        (isempty(status) && elapsed == 0))
        return;
    if (elapsed >= 60)
        long_time = detail_duration(elapsed * 1000000);
    line = long_time ? strprintf("  [%s] %s", long_time, status)
                     : strprintf("  [%d s] %s", (int)elapsed, isempty(status) ? "waiting" : status);
    if (!line || streq_null(line, follow->shown))
        return;
    free(follow->shown);
    follow->shown = strdup(line);
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1)
        width = size.ws_col;
    if (strlen(line) >= width) {
        while (--width > 0 && ((unsigned char)line[width] & 0xc0) == 0x80)
            continue; /* not in the middle of a character */
        line[width] = '\0';
    }
    /* Scripts decide what is in here. */
    for (char *p = line; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 127)
            *p = ' ';
    clear_line(follow);
    fputs(line, stdout);
    fflush(stdout);
    follow->live = true;
}

void follow_tick(void *userdata)
{
    Follow *follow = userdata;

    read_journal(follow);
    if (output_is_terminal() && !options.quiet)
        print_status(follow);
}

/* Journald is behind by a moment: what systemd says when the job is through comes last. */
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
    if (!output_is_terminal() && !options.quiet)
        return; /* they have been printed */
    for (size_t i = 0; i < follow->n_lines; i++)
        fprintf(stderr, "  %s\n", follow->lines[i]);
}

void follow_end(Follow *follow)
{
    for (size_t i = 0; i < follow->n_lines; i++)
        free(follow->lines[i]);
    free(follow->shown);
    sd_journal_close(follow->journal);
    *follow = (Follow){};
}
