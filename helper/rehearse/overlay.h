/* SPDX-License-Identifier: MIT */
/* An overlay over the original, for the scripts of a rehearsal. Needs a mount namespace of its
 * own. */
#pragma once

#include "place/place.h"

enum { OVERLAY_IMPOSSIBLE = 1 };

/* Mounts an overlay after place_prepare_rehearsal(); place_open_clone() opens it. 0, a negative
 * errno, or OVERLAY_IMPOSSIBLE (with nothing left on disk) if the kernel or the file system has no
 * overlay that is as good as a clone. */
int overlay_lay(const Place *place) _must_check_;

/* The layer with the changes. A descriptor or a negative errno. */
int overlay_open_upper(const Place *place) _must_check_;

/* Unmounts the overlay; the changes stay. Close all descriptors in it first. 0 or a negative
 * errno. */
int overlay_lift(const Place *place) _must_check_;
