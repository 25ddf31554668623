/* SPDX-License-Identifier: MIT */
/* Finds open files, root directories and working directories of processes. Opens only files of
 * /proc, and needs one system call for a descriptor that cannot write. */
#include "inuse/private.h"

#include <fcntl.h>
#include <limits.h>

/* --- open files ------------------------------------------------------------------------------ */

char *ring_next(char **text)
{
    for (char *line; (line = strsep(text, "\n"));) {
        line += strspn(line, " ");
        line += strspn(line, "0123456789");
        if (startswith(line, ": /"))
            return line + strlen(": ");
    }
    return NULL;
}

/* Finds files that a process has registered with an io_uring, and so uses without a descriptor. The
 * fdinfo of the ring tells their paths (since Linux 6.10), but not whether they are writable. */
static int look_at_ring(Survey *survey, Process *process, const char *fdinfo)
{
    _cleanup_free_ char *text = NULL;
    char *next, *path;
    int r = proc_read(process->fd, fdinfo, 16U << 20, &text);

    if (r < 0)
        return unless_gone(r);
    for (next = text; r == 0 && !process->named && (path = ring_next(&next));)
        r = process_look_at_name(survey, process, path, "registered with an io_uring");
    return r;
}

static int look_at_fd(Survey *survey, Process *process, int dir_fd, const char *name)
{
    char path[PATH_MAX], fdinfo[64];
    bool writable, known;
    struct stat st;
    uint64_t id;
    ssize_t n;
    int r;

    /* The mode of the link tells how the file was opened, see proc_pid_fd(5). */
    if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return unless_gone(-errno);
    writable = st.st_mode & S_IWUSR;
    if (!writable && !survey->readers)
        return 0;
    n = readlinkat(dir_fd, name, path, sizeof(path) - 1);
    if (n < 0 && errno != ENAMETOOLONG)
        return unless_gone(-errno);
    known = n >= 0;
    path[known ? n : 0] = '\0';
    snprintf(fdinfo, sizeof(fdinfo), "fdinfo/%s", name);
    if (known && startswith(path, "anon_inode:[io_uring]"))
        return look_at_ring(survey, process, fdinfo);
    if (known && path[0] != '/') { /* a socket or a pipe */
        const Listener *listener = listeners_find(survey, path);

        return listener ? process_look_at_socket(survey, process, listener) : 0;
    }
    r = proc_mount_id(process->fd, fdinfo, &id);
    if (r < 0)
        return unless_gone(r);
    return process_look_at_path(survey, process, dir_fd, name, known ? path : NULL, id,
                                writable ? "open for writing" : "open");
}

static int look_at_fds(Survey *survey, Process *process, bool *ret_any)
{
    _cleanup_closedir_ DIR *dir = NULL;
    const char *name;
    int r = proc_list(process->fd, "fd", &dir);

    while (dir && r == 0 && !process->named) {
        r = proc_next(dir, &name);
        if (r < 0 || !name)
            break;
        *ret_any = true;
        r = look_at_fd(survey, process, dirfd(dir), name);
    }
    return r;
}

static int look_at_thread(Survey *survey, Process *process, int tasks_fd, const char *tid,
                          bool *ret_any)
{
    _cleanup_close_ int fd = openat(tasks_fd, tid, O_PATH | O_DIRECTORY | O_CLOEXEC);
    Process thread = *process;
    int r;

    if (fd < 0)
        return unless_gone(-errno);
    thread.fd = fd;
    r = look_at_fds(survey, &thread, ret_any);
    process->named = thread.named;
    return r;
}

/* Finds open files through the threads of a process. After the first thread has ended, only the
 * other threads show the descriptors. */
static int look_at_threads(Survey *survey, Process *process)
{
    _cleanup_closedir_ DIR *dir = NULL;
    const char *tid;
    bool any = false;
    int r = proc_list(process->fd, "task", &dir);

    while (dir && r == 0 && !any) {
        r = proc_next(dir, &tid);
        if (r < 0 || !tid)
            break;
        if (!streq(tid, process->pid))
            r = look_at_thread(survey, process, dirfd(dir), tid, &any);
    }
    return r;
}

/* --- root and working directory -------------------------------------------------------------- */

static int look_at_place(Survey *survey, Process *process, const char *name, const char *how)
{
    char path[PATH_MAX];
    ssize_t n;

    n = readlinkat(process->fd, name, path, sizeof(path) - 1);
    if (n <= 1) /* "/" is not below the state */
        return 0;
    path[n] = '\0';
    return process_look_at_name(survey, process, path, how);
}

/* --- all processes --------------------------------------------------------------------------- */

static Space *space_of(const Survey *survey, int process_fd)
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
    Space *space;
    int r = 0;

    if (fd < 0)
        return unless_gone(-errno);
    if (process_is_exempt(survey, pid))
        return 0;
    process.space = space = space_of(survey, fd);
    if (survey_is_stuck(survey, pid))
        return survey_reaches(survey, pid,
                              strdup("cannot be looked at: it waits for a file system "
                                     "that does not answer"),
                              false);
    survey_progress(survey, pid);
    if (space && space->shows && !space->named) {
        size_t before = strv_length(survey->holders) + survey->n_more;

        r = survey_reaches(survey, pid, strdup(space->shows), true);
        space->named = strv_length(survey->holders) + survey->n_more > before;
    }
    if (r == 0)
        r = look_at_fds(survey, &process, &any);
    if (r == 0 && !any)
        r = look_at_threads(survey, &process);
    if (r == 0 && !process.named)
        r = maps_hold(survey, &process);
    if (r == 0 && !process.named)
        r = look_at_place(survey, &process, "root", "as its root directory");
    /* A working directory alone writes nothing, so it counts only in a survey with readers. */
    if (r == 0 && !process.named && survey->readers)
        r = look_at_place(survey, &process, "cwd", "as its working directory");
    return r;
}

int files_hold(Survey *survey)
{
    _cleanup_closedir_ DIR *proc = NULL;
    const char *pid;
    int r = proc_list(survey->proc_fd, ".", &proc);

    while (proc && r == 0) {
        r = proc_next(proc, &pid);
        if (r < 0 || !pid)
            break;
        if (atol(pid) != getpid() && !(survey->progress_fd > 0 && atol(pid) == getppid()))
            r = look_at_process(survey, pid);
    }
    return r;
}
