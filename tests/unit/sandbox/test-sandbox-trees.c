/* SPDX-License-Identifier: MIT */
/* Trees with excluded parts, and trees behind symbolic links and directories that a user cannot
 * enter. Skipped without root. */
#include "sandbox/sandbox-fixture.h"
#include "test.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

/* The clone at the path of the state, with media and data/up of the original. */
static SandboxTree tree_without(char *const *exclude, size_t n)
{
    return (SandboxTree){.path = state,
                         .fd = open(clone_at, O_PATH | O_DIRECTORY | O_CLOEXEC),
                         .original_fd = open(state, O_PATH | O_DIRECTORY | O_CLOEXEC),
                         .exclude = exclude,
                         .n_exclude = n};
}

static void test_excluded(void)
{
    char *const exclude[] = {(char *)"media", (char *)"data/up", (char *)"missing"};
    SandboxTree tree = tree_without(exclude, 3);
    static const SandboxAccess all[] = {SANDBOX_WRITABLE, SANDBOX_READ_ONLY, SANDBOX_THROWAWAY};

    mkdir(in(state, "media"), 0777);
    mkdir(in(state, "data"), 0777);
    mkdir(in(state, "data/up"), 0777);
    write_file(in(state, "data/up/file"), "up");
    mkdir(in(clone_at, "media"), 0777);
    mkdir(in(clone_at, "data"), 0777);
    chmod(in(clone_at, "data"), 0777);
    mkdir(in(clone_at, "data/up"), 0777);
    mount("test", in(state, "media"), "tmpfs", 0, "mode=777");
    write_file(in(state, "media/file"), "mounted");

    for (size_t i = 0; i < 3; i++)
        OK(SHELL("cat media/file data/up/file file; touch media/x; touch data/up/x; rmdir media",
                 .trees = &tree, .n_trees = 1, .access = all[i]) == SANDBOX_EXITED &&
               said("mountedupclone") && !exists(in(state, "media/x")) &&
               !exists(in(state, "data/up/x")) && !exists(in(clone_at, "data/up/x")) &&
               exists(in(clone_at, "media")),
           "a script sees the original's excluded directories, read-only, with their mounts: %s",
           detail());

    OK(SHELL("mv data aside; mkdir data; ln -s /etc data/up", .trees = &tree, .n_trees = 1) ==
           SANDBOX_EXITED,
       "a script can move the parent of an excluded directory");
    OK(SHELL("true", .trees = &tree, .n_trees = 1) == SANDBOX_SETUP &&
           strstr(what, "was removed or replaced by an earlier step"),
       "an excluded directory that a step replaced with a link is refused: %s", detail());
    umount(in(state, "media"));
    close(tree.fd);
    close(tree.original_fd);
}

static void test_cover(void)
{
    SandboxTree tree = {.path = in(base, "link"), .real_path = in(base, "closed/app")};

    mkdir(in(base, "closed"), 0700);
    mkdir(in(base, "closed/app"), 0755);
    mkdir(in(base, "closed/other"), 0755);
    (void)!symlink("closed/app", in(base, "link"));
    tree.fd = open(clone_at, O_PATH | O_DIRECTORY | O_CLOEXEC);
    OK(SHELL("true", .trees = &tree, .n_trees = 1, .user = "nobody") == SANDBOX_SETUP,
       "a state in a directory that its user cannot enter is refused: %s", detail());
    tree.cover = in(base, "closed");
    OK(SHELL("cat file; ls ..; mkdir ../x || pwd -P", .trees = &tree, .n_trees = 1,
             .user = "nobody") == SANDBOX_EXITED &&
           said("cloneapp\n") && said("closed/app"),
       "a covered directory has only the state in it: %s", detail());
    close(tree.fd);
}

int main(void)
{
    if (geteuid() != 0) {
        printf("1..0 # SKIP this test needs root\n");
        return EXIT_SUCCESS;
    }
    fixture_unshare();
    fixture_make();
    test_excluded();
    test_cover();
    fixture_remove();
    return tests_done();
}
