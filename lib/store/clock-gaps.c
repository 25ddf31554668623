/* SPDX-License-Identifier: MIT */
/* The record of what clocks have said, and what follows for an age. */
#include "store/clock-gaps.h"

#include <fcntl.h>

#define RECORD_CLOCK ".clock"
#define HOUR         (UINT64_C(3600) * 1000000)
#define UNSEEN_MAX   (48 * HOUR) /* of the time between two boots */
#define GAPS_MAX     256

static int open_directory(const char *root)
{
    _cleanup_free_ char *path = strprintf("%s" STORE_DIRECTORY, root ? root : "");
    int fd = path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

    return fd >= 0 ? fd : path ? -errno : -ENOMEM;
}

static int read_gaps(json_object *array, ClockGaps *gaps)
{
    for (size_t i = 0; array && i < json_object_array_length(array); i++) {
        json_object *described = json_object_array_get_idx(array, i);
        int64_t before = json_integer(described, "before"),
                after = json_integer(described, "after"),
                counted = json_integer(described, "counted");
        ClockGap *gap;

        if (before <= 0 || after <= before || counted < 0)
            continue;
        gap = ARRAY_GROW(gaps->gaps, gaps->n_gaps);
        if (!gap)
            return -ENOMEM;
        *gap = (ClockGap){(uint64_t)before, (uint64_t)after, (uint64_t)counted};
    }
    return 0;
}

int clock_gaps_read(const char *root, ClockGaps *ret)
{
    _cleanup_json_ json_object *record = NULL;
    _cleanup_close_ int fd = open_directory(root);
    Store store = {.fd = fd};
    int64_t seen, uptime;
    int r;

    *ret = (ClockGaps){};
    if (fd < 0)
        return fd == -ENOENT ? 0 : fd;
    r = record_read(&store, RECORD_CLOCK, &record);
    if (r != 0)
        return r == -EBADMSG ? 0 : MIN(r, 0);
    seen = json_integer(record, "seen");
    uptime = json_integer(record, "uptime");
    if (seen <= 0)
        return 0;
    ret->seen = (uint64_t)seen;
    ret->uptime = uptime > 0 ? (uint64_t)uptime : 0;
    if (json_string(record, "boot"))
        ret->boot = strdup(json_string(record, "boot"));
    return read_gaps(json_array(record, "gaps"), ret);
}

int clock_gaps_write(const ClockGaps *gaps)
{
    _cleanup_json_ json_object *record = json_object_new_object();
    json_object *array = json_object_new_array();
    _cleanup_close_ int fd = open_directory(NULL);

    if (fd < 0 || !record || !array) {
        json_object_put(array);
        return fd < 0 ? fd : -ENOMEM;
    }
    for (size_t i = 0; i < gaps->n_gaps; i++) {
        json_object *gap = json_object_new_object();

        json_add_integer(gap, "before", (int64_t)gaps->gaps[i].before);
        json_add_integer(gap, "after", (int64_t)gaps->gaps[i].after);
        json_add_integer(gap, "counted", (int64_t)gaps->gaps[i].counted);
        json_object_array_add(array, gap);
    }
    json_add_integer(record, "seen", (int64_t)gaps->seen);
    json_add_string(record, "boot", gaps->boot);
    json_add_integer(record, "uptime", (int64_t)gaps->uptime);
    json_object_object_add(record, "gaps", array);
    return record_write_at(fd, RECORD_CLOCK, record);
}

void clock_gaps_free(ClockGaps *gaps)
{
    free(gaps->gaps);
    free(gaps->boot);
    *gaps = (ClockGaps){};
}

/* How much can have passed since the last note? */
static uint64_t believable(const ClockGaps *gaps, const char *boot, uint64_t uptime)
{
    if (boot && streq_null(gaps->boot, boot) && uptime >= gaps->uptime)
        return uptime - gaps->uptime + HOUR; /* for what time servers correct */
    return MAX(UNSEEN_MAX, uptime);
}

int clock_gaps_note(ClockGaps *gaps, uint64_t now, const char *boot, uint64_t uptime)
{
    ClockGap *last = gaps->n_gaps > 0 ? gaps->gaps + gaps->n_gaps - 1 : NULL;
    uint64_t counted = believable(gaps, boot, uptime);
    char *copy;

    if (now < gaps->seen) {
        if (!last || now < last->before || now >= last->after)
            return 0; /* behind what it has said before: nothing ages by that */
        gaps->n_gaps--;
    } else if (gaps->seen > 0 && now - gaps->seen > counted) {
        if (gaps->n_gaps == GAPS_MAX)
            memmove(gaps->gaps, gaps->gaps + 1, --gaps->n_gaps * sizeof(ClockGap));
        last = ARRAY_GROW(gaps->gaps, gaps->n_gaps);
        if (!last)
            return -ENOMEM;
        *last = (ClockGap){gaps->seen, now, counted};
    }
    copy = boot ? strdup(boot) : NULL;
    free(gaps->boot);
    gaps->boot = copy;
    gaps->seen = now;
    gaps->uptime = uptime;
    return boot && !copy ? -ENOMEM : 0;
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
