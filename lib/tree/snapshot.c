/* SPDX-License-Identifier: MIT */
/* Clones a subvolume by snapshots. Takes the fingerprint before the snapshot, so that a later
 * fingerprint shows a change in between. */
#include "tree/private.h"

#include "tree/inode.h"
#include "tree/subvolumes.h"
#include "tree/tree.h"

#include <fcntl.h>
#include <sys/xattr.h>

typedef struct Survey {
    CloneProgress total;
    Subvolumes subvolumes; /* the nested subvolumes */
    struct statx target_parent;
} Survey;

/* Decides about an excluded directory: a snapshot can leave out only subvolumes. */
static int survey_excluded(Walk *walk, Dir *dir, const char *name, const struct statx *st)
{
    Survey *survey = walk->userdata;

    survey->total.files++;
    if (st->stx_ino != SUBVOLUME_INO || statx_same_device(st, &dir->st))
        return CLONE_ANOTHER_WAY;
    return subvolumes_add(&survey->subvolumes, dir, name, st, SUBVOLUME_EXCLUDED, false);
}

static int survey_enter(Walk *walk, Dir *dir)
{
    Survey *survey = walk->userdata;

    if (statx_same_inode(&dir->st, &survey->target_parent))
        return walk_blame(walk, dir, NULL, "is where the clone is to be made", CLONE_REFUSED);
    survey->total.files += !!dir->parent;
    if (!dir->subvolume)
        return 0;
    return subvolumes_add(&survey->subvolumes, dir->parent, dir->name, &dir->st, SUBVOLUME_SNAPSHOT,
                          dir->read_only);
}

static int survey_entry(Walk *walk, Dir *dir, const char *name, const struct statx *st)
{
    Survey *survey = walk->userdata;

    survey->total.files++;
    if (S_ISREG(st->stx_mode))
        survey->total.bytes += statx_content(st);
    return 0;
}

static int survey_leave(Walk *walk, Dir *dir)
{
    /* The descriptor is closed now, because references to dir may be kept for long. */
    close_early(&dir->fd);
    return 0;
}

static bool is_no_snapshot(int r)
{
    return r == -EPERM || r == -EACCES || r == -EXDEV || r == -EINVAL || r == -ENOTTY ||
           r == -EOPNOTSUPP || r == -ETXTBSY; /* -ETXTBSY: the subvolume has an active swap file */
}

static int complete(Survey *survey, Walk *walk, int source_fd, int target_parent_fd,
                    const char *target_name)
{
    _cleanup_close_ int fd = open_quietly(target_parent_fd, target_name, O_DIRECTORY);

    if (fd < 0)
        return fd;
    /* A snapshot has all attributes of the original, but a clone must not have TREE_MARK. */
    if (fremovexattr(fd, TREE_MARK) < 0 && errno != ENODATA && errno != EPERM)
        return -errno;
    return subvolumes_clone(&survey->subvolumes, walk, source_fd, fd);
}

static int snapshot_tree(Survey *survey, Walk *walk, int source_fd, int target_parent_fd,
                         const char *target_name)
{
    int r, removed;

    r = stat_at(target_parent_fd, "", &survey->target_parent);
    if (r < 0)
        return r;
    r = walk_run(walk, source_fd);
    if (r != 0)
        return r;
    r = snapshot_create(source_fd, target_parent_fd, target_name);
    if (r < 0)
        return is_no_snapshot(r) ? CLONE_ANOTHER_WAY : r;
    r = complete(survey, walk, source_fd, target_parent_fd, target_name);
    if (r < 0) {
        removed = tree_remove(target_parent_fd, target_name);
        (void)removed; /* the first error is returned */
    }
    return r;
}

int clone_by_snapshot(int source_fd, int target_parent_fd, const char *target_name,
                      const CloneOptions *options, CloneResult *ret, char **reterr_what)
{
    static const WalkOps ops = {
        .enter = survey_enter,
        .excluded = survey_excluded,
        .entry = survey_entry,
        .leave = survey_leave,
    };
    Survey survey = {};
    _cleanup_walk_ Walk *walk = walk_new(&ops, options->cancel, options->exclude, &survey);
    int r;

    if (!walk)
        return -ENOMEM;
    walk->live = options->live;
    r = snapshot_tree(&survey, walk, source_fd, target_parent_fd, target_name);
    subvolumes_free(&survey.subvolumes);
    if (r == 0)
        *ret = (CloneResult){
            .total = survey.total, .fingerprint = walk->fingerprint, .snapshot = true};
    else if (r != CLONE_ANOTHER_WAY)
        *reterr_what = TAKE_PTR(walk->what);
    return r;
}
