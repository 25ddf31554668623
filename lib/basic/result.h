/* SPDX-License-Identifier: MIT */
/* The result of an operation: the exit status of the helper and of migratectl. */
#pragma once

typedef enum Result {
    RESULT_NONE = -1,     /* no result yet */
    RESULT_DONE = 0,      /* done, or nothing to do */
    RESULT_FAILED = 1,    /* failed, the state is unchanged */
    RESULT_USAGE = 2,     /* the command line is wrong */
    RESULT_ATTENTION = 3, /* failed, the state needs attention */
    RESULT_APPROVAL = 4,  /* the migration waits for approval */
    RESULT_DEFERRED = 5,  /* the operator has deferred the migration */
    RESULT_REFUSED = 6,   /* unknown version, gap, downgrade, skip, or no clone is possible */
    RESULT_BUSY = 7,      /* another transaction runs, or the service is live */
    RESULT_INVALID = 8,   /* invalid declaration */
} Result;

/* The names of the results, "done", "failed", …, for MIGRATE_RESULT= in the journal and "result" in
 * the history. */
extern const char *const result_names[RESULT_INVALID + 1];
static inline const char *result_name(Result result)
{
    return result_names[result];
}
