/* SPDX-License-Identifier: MIT */
/* Runs the helper as a child that inherits only standard error and the report descriptor. */
#include "look/helper.h"

#include "config.h"
#include "terminal/output.h"

#include <fcntl.h>
#include <sys/wait.h>

/* Standard output is only for migratectl's own output, which may be JSON. */
static _Noreturn void exec_helper(const char *verb, const char *name, const char *version,
                                  int report_fd, int error_fd)
{
    if (dup2(error_fd, STDERR_FILENO) < 0 || dup2(error_fd, STDOUT_FILENO) < 0 ||
        (report_fd >= 0 && dup2(report_fd, REPORT_FD) < 0) ||
        (report_fd == REPORT_FD && fcntl(REPORT_FD, F_SETFD, 0) < 0))
        _exit(RESULT_FAILED);
    execl(HELPER_PATH, HELPER_PATH, verb, name, version, (char *)NULL);
    fprintf(stderr, "migratectl: cannot run " HELPER_PATH ": %s\n", strerror(errno));
    _exit(RESULT_FAILED);
}

static void pass_on(int fd)
{
    _cleanup_fclose_ FILE *file = fdopen(fd, "r");
    _cleanup_free_ char *line = NULL;
    size_t size = 0;
    ssize_t length;

    if (!file)
        close(fd);
    while (file) {
        length = getline(&line, &size, file);
        if (length <= 0 && errno == EINTR &&
            !feof(file)) /* Ctrl-C: the helper may print more output before it ends */
            clearerr(file);
        else if (length <= 0)
            return;
        else {
            line[strcspn(line, "\n")] = '\0';
            print_error("%s", line);
        }
    }
}

/* Runs the helper. report_fd becomes REPORT_FD in the helper; -1: no report. */
static Result call(const char *verb, const char *name, const char *version, int report_fd)
{
    int fds[2] = {-1, STDERR_FILENO}, status;
    pid_t pid;

    fflush(stdout);
    if (output_error_width() > 0 && pipe2(fds, O_CLOEXEC) < 0)
        fds[1] = STDERR_FILENO; /* the output is then not wrapped */
    pid = fork();
    if (pid == 0)
        exec_helper(verb, name, version, report_fd, fds[1]);
    if (fds[1] != STDERR_FILENO)
        close(fds[1]);
    if (pid < 0) {
        complain("cannot run " HELPER_PATH ": %s", strerror(errno));
        if (fds[0] >= 0)
            close(fds[0]);
        return RESULT_FAILED;
    }
    if (fds[0] >= 0)
        pass_on(fds[0]);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return RESULT_FAILED;
    if (WIFEXITED(status))
        return (Result)WEXITSTATUS(status);
    return fail(RESULT_FAILED, "%s %s %s was killed by signal %d (%s)", HELPER_PATH, verb,
                name ? name : "", WTERMSIG(status), strsignal(WTERMSIG(status)));
}

Result helper_call(const char *verb, const char *name, const char *version)
{
    return call(verb, name, version, -1);
}

/* A whole record fits into a pipe, so the helper never blocks while writing it. */
Result helper_check(const char *name, Refusal *ret)
{
    _cleanup_close_ int out_fd = -1, in_fd = -1;
    int fds[2];
    char text[16 * 1024];
    ssize_t size;
    Result result;

    *ret = (Refusal){};
    if (pipe2(fds, O_CLOEXEC) < 0)
        return fail(RESULT_FAILED, "cannot run " HELPER_PATH ": %s", strerror(errno));
    in_fd = fds[0];
    out_fd = fds[1];
    result = call("check", name, "report", out_fd);
    close(TAKE_FD(out_fd));
    size = read(in_fd, text, sizeof(text));
    if (result != RESULT_DONE && size > 0 &&
        record_parse(&refusal_record_type, text, (size_t)size, true, ret) < 0)
        *ret = (Refusal){};
    return result;
}
