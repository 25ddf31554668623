/* SPDX-License-Identifier: MIT */
/* Subvolumes of btrfs: as the state, nested in a subvolume, and in a plain directory. */
#include "test.h"
#include "tree/sample-tree.h"

#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>

static int open_dir(int dir_fd, const char *name)
{
    int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    MUST(fd >= 0);
    return fd;
}

static int make_subvolume(int dir_fd, const char *path)
{
    const char *slash = strrchr(path, '/');
    _cleanup_free_ char *parent = slash ? strndup(path, slash - path) : strdup(".");
    struct btrfs_ioctl_vol_args arguments = {};
    _cleanup_close_ int fd = -1;

    MUST(parent);
    fd = open_dir(dir_fd, parent);
    strcpy(arguments.name, slash ? slash + 1 : path);
    MUST(ioctl(fd, BTRFS_IOC_SUBVOL_CREATE, &arguments) >= 0);
    return open_dir(fd, arguments.name);
}

static void make_snapshot(int fd, int dir_fd, const char *name)
{
    struct btrfs_ioctl_vol_args_v2 arguments = {.fd = fd};

    strcpy(arguments.name, name);
    MUST(ioctl(dir_fd, BTRFS_IOC_SNAP_CREATE_V2, &arguments) >= 0);
}

static void set_read_only(int dir_fd, const char *name, bool read_only)
{
    _cleanup_close_ int fd = open_dir(dir_fd, name);
    uint64_t flags = read_only ? BTRFS_SUBVOL_RDONLY : 0;

    MUST(ioctl(fd, BTRFS_IOC_SUBVOL_SETFLAGS, &flags) >= 0);
}

/* "subvolume", "read-only" (a subvolume), or "directory". */
static const char *kind_of(int dir_fd, const char *name)
{
    _cleanup_close_ int fd = open_dir(dir_fd, name);
    uint64_t flags = 0;
    struct stat st;

    MUST(fstat(fd, &st) >= 0);
    if (st.st_ino != 256)
        return "directory";
    MUST(ioctl(fd, BTRFS_IOC_SUBVOL_GETFLAGS, &flags) >= 0);
    return flags & BTRFS_SUBVOL_RDONLY ? "read-only" : "subvolume";
}

static bool is_kind(int dir_fd, const char *name, const char *kind)
{
    bool is = streq(kind_of(dir_fd, name), kind);

    if (!is)
        printf("# %s: %s\n", name, kind_of(dir_fd, name));
    return is;
}

static void set_immutable(int dir_fd, const char *name)
{
    _cleanup_close_ int fd = open_dir(dir_fd, name);
    int flags = FS_IMMUTABLE_FL;

    MUST(ioctl(fd, FS_IOC_SETFLAGS, &flags) >= 0);
}

/* --- the state is one ------------------------------------------------------------------------ */

static void test_snapshot(const Ground *ground)
{
    _cleanup_close_ int fd = make_subvolume(ground->fd, "volume"), clone = -1;
    _cleanup_free_ char *original = NULL, *copy = NULL, *what = NULL, *before = NULL, *after = NULL;
    const CloneOptions options = {.copy_limit = 0};
    uint64_t fingerprint = 0;
    CloneResult result = {};
    char value[8];

    make_large_file(fd, "file", 3 << 20);
    close(make_dir(fd, "dir", 0700));
    MUST(fsetxattr(fd, TREE_MARK, "this", 4, 0) >= 0);
    before = tree_dump(ground->fd, "volume", DUMP_IDENTITY);
    OK(clone_tree(fd, ground->fd, "clone", &options, &result, &what) == 0 && result.snapshot,
       "a subvolume is cloned by a snapshot");
    OK(result.total.files == 2 && result.total.bytes == 3 << 20 && result.total.copied == 0,
       "a snapshot copies nothing");
    OK(tree_fingerprint(fd, NULL, NULL, &fingerprint) == 0 && fingerprint == result.fingerprint,
       "a snapshot has the fingerprint of the original");
    original = tree_dump(ground->fd, "volume", 0);
    copy = tree_dump(ground->fd, "clone", 0);
    after = tree_dump(ground->fd, "volume", DUMP_IDENTITY);
    OK(dump_same(original, copy), "a snapshot has everything of the original");
    OK(dump_same(before, after), "cloning a subvolume does not change the original");
    clone = open_dir(ground->fd, "clone");
    OK(fgetxattr(clone, TREE_MARK, value, sizeof(value)) < 0 && errno == ENODATA,
       "a snapshot does not have the mark of the original");
    make_file(clone, "writable", "");
    OK(exists(clone, "writable") && !exists(fd, "writable"), "a snapshot can be written to");
    set_read_only(ground->fd, "clone", true);
    OK(tree_remove(ground->fd, "clone") == 0 && !exists(ground->fd, "clone"),
       "a read-only snapshot can be removed");
    OK(clone_tree(fd, fd, "inside", &options, &result, &what) == CLONE_REFUSED && what &&
           !exists(fd, "inside"),
       "a snapshot in the original is refused: %s", what ?: "");

    set_read_only(ground->fd, "volume", true);
    OK(clone_simply(fd, ground->fd, "clone", &result) == 0 &&
           is_kind(ground->fd, "clone", "subvolume"),
       "the snapshot of a read-only subvolume can be written to");
    MUST(tree_remove(ground->fd, "clone") == 0 && tree_remove(ground->fd, "volume") == 0);
}

/* --- nested ones ----------------------------------------------------------------------------- */

#define LEVELS 60 /* more than a walk keeps open */

static const char *const nested[][2] = {
    {"one", "subvolume"},
    {"one/read-only", "read-only"},
    {"one/read-only/dir/in-read-only", "read-only"},
    {"one/read-only/writable", "subvolume"},
    {"immutable/three", "subvolume"},
    {"\xff name'\n", "subvolume"},
};

/* Fills fd with subvolumes in all kinds of places. */
static void make_nested(int fd)
{
    const struct timespec times[] = {{1, 111111111}, {946684799, 987654321}};
    int at = dup(fd);

    close(make_dir(fd, "dir", 0700));
    close(make_dir(fd, "immutable", 0755));
    for (size_t i = 0; i < ELEMENTSOF(nested); i++) {
        _cleanup_close_ int made = make_subvolume(fd, nested[i][0]);

        make_file(made, "file", nested[i][0]);
        close(make_dir(made, "dir", 0755));
        if (i == 0)
            make_large_file(made, "large", 1 << 20);
        MUST(fsetxattr(made, "user.test", "nested", 6, 0) >= 0 && fchmod(made, 01750) >= 0 &&
             fchown(made, 5, 6) >= 0);
    }
    for (int i = 0; i < LEVELS; i++) {
        int next = make_dir(at, "d", 0755);

        close(at);
        at = next;
        if (i == 5) {
            _cleanup_close_ int made = make_subvolume(at, "z"), below = dup(made);

            for (int j = 0; j < LEVELS; j++) {
                next = make_dir(below, "e", 0755);
                close(below);
                below = next;
            }
            close(make_subvolume(below, "bottom"));
        }
    }
    close(make_subvolume(at, "bottom"));
    close(at);
    MUST(futimens(fd, times) >= 0 && utimensat(fd, "one", times, 0) >= 0 &&
         utimensat(fd, "one/read-only/dir", times, 0) >= 0);
    set_immutable(fd, "immutable");
    set_read_only(fd, "one/read-only/dir/in-read-only", true);
    set_read_only(fd, "one/read-only", true);
}

static void test_nested(const Ground *ground, bool subvolume)
{
    const char *kind = subvolume ? "a subvolume" : "a directory";
    _cleanup_close_ int fd =
        subvolume ? make_subvolume(ground->fd, "tree") : make_dir(ground->fd, "tree", 0755);
    _cleanup_free_ char *original = NULL, *copy = NULL, *before = NULL, *after = NULL, *what = NULL;
    const CloneOptions options = {.copy_limit = 0};
    unsigned as_they_were = 0;
    CloneResult result = {};
    uint64_t fingerprint = 0;
    int r;

    make_nested(fd);
    before = tree_dump(ground->fd, "tree", DUMP_IDENTITY);
    r = clone_tree(fd, ground->fd, "clone", &options, &result, &what);
    OK(r == 0 && result.snapshot == subvolume, "%s with nested subvolumes is cloned: %d %s", kind,
       r, what ?: "");
    OK(tree_fingerprint(fd, NULL, NULL, &fingerprint) == 0 && fingerprint == result.fingerprint,
       "%s with nested subvolumes: the clone has the fingerprint of the original", kind);
    original = tree_dump(ground->fd, "tree", 0);
    copy = tree_dump(ground->fd, "clone", 0);
    after = tree_dump(ground->fd, "tree", DUMP_IDENTITY);
    OK(dump_same(original, copy),
       "%s with nested subvolumes: the clone has everything of the original", kind);
    OK(dump_same(before, after), "%s with nested subvolumes: the original is unchanged", kind);
    OK(result.total.files == dump_lines(original) - 1 && result.total.copied == 0,
       "%s with nested subvolumes: all %lu entries are counted and shared", kind,
       (unsigned long)result.total.files);
    if (r == 0) {
        _cleanup_close_ int clone = open_dir(ground->fd, "clone");

        for (size_t i = 0; i < ELEMENTSOF(nested); i++)
            as_they_were += is_kind(clone, nested[i][0], nested[i][1]);
        OK(as_they_were == ELEMENTSOF(nested) &&
               is_kind(ground->fd, "clone", subvolume ? "subvolume" : "directory"),
           "%s with nested subvolumes: a cloned subvolume is read-only if its original is", kind);
        make_file(clone, "one/writable", "");
        OK(!exists(fd, "one/writable"),
           "%s with nested subvolumes: a write to the clone does not change the original", kind);
    }
    OK(tree_remove(ground->fd, "clone") == 0 && !exists(ground->fd, "clone"),
       "%s with nested subvolumes: the clone can be removed", kind);
    OK(tree_remove(ground->fd, "tree") == 0 && !exists(ground->fd, "tree"),
       "%s with nested subvolumes: the original can be removed", kind);
}

static void test_fingerprint(const Ground *ground)
{
    _cleanup_close_ int fd = make_dir(ground->fd, "tree", 0755), nested_fd = -1;
    uint64_t before = 0, after = 0;

    nested_fd = make_subvolume(fd, "nested");
    make_file(nested_fd, "file", "");
    MUST(tree_fingerprint(fd, NULL, NULL, &before) == 0);
    MUST(fchmodat(nested_fd, "file", 0600, 0) >= 0);
    MUST(tree_fingerprint(fd, NULL, NULL, &after) == 0);
    OK(after != before, "a change in a nested subvolume changes the fingerprint");
    set_read_only(fd, "nested", true);
    MUST(tree_fingerprint(fd, NULL, NULL, &before) == 0);
    OK(after != before, "a nested subvolume that becomes read-only changes the fingerprint");
    MUST(tree_remove(ground->fd, "tree") == 0);
}

/* --- more than there may be descriptors ------------------------------------------------------ */

static void test_many(const Ground *ground)
{
    _cleanup_close_ int fd = make_subvolume(ground->fd, "tree");
    _cleanup_free_ char *original = NULL, *copy = NULL;
    pid_t child;
    int status;

    for (int i = 0; i < 150; i++) {
        char name[16];

        snprintf(name, sizeof(name), "%d", i);
        close(make_subvolume(fd, name));
    }
    child = fork();
    MUST(child >= 0);
    if (child == 0) {
        const struct rlimit few = {.rlim_cur = 100, .rlim_max = 100};
        CloneResult result = {};

        MUST(setrlimit(RLIMIT_NOFILE, &few) >= 0);
        _exit(clone_simply(fd, ground->fd, "clone", &result) != 0);
    }
    MUST(waitpid(child, &status, 0) == child);
    original = tree_dump(ground->fd, "tree", 0);
    copy = tree_dump(ground->fd, "clone", 0);
    OK(status == 0 && dump_same(original, copy),
       "150 nested subvolumes are cloned with 100 descriptors");
    MUST(tree_remove(ground->fd, "clone") == 0 && tree_remove(ground->fd, "tree") == 0);
}

/* --- what a snapshot has in place of nested ones
 * ---------------------------------------------------- */

static void drop_caches(const Ground *ground)
{
    FILE *file = fopen("/proc/sys/vm/drop_caches", "we");

    MUST(syncfs(ground->fd) >= 0);
    if (!file || fputs("2", file) < 0 || fclose(file) != 0)
        printf("# caches cannot be dropped here\n");
}

static void test_stubs(const Ground *ground)
{
    _cleanup_close_ int fd = make_subvolume(ground->fd, "volume"), stubs = -1, dir = -1;
    uint64_t before = 0, after = 1;
    CloneResult result = {};

    close(make_subvolume(fd, "nested"));
    close(make_dir(fd, "dir", 0755));
    close(make_subvolume(fd, "dir/nested"));
    make_snapshot(fd, ground->fd, "stubs");
    stubs = open_dir(ground->fd, "stubs");
    MUST(tree_fingerprint(stubs, NULL, NULL, &before) == 0);
    close(stubs);
    drop_caches(ground);
    stubs = open_dir(ground->fd, "stubs");
    MUST(tree_fingerprint(stubs, NULL, NULL, &after) == 0);
    OK(before == after, "stubs of subvolumes have the same fingerprint after caches are dropped");
    OK(clone_simply(stubs, ground->fd, "clone", &result) == 0 &&
           tree_remove(ground->fd, "clone") == 0,
       "a subvolume with stubs can be cloned and removed");
    dir = make_dir(ground->fd, "plain", 0755);
    close(make_subvolume(dir, "v"));
    make_snapshot(stubs, dir, "s");
    OK(clone_simply(dir, ground->fd, "clone", &result) == 0 &&
           tree_remove(ground->fd, "clone") == 0,
       "a directory with stubs can be cloned and removed");
    OK(tree_remove(ground->fd, "stubs") == 0 && tree_remove(ground->fd, "volume") == 0 &&
           tree_remove(ground->fd, "plain") == 0,
       "subvolumes with stubs can be removed");
}

/* --- excluded ones
 * --------------------------------------------------------------------------------- */

static void test_excluded(const Ground *ground, bool subvolume)
{
    char *const exclude[] = {"media", NULL};
    const CloneOptions options = {.copy_limit = 0, .exclude = exclude};
    _cleanup_close_ int clone = -1, fd = subvolume ? make_subvolume(ground->fd, "tree")
                                                   : make_dir(ground->fd, "tree", 0755);
    _cleanup_free_ char *what = NULL;
    const struct timespec times[] = {{1, 111111111}, {946684799, 987654321}};
    CloneResult result = {};
    struct stat a, b;
    uint64_t value = 0;

    close(make_subvolume(fd, "media"));
    make_file(fd, "media/file", "large");
    make_file(fd, "file", "small");
    MUST(fchmodat(fd, "media", 02770, 0) >= 0 && fchownat(fd, "media", 7, 8, 0) >= 0);
    MUST(futimens(fd, times) >= 0);
    OK(clone_tree(fd, ground->fd, "clone", &options, &result, &what) == 0 &&
           result.snapshot == subvolume && result.total.files == 2,
       "%s is cloned without an excluded subvolume", subvolume ? "a subvolume" : "a directory");
    OK(tree_fingerprint(fd, exclude, NULL, &value) == 0 && value == result.fingerprint,
       "a clone without an excluded subvolume has the fingerprint of the original");
    clone = open_dir(ground->fd, "clone");
    MUST(fstatat(clone, "media", &a, 0) >= 0 && fstat(clone, &b) >= 0);
    OK(a.st_mode == (S_IFDIR | 02770) && a.st_uid == 7 && a.st_gid == 8 && a.st_ino != 256 &&
           b.st_mtim.tv_sec == times[1].tv_sec && b.st_mtim.tv_nsec == times[1].tv_nsec,
       "an excluded subvolume becomes a directory of the same owner and mode in the clone");
    OK(renameat2(fd, "media", clone, "media", 0) >= 0 && is_kind(clone, "media", "subvolume"),
       "an excluded subvolume can be moved into the clone");
    OK(exists(clone, "media/file"), "an excluded subvolume that was moved has its files");
    MUST(tree_remove(ground->fd, "clone") == 0 && tree_remove(ground->fd, "tree") == 0);
}

static void test_excluded_below(const Ground *ground)
{
    char *const exclude[] = {"nested/media", NULL};
    const CloneOptions options = {.copy_limit = 0, .exclude = exclude};
    _cleanup_close_ int fd = make_subvolume(ground->fd, "tree"), clone = -1;
    _cleanup_free_ char *what = NULL;
    CloneResult result = {};

    close(make_subvolume(fd, "nested"));
    close(make_dir(fd, "nested/media", 0755));
    make_file(fd, "nested/media/file", "large");
    make_file(fd, "nested/file", "small");
    close(make_subvolume(fd, "nested/other"));
    make_file(fd, "nested/other/file", "small");
    set_read_only(fd, "nested", true);
    OK(clone_tree(fd, ground->fd, "clone", &options, &result, &what) == 0 && !result.snapshot,
       "a directory in a nested subvolume can be excluded: %s", what ?: "");
    clone = open_dir(ground->fd, "clone");
    OK(is_kind(ground->fd, "clone", "subvolume") && is_kind(clone, "nested", "read-only") &&
           is_kind(clone, "nested/other", "subvolume") && exists(clone, "nested/file") &&
           exists(clone, "nested/other/file") && exists(clone, "nested/media") &&
           !exists(clone, "nested/media/file"),
       "the other subvolumes and files of a nested subvolume are cloned");
    MUST(tree_remove(ground->fd, "clone") == 0 && tree_remove(ground->fd, "tree") == 0);
}

/* --- killed
 * ---------------------------------------------------------------------------------------- */

/* Clones in a process that is killed before its n-th system call. False: the process has ended. */
static bool clone_until(const Ground *ground, int fd, unsigned n)
{
    pid_t child = fork();
    int status;

    MUST(child >= 0);
    if (child == 0) {
        const CloneOptions options = {.copy_limit = UINT64_MAX, .threads = 1};
        CloneResult result = {};
        char *what = NULL;

        MUST(ptrace(PTRACE_TRACEME, 0, NULL, NULL) >= 0);
        raise(SIGSTOP);
        _exit(clone_tree(fd, ground->fd, "clone", &options, &result, &what) != 0);
    }
    MUST(waitpid(child, &status, 0) == child && WIFSTOPPED(status));
    /* Each system call has two stops, one before and one after. */
    for (unsigned i = 0; i < 2 * n - 1; i++) {
        MUST(ptrace(PTRACE_SYSCALL, child, NULL, NULL) >= 0 && waitpid(child, &status, 0) == child);
        if (WIFEXITED(status)) {
            MUST(WEXITSTATUS(status) == 0);
            return false;
        }
    }
    MUST(kill(child, SIGKILL) >= 0 && waitpid(child, &status, 0) == child && WIFSIGNALED(status));
    return true;
}

static void test_killed(const Ground *ground, bool subvolume)
{
    _cleanup_close_ int fd =
        subvolume ? make_subvolume(ground->fd, "tree") : make_dir(ground->fd, "tree", 0755);
    _cleanup_free_ char *before = NULL, *after = NULL;
    unsigned n = 0, left = 0;
    bool more;

    close(make_subvolume(fd, "one"));
    close(make_subvolume(fd, "one/two"));
    make_file(fd, "one/two/file", "");
    close(make_dir(fd, "immutable", 0755));
    close(make_subvolume(fd, "immutable/three"));
    set_immutable(fd, "immutable");
    set_read_only(fd, "one/two", true);
    set_read_only(fd, "one", true);
    before = tree_dump(ground->fd, "tree", DUMP_IDENTITY);
    do {
        int r;

        more = clone_until(ground, fd, ++n);
        r = tree_remove(ground->fd, "clone");
        if (r != 0 || exists(ground->fd, "clone"))
            printf("# killed at %u: %s\n", n, strerror(-r)), left++;
    } while (more && left == 0);
    OK(n > 50 && left == 0,
       "%s: the clone of a process that is killed at any of %u system calls can be removed",
       subvolume ? "a subvolume" : "a directory", n - 1);
    after = tree_dump(ground->fd, "tree", DUMP_IDENTITY);
    OK(dump_same(before, after), "a clone that was killed does not change the original");
    MUST(tree_remove(ground->fd, "tree") == 0);
}

int main(void)
{
    const char *why = NULL;
    const Ground *ground;

    setvbuf(stdout, NULL, _IOLBF, 0);
    umask(022);
    ground_begin();
    ground = ground_make("btrfs", 256, &why);
    if (ground) {
        test_snapshot(ground);
        test_nested(ground, true);
        test_nested(ground, false);
        test_fingerprint(ground);
        test_many(ground);
        test_stubs(ground);
        test_excluded(ground, true);
        test_excluded(ground, false);
        test_excluded_below(ground);
        test_killed(ground, true);
        test_killed(ground, false);
    } else
        SKIP("btrfs: %s", why);
    ground_end();
    return tests_done();
}
