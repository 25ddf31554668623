/* SPDX-License-Identifier: MIT */
/* The directory of a fuzz target, and the parts of its inputs. */
#include "fuzz.h"

const char *fuzz_path;
int fuzz_fd = -1;

static void leave(void)
{
    fuzz_clear(fuzz_fd);
    rmdir(fuzz_path);
}

void fuzz_enter(void)
{
    static char path[] = "/dev/shm/fuzz.XXXXXX", plain[] = "/tmp/fuzz.XXXXXX";

    if (fuzz_fd >= 0)
        return;
    fuzz_path = mkdtemp(path) ? path : mkdtemp(plain);
    fuzz_fd = fuzz_path ? open(fuzz_path, O_DIRECTORY | O_CLOEXEC) : -1;
    MUST(fuzz_fd >= 0);
    atexit(leave);
}

void fuzz_clear(int dir_fd)
{
    int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    _cleanup_closedir_ DIR *dir = fdopendir(fd);
    struct dirent *de;

    MUST(dir);
    while ((de = readdir(dir))) {
        _cleanup_close_ int sub_fd = -1;

        if (streq(de->d_name, ".") || streq(de->d_name, "..") ||
            unlinkat(dir_fd, de->d_name, 0) == 0)
            continue;
        sub_fd = openat(dir_fd, de->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        MUST(sub_fd >= 0);
        fuzz_clear(sub_fd);
        MUST(unlinkat(dir_fd, de->d_name, AT_REMOVEDIR) == 0);
    }
}

int fuzz_mkdir(const char *path)
{
    int fd;

    for (const char *slash = path; slash; slash = strchr(slash, '/')) {
        _cleanup_free_ char *above = NULL;

        slash += strspn(slash, "/");
        above = strndup(path, (size_t)(slash - path) + strcspn(slash, "/"));
        MUST(above && (mkdirat(fuzz_fd, above, 0755) == 0 || errno == EEXIST));
    }
    fd = openat(fuzz_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    MUST(fd >= 0);
    return fd;
}

void fuzz_write(int dir_fd, const char *name, const char *data, size_t size)
{
    _cleanup_close_ int fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

    MUST(fd >= 0 && write_all(fd, data, size) == 0);
}

void fuzz_split(const uint8_t *data, size_t size, FuzzPart *parts, size_t n_parts)
{
    const char *end = (const char *)data + size, *next;
    FuzzPart *part = parts;

    part->data = (const char *)data;
    for (const char *line = part->data; line < end; line = next) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        size_t length = (size_t)((newline ? newline : end) - line);
        FuzzPart *other = NULL;

        next = newline ? newline + 1 : end;
        for (size_t i = 1; i < n_parts; i++)
            if (length == strlen(parts[i].word) && !memcmp(line, parts[i].word, length))
                other = parts + i;
        if (other) { /* again: the earlier one is gone */
            part = other;
            part->data = next;
        }
        part->size = (size_t)(next - part->data);
    }
}

char *fuzz_line(FuzzPart *part)
{
    size_t length = 0;
    char *line;

    if (part->size == 0)
        return NULL;
    while (length < part->size && part->data[length] && part->data[length] != '\n')
        length++;
    line = strndup(part->data, length);
    MUST(line);
    length = MIN(length + 1, part->size);
    part->data += length;
    part->size -= length;
    return line;
}
