/* SPDX-License-Identifier: MIT */
/* Makes fingerprints of trees from metadata only: content cannot change without a change of the
 * ctime. */
#include "tree/fingerprint.h"

#include "tree/clone.h"
#include "tree/walk.h"

#include <fcntl.h>

static int take_fingerprint(int dir_fd, char *const *exclude, const volatile sig_atomic_t *cancel,
                            bool root_may_move, const char *stamps, uint64_t *ret)
{
    static const WalkOps look_only = {};
    _cleanup_walk_ Walk *walk = walk_new(&look_only, cancel, exclude, NULL);
    int r;

    if (!walk)
        return -ENOMEM;
    walk->root_may_move = root_may_move;
    walk->stamps = stamps;
    r = walk_run(walk, dir_fd);
    if (r == CLONE_REFUSED)
        return -EXDEV; /* a mount or a subvolume has appeared */
    if (r == 0)
        *ret = walk->fingerprint;
    return r;
}

int tree_fingerprint(int dir_fd, char *const *exclude, const volatile sig_atomic_t *cancel,
                     uint64_t *ret)
{
    return take_fingerprint(dir_fd, exclude, cancel, false, NULL, ret);
}

int tree_fingerprint_moved(int dir_fd, char *const *exclude, const char *stamps,
                           const volatile sig_atomic_t *cancel, uint64_t *ret)
{
    return take_fingerprint(dir_fd, exclude, cancel, true, stamps, ret);
}
