/* SPDX-License-Identifier: MIT */
/* Writes units. Not durable: systemd keeps a generator's output in memory. */
#include "publish.h"

#include <fcntl.h>
#include <sys/stat.h>

static int make_parent(int dir_fd, const char *path)
{
    const char *slash = strchr(path, '/');
    _cleanup_free_ char *parent = NULL;

    if (!slash)
        return 0;
    parent = strndup(path, (size_t)(slash - path));
    if (!parent)
        return -ENOMEM;
    if (mkdirat(dir_fd, parent, 0755) < 0 && errno != EEXIST)
        return -errno;
    return 0;
}

static int write_file(int dir_fd, const char *temporary, const char *content)
{
    _cleanup_close_ int fd =
        openat(dir_fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

    if (fd < 0)
        return -errno;
    return write_all(fd, content, strlen(content));
}

static int publish_one(int dir_fd, const Output *output)
{
    _cleanup_free_ char *temporary = strprintf("%s.tmp-%d", output->path, (int)getpid());
    int r;

    if (!temporary)
        return -ENOMEM;
    r = make_parent(dir_fd, output->path);
    if (r < 0)
        return r;
    if (output->link)
        r = symlinkat(output->link, dir_fd, temporary) < 0 ? -errno : 0;
    else
        r = write_file(dir_fd, temporary, output->content);
    if (r == 0 && renameat(dir_fd, temporary, dir_fd, output->path) < 0)
        r = -errno;
    if (r < 0)
        unlinkat(dir_fd, temporary, 0);
    return r;
}

int publish(const char *directory, const Outputs *outputs, const char **reterr_path)
{
    _cleanup_close_ int dir_fd = open(directory, O_DIRECTORY | O_CLOEXEC);
    int result = 0;

    if (dir_fd < 0) {
        *reterr_path = directory;
        return -errno;
    }
    for (size_t i = 0; i < outputs->n_items; i++) {
        int r = publish_one(dir_fd, outputs->items + i);

        if (r < 0 && result == 0) {
            result = r;
            *reterr_path = outputs->items[i].path;
        }
    }
    return result;
}

void publish_dry_run(FILE *f, const Outputs *outputs)
{
    for (size_t i = 0; i < outputs->n_items; i++)
        if (outputs->items[i].link)
            fprintf(f, "--- %s -> %s\n", outputs->items[i].path, outputs->items[i].link);
        else
            fprintf(f, "--- %s\n%s\n", outputs->items[i].path, outputs->items[i].content);
}
