/* SPDX-License-Identifier: MIT */
/* ReadableBy=, from both sides: newer software says which older versions may run on its state, and
 * these believe it. */
#pragma once

#include "transaction/transaction.h"

/* The links of a state that is at version are as its declaration has them, if it is at that one.
 * What cannot be written is told, and no reason to refuse anything. */
void readers_link(const Run *run, const char *version);

/* Has newer software said that the declared version may run on the state, which is at version? Then
 * nothing is taken back, which is told. */
bool readers_allow(const Run *run, const char *version);
