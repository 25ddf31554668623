/* SPDX-License-Identifier: MIT */
/* Any directory of a service user: an entry a line, a directory if it ends in '/', a link if it
 * ends in '@', a FIFO if it ends in '|'. A stamp that could be written is the only one afterwards,
 * and no other entry is changed. */
#include "declare/declaration.h"
#include "fuzz.h"
#include "store/stamp.h"

#define NAME "app"

static bool make_entry(int dir_fd, char *name)
{
    size_t length = strlen(name);
    char kind = length > 0 ? name[length - 1] : '\0';

    if (kind && strchr("/@|", kind))
        name[length - 1] = '\0';
    if (isempty(name) || strlen(name) > 255 || strchr(name, '/') || streq(name, ".") ||
        streq(name, ".."))
        return false;
    if (kind == '/')
        return mkdirat(dir_fd, name, 0755) == 0;
    if (kind == '@')
        return symlinkat("elsewhere", dir_fd, name) == 0;
    return mknodat(dir_fd, name, (kind == '|' ? S_IFIFO : S_IFREG) | 0644, 0) == 0;
}

static bool is_stamp(const char *name)
{
    return startswith(name, STAMP_PREFIX NAME "=");
}

/* A directory of root's that is no data; this process makes all of them. */
static bool is_foreign(const struct dirent *de)
{
    return de->d_type == DT_DIR && (streq(de->d_name, "lost+found") || streq(de->d_name, ".migrate"));
}

static void count(int dir_fd, size_t *ret_stamps, size_t *ret_others)
{
    _cleanup_closedir_ DIR *dir = fdopendir(openat(dir_fd, ".", O_RDONLY | O_DIRECTORY));
    struct dirent *de;

    MUST(dir);
    *ret_stamps = *ret_others = 0;
    while ((de = readdir(dir)))
        if (!streq(de->d_name, ".") && !streq(de->d_name, "..") && !is_foreign(de))
            *(is_stamp(de->d_name) ? ret_stamps : ret_others) += 1;
}

static void check_written(int dir_fd, const char *version)
{
    _cleanup_(stamps_free) Stamps before = {}, after = {};
    _cleanup_free_ char *text = NULL;
    size_t n_stamps, n_others, n_others_after;
    int r;

    count(dir_fd, &n_stamps, &n_others);
    MUST(stamps_read(dir_fd, NAME, &before) == 0);
    MUST(strv_length(before.versions) == n_stamps &&
         (!before.empty || strv_length(before.others) == n_others));
    text = stamps_describe(&before);
    MUST(text);
    for (const char *c = text; *c; c++)
        MUST((unsigned char)*c >= ' ' && (unsigned char)*c < 127);
    r = stamp_write(dir_fd, NAME, version);
    MUST(stamps_read(dir_fd, NAME, &after) == 0);
    count(dir_fd, &n_stamps, &n_others_after);
    MUST(n_others == n_others_after);
    if (r == 0)
        MUST(n_stamps == 1 && streq(after.versions[0], version));
    else /* never fewer than there were where there were any: that is no record */
        MUST(n_stamps > 0 || !before.versions);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FuzzPart part = {.data = (const char *)data, .size = size};
    size_t made = 0;

    fuzz_enter();
    fuzz_clear(fuzz_fd);
    for (char *line; made < 64 && (line = fuzz_line(&part)); free(line))
        made += make_entry(fuzz_fd, line);
    check_written(fuzz_fd, "2");
    check_written(fuzz_fd, "1.0~rc1");
    return 0;
}
