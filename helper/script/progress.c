/* SPDX-License-Identifier: MIT */
/* Reports how far a run is. */
#include "script/progress.h"

#include "basic/directory.h"
#include "basic/result.h"
#include "basic/text.h"
#include "tree/tree.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#define OFTEN_USEC   (UINT64_C(250) * 1000)  /* the shortest time between two reports */
#define SELDOM_USEC  (UINT64_C(1000) * 1000) /* the longest time, while a clock is shown */
#define PATIENT_USEC (UINT64_C(2000) * 1000) /* the time before the remaining time is estimated */
#define NO_RESULT    (-1)
#define SAMPLES      20 /* samples of the last five seconds, for the rate */

typedef struct Sample {
    uint64_t when, bytes, work;
} Sample;

static struct {
    int directory_fd; /* the directory of records; valid if name is set */
    char *name, *temporary;
    Progress now;
    char *what, *from, *to; /* own copies of the texts in now */
    CloneProgress before;   /* totals of the directories that are cloned already */
    Sample samples[SAMPLES];
    size_t n_samples;
    uint64_t told;
    int result; /* of the last event with a result; or NO_RESULT */
} p = {.result = NO_RESULT};

static uint64_t now_usec(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts); /* no system call: the vDSO reads the clock */
    return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

/* --- STATUS= --------------------------------------------------------------------------------- */

static void describe_staging(char *out, size_t size)
{
    CloneTexts texts;
    const char *percent = texts.percent, *rate = texts.rate, *left = texts.left;

    progress_describe_clone(&p.now, &texts);
    percent += strspn(percent, " ");
    snprintf(out, size, "Cloning %s: %s%s%s, %s%s%s%s%s", p.now.what ? p.now.what : "?", percent,
             *percent ? ", " : "", texts.bytes,
             *texts.total_files ? texts.total_files : texts.files, *rate ? ", " : "", rate,
             *left ? ", " : "", left);
}

static void describe(char *out, size_t size)
{
    char phase[512], elapsed[32];

    if (p.now.phase == PROGRESS_STAGING) {
        describe_staging(out, size);
        return;
    }
    progress_describe(&p.now, phase, sizeof(phase));
    text_elapsed(elapsed, sizeof(elapsed), now_usec() - p.now.begun);
    if (!progress_runs_script(&p.now))
        snprintf(out, size, "%s", p.now.phase == PROGRESS_NONE ? "" : phase);
    else
        snprintf(out, size, "%s, %s", phase, elapsed);
}

/* --- reporting ------------------------------------------------------------------------------- */

/* Writes the record. Errors are ignored: without a record, migratectl shows STATUS=. */
static void write_record(void)
{
    char text[PROGRESS_MAX];
    size_t size;
    int fd;

    if (!p.name)
        return;
    size = progress_print(&p.now, text);
    fd = openat(p.directory_fd, p.temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
                0644);
    if (fd < 0)
        return;
    /* fchmod() makes the mode independent of the umask. */
    if (fchmod(fd, 0644) == 0 && write_all(fd, text, size) == 0)
        (void)renameat(p.directory_fd, p.temporary, p.directory_fd, p.name);
    close(fd);
}

static void tell(bool record)
{
    char text[768], status[sizeof(text)];

    describe(text, sizeof(text));
    text_plain(status, sizeof(status), text, true); /* systemd only accepts UTF-8 */
    if (*status)
        sd_notifyf(0, "STATUS=%s", status);
    if (record)
        write_record();
    p.told = now_usec();
}

static void set(char **owned, const char **shown, const char *text)
{
    free(*owned);
    *owned = text ? strdup(text) : NULL;
    *shown = *owned;
}

/* Enters a phase. Resets all values of the earlier phase, except the totals of staging. */
static void enter(ProgressPhase phase)
{
    set(&p.what, &p.now.what, NULL);
    set(&p.from, &p.now.from, NULL);
    set(&p.to, &p.now.to, NULL);
    p.now = (Progress){.phase = phase,
                       .pid = p.now.pid,
                       .started = p.now.started,
                       .begun = now_usec(),
                       .total_bytes = p.now.total_bytes,
                       .total_files = p.now.total_files};
}

void progress_begin(const char *verb, const char *name)
{
    int fd;

    progress_end();
    p.now = (Progress){.pid = getpid()};
    if ((mkdir(PROGRESS_DIRECTORY, 0755) < 0 && errno != EEXIST) ||
        progress_process(p.now.pid, &p.now.started) < 0)
        return;
    fd = directory_fd(AT_FDCWD, PROGRESS_DIRECTORY);
    if (fd < 0)
        return;
    (void)fchmod(fd, 0755);
    p.name = strprintf("%s@%s", verb, name);
    p.temporary = strprintf(".%s@%s", verb, name); /* no verb begins with a dot */
    if (!p.name || !p.temporary) {
        close(fd);
        free(TAKE_PTR(p.name));
        free(TAKE_PTR(p.temporary));
        return;
    }
    p.directory_fd = fd;
    write_record(); /* this replaces the record of a run that was killed */
}

void progress_end(void)
{
    enter(PROGRESS_NONE);
    if (p.name) {
        (void)unlinkat(p.directory_fd, p.name, 0);
        close(p.directory_fd);
        free(p.name);
        free(p.temporary);
    }
    memset(&p, 0, sizeof(p));
    p.result = NO_RESULT;
}

void progress_ended(int result, const char *text)
{
    bool failed = result != RESULT_DONE && result != RESULT_APPROVAL && result != RESULT_DEFERRED;
    char status[1024], *said;

    text_plain(status, sizeof(status), text, true);
    /* All users can read STATUS=, but the output of scripts may be private. */
    said = strstr(status, ", last saying: ");
    if (said)
        *said = '\0';
    sd_notifyf(0, "STATUS=%s%s", failed ? "Failed: " : "", status);
    p.result = result;
}

void progress_result(int result)
{
    if (result == p.result)
        return; /* an event has reported the result */
    progress_ended(result,
                   result == RESULT_DONE ? "There was nothing to do" : "the journal says why");
}

void progress_wait(const char *format, ...)
{
    va_list ap;

    enter(PROGRESS_WAITING);
    va_start(ap, format);
    if (vasprintf(&p.what, format, ap) < 0)
        p.what = NULL;
    va_end(ap);
    p.now.what = p.what;
    tell(true);
}

void progress_step(ProgressPhase phase, size_t step, size_t n_steps, const char *from,
                   const char *to)
{
    enter(phase);
    p.now.step = step;
    p.now.n_steps = n_steps;
    set(&p.from, &p.now.from, from);
    set(&p.to, &p.now.to, to);
    tell(true);
}

void progress_hook(const char *key)
{
    p.now.hook = key;
    p.now.begun = now_usec();
    tell(true);
}

void progress_enter(ProgressPhase phase)
{
    enter(phase);
    tell(true);
}

/* --- staging --------------------------------------------------------------------------------- */

void progress_expect(uint64_t bytes, uint64_t files)
{
    p.now.total_bytes = bytes;
    p.now.total_files = files;
}

/* Keeps the counters between directories, since all directories are one phase. */
void progress_clone(const char *directory)
{
    uint64_t begun = p.now.begun, bytes = p.now.bytes, files = p.now.files;
    bool first = p.now.phase != PROGRESS_STAGING;

    enter(PROGRESS_STAGING);
    if (first) {
        p.before = (CloneProgress){};
        p.n_samples = 0;
    } else {
        p.now.begun = begun;
        p.now.bytes = p.before.bytes = bytes;
        p.now.files = p.before.files = files;
    }
    set(&p.what, &p.now.what, directory);
    tell(true);
}

/* Estimates the rate and the remaining time from the last seconds. */
static void estimate_rate(void)
{
    uint64_t work = progress_work(p.now.bytes, p.now.files),
             total = progress_work(p.now.total_bytes, p.now.total_files);
    Sample sample = {.when = now_usec(), .bytes = p.now.bytes, .work = work}, first;
    double seconds, speed;

    if (p.n_samples == SAMPLES)
        memmove(p.samples, p.samples + 1, sizeof(Sample) * --p.n_samples);
    p.samples[p.n_samples++] = sample;
    first = p.samples[0];
    seconds = (double)(sample.when - first.when) / 1e6;
    if (seconds <= 0)
        return;
    p.now.rate = (uint64_t)((double)(sample.bytes - first.bytes) / seconds);
    speed = (double)(work - first.work) / seconds;
    p.now.left = 0;
    if (total > work && speed >= 1 && sample.when - p.now.begun >= PATIENT_USEC)
        p.now.left = (uint64_t)((double)(total - work) / speed * 1e6);
}

void progress_cloned(const CloneProgress *progress, void *userdata)
{
    p.now.bytes = p.before.bytes + progress->bytes;
    p.now.files = p.before.files + progress->files;
    if (now_usec() - p.told < OFTEN_USEC)
        return;
    estimate_rate();
    tell(true);
}

/* --- scripts --------------------------------------------------------------------------------- */

static void (*on_tick)(void *userdata);
static void *on_tick_userdata;

void progress_on_tick(void (*tick)(void *userdata), void *userdata)
{
    on_tick = tick;
    on_tick_userdata = userdata;
}

/* Updates only STATUS=: the record does not change with time or with the lines of scripts. */
void progress_tick(void)
{
    uint64_t passed = now_usec() - p.told;

    if (p.now.phase != PROGRESS_NONE && passed >= SELDOM_USEC)
        tell(false);
    if (on_tick)
        on_tick(on_tick_userdata);
}
