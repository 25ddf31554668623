/* SPDX-License-Identifier: MIT */
/* Any bytes for the files of /proc about processes: every parser of the survey of users gets the
 * whole input. Processes choose their names, paths, groups and ids there. */
#include "fuzz.h"
#include "inuse/private.h"
#include "system/progress-record.h"

static char *copy(const uint8_t *data, size_t size)
{
    char *text = strndup((const char *)data, size);

    MUST(text);
    return text;
}

static void check_rights(const uint8_t *data, size_t size)
{
    _cleanup_free_ char *status = copy(data, size), *users = copy(data, size),
                        *groups = copy(data, size);
    Dir dir = {.st = {.stx_mode = S_IFDIR | 0700, .stx_uid = 4242, .stx_gid = 4242}};
    struct statx file = {.stx_mode = S_IFREG | 0666, .stx_uid = 4242, .stx_gid = 4242};
    Rights *ours = NULL, *theirs = NULL;

    MUST(rights_parse(status, NULL, NULL, &ours) == 0);
    MUST(rights_parse(status, users, groups, &theirs) == 0);
    /* Without the line of capabilities, the process has all rights; in a namespace of users, never. */
    MUST(strstr(status, "\nCapPrm:") || rights_are_all(ours));
    MUST(!rights_are_all(theirs) && rights_equal(theirs, theirs));
    MUST(!rights_are_all(ours) || rights_to_write(ours, &dir, "file", &file));
    if (!strpbrk(status, "0123456789"))
        MUST(!rights_to_write(theirs, &dir, "file", &file));
    rights_free(ours);
    rights_free(theirs);
}

static void check_sockets(const uint8_t *data, size_t size)
{
    _cleanup_(survey_free) Survey survey = {.proc_fd = -1};
    _cleanup_free_ char *text = copy(data, size);

    MUST(sockets_parse(&survey, text) == 0);
    for (size_t i = 0; i < survey.n_sockets; i++)
        MUST(!isempty(survey.sockets[i].path) && survey.sockets[i].path[0] != '@');
}

static void check_maps(const uint8_t *data, size_t size)
{
    FuzzPart part = {.data = (const char *)data, .size = size};
    Map map;

    for (char *line; (line = fuzz_line(&part)); free(line))
        if (map_parse(line, &map))
            MUST(map.path[0] == '/' && strchr(map.range, '-'));
}

static void check_names(const uint8_t *data, size_t size)
{
    _cleanup_free_ char *swaps = copy(data, size), *ring = copy(data, size),
                        *cgroup = copy(data, size), *stat = copy(data, size);
    char *next, *found;
    uint64_t start;
    int r;

    for (next = swaps; (found = swap_next(&next));)
        MUST(found[0] == '/');
    for (next = ring; (found = ring_next(&next));)
        MUST(found[0] == '/' && !strchr(found, '\n'));
    found = cgroup_unit(cgroup);
    MUST(!found ||
         (!strpbrk(found, "/\n") && (endswith(found, ".service") || endswith(found, ".scope"))));
    r = process_start_parse(stat, &start);
    MUST(r == 0 || r == -EBADMSG);
    MUST(r < 0 || strchr(stat, ')'));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_rights(data, size);
    check_sockets(data, size);
    check_maps(data, size);
    check_names(data, size);
    return 0;
}
