/* SPDX-License-Identifier: MIT */
/* The sentence about the last rehearsal: when it was, how it ended, and whether it was for this
 * plan. */
#include "store/rehearsal.h"
#include "test.h"

/* 2026-01-01T00:00:00Z */
#define FINISHED (UINT64_C(1767225600) * 1000000)
#define OTHER    "; but the state, the declaration or a script that it names has changed since"

static const Fingerprint here = {"f1"}, elsewhere = {"f2"}, none = {""};

static RehearsalRecord make_record(RehearsalVerdict verdict, int64_t duration)
{
    return (RehearsalRecord){.verdict = verdict,
                             .finished = (char *)"2026-01-01T00:00:00Z",
                             .from = (char *)"1",
                             .to = (char *)"2",
                             .fingerprint = (char *)"f1",
                             .duration = duration};
}

static void check(const RehearsalRecord *record, const char *from, const Fingerprint *fingerprint,
                  uint64_t seconds, const char *wanted, const char *what)
{
    _cleanup_free_ char *got =
        rehearsal_describe(record, from, "2", fingerprint, FINISHED + seconds * 1000000);

    OK(got && streq(got, wanted), "%s", what);
    if (!got || !streq(got, wanted))
        printf("# got    '%s'\n# wanted '%s'\n", got ? got : "NULL", wanted);
}

static void test_ages(void)
{
    static const struct {
        uint64_t seconds;
        const char *text, *what;
    } cases[] = {
        {0, "rehearsed 0 s ago: failed", "an age can be 0 s"},
        {119, "rehearsed 119 s ago: failed", "an age of less than 2 min is in seconds"},
        {120, "rehearsed 2 min ago: failed", "an age of 2 min is in minutes"},
        {7199, "rehearsed 119 min ago: failed", "an age of less than 2 h is in minutes"},
        {7200, "rehearsed 2 h ago: failed", "an age of 2 h is in hours"},
        {172799, "rehearsed 47 h ago: failed", "an age of less than 2 days is in hours"},
        {172800, "rehearsed 2 days ago: failed", "an age of 2 days is in days"},
    };
    RehearsalRecord record = make_record(VERDICT_FAILED, 5000000);

    for (size_t i = 0; i < ELEMENTSOF(cases); i++)
        check(&record, "1", &here, cases[i].seconds, cases[i].text, cases[i].what);
    check(&record, "1", &here, UINT64_C(0) - 60, "rehearsed 0 s ago: failed",
          "a rehearsal from the future was 0 s ago");
    record.finished = (char *)"yesterday";
    check(&record, "1", &here, 0, "rehearsed: failed",
          "a rehearsal without a valid time has no age");
}

static void test_durations(void)
{
    static const struct {
        RehearsalVerdict verdict;
        int64_t usec;
        const char *text, *what;
    } cases[] = {
        {VERDICT_PASSED, 0, "rehearsed 0 s ago: passed, 0.0 s", "a duration can be 0.0 s"},
        {VERDICT_PASSED, 9940000, "rehearsed 0 s ago: passed, 9.9 s",
         "a duration of less than 10 s has a decimal"},
        {VERDICT_PARTIAL, 10000000, "rehearsed 0 s ago: partial, 10 s",
         "a duration of 10 s is in whole seconds"},
        {VERDICT_PASSED, 119999999, "rehearsed 0 s ago: passed, 119 s",
         "a duration of less than 2 min is in seconds"},
        {VERDICT_PASSED, 120000000, "rehearsed 0 s ago: passed, 2 min",
         "a duration of 2 min is in minutes"},
        {VERDICT_PASSED, -1, "rehearsed 0 s ago: passed",
         "a duration that is not known is left out"},
        {VERDICT_REFUSED, 5, "rehearsed 0 s ago: refused", "a refused rehearsal has no duration"},
    };

    for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
        RehearsalRecord record = make_record(cases[i].verdict, cases[i].usec);

        check(&record, "1", &here, 0, cases[i].text, cases[i].what);
    }
}

static void test_plans(void)
{
    RehearsalRecord record = make_record(VERDICT_REFUSED, 0);

    check(&record, "1", &elsewhere, 0, "rehearsed 0 s ago: refused" OTHER,
          "a rehearsal with another script says that something has changed");
    check(&record, "0", &here, 0, "rehearsed 0 s ago: refused" OTHER,
          "a rehearsal from another version says that something has changed");
    check(&record, NULL, &here, 0, "rehearsed 0 s ago: refused" OTHER,
          "a rehearsal says that something has changed if the state has no version now");
    record.fingerprint = NULL;
    check(&record, "1", &none, 0, "rehearsed 0 s ago: refused" OTHER,
          "a rehearsal without a fingerprint says that something has changed");
}

int main(void)
{
    test_ages();
    test_durations();
    test_plans();
    return tests_done();
}
