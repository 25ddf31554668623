/* SPDX-License-Identifier: MIT */
/* Writes units. Syncs nothing, because systemd keeps a generator's output in memory. */
#include "publish.h"

#include <fcntl.h>
#include <sys/stat.h>

/* Makes the directory of a drop-in or link, unless it is *made, the directory that was made
 * last. */
static int make_parent(int dir_fd, const char *path, char **made)
{
    const char *slash = strchr(path, '/');
    char *parent;

    if (!slash)
        return 0;
    parent = strndup(path, (size_t)(slash - path));
    if (!parent)
        return -ENOMEM;
    if (streq_null(parent, *made)) {
        free(parent);
        return 0;
    }
    free(*made);
    *made = parent;
    return mkdirat(dir_fd, parent, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

static int write_file(int dir_fd, const char *temporary, const char *content)
{
    _cleanup_close_ int fd =
        openat(dir_fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

    if (fd < 0)
        return -errno;
    return write_all(fd, content, strlen(content));
}

static int publish_one(int dir_fd, const char *temporary, const Output *output, char **made)
{
    int r;

    r = make_parent(dir_fd, output->path, made);
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
    /* The temporary name is not a unit name, and is not longer than the longest unit name. */
    _cleanup_free_ char *temporary = strprintf(".migrate-%d", (int)getpid()), *made = NULL;
    _cleanup_close_ int dir_fd = open(directory, O_DIRECTORY | O_CLOEXEC);
    int result = 0;

    if (!temporary || dir_fd < 0) {
        *reterr_path = directory;
        return temporary ? -errno : -ENOMEM;
    }
    unlinkat(dir_fd, temporary, 0); /* a killed run with the same process id may have left this
                                     * file */
    for (size_t i = 0; i < outputs->n_items; i++) {
        int r = publish_one(dir_fd, temporary, outputs->items + i, &made);

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
