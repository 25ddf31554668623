/* SPDX-License-Identifier: MIT */
/* The rows of test-verdict.c, which ctl/test-verdicts.c reads, too. */
/* clang-format off */
#include "verdicts-stamped.h"
#include "verdicts-unstamped.h"
#include "verdicts-permission.h"
#include "verdicts-ways.h"
#include "verdicts-parts.h"
