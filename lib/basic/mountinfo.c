/* SPDX-License-Identifier: MIT */
/* Reads mounts from /proc. Never opens the paths of mounts. */
#include "basic/mountinfo.h"

#include <fcntl.h>
#include <limits.h>

void path_unescape(char *s)
{
    char *to = s;

    for (; *s; s++)
        if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' &&
            s[3] >= '0' && s[3] <= '7') {
            *to++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
            s += 3;
        } else
            *to++ = *s;
    *to = '\0';
}

static char *take_path(char **line)
{
    char *path = strsep(line, " ");

    if (!path)
        return NULL;
    path_unescape(path);
    return streq(path, "/") ? path + 1 : path;
}

static bool parse_line(char *line, Mount *ret)
{
    const char *id = strsep(&line, " "), *options;

    strsep(&line, " "); /* skips the id of the parent mount */
    ret->device = strsep(&line, " ");
    ret->root = take_path(&line);
    ret->point = take_path(&line);
    options = strsep(&line, " ");
    if (!options)
        return false;
    /* Optional fields end with "-". */
    for (char *field; (field = strsep(&line, " ")) && !streq(field, "-");)
        ;
    ret->type = strsep(&line, " ");
    if (!ret->type)
        ret->type = "";
    ret->id = strtoull(id, NULL, 10);
    ret->read_only = startswith(options, "ro") && (options[2] == ',' || !options[2]);
    return true;
}

bool mount_next(char **text, Mount *ret)
{
    for (char *line; (line = strsep(text, "\n"));)
        if (parse_line(line, ret))
            return true;
    return false;
}

int mountinfo_read(char **ret)
{
    return proc_read(AT_FDCWD, "/proc/self/mountinfo", 64U << 20, ret);
}

static bool is_disk(const Mount *mount)
{
    static const char *const without_device[] = {"bcachefs", "btrfs", "ubifs", "zfs"};

    for (size_t i = 0; i < ELEMENTSOF(without_device); i++)
        if (streq(mount->type, without_device[i]))
            return true;
    return !startswith(mount->device, "0:") && !startswith(mount->type, "fuse");
}

/* Says whether a mount shows the directory that would be at the path without the mount. rest is the
 * path below the mount point of the mount that is under it. Containers have such mounts. */
static bool is_same(const Mount *mount, const Mount *under, const char *rest)
{
    return under->root && streq(mount->device, under->device) &&
           startswith(mount->root, under->root) && streq(mount->root + strlen(under->root), rest);
}

MountKind mount_kind(char *text, const char *path)
{
    MountKind kind = MOUNT_NONE;
    const char *below = NULL;
    Mount mount, under = {};

    while (mount_next(&text, &mount)) {
        const char *rest = path_below(path, mount.point);

        if (rest && *rest) {
            if (*mount.point)
                kind = MOUNT_NONE; /* a later mount above the path hides the earlier one */
            under = mount;
            below = rest;
        } else if (rest) {
            kind = streq(mount.type, "autofs")                          ? MOUNT_IDLE
                   : is_disk(&mount) && !is_same(&mount, &under, below) ? MOUNT_DISK
                                                                        : MOUNT_OTHER;
        }
    }
    return kind;
}

int mount_find(const char *path, MountKind *ret)
{
    _cleanup_free_ char *text = NULL;
    int r = access("/run/systemd/system", F_OK) < 0
                ? -errno
                : proc_read(AT_FDCWD, "/proc/1/mountinfo", 64U << 20, &text);

    if (r < 0)
        r = mountinfo_read(&text);
    if (r == 0)
        *ret = mount_kind(text, path);
    return r;
}

int fdinfo_mount_id(const char *text, uint64_t *ret)
{
    const char *found = strstr(text, "mnt_id:");

    if (!found)
        return -ENODATA;
    *ret = strtoull(found + strlen("mnt_id:"), NULL, 10);
    return 0;
}

int proc_mount_id(int dir_fd, const char *fdinfo, uint64_t *ret)
{
    _cleanup_close_ int fd = openat(dir_fd, fdinfo, O_RDONLY | O_CLOEXEC);
    char text[512];
    ssize_t n;

    if (fd < 0)
        return -errno;
    n = read(fd, text, sizeof(text) - 1); /* mnt_id is in the first lines */
    if (n < 0)
        return -errno;
    text[n] = '\0';
    return fdinfo_mount_id(text, ret);
}

void on_disk_free(OnDisk *on_disk)
{
    free(on_disk->device);
    free(on_disk->path);
    *on_disk = (OnDisk){};
}

int on_disk_find(int fd, OnDisk *ret)
{
    _cleanup_free_ char *text = NULL, *info = strprintf("/proc/self/fdinfo/%d", fd),
                        *link = strprintf("/proc/self/fd/%d", fd);
    char path[PATH_MAX], *next;
    uint64_t id = 0;
    Mount mount;
    ssize_t n;
    int r;

    if (!info || !link)
        return -ENOMEM;
    r = proc_mount_id(AT_FDCWD, info, &id);
    if (r == 0)
        r = mountinfo_read(&text);
    if (r < 0)
        return r;
    n = readlink(link, path, sizeof(path) - 1);
    if (n < 0)
        return -errno;
    path[n] = '\0';
    if (streq(path, "/"))
        path[0] = '\0';
    for (next = text; mount_next(&next, &mount);) {
        const char *rest;

        if (mount.id != id)
            continue;
        rest = path_below(path, mount.point);
        if (!rest)
            break;
        *ret = (OnDisk){.device = strdup(mount.device),
                        .path = strprintf("%s%s", mount.root, rest),
                        .mount_point = !*rest};
        if (ret->device && ret->path)
            return 0;
        on_disk_free(ret);
        return -ENOMEM;
    }
    return -ENOENT;
}
