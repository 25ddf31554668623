/* SPDX-License-Identifier: MIT */
/* The stamps of a state that a run has looked at: reading what they say together, writing links. */
#pragma once

#include "judge/agree.h"
#include "state/run.h"

/* Where stamps are: in each directory, or one for all in the store; and in each host's. */
size_t stamps_n(const Run *run);
int stamps_fd(const Run *run, size_t i); /* borrowed; -1: the directory is missing */

/* What the stamps of run->facts say; own: without those that are with other services. The stamp is
 * borrowed; NULL: they do not say the same everywhere, or there is none. */
Agreement stamps_read_agreement(const Run *run, bool own, const char **ret_stamp);

/* The same as a sentence, where they do not say a version; the caller owns it. */
char *stamps_describe_disagreement(Run *run, bool own) _must_check_;

/* Writes the links of ReadableBy= that are missing to the stamps of the state, which is at version,
 * and removes those that are not declared any more. What older software needs is no reason to hold
 * up this one: what cannot be written is only told. */
void stamps_link_readers(const Run *run, const char *version);
