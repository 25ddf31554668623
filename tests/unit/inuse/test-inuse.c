/* SPDX-License-Identifier: MIT */
/* Users of a tree: real processes with files, mappings, mounts and namespaces, in TMPDIR, on ext4
 * and on a subvolume of btrfs. Skipped without root. */
#include "inuse/inuse.h"

#include "basic/canceled.h"
#include "inuse/private.h"
#include "test.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/io_uring.h>
#include <linux/loop.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static char ground[512]; /* holds var/state, var/other and mnt */

/* The holders run in a child, which is killed afterwards. */
static void must(bool done, const char *what)
{
    if (done)
        return;
    fprintf(stderr, "# child: %s: %s\n", what, strerror(errno));
    _exit(1);
}

static int open_file(const char *path, int flags)
{
    int fd = open(path, flags | O_CREAT, 0600);

    must(fd >= 0, path);
    return fd;
}

static void private_namespace(void)
{
    must(unshare(CLONE_NEWNS) == 0, "unshare");
    must(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "private");
}

static void bind(const char *from, const char *to, bool read_only)
{
    must(mount(from, to, NULL, MS_BIND, NULL) == 0, "bind");
    if (read_only)
        must(mount(NULL, to, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL) == 0, "read-only");
}

#include "holders.h"

/* --- asking ---------------------------------------------------------------------------------- */

/* The result of a survey, "" without users. The caller frees it. */
static char *ask(const char *directory, bool readers)
{
    _cleanup_(survey_free) Survey survey = {.proc_fd = -1, .readers = readers};
    _cleanup_close_ int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0 || !ARRAY_GROW(survey.targets, survey.n_targets))
        return NULL;
    survey.targets[0] = (Target){.shown = directory, .fd = fd, .device = st.st_dev};
    if (on_disk_find(fd, &survey.targets[0].on_disk) < 0 || survey_run(&survey) < 0)
        return NULL;
    return survey.holders ? strv_join(survey.holders, "; ") : strdup("");
}

/* Runs a holder until it holds its file. 0: this system cannot do that. */
static pid_t start(void (*hold)(void), bool end_first_thread)
{
    int ready[2];
    pid_t pid;
    char c;

    if (pipe2(ready, O_CLOEXEC) < 0)
        return -1;
    pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        must(chdir(ground) == 0, "chdir");
        if (end_first_thread) {
            pthread_t other;

            must(pthread_create(&other, NULL, thread, NULL) == 0, "thread");
        }
        hold();
        must(write(ready[1], "", 1) == 1, "ready");
        if (end_first_thread)
            syscall(SYS_exit, 0);
        for (;;)
            pause();
    }
    close(ready[1]);
    if (read(ready[0], &c, 1) != 1) {
        waitpid(pid, NULL, 0);
        pid = 0;
    }
    close(ready[0]);
    return pid;
}

static void stop(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

enum { FREE, NAMED, AFTERWARDS };

static void check(const char *on, const char *name, void (*hold)(void), int wanted,
                  const char *phrase)
{
    pid_t pid = start(hold, false);
    _cleanup_free_ char *state = strprintf("%s/var/state", ground), *said = NULL, *later = NULL,
                        *number = strprintf("(pid %d", pid);
    int failed = tests_failed;

    if (pid <= 0) {
        SKIP("%s, %s: this system cannot do that", on, name);
        return;
    }
    said = ask(state, false);
    later = ask(state, true);
    stop(pid);
    if (!said || !later) {
        OK(false, "%s, %s: the survey succeeds", on, name);
        return;
    }
    if (wanted == NAMED)
        OK(strstr(said, number) && strstr(said, phrase), "%s, %s: the process is named", on, name);
    else
        OK(!strstr(said, number), "%s, %s: the process is not named", on, name);
    if (wanted != FREE && phrase[0] == '\'')
        OK(strstr(later, number), "%s, %s: the process is named by the survey after a swap", on,
           name);
    if (wanted == FREE)
        OK(!strstr(later, number), "%s, %s: the process is not named by the survey after a swap",
           on, name);
    if (wanted == AFTERWARDS)
        OK(strstr(later, number) && strstr(later, phrase),
           "%s, %s: the process is named by the survey after a swap", on, name);
    if (tests_failed > failed)
        printf("# before: %s\n# after: %s\n", said, later);
}

static void check_first_thread(const char *on)
{
    _cleanup_free_ char *state = strprintf("%s/var/state", ground), *said = NULL, *number = NULL;
    pid_t pid = start(writes, true);

    if (pid <= 0) {
        SKIP("%s, a process whose first thread has ended: this system cannot do that", on);
        return;
    }
    for (int i = 0; i < 100; i++) { /* until the first thread is gone */
        _cleanup_free_ char *path = strprintf("/proc/%d/stat", pid), *text = NULL;

        if (path && proc_read(AT_FDCWD, path, 4096, &text) == 0 && strstr(text, ") Z "))
            break;
        usleep(10000);
    }
    said = ask(state, false);
    number = strprintf("(pid %d", pid);
    OK(said && strstr(said, number),
       "%s, a process whose first thread has ended: the process is named", on);
    stop(pid);
}

static void check_kernel(const char *on)
{
    _cleanup_free_ char *state = strprintf("%s/var/state", ground),
                        *image = strprintf("%s/data/image", state), *said = NULL, *command = NULL;

    command = strprintf("truncate -s 1M '%s' && losetup -f '%s' && losetup -j '%s' | cut -d: -f1 "
                        ">'%s/var/loop'",
                        image, image, image, ground);
    if (!command || system(command) != 0) {
        SKIP("%s, a loop device: this system cannot make a loop device", on);
    } else {
        said = ask(state, false);
        OK(said && strstr(said, "data/image' is the file behind /dev/loop"),
           "%s, a loop device: the survey names the file of the device", on);
        free(command);
        command = strprintf("losetup -d $(cat '%s/var/loop')", ground);
        OK(command && system(command) == 0, "%s, a loop device: the device can be removed", on);
        for (int i = 0; i < 100 && said && *said; i++) {
            free(said);
            said = ask(state, false);
            usleep(10000);
        }
        OK(said && !*said, "%s, a loop device that is gone: the survey names no file", on);
    }
    free(command);
    command = strprintf("rm -f '%s'; dd if=/dev/zero of='%s' bs=1M count=1 status=none && chmod "
                        "600 '%s' && mkswap -q '%s' >/dev/null",
                        image, image, image, image);
    if (!command || system(command) != 0 || swapon(image, 0) < 0) {
        SKIP("%s, swap: this system cannot make a swap file", on);
        return;
    }
    free(said);
    said = ask(state, false);
    OK(said && strstr(said, "data/image' is used as swap"), "%s, swap: the swap file is named", on);
    OK(swapoff(image) == 0, "%s, swap: the swap file can be removed", on);
}

/* If the state is a mount point, every private namespace has a copy of the mount. */
static void check_mount_point(const char *on)
{
    _cleanup_free_ char *other = strprintf("%s/var/other", ground), *said = NULL;
    pid_t pid;

    if (mount(other, other, NULL, MS_BIND, NULL) < 0) {
        SKIP("%s, a state that is a mount point: this system cannot mount", on);
        return;
    }
    pid = start(sandboxed, false);
    said = ask(other, false);
    OK(said && !*said,
       "%s, a state that is a mount point: its mount in another namespace is not named", on);
    stop(pid);
    umount2(other, MNT_DETACH);
}

static void check_refusal(void)
{
    _cleanup_free_ char *state = strprintf("%s/var/state", ground), *what = NULL, *wanted = NULL;
    _cleanup_close_ int fd = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    Place place = {.directory = state, .path = state, .fd = fd};
    const Declaration declaration = {};
    pid_t pids[HOLDERS_MAX + 2];
    int r;

    r = in_use_check(&declaration, &place, 1, &what);
    OK(r == IN_USE_IDLE && !what, "a state without users is idle");
    for (size_t i = 0; i < ELEMENTSOF(pids); i++)
        pids[i] = start(writes, false);
    r = in_use_check(&declaration, &place, 1, &what);
    wanted = strprintf("kill %d", pids[0]);
    OK(r == IN_USE_BUSY && strstr(what, "; and 2 more. First run: ") && strstr(what, wanted),
       "four of six writers are named, with a command to run");
    for (size_t i = 0; i < ELEMENTSOF(pids); i++)
        stop(pids[i]);
}

static void take_signal(int number)
{
    canceled = number;
}

/* Looks at a /proc with one process, whose maps never answer, as those of a process that waits for
 * a dead file server. Returns the result of the survey, and sets *ret_said to the users. */
static int survey_silent(uid_t user, unsigned patience_msec, char **ret_said)
{
    _cleanup_free_ char *state = strprintf("%s/var/state", ground),
                        *proc = strprintf("%s/proc", ground);
    _cleanup_free_ char *command = strprintf(
        "rm -rf '%s'; mkdir -p '%s'/self/ns '%s'/77/ns '%s'/77/fd && cd '%s' && ln -s 'mnt:[1]' self/ns/mnt && "
        "ln -s 'user:[1]' self/ns/user && ln -s 'mnt:[1]' 77/ns/mnt && ln -s 'user:[1]' 77/ns/user && ln -s / 77/root && "
        "cat /proc/self/mountinfo >77/mountinfo && mkfifo 77/maps && echo silent >77/comm && "
        "printf 'Name:\\tx\\nUid:\\t%u\\nGid:\\t%u\\nGroups:\\t\\nCapPrm:\\t0\\n' >77/status && chown %u 77",
        proc, proc, proc, proc, proc, (unsigned)user, (unsigned)user, (unsigned)user);
    _cleanup_(survey_free) Survey survey = {.proc_fd = -1};
    _cleanup_close_ int fd = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct stat st;
    int r;

    if (system(command) != 0 || fd < 0 || fstat(fd, &st) < 0 ||
        !ARRAY_GROW(survey.targets, survey.n_targets))
        return -ENOTRECOVERABLE;
    survey.proc_fd = open(proc, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    survey.targets[0] = (Target){.shown = state, .fd = fd, .device = st.st_dev};
    if (on_disk_find(fd, &survey.targets[0].on_disk) < 0)
        return -ENOTRECOVERABLE;
    r = patience_msec ? survey_run_apart(&survey, patience_msec) : survey_run(&survey);
    *ret_said = strv_join(survey.holders, "; ");
    return r;
}

static void check_silent(void)
{
    _cleanup_free_ char *said = NULL;
    int status, r;
    pid_t pid = fork();

    if (pid == 0)
        _exit(survey_silent(STRANGER, 0, &said) == 0 ? 0 : 1);
    usleep(500000);
    OK(waitpid(pid, &status, WNOHANG) == 0,
       "a process that does not answer: a survey without a time limit hangs");
    stop(pid);
    r = survey_silent(STRANGER, 300, &said);
    OK(r == 0 && said && !*said,
       "a stranger's process that does not answer: the survey leaves the process out");
    free(said);
    said = NULL;
    r = survey_silent(STRANGER + 1, 300, &said);
    OK(r == 0 && said && strstr(said, "silent (pid 77) cannot be looked at"),
       "a process that does not answer, of the owner of a file: the survey names the process");
    free(said);
    said = NULL;
    (void)signal(SIGALRM, take_signal);
    alarm(1);
    r = survey_silent(STRANGER, 600000, &said);
    OK(r == -ECANCELED, "a process that does not answer: a signal ends the survey");
    canceled = 0;
}

/* A survey without descriptors must fail, and not miss a process. */
static void check_descriptors(void)
{
    _cleanup_free_ char *state = strprintf("%s/var/state", ground), *number = NULL;
    pid_t pid = start(writes, false);
    struct rlimit before, few;
    int wrong = 0, failed = 0;

    number = strprintf("(pid %d", pid);
    getrlimit(RLIMIT_NOFILE, &before);
    for (rlim_t n = 3; n < 16; n++) {
        _cleanup_free_ char *said = NULL;

        few = (struct rlimit){n, before.rlim_max};
        setrlimit(RLIMIT_NOFILE, &few);
        said = ask(state, false);
        setrlimit(RLIMIT_NOFILE, &before);
        failed += !said;
        wrong += said && !strstr(said, number);
    }
    OK(wrong == 0 && failed > 0,
       "a survey that runs out of descriptors fails (%d times), and never misses a process",
       failed);
    stop(pid);
}

static const struct {
    const char *name;
    void (*hold)(void);
    int wanted;
    const char *phrase;
} cases[] = {
    {"nothing", nothing, FREE, ""},
    {"a file open for writing", writes, NAMED, "var/state/data/file' open for writing"},
    {"a file open for appending", appends, NAMED, "var/state/data/file' open for writing"},
    {"a file open for reading", reads, AFTERWARDS, "var/state/data/file' open"},
    {"a file open with O_PATH", path_only, AFTERWARDS, "var/state/data/file' open"},
    {"a file outside of the state", writes_beside, FREE, ""},
    {"a deleted file", deleted, NAMED, "var/state/data/deleted"},
    {"a deleted file outside of the state", deleted_beside, FREE, ""},
    {"a file open under a name outside of the state", hard_link, NAMED,
     "under another name: 'data/linked'"},
    {"a file with two names outside of the state", hard_links_beside, FREE, ""},
    {"a file whose opened name was removed", former_link, NAMED, "under another name: 'data/file'"},
    {"names with control characters", hostile_name, NAMED, "a\\x0ab\\x1b[2J (pid"},
    {"a file whose path is too long", long_path, NAMED, "under another name"},
    {"a writable mapping", maps_writable, NAMED, "var/state/data/file' mapped for writing"},
    {"a mapping that can become writable", maps_not_yet_writable, NAMED, "mapped for writing"},
    {"a mapping for reading", maps_reading, AFTERWARDS, "var/state/data/file' mapped"},
    {"a private mapping", maps_privately, AFTERWARDS, "var/state/data/file' mapped"},
    {"a working directory", stands_in, AFTERWARDS, "var/state/data' as its working directory"},
    {"a root directory", rooted, NAMED, "var/state/data' as its root directory"},
    {"a root directory outside of the state", rooted_elsewhere, FREE, ""},
    {"a root directory that changed after the file was opened", rooted_after_opening, NAMED,
     "open for writing"},
    {"a sandboxed process", sandboxed, FREE, ""},
    {"a sandboxed process that writes outside of the state", sandboxed_beside, FREE, ""},
    {"a mount of a parent directory", ancestor, FREE, ""},
    {"a writer through a mount of a parent directory", ancestor_writes, NAMED,
     "var/state/data/file' open for"},
    {"a writer through a mount point with blanks", ancestor_at_an_odd_point, NAMED,
     "var/state/data/file' open for writing"},
    {"a reader through a mount of a parent directory", ancestor_reads, AFTERWARDS,
     "var/state/data/file' open"},
    {"a mapping through a mount of a parent directory", ancestor_maps, NAMED,
     "var/state/data/file' mapped for"},
    {"a container that has the state mounted", container, NAMED,
     "var/state/data/file' open for writing"},
    {"a container with its own files at the same path", container_of_another, FREE, ""},
    {"a writer through a mount that was detached", out_of_sight, NAMED, "under another name"},
    {"a writer outside of the state through a mount that was detached", out_of_sight_beside, FREE,
     ""},
    {"a mount of the state", binds, NAMED, "or a part of it, is mounted at"},
    {"a mount of a part of the state", binds_part, NAMED, "or a part of it, is mounted at"},
    {"a read-only mount of the state", binds_read_only, AFTERWARDS,
     "or a part of it, is mounted at"},
    {"a mount of the same path on another file system", binds_likeness, FREE, ""},
    {"a mount over the state", binds_over, FREE, ""},
    {"a file registered with an io_uring", registers, NAMED, "registered with an io_uring"},
    {"a mount of the state by a stranger", stranger_binds, AFTERWARDS, "is mounted at"},
    {"a root directory of a stranger", stranger_roots, AFTERWARDS, "as its root directory"},
    {"a file that a stranger registers with an io_uring", stranger_registers, AFTERWARDS,
     "registered with an io_uring"},
    {"thousands of mounts of a stranger", stranger_floods, FREE, ""},
    {"a mount of the state by the owner of a file", owner_binds, NAMED, "is mounted at"},
    {"a root directory of the owner of a file", owner_roots, NAMED, "as its root directory"},
};

/* subvolume: a command that makes the state one. */
static bool prepare(const char *subvolume)
{
    _cleanup_free_ char *command = strprintf(
        "cd '%s' && mkdir -p var/other var/state-of-another mnt && %s && mkdir -p var/state/data "
        "&& touch var/state/data/linked var/state/data/own var/state/data/public && chown 4322 "
        "var/state/data/own && chmod -R go+rX '%s' && { ln -f var/state/data/linked var/other/link "
        "2>/dev/null || :; }",
        ground, subvolume, ground);

    return command && system(command) == 0;
}

static void check_all(const char *on)
{
    for (size_t i = 0; i < ELEMENTSOF(cases); i++)
        check(on, cases[i].name, cases[i].hold, cases[i].wanted, cases[i].phrase);
    check_first_thread(on);
    check_kernel(on);
    check_mount_point(on);
}

/* Mounts an image in the private namespace. */
static bool mount_image(const char *scratch, const char *type)
{
    _cleanup_free_ char *command =
        strprintf("cd '%s' && mkdir -p %s && truncate -s 300M %s.img && mkfs.%s -q %s.img "
                  ">/dev/null 2>&1 && mount -o loop %s.img %s",
                  scratch, type, type, type, type, type, type);

    snprintf(ground, sizeof(ground), "%s/%s", scratch, type);
    return command && system(command) == 0;
}

int main(int argc, char **argv)
{
    const char *directory = getenv("TMPDIR");
    _cleanup_free_ char *scratch = strprintf("%s/in-use.XXXXXX", directory ? directory : "/tmp"),
                        *clean = NULL;

    if (argc > 1) { /* a survey alone, to count its system calls */
        _cleanup_free_ char *said = ask(argv[1], argc > 2);

        puts(said ? said : "?");
        return said ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    if (geteuid() != 0 || unshare(CLONE_NEWNS) < 0 ||
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
        puts("1..0 # SKIP this test needs root and namespaces");
        return 0;
    }
    if (!scratch || !mkdtemp(scratch))
        return EXIT_FAILURE;
    snprintf(ground, sizeof(ground), "%s", scratch);
    OK(prepare("true"), "a state in TMPDIR can be made");
    check_all("TMPDIR");
    check_refusal();
    check_descriptors();
    check_silent();
    if (mount_image(scratch, "ext4") && prepare("true"))
        check_all("ext4");
    else
        SKIP("this system cannot mount ext4");
    if (mount_image(scratch, "btrfs") && prepare("btrfs -q subvolume create var/state"))
        check_all("a subvolume");
    else
        SKIP("this system cannot mount btrfs");
    clean = strprintf("cd /; umount '%s/ext4' '%s/btrfs'; rm -rf '%s'", scratch, scratch, scratch);
    OK(clean && system(clean) == 0, "all mounts and files of the test can be removed");
    return tests_done();
}
