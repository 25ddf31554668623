/* SPDX-License-Identifier: MIT */
/* Writes the drop-in that declares a version, atomically and durably, and takes it back. Never reads
 * what it means. */
#include "act/drop-in.h"

#include "terminal/output.h"

#include <fcntl.h>
#include <sys/stat.h>

/* Writes or, with text NULL, removes the drop-in, atomically and durably. All users may read the
 * file, because all users may run migratectl status. */
static int write_drop_in(const char *directory, const char *text)
{
    _cleanup_close_ int dir_fd = -1, fd = -1;
    int r;

    if ((mkdir("/etc/migrate.d", 0755) < 0 && errno != EEXIST) ||
        (mkdir(directory, 0755) < 0 && errno != EEXIST))
        return -errno;
    dir_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir_fd < 0)
        return -errno;
    if (!text)
        return unlinkat(dir_fd, DROP_IN, 0) < 0 && errno != ENOENT ? -errno
               : fsync(dir_fd) < 0                                 ? -errno
                                                                   : 0;
    if (unlinkat(dir_fd, "." DROP_IN ".new", 0) < 0 && errno != ENOENT)
        return -errno;
    fd = openat(dir_fd, "." DROP_IN ".new", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0)
        return -errno;
    r = write_all(fd, text, strlen(text));
    if (r == 0 && (fchmod(fd, 0644) < 0 || fsync(fd) < 0))
        r = -errno;
    if (r == 0 && renameat(dir_fd, "." DROP_IN ".new", dir_fd, DROP_IN) < 0)
        r = -errno;
    if (r < 0) {
        unlinkat(dir_fd, "." DROP_IN ".new", 0);
        return r;
    }
    return fsync(dir_fd) < 0 ? -errno : 0;
}

static Result complain_write(const char *name, const char *directory, const char *version, int r)
{
    complain("%s: cannot write %s/" DROP_IN ": %s", name, directory, strerror(-r));
    if (r == -EROFS)
        complain("/etc is read-only on this system. Where it is configured, add "
                 "migrate.d/%s.ini.d/" DROP_IN
                 " (on NixOS: environment.etc, or the option of the module) with these lines:\n\n"
                 "  [State]\n  Version=%s\n",
                 name, version);
    return RESULT_FAILED;
}

Result drop_in_write(DropIn *drop_in, const char *name, const char *version)
{
    _cleanup_free_ char *path = NULL, *text = NULL;
    int r;

    drop_in_free(drop_in);
    drop_in->directory = strprintf("/etc/migrate.d/%s.ini.d", name);
    path = drop_in->directory ? strprintf("%s/" DROP_IN, drop_in->directory) : NULL;
    text = strprintf("# Written by migratectl %s.\n[State]\nVersion=%s\n",
                     *version ? "enable" : "disable", version);
    if (!path || !text)
        return complain_memory();
    r = read_file_at(AT_FDCWD, path, 1U << 20, &drop_in->before, NULL);
    if (r < 0 && r != -ENOENT && r != -ENOTDIR)
        return fail(RESULT_FAILED, "%s: cannot read %s: %s", name, path, strerror(-r));
    r = write_drop_in(drop_in->directory, text);
    if (r < 0) {
        (void)write_drop_in(drop_in->directory, drop_in->before); /* if only the last sync failed */
        return complain_write(name, drop_in->directory, version, r);
    }
    drop_in->written = true;
    return RESULT_DONE;
}

void drop_in_undo(DropIn *drop_in, const char *name)
{
    int r;

    if (!drop_in->written)
        return;
    r = write_drop_in(drop_in->directory, drop_in->before);
    if (r < 0)
        complain("%s: cannot restore %s/" DROP_IN ": %s. It declares another version at the next "
                 "reload or boot",
                 name, drop_in->directory, strerror(-r));
    drop_in->written = false;
}

void drop_in_free(DropIn *drop_in)
{
    free(drop_in->directory);
    free(drop_in->before);
    *drop_in = (DropIn){};
}
