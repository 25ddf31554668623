/* SPDX-License-Identifier: MIT */
/* Reads and formats the record of a run's progress. The formatting allocates no memory, because it
 * runs while a state is cloned. */
#include "system/progress-record.h"

#include "basic/text.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>

/* The bytes that count as the work of one file. Measured: 50,000 files take as long to copy as 1.6
 * GiB in four files. */
#define BYTES_A_FILE (UINT64_C(32) << 10)

/* The names of phases in records, and the texts of phases whose text never varies. */
static const struct {
    const char *name, *text;
} phases[PROGRESS_PHASES] = {
    [PROGRESS_NONE] = {"none", "Looking"},
    [PROGRESS_WAITING] = {"waiting"},
    [PROGRESS_CHECKING] = {"checking"},
    [PROGRESS_STAGING] = {"staging", "Looking"},
    [PROGRESS_STEP] = {"step"},
    [PROGRESS_SYNCING] = {"syncing", "Writing everything to disk"},
    [PROGRESS_PROVING] = {"proving", "Checking that nobody uses the state"},
    [PROGRESS_SWAPPING] = {"swapping", "Swapping the state and its clone"},
    [PROGRESS_UNDOING] = {"undoing"},
};

typedef struct Field {
    const char *key;
    size_t offset;
    bool text; /* a text, otherwise a number */
} Field;

static const Field fields[] = {
    {"started", offsetof(Progress, started), false},
    {"begun", offsetof(Progress, begun), false},
    {"what", offsetof(Progress, what), true},
    {"from", offsetof(Progress, from), true},
    {"to", offsetof(Progress, to), true},
    {"hook", offsetof(Progress, hook), true},
    {"step", offsetof(Progress, step), false},
    {"steps", offsetof(Progress, n_steps), false},
    {"bytes", offsetof(Progress, bytes), false},
    {"files", offsetof(Progress, files), false},
    {"total-bytes", offsetof(Progress, total_bytes), false},
    {"total-files", offsetof(Progress, total_files), false},
    {"rate", offsetof(Progress, rate), false},
    {"left", offsetof(Progress, left), false},
};

/* Appends a whole line, or nothing if the line does not fit. */
static void _printf_(3, 4) add_line(char *out, size_t *used, const char *format, ...)
{
    va_list ap;
    int n;

    va_start(ap, format);
    n = vsnprintf(out + *used, PROGRESS_MAX - *used, format, ap);
    va_end(ap);
    if (n > 0 && (size_t)n < PROGRESS_MAX - *used)
        *used += (size_t)n;
    else
        out[*used] = '\0';
}

static void describe_step(const Progress *progress, char *out, size_t size)
{
    const char *hook = progress->hook ? progress->hook : "",
               *now = streq(hook, "Verify")   ? ", verifying"
                      : streq(hook, "Backup") ? ", backing up"
                                              : "";

    if (progress->from)
        snprintf(out, size, "Step %" PRIu64 " of %" PRIu64 ", %s to %s%s", progress->step,
                 progress->n_steps, progress->from, progress->to ? progress->to : "?", now);
    else
        snprintf(out, size, "Creating the state%s", now);
}

void progress_describe(const Progress *progress, char *out, size_t size)
{
    if (phases[progress->phase].text)
        snprintf(out, size, "%s", phases[progress->phase].text);
    else if (progress->phase == PROGRESS_WAITING)
        snprintf(out, size, "Waiting: %s", progress->what ? progress->what : "?");
    else if (progress->phase == PROGRESS_CHECKING)
        snprintf(out, size, "Checking step %" PRIu64 " of %" PRIu64, progress->step,
                 progress->n_steps);
    else if (progress->phase == PROGRESS_UNDOING)
        snprintf(out, size, "Undoing step %" PRIu64, progress->step);
    else
        describe_step(progress, out, size);
}

void progress_describe_clone(const Progress *progress, CloneTexts *ret)
{
    int permille = progress_permille(progress);

    *ret = (CloneTexts){};
    if (permille >= 0)
        snprintf(ret->percent, sizeof(ret->percent), "%3d %%", permille / 10);
    if (progress->total_bytes > 0)
        text_part(ret->bytes, sizeof(ret->bytes), progress->bytes,
                  MAX(progress->total_bytes, progress->bytes));
    else
        text_size(ret->bytes, sizeof(ret->bytes), progress->bytes);
    snprintf(ret->files, sizeof(ret->files), "%" PRIu64 " files", progress->files);
    if (progress->total_files > 0)
        snprintf(ret->total_files, sizeof(ret->total_files), "%" PRIu64 " of %" PRIu64 " files",
                 progress->files, MAX(progress->total_files, progress->files));
    if (progress->rate > 0) {
        text_size(ret->rate, sizeof(ret->rate) - 2, progress->rate);
        strcat(ret->rate, "/s");
    }
    if (progress->left > 0) {
        text_left(ret->left, sizeof(ret->left) - 5, progress->left);
        strcat(ret->left, " left");
    }
}

bool progress_runs_script(const Progress *progress)
{
    return progress->phase == PROGRESS_CHECKING || progress->phase == PROGRESS_STEP ||
           progress->phase == PROGRESS_UNDOING;
}

size_t progress_print(const Progress *progress, char *out)
{
    size_t used = 0;

    add_line(out, &used, "phase=%s\n", phases[progress->phase].name);
    add_line(out, &used, "pid=%d\n", (int)progress->pid);
    for (size_t i = 0; i < ELEMENTSOF(fields); i++) {
        const char *field = (const char *)progress + fields[i].offset, *text;
        uint64_t number;

        if (fields[i].text) {
            memcpy(&text, field, sizeof(text));
            if (text)
                add_line(out, &used, "%s=%s\n", fields[i].key, text);
        } else {
            memcpy(&number, field, sizeof(number));
            if (number)
                add_line(out, &used, "%s=%" PRIu64 "\n", fields[i].key, number);
        }
    }
    return used;
}

static void take(Progress *progress, const char *key, char *value)
{
    uint64_t number;

    if (streq(key, "phase"))
        for (size_t i = 0; i < PROGRESS_PHASES; i++)
            if (streq(value, phases[i].name))
                progress->phase = (ProgressPhase)i;
    if (streq(key, "pid"))
        progress->pid = (pid_t)strtol(value, NULL, 10);
    for (size_t i = 0; i < ELEMENTSOF(fields); i++) {
        if (!streq(key, fields[i].key))
            continue;
        if (fields[i].text)
            memcpy((char *)progress + fields[i].offset, &value, sizeof(value));
        else {
            number = strtoull(value, NULL, 10);
            memcpy((char *)progress + fields[i].offset, &number, sizeof(number));
        }
    }
}

bool progress_parse(char *text, Progress *ret)
{
    Progress progress = {};
    char *state = NULL;

    for (char *line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state)) {
        char *value = strchr(line, '=');

        if (!value)
            continue;
        *value++ = '\0';
        take(&progress, line, value);
    }
    if (progress.pid <= 0 || progress.started == 0)
        return false;
    *ret = progress;
    return true;
}

int process_start_parse(const char *text, uint64_t *ret)
{
    const char *p = strrchr(text, ')'); /* the process's name may contain any character */
    char *end;

    for (int field = 2; p && field < 22; field++)
        p = strchr(p + 1, ' ');
    if (!p)
        return -EBADMSG;
    *ret = strtoull(p + 1, &end, 10);
    return end == p + 1 ? -EBADMSG : 0;
}

int progress_process(pid_t pid, uint64_t *ret)
{
    _cleanup_free_ char *text = NULL;
    char path[32];
    int r;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    r = read_file_at(AT_FDCWD, path, 4096, &text, NULL);
    if (r < 0)
        return r == -ESRCH ? -ENOENT : r;
    return process_start_parse(text, ret);
}

bool progress_read(const char *verb, const char *name, char *buffer, Progress *ret)
{
    _cleanup_free_ char *path = strprintf(PROGRESS_DIRECTORY "/%s@%s", verb, name), *text = NULL;
    uint64_t started;

    if (!path || read_file_at(AT_FDCWD, path, PROGRESS_MAX - 1, &text, NULL) < 0)
        return false;
    strcpy(buffer, text); /* not longer than the buffer */
    return progress_parse(buffer, ret) && progress_process(ret->pid, &started) == 0 &&
           started == ret->started;
}

uint64_t progress_work(uint64_t bytes, uint64_t files)
{
    return bytes + files * BYTES_A_FILE;
}

int progress_permille(const Progress *progress)
{
    uint64_t total = progress_work(progress->total_bytes, progress->total_files);
    uint64_t done = progress_work(MIN(progress->bytes, progress->total_bytes),
                                  MIN(progress->files, progress->total_files));

    /* Numbers of a record can be so large that the sums wrap. */
    return total == 0 ? -1 : (int)((double)MIN(done, total) * 1000 / (double)total);
}
