/* SPDX-License-Identifier: MIT */
/* The processes of the sandbox: the first process, which waits for all others, and the script,
 * which it starts. When the first process ends, the kernel kills all others. No function here
 * returns to the helper: results go through the report pipe. */
#include "sandbox/internal.h"

#include <fcntl.h>
#include <linux/keyctl.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* --- the script ------------------------------------------------------------------------------ */

static void close_all_from(int first)
{
    _cleanup_closedir_ DIR *directory = NULL;

    if (syscall(SYS_close_range, first, ~0U, 0) >= 0)
        return;
    /* The system call filters of older container managers refuse close_range(). */
    directory = opendir("/proc/self/fd");
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        int fd = atoi(entry->d_name);

        if (fd >= first && fd != dirfd(directory))
            close(fd);
    }
}

/* Leaves open only 0, 1, 2, and the report pipe at 3, which closes when the script is executed. */
static void arrange_descriptors(Setup *setup)
{
    int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int *all[] = {&input, &setup->output_fd, &setup->error_fd, &setup->report_fd};

    /* The helper may have been started with any of 0 to 3 closed, so these descriptors may have
     * such numbers now. */
    for (size_t i = 0; i < ELEMENTSOF(all); i++) {
        int fd = fcntl(*all[i], F_DUPFD_CLOEXEC, 10);

        if (fd < 0)
            sandbox_fail(setup, errno, "cannot arrange the descriptors");
        *all[i] = fd;
    }
    if (dup2(input, 0) < 0 || dup2(setup->output_fd, 1) < 0 || dup2(setup->error_fd, 2) < 0 ||
        dup3(setup->report_fd, 3, O_CLOEXEC) < 0)
        sandbox_fail(setup, errno, "cannot arrange the descriptors");
    setup->report_fd = 3;
    close_all_from(4);
}

/* Sets all signals except one to their defaults, and unblocks them. When the script is executed,
 * the exception becomes the default, too. */
static void reset_signals(int except, void (*handler)(int))
{
    sigset_t none;

    for (int s = 1; s <= SIGRTMAX; s++) {
        struct sigaction action = {.sa_handler = s == except ? handler : SIG_DFL};

        (void)sigaction(s, &action, NULL); /* KILL and STOP cannot be set */
    }
    sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void script(Setup *setup)
{
    const Sandbox *sandbox = setup->sandbox;
    const char *directory = sandbox->n_trees > 0 ? sandbox->trees[0].path : "/";
    const char *step;
    int r;

    if (setsid() < 0)
        sandbox_fail(setup, errno, "cannot make a session");
    arrange_descriptors(setup);
    /* Without its own session keyring, the script could read the helper's. ENOSYS and EPERM mean
     * that the kernel has no keyrings, or that a container refuses keyrings. */
    if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS &&
        errno != EPERM)
        sandbox_fail(setup, errno, "cannot make a session keyring");

    r = identity_assume(&setup->identity, &step);
    if (r < 0)
        sandbox_fail(setup, -r, "cannot become user %u: %s", (unsigned)setup->identity.uid, step);
    /* chdir() comes after the change of the user, because root could enter a directory that the
     * script's user must not enter. */
    if (chdir(directory) < 0)
        sandbox_fail(setup, errno, "cannot change to '%s'", directory);
    r = sandbox_filter();
    if (r < 0)
        sandbox_fail(setup, -r, "cannot install the system call filter");

    execve(setup->argv[0], setup->argv, sandbox->environment ?: (char *const[]){NULL});
    r = errno;
    if (r == ENOENT && access(setup->argv[0], F_OK) >= 0)
        sandbox_fail(setup, r,
                     "cannot execute '%s' (it exists; the interpreter that its first line or its "
                     "ELF header names does not)",
                     setup->argv[0]);
    sandbox_fail(setup, r, "cannot execute '%s'", setup->argv[0]);
}

/* --- the first process ----------------------------------------------------------------------- */

static volatile sig_atomic_t started; /* the script has been started */

/* Passes a signal on to all other processes of the sandbox, whose pids the helper does not know.
 * Ends this process instead if the script is not started yet, or if this is the child that becomes
 * the script. */
static void pass_on(int signal)
{
    int saved = errno;

    if (!started || getpid() != 1)
        _exit(EXIT_FAILURE);
    (void)kill(-1, signal);
    (void)kill(-1, SIGCONT);
    errno = saved;
}

/* Removes the protection from the OOM killer that a service's unit may have set: a migration does
 * not need this protection. */
static void reset_oom_score(void)
{
    _cleanup_close_ int fd = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);
    char text[16] = "";

    if (fd >= 0 && read(fd, text, sizeof(text) - 1) > 0 && text[0] == '-')
        (void)pwrite(fd, "0", 1, 0);
}

/* Brings up 127.0.0.1, for servers that are started to convert their own data. Fails in a container
 * without CAP_NET_ADMIN. */
static void raise_loopback(void)
{
    _cleanup_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};

    if (fd >= 0)
        (void)ioctl(fd, SIOCSIFFLAGS, &request);
}

void sandbox_init(const Setup *given)
{
    Setup setup = *given;
    Report what = {};
    char go;
    pid_t pid;

    /* pass_on() signals every process that it can see, so it must not see the host's processes. */
    if (getpid() != 1)
        sandbox_fail(&setup, 0, "not in a PID namespace");

    /* The kernel kills this process when the helper ends. If the helper has ended before this line,
     * there is no byte to read. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        sandbox_fail(&setup, errno, "prctl(PR_SET_PDEATHSIG)");
    if (read(setup.go_fd, &go, 1) != 1)
        _exit(EXIT_FAILURE);

    /* A new session has no terminal: Ctrl-C must reach only the helper, which then ends the
     * script. */
    (void)setsid();
    /* SIGTERM was blocked until now, because the kernel drops signals to PID 1 of a namespace that
     * are not blocked or handled: the helper would wait in vain. */
    reset_signals(SIGTERM, pass_on);
    if (chdir("/") < 0)
        sandbox_fail(&setup, errno, "cannot change to '/'");
    umask(0022);
    reset_oom_score();
    if (!setup.sandbox->open)
        raise_loopback();
    sandbox_mount_all(&setup);

    /* This process has more capabilities than any script and dumps no core, so no process in the
     * sandbox can trace it, or open descriptors in /proc/1 that lead outside. */
    if (prctl(PR_SET_DUMPABLE, 0) < 0)
        sandbox_fail(&setup, errno, "prctl(PR_SET_DUMPABLE)");

    pid = fork();
    if (pid < 0)
        sandbox_fail(&setup, errno, "cannot fork");
    if (pid == 0)
        script(&setup);
    started = 1;
    /* The pipes of the output must reach their end once the last process that writes has ended. */
    close(setup.output_fd);
    close(setup.error_fd);

    for (;;) {
        pid_t ended = waitpid(-1, &what.status, 0);

        if (ended == pid)
            break;
        if (ended < 0 && errno != EINTR)
            sandbox_fail(&setup, errno, "cannot wait");
    }
    snprintf(what.text, sizeof(what.text), "%s", places_full(setup.sandbox) ?: "");
    sandbox_report(&setup, &what);
    /* Now the kernel kills every process that is left in the namespace, in any session or group.
     * The helper can reap this process only after all of them are gone. */
    _exit(EXIT_SUCCESS);
}
