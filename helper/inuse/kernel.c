/* SPDX-License-Identifier: MIT */
/* Finds files of loop devices, and swap files: the kernel writes to them, and no process has them
 * open. */
#include "inuse/private.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/loop.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>

static const Space *own_space(const Survey *survey)
{
    for (size_t i = 0; i < survey->n_spaces; i++)
        if (survey->spaces[i].own)
            return survey->spaces + i;
    return NULL;
}

static int hold(Survey *survey, const Target *target, const char *rest, const char *how,
                char *remedy)
{
    _cleanup_free_ char *path = path_printable(target->shown, rest);

    return survey_add(survey, path ? strprintf("'%s' is %s", path, how) : NULL, remedy);
}

/* --- loop devices ---------------------------------------------------------------------------- */

/* Finds device and inode of the backing file. Returns false if the device cannot be opened. */
static bool loop_stat(const char *name, struct stat *ret)
{
    _cleanup_free_ char *path = strprintf("/dev/%s", name);
    _cleanup_close_ int fd = path ? open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC) : -1;
    struct loop_info64 info;

    if (fd < 0 || ioctl(fd, LOOP_GET_STATUS64, &info) < 0)
        return false;
    *ret = (struct stat){
        .st_dev = makedev((unsigned)(info.lo_device >> 8 & 0xfff),
                          (unsigned)((info.lo_device & 0xff) | (info.lo_device >> 12 & 0xfff00))),
        .st_ino = info.lo_inode};
    return true;
}

static int look_at_loop(Survey *survey, int blocks_fd, const char *name)
{
    _cleanup_free_ char *file = strprintf("%s/loop/backing_file", name),
                        *ro = strprintf("%s/ro", name), *path = NULL, *read_only = NULL,
                        *rest = NULL, *how = strprintf("the file behind /dev/%s", name);
    const Target *target;
    struct stat theirs, ours;
    int reach;

    if (!file || !ro || !how)
        return -ENOMEM;
    if (proc_read(blocks_fd, file, 65536, &path) < 0)
        return 0; /* the device has no file */
    path[strcspn(path, "\n")] = '\0';
    if (!survey->readers && proc_read(blocks_fd, ro, 16, &read_only) == 0 && *read_only == '1')
        return 0;
    reach = target_in_space(survey, own_space(survey), path, &target, &rest);
    if (reach < 0)
        return reach;
    /* The path belongs to the namespace in which the device was set up. Here the same path may lead
     * to another file. */
    if (loop_stat(name, &theirs) &&
        (reach != REACH_TARGET || lstat(path, &ours) < 0 || ours.st_dev != theirs.st_dev ||
         ours.st_ino != theirs.st_ino)) {
        for (size_t i = 0; i < survey->n_targets; i++)
            if (survey->targets[i].device == theirs.st_dev)
                return survey_suspect(survey, &theirs, TAKE_PTR(how),
                                      strprintf("losetup -d /dev/%s", name));
        return 0;
    }
    return reach == REACH_TARGET
               ? hold(survey, target, rest, how, strprintf("losetup -d /dev/%s", name))
               : 0;
}

static int loops_hold(Survey *survey)
{
    _cleanup_closedir_ DIR *blocks = opendir("/sys/block");
    struct dirent *de;
    int r = 0;

    while (blocks && r == 0 && (de = readdir(blocks)))
        if (startswith(de->d_name, "loop"))
            r = look_at_loop(survey, dirfd(blocks), de->d_name);
    return r;
}

/* --- swap ------------------------------------------------------------------------------------ */

char *swap_next(char **text)
{
    for (char *line; (line = strsep(text, "\n"));) {
        size_t length = strcspn(line, " \t");

        if (line[0] != '/' || !startswith(line + length + strspn(line + length, " \t"), "file"))
            continue;
        line[length] = '\0';
        path_unescape(line);
        return line;
    }
    return NULL;
}

static int swaps_hold(Survey *survey)
{
    _cleanup_free_ char *text = NULL;
    char *next, *path;
    int r = 0;

    if (proc_read(survey->proc_fd, "swaps", 1U << 20, &text) < 0)
        return 0;
    for (next = text; r == 0 && (path = swap_next(&next));) {
        _cleanup_free_ char *rest = NULL, *shown = NULL;
        const Target *target;
        int reach = target_in_space(survey, own_space(survey), path, &target, &rest);

        if (reach < 0)
            return reach;
        if (reach != REACH_TARGET)
            continue;
        shown = path_printable(path, "");
        r = hold(survey, target, rest, "used as swap",
                 shown ? strprintf("swapoff '%s'", shown) : NULL);
    }
    return r;
}

int kernel_holds(Survey *survey)
{
    int r = loops_hold(survey);

    return r == 0 ? swaps_hold(survey) : r;
}
