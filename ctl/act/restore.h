/* SPDX-License-Identifier: MIT */
/* Going back to a backup from another verb. */
#pragma once

#include "act/drop-in.h"
#include "system/bus.h"

/* Brings the newest backup back that the version in the drop-in accepts, which is written but not
 * read by systemd yet. Asks first; then systemd reads it, and the service starts. If that does not
 * succeed, takes the drop-in back. Returns a Result or STATUS_INTERRUPTED. */
int restore_declared(const char *name, DropIn *drop_in, sd_bus *bus) _must_check_;
