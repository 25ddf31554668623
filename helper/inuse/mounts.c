/* SPDX-License-Identifier: MIT */
/* Reads the mounts of every namespace: finds mounts that show a part of the state, and translates a
 * path of another namespace to the path on its file system. */
#include "basic/mountinfo.h"
#include "inuse/private.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/nsfs.h>
#include <sys/ioctl.h>

/* The mountinfo of a system with a thousand containers has a few megabytes. */
#define MOUNTINFO_MAX (64U << 20)
/* The limits for mount namespaces of other user namespaces: for all together, and for one. */
#define FOREIGN_MAX     (32U << 20)
#define FOREIGN_ONE_MAX (1U << 20)

static int compare_ids(const void *a, const void *b)
{
    const Mount *const *x = a, *const *y = b;

    return ((*x)->id > (*y)->id) - ((*x)->id < (*y)->id);
}

static int parse_mounts(Survey *survey, Space *space)
{
    char *next = space->text;
    Mount mount;

    space->first_mount = survey->n_mounts;
    while (mount_next(&next, &mount)) {
        if (!ARRAY_GROW(survey->mounts, survey->n_mounts))
            return -ENOMEM;
        survey->mounts[survey->n_mounts - 1] = mount;
        space->n_mounts++;
    }
    return 0;
}

static Space *space_find(const Survey *survey, const char *name)
{
    for (size_t i = 0; i < survey->n_spaces; i++)
        if (streq(survey->spaces[i].name, name))
            return survey->spaces + i;
    return NULL;
}

/* Says whether a mount namespace belongs to another user namespace than ours. Every user can make
 * such a namespace, with any number of mounts. */
static bool is_foreign(const Survey *survey, const char *ns)
{
    _cleanup_close_ int fd = openat(survey->proc_fd, ns, O_RDONLY | O_CLOEXEC);
    _cleanup_close_ int user = fd < 0 ? -1 : ioctl(fd, NS_GET_USERNS);
    struct stat theirs, ours;

    return user >= 0 && fstat(user, &theirs) >= 0 &&
           fstatat(survey->proc_fd, "self/ns/user", &ours, 0) >= 0 && theirs.st_ino != ours.st_ino;
}

/* Reads the mounts of a process's namespace. After chroot(2), a process shows only the mounts below
 * its root, so a later process whose root is "/" replaces that process. */
static int read_space(Survey *survey, const char *pid, const char *own)
{
    _cleanup_free_ char *ns = strprintf("%s/ns/mnt", pid), *root = strprintf("%s/root", pid),
                        *mountinfo = strprintf("%s/mountinfo", pid), *text = NULL;
    size_t max = MOUNTINFO_MAX;
    char name[64], top[PATH_MAX];
    bool vast, foreign;
    Space *space;
    ssize_t n;
    int r;

    if (!ns || !root || !mountinfo)
        return -ENOMEM;
    n = readlinkat(survey->proc_fd, ns, name, sizeof(name) - 1);
    if (n <= 0)
        return 0; /* a kernel thread, or a process that has ended */
    name[n] = '\0';
    space = space_find(survey, name);
    if (space && isempty(space->top))
        return 0;
    n = readlinkat(survey->proc_fd, root, top, sizeof(top) - 1);
    if (n <= 0)
        return 0;
    top[n] = '\0';
    if (streq(top, "/"))
        top[0] = '\0';
    if (space && *top)
        return 0;
    survey_progress(survey, pid);
    foreign = is_foreign(survey, ns);
    if (foreign)
        max = MIN(FOREIGN_MAX - survey->foreign_size, FOREIGN_ONE_MAX);
    r = proc_read(survey->proc_fd, mountinfo, max, &text);
    vast = foreign && r == -EFBIG;
    if (vast) {
        text = strdup("");
        r = text ? 0 : -ENOMEM;
    }
    if (r < 0)
        return r == -EINVAL ? 0 : unless_gone(r); /* EINVAL: the process is ending */
    survey->foreign_size += foreign ? strlen(text) : 0;
    if (!space) {
        if (!ARRAY_GROW(survey->spaces, survey->n_spaces))
            return -ENOMEM;
        space = survey->spaces + survey->n_spaces - 1;
        space->own = streq(name, own);
        space->name = strdup(name);
    } else {
        free(space->pid);
        free(space->top);
        free(space->text);
    }
    space->vast = vast;
    space->pid = strdup(pid);
    space->top = strdup(top);
    space->text = TAKE_PTR(text);
    return space->name && space->pid && space->top ? 0 : -ENOMEM;
}

int mounts_read(Survey *survey)
{
    _cleanup_closedir_ DIR *proc = NULL;
    char own[64] = "";
    const char *pid;
    int r;

    if (readlinkat(survey->proc_fd, "self/ns/mnt", own, sizeof(own) - 1) < 0)
        return -errno;
    r = proc_list(survey->proc_fd, ".", &proc);
    while (r == 0 && proc) {
        r = proc_next(proc, &pid);
        if (r < 0 || !pid)
            break;
        if (!survey_is_stuck(survey, pid))
            r = read_space(survey, pid, own);
    }
    for (size_t i = 0; r == 0 && i < survey->n_spaces; i++)
        r = parse_mounts(survey, survey->spaces + i);
    if (r < 0)
        return r;
    survey->by_id = calloc(survey->n_mounts + 1, sizeof(Mount *));
    if (!survey->by_id)
        return -ENOMEM;
    for (size_t i = 0; i < survey->n_mounts; i++)
        survey->by_id[i] = survey->mounts + i;
    qsort(survey->by_id, survey->n_mounts, sizeof(Mount *), compare_ids);
    return 0;
}

const Mount *mounts_find(const Survey *survey, uint64_t id)
{
    const Mount key = {.id = id}, *wanted = &key;
    Mount **found = bsearch(&wanted, survey->by_id, survey->n_mounts, sizeof(Mount *), compare_ids);

    return found ? *found : NULL;
}

static const Space *mount_space(const Survey *survey, const Mount *mount)
{
    size_t at = (size_t)(mount - survey->mounts);

    for (size_t i = 0; i < survey->n_spaces; i++)
        if (at >= survey->spaces[i].first_mount &&
            at < survey->spaces[i].first_mount + survey->spaces[i].n_mounts)
            return survey->spaces + i;
    return NULL;
}

/* Returns the mount that a path of a namespace leads to, or NULL. If several mounts are at the same
 * point, the last one is on top. */
static const Mount *mounts_of_path(const Survey *survey, const Space *space, const char *path)
{
    const Mount *best = NULL;
    const char *seen = path_below(path, space->top);

    for (size_t i = 0; seen && i < space->n_mounts; i++) {
        const Mount *mount = survey->mounts + space->first_mount + i;

        if (path_below(seen, mount->point) &&
            (!best || strlen(mount->point) >= strlen(best->point)))
            best = mount;
    }
    return best;
}

bool mount_concerns(const Survey *survey, const Mount *mount)
{
    for (size_t i = 0; i < survey->n_targets; i++) {
        const char *device = survey->targets[i].on_disk.device;

        if (!device || streq(device, mount->device))
            return true;
    }
    return false;
}

/* Returns true if a path in the target is excluded. rest is the part of the path after the target,
 * with its slash. */
static bool is_excluded(const Target *target, const char *rest)
{
    for (char *const *path = target->exclude; path && *path; path++)
        if (*rest == '/' && path_is_within(rest + 1, *path))
            return true;
    return false;
}

static const Target *target_of(const Survey *survey, const char *device, const char *path,
                               const char **ret_rest)
{
    for (size_t i = 0; i < survey->n_targets; i++) {
        const OnDisk *on_disk = &survey->targets[i].on_disk;

        if (!on_disk->device || !streq(on_disk->device, device))
            continue;
        *ret_rest = path_below(path, on_disk->path);
        if (*ret_rest && !is_excluded(survey->targets + i, *ret_rest))
            return survey->targets + i;
    }
    return NULL;
}

int target_through(const Survey *survey, const Mount *mount, const char *path,
                   const Target **ret_target, char **ret_rest)
{
    const char *rest = path_below(path, mount_space(survey, mount)->top);
    _cleanup_free_ char *on_disk = NULL;

    if (rest)
        rest = path_below(rest, mount->point);
    if (!rest)
        return REACH_UNKNOWN;
    on_disk = strprintf("%s%s", mount->root, rest);
    if (!on_disk)
        return -ENOMEM;
    *ret_target = target_of(survey, mount->device, on_disk, &rest);
    if (!*ret_target)
        return REACH_ELSEWHERE;
    *ret_rest = strdup(rest);
    return *ret_rest ? REACH_TARGET : -ENOMEM;
}

int target_in_space(const Survey *survey, const Space *space, const char *path,
                    const Target **ret_target, char **ret_rest)
{
    const Mount *mount = space ? mounts_of_path(survey, space, path) : NULL;

    return mount ? target_through(survey, mount, path, ret_target, ret_rest) : REACH_UNKNOWN;
}

/* --- mounts of the state --------------------------------------------------------------------- */

static int hold(Survey *survey, Space *space, const Mount *mount, const Target *target, bool below)
{
    _cleanup_free_ char *point = path_printable(mount->point, "");
    char *holder;

    if (!point)
        return -ENOMEM;
    if (!space->own) {
        /* Whether the mount blocks the migration depends on the rights of the processes that see it: see
     * files.c. */
        if (!space->shows)
            space->shows =
                strprintf("'%s', or a part of it, is mounted at '%s'", target->shown, point);
        return space->shows ? 0 : -ENOMEM;
    }
    if (below) {
        holder = strprintf("something is mounted at '%s', and no clone has it. If no migration "
                           "changes it, declare Exclude=%s. Otherwise mount it outside of %s",
                           point, point, target->shown);
        return survey_add(survey, holder, strdup("systemctl daemon-reload"));
    }
    holder = strprintf("'%s', or a part of it, is mounted at '%s'", target->shown, point);
    return survey_add(survey, holder, strprintf("umount '%s'", point));
}

/* Finds mounts of the state, or of a part of it, which would still show the original after the
 * swap. Every service with a private namespace has a copy of the mount that the state is on; such a
 * copy shows the new state, and does not count. */
static int look_at_mount(Survey *survey, Space *space, const Mount *mount)
{
    const char *rest;
    const Target *target = target_of(survey, mount->device, mount->root, &rest);

    if (target && !(target->on_disk.mount_point && !*rest) &&
        (!mount->read_only || survey->readers))
        return hold(survey, space, mount, target, false);
    for (size_t i = 0; space->own && !survey->readers && i < survey->n_targets; i++) {
        rest = path_below(mount->point, survey->targets[i].shown);
        if (rest && *rest && !is_excluded(survey->targets + i, rest))
            return hold(survey, space, mount, survey->targets + i, true);
    }
    return 0;
}

int mounts_hold(Survey *survey)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < survey->n_spaces; i++) {
        Space *space = survey->spaces + i;

        if (space->vast && !survey->readers) {
            space->shows = strdup("more mounts than are looked at exist");
            r = space->shows ? 0 : -ENOMEM;
        }
        for (size_t j = 0; r == 0 && j < space->n_mounts; j++)
            r = look_at_mount(survey, space, survey->mounts + space->first_mount + j);
    }
    return r;
}
