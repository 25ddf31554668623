/* SPDX-License-Identifier: MIT */
/* The processes inside: the first one, which reaps and whose end is the end of all others, and the
 * script it starts. Nothing in here returns to the helper; what is to be said goes through the
 * report pipe. */
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
    /* Filters of older container managers do not know the call. */
    directory = opendir("/proc/self/fd");
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        int fd = atoi(entry->d_name);

        if (fd >= first && fd != dirfd(directory))
            close(fd);
    }
}

/* Leaves 0, 1 and 2, and the report pipe at 3 until the script is executed. */
static void arrange_descriptors(Setup *setup)
{
    int input = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int *all[] = {&input, &setup->output_fd, &setup->error_fd, &setup->report_fd};

    /* Out of the way first: the helper may have been started with any of 0 to 3 closed. */
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

/* All to their defaults, with one exception, and unblocked. The script inherits it so: executing it
 * undoes the exception. */
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
    /* The helper's session keyring would be possessed, and so readable, inside. Where keyrings do
     * not exist or are closed to the whole container, the script has none either. */
    if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS &&
        errno != EPERM)
        sandbox_fail(setup, errno, "cannot make a session keyring");

    r = identity_assume(&setup->identity, &step);
    if (r < 0)
        sandbox_fail(setup, -r, "cannot become user %u: %s", (unsigned)setup->identity.uid, step);
    /* As that user: root may stand in directories which the script could not enter. */
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

static volatile sig_atomic_t started; /* there is a script */

/* The helper's way to ask nicely, since it cannot name the processes inside: all of them but this.
 * Before there is a script, and in a child that is not it yet, there is nobody to ask. */
static void pass_on(int signal)
{
    int saved = errno;

    if (!started || getpid() != 1)
        _exit(EXIT_FAILURE);
    (void)kill(-1, signal);
    (void)kill(-1, SIGCONT);
    errno = saved;
}

/* A service that is protected from the OOM killer protects no migration. */
static void reset_oom_score(void)
{
    _cleanup_close_ int fd = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);
    char text[16] = "";

    if (fd >= 0 && read(fd, text, sizeof(text) - 1) > 0 && text[0] == '-')
        (void)pwrite(fd, "0", 1, 0);
}

/* Servers that are started to convert their own data want 127.0.0.1. In a container without
 * CAP_NET_ADMIN they do without. */
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

    /* pass_on() signals everybody it can see, so it must not see the host. */
    if (getpid() != 1)
        sandbox_fail(&setup, 0, "not in a PID namespace");

    /* Dies with the helper. If that happened before the next line, there is no byte to read. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
        sandbox_fail(&setup, errno, "prctl(PR_SET_PDEATHSIG)");
    if (read(setup.go_fd, &go, 1) != 1)
        _exit(EXIT_FAILURE);

    /* Away from the helper's terminal: what is typed there is for the helper, which ends us in
     * order. */
    (void)setsid();
    /* SIGTERM has been blocked since before this process was made: the kernel would drop one that
     * an init neither blocks nor handles, and the helper wait in vain. */
    reset_signals(SIGTERM, pass_on);
    if (chdir("/") < 0)
        sandbox_fail(&setup, errno, "cannot change to '/'");
    umask(0022);
    reset_oom_score();
    if (!setup.sandbox->open)
        raise_loopback();
    sandbox_mount_all(&setup);

    /* With more capabilities than any script and no core to dump, this process cannot be traced
     * from inside, and so nothing of /proc/1 that leads outside (its descriptors) can be opened. */
    if (prctl(PR_SET_DUMPABLE, 0) < 0)
        sandbox_fail(&setup, errno, "prctl(PR_SET_DUMPABLE)");

    pid = fork();
    if (pid < 0)
        sandbox_fail(&setup, errno, "cannot fork");
    if (pid == 0)
        script(&setup);
    started = 1;
    /* The output pipes end with the processes that write to them. */
    close(setup.output_fd);
    close(setup.error_fd);

    for (;;) {
        pid_t ended = waitpid(-1, &what.status, 0);

        if (ended == pid)
            break;
        if (ended < 0 && errno != EINTR)
            sandbox_fail(&setup, errno, "cannot wait");
    }
    sandbox_report(&setup, &what);
    /* The kernel now kills every process left in the namespace, whatever session or group it is in,
     * and does not let the helper reap this one before all are gone. */
    _exit(EXIT_SUCCESS);
}
