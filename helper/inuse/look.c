/* SPDX-License-Identifier: MIT */
/* Decides whether a path or an open file of a process lies in a tree that is surveyed. */
#include "inuse/private.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/sysmacros.h>

static int hold(Survey *survey, Process *process, const Target *target, const char *rest,
                const char *how)
{
    _cleanup_free_ char *path = path_printable(target->shown, rest), *who = NULL,
                        *plain = strprintf("%s%s", target->shown, rest);
    const bool is_manager = streq(process->pid, "1");
    char *remedy = NULL;

    if (is_manager && plain && strv_contains(survey->listened, plain))
        return 0; /* the survey names the socket unit */
    process->named = !is_manager; /* PID 1 has files of many units */
    who = path && plain ? process_describe(survey, process->pid, plain, &remedy) : NULL;
    if (!who)
        return -ENOMEM;
    return survey_add(survey, strprintf("%s has '%s' %s", who, path, how), remedy);
}

static int suspect(Survey *survey, const Process *process, const struct stat *st, const char *how)
{
    _cleanup_free_ char *who = NULL;
    char *remedy = NULL;

    for (size_t i = 0; i < survey->n_targets; i++)
        if (survey->targets[i].device == st->st_dev) {
            who = process_describe(survey, process->pid, NULL, &remedy);
            if (!who)
                return -ENOMEM;
            return survey_suspect(
                survey, st, strprintf("%s has a file %s under another name", who, how), remedy);
        }
    return 0;
}

/* Notes an open file as a suspect, by its inode. The caller has excluded other file systems as far
 * as possible, since a dead server would block the look-up. */
static int look_at_inode(Survey *survey, const Process *process, int dir_fd, const char *name,
                         const char *path, const char *how)
{
    struct statx stx;
    struct stat st;

    if (survey->readers ||
        statx(dir_fd, name, AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC,
              STATX_TYPE | STATX_NLINK | STATX_INO, &stx) < 0 ||
        !S_ISREG(stx.stx_mode))
        return 0;
    /* A file without a name is in no clone. If path is the only name of a file, the file is not in
     * the tree. */
    if (stx.stx_nlink == 0 || (path && stx.stx_nlink == 1 && !endswith(path, " (deleted)")))
        return 0;
    st = (struct stat){.st_dev = makedev(stx.stx_dev_major, stx.stx_dev_minor),
                       .st_ino = stx.stx_ino};
    return suspect(survey, process, &st, how);
}

int process_look_at_path(Survey *survey, Process *process, int dir_fd, const char *name,
                         const char *path, uint64_t mount_id, const char *how)
{
    const Mount *mount = mounts_find(survey, mount_id);
    _cleanup_free_ char *rest = NULL;
    const Target *target;
    int reach = REACH_UNKNOWN;

    if (mount && !mount_concerns(survey, mount))
        return 0;
    if (mount && path)
        reach = target_through(survey, mount, path, &target, &rest);
    if (reach < 0)
        return reach;
    if (reach == REACH_TARGET)
        return hold(survey, process, target, rest, how);
    return look_at_inode(survey, process, dir_fd, name,
                         reach == REACH_ELSEWHERE && !survey->blind ? path : NULL, how);
}

int process_look_at_name(Survey *survey, Process *process, const char *path, const char *how)
{
    _cleanup_free_ char *rest = NULL, *shown = NULL;
    const Target *target;
    int reach = target_in_space(survey, process->space, path, &target, &rest);

    if (reach != REACH_TARGET)
        return MIN(reach, 0);
    process->named = process->named || survey->readers;
    shown = path_printable(target->shown, rest);
    return survey_reaches(survey, process->pid, shown ? strprintf("has '%s' %s", shown, how) : NULL,
                          false);
}

int process_look_at_socket(Survey *survey, Process *process, const Listener *listener)
{
    _cleanup_free_ char *path = NULL, *rest = NULL;
    char directory[PATH_MAX] = "";
    const Target *target;
    int r = 0;

    if (listener->path[0] != '/' &&
        readlinkat(process->fd, "cwd", directory, sizeof(directory) - 2) > 0)
        strcat(directory, "/");
    path = strprintf("%s%s", directory, listener->path);
    if (!path)
        return -ENOMEM;
    r = target_in_space(survey, process->space, path, &target, &rest);
    return r == REACH_TARGET && listeners_are_at(target, rest + strspn(rest, "/"))
               ? hold(survey, process, target, rest, "as a socket")
               : MIN(r, 0);
}
