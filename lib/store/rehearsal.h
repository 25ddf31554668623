/* SPDX-License-Identifier: MIT */
/* How the last rehearsal of a migration ended: STORE/rehearsal, which the helper writes, and what
 * it says to people. A rehearsal changes nothing and permits nothing; it is for whoever decides. */
#pragma once

#include "store/store.h"

/* Verdicts, as the record has them. */
#define REHEARSAL_PASSED  "passed"  /* all of the plan was tried, and succeeded */
#define REHEARSAL_PARTIAL "partial" /* what could be tried succeeded */
#define REHEARSAL_FAILED  "failed"
#define REHEARSAL_REFUSED "refused" /* it was not tried */
#define REHEARSAL_NOTHING "nothing" /* nothing was pending */

/* 0, 1 if there was none, -EBADMSG if it is damaged, or another negative errno. The caller owns
 * *ret. */
int rehearsal_read(const Store *store, json_object **ret) _must_check_;

/* Was it of this plan: the same versions, and by declarations and scripts as they are now? */
bool rehearsal_is_of(json_object *record, const char *from, const char *to,
                     const Fingerprint *fingerprint);

/* "rehearsed 2 h ago: passed, 12 s", for the line of a table; where it was of another plan than
 * from, to and fingerprint tell, it says so. The caller owns it; NULL: out of memory. */
char *rehearsal_describe(json_object *record, const char *from, const char *to,
                         const Fingerprint *fingerprint, uint64_t now) _must_check_;
