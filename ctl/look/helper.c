/* SPDX-License-Identifier: MIT */
/* Runs the helper as a child, with nothing of ours but standard error. */
#include "look/helper.h"

#include "basic/result.h"
#include "config.h"
#include "terminal/output.h"

#include <sys/wait.h>

static _Noreturn void exec_helper(const char *verb, const char *name, const char *version)
{
    /* Standard output is for what migratectl says, which may be JSON. */
    if (dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
        _exit(RESULT_FAILED);
    execl(HELPER_PATH, HELPER_PATH, verb, name, version, (char *)NULL);
    fprintf(stderr, "migratectl: cannot run " HELPER_PATH ": %s\n", strerror(errno));
    _exit(RESULT_FAILED);
}

int helper_call(const char *verb, const char *name, const char *version)
{
    int status;
    pid_t pid;

    fflush(stdout);
    pid = fork();
    if (pid == 0)
        exec_helper(verb, name, version);
    if (pid < 0) {
        complain("cannot run " HELPER_PATH ": %s", strerror(errno));
        return RESULT_FAILED;
    }
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return RESULT_FAILED;
    if (WIFEXITED(status))
        return WEXITSTATUS(status);
    complain("%s %s %s was killed by signal %d (%s)", HELPER_PATH, verb, name ? name : "",
             WTERMSIG(status), strsignal(WTERMSIG(status)));
    return RESULT_FAILED;
}
