/* SPDX-License-Identifier: MIT */
/* A hostile user swaps entries while a tree is cloned, fingerprinted or removed: files outside of
 * the tree are neither touched nor copied. */
#include "test.h"
#include "tree/sample-tree.h"

#include <fcntl.h>
#include <linux/btrfs.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

/* --- somebody who swaps things under us
 * -------------------------------------------------------------- */

#define SERVICE_USER 65534
#define SECRET       "CANARY: nobody may copy this"

/* The user of the service: exchanges a file, a directory and a subvolume for links to the canary,
 * and a file for a FIFO, and moves a directory up and down, all as fast as possible. */
static void swapper_main(int fd)
{
    if (geteuid() == 0)
        MUST(setgid(SERVICE_USER) >= 0 && setuid(SERVICE_USER) >= 0);
    for (unsigned i = 0;; i++) {
        renameat2(fd, "file", fd, "other/link-to-file", RENAME_EXCHANGE);
        renameat2(fd, "dir", fd, "other/link-to-dir", RENAME_EXCHANGE);
        renameat2(fd, "subvolume", fd, "other/link-to-subvolume", RENAME_EXCHANGE);
        renameat2(fd, "plain", fd, "other/fifo", RENAME_EXCHANGE);
        renameat(fd, i % 2 ? "other/mover" : "mover", fd, i % 2 ? "mover" : "other/mover");
    }
}

/* A subvolume if the file system has them, otherwise a directory. */
static int make_volume(const Ground *ground, int fd, const char *name)
{
    struct btrfs_ioctl_vol_args arguments = {};

    if (!streq(ground->kind, "btrfs"))
        return make_dir(fd, name, 0755);
    strcpy(arguments.name, name);
    MUST(ioctl(fd, BTRFS_IOC_SUBVOL_CREATE, &arguments) >= 0);
    fd = openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    MUST(fd >= 0);
    return fd;
}

static int make_canary(const Ground *ground)
{
    int fd = make_volume(ground, ground->fd, "canary");

    make_file(fd, "secret", SECRET);
    make_file(fd, "file", SECRET);
    MUST(fsetxattr(fd, "user.canary", "sings", 5, 0) >= 0 || errno == EOPNOTSUPP);
    MUST(fchmod(fd, 0700) >= 0);
    return fd;
}

static void make_swapped(const Ground *ground, int fd)
{
    static const char *const names[] = {"dir",
                                        "dir/secret",
                                        "other",
                                        "mover",
                                        "mover/below",
                                        "mover/below/file",
                                        "file",
                                        "plain",
                                        "other/link-to-file",
                                        "other/link-to-dir",
                                        "other/link-to-subvolume",
                                        "other/fifo",
                                        "subvolume",
                                        "subvolume/secret",
                                        ".",
                                        NULL};
    _cleanup_close_ int dir = make_dir(fd, "dir", 0755), other = make_dir(fd, "other", 0755);
    _cleanup_close_ int mover = make_dir(fd, "mover", 0755), below = make_dir(mover, "below", 0755);
    _cleanup_close_ int volume = make_volume(ground, fd, "subvolume");

    make_file(fd, "file", "harmless");
    make_file(fd, "plain", "harmless");
    make_file(dir, "secret", "harmless");
    make_file(volume, "secret", "harmless");
    make_file(below, "file", "harmless");
    MUST(symlinkat("../canary/secret", other, "link-to-file") >= 0);
    MUST(symlinkat("../canary", other, "link-to-dir") >= 0);
    MUST(symlinkat("../canary", other, "link-to-subvolume") >= 0);
    MUST(mkfifoat(other, "fifo", 0600) >= 0);
    for (const char *const *name = names; geteuid() == 0 && *name; name++)
        MUST(fchownat(fd, *name, SERVICE_USER, SERVICE_USER, AT_SYMLINK_NOFOLLOW) >= 0);
}

static bool holds_secret(int dir_fd, const char *name)
{
    _cleanup_free_ char *command =
        strprintf("grep -rqs --devices=skip 'CANARY' /proc/%d/fd/%d/%s", getpid(), dir_fd, name);

    MUST(command);
    return system(command) == 0;
}

/* The results of all rounds. */
typedef struct Tally {
    int done, stale, refused, other, leaked, left, unremoved, untold;
    double longest;
} Tally;

static void count(Tally *tally, int r, const char *what, bool may_be_refused, double since)
{
    double took = now() - since;

    tally->longest = MAX(tally->longest, took);
    tally->done += r == CLONE_DONE;
    tally->stale += r == -ESTALE;
    tally->refused += r == CLONE_REFUSED && may_be_refused;
    if (r != CLONE_DONE && r != -ESTALE && !(r == CLONE_REFUSED && may_be_refused))
        printf("# %d %s: %s\n", tally->other++, strerror(r < 0 ? -r : 0), what);
}

/* excluding: with an excluded path that is often a link, so that the clone may be refused. */
static void swapper_round(const Ground *ground, int fd, bool excluding, Tally *clones,
                          Tally *fingerprints)
{
    char *const exclude[] = {"dir", "mover/below", NULL};
    const CloneOptions options = {
        .copy_limit = UINT64_MAX, .threads = 2, .exclude = excluding ? exclude : NULL};
    _cleanup_free_ char *what = NULL;
    CloneResult result = {};
    double since = now();
    uint64_t fingerprint;
    int r;

    r = clone_tree(fd, ground->fd, "clone", &options, &result, &what);
    count(clones, r, what ?: "", excluding, since);
    clones->untold += r == -ESTALE && !what;
    if (r == CLONE_DONE) {
        clones->leaked += holds_secret(ground->fd, "clone");
        clones->unremoved += tree_remove(ground->fd, "clone") != 0;
    }
    clones->left += exists(ground->fd, "clone");

    since = now();
    r = tree_fingerprint(fd, options.exclude, NULL, &fingerprint);
    count(fingerprints, r == -EXDEV ? CLONE_REFUSED : r, "", excluding, since);
}

static void test_swapper(const Ground *ground, int rounds)
{
    _cleanup_close_ int canary = make_canary(ground);
    _cleanup_close_ int fd = make_dir(ground->fd, "tree", 0755);
    _cleanup_free_ char *before = NULL, *after = NULL;
    Tally clones = {}, fingerprints = {};
    pid_t swapper;

    make_swapped(ground, fd);
    before = tree_dump(ground->fd, "canary", DUMP_IDENTITY);
    swapper = fork();
    MUST(swapper >= 0);
    if (swapper == 0)
        swapper_main(fd);

    for (int i = 0; i < rounds; i++)
        swapper_round(ground, fd, i % 3 == 2, &clones, &fingerprints);
    OK(clones.other == 0 && clones.untold == 0,
       "%s: %d clones of a swapped tree are done or refused (%d done, %d noticed, %d refused)",
       ground->kind, rounds, clones.done, clones.stale, clones.refused);
    OK(fingerprints.other == 0,
       "%s: fingerprints of a swapped tree are done or refused (%d done, %d noticed, %d refused)",
       ground->kind, fingerprints.done, fingerprints.stale, fingerprints.refused);
    OK(clones.longest < 20 && fingerprints.longest < 20,
       "%s: no clone or fingerprint of a tree whose entries are swapped hangs (%.2f s at most)",
       ground->kind, MAX(clones.longest, fingerprints.longest));
    OK(clones.leaked == 0, "%s: no clone has files from outside of the tree", ground->kind);
    OK(clones.left == 0 && clones.unremoved == 0, "%s: no clone is left behind", ground->kind);

    /* The swapper makes no new entries, so that the removal comes to an end. */
    for (int i = 0; i < 20 && exists(ground->fd, "tree"); i++) {
        int r = tree_remove(ground->fd, "tree");

        if (r != 0 && r != -ESTALE)
            printf("# tree_remove: %s\n", strerror(-r));
    }
    OK(!exists(ground->fd, "tree"), "%s: a tree is removed while its entries are swapped",
       ground->kind);
    MUST(kill(swapper, SIGKILL) >= 0 && waitpid(swapper, NULL, 0) == swapper);
    after = tree_dump(ground->fd, "canary", DUMP_IDENTITY);
    OK(dump_same(before, after), "%s: files outside of the tree are unchanged", ground->kind);
    MUST(tree_remove(ground->fd, "canary") == 0);
}

/* The same for removals: each round has a new tree and a new swapper. */
static void test_swapped_removal(const Ground *ground, int rounds)
{
    _cleanup_close_ int canary = make_canary(ground);
    _cleanup_free_ char *before = NULL, *after = NULL;
    int removed = 0;

    before = tree_dump(ground->fd, "canary", DUMP_IDENTITY);
    for (int i = 0; i < rounds; i++) {
        _cleanup_close_ int fd = make_dir(ground->fd, "tree", 0755);
        pid_t swapper;

        make_swapped(ground, fd);
        swapper = fork();
        MUST(swapper >= 0);
        if (swapper == 0)
            swapper_main(fd);
        for (int again = 0; again < 20 && exists(ground->fd, "tree"); again++) {
            int r = tree_remove(ground->fd, "tree");

            MUST(r == 0 || r == -ESTALE);
        }
        MUST(kill(swapper, SIGKILL) >= 0 && waitpid(swapper, NULL, 0) == swapper);
        removed += !exists(ground->fd, "tree");
    }
    OK(removed == rounds, "%s: all trees whose entries are swapped are removed (%d of %d)",
       ground->kind, removed, rounds);
    after = tree_dump(ground->fd, "canary", DUMP_IDENTITY);
    OK(dump_same(before, after),
       "%s: removing trees whose entries are swapped changes nothing outside", ground->kind);
    MUST(tree_remove(ground->fd, "canary") == 0);
}

/* Deep in the tree, the walk has closed the directories above, and opens them again by "..". If one
 * was moved out of the tree, there is the same name outside. */
#define MOVED_LEVELS 70
#define MOVED_AT     10
#define BYSTANDERS   16

static int make_chain(int fd, int levels)
{
    int next;

    for (fd = dup(fd); levels > 0; levels--, fd = next) {
        next = make_dir(fd, "d", 0755);
        close(fd);
    }
    return fd;
}

static void make_bystanders(int fd)
{
    char name[8];

    for (int i = 0; i < BYSTANDERS; i++) {
        _cleanup_close_ int dir = -1;

        snprintf(name, sizeof(name), "z%d", i);
        dir = make_dir(fd, name, 0755);
        make_file(dir, "file", SECRET);
    }
}

static void test_moved_away(const Ground *ground, int rounds)
{
    _cleanup_close_ int outside = make_dir(ground->fd, "outside", 0755);
    _cleanup_free_ char *before = NULL, *after = NULL;
    int unexpected = 0, leaked = 0;

    make_bystanders(outside);
    before = tree_dump(outside, ".", 0);
    for (int i = 0; i < rounds; i++) {
        _cleanup_close_ int tree = make_dir(ground->fd, "tree", 0755);
        _cleanup_close_ int at = make_chain(tree, MOVED_AT), bottom = -1;
        CloneResult result = {};
        pid_t mover;

        bottom = make_chain(at, MOVED_LEVELS - MOVED_AT);
        make_bystanders(at);
        mover = fork();
        MUST(mover >= 0);
        if (mover == 0)
            for (;;) {
                renameat(at, "d", outside, "d");
                renameat(outside, "d", at, "d");
            }
        for (int again = 0; again < 10; again++) {
            const CloneOptions options = {.copy_limit = UINT64_MAX};
            _cleanup_free_ char *what = NULL;
            int r = clone_tree(tree, ground->fd, "clone", &options, &result, &what);

            unexpected += r != 0 && r != -ESTALE;
            if (r == 0)
                MUST(tree_remove(ground->fd, "clone") == 0);
        }
        for (int again = 0; again < 20 && exists(ground->fd, "tree"); again++) {
            int r = tree_remove(ground->fd, "tree");

            unexpected += r != 0 && r != -ESTALE;
        }
        MUST(kill(mover, SIGKILL) >= 0 && waitpid(mover, NULL, 0) == mover);
        MUST(tree_remove(ground->fd, "tree") == 0 && tree_remove(outside, "d") == 0);
    }
    after = tree_dump(outside, ".", 0);
    leaked = dump_lines(before) - dump_lines(after);
    OK(unexpected == 0 && leaked == 0,
       "%s: a clone does not follow a directory moved out of the tree (%d errors, %d files lost)",
       ground->kind, unexpected, leaked);
    MUST(tree_remove(ground->fd, "outside") == 0);
}

/* --- somebody who swaps things while the tree is given to a user ------------------------------- */

/* The user exchanges a set-user-ID file, and a directory, for links to files of root. */
static _Noreturn void exchanger_main(int fd)
{
    MUST(setgid(SERVICE_USER) >= 0 && setuid(SERVICE_USER) >= 0);
    for (;;) {
        renameat2(fd, "file", fd, "link-to-file", RENAME_EXCHANGE);
        renameat2(fd, "dir", fd, "link-to-dir", RENAME_EXCHANGE);
    }
}

static void test_given(const Ground *ground, int rounds)
{
    static const char *const mine[] = {"file", "link-to-file", "dir", "link-to-dir", "."};
    _cleanup_close_ int fd = make_dir(ground->fd, "given", 0755),
                        roots = make_dir(ground->fd, "roots", 0700), dir = -1, file = -1;
    unsigned owned = 0, unexpected = 0;
    struct stat st, inner;
    pid_t exchanger;

    make_file(roots, "file", SECRET);
    MUST(fchmodat(roots, "file", 0600, 0) >= 0);
    dir = make_dir(fd, "dir", 0755);
    make_file(dir, "file", "harmless");
    make_file(fd, "file", "harmless");
    file = openat(fd, "file", O_RDONLY | O_CLOEXEC);
    MUST(file >= 0);
    MUST(symlinkat("../roots/file", fd, "link-to-file") >= 0);
    MUST(symlinkat("../roots", fd, "link-to-dir") >= 0);
    for (size_t i = 0; i < ELEMENTSOF(mine); i++)
        MUST(fchownat(fd, mine[i], SERVICE_USER, SERVICE_USER, AT_SYMLINK_NOFOLLOW) >= 0);
    exchanger = fork();
    MUST(exchanger >= 0);
    if (exchanger == 0)
        exchanger_main(fd);
    for (int i = 0; i < rounds; i++) {
        _cleanup_free_ char *what = NULL;
        int r;

        MUST(fchmod(file, 06755) >= 0); /* the change of the owner removes these bits */
        r = tree_own(fd, SERVICE_USER, SERVICE_USER, NULL, &what);
        owned += r == 0;
        unexpected += r != 0 && r != -ESTALE;
    }
    MUST(kill(exchanger, SIGKILL) >= 0 && waitpid(exchanger, NULL, 0) == exchanger);
    MUST(fstat(roots, &st) >= 0 && fstatat(roots, "file", &inner, 0) >= 0);
    OK(st.st_uid == 0 && inner.st_uid == 0 && (st.st_mode & 07777) == 0700 &&
           (inner.st_mode & 07777) == 0600,
       "%s: a tree is given to its user, who swaps its entries: files of root keep owner and mode",
       ground->kind);
    OK(unexpected == 0,
       "%s: a tree is given to its user, who swaps its entries: a change is the only error (%d of "
       "%d rounds had none)",
       ground->kind, owned, rounds);
    MUST(tree_remove(ground->fd, "given") == 0 && tree_remove(ground->fd, "roots") == 0);
}

int main(void)
{
    static const struct {
        const char *kind;
        unsigned megabytes;
    } kinds[] = {{"here", 0}, {"ext4", 128}, {"xfs", 400}, {"btrfs", 256}};
    /* Ten thousand rounds in all, or a few hundred. */
    int factor = getenv("CLONE_LONG") ? 20 : 1;

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
        test_swapper(ground, 100 * factor);
        test_swapped_removal(ground, 25 * factor);
        test_moved_away(ground, 5 * factor);
        if (geteuid() == 0)
            test_given(ground, 2000 * factor);
    }
    ground_end();
    return tests_done();
}
