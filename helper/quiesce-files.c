/* SPDX-License-Identifier: MIT */
/* What processes have open, mapped, or as their root. For an idle descriptor it costs one system
 * call, for one that could write to some file six; nothing is opened but files of /proc. */
#include "quiesce-private.h"

#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/sysmacros.h>

/* One process, or one of its threads where that has descriptors of its own. */
typedef struct Process {
    const char *pid; /* in /proc */
    int fd;          /* its directory there */
    const Space *space;
    bool named; /* one reason is enough */
} Process;

static bool is_number(const char *s)
{
    return isdigit((unsigned char)*s);
}

/* Opens a directory of the process. NULL: it has ended. */
static DIR *open_list(int fd, const char *name)
{
    int list = openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = list < 0 ? NULL : fdopendir(list);

    if (!dir)
        cleanup_close(&list);
    return dir;
}

static int name_process(Survey *survey, Process *process, const Target *target, const char *rest,
                        const char *how)
{
    _cleanup_free_ char *path = path_printable(target->shown, rest), *who = NULL;
    char *remedy = NULL;

    process->named = true;
    who = path ? process_describe(survey, process->pid, &remedy) : NULL;
    if (!who)
        return -ENOMEM;
    return survey_add(survey, strprintf("%s has '%s' %s", who, path, how), remedy);
}

static int suspect_process(Survey *survey, const Process *process, const struct stat *st,
                           const char *how)
{
    _cleanup_free_ char *who = NULL;
    char *remedy = NULL;

    for (size_t i = 0; i < survey->n_targets; i++)
        if (survey->targets[i].device == st->st_dev) {
            who = process_describe(survey, process->pid, &remedy);
            if (!who)
                return -ENOMEM;
            return survey_suspect(
                survey, st, strprintf("%s has a file %s under another name", who, how), remedy);
        }
    return 0;
}

/* --- open files ------------------------------------------------------------------------------ */

/* What is open through that link is looked at itself only if its file system is the state's, or in
 * nobody's sight: a dead server keeps whoever asks. */
static int look_at_inode(Survey *survey, const Process *process, int dir_fd, const char *name,
                         const char *path, const char *how)
{
    struct stat st;

    if (survey->readers || fstatat(dir_fd, name, &st, 0) < 0 || !S_ISREG(st.st_mode))
        return 0;
    /* One that has no name is in no clone, and one that has only this is not in the tree. */
    if (st.st_nlink == 0 || (path && st.st_nlink == 1 && !endswith(path, " (deleted)")))
        return 0;
    return suspect_process(survey, process, &st, how);
}

/* A link of /proc to something open, and the mount that it was opened through. path is NULL where
 * it is too long. */
static int look_at_path(Survey *survey, Process *process, int dir_fd, const char *name,
                        const char *path, uint64_t mount_id, const char *how)
{
    const Mount *mount = mounts_find(survey, mount_id);
    _cleanup_free_ char *rest = NULL;
    const Target *target;
    int r = -ENOENT;

    if (mount && !mount_concerns(survey, mount))
        return 0;
    if (mount && path)
        r = target_through(survey, mount, path, &target, &rest);
    if (r == 1)
        return name_process(survey, process, target, rest, how);
    if (r < 0 && r != -ENOENT)
        return r;
    return look_at_inode(survey, process, dir_fd, name, r == 0 && !survey->blind ? path : NULL,
                         how);
}

/* Files that are registered with an io_uring need no descriptor any more; the ring's tells of them,
 * but not how they were opened. Kernels before 6.10 tell no path. */
static int look_at_ring(Survey *survey, Process *process, const char *fdinfo)
{
    _cleanup_free_ char *text = NULL;
    char *state = NULL;
    int r = 0;

    if (proc_read(process->fd, fdinfo, 16U << 20, &text) < 0)
        return 0;
    for (char *line = strtok_r(text, "\n", &state); r == 0 && line && !process->named;
         line = strtok_r(NULL, "\n", &state)) {
        char *path = line + strspn(line, " ");
        _cleanup_free_ char *rest = NULL;
        const Target *target;
        const Mount *mount;

        path += strspn(path, "0123456789");
        if (!startswith(path, ": /"))
            continue;
        path += strlen(": ");
        mount = process->space ? mounts_of_path(survey, process->space, path) : NULL;
        r = mount ? target_through(survey, mount, path, &target, &rest) : 0;
        if (r == 1)
            r = name_process(survey, process, target, rest, "registered with an io_uring");
        else if (r == -ENOENT)
            r = 0;
    }
    return r;
}

static int look_at_fd(Survey *survey, Process *process, int dir_fd, const char *name)
{
    char path[PATH_MAX], fdinfo[64];
    bool writable, known;
    struct stat st;
    uint64_t id;
    ssize_t n;

    /* The mode of the link says how the file was opened, proc_pid_fd(5). */
    if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return 0;
    writable = st.st_mode & S_IWUSR;
    if (!writable && !survey->readers)
        return 0;
    n = readlinkat(dir_fd, name, path, sizeof(path) - 1);
    if (n < 0 && errno != ENAMETOOLONG)
        return 0;
    known = n >= 0;
    path[known ? n : 0] = '\0';
    snprintf(fdinfo, sizeof(fdinfo), "fdinfo/%s", name);
    if (known && startswith(path, "anon_inode:[io_uring]"))
        return look_at_ring(survey, process, fdinfo);
    if ((known && path[0] != '/') || proc_mount_id(process->fd, fdinfo, &id) < 0)
        return 0; /* a socket, a pipe; or it is closed */
    return look_at_path(survey, process, dir_fd, name, known ? path : NULL, id,
                        writable ? "open for writing" : "open");
}

static int look_at_fds(Survey *survey, Process *process, bool *ret_any)
{
    _cleanup_closedir_ DIR *dir = open_list(process->fd, "fd");
    struct dirent *de;
    int r = 0;

    while (dir && r == 0 && !process->named && (de = readdir(dir)))
        if (is_number(de->d_name)) {
            *ret_any = true;
            r = look_at_fd(survey, process, dirfd(dir), de->d_name);
        }
    return r;
}

/* The descriptors of a process whose first thread has ended are seen through the others alone. */
static int look_at_threads(Survey *survey, Process *process)
{
    _cleanup_closedir_ DIR *dir = open_list(process->fd, "task");
    struct dirent *de;
    int r = 0;

    while (dir && r == 0 && !process->named && (de = readdir(dir))) {
        _cleanup_close_ int fd = -1;
        Process thread = *process;
        bool any = false;

        if (!is_number(de->d_name) || streq(de->d_name, process->pid))
            continue;
        fd = openat(dirfd(dir), de->d_name, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
            continue;
        thread.fd = fd;
        r = look_at_fds(survey, &thread, &any);
        process->named = thread.named;
        if (any) /* which they share */
            break;
    }
    return r;
}

/* --- mappings -------------------------------------------------------------------------------- */

/* A shared mapping can be written to (at the latest after mprotect(2)) if its file was opened for
 * that, which the mode of its link says. */
static int look_at_shared(Survey *survey, Process *process, const char *range)
{
    _cleanup_free_ char *name = strprintf("map_files/%s", range), *info = NULL, *link = NULL;
    _cleanup_close_ int fd = -1;
    char target[PATH_MAX];
    bool writable;
    struct stat st;
    uint64_t id;
    ssize_t n;

    if (!name)
        return -ENOMEM;
    writable = fstatat(process->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || (st.st_mode & S_IWUSR);
    if (!writable && !survey->readers)
        return 0;
    /* Its file system is one of the state's, so this cannot take long. */
    fd = openat(process->fd, name, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return 0; /* it is gone */
    info = strprintf("/proc/self/fdinfo/%d", fd);
    link = strprintf("/proc/self/fd/%d", fd);
    if (!info || !link)
        return -ENOMEM;
    if (proc_mount_id(AT_FDCWD, info, &id) < 0)
        return 0;
    n = readlink(link, target, sizeof(target) - 1);
    if (n >= 0)
        target[n] = '\0';
    return look_at_path(survey, process, AT_FDCWD, link, n >= 0 ? target : NULL, id,
                        writable ? "mapped for writing" : "mapped");
}

/* Programs and libraries that are mapped hold nothing up, but after the swap they are the old ones.
 */
static int look_at_private(Survey *survey, Process *process, const char *path)
{
    const Mount *mount = process->space ? mounts_of_path(survey, process->space, path) : NULL;
    _cleanup_free_ char *rest = NULL;
    const Target *target;
    int r = mount ? target_through(survey, mount, path, &target, &rest) : 0;

    if (r == 1)
        return name_process(survey, process, target, rest, "mapped");
    return r == -ENOENT ? 0 : r;
}

static bool device_concerns(const Survey *survey, unsigned first, unsigned second)
{
    char device[32];

    snprintf(device, sizeof(device), "%u:%u", first, second);
    for (size_t i = 0; i < survey->n_targets; i++)
        if (!survey->targets[i].on_disk.device || streq(survey->targets[i].on_disk.device, device))
            return true;
    return false;
}

/* "7f00-7f10 rw-s 00000000 08:01 1234   /path", proc_pid_maps(5). The device is the file system's,
 * as in mountinfo. */
static int look_at_map(Survey *survey, Process *process, const char *line)
{
    unsigned long start, end, inode;
    unsigned device_major, device_minor;
    char mode[5], range[40];
    const char *path = strchr(line, '/');

    if (!path || sscanf(line, "%lx-%lx %4s %*x %x:%x %lu", &start, &end, mode, &device_major,
                        &device_minor, &inode) != 6)
        return 0;
    if ((mode[3] != 's' && !survey->readers) ||
        !device_concerns(survey, device_major, device_minor))
        return 0;
    if (mode[3] != 's')
        return look_at_private(survey, process, path);
    snprintf(range, sizeof(range), "%lx-%lx", start, end);
    return look_at_shared(survey, process, range);
}

static int look_at_maps(Survey *survey, Process *process)
{
    int fd = openat(process->fd, "maps", O_RDONLY | O_CLOEXEC);
    _cleanup_fclose_ FILE *f = fd < 0 ? NULL : fdopen(fd, "re");
    _cleanup_free_ char *line = NULL;
    static char buffer[32768]; /* a kibibyte at a time would be the default */
    size_t size = 0;
    int r = 0;

    if (!f)
        cleanup_close(&fd);
    else
        setvbuf(f, buffer, _IOFBF, sizeof(buffer));
    while (f && r == 0 && !process->named && getline(&line, &size, f) > 0) {
        line[strcspn(line, "\n")] = '\0';
        r = look_at_map(survey, process, line);
    }
    return r;
}

/* --- root and working directory -------------------------------------------------------------- */

/* Whose root is in the state reaches all of it, and nothing else. A working directory writes
 * nothing by itself, so an operator's shell does not hold a migration up; it is named after the
 * swap. */
static int look_at_place(Survey *survey, Process *process, const char *name, const char *how)
{
    _cleanup_free_ char *rest = NULL;
    const Target *target;
    const Mount *mount;
    char path[PATH_MAX];
    ssize_t n;
    int r;

    n = readlinkat(process->fd, name, path, sizeof(path) - 1);
    if (n <= 1 || !process->space) /* "/" is a namespace's whole */
        return 0;
    path[n] = '\0';
    mount = mounts_of_path(survey, process->space, path);
    r = mount ? target_through(survey, mount, path, &target, &rest) : 0;
    if (r == 1)
        return name_process(survey, process, target, rest, how);
    return r == -ENOENT ? 0 : r;
}

/* --- all of them ----------------------------------------------------------------------------- */

static const Space *space_of(const Survey *survey, int process_fd)
{
    char name[64];
    ssize_t n = readlinkat(process_fd, "ns/mnt", name, sizeof(name) - 1);

    for (size_t i = 0; n > 0 && i < survey->n_spaces; i++)
        if (strlen(survey->spaces[i].name) == (size_t)n &&
            strncmp(survey->spaces[i].name, name, (size_t)n) == 0)
            return survey->spaces + i;
    return NULL;
}

static int look_at_process(Survey *survey, const char *pid)
{
    _cleanup_close_ int fd = openat(survey->proc_fd, pid, O_PATH | O_DIRECTORY | O_CLOEXEC);
    Process process = {.pid = pid, .fd = fd};
    bool any = false;
    int r;

    if (fd < 0)
        return 0;
    process.space = space_of(survey, fd);
    r = look_at_fds(survey, &process, &any);
    if (r == 0 && !any)
        r = look_at_threads(survey, &process);
    if (r == 0 && !process.named)
        r = look_at_maps(survey, &process);
    if (r == 0 && !process.named)
        r = look_at_place(survey, &process, "root", "as its root directory");
    if (r == 0 && !process.named && survey->readers)
        r = look_at_place(survey, &process, "cwd", "as its working directory");
    return r;
}

int files_hold(Survey *survey)
{
    _cleanup_closedir_ DIR *proc = open_list(survey->proc_fd, ".");
    struct dirent *de;
    int r = 0;

    if (!proc)
        return -errno;
    while (r == 0 && (errno = 0, de = readdir(proc))) {
        if (is_number(de->d_name) && atol(de->d_name) != getpid())
            r = look_at_process(survey, de->d_name);
        else
            errno = 0;
    }
    return r;
}
