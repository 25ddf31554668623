/* SPDX-License-Identifier: MIT */
/* A directory is exchanged for a link before the first system call of a clone, before the second,
 * and so on, and exchanged back one, two or three calls later: systematically, while
 * test-clone-hostile relies on chance. */
#include "test.h"
#include "tree/sample-tree.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#define SECRET  "CANARY: nobody may copy this"
#define FOREVER 1000000 /* never exchanged back */

static const Ground *ground;
static int tree;

static void make_tree(void)
{
    int dir, other;

    tree = make_dir(ground->fd, "tree", 0755);
    dir = make_dir(tree, "dir", 0755);
    other = make_dir(tree, "other", 0755);
    make_file(dir, "secret", "harmless");
    close(make_dir(dir, "below", 0755));
    make_file(dir, "below/secret", "harmless");
    make_file(tree, "file", "harmless");
    MUST(symlinkat("../canary", other, "link-to-dir") >= 0);
    MUST(symlinkat("../canary/secret", other, "link-to-file") >= 0);
    close(dir);
    close(other);
}

static void exchange(void)
{
    /* An entry may be missing already, so errors are ignored. */
    renameat2(tree, "dir", tree, "other/link-to-dir", RENAME_EXCHANGE);
    renameat2(tree, "file", tree, "other/link-to-file", RENAME_EXCHANGE);
}

static int clone_it(bool live)
{
    const CloneOptions options = {.copy_limit = UINT64_MAX, .threads = 1, .live = live};
    CloneResult result = {};
    char *what = NULL;

    return clone_tree(tree, ground->fd, "clone", &options, &result, &what);
}
static int do_clone(void)
{
    return clone_it(false);
}
static int do_clone_live(void)
{
    return clone_it(true);
}
static int do_fingerprint(void)
{
    uint64_t value;

    return tree_fingerprint(tree, NULL, NULL, &value);
}
static int do_remove(void)
{
    return tree_remove(ground->fd, "tree");
}

/* Runs what in a process, exchanges entries before its n-th system call, and back again later.
 * False: the process made fewer calls. *ret: its result. */
static bool run_exchanging(int (*what)(void), unsigned n, unsigned later, int *ret)
{
    pid_t child = fork();
    unsigned calls = 0;
    int status;

    MUST(child >= 0);
    if (child == 0) {
        int r;

        MUST(ptrace(PTRACE_TRACEME, 0, NULL, NULL) >= 0);
        raise(SIGSTOP);
        r = what();
        _exit(r == 0 ? 0 : r == -ESTALE ? 1 : 2);
    }
    MUST(waitpid(child, &status, 0) == child && WIFSTOPPED(status));
    /* Each system call has two stops, one before and one after. */
    for (unsigned stop = 0; WIFSTOPPED(status); stop++) {
        if (stop % 2 == 1)
            calls++;
        if (stop % 2 == 1 && (calls == n || calls == n + later))
            exchange();
        MUST(ptrace(PTRACE_SYSCALL, child, NULL, NULL) >= 0 && waitpid(child, &status, 0) == child);
    }
    *ret = WIFEXITED(status) ? WEXITSTATUS(status) : 3;
    return calls >= n;
}

static bool holds_secret(const char *name)
{
    _cleanup_free_ char *command = strprintf("grep -rqs CANARY %s/%s", ground->path, name);

    MUST(command);
    return exists(ground->fd, name) && system(command) == 0;
}

static void test_exchanged(const char *name, int (*what)(void))
{
    static const unsigned laters[] = {1, 2, 3, FOREVER};
    _cleanup_close_ int canary = make_dir(ground->fd, "canary", 0755);
    _cleanup_free_ char *before = NULL, *after = NULL;
    unsigned points = 0, done = 0, stale = 0, other = 0, leaked = 0, left = 0;

    make_file(canary, "secret", SECRET);
    close(make_dir(canary, "below", 0755));
    make_file(canary, "below/secret", SECRET);
    MUST(fsetxattr(canary, "user.canary", "sings", 5, 0) >= 0 || errno == EOPNOTSUPP);
    before = tree_dump(ground->fd, "canary", DUMP_IDENTITY);
    for (size_t i = 0; i < ELEMENTSOF(laters); i++) {
        bool more = true;

        for (unsigned n = 1; more; n++) {
            int r;

            make_tree();
            more = run_exchanging(what, n, laters[i], &r);
            points++;
            done += r == 0;
            stale += r == 1;
            other += r > 1;
            leaked += holds_secret("clone");
            left += r != 0 && exists(ground->fd, "clone");
            MUST(tree_remove(ground->fd, "clone") == 0 && tree_remove(ground->fd, "tree") == 0);
            close(tree);
        }
    }
    after = tree_dump(ground->fd, "canary", DUMP_IDENTITY);
    OK(points > 80 && other == 0,
       "%s: %s is done or refused if an exchange precedes any of %u calls (%u done, %u noticed)",
       ground->kind, name, points, done, stale);
    OK(leaked == 0 && left == 0,
       "%s: no file from outside of the tree is copied, and no clone is left behind", ground->kind);
    OK(dump_same(before, after), "%s: files outside of the tree are unchanged", ground->kind);
    MUST(tree_remove(ground->fd, "canary") == 0);
}

int main(void)
{
    static const char *const kinds[] = {"here", "btrfs"};

    setvbuf(stdout, NULL, _IOLBF, 0);
    umask(022);
    ground_begin();
    for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
        const char *why = NULL;

        ground = ground_make(kinds[i], 256, &why);
        if (!ground) {
            SKIP("%s: %s", kinds[i], why);
            continue;
        }
        test_exchanged("a clone", do_clone);
        test_exchanged("a clone of a changing tree", do_clone_live);
        test_exchanged("a fingerprint", do_fingerprint);
        test_exchanged("a removal", do_remove);
    }
    ground_end();
    return tests_done();
}
