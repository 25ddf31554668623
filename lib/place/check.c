/* SPDX-License-Identifier: MIT */
/* Checks a directory after scripts ran: for new mounts in the original, and for changes to excluded
 * directories in the clone. */
#include "place/private.h"

#include "basic/directory.h"
#include "basic/mountinfo.h"
#include "tree/tree.h"

#include <fcntl.h>

/* --- mounts ---------------------------------------------------------------------------------- */

/* A mount in the directory would move into the backup, or stop the swap half way, as a read-only
 * subvolume would. */
int place_check_mounts(const Place *place, char **reterr_what)
{
    _cleanup_free_ char *text = NULL;
    char *next;
    Mount mount;
    int r = mountinfo_read(&text);

    if (r < 0)
        return r;
    if (tree_is_read_only(place->fd))
        return because(PLACE_REFUSED, reterr_what,
                       "'%s' was made a read-only subvolume while the state was being migrated. "
                       "First run: btrfs property set '%s' ro false",
                       place->directory, place->directory);
    for (next = text; mount_next(&next, &mount);)
        if (path_is_within(mount.point, place->path) && !streq(mount.point, place->path) &&
            !place_excludes(place, mount.point))
            return because(PLACE_REFUSED, reterr_what,
                           "something was mounted at '%s' while the state was being migrated: "
                           "unmount it, or declare Exclude=%s",
                           mount.point, mount.point);
    return PLACE_FOUND;
}

/* --- excluded directories -------------------------------------------------------------------- */

int place_open_below(int fd, const char *path)
{
    _cleanup_close_ int at = fcntl(fd, F_DUPFD_CLOEXEC, 3);

    if (at < 0)
        return -errno;
    for (const char *p = path; *p; p += strspn(p, "/")) {
        size_t length = strcspn(p, "/");
        _cleanup_free_ char *component = strndup(p, length);
        int next;

        if (!component)
            return -ENOMEM;
        next = directory_fd(at, component);
        if (next < 0)
            return next == -ENOTDIR || next == -ELOOP ? -ENOENT : next;
        close(at);
        at = next;
        p += length;
    }
    return TAKE_FD(at);
}

/* Opens the directory above path, and returns a descriptor or a negative errno. */
static int open_above(int fd, const char *path, const char **ret_name)
{
    const char *slash = strrchr(path, '/');
    _cleanup_free_ char *above = strndup(path, slash ? (size_t)(slash - path) : 0);

    *ret_name = slash ? slash + 1 : path;
    return above ? place_open_below(fd, above) : -ENOMEM;
}

int place_look_below(int fd, const char *path)
{
    const char *name;
    _cleanup_close_ int above_fd = open_above(fd, path, &name);
    struct statx st;

    if (above_fd < 0)
        return above_fd == -ENOENT ? 0 : above_fd;
    if (statx(above_fd, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC,
              STATX_TYPE, &st) < 0)
        return errno == ENOENT ? 0 : -errno;
    return S_ISDIR(st.stx_mode);
}

static int is_empty(int fd)
{
    _cleanup_closedir_ DIR *dir = NULL;
    struct dirent *de;
    int r = directory_open(fd, ".", &dir);

    if (r == 0)
        r = directory_next(dir, &de);
    return r < 0 ? r : r == 0;
}

/* Refuses a clone in which root has lost a directory above an excluded path. The original directory
 * stays in place, and frame_apply() would give it the new owner. */
static int check_owners(const Place *place, int clone_fd, const char *path, char **reterr_what)
{
    for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
        _cleanup_free_ char *above = strndup(path, (size_t)(slash - path));
        _cleanup_close_ int original = above ? place_open_below(place->fd, above) : -ENOMEM,
                            clone = above ? place_open_below(clone_fd, above) : -ENOMEM;
        struct stat before, after;

        if (original < 0 || clone < 0)
            return MIN(original, clone);
        if (fstat(original, &before) < 0 || fstat(clone, &after) < 0)
            return -errno;
        if (before.st_uid == 0 && after.st_uid != 0)
            return because(PLACE_REFUSED, reterr_what,
                           "the owner of '%s/%s' would change from root to another user, but that "
                           "directory stays, because something in it is excluded",
                           place->directory, above);
    }
    return PLACE_FOUND;
}

static int check_excluded(const Place *place, int clone_fd, const char *path, char **reterr_what)
{
    _cleanup_close_ int stand_in = -1;
    int r;

    r = place_look_below(place->fd, path);
    if (r <= 0)
        return r < 0 ? r : PLACE_FOUND;
    stand_in = place_open_below(clone_fd, path);
    if (stand_in == -ENOENT)
        return because(PLACE_REFUSED, reterr_what,
                       "the migration has removed or replaced '%s/%s', which Exclude= says that no "
                       "migration touches",
                       place->directory, path);
    r = stand_in < 0 ? stand_in : is_empty(stand_in);
    if (r < 0)
        return r;
    return r ? check_owners(place, clone_fd, path, reterr_what)
             : because(PLACE_REFUSED, reterr_what,
                       "the migration has put something into '%s/%s', which Exclude= says that no "
                       "migration touches",
                       place->directory, path);
}

/* Is path below fd missing or an empty directory? Returns 1, 0, or a negative errno. */
static int holds_nothing(int fd, const char *path)
{
    const char *name;
    _cleanup_close_ int above_fd = open_above(fd, path, &name), own_fd = -1;
    struct stat st;

    if (above_fd < 0)
        return above_fd;
    if (fstatat(above_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 1 : -errno;
    if (!S_ISDIR(st.st_mode))
        return 0;
    own_fd = place_open_below(above_fd, name);
    return own_fd < 0 ? own_fd : is_empty(own_fd);
}

/* Checks that an excluded path is missing or an empty directory in the backup. The parent of the
 * path must exist in the backup, because the excluded directory stays there. */
static int check_absent(const Place *place, int backup_fd, const char *path, char **reterr_what)
{
    int r = place_look_below(place->fd, path);

    if (r <= 0)
        return r < 0 ? r : PLACE_FOUND;
    r = holds_nothing(backup_fd, path);
    if (r == -ENOENT)
        return because(PLACE_REFUSED, reterr_what,
                       "'%s/%s' is excluded and stays where it is, but the directory above it is "
                       "missing in the backup",
                       place->directory, path);
    if (r == 0)
        return because(PLACE_REFUSED, reterr_what,
                       "it has something at '%s/%s', which Exclude= says stays as it is",
                       place->directory, path);
    return r < 0 ? r : check_owners(place, backup_fd, path, reterr_what);
}

/* Refuses a clone that has an entry with a name that the file system needs for itself. */
static int check_foreign(const Place *place, int clone_fd, const char *name, char **reterr_what)
{
    struct stat st;

    if (fstatat(clone_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? PLACE_FOUND : -errno;
    return because(PLACE_REFUSED, reterr_what,
                   "'%s/%s' is new, a name that the file system needs for itself there: have the "
                   "script use another",
                   place->directory, name);
}

int place_check_clone(const Place *place, char **reterr_what)
{
    _cleanup_close_ int fd = -1;
    int r = PLACE_FOUND;

    if (!place->exclude)
        return PLACE_FOUND;
    fd = place_open_clone(place);
    if (fd < 0)
        return fd;
    for (size_t i = 0; r == PLACE_FOUND && place->exclude[i]; i++)
        r = (i < place->n_declared ? check_excluded : check_foreign)(place, fd, place->exclude[i],
                                                                     reterr_what);
    return r;
}

int place_check_backup(const Place *place, int fd, char **reterr_what)
{
    int r = PLACE_FOUND;

    for (size_t i = 0; place->exclude && r == PLACE_FOUND && place->exclude[i]; i++)
        r = (i < place->n_declared ? check_absent : check_foreign)(place, fd, place->exclude[i],
                                                                   reterr_what);
    return r;
}
