/* SPDX-License-Identifier: MIT */
/* Checks whether an overlay would show a tree unchanged. */
#pragma once

#include "basic/util.h"

#include <signal.h>

typedef enum OverlayReading {
    OVERLAY_READS = 0,
    OVERLAY_MISREADS = 1,
} OverlayReading;

/* Searches the tree for marks of overlayfs: character devices 0:0, which stand for removed names,
 * and the attributes trusted.overlay.* and user.overlay.*. States of containers have such marks, and
 * any user can make such a device.
 *
 * Returns OVERLAY_READS if there are none; OVERLAY_MISREADS with *ret_what ("'a/b' is …", owned by
 * the caller); or a negative errno, also -ECANCELED. exclude and cancel may be NULL. */
int overlay_misreads(int dir_fd, char *const *exclude, const volatile sig_atomic_t *cancel,
                     char **ret_what) _must_check_;
