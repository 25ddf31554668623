/* SPDX-License-Identifier: MIT */
/* An overlay over the original, as what a rehearsal's scripts run on. The process has a mount
 * namespace of its own. */
#pragma once

#include "place/place.h"

enum { OVERLAY_IMPOSSIBLE = 1 };

/* Lays one where place_prepare_rehearsal() has made room: place_open_clone() opens it then. 0,
 * OVERLAY_IMPOSSIBLE, with nothing left, where the kernel or the file system has none that is as
 * good as a clone; or a negative errno. */
int overlay_lay(const Place *place) _must_check_;

/* What has been changed in it. A descriptor or a negative errno. */
int overlay_open_upper(const Place *place) _must_check_;

/* Takes the mount away; what was changed stays. Descriptors into it are closed before. 0 or a
 * negative errno. */
int overlay_lift(const Place *place) _must_check_;
