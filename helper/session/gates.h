/* SPDX-License-Identifier: MIT */
#pragma once

#include "declare/declaration.h"
#include "system/log.h"

/* Stops gates of the service, and of its former names, that nothing requires any more. Returns when
 * they are down. 0 or a negative errno, which was logged. */
int gates_close_left_over(const Declaration *declaration, const LogContext *log) _must_check_;
