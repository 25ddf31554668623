/* SPDX-License-Identifier: MIT */
/* Excluded directories are neither read nor copied, and everything else is cloned. */
#include "test.h"
#include "tree/sample-tree.h"

#include <fcntl.h>
#include <linux/btrfs.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>

static char *const exclude[] = {"media", "data/uploads", "not/there", NULL};

/* A tree with two excluded directories, and others with similar names. */
static int make_tree(const Ground *ground, bool subvolume)
{
    static const char *const dirs[] = {"media",   "data",   "data/uploads",    "data/media",
                                       "uploads", "xmedia", "data/uploads/in", NULL};
    int fd;

    if (subvolume) {
        struct btrfs_ioctl_vol_args arguments = {.name = "tree"};

        MUST(ioctl(ground->fd, BTRFS_IOC_SUBVOL_CREATE, &arguments) >= 0);
        fd = openat(ground->fd, "tree", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    } else
        fd = make_dir(ground->fd, "tree", 0755);
    MUST(fd >= 0);
    for (const char *const *dir = dirs; *dir; dir++) {
        _cleanup_close_ int made = make_dir(fd, *dir, 0755);

        make_file(made, "file", *dir);
    }
    if (geteuid() == 0)
        MUST(fchownat(fd, "media", 998, 997, 0) >= 0);
    MUST(fchmodat(fd, "media", 02770, 0) >= 0);
    return fd;
}

static uint64_t fingerprint(int fd)
{
    uint64_t value = 0;

    MUST(tree_fingerprint(fd, exclude, NULL, &value) == 0);
    return value;
}

static bool is_empty(int fd, const char *name)
{
    int dir_fd = openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    _cleanup_closedir_ DIR *dir = fdopendir(dir_fd);
    size_t n = 0;

    MUST(dir);
    while (readdir(dir))
        n++;
    return n == 2;
}

static int clone_excluding(int fd, const Ground *ground, CloneResult *ret, char **what)
{
    const CloneOptions options = {.copy_limit = UINT64_MAX, .exclude = exclude};

    return clone_tree(fd, ground->fd, "clone", &options, ret, what);
}

static void test_clone(const Ground *ground, bool subvolume)
{
    _cleanup_close_ int fd = make_tree(ground, subvolume), clone = -1;
    _cleanup_free_ char *what = NULL, *original = NULL, *copy = NULL;
    CloneResult result = {};
    struct stat a, b;
    int r;

    r = clone_excluding(fd, ground, &result, &what);
    OK(r == CLONE_DONE && !result.snapshot, "%s%s: a tree is cloned without two directories: %d %s",
       ground->kind, subvolume ? ", subvolume" : "", r, what ?: "");
    OK(result.fingerprint == fingerprint(fd),
       "%s: the fingerprint of the clone leaves out the excluded directories", ground->kind);
    clone = openat(ground->fd, "clone", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    MUST(clone >= 0 && fstatat(fd, "media", &a, 0) >= 0 && fstatat(clone, "media", &b, 0) >= 0);
    OK(is_empty(clone, "media") && is_empty(clone, "data/uploads"),
       "%s: excluded directories are empty in the clone", ground->kind);
    OK(a.st_mode == b.st_mode && a.st_uid == b.st_uid && a.st_gid == b.st_gid,
       "%s: excluded directories have owner and mode of the original", ground->kind);
    MUST(fstat(fd, &a) >= 0 && fstat(clone, &b) >= 0);
    OK(a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec &&
           (!subvolume || b.st_ino == 256),
       "%s: the parent of excluded directories has the time of the original", ground->kind);
    OK(renameat2(fd, "media", clone, "media", 0) >= 0 ? !subvolume : subvolume && errno == EXDEV,
       "%s: an excluded directory %s", ground->kind,
       subvolume ? "cannot be moved into the clone of a subvolume" : "can be moved into the clone");
    if (!subvolume)
        MUST(renameat2(clone, "media", fd, "media", 0) >= 0);

    /* Without the excluded directories, original and clone are equal. */
    MUST(tree_remove(fd, "media") == 0 && tree_remove(fd, "data/uploads") == 0);
    if (!subvolume)
        MUST(!exists(clone, "media"));
    else
        MUST(unlinkat(clone, "media", AT_REMOVEDIR) >= 0);
    MUST(unlinkat(clone, "data/uploads", AT_REMOVEDIR) >= 0);
    for (int i = 0; i < 2; i++) {
        static const char *const dirs[] = {".", "data"};
        const struct timespec times[2] = {{1, 1}, {1, 1}};

        MUST(utimensat(fd, dirs[i], times, 0) >= 0 && utimensat(clone, dirs[i], times, 0) >= 0);
    }
    original = tree_dump(ground->fd, "tree", 0);
    copy = tree_dump(ground->fd, "clone", 0);
    OK(dump_same(original, copy), "%s: directories with similar names are cloned", ground->kind);
    MUST(tree_remove(ground->fd, "clone") == 0 && tree_remove(ground->fd, "tree") == 0);
}

static void test_snapshot(const Ground *ground)
{
    _cleanup_close_ int fd = make_tree(ground, true);
    _cleanup_free_ char *what = NULL;
    CloneResult result = {};

    MUST(tree_remove(fd, "media") == 0 && tree_remove(fd, "data/uploads") == 0);
    OK(clone_excluding(fd, ground, &result, &what) == CLONE_DONE && result.snapshot,
       "%s: a subvolume without its excluded paths is cloned by a snapshot", ground->kind);
    MUST(tree_remove(ground->fd, "clone") == 0 && tree_remove(ground->fd, "tree") == 0);
}

static void test_fingerprint(const Ground *ground)
{
    _cleanup_close_ int fd = make_tree(ground, false);
    uint64_t before = fingerprint(fd), all = 0;

    MUST(tree_fingerprint(fd, NULL, NULL, &all) == 0);
    OK(all != before, "%s: excluded directories are left out of the fingerprint", ground->kind);
    make_file(fd, "media/new", "");
    close(make_dir(fd, "data/uploads/new", 0755));
    MUST(unlinkat(fd, "media/file", 0) >= 0);
    OK(fingerprint(fd) == before,
       "%s: changes in excluded directories do not change the fingerprint", ground->kind);
    MUST(fchmodat(fd, "media", 0700, 0) >= 0);
    OK(fingerprint(fd) != before,
       "%s: changing the mode of an excluded directory changes the fingerprint", ground->kind);
    MUST(fchmodat(fd, "media", 02770, 0) >= 0);
    OK(fingerprint(fd) == before,
       "%s: changing the times of an excluded directory does not change the fingerprint",
       ground->kind);
    MUST(renameat2(fd, "media", fd, "xmedia", RENAME_EXCHANGE) >= 0);
    OK(fingerprint(fd) != before, "%s: replacing an excluded directory changes the fingerprint",
       ground->kind);
    MUST(tree_remove(ground->fd, "tree") == 0);
}

static void test_refused(const Ground *ground)
{
    static char *const bad[] = {"/media", "media/", "data//uploads", ".", "data/../media",
                                "",       NULL};
    _cleanup_close_ int fd = make_tree(ground, false);
    unsigned refused = 0;

    for (char *const *path = bad; *path; path++) {
        char *const paths[] = {*path, NULL};
        const CloneOptions options = {.copy_limit = UINT64_MAX, .exclude = paths};
        _cleanup_free_ char *what = NULL;
        CloneResult result = {};
        uint64_t value;

        refused += clone_tree(fd, ground->fd, "clone", &options, &result, &what) == -EINVAL &&
                   tree_fingerprint(fd, paths, NULL, &value) == -EINVAL &&
                   !exists(ground->fd, "clone");
    }
    OK(refused == ELEMENTSOF(bad) - 1, "%s: excluded paths that are not valid are refused",
       ground->kind);

    for (int i = 0; i < 3; i++) {
        static const char *const kinds[] = {"file", "symbolic link", "FIFO"};
        _cleanup_free_ char *what = NULL;
        CloneResult result = {};

        MUST(tree_remove(fd, "media") == 0);
        if (i == 0)
            make_file(fd, "media", "");
        else
            MUST((i == 1 ? symlinkat("data", fd, "media") : mkfifoat(fd, "media", 0600)) >= 0);
        OK(clone_excluding(fd, ground, &result, &what) == CLONE_REFUSED && what &&
               streq(what, "'media' is excluded, but is not a directory") &&
               !exists(ground->fd, "clone"),
           "%s: a %s in the place of an excluded directory is refused: %s", ground->kind, kinds[i],
           what ?: "");
    }
    MUST(tree_remove(ground->fd, "tree") == 0);
}

static void test_mounts(const Ground *ground)
{
    _cleanup_close_ int fd = make_tree(ground, false), clone = -1;
    _cleanup_free_ char *onto = strprintf("%s/tree/media", ground->path), *what = NULL;
    _cleanup_free_ char *within = strprintf("%s/tree/data/uploads/in", ground->path);
    CloneResult result = {};
    uint64_t before = fingerprint(fd);
    struct stat a, b;

    MUST(fstatat(fd, "media", &a, 0) >= 0);
    MUST(onto && mount("none", onto, "tmpfs", 0, "mode=0711,uid=5") >= 0);
    MUST(within && mount("none", within, "tmpfs", 0, NULL) >= 0);
    OK(clone_excluding(fd, ground, &result, &what) == CLONE_DONE,
       "%s: mounts at and below excluded directories are accepted: %s", ground->kind, what ?: "");
    clone = openat(ground->fd, "clone", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    MUST(clone >= 0 && fstatat(clone, "media", &b, 0) >= 0);
    OK(a.st_mode == b.st_mode && a.st_uid == b.st_uid && a.st_gid == b.st_gid,
       "%s: an excluded mount point has owner and mode of the directory below the mount",
       ground->kind);
    OK(result.fingerprint == fingerprint(fd) && result.fingerprint != before,
       "%s: a mount at an excluded directory changes the fingerprint", ground->kind);
    MUST(umount2(onto, 0) >= 0 && umount2(within, 0) >= 0);
    OK(fingerprint(fd) == before, "%s: the fingerprint is the earlier one once the mount is gone",
       ground->kind);
    MUST(tree_remove(ground->fd, "clone") == 0 && tree_remove(ground->fd, "tree") == 0);
}

int main(void)
{
    static const struct {
        const char *kind;
        unsigned megabytes;
    } kinds[] = {{"here", 0}, {"ext4", 64}, {"xfs", 400}, {"btrfs", 256}};

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
        test_clone(ground, false);
        test_fingerprint(ground);
        test_refused(ground);
        if (geteuid() == 0)
            test_mounts(ground);
        if (streq(ground->kind, "btrfs")) {
            test_clone(ground, true);
            test_snapshot(ground);
        }
    }
    ground_end();
    return tests_done();
}
