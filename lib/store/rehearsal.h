/* SPDX-License-Identifier: MIT */
/* The record STORE/rehearsal: the result of the last rehearsal, for the operator. A rehearsal
 * changes nothing and permits nothing. */
#pragma once

#include "basic/fingerprint.h"
#include "store/record.h"

typedef enum RehearsalVerdict {
    VERDICT_NONE,
    VERDICT_PASSED,  /* the whole plan was tried, and succeeded */
    VERDICT_PARTIAL, /* everything that could be tried succeeded */
    VERDICT_FAILED,
    VERDICT_REFUSED, /* nothing was tried */
    VERDICT_NOTHING, /* nothing was pending */
} RehearsalVerdict;

/* How scripts got a writable view of a state directory, from the least to the most reliable way. */
typedef enum RehearsalMethod {
    REHEARSAL_NO_METHOD,
    REHEARSAL_COPY,
    REHEARSAL_REFLINK,
    REHEARSAL_SNAPSHOT,
    REHEARSAL_OVERLAY, /* only files that scripts touch were copied */
} RehearsalMethod;

typedef enum StepResult { STEP_UNTOLD, STEP_SUCCEEDED, STEP_FAILED, STEP_SKIPPED } StepResult;

typedef struct RehearsedStep {
    RecordRest *rest;
    char *from, *to, *migration;
    StepResult result;
    char *why;        /* why the step failed or was skipped */
    int64_t duration; /* in microseconds; -1: the step did not run */
} RehearsedStep;

typedef struct RehearsalStaging {
    RecordRest *rest;
    int64_t duration, bytes, files, copied;
} RehearsalStaging;

typedef struct RehearsalRecord {
    RecordRest *rest;
    char *service, *from, *to;
    char *started, *finished; /* start and end, time_format() */
    int64_t duration;         /* in microseconds, as all durations here */
    RehearsalVerdict verdict;
    char *what; /* the verdict in a sentence */
    bool live;  /* the state was in use */
    RehearsalMethod method;
    RehearsalStaging *staging; /* NULL: nothing was cloned */
    bool changed;              /* somebody has written to the state during the rehearsal */
    int64_t synced;
    RehearsedStep *steps;
    size_t n_steps;
    char **not_rehearsed;
    int64_t space;                   /* most bytes that the steps needed at once */
    char *fingerprint, *transaction; /* fingerprint of the plan; id in journal messages */
    char *kept;                      /* path of the clone; NULL: it was removed */
    int64_t exit;                    /* the exit status */
} RehearsalRecord;

/* An empty record, in which all numbers are missing. */
#define REHEARSAL_RECORD_NEW                                                                       \
    {                                                                                              \
        .duration = -1, .synced = -1, .space = -1, .exit = -1                                      \
    }

DECLARE_RECORD(RehearsalRecord, rehearsal_record);

/* The record STORE/rehearsing: the bases in which a rehearsal may have clones. */
typedef struct RehearsingRecord {
    RecordRest *rest;
    char **bases;
    bool kept; /* the clones stay until the next rehearsal */
} RehearsingRecord;

DECLARE_RECORD(RehearsingRecord, rehearsing_record);

/* Returns the name on disk: "passed", … NULL for VERDICT_NONE. */
const char *rehearsal_verdict_name(RehearsalVerdict verdict);

/* Says whether the rehearsal was for this plan, with the present declarations and scripts. */
bool rehearsal_is_of(const RehearsalRecord *record, const char *from, const char *to,
                     const Fingerprint *fingerprint);

/* Describes a rehearsal: "rehearsed 2 h ago: passed, 12 s". The text mentions a change if from, to
 * or fingerprint are not those of the rehearsal. The caller owns the text; NULL: out of memory. */
char *rehearsal_describe(const RehearsalRecord *record, const char *from, const char *to,
                         const Fingerprint *fingerprint, uint64_t now) _must_check_;
