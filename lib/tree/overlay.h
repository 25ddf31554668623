/* SPDX-License-Identifier: MIT */
/* What an overlay over a tree would not show as it is. */
#pragma once

#include "basic/util.h"

#include <signal.h>

typedef enum OverlayReading {
    OVERLAY_READS = 0,
    OVERLAY_MISREADS = 1,
} OverlayReading;

/* Looks in the tree for what overlayfs takes for its own: character devices 0:0, which stand for
 * names that are gone, and the attributes trusted.overlay.* and user.overlay.*. States of
 * containers hold these, and anybody can make such a device. OVERLAY_READS; OVERLAY_MISREADS with
 * *ret_what ("'a/b' is ...", owned by the caller); or a negative errno, -ECANCELED among them. */
int overlay_misreads(int dir_fd, char *const *exclude, const volatile sig_atomic_t *cancel,
                     char **ret_what) _must_check_;
