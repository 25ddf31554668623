/* SPDX-License-Identifier: MIT */
/* Bringing a backup back, by swap; settling that after a crash. */
#pragma once

#include "flight.h"

/* Of a transaction in phase "restoring": where anything was exchanged, finishes it forwards; else
 * the backup goes back to its place. Removes nothing but the record. Repeatable at every point. 0
 * or a negative errno, with reterr_what where there is more to say. */
int restore_settle(Flight *flight, char **reterr_what) _must_check_;
