/* SPDX-License-Identifier: MIT */
/* Attacks from inside the sandbox. Every attack is first made outside, as root in a mount namespace
 * of its own, to show that it would succeed; then inside, as root and as nobody, closed and open.
 * Skipped without root. */
#include "sandbox/sandbox-fixture.h"
#include "sandbox/sandbox-probe.h"
#include "test.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>

/* The result of probe_attack() outside, as root. */
static int control(const char *attack)
{
    pid_t pid = fork();
    int wait_status;

    if (pid == 0) {
        if (unshare(CLONE_NEWNS | CLONE_NEWUTS) < 0 ||
            mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
            _exit(255);
        _exit(probe_attack(attack));
    }
    return waitpid(pid, &wait_status, 0) == pid && WIFEXITED(wait_status) ? WEXITSTATUS(wait_status)
                                                                          : 254;
}

static int listen_at(int family, const void *address, socklen_t size)
{
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || bind(fd, address, size) < 0 || listen(fd, 64) < 0) {
        printf("# cannot listen: %s\n", strerror(errno));
        return -1;
    }
    return fd;
}

static int listen_unix(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    bool abstract = name[0] == '@';
    int fd;

    memcpy(address.sun_path + abstract, name + abstract, strlen(name + abstract));
    unlink(name);
    fd = listen_at(AF_UNIX, &address,
                   (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name)));
    if (!abstract)
        chmod(name, 0777);
    return fd;
}

/* A process of the host, with a number that no process inside will have. */
static pid_t start_victim(void)
{
    for (;;) {
        pid_t pid = fork();

        if (pid == 0)
            for (;;)
                pause();
        if (pid > 100)
            return pid;
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
    }
}

/* A process of the host that listens at a path in namespaces of its own. */
static pid_t start_listener(int namespaces, const char *path)
{
    int ready[2];
    char byte;
    pid_t pid;

    if (pipe2(ready, O_CLOEXEC) < 0)
        abort();
    pid = fork();
    if (pid == 0) {
        if (unshare(namespaces) < 0 ||
            (namespaces == CLONE_NEWNS &&
             (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
              mount(in(base, "neighbour"), in(base, "hidden"), NULL, MS_BIND, NULL) < 0)) ||
            listen_unix(path) < 0)
            _exit(1);
        (void)!write(ready[1], "", 1);
        for (;;)
            pause();
    }
    close(ready[1]);
    if (read(ready[0], &byte, 1) != 1)
        printf("# no listener at %s\n", path);
    close(ready[0]);
    return pid;
}

static char *find_block_device(void)
{
    _cleanup_closedir_ DIR *dev = opendir("/dev");
    struct stat st;

    for (struct dirent *e; dev && (e = readdir(dev));)
        if (fstatat(dirfd(dev), e->d_name, &st, AT_SYMLINK_NOFOLLOW) >= 0 && S_ISBLK(st.st_mode))
            return strprintf("/dev/%s", e->d_name);
    return strdup("/dev/none");
}

static void test_attacks(void)
{
    _cleanup_strv_ char **attacks = NULL, **argv = NULL;
    _cleanup_free_ char *block = find_block_device();
    struct sockaddr_in lo = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t lo_size = sizeof(lo);
    bool initctl = mkfifo("/run/initctl", 0600) == 0;
    int initctl_fd = open("/run/initctl", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    int run_fd, own_fd, user_fd, declared_fd, private_fd, bus_fd, other_fd, abstract_fd, tcp_fd,
        shm, n = 0;
    pid_t victim = start_victim();
    key_t key = 0x5d000000 | getpid();
    char *name = strprintf("sandbox-test-%d", (int)getpid()), *run, *manager, *bus, *abstract,
         *own = strprintf("/run/%s-own.sock", name), *user = strprintf("/run/%s.user", name),
         *declared = strprintf("/run/%s.declared", name);
    long keyring = syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
    static const char *const elsewhere[] = {"relative", "renamed", "netns", "mntns", "fifo"};
    bool possible[96];
    char own_name[64];

    snprintf(own_name, sizeof(own_name), "%s-own", name);

    mkdir("/run/systemd", 0755);
    mkdir("/run/dbus", 0755);
    run_fd = listen_unix(run = strprintf("/run/%s", name));
    own_fd = listen_unix(own);
    user_fd = listen_unix(user);
    (void)!chown(user, 65534, 65534);
    declared_fd = listen_unix(declared);
    private_fd = listen_unix(manager = strprintf("/run/systemd/%s", name));
    bus_fd = listen_unix(bus = strprintf("/run/dbus/%s", name));
    other_fd = listen_unix(in(base, "neighbour/socket"));
    if (chdir(in(base, "neighbour")) < 0)
        abort();
    int more_fds[] = {listen_unix("relative"), listen_unix("before"),
                      0 * mkfifo("fifo", 0666) + open("fifo", O_RDWR | O_CLOEXEC)};
    pid_t listeners[] = {start_listener(CLONE_NEWNET, in(base, "neighbour/netns")),
                         start_listener(CLONE_NEWNS, in(base, "hidden/mntns"))};

    rename("before", "renamed");
    chmod("fifo", 0666);
    abstract_fd = listen_unix(abstract = strprintf("@%s", name));
    tcp_fd = listen_at(AF_INET, &lo, lo_size);
    (void)getsockname(tcp_fd, (struct sockaddr *)&lo, &lo_size);
    shm = shmget(key, 4096, IPC_CREAT | 0666);
    mknod(in(base, "null"), S_IFCHR | 0666, makedev(1, 3));
    chmod(in(base, "null"), 0666);

    const char *const fixed[] = {
        "mount",
        "remount:/",
        "remount:/proc",
        "setattr:/",
        "umount:/proc",
        "fsopen",
        "write:/proc/sys/kernel/core_pattern",
        "write:/proc/sysrq-trigger",
        "write:/proc/irq/default_smp_affinity",
        "write:/proc/self/oom_score_adj",
        "write:/sys/kernel/mm/transparent_hugepage/enabled",
        "init:root",
        "init:fd/0",
        "trace-init",
        "read:/proc/keys",
        "read:/dev/kmsg",
        "chmod:/dev/null",
        "chmod:/proc/self/fd/0",
        "write:/etc/passwd",
        "write:/run/initctl",
        "handle:/etc",
        "chroot:/etc",
        "setns:/proc/self/ns/uts",
        "unshare-mount",
        "unshare-user",
        "clone-user",
        "clone3-user",
#ifdef __x86_64__
        "i386-unshare",
        "x32-unshare",
#endif
        "module",
        "bpf",
        "perf",
        "io_uring",
        "hostname",
        "clock",
        "family:38", /* AF_ALG */
        "family:40", /* AF_VSOCK */
    };
    for (size_t i = 0; i < ELEMENTSOF(fixed); i++)
        n |= strv_append(&attacks, fixed[i]);
    n |= strv_consume(&attacks, strprintf("mknod:%s/node", state));
    n |= strv_consume(&attacks, strprintf("setcap:%s/file", state));
    for (const char *way = "usfaAogc2mtw"; *way; way++)
        n |= strv_consume(&attacks,
                          strprintf("setid:%c%s/%s", *way, state, *way == 'w' ? "setuid" : "made"));
    n |= strv_consume(&attacks, strprintf("read:%s/null", base));
    n |= strv_consume(&attacks, strprintf("read:%s", block));
    n |= strv_consume(&attacks, strprintf("write:%s/neighbour/file", base));
    n |= strv_consume(&attacks, strprintf("list:%s/hidden", base));
    n |= strv_consume(&attacks, strprintf("kill:%d", (int)victim));
    n |= strv_consume(&attacks, strprintf("ptrace:%d", (int)victim));
    n |= strv_consume(&attacks, strprintf("keyring:%ld", keyring));
    n |= strv_consume(&attacks, strprintf("unix:%s", manager));
    n |= strv_consume(&attacks, strprintf("unix:%s", bus));
    n |= strv_consume(&attacks, strprintf("unix:%s", run));
    n |= strv_consume(&attacks, strprintf("unix:%s", own));
    n |= strv_consume(&attacks, strprintf("unix:%s", user));
    n |= strv_consume(&attacks, strprintf("unix:%s", declared));
    n |= strv_consume(&attacks, strprintf("unix:%s", in(base, "neighbour/socket")));
    for (size_t i = 0; i < ELEMENTSOF(elsewhere); i++)
        n |= strv_consume(&attacks, strprintf("%s:%s/neighbour/%s",
                                              streq(elsewhere[i], "fifo") ? "write" : "unix", base,
                                              elsewhere[i]));
    n |= strv_consume(&attacks, strprintf("unix:%s", abstract));
    n |= strv_consume(&attacks, strprintf("tcp:%d", ntohs(lo.sin_port)));
    n |= strv_consume(&attacks, strprintf("shm:%d", (int)key));
    n |= strv_append(&argv, in(state, "probe"));
    n |= strv_append(&argv, "attack");
    STRV_FOREACH (a, attacks)
        n |= strv_append(&argv, *a);
    if (n < 0)
        abort();

    write_file(in(state, "setuid"), "");
    chmod(in(state, "setuid"), 04755);
    for (size_t i = 0; attacks[i]; i++) {
        int r = control(attacks[i]);

        possible[i] = r == 0;
        if (r != 0)
            printf("# %s is not possible here even outside: %s\n", attacks[i], strerror(r));
    }

    for (int open_too = 0; open_too < 2; open_too++)
        for (int root = 0; root < 2; root++) {
            Sandbox s = {.user = root ? "root" : "nobody",
                         .open = open_too,
                         .access = open_too ? SANDBOX_READ_ONLY : SANDBOX_WRITABLE,
                         .run_names = (char *[]){own_name, NULL},
                         .read_write_paths = open_too ? (char *[]){declared, NULL} : NULL,
                         .hidden_paths = (char *[]){(char *)in(base, "hidden"), NULL}};
            size_t i = 0;
            int r;

            write_file(in(clone_at, "setuid"), "");
            chmod(in(clone_at, "setuid"), 04755);
            r = run_argv(&s, argv, NULL);

            OK(r == SANDBOX_EXITED && status == 0, "the program with the attacks runs as %s: %s",
               s.user, what ?: "");
            for (char *line = printed.text; line && *line; i++) {
                char *end = strchr(line, '\n'), *attack;
                long result = strtol(line, &attack, 10);

                *end = '\0';
                attack++;
                bool allowed =
                    open_too && (startswith(attack, "tcp:") || endswith(attack, "/fifo") ||
                                 startswith(attack, "shm:") || startswith(attack, "unix:@") ||
                                 (startswith(attack, "unix:") &&
                                  (streq(attack + 5, own) || streq(attack + 5, user) ||
                                   streq(attack + 5, declared) || strstr(attack, "/neighbour/"))));
                if (!possible[i] && result != 0)
                    SKIP("%s is not possible outside of the sandbox either", attack);
                else if (allowed)
                    OK(result == 0, "open sandbox, %s: %s works", s.user, attack);
                else if (streq(attack, "clone3-user"))
                    OK(result == ENOSYS,
                       "%s sandbox, %s: clone3() gives ENOSYS, so programs fall back to clone()",
                       open_too ? "open" : "closed", s.user);
                else
                    OK(result != 0, "%s sandbox, %s: %s is refused (%s)",
                       open_too ? "open" : "closed", s.user, attack, strerror((int)result));
                line = end + 1;
            }
            OK(i == strv_length(attacks), "all %zu attacks were made", strv_length(attacks));
        }
    for (size_t i = 0; i < ELEMENTSOF(more_fds); i++)
        close(more_fds[i]);
    for (size_t i = 0; i < ELEMENTSOF(listeners); i++) {
        kill(listeners[i], SIGKILL);
        waitpid(listeners[i], NULL, 0);
    }
    close(initctl_fd);
    if (initctl)
        unlink("/run/initctl");
    OK(kill(victim, 0) == 0 && waitpid(victim, NULL, WNOHANG) == 0,
       "the process outside of the sandbox survives the attacks");
    kill(victim, SIGKILL);
    waitpid(victim, NULL, 0);
    shmctl(shm, IPC_RMID, NULL);
    close(run_fd), close(own_fd), close(user_fd), close(declared_fd), close(private_fd),
        close(bus_fd), close(other_fd), close(abstract_fd), close(tcp_fd);
    unlink(run), unlink(own), unlink(user), unlink(declared), unlink(manager), unlink(bus),
        unlink(in(base, "null"));
    free(run), free(own), free(user), free(declared), free(manager), free(bus), free(abstract),
        free(name);
}

int main(int argc, char **argv)
{
    char hostname[2][256] = {};
    size_t size;

    if (argc > 1)
        return probe_main(argc, argv);
    if (geteuid() != 0) {
        SKIP("this test needs root");
        return tests_done();
    }
    fixture_unshare();
    fixture_make();
    _cleanup_free_ char *before = NULL, *after = NULL, *file = NULL;

    (void)gethostname(hostname[0], sizeof(hostname[0]) - 1);
    if (read_file_at(-1, "/proc/self/mountinfo", 1 << 20, &before, &size) < 0)
        abort();
    test_attacks();
    (void)gethostname(hostname[1], sizeof(hostname[1]) - 1);
    if (read_file_at(-1, "/proc/self/mountinfo", 1 << 20, &after, &size) < 0 ||
        read_file_at(-1, in(base, "neighbour/file"), 100, &file, &size) < 0)
        abort();
    OK(streq(hostname[0], hostname[1]), "the hostname is unchanged after the attacks");
    OK(streq(before, after), "the mounts of the host are unchanged after the attacks");
    OK(streq(file, "neighbour"), "the file outside of the state is unchanged after the attacks");
    fixture_remove();
    return tests_done();
}
