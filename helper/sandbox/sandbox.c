/* SPDX-License-Identifier: MIT */
/* The helper's side of the sandbox: makes the first process, passes on the script's output, and
 * waits. When sandbox_run() returns, no process of the sandbox is left. */
#include "sandbox/sandbox.h"

#include "sandbox/internal.h"

#include <assert.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/wait.h>
#include <time.h>

#define GRACE_USEC     (5 * UINT64_C(1000000))
#define TICK_MSEC      100

typedef struct Run {
    const Sandbox *sandbox;
    pid_t init;
    int report_fd;
    Stream output, error;
    Report report;
    bool reported;
    SandboxOutcome ended_by; /* SANDBOX_TIMEOUT or SANDBOX_CANCELED if the helper ends the run, else
                     SANDBOX_EXITED */
} Run;

static uint64_t now_usec(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

/* --- output ---------------------------------------------------------------------------------- */

static void line_end(const Sandbox *sandbox, Stream *s)
{
    s->line[s->used] = '\0';
    s->used = 0;
    if (sandbox->line)
        sandbox->line(s->line, sandbox->userdata);
}

void stream_take(const Sandbox *sandbox, Stream *s, const char *data, size_t size)
{
    if (s->text) {
        size_t more = MIN(size, TEXT_MAX_BYTES - s->used);

        memcpy(s->text + s->used, data, more);
        s->used += more;
        return;
    }
    for (size_t i = 0; i < size; i++) {
        if (data[i] == '\n') {
            line_end(sandbox, s);
            continue;
        }
        if (s->used == SANDBOX_LINE_MAX)
            line_end(sandbox, s);
        s->line[s->used++] = data[i] ? data[i] : ' '; /* a NUL would end the string for line() */
    }
}

/* Reads at most max bytes, so that the caller can check the time even if the script never stops
 * printing. */
static void stream_read(const Sandbox *sandbox, Stream *s, size_t max)
{
    char data[4096];

    for (size_t done = 0; s->fd >= 0 && done < max;) {
        ssize_t n = read(s->fd, data, sizeof(data));

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            return;
        if (n <= 0) {
            close(TAKE_FD(s->fd));
            return;
        }
        stream_take(sandbox, s, data, (size_t)n);
        done += (size_t)n;
    }
}

/* --- waiting --------------------------------------------------------------------------------- */

/* Reads a report. Only the first report counts: if the script could not be executed, a second
 * report tells how its process ended. */
static void report_read(Run *run)
{
    Report report;
    ssize_t n = read(run->report_fd, &report, sizeof(report));

    if (n < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (n == (ssize_t)sizeof(report) && !run->reported) {
        run->report = report;
        run->report.text[sizeof(report.text) - 1] = '\0';
        run->reported = true;
    }
    /* The pipe can close without a report, if the first process was killed. */
    close(TAKE_FD(run->report_fd));
}

/* Waits until the script has ended, even if processes that it has started still run, or keep its
 * output open. */
static void watch(Run *run)
{
    const Sandbox *sandbox = run->sandbox;
    uint64_t begun = now_usec(), asked = 0;

    while (run->report_fd >= 0) {
        struct pollfd fds[] = {
            {.fd = run->report_fd, .events = POLLIN},
            {.fd = run->output.fd, .events = POLLIN},
            {.fd = run->error.fd, .events = POLLIN},
        };
        uint64_t now = now_usec();

        if (sandbox->tick && sandbox->tick(sandbox->userdata)) {
            run->ended_by = SANDBOX_CANCELED;
            return;
        }
        if (asked == 0) {
            if (sandbox->cancel && *sandbox->cancel)
                run->ended_by = SANDBOX_CANCELED;
            else if (sandbox->timeout_usec != UINT64_MAX && now - begun >= sandbox->timeout_usec)
                run->ended_by = SANDBOX_TIMEOUT;
            if (run->ended_by == SANDBOX_CANCELED && *sandbox->cancel == SIGUSR1)
                return;
            if (run->ended_by != SANDBOX_EXITED) {
                /* The first process passes SIGTERM on. Its pid is still valid, because it was not
                 * reaped. */
                (void)kill(run->init, SIGTERM);
                asked = now;
            }
        } else if (now - asked >= GRACE_USEC)
            return;

        /* A signal ends poll(). A signal just before poll() has its effect after one tick. */
        if (poll(fds, ELEMENTSOF(fds), TICK_MSEC) < 0)
            continue;
        if (fds[1].revents)
            stream_read(sandbox, &run->output, 16 * sizeof(run->output.line));
        if (fds[2].revents)
            stream_read(sandbox, &run->error, 16 * sizeof(run->error.line));
        if (fds[0].revents)
            report_read(run);
    }
}

/* Ends all processes, reads the rest of the output, and returns the outcome. */
static int settle(Run *run, int *ret_status, char **reterr_what)
{
    Stream *streams[] = {&run->output, &run->error};
    int status;

    (void)kill(run->init, SIGKILL);
    while (waitpid(run->init, &status, 0) < 0)
        if (errno != EINTR)
            return -errno;

    /* Does not wait for the end of file, since a process outside of the sandbox may have got the
     * descriptor. A pipe holds no more than 1 MiB. */
    for (size_t i = 0; i < ELEMENTSOF(streams); i++) {
        stream_read(run->sandbox, streams[i], 1024 * 1024);
        if (!streams[i]->text && streams[i]->used > 0)
            line_end(run->sandbox, streams[i]);
    }

    if (run->report_fd >= 0)
        report_read(run);
    if (run->reported && run->report.text[0] && reterr_what) {
        *reterr_what = strdup(run->report.text);
        if (!*reterr_what)
            return -ENOMEM;
    }
    if (run->reported && run->report.failed)
        return SANDBOX_SETUP;
    if (run->ended_by != SANDBOX_EXITED)
        return run->ended_by;
    /* If the first process was killed, there is no report, and its own status counts. */
    if (run->reported)
        status = run->report.status;
    if (WIFSIGNALED(status)) {
        *ret_status = WTERMSIG(status);
        return SANDBOX_SIGNALED;
    }
    *ret_status = WEXITSTATUS(status);
    return SANDBOX_EXITED;
}

/* --- starting -------------------------------------------------------------------------------- */

/* Makes a pipe whose reading end does not block. */
static int pipe_make(int *ret_ours, int *ret_theirs)
{
    int fds[2];

    if (pipe2(fds, O_CLOEXEC) < 0)
        return -errno;
    *ret_ours = fds[0];
    *ret_theirs = fds[1];
    return fcntl(fds[0], F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

/* Works like fork(), but puts the child into new namespaces and blocks SIGTERM there. The child
 * makes its mount namespace later, after it has copied the mounts to show. */
static pid_t clone_process(bool open)
{
    unsigned long flags =
        SIGCHLD | CLONE_NEWPID | (open ? 0 : CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWUTS);
    sigset_t term, before;
    pid_t pid;
    int error;

    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    (void)sigprocmask(SIG_BLOCK, &term, &before);
#ifdef __s390__
    pid = (pid_t)syscall(SYS_clone, NULL, flags, NULL, NULL, NULL);
#else
    pid = (pid_t)syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);
#endif
    error = errno;
    if (pid != 0)
        (void)sigprocmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return pid;
}

static void cleanup_run(Run *run)
{
    Stream *streams[] = {&run->output, &run->error};

    cleanup_close(&run->report_fd);
    for (size_t i = 0; i < ELEMENTSOF(streams); i++) {
        cleanup_close(&streams[i]->fd);
        free(streams[i]->text);
    }
}

int sandbox_run(const Sandbox *sandbox, char *const *argv, char **stdout_text, int *ret_status,
                char **reterr_what)
{
    _cleanup_(cleanup_run) Run run = {
        .sandbox = sandbox,
        .report_fd = -1,
        .output.fd = -1,
        .error.fd = -1,
        .ended_by = SANDBOX_EXITED,
    };
    _cleanup_close_ int go_read = -1, go_write = -1, report = -1, output = -1, error = -1;
    _cleanup_free_ char *specials = NULL;
    _cleanup_free_ char *what = NULL;
    _cleanup_free_ gid_t *groups = NULL;
    Setup setup = {
        .sandbox = sandbox, .argv = argv, .credentials = getenv("CREDENTIALS_DIRECTORY")};
    int go[2], outcome, r;

    assert(argv[0][0] == '/');
    assert(sandbox->user);
    assert(ret_status);

    r = identity_resolve(sandbox->user, sandbox->group, &setup.identity, &what);
    if (r == -ESRCH) {
        if (reterr_what)
            *reterr_what = TAKE_PTR(what);
        return SANDBOX_SETUP;
    }
    if (r < 0)
        return r;
    groups = setup.identity.groups;

    if (pipe2(go, O_CLOEXEC) < 0)
        return -errno;
    go_read = go[0];
    go_write = go[1];
    r = pipe_make(&run.report_fd, &report);
    if (r >= 0)
        r = pipe_make(&run.output.fd, &output);
    if (r >= 0 && stdout_text)
        r = pipe_make(&run.error.fd, &error);
    if (r < 0)
        return r;
    /* A script that opens /dev/stderr opens the pipe again, as its own user. */
    if (fchown(output, setup.identity.uid, setup.identity.gid) < 0 ||
        (error >= 0 && fchown(error, setup.identity.uid, setup.identity.gid) < 0))
        return -errno;
    if (stdout_text && !(run.output.text = malloc(TEXT_MAX_BYTES + 1)))
        return -ENOMEM;
    if (!sandbox->open) {
        r = specials_find(sandbox->cancel, &specials, &setup.specials_size);
        if (r < 0)
            return r;
        setup.specials = specials;
    }
    setup.go_fd = go_read;
    setup.report_fd = report;
    setup.output_fd = output;
    setup.error_fd = stdout_text ? error : output;

    run.init = clone_process(sandbox->open);
    if (run.init < 0)
        return -errno;
    if (run.init == 0) {
        close(go_write); /* else go_fd has no end of file when the helper ends */
        sandbox_init(&setup);
    }
    /* If the helper kept its copies open, the pipes would never end. */
    close(TAKE_FD(report));
    close(TAKE_FD(output));
    if (error >= 0)
        close(TAKE_FD(error));
    /* The helper's reading end is still open, so there is no SIGPIPE if the child has ended
     * already. */
    (void)!write(go_write, "", 1);

    watch(&run);
    outcome = settle(&run, ret_status, reterr_what);
    if (outcome >= 0 && outcome != SANDBOX_SETUP && stdout_text) {
        run.output.text[run.output.used] = '\0';
        *stdout_text = TAKE_PTR(run.output.text);
    }
    return outcome;
}
