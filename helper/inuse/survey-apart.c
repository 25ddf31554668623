/* SPDX-License-Identifier: MIT */
/* Runs a survey in a child process, because /proc may not answer: a process that waits for a dead
 * file server, or for a silent FUSE file system, may hold locks that readers of its entries in
 * /proc need. Only SIGKILL ends the wait of such a reader. */
#include "basic/canceled.h"
#include "basic/directory.h"
#include "inuse/private.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#define TICK_MSEC 100

/* Closes the descriptors that the child does not need, above all the lock of the helper. */
static int close_others(const Survey *survey)
{
    _cleanup_closedir_ DIR *dir = NULL;
    struct dirent *de;
    int r = directory_open(AT_FDCWD, "/proc/self/fd", &dir);

    while (r == 0 && (r = directory_next(dir, &de)) > 0) {
        int fd = atoi(de->d_name);
        bool needed =
            fd < 3 || fd == dirfd(dir) || fd == survey->progress_fd || fd == survey->proc_fd;

        for (size_t i = 0; i < survey->n_targets; i++)
            needed = needed || fd == survey->targets[i].fd;
        if (!needed)
            close(fd);
        r = 0;
    }
    return r;
}

/* Prints lines: "p" and a pid before the survey looks at that process; "h" and a user; "r" and a
 * command; "m" and the number of further users; "e" and the errno of the survey, at the end. */
static _Noreturn void child(Survey *survey, int fd)
{
    int r;

    survey->progress_fd = fd;
    (void)signal(SIGPIPE, SIG_DFL);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    r = close_others(survey);
    if (r == 0)
        r = survey_run(survey);
    STRV_FOREACH (holder, survey->holders)
        dprintf(fd, "h%s\n", *holder);
    STRV_FOREACH (remedy, survey->remedies)
        dprintf(fd, "r%s\n", *remedy);
    dprintf(fd, "m%zu\ne%d\n", survey->n_more, -r);
    _exit(EXIT_SUCCESS);
}

typedef enum Line {
    LINE_NEXT = 0,
    LINE_LAST = 1,
} Line;

/* Returns a Line, or the negative errno of the survey. */
static int take_line(Survey *survey, const char *line, pid_t *at)
{
    if (line[0] == 'h')
        return strv_append(&survey->holders, line + 1);
    if (line[0] == 'r')
        return strv_append(&survey->remedies, line + 1);
    if (line[0] == 'm')
        survey->n_more = strtoul(line + 1, NULL, 10);
    else if (line[0] == 'p')
        *at = atoi(line + 1);
    else if (line[0] == 'e')
        return atoi(line + 1) ? -atoi(line + 1) : LINE_LAST;
    return LINE_NEXT;
}

/* Reads the child's lines. Returns a Line, LINE_NEXT if the child does not answer, or a negative
 * errno. *at is the process at which the survey is, or 0. */
static int follow(Survey *survey, int fd, unsigned patience_msec, pid_t *at)
{
    _cleanup_string_ String text = {};
    unsigned waited = 0;
    int r = LINE_NEXT;

    while (r == LINE_NEXT) {
        struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
        char data[4096], *line, *end;
        ssize_t n;

        if (canceled)
            return -ECANCELED;
        if (poll(&poll_fd, 1, TICK_MSEC) <= 0) {
            /* The search in the trees (*at is 0) may take long. */
            waited += TICK_MSEC;
            if (*at > 0 && waited >= patience_msec)
                return LINE_NEXT;
            continue;
        }
        waited = 0;
        n = read(fd, data, sizeof(data) - 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EIO; /* the child has died */
        data[n] = '\0';
        string_append(&text, data);
        if (text.failed)
            return -ENOMEM;
        line = text.text;
        for (; r == LINE_NEXT && (end = strchr(line, '\n')); line = end + 1) {
            *end = '\0';
            r = take_line(survey, line, at);
        }
        text.length -= (size_t)(line - text.text);
        memmove(text.text, line, text.length + 1);
    }
    return r;
}

/* Waits a second at most: a child in uninterruptible sleep does not die. */
static void reap(pid_t pid)
{
    (void)kill(pid, SIGKILL);
    for (int i = 0; i < 100 && waitpid(pid, NULL, WNOHANG) == 0; i++)
        (void)nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
}

/* Adds a process that did not answer, and its user. */
static int add_stuck(Survey *survey, pid_t pid)
{
    _cleanup_free_ char *path = strprintf("%d", pid);
    struct stat st = {};

    if (!path || !ARRAY_GROW(survey->stuck, survey->n_stuck))
        return -ENOMEM;
    (void)fstatat(survey->proc_fd, path, &st, 0);
    survey->stuck[survey->n_stuck - 1] = (struct Stuck){.user = st.st_uid, .pid = pid};
    return 0;
}

int survey_run_apart(Survey *survey, unsigned patience_msec)
{
    int r = LINE_NEXT;

    if (survey->proc_fd < 0)
        survey->proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (survey->proc_fd < 0)
        return -errno;
    while (r == LINE_NEXT) {
        _cleanup_close_ int ours = -1, theirs = -1;
        pid_t pid, at = 0;
        int fds[2];

        if (pipe2(fds, O_CLOEXEC) < 0)
            return -errno;
        ours = fds[0];
        theirs = fds[1];
        pid = fork();
        if (pid < 0)
            return -errno;
        if (pid == 0)
            child(survey, theirs);
        close(TAKE_FD(theirs));
        r = follow(survey, ours, patience_msec, &at);
        reap(pid);
        if (r == LINE_NEXT && add_stuck(survey, at) < 0)
            return -ENOMEM;
    }
    return MIN(r, 0);
}
