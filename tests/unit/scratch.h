/* SPDX-License-Identifier: MIT */
/* A scratch directory in TMPDIR, which is removed when the program ends. */
#pragma once

#include "basic/util.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>

static char *scratch_path;
static int scratch_fd = -1;

static inline void scratch_must(bool condition, const char *what)
{
    if (condition)
        return;
    printf("Bail out! %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}
#define MUST(condition) scratch_must(condition, #condition)

static inline int scratch_unlink(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    return remove(path);
}

static inline void scratch_remove(void)
{
    (void)nftw(scratch_path, scratch_unlink, 16, FTW_DEPTH | FTW_PHYS);
    free(scratch_path);
    close(scratch_fd);
}

static inline void scratch_make(void)
{
    const char *tmp = getenv("TMPDIR");

    scratch_path = strprintf("%s/migrate-test.XXXXXX", tmp ? tmp : "/tmp");
    MUST(scratch_path && mkdtemp(scratch_path));
    scratch_fd = open(scratch_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    MUST(scratch_fd >= 0);
    atexit(scratch_remove);
}

/* The same, but not below /tmp, where files are data. */
static inline void scratch_make_lasting(void)
{
    const char *tmp = getenv("TMPDIR");
    char *path;

    if (!tmp || startswith(tmp, "/tmp") || access(tmp, W_OK) < 0)
        MUST(setenv("TMPDIR", access("/var/cache", W_OK) == 0 ? "/var/cache" : ".", 1) == 0);
    scratch_make();
    path = realpath(scratch_path, NULL);
    MUST(path);
    free(scratch_path);
    scratch_path = path;
}

/* An empty directory in it; the caller closes it. */
static inline int scratch_dir(const char *name)
{
    int fd;

    MUST(mkdirat(scratch_fd, name, 0755) == 0);
    fd = openat(scratch_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    MUST(fd >= 0);
    return fd;
}

static inline void scratch_write(int dir_fd, const char *name, const void *data, size_t size)
{
    _cleanup_close_ int fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    MUST(fd >= 0 && write_all(fd, data, size) == 0);
}

static inline void scratch_text(int dir_fd, const char *name, const char *text)
{
    scratch_write(dir_fd, name, text, strlen(text));
}

/* Does the file hold exactly this? */
static inline bool scratch_holds(int dir_fd, const char *name, const char *text)
{
    _cleanup_free_ char *content = NULL;

    return read_file_at(dir_fd, name, 1U << 20, &content, NULL) == 0 && streq(content, text);
}

static inline bool scratch_has(int dir_fd, const char *name)
{
    return faccessat(dir_fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* How many entries a directory has. */
static inline unsigned scratch_count(int dir_fd)
{
    int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    _cleanup_closedir_ DIR *dir = fdopendir(fd);
    unsigned n = 0;
    struct dirent *de;

    MUST(dir);
    while ((de = readdir(dir)))
        n += !streq(de->d_name, ".") && !streq(de->d_name, "..");
    return n;
}
