/* SPDX-License-Identifier: MIT */
/* Cloning a tree that is in use: changes meanwhile are no failure, and files that do not change are
 * cloned whole. */
#include "test.h"
#include "tree/sample-tree.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define STILL  200 /* files that nobody touches */
#define ROUNDS 40
#define TRIES  20 /* of a clone whose entries are moved meanwhile */

static void write_over(int fd, const char *name, const char *content, int flags)
{
    _cleanup_close_ int file = openat(fd, name, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0644);

    if (file >= 0 && write(file, content, strlen(content)) < 0)
        return;
}

/* As software does: files are appended to, cut, replaced and removed, directories come and go. */
static void user_main(int fd)
{
    for (unsigned i = 0;; i++) {
        char name[32];

        snprintf(name, sizeof(name), "come-%u", i % 50);
        write_over(fd, "log", "line\n", O_APPEND);
        if (i % 100 == 0)
            write_over(fd, "log", "", O_TRUNC);
        write_over(fd, "replacing", "whole", O_TRUNC);
        renameat(fd, "replacing", fd, "replaced");
        write_over(fd, name, "short", 0);
        linkat(fd, name, fd, "linked", 0);
        unlinkat(fd, "linked", 0);
        mkdirat(fd, "directory", 0755);
        mkdirat(fd, "directory/below", 0755);
        write_over(fd, "directory/below/file", "there", 0);
        unlinkat(fd, "directory/below/file", 0);
        unlinkat(fd, "directory/below", AT_REMOVEDIR);
        unlinkat(fd, "directory", AT_REMOVEDIR);
        symlinkat("log", fd, "directory");
        unlinkat(fd, "directory", 0);
        snprintf(name, sizeof(name), "come-%u", (i + 25) % 50);
        unlinkat(fd, name, 0);
    }
}

static pid_t begin_using(int fd)
{
    pid_t pid = fork();

    MUST(pid >= 0);
    if (pid == 0)
        user_main(fd);
    return pid;
}

static void make_still(int fd)
{
    _cleanup_close_ int still = make_dir(fd, "still", 0755);

    for (int i = 0; i < STILL; i++) {
        char name[32];

        snprintf(name, sizeof(name), "%d", i);
        make_file(still, name, name);
    }
    MUST(linkat(still, "1", still, "same", 0) >= 0);
}

static void test_in_use(const Ground *ground)
{
    _cleanup_close_ int tree = make_dir(ground->fd, "tree", 0755);
    unsigned cloned = 0, stale = 0, other = 0, whole = 0, left = 0;
    pid_t user;

    make_still(tree);
    user = begin_using(tree);
    for (unsigned i = 0; i < ROUNDS; i++) {
        const CloneOptions options = {.copy_limit = UINT64_MAX, .live = true};
        int r = -ESTALE;

        for (unsigned n = 0; r == -ESTALE && n < TRIES; n++) {
            CloneResult result = {};
            _cleanup_free_ char *what = NULL;

            r = clone_tree(tree, ground->fd, "clone", &options, &result, &what);
            stale += r == -ESTALE;
            left += r != 0 && exists(ground->fd, "clone");
        }
        cloned += r == 0;
        other += r != 0;
        if (r == 0) {
            _cleanup_free_ char *before = tree_dump(tree, "still", 0),
                                *after = tree_dump(ground->fd, "clone/still", 0);

            whole += dump_same(before, after);
        }
        MUST(tree_remove(ground->fd, "clone") == 0);
    }
    MUST(kill(user, SIGKILL) >= 0 && waitpid(user, NULL, 0) == user);
    OK(cloned == ROUNDS && other == 0,
       "%s: a tree is cloned %u times while it changes (%u times tried again)", ground->kind,
       cloned, stale);
    OK(whole == ROUNDS && left == 0,
       "%s: files that do not change are cloned whole, and no clone is left behind", ground->kind);
    MUST(tree_remove(ground->fd, "tree") == 0);
}

int main(void)
{
    static const char *const kinds[] = {"here", "ext4", "xfs", "btrfs"};

    setvbuf(stdout, NULL, _IOLBF, 0);
    umask(022);
    ground_begin();
    for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
        const char *why = NULL;
        const Ground *ground = ground_make(kinds[i], 256, &why);

        if (ground)
            test_in_use(ground);
        else
            SKIP("%s: %s", kinds[i], why);
    }
    ground_end();
    return tests_done();
}
