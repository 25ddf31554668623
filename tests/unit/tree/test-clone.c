/* SPDX-License-Identifier: MIT */
/* A clone is equal to its original in everything, and cloning does not change the original. */
#include "test.h"
#include "tree/sample-tree.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>

/* --- everything that a tree can hold
 * ------------------------------------------------------------------ */

static void test_everything(const Ground *ground, unsigned threads)
{
    const CloneOptions options = {.copy_limit = UINT64_MAX, .threads = threads};
    _cleanup_close_ int fd = tree_make(ground, "original");
    _cleanup_free_ char *before = NULL, *after = NULL, *original = NULL, *clone = NULL,
                        *what = NULL;
    CloneResult result = {};
    uint64_t fingerprint = 0;
    char value[8];
    int r;

    before = tree_dump(ground->fd, "original", DUMP_IDENTITY);
    r = clone_tree(fd, ground->fd, "clone", &options, &result, &what);
    OK(r == CLONE_DONE && !what, "%s, %u threads: a tree with everything is cloned", ground->kind,
       threads);
    after = tree_dump(ground->fd, "original", DUMP_IDENTITY);
    OK(dump_same(before, after), "%s: cloning does not change the original", ground->kind);
    original = tree_dump(ground->fd, "original", 0);
    clone = tree_dump(ground->fd, "clone", 0);
    OK(dump_same(original, clone), "%s: the clone has everything of the original", ground->kind);
    OK(result.total.files == dump_lines(original) - 1, "%s: all %lu entries are counted",
       ground->kind, (unsigned long)result.total.files);
    OK(result.total.copied == (ground->reflinks ? 0 : result.total.bytes) &&
           result.total.bytes > 9 << 20,
       "%s: the bytes are counted (%lu handled, %lu copied)", ground->kind,
       (unsigned long)result.total.bytes, (unsigned long)result.total.copied);
    OK(!result.snapshot, "%s: a directory is not cloned by a snapshot", ground->kind);
    OK(tree_fingerprint(fd, NULL, NULL, &fingerprint) == 0 && fingerprint == result.fingerprint,
       "%s: the clone has the fingerprint of the original", ground->kind);
    if (geteuid() == 0) {
        _cleanup_close_ int root = openat(ground->fd, "clone", O_RDONLY | O_CLOEXEC);

        OK(fgetxattr(root, TREE_MARK, value, sizeof(value)) < 0 && errno == ENODATA,
           "%s: the clone does not have the mark of the original", ground->kind);
    }

    OK(tree_remove(ground->fd, "clone") == 0 && !exists(ground->fd, "clone"),
       "%s: a clone with immutable files can be removed", ground->kind);
    free(after);
    after = tree_dump(ground->fd, "original", DUMP_IDENTITY);
    OK(dump_same(before, after), "%s: removing a clone does not change the original", ground->kind);
    OK(tree_remove(ground->fd, "original") == 0 && !exists(ground->fd, "original"),
       "%s: the original can be removed", ground->kind);
    OK(tree_remove(ground->fd, "original") == 0, "%s: removing a missing tree succeeds",
       ground->kind);
}

/* Space that is allocated but not written counts as a hole. */
static void test_allocated(const Ground *ground)
{
    _cleanup_close_ int fd = make_dir(ground->fd, "tree", 0755), file = -1;
    struct stat original, clone;
    CloneResult result = {};
    char text[5] = {};

    make_file(fd, "file", "text");
    file = openat(fd, "file", O_RDWR | O_CLOEXEC);
    MUST(posix_fallocate(file, 0, 8 << 20) == 0 && fsync(file) >= 0);
    OK(clone_simply(fd, ground->fd, "clone", &result) == 0,
       "%s: a file that is allocated in advance is cloned", ground->kind);
    MUST(fstat(file, &original) >= 0);
    close(file);
    file = openat(ground->fd, "clone/file", O_RDONLY | O_CLOEXEC);
    MUST(file >= 0 && fstat(file, &clone) >= 0 && read(file, text, 4) == 4);
    OK(clone.st_blocks <= original.st_blocks && clone.st_size == original.st_size &&
           streq(text, "text"),
       "%s: the clone needs not more than the %ld blocks of the original: %ld", ground->kind,
       (long)original.st_blocks, (long)clone.st_blocks);
    MUST(tree_remove(ground->fd, "clone") == 0 && tree_remove(ground->fd, "tree") == 0);
}

/* --- what each change does to the fingerprint
 * ---------------------------------------------------------- */

static void write_same_size(int fd)
{
    _cleanup_close_ int file = openat(fd, "a/file", O_WRONLY | O_CLOEXEC);

    MUST(file >= 0 && pwrite(file, "C", 1, 0) == 1);
}
static void write_and_hide_mtime(int fd)
{
    struct stat st;

    MUST(fstatat(fd, "a/file", &st, 0) >= 0);
    write_same_size(fd);
    MUST(utimensat(fd, "a/file", (struct timespec[]){st.st_atim, st.st_mtim}, 0) >= 0);
}
static void change_mode(int fd)
{
    MUST(fchmodat(fd, "a/file", 0600, 0) >= 0);
}
static void change_mode_of_root(int fd)
{
    MUST(fchmod(fd, 0711) >= 0);
}
static void rename_file(int fd)
{
    MUST(renameat(fd, "a/file", fd, "a/elif") >= 0);
}
static void move_file(int fd)
{
    MUST(renameat(fd, "a/file", fd, "b/file") >= 0);
}
static void exchange_files(int fd)
{
    MUST(renameat2(fd, "a/file", fd, "a/other", RENAME_EXCHANGE) >= 0);
}
static void add_file(int fd)
{
    make_file(fd, "b/new", "");
}
static void remove_dir(int fd)
{
    MUST(unlinkat(fd, "b", AT_REMOVEDIR) >= 0);
}
static void add_name(int fd)
{
    MUST(linkat(fd, "a/file", fd, "b/file", 0) >= 0);
}
static void retarget_link(int fd)
{
    MUST(unlinkat(fd, "link", 0) >= 0 && symlinkat("b", fd, "link") >= 0);
}

static void test_fingerprint(const Ground *ground)
{
    static const struct {
        const char *name;
        void (*change)(int fd);
    } changes[] = {
        {"a content of the same size", write_same_size},
        {"a content whose old time was set again", write_and_hide_mtime},
        {"a mode", change_mode},
        {"the mode of the root", change_mode_of_root},
        {"a renamed file", rename_file},
        {"a file moved to another directory", move_file},
        {"two files exchanged", exchange_files},
        {"a new file", add_file},
        {"a removed directory", remove_dir},
        {"a second name of a file", add_name},
        {"the target of a link", retarget_link},
    };

    for (size_t i = 0; i < ELEMENTSOF(changes); i++) {
        _cleanup_close_ int fd = make_dir(ground->fd, "tree", 0755);
        uint64_t before = 0, again = 1, after = 0;
        char byte;

        close(make_dir(fd, "a", 0755));
        close(make_dir(fd, "b", 0755));
        make_file(fd, "a/file", "content");
        make_file(fd, "a/other", "content");
        MUST(symlinkat("a", fd, "link") >= 0);
        MUST(tree_fingerprint(fd, NULL, NULL, &before) == 0);
        {
            _cleanup_close_ int file = openat(fd, "a/file", O_RDONLY | O_CLOEXEC);

            MUST(read(file, &byte, 1) == 1); /* another atime does not change the fingerprint */
        }
        MUST(tree_fingerprint(fd, NULL, NULL, &again) == 0);
        changes[i].change(fd);
        MUST(tree_fingerprint(fd, NULL, NULL, &after) == 0);
        OK(before == again && before != after, "%s: the fingerprint changes with %s", ground->kind,
           changes[i].name);
        MUST(tree_remove(ground->fd, "tree") == 0);
    }
}

/* --- deeper than any path, with few descriptors
 * -------------------------------------------------------- */

#define DEPTH 3000

static void test_deep(const Ground *ground)
{
    _cleanup_close_ int root = make_dir(ground->fd, "deep", 0755);
    _cleanup_free_ char *before = NULL, *original = NULL, *clone = NULL, *after = NULL;
    char name[101];
    pid_t child;
    int fd = dup(root), status;

    memset(name, 'd', 100);
    name[100] = 0;
    make_file(root, "link", "a file of three names");
    for (int i = 0; i < DEPTH; i++) {
        int next = make_dir(fd, name, 0755);

        if (i == DEPTH / 2)
            MUST(linkat(root, "link", next, "middle", 0) >= 0);
        if (i % 100 == 0) {
            make_file(next, "file", "one in a hundred");
            close(make_dir(next, "z", 0700)); /* so that the walk comes back */
        }
        close(fd);
        fd = next;
    }
    MUST(linkat(root, "link", fd, "bottom", 0) >= 0);
    make_file(fd, "first-below", "named first at the bottom");
    MUST(linkat(fd, "first-below", fd, "second-below", 0) >= 0);
    close(fd);

    before = tree_dump(ground->fd, "deep", DUMP_IDENTITY);
    child = fork();
    MUST(child >= 0);
    if (child == 0) {
        const struct rlimit few = {.rlim_cur = 400, .rlim_max = 400};
        CloneResult result = {};
        uint64_t fingerprint = 0;

        MUST(setrlimit(RLIMIT_NOFILE, &few) >= 0);
        if (clone_simply(root, ground->fd, "clone", &result) != 0)
            _exit(1);
        if (tree_fingerprint(root, NULL, NULL, &fingerprint) != 0 ||
            fingerprint != result.fingerprint)
            _exit(2);
        _exit(0);
    }
    MUST(waitpid(child, &status, 0) == child);
    OK(status == 0, "%s: %d levels are cloned with 400 descriptors (%x)", ground->kind, DEPTH,
       status);
    if (status == 0) {
        after = tree_dump(ground->fd, "deep", DUMP_IDENTITY);
        original = tree_dump(ground->fd, "deep", 0);
        clone = tree_dump(ground->fd, "clone", 0);
        OK(dump_same(original, clone), "%s: a deep tree is cloned completely", ground->kind);
        OK(dump_same(before, after), "%s: cloning does not change a deep tree", ground->kind);
    }
    OK(tree_remove(ground->fd, "clone") == 0 && !exists(ground->fd, "clone"),
       "%s: the clone of a deep tree can be removed", ground->kind);
    OK(tree_remove(ground->fd, "deep") == 0 && !exists(ground->fd, "deep"),
       "%s: a deep tree can be removed", ground->kind);
}

/* A directory with more entries than a queue holds. */
static void test_wide(const Ground *ground)
{
    _cleanup_close_ int fd = make_dir(ground->fd, "wide", 0755);
    _cleanup_free_ char *original = NULL, *clone = NULL;
    CloneResult result = {};
    char name[32];

    for (int i = 0; i < 3000; i++) {
        snprintf(name, sizeof(name), "%d", i);
        make_file(fd, name, name);
        snprintf(name, sizeof(name), "d%d", i);
        close(make_dir(fd, name, 0755));
    }
    OK(clone_simply(fd, ground->fd, "clone", &result) == 0, "%s: a wide directory is cloned",
       ground->kind);
    original = tree_dump(ground->fd, "wide", 0);
    clone = tree_dump(ground->fd, "clone", 0);
    OK(dump_same(original, clone), "%s: all entries of a wide directory are cloned", ground->kind);
    OK(tree_remove(ground->fd, "clone") == 0 && tree_remove(ground->fd, "wide") == 0,
       "%s: a wide directory can be removed", ground->kind);
}

/* --- where the clone is made
 * ---------------------------------------------------------------------------- */

static void test_parent(const Ground *ground)
{
    _cleanup_close_ int fd = make_dir(ground->fd, "plain", 0750);
    _cleanup_close_ int parent = make_dir(ground->fd, "parent", 02777);
    _cleanup_free_ char *original = NULL, *clone = NULL, *what = NULL;
    const CloneOptions options = {.copy_limit = UINT64_MAX};
    CloneResult result = {};
    int flags = 0;

    make_acl(parent, "system.posix_acl_default");
    if (ioctl(parent, FS_IOC_GETFLAGS, &flags) >= 0) {
        flags |= FS_NODUMP_FL;
        if (ioctl(parent, FS_IOC_SETFLAGS, &flags) < 0)
            printf("# %s: no flags to inherit\n", ground->kind);
    }
    make_file(fd, "file", "plain");
    close(make_dir(fd, "dir", 0755));
    OK(clone_simply(fd, parent, "clone", &result) == 0,
       "%s: a tree is cloned into a parent with defaults", ground->kind);
    original = tree_dump(ground->fd, "plain", 0);
    clone = tree_dump(parent, "clone", 0);
    OK(dump_same(original, clone),
       "%s: a clone does not inherit ACL, group and flags of its parent", ground->kind);

    OK(clone_simply(fd, parent, "clone", &result) == -EEXIST,
       "%s: a clone with a name that exists gives EEXIST", ground->kind);
    free(clone);
    clone = tree_dump(parent, "clone", 0);
    OK(dump_same(original, clone), "%s: a tree with the name of the clone is unchanged",
       ground->kind);

    OK(clone_tree(fd, fd, "inside", &options, &result, &what) == CLONE_REFUSED && what &&
           strstr(what, "is where the clone is made") && !exists(fd, "inside"),
       "%s: a clone in the original is refused: %s", ground->kind, what ?: "");
    OK(tree_remove(ground->fd, "parent") == 0 && tree_remove(ground->fd, "plain") == 0,
       "%s: the parent and the tree can be removed", ground->kind);
}

/* --- without privileges
 * -------------------------------------------------------------------------------- */

static void test_unprivileged(const Ground *ground)
{
    int status, counts[2], report[2];
    pid_t child;

    MUST(pipe(report) >= 0);
    child = fork();
    MUST(child >= 0);
    if (child == 0) {
        if (geteuid() == 0)
            MUST(setgid(65534) >= 0 && setuid(65534) >= 0);
        test_everything(ground, 0);
        {
            _cleanup_close_ int fd = make_dir(ground->fd, "secret", 0755), dir = -1;
            CloneResult result = {};

            dir = make_dir(fd, "closed", 0755);
            make_file(dir, "file", "");
            MUST(fchmod(dir, 0) >= 0);
            OK(clone_simply(fd, ground->fd, "clone", &result) == -EACCES &&
                   !exists(ground->fd, "clone"),
               "a tree with an unreadable directory is not cloned");
            OK(tree_remove(ground->fd, "secret") == 0 && !exists(ground->fd, "secret"),
               "a user can remove an own directory without permissions");
        }
        counts[0] = tests_run;
        counts[1] = tests_failed;
        MUST(write(report[1], counts, sizeof(counts)) == sizeof(counts));
        _exit(0);
    }
    close(report[1]);
    MUST(waitpid(child, &status, 0) == child);
    MUST(read(report[0], counts, sizeof(counts)) == sizeof(counts));
    close(report[0]);
    tests_run = counts[0];
    tests_failed = counts[1];
}

int main(void)
{
    static const struct {
        const char *kind;
        unsigned megabytes;
    } kinds[] = {{"here", 0}, {"ext4", 128}, {"xfs", 400}, {"btrfs", 256}};

    setvbuf(stdout, NULL, _IOLBF, 0);
    umask(022);
    ground_begin();
    for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
        const char *why = NULL;
        const Ground *ground = ground_make(kinds[i].kind, kinds[i].megabytes, &why);

        if (!ground) {
            SKIP("%s: %s", kinds[i].kind, why);
            continue;
        }
        test_everything(ground, 0);
        test_everything(ground, 1);
        test_everything(ground, 8);
        test_allocated(ground);
        test_fingerprint(ground);
        test_deep(ground);
        test_wide(ground);
        test_parent(ground);
        if (streq(ground->kind, "here")) {
            MUST(fchmod(ground->fd, 0777) >= 0);
            test_unprivileged(ground);
        }
    }
    ground_end();
    return tests_done();
}
