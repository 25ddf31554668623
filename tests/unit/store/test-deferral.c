/* SPDX-License-Identifier: MIT */
/* Deferrals, and the notations of their ends. */
#include "scratch.h"
#include "store/consent.h"
#include "test.h"

#include <time.h>

/* 2026-11-22 09:17:38 UTC, in a time zone that is one hour ahead in winter, two in summer. */
#define NOW UINT64_C(1795339058000000)

static const struct {
    const char *text, *expected; /* expected NULL: not valid */
} cases[] = {
    {"2026-12-01", "2026-11-30T23:00:00Z"},
    {"2026-12-01 03:00", "2026-12-01T02:00:00Z"},
    {"2026-12-01 03:00:05", "2026-12-01T02:00:05Z"},
    {"2027-07-01 03:00", "2027-07-01T01:00:00Z"},
    {"2026-12-01 UTC", "2026-12-01T00:00:00Z"},
    {"2026-12-01 03:00 UTC", "2026-12-01T03:00:00Z"},
    {"2027-03-28 02:30", "2027-03-28T01:30:00Z"}, /* a time that the change to summer time skips */
    {"2028-02-29", "2028-02-28T23:00:00Z"},
    {"2027-02-29", NULL},
    {"2026-11-31", NULL},
    {"2026-13-01", NULL},
    {"26-12-01", NULL},
    {"2026-12-01 25:00", NULL},
    {"2026-12-01 03:00 CET", NULL},
    {"2026-12-01T", NULL},
    {"today", "2026-11-21T23:00:00Z"},
    {"tomorrow", "2026-11-22T23:00:00Z"},
    {"+3d", "2026-11-25T09:17:38Z"},
    {"+1h 30min", "2026-11-22T10:47:38Z"},
    {"+0", "2026-11-22T09:17:38Z"},
    {"+", NULL},
    {"+infinity", NULL},
    {"-3d", NULL},
    {"3d", NULL},
    {"", NULL},
    {"next week", NULL},
};

static void test_timestamps(void)
{
    for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
        uint64_t usec = 0;
        int r = parse_timestamp(cases[i].text, NOW, &usec);
        _cleanup_free_ char *found = r == 0 ? time_format(usec) : NULL;

        OK(streq_null(found, cases[i].expected) && (r == 0 || r == -EINVAL), "the time '%s' is %s",
           cases[i].text, cases[i].expected ? cases[i].expected : "not valid");
        if (!streq_null(found, cases[i].expected))
            printf("# found %s\n", found ? found : "none");
    }
}

static void test_record(const Store *store)
{
    Deferral deferral = {};

    OK(deferral_read(store, &deferral) == 1, "a new store has no deferral");
    OK(record_remove(store, RECORD_DEFERRED) == 0, "removing a missing deferral succeeds");
    OK(deferral_write(store, UINT64_MAX, "the auditors are here") == 0,
       "a deferral without an end is written");
    MUST(deferral_read(store, &deferral) == 0);
    OK(!deferral_is_over(&deferral) && !deferral.until &&
           streq_null(deferral.reason, "the auditors are here"),
       "a deferral without an end has its reason and is not over");
    deferral_record_free(&deferral);
    MUST(deferral_write(store, time_now() + 3600000000, NULL) == 0 &&
         deferral_read(store, &deferral) == 0);
    OK(!deferral_is_over(&deferral) && deferral.until,
       "a deferral that ends in an hour is not over");
    deferral_record_free(&deferral);
    MUST(deferral_write(store, time_now() - 3600000000, NULL) == 0 &&
         deferral_read(store, &deferral) == 0);
    OK(deferral_is_over(&deferral), "a deferral that ended an hour ago is over");
    deferral_record_free(&deferral);
    scratch_text(store->fd, RECORD_DEFERRED, "{\"until\":\"one day\"}");
    MUST(deferral_read(store, &deferral) == 0);
    OK(!deferral_is_over(&deferral), "a deferral with an invalid end time is not over");
    deferral_record_free(&deferral);
    scratch_text(store->fd, RECORD_DEFERRED, "{");
    MUST(deferral_read(store, &deferral) == 0);
    OK(!deferral_is_over(&deferral) && deferral.damaged, "a damaged deferral is not over");
    deferral_record_free(&deferral);
    OK(record_remove(store, RECORD_DEFERRED) == 0 && deferral_read(store, &deferral) == 1,
       "a deferral is removed");
}

int main(void)
{
    _cleanup_store_ Store store = STORE_NONE;

    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    tzset();
    scratch_make();
    MUST(mkdirat(scratch_fd, "var", 0755) == 0 && mkdirat(scratch_fd, "var/lib", 0755) == 0);
    MUST(store_open(scratch_path, "app", true, &store) == 0);
    test_timestamps();
    test_record(&store);
    return tests_done();
}
