/* SPDX-License-Identifier: MIT */
/* Lays an overlay over the original, for the scripts of a rehearsal. The process needs a mount
 * namespace of its own. */
#pragma once

#include "place/place.h"

enum { OVERLAY_IMPOSSIBLE = 1 };

/* Mounts an overlay after place_prepare_rehearsal(); place_open_clone() opens it. Returns 0, a
 * negative errno, or OVERLAY_IMPOSSIBLE (with nothing left on disk) if the kernel or the file
 * system has no overlay that is as good as a clone. */
int overlay_lay(const Place *place) _must_check_;

/* Opens the layer with the changes. Returns a descriptor or a negative errno. */
int overlay_open_upper(const Place *place) _must_check_;

/* Unmounts the overlay; the changes stay. The caller has closed all descriptors in the overlay.
 * Returns 0 or a negative errno. */
int overlay_lift(const Place *place) _must_check_;
