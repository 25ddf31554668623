/* SPDX-License-Identifier: MIT */
/* Makes the view that scripts have of a state directory. */
#include "script/place-tree.h"

SandboxTree place_tree(const Place *place, int fd)
{
    return (SandboxTree){.path = place->directory,
                         .fd = fd,
                         .real_path = place->path,
                         .cover = place->cover,
                         .original_fd = place->fd,
                         .exclude = place->exclude,
                         .n_exclude = place->n_declared};
}
