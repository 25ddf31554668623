/* SPDX-License-Identifier: MIT */
/* Finds the sockets and FIFOs that processes of the host have open, by the files of the sockets:
 * the name that a process gave to bind(2) may be relative, or old, and /proc/net/unix shows only
 * one network namespace. */
#include "basic/directory.h"
#include "basic/mountinfo.h"
#include "sandbox/internal.h"

#include <ctype.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define SYS_PIDFD_OPEN  SYSCALL_NUMBER(434)
#define SYS_PIDFD_GETFD SYSCALL_NUMBER(438)
#define SIOC_UNIX_FILE  0x89E0 /* SIOCUNIXFILE of linux/un.h, which cannot be used with sys/un.h */

#define PATIENCE_MSEC 5000

typedef struct Finder {
    int out;    /* gets each path, with its NUL */
    char *ours; /* the mounts of our namespace */
    struct {
        dev_t device;
        ino_t inode;
    } * seen;
    size_t n_seen;
} Finder;

static bool is_new(Finder *finder, const struct stat *st)
{
    for (size_t i = 0; i < finder->n_seen; i++)
        if (finder->seen[i].device == st->st_dev && finder->seen[i].inode == st->st_ino)
            return false;
    if (ARRAY_GROW(finder->seen, finder->n_seen)) {
        finder->seen[finder->n_seen - 1].device = st->st_dev;
        finder->seen[finder->n_seen - 1].inode = st->st_ino;
    }
    return true;
}

/* Passes on every path at which our mounts show a file of a file system. */
static void tell(const Finder *finder, const char *device, const char *on_disk)
{
    _cleanup_free_ char *text = strdup(finder->ours);
    char *next = text;
    Mount mount;

    while (next && mount_next(&next, &mount)) {
        const char *rest = streq(mount.device, device) ? path_below(on_disk, mount.root) : NULL;

        if (rest)
            (void)!dprintf(finder->out, "%s%s%c", mount.point, rest, 0);
    }
}

/* path and the process's mountinfo are as seen from the root of the process. */
static void find_on_disk(Finder *finder, int process_fd, uint64_t mount_id, const char *path)
{
    _cleanup_free_ char *text = NULL;
    char *next;
    Mount mount;

    if (proc_read(process_fd, "mountinfo", 64U << 20, &text) < 0)
        return;
    for (next = text; mount_next(&next, &mount);)
        if (mount.id == mount_id) {
            const char *rest = path_below(path, mount.point);
            _cleanup_free_ char *on_disk = rest ? strprintf("%s%s", mount.root, rest) : NULL;

            if (on_disk)
                tell(finder, mount.device, on_disk);
            return;
        }
}

/* number: an open file of the process at holder_fd, which is the same process, or this process with
 * a descriptor of the socket's file. */
static void take_file(Finder *finder, int process_fd, int holder_fd, const char *number)
{
    _cleanup_free_ char *link = strprintf("fd/%s", number), *info = strprintf("fdinfo/%s", number);
    char path[PATH_MAX];
    struct statx st;
    uint64_t id;
    ssize_t n = link && info ? readlinkat(holder_fd, link, path, sizeof(path) - 1) : -1;

    if (n <= 0 || path[0] != '/')
        return;
    path[n] = '\0';
    if (statx(holder_fd, link, AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC, STATX_TYPE | STATX_INO, &st) <
            0 ||
        !(S_ISFIFO(st.stx_mode) || S_ISSOCK(st.stx_mode)))
        return;
    if (is_new(finder, &(struct stat){.st_dev = (dev_t)st.stx_dev_major << 32 | st.stx_dev_minor,
                                      .st_ino = st.stx_ino}) &&
        proc_mount_id(holder_fd, info, &id) == 0)
        find_on_disk(finder, process_fd, id, path);
}

static void take_socket(Finder *finder, int process_fd, int pidfd, int self_fd, int number)
{
    _cleanup_close_ int fd = (int)syscall(SYS_PIDFD_GETFD, pidfd, number, 0);
    _cleanup_close_ int file = fd < 0 ? -1 : ioctl(fd, SIOC_UNIX_FILE);
    char name[16];

    if (file < 0)
        return; /* another family, or a socket without a name */
    snprintf(name, sizeof(name), "%d", file);
    take_file(finder, process_fd, self_fd, name);
}

static void look_at_process(Finder *finder, int proc_fd, const char *pid, int self_fd)
{
    _cleanup_close_ int process_fd = openat(proc_fd, pid, O_PATH | O_DIRECTORY | O_CLOEXEC);
    _cleanup_close_ int pidfd = (int)syscall(SYS_PIDFD_OPEN, atoi(pid), 0);
    _cleanup_closedir_ DIR *dir = NULL;
    struct dirent *de;

    (void)!write(finder->out, "", 1); /* an empty path: this process is alive */
    if (process_fd < 0 || directory_open(process_fd, "fd", &dir) < 0)
        return;
    while (directory_next(dir, &de) > 0) {
        char target[16];
        ssize_t n = readlinkat(dirfd(dir), de->d_name, target, sizeof(target));

        if (n > 0 && target[0] == '/')
            take_file(finder, process_fd, process_fd, de->d_name);
        else if (n > 8 && memcmp(target, "socket:[", 8) == 0 && pidfd >= 0)
            take_socket(finder, process_fd, pidfd, self_fd, atoi(de->d_name));
    }
}

static _Noreturn void find(int out)
{
    Finder finder = {.out = out};
    _cleanup_close_ int self_fd = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
    _cleanup_closedir_ DIR *proc = NULL;
    struct dirent *de;

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (self_fd >= 0 && mountinfo_read(&finder.ours) == 0 &&
        directory_open(AT_FDCWD, "/proc", &proc) == 0)
        while (directory_next(proc, &de) > 0)
            if (isdigit((unsigned char)de->d_name[0]) && atoi(de->d_name) != getpid())
                look_at_process(&finder, dirfd(proc), de->d_name, self_fd);
    _exit(EXIT_SUCCESS);
}

int specials_find(const volatile sig_atomic_t *cancel, char **ret, size_t *ret_size)
{
    _cleanup_close_ int ours = -1, theirs = -1;
    _cleanup_free_ char *paths = NULL;
    size_t size = 0;
    int fds[2], r = 0;
    pid_t pid;

    if (pipe2(fds, O_CLOEXEC) < 0)
        return -errno;
    ours = fds[0];
    theirs = fds[1];
    pid = fork();
    if (pid < 0)
        return -errno;
    if (pid == 0)
        find(theirs);
    close(TAKE_FD(theirs));
    for (unsigned waited = 0; r == 0 && waited < PATIENCE_MSEC && !(cancel && *cancel);) {
        struct pollfd poll_fd = {.fd = ours, .events = POLLIN};
        char *grown = realloc(paths, size + PIPE_BUF + 1);
        ssize_t n;

        if (!grown) {
            r = -ENOMEM;
            break;
        }
        paths = grown;
        if (poll(&poll_fd, 1, 100) <= 0) {
            waited += 100;
            continue;
        }
        waited = 0;
        n = read(ours, paths + size, PIPE_BUF);
        if (n == 0 || (n < 0 && errno != EINTR))
            break;
        size += n > 0 ? (size_t)n : 0;
        paths[size] = '\0';
    }
    (void)kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
    if (r < 0)
        return r;
    *ret = TAKE_PTR(paths);
    *ret_size = size;
    return 0;
}
