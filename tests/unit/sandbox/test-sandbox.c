/* SPDX-License-Identifier: MIT */
/* The view that a script has in the sandbox, how it ends, and what it leaves. Skipped without
 * root. */
#include "sandbox/sandbox-fixture.h"
#include "sandbox/sandbox-probe.h"
#include "test.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <sys/xattr.h>

static volatile sig_atomic_t cancel;

static const char *content(const char *path)
{
    static char text[4096];
    _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

    text[n < 0 ? 0 : n] = '\0';
    return n < 0 ? "(missing)" : text;
}

/* --- the process ----------------------------------------------------------------------------- */

static void test_process(void)
{
    char *const exact[] = {"B=x y", "A=1", NULL}, *const program[] = {"/usr/bin/env", NULL};
    char *const self[] = {(char *)in(state, "probe"), "self", NULL};
    struct rlimit limit, lower;
    sigset_t blocked, before;
    int inherited, score, r;

    OK(SHELL("exit 7") == SANDBOX_EXITED && status == 7, "the exit status of a script is returned");
    OK(SHELL("kill -KILL $$") == SANDBOX_SIGNALED && status == SIGKILL,
       "the signal that ended a script is returned");
    OK(SHELL("kill -KILL 1; kill -INT 1; exit 3") == SANDBOX_EXITED && status == 3,
       "a script cannot kill the init of its sandbox");

    r = run_argv(&(Sandbox){.environment = exact}, program, NULL);
    OK(r == SANDBOX_EXITED && streq(printed.text ?: "", "B=x y\nA=1\n"),
       "a script has exactly the given environment");

    inherited = dup2(STDOUT_FILENO, 100);
    getrlimit(RLIMIT_NOFILE, &limit);
    lower = (struct rlimit){.rlim_cur = 333, .rlim_max = limit.rlim_max};
    setrlimit(RLIMIT_NOFILE, &lower);
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigprocmask(SIG_BLOCK, &blocked, &before);
    signal(SIGPIPE, SIG_IGN);
    umask(0077);

    r = run_argv(&(Sandbox){.user = "nobody"}, self, NULL);
    OK(r == SANDBOX_EXITED && status == 0, "a script of nobody can read its own status: %s",
       what ?: "");
    OK(said("Uid:\t65534\t65534\t65534\t65534\n"), "a script of nobody has only the ids of nobody");
    OK(said("CapPrm:\t0000000000000000\nCapEff:\t0000000000000000\nCapBnd:\t0000000000000000\n"
            "CapAmb:\t0000000000000000\nNoNewPrivs:\t1\n") &&
           said("CapInh:\t0000000000000000\n"),
       "a script of nobody has no capabilities and cannot gain any");
    OK(said("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n"),
       "the signals of a script are at their defaults");
    OK(said("fd 2\nnofile 333\n"), "a script has three descriptors, and inherits limits");
    OK(said("umask 0022\nleader 1 parent 1\n"), "a script has its own umask, session and parent");

    r = run_argv(&(Sandbox){.user = "0", .open = true}, self, NULL);
    OK(said("CapPrm:\t00000000000000eb\nCapEff:\t00000000000000eb\nCapBnd:\t00000000000000eb\n"
            "CapAmb:\t0000000000000000\nNoNewPrivs:\t1\n") &&
           said("CapInh:\t0000000000000000\n"),
       "a script of root has six capabilities and cannot gain more");
    r = run_argv(&(Sandbox){.user = "54321"}, self, NULL);
    OK(said("Uid:\t54321\t54321\t54321\t54321\nGid:\t54321\t54321\t54321\t54321\n"
            "Groups:\t54321 \n"),
       "a user id without a passwd entry is accepted");
    r = run_argv(&(Sandbox){.user = "54321", .group = "daemon"}, self, NULL);
    OK(said("Gid:\t1\t1\t1\t1\n"), "a script has the given group");
    (void)r;

    score = open("/proc/self/oom_score_adj", O_RDWR | O_CLOEXEC);
    if (score >= 0 && pwrite(score, "-100", 4, 0) == 4) {
        OK(SHELL("cat /proc/self/oom_score_adj") == SANDBOX_EXITED && streq(detail(), "0|"),
           "a script does not inherit protection from the OOM killer");
        (void)!pwrite(score, "0", 1, 0);
    } else
        SKIP("this process cannot lower its oom_score_adj");
    close(score);

    umask(0022);
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, &before, NULL);
    setrlimit(RLIMIT_NOFILE, &limit);
    close(inherited);

    OK(SHELL("pwd; cat; cat file", .user = "nobody") == SANDBOX_EXITED &&
           said(in(state, "\nclone")) == false && said(state) && said("\nclone"),
       "a script begins in the state, with an empty standard input");
}

static void test_setup_errors(void)
{
    char *missing[] = {"/no/such/script", NULL};
    char *const rw[] = {"/no/such/path", NULL};
    SandboxTree nowhere = {.path = "/no/such/state", .fd = open("/etc", O_PATH)};

    OK(run_argv(&(Sandbox){}, missing, NULL) == SANDBOX_SETUP &&
           streq(what, "cannot execute '/no/such/script': No such file or directory"),
       "a missing script is refused: %s", what);

    write_file(in(clone_at, "script"), "#!/no/such/interpreter\n");
    chmod(in(clone_at, "script"), 0755);
    OK(run_argv(&(Sandbox){}, (char *[]){(char *)in(state, "script"), NULL}, NULL) ==
               SANDBOX_SETUP &&
           strstr(what, "interpreter"),
       "a script with a missing interpreter is refused: %s", what);
    chmod(in(clone_at, "script"), 0644);
    OK(run_argv(&(Sandbox){}, (char *[]){(char *)in(state, "script"), NULL}, NULL) ==
               SANDBOX_SETUP &&
           endswith(what, "Permission denied"),
       "a script that is not executable is refused: %s", what);

    OK(SHELL("true", .user = "no-such-user") == SANDBOX_SETUP && strstr(what, "no-such-user"),
       "an unknown user is refused: %s", what);
    OK(SHELL("true", .group = "no-such-group") == SANDBOX_SETUP && strstr(what, "no-such-group"),
       "an unknown group is refused: %s", what);
    OK(SHELL("true", .user = "4294967295") == SANDBOX_SETUP, "the user id -1 is refused: %s", what);
    OK(SHELL("true", .read_write_paths = rw) == SANDBOX_SETUP && strstr(what, "/no/such/path"),
       "a missing path of read_write_paths is refused: %s", what);
    OK(SHELL("true", .trees = &nowhere, .n_trees = 1) == SANDBOX_SETUP &&
           strstr(what, "'/no/such/state': No such file"),
       "a missing tree is refused: %s", what);
    nowhere.path = "/etc/../etc";
    OK(SHELL("true", .trees = &nowhere, .n_trees = 1) == SANDBOX_SETUP,
       "a tree whose path has .. is refused: %s", what);
    nowhere.path = in(base, "planted");
    (void)!symlink("/etc", nowhere.path);
    OK(SHELL("true", .trees = &nowhere, .n_trees = 1) == SANDBOX_SETUP,
       "a link in the place of a tree is refused: %s", what);
    close(nowhere.fd);
}

/* --- output ---------------------------------------------------------------------------------- */

static void test_output(void)
{
    char *text = NULL;
    char *argv[] = {"/bin/sh", "-c", "echo out; echo err >&2; printf last", NULL};

    OK(SHELL("echo out; echo err >&2; printf last") == SANDBOX_EXITED &&
           streq(printed.text ?: "", "out\nerr\nlast\n"),
       "both output streams are returned line by line, in order");
    OK(run_argv(&(Sandbox){}, argv, &text) == SANDBOX_EXITED && streq(text, "out\nlast") &&
           streq(printed.text ?: "", "err\n"),
       "standard output can be collected apart from standard error");
    free(text);
    argv[2] = "head -c 200000 /dev/zero | tr '\\0' x; echo end >&2";
    OK(run_argv(&(Sandbox){}, argv, &text) == SANDBOX_EXITED && strlen(text) == 65536 &&
           said("end"),
       "collected output is cut at 64 KiB without blocking the script");
    free(text);
    OK(SHELL("head -c 5000 /dev/zero | tr '\\0' x") == SANDBOX_EXITED && printed.length == 5002 &&
           printed.text[4096] == '\n',
       "an over-long line is returned in pieces");
    OK(SHELL("printf 'a\\0b\\033[1m\\n'") == SANDBOX_EXITED &&
           streq(printed.text ?: "", "a b\033[1m\n"),
       "a NUL becomes a blank, and control characters stay");
    OK(SHELL("exec >&- 2>&-; sleep 0.3; touch after; exit 3") == SANDBOX_EXITED && status == 3 &&
           exists(in(clone_at, "after")),
       "a script that closes its output continues to run");
    OK(SHELL("sleep 1000 & echo started") == SANDBOX_EXITED && status == 0 && seconds < 3 &&
           said("started"),
       "a background process does not delay the end of a script");
}

/* --- the end --------------------------------------------------------------------------------- */

static bool unlocked(void)
{
    _cleanup_close_ int fd = open(in(clone_at, "lock"), O_RDWR | O_CLOEXEC);

    return fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) >= 0;
}

static void on_alarm(int signal)
{
    cancel = 1;
}

static void on_line(const char *line, void *fd)
{
    (void)!write(*(int *)fd, line, 1);
}

static void test_end(void)
{
    char *const daemon[] = {(char *)in(state, "probe"), "daemon", (char *)in(state, "lock"), NULL};
    char *const hold[] = {(char *)in(state, "probe"), "hold", (char *)in(state, "lock"), NULL};
    struct itimerval soon = {.it_value.tv_usec = 300000};
    int ready[2], wait_status, fd;
    char byte;
    pid_t helper;

    OK(run_argv(&(Sandbox){}, daemon, NULL) == SANDBOX_EXITED && status == 0 &&
           exists(in(clone_at, "lock")),
       "a script can start a daemon");
    OK(unlocked(), "a daemon is dead when its script has ended");

    OK(SHELL("trap 'echo asked; exit 0' TERM; while :; do sleep 0.05; done",
             .timeout_usec = 300000) == SANDBOX_TIMEOUT &&
           said("asked") && seconds > 0.29 && seconds < 3,
       "a script that is out of time gets SIGTERM first (%.1f s)", seconds);
    OK(run_argv(&(Sandbox){.timeout_usec = 300000}, hold, NULL) == SANDBOX_TIMEOUT && seconds > 5 &&
           seconds < 7 && unlocked(),
       "a script that ignores SIGTERM is killed (%.1f s): %s", seconds, detail());
    OK(SHELL("yes", .timeout_usec = 200000) == SANDBOX_TIMEOUT && seconds < 4,
       "a script with endless output runs out of time");

    sigaction(SIGALRM, &(struct sigaction){.sa_handler = on_alarm}, NULL);
    setitimer(ITIMER_REAL, &soon, NULL);
    OK(SHELL("sleep 1000", .cancel = &cancel) == SANDBOX_CANCELED && seconds < 3,
       "a running script can be cancelled");
    OK(SHELL("sleep 1000", .cancel = &cancel) == SANDBOX_CANCELED && seconds < 1,
       "a script can be cancelled before it begins (%.1f s)", seconds);

    if (pipe2(ready, O_CLOEXEC) < 0)
        abort();
    helper = fork();
    if (helper == 0) {
        SandboxTree tree = {.path = state, .fd = open(clone_at, O_PATH)};
        Sandbox s = {.trees = &tree,
                     .n_trees = 1,
                     .user = "root",
                     .timeout_usec = UINT64_MAX,
                     .line = on_line,
                     .userdata = &ready[1]};

        _exit(sandbox_run(&s, hold, NULL, &(int){0}, NULL));
    }
    close(ready[1]);
    OK(read(ready[0], &byte, 1) == 1 && !unlocked(), "a script runs while its helper runs");
    kill(helper, SIGKILL);
    waitpid(helper, &wait_status, 0);
    fd = open(in(clone_at, "lock"), O_RDWR | O_CLOEXEC);
    soon.it_value = (struct timeval){.tv_sec = 5};
    setitimer(ITIMER_REAL, &soon, NULL);
    OK(flock(fd, LOCK_EX) >= 0, "a script dies with its helper");
    setitimer(ITIMER_REAL, &(struct itimerval){}, NULL);
    close(fd);
    close(ready[0]);
}

/* --- the trees ------------------------------------------------------------------------------- */

static void test_trees(void)
{
    const char *poke = "echo new > file; echo new > made; mkdir d; mv d e; cat file; cat made";
    char *const hidden[] = {(char *)in(base, "hidden"), (char *)in(state, "inside"), "/no/such",
                            NULL};
    char *const rw[] = {(char *)in(base, "rw"), (char *)in(base, "rw-file"), NULL};
    struct stat before, after;
    SandboxTree below;
    char names[256];

    mkdir(in(base, "rw"), 0777);
    chmod(in(base, "rw"), 0777);
    write_file(in(base, "rw-file"), "old");
    mkdir(in(clone_at, "inside"), 0755);
    write_file(in(clone_at, "inside/file"), "");
    mkdir(in(base, "hidden/state"), 0755);

    for (int root = 0; root < 2; root++) {
        const char *user = root ? "root" : "nobody";

        write_file(in(clone_at, "file"), "clone");
        unlink(in(clone_at, "made"));
        rmdir(in(clone_at, "e"));

        stat(in(clone_at, "file"), &before);
        OK(SHELL(poke, .user = user, .access = SANDBOX_READ_ONLY) == SANDBOX_EXITED &&
               said("Read-only file system") && said("\nclone"),
           "%s: a script cannot write to a read-only tree", user);
        OK(streq(content(in(clone_at, "file")), "clone") && !exists(in(clone_at, "made")) &&
               !exists(in(clone_at, "e")),
           "%s: a read-only tree is unchanged", user);

        OK(SHELL(poke, .user = user, .access = SANDBOX_THROWAWAY) == SANDBOX_EXITED &&
               said("new\nnew") && !said("Read-only"),
           "%s: a script can write to a throwaway tree: %s", user, detail());
        stat(in(clone_at, "file"), &after);
        OK(streq(content(in(clone_at, "file")), "clone") && !exists(in(clone_at, "made")) &&
               !exists(in(clone_at, "e")) && before.st_mtim.tv_nsec == after.st_mtim.tv_nsec &&
               before.st_ctim.tv_nsec == after.st_ctim.tv_nsec,
           "%s: a throwaway tree is unchanged", user);

        OK(SHELL(poke, .user = user) == SANDBOX_EXITED && said("new\nnew"),
           "%s: a script can write to a writable tree: %s", user, detail());
        OK(streq(content(in(clone_at, "file")), "new\n") &&
               streq(content(in(clone_at, "made")), "new\n"),
           "%s: a writable tree has the changes of the script", user);
        OK(streq(content(in(state, "file")), "original") && !exists(in(state, "made")),
           "%s: the original has no changes of the script", user);

        SHELL("for f in ../neighbour/file ../clone/file /etc/x ../x ../rw/x ../rw-file; do echo x "
              "> $f && echo "
              "wrote $f; done",
              .user = user, .read_write_paths = rw);
        OK(!said("wrote ../neigh") && !said("wrote ../clone") && !said("wrote /etc") &&
               !said("wrote ../x") && said("wrote ../rw/x") && (!root || said("wrote ../rw-file")),
           "%s: only read_write_paths are writable outside of the tree: %s", user, detail());
        unlink(in(base, "rw/x"));
    }
    OK(listxattr(clone_at, names, sizeof(names)) <= 0 ||
           !memmem(names, sizeof(names), "overlay", 7),
       "a throwaway tree has no mark of overlayfs");

    stat(in(clone_at, "file"), &before);
    for (int access = SANDBOX_READ_ONLY; access <= SANDBOX_THROWAWAY; access++)
        SHELL("cat file; ls -R", .access = (SandboxAccess)access);
    stat(in(clone_at, "file"), &after);
    OK(before.st_atim.tv_nsec == after.st_atim.tv_nsec,
       "reading a tree does not change its access times");

    OK(SHELL("ls inside ../hidden; echo end; ls -d ../clone", .hidden_paths = hidden) ==
               SANDBOX_EXITED &&
           !said("file") && said("end"),
       "hidden paths are empty, even inside the state");
    below = (SandboxTree){.path = in(base, "hidden/state"), .fd = open(clone_at, O_PATH)};
    OK(SHELL("ls ..; cat file", .trees = &below, .n_trees = 1, .hidden_paths = hidden) ==
               SANDBOX_EXITED &&
           said("state\nnew"),
       "a tree can be in a hidden path: %s", detail());
    below.path = "/tmp/new/place";
    OK(SHELL("cat /tmp/new/place/file", .trees = &below, .n_trees = 1) == SANDBOX_EXITED &&
           said("new") && !exists("/tmp/new/place"),
       "a tree can be in a private directory: %s", detail());
    close(below.fd);
}

/* The kernel stacks not more than two overlays. */
static void test_overlay_refused(void)
{
    _cleanup_free_ char *options =
        strprintf("lowerdir=%s:%s", in(base, "neighbour"), in(base, "hidden"));
    const char *at = in(base, "overlay");
    SandboxTree tree = {.path = in(base, "neighbour")};

    mkdir(at, 0755);
    for (int depth = 0; depth < 2; depth++) {
        if (mount("test", at, "overlay", 0, options) < 0) {
            SKIP("this system cannot mount an overlay: %s", strerror(errno));
            return;
        }
        if (strreplacef(&options, "lowerdir=%s:%s", at, in(base, "rw")) < 0)
            abort();
    }
    tree.fd = open(at, O_PATH | O_DIRECTORY);
    OK(SHELL("echo x > file; cat file", .trees = &tree, .n_trees = 1,
             .access = SANDBOX_THROWAWAY) == SANDBOX_EXITED &&
           said("Read-only file system"),
       "without an overlay a throwaway tree is read-only: %s", detail());
    close(tree.fd);
    umount(at);
    umount(at);
}

/* Entries that overlayfs would take for its own marks: the tree is shown as it is, read-only. */
static void test_overlay_misreads(void)
{
    struct {
        const char *name, *attribute, *value;
    } marks[] = {{"neighbour/gone", NULL, NULL},
                 {"neighbour/deep/gone", NULL, NULL},
                 {"neighbour/file", "trusted.overlay.metacopy", ""},
                 {"neighbour/deep", "trusted.overlay.opaque", "x"},
                 {"neighbour/deep", "user.overlay.redirect", "elsewhere"}};
    SandboxTree tree = {.path = in(base, "neighbour")};

    mkdir(in(base, "neighbour/deep"), 0755);
    write_file(in(base, "neighbour/deep/file"), "deep\n");
    tree.fd = open(tree.path, O_PATH | O_DIRECTORY);
    OK(SHELL("echo x > new && cat deep/file", .trees = &tree, .n_trees = 1,
             .access = SANDBOX_THROWAWAY) == SANDBOX_EXITED &&
           status == 0 && said("deep"),
       "a throwaway tree without marks of overlayfs is writable: %s", detail());
    for (size_t i = 0; i < ELEMENTSOF(marks); i++) {
        const char *path = in(base, marks[i].name);
        int r = marks[i].attribute
                    ? setxattr(path, marks[i].attribute, marks[i].value, strlen(marks[i].value), 0)
                    : mknod(path, S_IFCHR | 0600, 0);

        if (r < 0) {
            SKIP("this system cannot make %s: %s", path, strerror(errno));
            continue;
        }
        OK(SHELL("[ $(stat -c %F gone deep/gone 2>&1 | grep -c ^char) = $(ls . deep | grep -c "
                 "gone) ] && cat deep/file && ! echo x 2>&1 > new",
                 .trees = &tree, .n_trees = 1, .access = SANDBOX_THROWAWAY) == SANDBOX_EXITED &&
               status == 0 && said("deep\n") && said("so it is read-only") &&
               said(strchr(marks[i].name, '/') + 1) && said("Read-only file system"),
           "a script sees the mark %s %s unchanged, in a read-only tree: %s", marks[i].name,
           marks[i].attribute ?: "", detail());
        if (marks[i].attribute)
            removexattr(path, marks[i].attribute);
        else
            unlink(path);
    }
    close(tree.fd);
}

/* --- private places -------------------------------------------------------------------------- */

/* Temporary files lie in the caller's directory, and what is in memory is limited. */
static void test_temporary(void)
{
    const char *directory = in(base, "temporary");
    const int fd = mkdir(directory, 0700) == 0 && chmod(directory, 01777) == 0
                       ? open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
                       : -1;

    OK(fd >= 0 &&
           SHELL(
               "id -u > /tmp/one; cat /var/tmp/one > /var/tmp/two; stat -f -c %i /tmp . | uniq | wc -l",
               .user = "54321", .temporary_fd = &fd) == SANDBOX_EXITED &&
           said("1\n") && exists(in(directory, "one")) && exists(in(directory, "two")),
       "/tmp and /var/tmp are a directory of the caller: %s", detail());
    OK(SHELL("mount -o remount,dev /tmp; mknod /tmp/zero c 1 5; head -c1 /tmp/zero",
             .temporary_fd = &fd) == SANDBOX_EXITED &&
           status != 0,
       "a device in it cannot be opened: %s", detail());
    close(fd);
    OK(SHELL("for d in /tmp /var/tmp /run /dev/shm; do df -k --output=size $d | tail -n1; done; "
             "awk '$1 == \"MemTotal:\" { print $2 }' /proc/meminfo") == SANDBOX_EXITED,
       "a script prints the sizes of the file systems in memory: %s", detail());
    {
        unsigned long long size[5] = {};
        int n = sscanf(printed.text ?: "", "%llu%llu%llu%llu%llu", size, size + 1, size + 2,
                       size + 3, size + 4);

        OK(n == 5 && size[0] <= size[4] / 10 + 8 && size[1] <= size[4] / 10 + 8 &&
               size[2] <= size[4] / 10 + 8,
           "/tmp, /var/tmp and /run may take a tenth of the memory each: %s", detail());
        OK(n == 5 && size[3] <= size[4] / 2 + 8, "/dev/shm may take half of the memory: %s",
           detail());
    }
    OK(SHELL("fallocate -l $(df -B1 --output=avail /dev/shm | tail -n1) /dev/shm/all; exit 3") ==
               SANDBOX_EXITED &&
           status == 3 && what && streq(what, "/dev/shm"),
       "a file system in memory that is full at the end is named: %s", detail());
    OK(SHELL("exit 3") == SANDBOX_EXITED && !what, "otherwise none is named: %s", detail());
}

static void test_places(void)
{
    const char *link = "/run/sandbox-test-store", *other = "/run/sandbox-test-other";
    const char *credentials = "/run/credentials/sandbox-test.service",
               *foreign = "/run/credentials/sandbox-test-other.service";
    char *const loopback[] = {(char *)in(state, "probe"), "attack", "tcp:1", NULL};
    char *names[] = {"/tmp", "/var/tmp", "/dev/shm", "/run", NULL};

    STRV_FOREACH (name, names) {
        const char *marker = in(*name, "sandbox-test-host");
        _cleanup_free_ char *code =
            strprintf("ls %s; echo x > %s/sandbox-test-inside && echo wrote", *name, *name);

        write_file(marker, "");
        OK(SHELL(code) == SANDBOX_EXITED && !said("sandbox-test-host") && said("wrote"),
           "%s is private", *name);
        OK(!exists(in(*name, "sandbox-test-inside")), "%s of the host is unchanged", *name);
        unlink(marker);
    }
    test_temporary();
    OK(SHELL("stat -c %a /tmp /var/tmp /dev/shm /run/lock | sort -u", .user = "nobody") ==
               SANDBOX_EXITED &&
           streq(printed.text ?: "", "1777\n"),
       "every user can write to the shared temporary directories");
    OK(SHELL("cd /dev; echo *; head -c 8 zero | wc -c; head -c 8 urandom | wc -c; echo x > null; "
             "echo x > full;"
             "touch y; echo via > stdout; echo via > stderr; ls pts",
             .user = "nobody") == SANDBOX_EXITED &&
           said("fd full null ptmx pts random shm stderr stdin stdout tty urandom zero\n8\n8\n") &&
           said("I/O error") && said("via\nvia\nptmx\n") && !exists("/dev/y"),
       "/dev is private, and its devices work: %s", detail());
    OK(SHELL("touch /dev/y") == SANDBOX_EXITED && said("Read-only file system"),
       "root cannot add a device to /dev");
    OK(SHELL("cd /proc; echo [0-9]*") == SANDBOX_EXITED && streq(detail(), "1 2|"),
       "/proc has only the processes of the sandbox: %s", detail());
    if (prctl(PR_CAPBSET_READ, CAP_NET_ADMIN) == 1)
        OK(run_argv(&(Sandbox){}, loopback, NULL) == SANDBOX_EXITED &&
               atoi(detail()) == ECONNREFUSED,
           "a sandbox has its own loopback without listeners: %s", detail());
    else
        SKIP("this process has no CAP_NET_ADMIN for a loopback");

    mkdir("/run/systemd", 0755);
    if (mkdir("/run/systemd/resolve", 0755) >= 0 || errno == EEXIST) {
        write_file("/run/systemd/resolve/sandbox-test", "");
        SHELL("cd /run/systemd; echo *; echo resolve/sand*; touch x resolve/x", .open = true);
        OK(said("resolve\nresolve/sandbox-test\n") && !exists("/run/systemd/resolve/x") &&
               !exists("/run/systemd/x"),
           "an open sandbox has only the files of the resolver in /run/systemd: %s", detail());
        unlink("/run/systemd/resolve/sandbox-test");
        rmdir("/run/systemd/resolve");
    }

    (void)!symlink("/nix/store/sandbox-test", link);
    (void)!symlink("/etc", other);
    SHELL("readlink /run/sandbox-test-store; ls /run");
    OK(said("/nix/store/sandbox-test\n") && !said("other"),
       "links into the Nix store stay visible in /run");
    unlink(link), unlink(other);

    mkdir("/run/credentials", 0755);
    mkdir(credentials, 0700);
    mkdir(foreign, 0700);
    write_file(in(credentials, "secret"), "geheim\n");
    write_file(in(foreign, "secret"), "fremd\n");
    setenv("CREDENTIALS_DIRECTORY", credentials, 1);
    for (int open_too = 0; open_too < 2; open_too++) {
        SHELL("cd /run/credentials; ls; cd sandbox-test.service; cat secret; stat -c '%a %U' . "
              "secret; touch x",
              .user = "nobody", .open = open_too);
        OK(said("sandbox-test.service\ngeheim\n500 nobody\n400 nobody\n") && !said("other") &&
               said("Read-only"),
           "%s sandbox: a script sees only the credentials of its unit: %s",
           open_too ? "open" : "closed", detail());
    }
    unsetenv("CREDENTIALS_DIRECTORY");
    unlink(in(credentials, "secret")), unlink(in(foreign, "secret"));
    rmdir(credentials), rmdir(foreign);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return probe_main(argc, argv);
    if (geteuid() != 0) {
        SKIP("this test needs root");
        return tests_done();
    }
    fixture_unshare();
    fixture_make();
    test_process();
    test_setup_errors();
    test_output();
    test_end();
    test_trees();
    test_overlay_refused();
    test_overlay_misreads();
    test_places();
    fixture_remove();
    return tests_done();
}
