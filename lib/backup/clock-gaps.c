/* SPDX-License-Identifier: MIT */
/* Reads, writes and evaluates the notes of the clock. */
#include "backup/clock-gaps.h"

#include "store/record-table.h"

#include <fcntl.h>

#define RECORD_CLOCK ".clock"
#define HOUR         (UINT64_C(3600) * 1000000)
#define UNSEEN_MAX   (48 * HOUR) /* most time between two boots that counts as age */
#define GAPS_MAX     256

#define RECORD ClockGap
static const RecordField gap_fields[] = {
    COUNT("before", before, 0),
    COUNT("after", after, 0),
    COUNT("counted", counted, 0),
};
static RECORD_TYPE(gap_type, gap_fields);
#undef RECORD

#define RECORD ClockGaps
static const RecordField fields[] = {
    COUNT("seen", seen, 0),
    STRING("boot", boot, 0),
    COUNT("uptime", uptime, 0),
    LIST("gaps", gaps, ClockGap, gap_type, FIELD_ALWAYS),
};
RECORD_TYPE(clock_record_type, fields);

static int open_directory(const char *root)
{
    _cleanup_free_ char *path = strprintf("%s" STORE_DIRECTORY, root ? root : "");
    int fd = path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

    return fd >= 0 ? fd : path ? -errno : -ENOMEM;
}

static void drop_absurd(ClockGaps *gaps)
{
    size_t n = 0;

    for (size_t i = 0; i < gaps->n_gaps; i++) {
        const ClockGap *gap = gaps->gaps + i;

        if ((int64_t)gap->before > 0 && (int64_t)gap->after > (int64_t)gap->before &&
            (int64_t)gap->counted >= 0)
            gaps->gaps[n++] = *gap;
        else
            record_free(&gap_type, gaps->gaps + i);
    }
    gaps->n_gaps = n;
}

int clock_gaps_read(const char *root, ClockGaps *ret)
{
    _cleanup_close_ int fd = open_directory(root);
    int r;

    *ret = (ClockGaps){};
    if (fd < 0)
        return fd == -ENOENT ? 0 : fd;
    r = clock_record_read(&(Store){.fd = fd}, RECORD_CLOCK, ret);
    if (r != 0)
        return r == -EBADMSG ? 0 : MIN(r, 0);
    if ((int64_t)ret->seen <= 0)
        clock_record_free(ret);
    if ((int64_t)ret->uptime < 0)
        ret->uptime = 0;
    drop_absurd(ret);
    return 0;
}

int clock_gaps_write(const ClockGaps *gaps)
{
    _cleanup_close_ int fd = open_directory(NULL);

    return fd < 0 ? fd : record_write_at(fd, RECORD_CLOCK, &clock_record_type, gaps);
}

/* Returns the most time that can have passed since the last note. */
static uint64_t believable(const ClockGaps *gaps, const char *boot, uint64_t uptime)
{
    if (boot && streq_null(gaps->boot, boot) && uptime >= gaps->uptime)
        return uptime - gaps->uptime + HOUR; /* plus an hour for corrections by time servers */
    return MAX(UNSEEN_MAX, uptime);
}

int clock_gaps_note(ClockGaps *gaps, uint64_t now, const char *boot, uint64_t uptime)
{
    ClockGap *last = gaps->n_gaps > 0 ? gaps->gaps + gaps->n_gaps - 1 : NULL;
    uint64_t counted = believable(gaps, boot, uptime);

    if (now < gaps->seen) {
        if (last && now >= last->before && now < last->after)
            record_free(&gap_type, gaps->gaps + --gaps->n_gaps);
        else if (!boot || !streq_null(gaps->boot, boot) || uptime < gaps->uptime)
            return 0; /* the clock went back, so nothing gets older */
        /* A clock that is set back while the system is up was ahead. */
    } else if (gaps->seen > 0 && now - gaps->seen > counted) {
        if (gaps->n_gaps == GAPS_MAX) {
            record_free(&gap_type, gaps->gaps);
            memmove(gaps->gaps, gaps->gaps + 1, --gaps->n_gaps * sizeof(ClockGap));
        }
        last = ARRAY_GROW(gaps->gaps, gaps->n_gaps);
        if (!last)
            return -ENOMEM;
        *last = (ClockGap){.before = gaps->seen, .after = now, .counted = counted};
    }
    gaps->seen = now;
    gaps->uptime = uptime;
    return strreplace(&gaps->boot, boot);
}

uint64_t clock_gaps_age(const ClockGaps *gaps, uint64_t now, uint64_t then)
{
    uint64_t age = now > then ? now - then : 0;

    for (size_t i = 0; gaps && i < gaps->n_gaps; i++) {
        const ClockGap *gap = gaps->gaps + i;
        uint64_t begin = MAX(gap->before, then), span = gap->after > begin ? gap->after - begin : 0;
        uint64_t unseen = span > gap->counted ? span - gap->counted : 0;

        age -= MIN(age, unseen);
    }
    return age;
}
