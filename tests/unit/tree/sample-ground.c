/* SPDX-License-Identifier: MIT */
/* File systems for the tests, in a mount namespace of their own. */
#include "tree/sample-tree.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

static char *base;
static Ground grounds[16];
static size_t n_grounds;

void must(bool condition, const char *what)
{
    if (condition)
        return;
    printf("Bail out! %s: %s\n", what, strerror(errno));
    exit(99);
}

void ground_begin(void)
{
    const char *tmpdir = getenv("TMPDIR") ?: "/tmp";

    base = strprintf("%s/stage-XXXXXX", tmpdir);
    MUST(base && mkdtemp(base));
    MUST(chmod(base, 0755) >= 0);
    if (geteuid() == 0 && unshare(CLONE_NEWNS) >= 0)
        MUST(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) >= 0);
}

void ground_end(void)
{
    for (size_t i = 0; i < n_grounds; i++) {
        close(grounds[i].fd);
        if (!streq(grounds[i].kind, "here"))
            umount2(grounds[i].path, MNT_DETACH);
        free((char *)grounds[i].path);
    }
    _cleanup_free_ char *command = strprintf("chmod -R u+rwx %s; rm -rf %s", base, base);
    MUST(command && system(command) == 0);
    free(base);
}

static bool is_word_of(const char *kind, const char *const *kinds)
{
    for (; *kinds; kinds++)
        if (streq(kind, *kinds))
            return true;
    return false;
}

const Ground *ground_make(const char *kind, unsigned megabytes, const char **ret_why)
{
    static const char *const reflinking[] = {"xfs", "btrfs", NULL};
    Ground *ground = &grounds[n_grounds];
    char *path = strprintf("%s/%zu", base, n_grounds);

    MUST(path && mkdir(path, 0777) >= 0);
    if (!streq(kind, "here")) {
        _cleanup_free_ char *command =
            strprintf("truncate -s %uM %s.img && mkfs.%s -q %s.img >/dev/null 2>&1 && "
                      "mount -o loop %s.img %s 2>/dev/null || ! rm %s.img",
                      megabytes, path, kind, path, path, path, path);
        MUST(command);
        if (geteuid() != 0 || system(command) != 0) {
            *ret_why = geteuid() != 0 ? "needs root" : "mkfs or a loop mount does not work here";
            rmdir(path);
            free(path);
            return NULL;
        }
        chmod(path, 0777);
    }
    *ground = (Ground){
        .kind = kind,
        .path = path,
        .fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC),
        .reflinks = is_word_of(kind, reflinking),
    };
    MUST(ground->fd >= 0);
    n_grounds++;
    return ground;
}

int clone_simply(int fd, int parent_fd, const char *name, CloneResult *ret)
{
    const CloneOptions options = {.copy_limit = UINT64_MAX};
    _cleanup_free_ char *what = NULL;
    int r = clone_tree(fd, parent_fd, name, &options, ret, &what);

    if (r != 0)
        printf("# clone_tree: %d (%s), %s\n", r, r < 0 ? strerror(-r) : "", what ?: "no reason");
    return r;
}
