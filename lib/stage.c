/* SPDX-License-Identifier: MIT */
/* How a clone comes about: by snapshot where the state is a subvolume, otherwise entry by entry;
 * and nothing of it stays unless it is complete. */
#include "stage.h"

#include "stage-btrfs.h"
#include "stage-clone.h"
#include "stage-copy.h"
#include "stage-walk.h"

#include <fcntl.h>
#include <sys/xattr.h>

/* --- a snapshot ---------------------------------------------------------------------------- */

enum { NO_SNAPSHOT = 100 };

/* A snapshot leaves nothing out. */
static int survey_excluded(Walk *walk, Dir *dir, const char *name, const struct statx *st)
{
    return NO_SNAPSHOT;
}

static int survey_enter(Walk *walk, Dir *dir)
{
    StageProgress *total = walk->userdata;

    total->files += !!dir->parent;
    return 0;
}

static int survey_entry(Walk *walk, Dir *dir, const char *name, const struct statx *st)
{
    StageProgress *total = walk->userdata;

    total->files++;
    if (S_ISREG(st->stx_mode))
        total->bytes += MIN(st->stx_size, st->stx_blocks * 512);
    return 0;
}

/* Whether the clone cannot be made this way, but may be in another. */
static bool is_no_snapshot(int r)
{
    return r == -EPERM || r == -EACCES || r == -EXDEV || r == -EINVAL || r == -ENOTTY ||
           r == -EOPNOTSUPP || r == -ETXTBSY; /* an active swap file */
}

/* A snapshot has every attribute of the original, this one included. */
static int remove_mark(int parent_fd, const char *name)
{
    _cleanup_close_ int fd = open_quietly(parent_fd, name, O_DIRECTORY);

    if (fd < 0)
        return fd;
    if (fremovexattr(fd, STAGE_MARK) < 0 && errno != ENODATA && errno != EPERM)
        return -errno;
    return 0;
}

/* The walk comes first: it is what finds nested subvolumes, which a snapshot leaves out, and a
 * change between the two must show as one later on. Also returns NO_SNAPSHOT. */
static int clone_by_snapshot(int source_fd, int target_parent_fd, const char *target_name,
                             const StageOptions *options, StageResult *ret, char **reterr_what)
{
    static const WalkOps ops = {
        .enter = survey_enter, .excluded = survey_excluded, .entry = survey_entry};
    _cleanup_free_ Walk *walk = calloc(1, sizeof(Walk));
    StageProgress total = {};
    int fd, r, removed;

    if (!walk)
        return -ENOMEM;
    walk->ops = &ops;
    walk->cancel = options->cancel;
    walk->exclude = options->exclude;
    walk->userdata = &total;
    fd = open_quietly(source_fd, ".", O_DIRECTORY);
    if (fd < 0)
        return fd;
    r = walk_run(walk, fd);
    if (r != 0) {
        *reterr_what = TAKE_PTR(walk->what);
        return r;
    }
    r = snapshot_create(source_fd, target_parent_fd, target_name);
    if (r < 0)
        return is_no_snapshot(r) ? NO_SNAPSHOT : r;
    r = remove_mark(target_parent_fd, target_name);
    if (r < 0) {
        removed = stage_remove(target_parent_fd, target_name);
        (void)removed; /* as in stage_clone() */
        return r;
    }
    *ret = (StageResult){.total = total, .fingerprint = walk->fingerprint, .snapshot = true};
    return 0;
}

/* --- the same mount ------------------------------------------------------------------------ */

static int check_mount(int source_fd, int target_parent_fd)
{
    struct statx source, parent;
    int r;

    r = stat_at(source_fd, "", &source);
    if (r >= 0)
        r = stat_at(target_parent_fd, "", &parent);
    if (r < 0)
        return r;
    if (!S_ISDIR(source.stx_mode) || !S_ISDIR(parent.stx_mode))
        return -ENOTDIR;
    return source.stx_mnt_id == parent.stx_mnt_id ? 0 : -EXDEV;
}

static int clone_by_entry(int source_fd, int target_parent_fd, const char *target_name,
                          const StageOptions *options, StageResult *ret, char **reterr_what)
{
    _cleanup_close_ int fd =
        openat(target_parent_fd, target_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0)
        return -errno;
    return clone_tree(source_fd, fd, options, ret, reterr_what);
}

/* A subvolume stays one, whatever way its content is cloned. */
static int create_root(int source_fd, int target_parent_fd, const char *target_name)
{
    if (is_subvolume(source_fd) && subvolume_create(target_parent_fd, target_name) >= 0)
        return 0;
    return mkdirat(target_parent_fd, target_name, 0700) < 0 ? -errno : 0;
}

int stage_clone(int source_fd, int target_parent_fd, const char *target_name,
                const StageOptions *options, StageResult *ret, char **reterr_what)
{
    int r, removed;

    r = check_mount(source_fd, target_parent_fd);
    if (r < 0)
        return r;
    if (is_subvolume(source_fd)) {
        r = clone_by_snapshot(source_fd, target_parent_fd, target_name, options, ret, reterr_what);
        if (r != NO_SNAPSHOT)
            return r;
    }
    r = create_root(source_fd, target_parent_fd, target_name);
    if (r < 0)
        return r;
    r = clone_by_entry(source_fd, target_parent_fd, target_name, options, ret, reterr_what);
    if (r != 0) {
        removed = stage_remove(target_parent_fd, target_name);
        (void)removed; /* what went wrong first is what matters, and removing can be repeated */
    }
    return r;
}
