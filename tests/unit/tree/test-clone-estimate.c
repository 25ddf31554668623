/* SPDX-License-Identifier: MIT */
/* The estimated space of a clone, compared with the real one; in TMPDIR, and as root on images of
 * ext4, xfs and btrfs. */
#include "test.h"
#include "tree/sample-tree.h"
#include "tree/tree.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>

static struct statvfs look(const Ground *ground)
{
    struct statvfs fs;

    MUST(syncfs(ground->fd) >= 0 && fstatvfs(ground->fd, &fs) >= 0);
    return fs;
}

static uint64_t bytes_between(const struct statvfs *before, const struct statvfs *after)
{
    return (uint64_t)(before->f_bfree - MIN(after->f_bfree, before->f_bfree)) * before->f_frsize;
}

static int make_tree(const Ground *ground)
{
    int fd = tree_make(ground, "tree"), many = make_dir(fd, "many", 0755);

    for (int i = 0; i < 500; i++) {
        char name[16];

        snprintf(name, sizeof(name), "%d", i);
        make_file(many, name, "a little");
        if (i % 5 == 0) {
            char other[16];

            snprintf(other, sizeof(other), "%d again", i);
            MUST(linkat(many, name, many, other, 0) >= 0);
        }
    }
    close(many);
    make_large_file(fd, "large", 9000000);
    return fd;
}

static void test_estimate(const Ground *ground)
{
    int fd = make_tree(ground);
    _cleanup_free_ char *original = tree_dump(ground->fd, "tree", DUMP_IDENTITY), *later = NULL;
    CloneEstimate estimate, measured;
    CloneResult result;
    struct statvfs before = look(ground), probed, after;
    uint64_t taken;

    OK(clone_estimate(fd, fd, NULL, NULL, &estimate) == 0, "%s: the space for a clone is estimated",
       ground->kind);
    probed = look(ground);
    later = tree_dump(ground->fd, "tree", DUMP_IDENTITY);
    OK(dump_same(original, later), "%s: an estimate does not change the tree", ground->kind);
    if (geteuid() == 0 && !streq(ground->kind, "here") && !ground->reflinks)
        OK(probed.f_bfree == before.f_bfree && probed.f_ffree == before.f_ffree,
           "%s: an estimate leaves no file or block behind", ground->kind);
    OK(clone_simply(fd, ground->fd, "clone", &result) == 0, "%s: the tree is cloned", ground->kind);
    after = look(ground);
    OK(estimate.shared == (result.total.copied == 0),
       "%s: the estimate says whether the clone shares contents", ground->kind);
    if (estimate.shared) {
        OK(estimate.copied == 0 && estimate.bytes == 0 && estimate.inodes == 0,
           "%s: the estimate does not count shared contents", ground->kind);
        close(fd);
        return;
    }
    OK(estimate.copied >= result.total.copied &&
           estimate.copied <= result.total.copied + result.total.copied / 50,
       "%s: the copied bytes are estimated within 2 %% (%lu for %lu)", ground->kind,
       (unsigned long)estimate.copied, (unsigned long)result.total.copied);
    if (!streq(ground->kind, "here")) { /* other processes use that file system */
        taken = bytes_between(&before, &after);
        OK(estimate.bytes >= taken - taken / 100 && estimate.bytes <= taken + taken / 20,
           "%s: the space is estimated within 5 %% (%lu for %lu)", ground->kind,
           (unsigned long)estimate.bytes, (unsigned long)taken);
        OK(estimate.inodes == before.f_ffree - after.f_ffree,
           "%s: the inodes are estimated exactly (%lu for %lu)", ground->kind,
           (unsigned long)estimate.inodes, (unsigned long)(before.f_ffree - after.f_ffree));
    }
    close(fd);
    fd = openat(ground->fd, "clone", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    OK(tree_measure(fd, NULL, NULL, &measured) == 0 && measured.inodes == estimate.inodes,
       "%s: the inodes of the clone are as estimated", ground->kind);
    close(fd);
}

/* Changes the tree while its size is estimated. */
static _Noreturn void stir(const Ground *ground)
{
    int fd = openat(ground->fd, "busy", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (unsigned i = 0;; i++) {
        char name[16], other[16];
        int file;

        snprintf(name, sizeof(name), "%u", i % 64);
        snprintf(other, sizeof(other), "%u", (i + 13) % 64);
        file = openat(fd, name, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
        cleanup_close(&file);
        unlinkat(fd, other, 0);
    }
}

static void test_busy(const Ground *ground)
{
    int fd = make_dir(ground->fd, "busy", 0755), n_measured = 0;
    pid_t pid;

    for (int i = 0; i < 2000; i++) { /* so that there is time for a change */
        char name[16];

        snprintf(name, sizeof(name), "stays%d", i);
        make_file(fd, name, "");
    }
    pid = fork();
    if (pid == 0)
        stir(ground);
    for (int i = 0; i < 100; i++) {
        CloneEstimate estimate;

        n_measured += tree_measure(fd, NULL, NULL, &estimate) == 0 && estimate.inodes > 2000;
    }
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    OK(n_measured == 100, "%s: a tree is measured while it changes (%d of 100)", ground->kind,
       n_measured);
    close(fd);
}

static void test_cancel(const Ground *ground)
{
    static const volatile sig_atomic_t cancel = 1;
    int fd = openat(ground->fd, "tree", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    CloneEstimate estimate;

    OK(tree_measure(fd, NULL, &cancel, &estimate) == -ECANCELED,
       "%s: a measurement can be cancelled", ground->kind);
    close(fd);
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
        test_estimate(ground);
        test_busy(ground);
        test_cancel(ground);
        MUST(tree_remove(ground->fd, "tree") == 0 && tree_remove(ground->fd, "clone") == 0 &&
             tree_remove(ground->fd, "busy") == 0);
    }
    ground_end();
    return tests_done();
}
