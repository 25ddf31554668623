/* SPDX-License-Identifier: MIT */
/* The age of a backup by a clock that jumps. */
#include "backup/clock-gaps.h"
#include "test.h"

#define HOUR (UINT64_C(3600) * 1000000)
#define DAY  (24 * HOUR)

/* About 2026-01-01. */
#define START (20454 * DAY)

typedef struct Note {
    uint64_t day; /* since START */
    const char *boot;
    uint64_t uptime; /* in days */
} Note;

static const struct {
    const char *what;
    Note notes[6]; /* until one without a boot */
    uint64_t then, now;
    uint64_t days; /* the age, rounded down */
} cases[] = {
    {"a clock without notes is right", {{}}, 0, 90, 90},
    {"a clock with one note is right", {{1, "a", 1}}, 0, 90, 90},
    {"notes on every day make no gap",
     {{0, "a", 1}, {1, "a", 2}, {2, "a", 3}, {3, "a", 4}},
     0,
     3,
     3},
    {"a clock that is set ahead in a boot counts the uptime",
     {{0, "a", 1}, {1, "a", 2}, {9000, "a", 3}},
     0,
     9000,
     2},
    {"uptime between two notes counts even if the notes are 40 days apart",
     {{0, "a", 1}, {40, "a", 41}},
     0,
     40,
     40},
    {"a clock that jumps ahead over a boot adds two days",
     {{0, "a", 1}, {1, "a", 2}, {9000, "b", 0}},
     0,
     9000,
     3},
    {"a week in which the system was off counts as two days", {{0, "a", 1}, {7, "b", 0}}, 0, 7, 2},
    {"two days in which the system was off count as two days", {{0, "a", 1}, {2, "b", 0}}, 0, 2, 2},
    {"uptime before the first note of a boot counts", {{0, "a", 1}, {30, "b", 20}}, 0, 30, 20},
    {"a clock that was set ahead and back leaves no gap",
     {{0, "a", 1}, {9000, "b", 0}, {1, "b", 1}, {2, "b", 2}, {3, "b", 3}},
     0,
     3,
     3},
    {"a clock that was ahead for days and is back leaves no gap",
     {{0, "a", 1}, {9000, "b", 0}, {9001, "b", 1}, {3, "b", 3}},
     0,
     3,
     3},
    {"a backup that was made while the clock was ahead is young",
     {{0, "a", 1}, {9000, "b", 0}, {1, "b", 1}},
     9000,
     40,
     0},
    {"a backup that was made after a gap has the age that the clock shows",
     {{0, "a", 1}, {9000, "b", 0}, {9001, "b", 1}, {9040, "b", 40}},
     9001,
     9040,
     39},
    {"a backup that was made in a gap is as old as the boot after it",
     {{0, "a", 1}, {9000, "b", 1}},
     8999,
     9000,
     1},
    {"a first note from the future is replaced once the clock is set in the same boot",
     {{9000, "a", 0}, {1, "a", 1}, {2, "a", 2}, {60, "b", 0}},
     1,
     60,
     3},
    {"a clock that was behind for a while leaves no gap",
     {{100, "a", 1}, {1, "b", 0}, {101, "c", 0}, {102, "c", 1}},
     99,
     102,
     3},
    {"two gaps count two days each", {{0, "a", 1}, {100, "b", 0}, {200, "c", 0}}, 0, 200, 4},
};

int main(void)
{
    for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
        ClockGaps gaps = {};
        uint64_t age;
        bool noted = true;

        for (size_t j = 0; j < ELEMENTSOF(cases[i].notes) && cases[i].notes[j].boot; j++)
            noted = noted &&
                    clock_gaps_note(&gaps, START + cases[i].notes[j].day * DAY,
                                    cases[i].notes[j].boot, cases[i].notes[j].uptime * DAY) == 0;
        age = clock_gaps_age(&gaps, START + cases[i].now * DAY, START + cases[i].then * DAY);
        OK(noted && age / DAY == cases[i].days, "%s (%.2f days)", cases[i].what, (double)age / DAY);
        clock_record_free(&gaps);
    }
    OK(clock_gaps_age(NULL, START + DAY, START) == DAY, "without gaps the clock is right");
    {
        ClockGaps gaps = {};
        bool noted = true;

        for (uint64_t i = 1; noted && i <= 1000; i++)
            noted = clock_gaps_note(&gaps, START + i * 10 * DAY, i % 2 ? "a" : "b", 0) == 0;
        OK(noted && gaps.n_gaps == 256, "not more than 256 gaps are kept (%zu)", gaps.n_gaps);
        clock_record_free(&gaps);
    }
    return tests_done();
}
