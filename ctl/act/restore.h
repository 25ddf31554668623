/* SPDX-License-Identifier: MIT */
/* Going back to a backup from another verb. */
#pragma once

#include "act/drop-in.h"
#include "system/bus.h"

/* Brings the newest backup of this version back, and starts the service. The version is declared
 * already, or by the drop-in, which systemd has not read yet. The drop-in is taken back until the
 * operator has agreed, and stays from then on. Returns a Result or STATUS_INTERRUPTED. */
int restore_declared(const char *name, const char *version, DropIn *drop_in,
                     sd_bus *bus) _must_check_;
