/* SPDX-License-Identifier: MIT */
/* A clone that is stopped leaves nothing. */
#include "test.h"
#include "tree/sample-tree.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>

#define MEBI ((size_t)1 << 20)

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

/* --- limits
 * ------------------------------------------------------------------------------------------ */

static void test_limit(const Ground *ground)
{
    _cleanup_close_ int fd = make_dir(ground->fd, "tree", 0755);
    CloneOptions options = {.copy_limit = 5 * MEBI};
    _cleanup_free_ char *what = NULL;
    CloneResult result = {};
    int r;

    make_large_file(fd, "a", 2 * MEBI);
    make_large_file(fd, "b", 3 * MEBI);
    OK(clone_tree(fd, ground->fd, "clone", &options, &result, &what) == CLONE_DONE,
       "%s: a tree as large as the limit is copied", ground->kind);
    MUST(tree_remove(ground->fd, "clone") == 0);

    options.copy_limit = ground->reflinks ? 0 : 5 * MEBI - 1;
    r = clone_tree(fd, ground->fd, "clone", &options, &result, &what);
    if (ground->reflinks)
        OK(r == CLONE_DONE && result.total.copied == 0,
           "%s: shared contents do not count towards the limit", ground->kind);
    else
        OK(r == CLONE_OVER_LIMIT && !exists(ground->fd, "clone"),
           "%s: a tree that is a byte larger than the limit leaves no clone: %s", ground->kind,
           what ?: "");
    MUST(tree_remove(ground->fd, "clone") == 0 && tree_remove(ground->fd, "tree") == 0);
}

static void test_full(const Ground *ground)
{
    _cleanup_close_ int fd = make_dir(ground->fd, "tree", 0755);
    const CloneOptions options = {.copy_limit = UINT64_MAX};
    _cleanup_free_ char *what = NULL;
    struct statfs before, after;
    CloneResult result = {};
    int r;

    make_file(fd, "small", "small");
    make_large_file(fd, "large", 20 * MEBI);
    MUST(syncfs(fd) >= 0 && fstatfs(fd, &before) >= 0);
    r = clone_tree(fd, ground->fd, "clone", &options, &result, &what);
    OK(r == -ENOSPC && what && strstr(what, "'large'"),
       "a clone on a full file system gives ENOSPC (%d): %s", r, what ?: "");
    MUST(syncfs(fd) >= 0 && fstatfs(fd, &after) >= 0);
    OK(!exists(ground->fd, "clone") && after.f_bfree == before.f_bfree &&
           after.f_ffree == before.f_ffree,
       "a clone on a full file system leaves no block");
    MUST(tree_remove(ground->fd, "tree") == 0);
}

/* --- in the middle of a large file
 * ------------------------------------------------------------------ */

typedef struct Meanwhile {
    const Ground *ground;
    volatile sig_atomic_t cancel;
    bool write; /* change the original instead of cancelling */
    double at;
    atomic_bool over;
} Meanwhile;

/* Acts as soon as a part of the file has been copied. */
static void *meanwhile_main(void *userdata)
{
    Meanwhile *meanwhile = userdata;
    struct stat st;

    while (!atomic_load(&meanwhile->over)) {
        if (fstatat(meanwhile->ground->fd, "clone/large", &st, 0) < 0 || st.st_size == 0) {
            sched_yield();
            continue;
        }
        meanwhile->at = now();
        if (meanwhile->write) {
            _cleanup_close_ int fd =
                openat(meanwhile->ground->fd, "tree/large", O_WRONLY | O_CLOEXEC);

            MUST(pwrite(fd, "x", 1, 0) == 1);
        } else
            meanwhile->cancel = 1;
        break;
    }
    return NULL;
}

static void test_middle(const Ground *ground, bool write)
{
    _cleanup_close_ int fd = make_dir(ground->fd, "tree", 0755);
    Meanwhile meanwhile = {.ground = ground, .write = write};
    const CloneOptions options = {.copy_limit = UINT64_MAX, .cancel = &meanwhile.cancel};
    _cleanup_free_ char *what = NULL;
    CloneResult result = {};
    pthread_t thread;
    double took;
    int r;

    make_large_file(fd, "large", 192 * MEBI);
    MUST(pthread_create(&thread, NULL, meanwhile_main, &meanwhile) == 0);
    r = clone_tree(fd, ground->fd, "clone", &options, &result, &what);
    took = now() - meanwhile.at;
    atomic_store(&meanwhile.over, true);
    MUST(pthread_join(thread, NULL) == 0);
    if (write)
        OK(r == -ESTALE && what && strstr(what, "'large' changed"),
           "%s: a write to a file that is being copied is noticed (%d): %s", ground->kind, r,
           what ?: "");
    else {
        OK(r == -ECANCELED && !what, "%s: a clone can be cancelled in the middle of a file (%d)",
           ground->kind, r);
        OK(took < 1, "%s: a cancelled clone does not wait for the end of the file (%.3f s)",
           ground->kind, took);
    }
    OK(!exists(ground->fd, "clone"), "%s: a clone that has failed is removed", ground->kind);

    meanwhile.cancel = 1;
    if (!write)
        OK(tree_fingerprint(fd, NULL, &meanwhile.cancel, &result.fingerprint) == -ECANCELED,
           "%s: a fingerprint can be cancelled", ground->kind);
    MUST(tree_remove(ground->fd, "tree") == 0);
}

typedef struct Seen {
    CloneProgress last;
    unsigned calls, backwards, elsewhere;
    pthread_t thread;
} Seen;

static void on_progress(const CloneProgress *progress, void *userdata)
{
    Seen *seen = userdata;

    seen->calls++;
    seen->backwards += progress->bytes < seen->last.bytes || progress->files < seen->last.files;
    seen->elsewhere += !pthread_equal(pthread_self(), seen->thread);
    seen->last = *progress;
}

static void test_progress(const Ground *ground)
{
    _cleanup_close_ int fd = make_dir(ground->fd, "tree", 0755);
    Seen seen = {.thread = pthread_self()};
    const CloneOptions options = {
        .copy_limit = UINT64_MAX, .threads = 1, .progress = on_progress, .userdata = &seen};
    _cleanup_free_ char *what = NULL;
    CloneResult result = {};

    make_large_file(fd, "large", 192 * MEBI);
    MUST(clone_tree(fd, ground->fd, "clone", &options, &result, &what) == 0);
    OK(seen.calls > 0 && seen.backwards == 0 && seen.elsewhere == 0 &&
           seen.last.bytes <= result.total.bytes,
       "%s: progress comes from the calling thread and only grows (%u times, %lu of %lu)",
       ground->kind, seen.calls, (unsigned long)seen.last.bytes, (unsigned long)result.total.bytes);
    MUST(tree_remove(ground->fd, "clone") == 0 && tree_remove(ground->fd, "tree") == 0);
}

/* --- mount points
 * ------------------------------------------------------------------------------------ */

static void test_mounts(const Ground *ground)
{
    _cleanup_close_ int fd = make_dir(ground->fd, "tree", 0755), dir = make_dir(fd, "a", 0755);
    _cleanup_close_ int canary = make_dir(ground->fd, "canary", 0755);
    const CloneOptions options = {.copy_limit = UINT64_MAX};
    _cleanup_free_ char *from = strprintf("%s/canary", ground->path);
    _cleanup_free_ char *onto = strprintf("%s/tree/a/b c", ground->path);
    _cleanup_free_ char *file = strprintf("%s/tree/a/file", ground->path);
    uint64_t fingerprint;

    make_file(canary, "file", "canary");
    make_file(dir, "file", "file");
    make_file(dir, "zzz", "last");
    close(make_dir(dir, "b c", 0755));
    for (int i = 0; i < 3; i++) {
        static const char *const names[] = {"a bind mount", "a tmpfs", "a mount on a file"};
        _cleanup_free_ char *what = NULL;
        CloneResult result = {};

        if (i == 1)
            MUST(mount("none", onto, "tmpfs", 0, NULL) >= 0);
        else if (i == 0)
            MUST(mount(from, onto, NULL, MS_BIND, NULL) >= 0);
        else
            MUST(mount("/dev/null", file, NULL, MS_BIND, NULL) >= 0);
        OK(clone_tree(fd, ground->fd, "clone", &options, &result, &what) == CLONE_REFUSED && what &&
               strstr(what, i == 2 ? "'a/file' is a mount point" : "'a/b c' is a mount point") &&
               !exists(ground->fd, "clone"),
           "%s: %s is refused: %s", ground->kind, names[i], what ?: "");
        OK(tree_fingerprint(fd, NULL, NULL, &fingerprint) == -EXDEV,
           "%s: a tree with a mount point has no fingerprint", ground->kind);
        OK(tree_remove(ground->fd, "tree") == -EBUSY && exists(dir, "zzz") && exists(dir, "file") &&
               exists(canary, "file"),
           "%s: a tree with %s is not removed", ground->kind, names[i]);
        MUST(umount2(i == 2 ? file : onto, 0) >= 0);
    }
    OK(tree_remove(ground->fd, "tree") == 0 && !exists(ground->fd, "tree") &&
           exists(canary, "file"),
       "%s: a tree is removed after its last mount is gone", ground->kind);
    MUST(tree_remove(ground->fd, "canary") == 0);
}

int main(void)
{
    static const struct {
        const char *kind;
        unsigned megabytes;
    } kinds[] = {{"here", 0}, {"ext4", 512}, {"xfs", 400}, {"btrfs", 256}};
    const Ground *ground;
    const char *why;

    setvbuf(stdout, NULL, _IOLBF, 0);
    umask(022);
    ground_begin();
    for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
        ground = ground_make(kinds[i].kind, kinds[i].megabytes, &why);
        if (!ground) {
            SKIP("%s: %s", kinds[i].kind, why);
            continue;
        }
        test_limit(ground);
        if (geteuid() == 0)
            test_mounts(ground);
        else
            SKIP("%s: this check needs root to mount", ground->kind);
        if (!ground->reflinks) {
            test_middle(ground, false);
            test_middle(ground, true);
            test_progress(ground);
        }
    }
    ground = ground_make("ext4", 32, &why);
    if (ground)
        test_full(ground);
    else
        SKIP("this system cannot make a small file system: %s", why);
    ground_end();
    return tests_done();
}
