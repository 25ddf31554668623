/* SPDX-License-Identifier: MIT */
/* Makes and removes the directory for the temporary files of a command. */
#include "script/temporary.h"

#include "basic/directory.h"
#include "tree/tree.h"

#include <sys/stat.h>

int temporary_make(const Place *place, Temporary *ret)
{
    int r;

    if (!place || place->transaction_fd < 0 || place->remote)
        return 0;
    ret->parent_fd = place->transaction_fd;
    /* No entry of another directory has such a name, see place_entries_collide(). */
    ret->name = strprintf("%s.tmp", place->entry);
    r = ret->name ? temporary_remove(ret) : -ENOMEM;
    if (r < 0)
        return r;
    if (mkdirat(ret->parent_fd, ret->name, 0700) < 0)
        return -errno;
    ret->fd = directory_fd(ret->parent_fd, ret->name);
    return ret->fd < 0 ? ret->fd : fchmod(ret->fd, 01777) < 0 ? -errno : 0;
}

int temporary_sweep(const Place *place)
{
    _cleanup_free_ char *name = strprintf("%s.tmp", place->entry);

    if (!name)
        return -ENOMEM;
    return place->transaction_fd >= 0 ? tree_remove(place->transaction_fd, name) : 0;
}

int temporary_remove(const Temporary *temporary)
{
    return temporary->name ? tree_remove(temporary->parent_fd, temporary->name) : 0;
}

void temporary_free(Temporary *temporary)
{
    cleanup_close(&temporary->fd);
    free(temporary->name);
}
