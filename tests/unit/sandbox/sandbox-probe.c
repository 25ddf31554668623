/* SPDX-License-Identifier: MIT */
/* The attacks that a sandbox must withstand, and the view that a process has of itself. Each attack
 * is the smallest step that proves access (a file is opened for writing, but not written), so that
 * the attack can first be made outside. */
#include "sandbox/sandbox-probe.h"
#include "basic/util.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/timex.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#define RESULT(x) ((x) < 0 ? errno : 0)
/* For calls with arguments that are not valid: only a missing privilege counts as refused. */
#define PRIVILEGED(x) ((x) < 0 && (errno == EPERM || errno == EACCES) ? errno : 0)

static int try_open(const char *path, int flags)
{
    _cleanup_close_ int fd = open(path, flags | O_CLOEXEC);

    return RESULT(fd);
}

static int try_mount(const char *unused)
{
    return RESULT(mount("none", "/etc", "tmpfs", 0, NULL));
}
static int try_remount(const char *path)
{
    return RESULT(mount(NULL, path, NULL, MS_REMOUNT | MS_BIND, NULL));
}
static int try_setattr(const char *path)
{
    uint64_t attributes[4] = {0, 1 /* MOUNT_ATTR_RDONLY */};

    return RESULT(syscall(442, AT_FDCWD, path, 0, attributes, sizeof(attributes)));
}
static int try_umount(const char *path)
{
    return RESULT(umount2(path, MNT_DETACH));
}
static int try_fsopen(const char *unused)
{
    return RESULT(syscall(430, "tmpfs", 0));
}
static int try_mknod(const char *path)
{
    int r = RESULT(mknod(path, S_IFBLK | 0600, makedev(7, 0)));

    if (r == 0)
        unlink(path);
    return r;
}
static int try_read(const char *path)
{
    return try_open(path, O_RDONLY);
}
static int try_write(const char *path)
{
    return try_open(path, O_WRONLY);
}
static int try_list(const char *path)
{
    _cleanup_closedir_ DIR *directory = opendir(path);
    int n = 0;

    if (!directory)
        return errno;
    while (readdir(directory))
        n++;
    return n > 2 ? 0 : ENOENT; /* empty: hidden */
}
/* A link to the root, or to an open file, of the sandbox's init; outside, of the parent process. */
static int try_init(const char *entry)
{
    _cleanup_free_ char *path =
        strprintf("/proc/%d/%s", getenv("INSIDE") ? 1 : (int)getppid(), entry);
    char target[4096];

    return RESULT(readlink(path, target, sizeof(target)));
}
static int try_trace_init(const char *unused)
{
    return RESULT(ptrace(PTRACE_SEIZE, getenv("INSIDE") ? 1 : getppid(), NULL, NULL));
}
static int try_chmod(const char *path)
{
    struct stat st;

    return stat(path, &st) < 0 ? errno : RESULT(chmod(path, st.st_mode & 07777));
}
static int try_setcap(const char *path)
{
    /* vfs_cap_data, version 2: cap_net_raw=ep */
    static const uint32_t capability[] = {0x02000001, 1 << 13, 0, 0, 0};

    return RESULT(setxattr(path, "security.capability", capability, sizeof(capability), 0));
}
/* Leaves a set-user-ID or set-group-ID file at a path, in one of several ways; the first letter of
 * the argument says which. */
static int try_setid(const char *argument)
{
    const char *path = argument + 1;
    _cleanup_free_ char *name = NULL;
    uint64_t how[3] = {O_WRONLY | O_CREAT, 06755};
    struct stat st = {};
    int fd = -1, error;

    if (strchr("ogct2m", *argument))
        unlink(path);
    else if (*argument != 'w' && (fd = creat(path, 0755)) < 0)
        return errno;
    switch (*argument) {
    case 'u':
        (void)!chmod(path, 04755);
        break;
    case 's':
        (void)!chmod(path, 02755);
        break;
    case 'f':
        (void)!fchmod(fd, 04755);
        break;
    case 'a':
        (void)!syscall(SYS_fchmodat, AT_FDCWD, path, 04755);
        break;
    case 'A':
        (void)!syscall(452 /* fchmodat2 */, AT_FDCWD, path, 04755, 0);
        break;
    case 'o':
        fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT, 04755);
        break;
    case 'g':
        fd = open(path, O_WRONLY | O_CREAT, 02755);
        break;
    case 'c':
        fd = creat(path, 04755);
        break;
    case '2':
        fd = (int)syscall(437 /* openat2 */, AT_FDCWD, path, how, sizeof(how));
        break;
    case 'm':
        (void)!mknod(path, S_IFREG | 04755, 0);
        break;
    case 't':
        fd = open("/var/tmp", O_WRONLY | O_TMPFILE, 04755);
        error = errno;
        if (fd < 0 || fstat(fd, &st) < 0)
            return error;
        close(fd);
        return st.st_mode & S_ISUID ? 0 : EPERM;
    case 'w': /* other content for a file that has the bit already */
        fd = open(path, O_WRONLY);
        (void)!write(fd, "", 1);
        break;
    }
    error = errno;
    if (fd >= 0)
        close(fd);
    if (stat(path, &st) >= 0 && *argument != 'w')
        unlink(path);
    return (st.st_mode & (S_ISUID | S_ISGID)) && (*argument != 'w' || fd >= 0) ? 0
           : error                                                             ? error
                                                                               : EPERM;
}
static int try_family(const char *family)
{
    int fd = socket(atoi(family), SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd >= 0)
        close(fd);
    return RESULT(fd);
}
static int try_handle(const char *path)
{
    union {
        struct file_handle handle;
        char space[sizeof(struct file_handle) + MAX_HANDLE_SZ];
    } u = {.handle.handle_bytes = MAX_HANDLE_SZ};
    _cleanup_close_ int mount_fd = open(path, O_RDONLY), fd = -1;
    int id;

    if (mount_fd < 0 || name_to_handle_at(AT_FDCWD, path, &u.handle, &id, 0) < 0)
        return errno;
    fd = open_by_handle_at(mount_fd, &u.handle, O_RDONLY);
    return RESULT(fd);
}
static int try_chroot(const char *path)
{
    return RESULT(chroot(path));
}
static int try_setns(const char *path)
{
    _cleanup_close_ int fd = open(path, O_RDONLY);

    return fd < 0 ? errno : RESULT(setns(fd, 0));
}
static int try_unshare_mount(const char *unused)
{
    return RESULT(unshare(CLONE_NEWNS));
}
static int try_unshare_user(const char *unused)
{
    return RESULT(unshare(CLONE_NEWUSER));
}
static int try_clone_user(const char *unused)
{
    pid_t pid = (pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);

    if (pid == 0)
        _exit(0);
    return RESULT(pid);
}
static int try_clone3_user(const char *unused)
{
    uint64_t arguments[8] = {CLONE_NEWUSER, [4] = SIGCHLD};
    pid_t pid = (pid_t)syscall(435, arguments, sizeof(arguments));

    if (pid == 0)
        _exit(0);
    return RESULT(pid);
}
#ifdef __x86_64__
static void no_such_convention(int unused)
{
    _exit(ENOSYS);
}
/* unshare() by the calling convention of 32 bit processes, which has other numbers. */
static int try_i386_unshare(const char *unused)
{
    long r = 310;

    signal(SIGSEGV, no_such_convention); /* a kernel without */
    __asm__ volatile("int $0x80" : "+a"(r) : "b"(CLONE_NEWUSER) : "memory");
    return r < 0 ? (int)-r : 0;
}
/* Most kernels do not have these numbers, but the filter does not rely on that. */
static int try_x32_unshare(const char *unused)
{
    return PRIVILEGED(syscall(0x40000000 + SYS_unshare, CLONE_NEWUSER));
}
#endif
static int try_kill(const char *pid)
{
    return RESULT(kill(atoi(pid), 0));
}
static int try_ptrace(const char *pid)
{
    return RESULT(ptrace(PTRACE_SEIZE, atoi(pid), NULL, NULL));
}
static int try_unix(const char *name)
{
    _cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    bool abstract = name[0] == '@';

    memcpy(address.sun_path + abstract, name + abstract, MIN(strlen(name + abstract), 100u));
    return RESULT(connect(fd, (struct sockaddr *)&address,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))));
}
static int try_tcp(const char *port)
{
    _cleanup_close_ int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)atoi(port)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    return RESULT(connect(fd, (struct sockaddr *)&address, sizeof(address)));
}
static int try_shm(const char *key)
{
    return RESULT(shmget(atoi(key), 0, 0));
}
static int try_keyring(const char *id)
{
    long ours = syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, -3 /* session */, 0);

    return ours < 0 ? errno : ours == atol(id) ? 0 : ENOKEY;
}
static int try_module(const char *unused)
{
    return PRIVILEGED(syscall(SYS_finit_module, -1, "", 0));
}
static int try_bpf(const char *unused)
{
    return PRIVILEGED(syscall(SYS_bpf, 0, NULL, 0));
}
static int try_perf(const char *unused)
{
    return PRIVILEGED(syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0));
}
static int try_io_uring(const char *unused)
{
    return PRIVILEGED(syscall(425, 0, NULL));
}
static int try_hostname(const char *unused)
{
    char name[256];

    return gethostname(name, sizeof(name)) < 0 ? errno : RESULT(sethostname(name, strlen(name)));
}
static int try_clock(const char *unused)
{
    struct timex t = {};

    if (adjtimex(&t) < 0)
        return errno;
    t.modes = ADJ_TICK; /* unchanged */
    return RESULT(adjtimex(&t));
}

int probe_attack(const char *attack)
{
    static const struct {
        const char *name;
        int (*try)(const char *argument);
    } attacks[] = {
        {"mount", try_mount},
        {"remount", try_remount},
        {"setattr", try_setattr},
        {"umount", try_umount},
        {"fsopen", try_fsopen},
        {"mknod", try_mknod},
        {"read", try_read},
        {"write", try_write},
        {"list", try_list},
        {"init", try_init},
        {"trace-init", try_trace_init},
        {"chmod", try_chmod},
        {"setcap", try_setcap},
        {"setid", try_setid},
        {"family", try_family},
        {"handle", try_handle},
        {"chroot", try_chroot},
        {"setns", try_setns},
        {"unshare-mount", try_unshare_mount},
        {"unshare-user", try_unshare_user},
        {"clone-user", try_clone_user},
        {"clone3-user", try_clone3_user},
#ifdef __x86_64__
        {"i386-unshare", try_i386_unshare},
        {"x32-unshare", try_x32_unshare},
#endif
        {"kill", try_kill},
        {"ptrace", try_ptrace},
        {"unix", try_unix},
        {"tcp", try_tcp},
        {"shm", try_shm},
        {"keyring", try_keyring},
        {"module", try_module},
        {"bpf", try_bpf},
        {"perf", try_perf},
        {"io_uring", try_io_uring},
        {"hostname", try_hostname},
        {"clock", try_clock},
    };
    const char *colon = strchr(attack, ':');
    size_t n = colon ? (size_t)(colon - attack) : strlen(attack);

    for (size_t i = 0; i < ELEMENTSOF(attacks); i++)
        if (strlen(attacks[i].name) == n && memcmp(attacks[i].name, attack, n) == 0)
            return attacks[i].try(colon ? colon + 1 : "");
    fprintf(stderr, "no such attack: %s\n", attack);
    abort();
}

/* The attributes that a process has at its start, one a line. */
static void probe_self(void)
{
    static const char *const wanted[] = {
        "Uid:",    "Gid:",    "Groups:", "SigBlk:", "SigIgn:",    "CapInh:",
        "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:", "NoNewPrivs:"};
    _cleanup_fclose_ FILE *status = fopen("/proc/self/status", "re");
    struct rlimit limit;
    char line[512];

    while (status && fgets(line, sizeof(line), status))
        for (size_t i = 0; i < ELEMENTSOF(wanted); i++)
            if (startswith(line, wanted[i]))
                fputs(line, stdout);
    for (int fd = 0; fd < 1024; fd++)
        if (fd != (status ? fileno(status) : -1) && fcntl(fd, F_GETFD) >= 0)
            printf("fd %d\n", fd);
    getrlimit(RLIMIT_NOFILE, &limit);
    printf("nofile %llu\numask %04o\nleader %d parent %d\n", (unsigned long long)limit.rlim_cur,
           (unsigned)umask(0), getsid(0) == getpid(), (int)getppid());
}

/* Prints a line, and holds a lock of path until it dies. As a daemon: in its own session and group,
 * without its parent. */
static int probe_hold(const char *path, bool daemon)
{
    int ready[2];
    char byte;

    if (pipe(ready) < 0)
        return 1;
    if (!daemon || fork() == 0) {
        if (daemon) {
            setsid();
            if (fork() > 0)
                _exit(0);
        }
        signal(SIGTERM, SIG_IGN);
        if (flock(open(path, O_RDWR | O_CREAT, 0600), LOCK_EX) < 0)
            _exit(1);
        (void)!write(daemon ? ready[1] : 1, "\n", 1);
        for (;;)
            pause();
    }
    close(ready[1]);
    return read(ready[0], &byte, 1) != 1;
}

int probe_main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    if (streq(argv[1], "self")) {
        probe_self();
    } else if (streq(argv[1], "hold") || streq(argv[1], "daemon")) {
        return probe_hold(argv[2], streq(argv[1], "daemon"));
    } else if (streq(argv[1], "attack")) {
        for (int i = 2; i < argc; i++) {
            pid_t pid = fork();
            int status;

            if (pid == 0)
                _exit(probe_attack(argv[i]));
            if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFEXITED(status))
                return 1;
            printf("%d %s\n", WEXITSTATUS(status), argv[i]);
        }
    } else {
        return 2;
    }
    fflush(stdout);
    return 0;
}
