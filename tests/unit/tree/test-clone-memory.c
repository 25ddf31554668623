/* SPDX-License-Identifier: MIT */
/* A directory with very many entries needs no more memory than one with few. Built without
 * sanitizers, which need a multiple. With CLONE_LONG in the environment the directories have a
 * million entries, otherwise 50,000. */
#include "test.h"
#include "tree/sample-tree.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define LIMIT (32U << 20)

static const Ground *ground;
static int tree;

static int do_clone(void)
{
    CloneResult result = {};

    return clone_simply(tree, ground->fd, "clone", &result);
}
static int do_fingerprint(void)
{
    uint64_t value;

    return tree_fingerprint(tree, NULL, NULL, &value);
}
static int do_remove_clone(void)
{
    return tree_remove(ground->fd, "clone");
}

/* The greatest resident set, in bytes, of a process that calls the function. */
static uint64_t memory_of(int (*what)(void))
{
    struct rusage usage;
    pid_t child;
    int status;

    fflush(stdout);
    child = fork();
    MUST(child >= 0);
    if (child == 0)
        _exit(what() == 0 ? 0 : 1);
    MUST(wait4(child, &status, 0, &usage) == child);
    MUST(status == 0);
    return (uint64_t)usage.ru_maxrss << 10;
}

static void check(const char *what, const char *name, unsigned n, int (*function)(void),
                  uint64_t limit)
{
    uint64_t memory = memory_of(function);

    OK(memory < limit, "%s %u %s needs little memory (%.1f MiB)", what, n, name,
       (double)memory / (1 << 20));
}

static void check_all(const char *name, unsigned n, uint64_t clone_limit)
{
    check("cloning", name, n, do_clone, clone_limit);
    check("the fingerprint of", name, n, do_fingerprint, LIMIT);
    check("removing", name, n, do_remove_clone, LIMIT);
}

static void make_entries(const char *name, unsigned n)
{
    char file[64];
    int fd = make_dir(tree, name, 0755);

    for (unsigned i = 0; i < n; i++) {
        snprintf(file, sizeof(file), "a-name-of-usual-length-%u", i);
        MUST(mknodat(fd, file, S_IFREG | 0644, 0) >= 0);
    }
    close(fd);
}

/* Files with two names, which are as far apart as possible. */
static void make_linked(unsigned n)
{
    int first, second;
    char file[64];

    make_entries("first", n);
    first = openat(tree, "first", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    second = make_dir(tree, "second", 0755);
    for (unsigned i = 0; i < n; i++) {
        snprintf(file, sizeof(file), "a-name-of-usual-length-%u", i);
        MUST(linkat(first, file, second, file, 0) >= 0);
    }
    close(first);
    close(second);
}

static void begin(void)
{
    tree = make_dir(ground->fd, "tree", 0755);
}

static void end(void)
{
    close(tree);
    MUST(tree_remove(ground->fd, "tree") == 0);
}

int main(void)
{
    bool is_long = getenv("CLONE_LONG");
    unsigned n = is_long ? 1000000 : 50000;
    _cleanup_free_ char *kind = strprintf("ext4 -N %u", 5 * n);
    const char *why = NULL;

    setvbuf(stdout, NULL, _IOLBF, 0);
    umask(022);
    ground_begin();
    MUST(kind);
    /* Enough inodes for all tests, since ext4 does not reuse an inode soon. */
    ground = ground_make(kind, is_long ? 4000 : 300, &why) ?: ground_make("here", 0, &why);

    begin();
    make_entries("files", n);
    check_all("files", n, LIMIT);
    end();

    begin();
    make_linked(n / 4);
    check_all("files of two names", n / 4, LIMIT);
    end();

    if (is_long) {
        /* Memory grows with linked files, see tree/links.h. */
        begin();
        make_linked(n);
        check_all("files of two names", n, 128U << 20);
        end();
    }
    ground_end();
    return tests_done();
}
