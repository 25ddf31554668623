/* SPDX-License-Identifier: MIT */
/* Finds the version of a state: by its stamps, or by FreshCheck= and Detect=, which see the state
 * read-only. The answers of scripts become facts in run->facts. */
#pragma once

#include "judge/agree.h"
#include "state/run.h"

/* Asks FreshCheck= whether there is data. 0 or -ENOMEM. */
int detect_fresh(Run *run) _must_check_;

/* Asks Detect= for the version. 0 or -ENOMEM. */
int detect_version(Run *run) _must_check_;

/* Asks Detect= (if declared) whether it contradicts a version from stamps or from an operator. No
 * contradiction if Detect= cannot tell. A start without a migration skips this check, since a
 * script costs time. 0 or -ENOMEM. */
int detect_confirm(Run *run, const char *version) _must_check_;
/* Makes a verdict of the answer of detect_confirm(): OUTCOME_CURRENT if there is no contradiction.
 * Borrows from run and version. */
Verdict detect_verdict(const Run *run, const char *version);

/* Return the number of stamps, and the directory of stamp i. Each directory has a stamp, or the
 * store has a single stamp instead; and each host has a stamp. */
size_t stamps_n(const Run *run);
int stamps_fd(const Run *run, size_t i); /* a descriptor, borrowed; -1: the directory is missing */

/* Compares the stamps in run->facts. own: without host stamps. *ret_stamp: the common stamp,
 * borrowed; NULL: they differ, or there is none. */
Agreement stamps_read_agreement(const Run *run, bool own, const char **ret_stamp);

/* Makes a sentence about stamps that differ. own: without host stamps. The caller owns the text;
 * NULL: out of memory. */
char *stamps_describe_disagreement(Run *run, bool own) _must_check_;

/* Writes missing reader links (ReadableBy=) for the state, which is at version, and removes links
 * that are not declared any more. Only logs errors, since the links are only for older software. */
void stamps_link_readers(const Run *run, const char *version);
