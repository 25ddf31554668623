/* SPDX-License-Identifier: MIT */
/* Gives tests/bench/clone clone_tree(), tree_fingerprint() and tree_remove(), and measures what
 * is too fast for a shell. */
#include "tree/subvolumes.h"
#include "tree/tree.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

static int usage(void)
{
    fputs("usage: clone-driver clone DIRECTORY PARENT NAME [THREADS]\n"
          "       clone-driver fingerprint DIRECTORY\n"
          "       clone-driver remove PARENT NAME\n"
          "       clone-driver snapshot SUBVOLUME PARENT ROUNDS\n"
          "       clone-driver swap PARENT NAME NAME ROUNDS\n",
          stderr);
    return 2;
}

static int open_dir(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0) {
        perror(path);
        exit(1);
    }
    return fd;
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static int do_clone(int argc, char **argv, char **what)
{
    CloneOptions options = {.copy_limit = UINT64_MAX};
    CloneResult result = {};
    int r;

    options.threads = argc > 5 ? atoi(argv[5]) : 0;
    r = clone_tree(open_dir(argv[2]), open_dir(argv[3]), argv[4], &options, &result, what);
    printf("%lu entries, %lu bytes, %lu of them copied%s\n", (unsigned long)result.total.files,
           (unsigned long)result.total.bytes, (unsigned long)result.total.copied,
           result.snapshot ? ", by snapshot" : "");
    return r;
}

/* The least of all rounds, for a clone and for an ioctl in turn. Before its snapshot a clone looks
 * at all of the original, which takes as long as the fingerprint. */
static int do_snapshot(char **argv, char **what)
{
    const CloneOptions options = {.copy_limit = UINT64_MAX};
    int fd = open_dir(argv[2]), parent = open_dir(argv[3]), r = 0;
    double clone = 1e9, bare = 1e9, fingerprint = 1e9;

    for (int i = atoi(argv[4]); i > 0 && r == 0; i--) {
        CloneResult result = {};
        uint64_t value;
        double start;

        syncfs(parent);
        start = now();
        r = snapshot_create(fd, parent, "bare");
        bare = MIN(bare, now() - start);
        if (r == 0)
            r = tree_remove(parent, "bare");
        syncfs(parent);
        start = now();
        if (r == 0)
            r = clone_tree(fd, parent, "clone", &options, &result, what);
        clone = MIN(clone, now() - start);
        if (r == 0)
            r = tree_remove(parent, "clone");
        start = now();
        if (r == 0)
            r = tree_fingerprint(fd, NULL, NULL, &value);
        fingerprint = MIN(fingerprint, now() - start);
    }
    if (r != 0)
        return r;
    printf("btrfs  %s by snapshot: %.2f ms, the ioctl alone %.2f ms, the fingerprint %.2f ms\n",
           argv[2], clone / 1e3, bare / 1e3, fingerprint / 1e3);
    return clone - bare - fingerprint < 5000 ? 0 : -ETIME;
}

/* The median: the rename, and with the fsync that makes it last. */
static int do_swap(char **argv)
{
    int parent = open_dir(argv[2]), rounds = atoi(argv[5]);
    double times[2][1000];

    rounds = MIN(rounds, 1000);
    for (int i = 0; i < rounds; i++) {
        double start = now();

        if (renameat2(parent, argv[3], parent, argv[4], RENAME_EXCHANGE) < 0)
            return -errno;
        times[0][i] = now() - start;
        if (fsync(parent) < 0)
            return -errno;
        times[1][i] = now() - start;
    }
    for (int k = 0; k < 2; k++)
        for (int i = 1; i < rounds; i++)
            for (int j = i; j > 0 && times[k][j - 1] > times[k][j]; j--) {
                double t = times[k][j];

                times[k][j] = times[k][j - 1];
                times[k][j - 1] = t;
            }
    printf("%.0f, with fsync %.0f", times[0][rounds / 2], times[1][rounds / 2]);
    return 0;
}

int main(int argc, char **argv)
{
    _cleanup_free_ char *what = NULL;
    int r;

    if (argc >= 5 && streq(argv[1], "clone"))
        r = do_clone(argc, argv, &what);
    else if (argc == 3 && streq(argv[1], "fingerprint")) {
        uint64_t fingerprint = 0;

        r = tree_fingerprint(open_dir(argv[2]), NULL, NULL, &fingerprint);
        printf("%016lx\n", (unsigned long)fingerprint);
    } else if (argc == 4 && streq(argv[1], "remove"))
        r = tree_remove(open_dir(argv[2]), argv[3]);
    else if (argc == 5 && streq(argv[1], "snapshot"))
        r = do_snapshot(argv, &what);
    else if (argc == 6 && streq(argv[1], "swap"))
        r = do_swap(argv);
    else
        return usage();
    if (r != 0)
        fprintf(stderr, "clone-driver: %s%s%s\n", what ?: "", what ? ": " : "",
                r < 0 ? strerror(-r) : "refused");
    return r != 0;
}
