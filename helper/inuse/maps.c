/* SPDX-License-Identifier: MIT */
/* Finds files that processes have mapped: a mapping needs no descriptor. */
#include "inuse/private.h"

#include <fcntl.h>
#include <limits.h>

/* Checks a shared mapping. The mode of its link tells whether the file was opened for writing; if
 * so, mprotect(2) can make the mapping writable. */
static int look_at_shared(Survey *survey, Process *process, const char *range)
{
    _cleanup_free_ char *name = strprintf("map_files/%s", range), *info = NULL, *link = NULL;
    _cleanup_close_ int fd = -1;
    char target[PATH_MAX];
    bool writable;
    struct stat st;
    uint64_t id;
    ssize_t n;
    int r;

    if (!name)
        return -ENOMEM;
    writable = fstatat(process->fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || (st.st_mode & S_IWUSR);
    if (!writable && !survey->readers)
        return 0;
    /* The file is on the file system of a target, not on a dead server. */
    fd = openat(process->fd, name, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return unless_gone(-errno);
    info = strprintf("/proc/self/fdinfo/%d", fd);
    link = strprintf("/proc/self/fd/%d", fd);
    if (!info || !link)
        return -ENOMEM;
    r = proc_mount_id(AT_FDCWD, info, &id);
    if (r < 0)
        return r;
    n = readlink(link, target, sizeof(target) - 1);
    if (n >= 0)
        target[n] = '\0';
    return process_look_at_path(survey, process, AT_FDCWD, link, n >= 0 ? target : NULL, id,
                                writable ? "mapped for writing" : "mapped");
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

bool map_parse(const char *line, Map *ret)
{
    unsigned long start, end, inode;
    char mode[5] = "";

    ret->path = strchr(line, '/');
    if (!ret->path || sscanf(line, "%lx-%lx %4s %*x %x:%x %lu", &start, &end, mode,
                             &ret->device_major, &ret->device_minor, &inode) != 6)
        return false;
    ret->shared = mode[3] == 's';
    snprintf(ret->range, sizeof(ret->range), "%lx-%lx", start, end);
    return true;
}

static int look_at_map(Survey *survey, Process *process, const char *line)
{
    Map map;

    if (!map_parse(line, &map) || (!map.shared && !survey->readers) ||
        !device_concerns(survey, map.device_major, map.device_minor))
        return 0;
    /* A private mapping (a program, a library) cannot write to its file. */
    return map.shared ? look_at_shared(survey, process, map.range)
                      : process_look_at_name(survey, process, map.path, "mapped");
}

int maps_hold(Survey *survey, Process *process)
{
    int fd = openat(process->fd, "maps", O_RDONLY | O_CLOEXEC);
    _cleanup_fclose_ FILE *f = fd < 0 ? NULL : fdopen(fd, "re");
    _cleanup_free_ char *line = NULL;
    static char buffer[32768]; /* the default would read a kibibyte at a time */
    size_t size = 0;
    int r = 0;

    if (!f) {
        r = -errno;
        cleanup_close(&fd);
        return unless_gone(r);
    }
    setvbuf(f, buffer, _IOFBF, sizeof(buffer));
    while (r == 0 && !process->named && (errno = 0, getline(&line, &size, f) > 0)) {
        line[strcspn(line, "\n")] = '\0';
        r = look_at_map(survey, process, line);
    }
    return r == 0 && errno == ENOMEM ? -ENOMEM : r;
}
