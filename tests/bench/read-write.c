/* SPDX-License-Identifier: MIT */
/* The least that a generator can do: reads every declaration, and writes as many files of the same
 * sizes to the same directories, by a temporary name and a rename. The rest of the time is the
 * generator's own.
 *
 * usage: read-write ROOT LIST OUTPUT (LIST: a line a file, "SIZE PATH" or "> PATH TARGET") */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char buffer[1 << 20];

static void die(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

static void read_all(int parent, const char *name)
{
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);

    if (!dir)
        die(name);
    for (struct dirent *de; (de = readdir(dir));) {
        int file;

        if (de->d_name[0] == '.')
            continue;
        if (de->d_type == DT_DIR) {
            read_all(fd, de->d_name);
            continue;
        }
        file = openat(fd, de->d_name, O_RDONLY | O_CLOEXEC);
        if (file < 0 || read(file, buffer, sizeof(buffer)) < 0)
            die(de->d_name);
        close(file);
    }
    closedir(dir);
}

static void write_one(int output, const char *path, const char *target, size_t size)
{
    static const char temporary[] = ".temporary";
    const char *slash = strchr(path, '/');

    if (slash) {
        char directory[PATH_MAX];

        snprintf(directory, sizeof(directory), "%.*s", (int)(slash - path), path);
        mkdirat(output, directory, 0755);
    }
    if (target) {
        if (symlinkat(target, output, temporary) < 0)
            die(path);
    } else {
        int fd = openat(output, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

        if (fd < 0 || write(fd, buffer, size) != (ssize_t)size)
            die(path);
        close(fd);
    }
    if (renameat(output, temporary, output, path) < 0)
        die(path);
}

int main(int argc, char **argv)
{
    char first[PATH_MAX], path[PATH_MAX], target[PATH_MAX];
    FILE *list = argc == 4 ? fopen(argv[2], "re") : NULL;
    int output = argc == 4 ? open(argv[3], O_DIRECTORY | O_CLOEXEC) : -1;

    if (!list || output < 0)
        die("usage: read-write ROOT LIST OUTPUT");
    read_all(AT_FDCWD, argv[1]);
    memset(buffer, 'x', sizeof(buffer));
    while (fscanf(list, "%s %s", first, path) == 2)
        if (first[0] != '>')
            write_one(output, path, NULL, strtoul(first, NULL, 10));
        else if (fscanf(list, "%s", target) == 1)
            write_one(output, path, target, 0);
    fclose(list);
    return EXIT_SUCCESS;
}
