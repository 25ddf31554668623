/* SPDX-License-Identifier: MIT */
/* Swaps by entries while the user of the service renames, replaces and adds entries as fast as
 * possible: nothing outside of the directory is touched, and every swap ends. Skipped without
 * root. */
#include "store/base.h"
#include "transaction/swap-entries.h"
#include "tree/tree.h"

#include "scratch.h"
#include "test.h"

#include <linux/fs.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#define ROUNDS 400 /* or as many as $ROUNDS says */
#define USER   1234

static char *exclude[] = {"data/uploads", NULL};

#define NAMES 8

static const char *const of_state[NAMES] = {"a",      "b",  "c", "data", "data/uploads",
                                            "data/x", "n1", "n2"};
static const char *const of_mount[NAMES] = {".migrate",     ".migrate", "a",     "b",
                                            ".migrate/app", "a/app",    "b/app", "a/app/backups"};

/* One trick of the user, in the working directory. outside: a path that root must not touch. */
static void trick(const char *const names[NAMES], const char *outside)
{
    const char *a = names[(unsigned)rand() % NAMES], *b = names[(unsigned)rand() % NAMES];

    switch (rand() % 8) {
    case 0:
        (void)!symlink(outside, a);
        break;
    case 1:
        (void)!unlink(a);
        break;
    case 2:
        (void)mkdir(a, 0755);
        break;
    case 3:
        (void)!mknod(a, S_IFIFO | 0666, 0);
        break;
    case 4:
        (void)!close(open(a, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0644));
        break;
    case 5:
        (void)!link(a, b);
        break;
    case 6:
        (void)!rmdir(a);
        break;
    default:
        (void)!rename(a, b);
    }
}

static pid_t start_user(int dir_fd, const char *const names[NAMES], const char *outside)
{
    pid_t pid = fork();

    MUST(pid >= 0);
    if (pid > 0)
        return pid;
    if (fchdir(dir_fd) < 0 || setgid(USER) < 0 || setuid(USER) < 0)
        _exit(EXIT_FAILURE);
    for (;;) {
        trick(names, outside);
        if (names == of_mount) /* root has to sync, and would never end first */
            usleep((unsigned)rand() % 2000);
    }
}

static void make_clone(int transaction_fd)
{
    _cleanup_close_ int fd = -1, data = -1;

    MUST(mkdirat(transaction_fd, "app.new", 0755) == 0);
    fd = openat(transaction_fd, "app.new", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    MUST(fd >= 0 && mkdirat(fd, "data", 0755) == 0);
    data = openat(fd, "data", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    MUST(data >= 0);
    scratch_text(fd, "n1", "new");
    scratch_text(fd, "n2", "new");
    scratch_text(fd, ".stateversion.app=2", "");
    scratch_text(data, "x", "new");
    MUST(fchown(fd, USER, USER) == 0 && fchown(data, USER, USER) == 0);
}

static void empty(int fd)
{
    static const char *const names[] = {"app",      "app.new",   "app.old",
                                        "app.done", "app.frame", "app.tmp"};

    for (size_t i = 0; i < ELEMENTSOF(names); i++)
        MUST(tree_remove(fd, names[i]) == 0);
}

static void check_races(void)
{
    _cleanup_close_ int state = scratch_dir("state"), transaction = scratch_dir("transaction"),
                        canary = scratch_dir("canary");
    _cleanup_free_ char *outside = strprintf("%s/canary", scratch_path);
    Place place = {.directory = "/state",
                   .path = (char *)"/state",
                   .fd = state,
                   .transaction_fd = transaction,
                   .method = PLACE_ENTRIES,
                   .exclude = exclude,
                   .n_declared = 1,
                   .entry = (char *)"app"};
    unsigned done = 0, refused = 0, bad = 0, rounds = ROUNDS;
    uint64_t before, after;
    pid_t user;

    scratch_text(canary, "n1", "outside");
    scratch_text(canary, "x", "outside");
    MUST(mkdirat(canary, "uploads", 0755) == 0 && fchown(state, USER, USER) == 0);
    MUST(tree_fingerprint(canary, NULL, NULL, &before) == 0);
    user = start_user(state, of_state, outside);
    if (getenv("ROUNDS"))
        rounds = (unsigned)atoi(getenv("ROUNDS"));
    for (unsigned i = 0; i < rounds; i++) {
        int r = -1;

        make_clone(transaction);
        for (int again = 0; r < 0 && again < 3; again++) {
            _cleanup_free_ char *what = NULL;

            r = entries_swap(&place, "app", "1", "2", &what);
        }
        done += r == 0;
        refused += r < 0;
        bad += r > 0;
        empty(transaction);
    }
    kill(user, SIGKILL);
    waitpid(user, NULL, 0);
    MUST(tree_fingerprint(canary, NULL, NULL, &after) == 0);
    printf("# %u swaps went through, %u were refused\n", done, refused);
    OK(done + refused == rounds && bad == 0,
       "%u swaps against a hostile user all succeed or are refused", rounds);
    OK(before == after, "swaps against a hostile user change nothing outside of the state");
    OK(tree_remove(scratch_fd, "state") == 0, "the directory of a hostile user can be removed");
}

/* --- a directory of root's ------------------------------------------------------------------- */

static void make_all(int fd, const char *const *paths, uid_t user)
{
    for (; *paths; paths++)
        MUST(mkdirat(fd, *paths, 0755) == 0 &&
             fchownat(fd, *paths, user, user, AT_SYMLINK_NOFOLLOW) == 0);
}

/* A swap is cut off in step 2; then there is a file in a stand-in, and the user puts a directory of
 * root in the place of his own. */
static void check_foreign_directory(void)
{
    _cleanup_close_ int state = scratch_dir("third"), transaction = scratch_dir("transaction-3");
    _cleanup_free_ char *what = NULL;
    Place place = {.directory = "/third",
                   .path = (char *)"/third",
                   .fd = state,
                   .transaction_fd = transaction,
                   .method = PLACE_ENTRIES,
                   .exclude = exclude,
                   .n_declared = 1,
                   .entry = (char *)"app"};
    struct stat st;

    make_clone(transaction);
    make_all(transaction,
             (const char *const[]){"app", "app.frame", "app.frame/old", "app.frame/old/data",
                                   "app.frame/new", "app.frame/new/data", NULL},
             USER);
    scratch_text(transaction, "app.frame/old/data/uploads", "");
    scratch_text(transaction, "app.frame/new/data/uploads", "");
    MUST(mkdirat(transaction, "app.new/data/uploads", 0755) == 0);
    scratch_text(transaction, "app.new/data/uploads/file", "");
    MUST(mkdirat(state, "data", 0700) == 0 && fchown(state, USER, USER) == 0);
    OK(entries_swap(&place, "app", "1", "2", &what) == -ENOTEMPTY &&
           scratch_has(transaction, "app.new/data/uploads/file"),
       "a file in a stand-in is not removed");
    MUST(unlinkat(transaction, "app.new/data/uploads/file", 0) == 0);
    free(TAKE_PTR(what));
    OK(entries_swap(&place, "app", "1", "2", &what) == -EPERM &&
           fstatat(state, "data", &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_uid == 0,
       "a swap does not give a directory of root to the user");
    OK(entries_look(&place) == ENTRIES_BEGUN, "a swap that met a directory of root stays begun");
    MUST(fchownat(state, "data", USER, USER, 0) == 0);
    OK(entries_swap(&place, "app", "1", "2", &what) == 0 && scratch_has(state, "data/x"),
       "a swap that met a directory of root continues once the user owns that directory");
}

/* --- what is immutable ----------------------------------------------------------------------- */

static bool set_flags(int dir_fd, const char *name, int flags)
{
    _cleanup_close_ int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC);

    return fd >= 0 && ioctl(fd, FS_IOC_SETFLAGS, &flags) >= 0;
}

static bool has_flag(int dir_fd, const char *name, int flag)
{
    _cleanup_close_ int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC);
    int flags = 0;

    return fd >= 0 && ioctl(fd, FS_IOC_GETFLAGS, &flags) >= 0 && (flags & flag);
}

static void check_flags(void)
{
    _cleanup_close_ int state = scratch_dir("sealed"), transaction = scratch_dir("transaction-2"),
                        backup = -1;
    _cleanup_free_ char *what = NULL;
    Place place = {.directory = "/sealed",
                   .path = (char *)"/sealed",
                   .fd = state,
                   .transaction_fd = transaction,
                   .method = PLACE_ENTRIES,
                   .entry = (char *)"app"};

    scratch_text(state, "sealed", "old");
    if (!set_flags(state, "sealed", FS_IMMUTABLE_FL)) {
        SKIP("this file system has no immutable files");
        return;
    }
    make_clone(transaction);
    OK(entries_swap(&place, "app", "1", "2", &what) == 0, "a swap moves an immutable file");
    backup = openat(transaction, "app", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    OK(has_flag(backup, "sealed", FS_IMMUTABLE_FL), "an immutable file stays immutable");
    set_flags(backup, "sealed", 0);

    empty(transaction);
    make_clone(transaction);
    MUST(set_flags(scratch_fd, "sealed", FS_APPEND_FL));
    OK(entries_swap(&place, "app", "2", "3", &what) == -EPERM && what &&
           strstr(what, "immutable or append-only"),
       "an append-only directory is refused");
    OK(entries_look(&place) == ENTRIES_NONE && scratch_has(state, ".stateversion.app=2"),
       "an append-only directory is refused before anything is moved");
    set_flags(scratch_fd, "sealed", 0);
}

/* --- a base ---------------------------------------------------------------------------------- */

static bool others_get_lock(int top)
{
    _cleanup_close_ int fd = openat(top, ".migrate", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    return flock(fd, LOCK_EX | LOCK_NB) == 0;
}

/* Makes and removes the base of a service, as fast as possible. */
static void make_and_remove(int top, const char *name)
{
    _cleanup_free_ char *path = strprintf("%s/top/.migrate/%s", scratch_path, name);

    for (int i = 0; i < 30; i++) {
        _cleanup_close_ int lock = -1, base = base_make(top, name, &lock);

        /* "backups" stays while .migrate has to stay */
        if (base < 0 || (mkdirat(base, "backups", 0700) < 0 && errno != EEXIST) ||
            mkdirat(base, "backups/1", 0700) < 0)
            _exit(1);
        cleanup_close(&lock);
        if (unlinkat(base, "backups/1", AT_REMOVEDIR) < 0 || base_remove_empty(path) < 0)
            _exit(2);
    }
    _exit(0);
}

static void check_removal(int top, const char *path)
{
    const char *const names[] = {"app", "other", "third"};
    _cleanup_close_ int base = -1, other = -1, third = -1, lock = -1;
    int status, failed = 0;
    struct stat before, after;

    MUST(futimens(top, (struct timespec[]){{1, 0}, {1, 0}}) == 0 && fstat(top, &before) == 0);
    base = base_make(top, "app", &lock);
    cleanup_close(&lock);
    other = base_make(top, "other", &lock);
    cleanup_close(&lock);
    MUST(base >= 0 && other >= 0 && mkdirat(base, "backups", 0700) == 0 &&
         mkdirat(other, "backups", 0700) == 0 && mkdirat(other, "backups/1", 0700) == 0);
    OK(base_remove_empty(path) == 0 && scratch_has(top, ".migrate/other/backups/1") &&
           has_flag(top, ".migrate", FS_IMMUTABLE_FL),
       "while another service has a backup on the mount, .migrate stays and is immutable");
    /* The power was cut in a removal, when .migrate was not immutable any more. */
    MUST(set_flags(top, ".migrate", 0));
    third = base_make(top, "third", &lock);
    cleanup_close(&lock);
    OK(third >= 0 && has_flag(top, ".migrate", FS_IMMUTABLE_FL),
       "after a removal that was cut off, the next service makes .migrate immutable again");
    MUST(unlinkat(other, "backups/1", AT_REMOVEDIR) == 0);
    OK(base_remove_empty(path) == 0 && !scratch_has(top, ".migrate"),
       "nothing is left once the bases of all services are empty");
    OK(fstat(top, &after) == 0 && after.st_mtim.tv_sec == before.st_mtim.tv_sec,
       "the directory has its times again");
    OK(base_remove_empty(path) == 0, "a base that is gone can be removed again");
    MUST(mkdirat(top, ".migrate", 0755) == 0 && mkdirat(top, ".migrate/app", 0755) == 0);
    lock = openat(top, ".migrate", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    MUST(flock(lock, LOCK_EX) == 0);
    OK(base_remove_empty(path) == 0 && scratch_has(top, ".migrate/app"),
       "a directory that others can open is not removed, and its lock holds nobody up");
    MUST(fchmod(lock, 0700) == 0);
    OK(base_remove_empty(path) == 0 && scratch_has(top, ".migrate/app"),
       "a lock that somebody holds leaves the removal to the next verb");
    cleanup_close(&lock);
    OK(base_remove_empty(path) == 0 && !scratch_has(top, ".migrate"),
       "after that, the base is removed");
    for (size_t i = 0; i < ELEMENTSOF(names); i++) {
        pid_t pid = fork();

        MUST(pid >= 0);
        if (pid == 0)
            make_and_remove(top, names[i]);
    }
    while (wait(&status) > 0)
        failed |= status;
    OK(failed == 0 && base_remove_empty(path) == 0 && !scratch_has(top, ".migrate"),
       "services that make and remove bases on one mount never take away each other's base");
}

/* Returns whether the file system has immutable directories. */
static bool check_base(void)
{
    _cleanup_close_ int top = scratch_dir("top"), made = -1, again = -1, opened = -1, lock = -1;
    _cleanup_free_ char *path = strprintf("%s/top/.migrate/app", scratch_path);

    MUST(fchown(top, USER, USER) == 0);
    made = base_make(top, "app", &lock);
    if (made == -EOPNOTSUPP) {
        SKIP("this file system has no immutable directories");
        return false;
    }
    OK(made >= 0 && has_flag(top, ".migrate", FS_IMMUTABLE_FL),
       "a base in the directory of a user is immutable");
    OK(renameat(top, ".migrate", top, "mine") < 0,
       "a base in the directory of a user cannot be renamed");
    OK(mkdirat(made, "backups", 0700) == 0,
       "root can make entries in a base in the directory of a user");
    OK(!others_get_lock(top), "nobody can remove a base that was just made");
    cleanup_close(&lock);
    OK(others_get_lock(top), "the lock ends with its descriptor");
    again = base_make(top, "other", &lock);
    cleanup_close(&lock);
    OK(again >= 0 && has_flag(top, ".migrate", FS_IMMUTABLE_FL),
       "a second service can have a base in the same directory");
    opened = base_open(NULL, path);
    OK(opened >= 0, "a base can be opened");
    MUST(set_flags(top, ".migrate", 0) && fchownat(top, ".migrate", USER, USER, 0) == 0);
    OK(base_open(NULL, path) == -EPERM && base_make(top, "app", &lock) == -EPERM,
       "a base that a user owns is refused");
    MUST(fchownat(top, ".migrate", 0, 0, 0) == 0 && renameat(top, ".migrate", top, "moved") == 0 &&
         symlinkat("moved", top, ".migrate") == 0);
    OK(base_open(NULL, path) == -EPERM && base_make(top, "app", &lock) == -EPERM,
       "a link to a base is refused");
    MUST(unlinkat(top, ".migrate", 0) == 0);
    OK(base_open(NULL, path) == -ENOENT, "a missing base gives ENOENT");
    check_removal(top, path);
    return true;
}

/* The owner of a mount renames .migrate and puts things in its place, as fast as possible. */
static void check_owner(void)
{
    _cleanup_close_ int top = scratch_dir("mount"), canary = scratch_dir("outside-mount");
    _cleanup_free_ char *outside = strprintf("%s/outside-mount", scratch_path),
                        *path = strprintf("%s/mount/.migrate/app", scratch_path);
    unsigned made = 0, refused = 0, lost = 0;
    uint64_t before, after;
    pid_t user;

    MUST(fchmod(canary, 0700) == 0 && mkdirat(canary, "app", 0700) == 0 &&
         mkdirat(canary, "app/backups", 0700) == 0 && fchown(top, USER, USER) == 0);
    MUST(tree_fingerprint(canary, NULL, NULL, &before) == 0);
    user = start_user(top, of_mount, outside);
    while (made < 20 && refused < 5000) {
        _cleanup_close_ int lock = -1, base = base_make(top, "app", &lock), again = -1;

        refused += base < 0;
        (void)!base_remove_empty(path);
        if (base < 0)
            continue;
        made++;
        MUST((mkdirat(base, "backups", 0700) == 0 || errno == EEXIST) &&
             mkdirat(base, "backups/1", 0700) == 0);
        cleanup_close(&lock);
        lost += base_remove_empty(path) < 0;
        again = base_open(NULL, path);
        lost += again < 0 || !scratch_has(again, "backups/1");
        MUST(unlinkat(base, "backups/1", AT_REMOVEDIR) == 0);
        (void)!base_remove_empty(path);
    }
    kill(user, SIGKILL);
    waitpid(user, NULL, 0);
    MUST(tree_fingerprint(canary, NULL, NULL, &after) == 0);
    printf("# %u bases were made, %u were refused\n", made, refused);
    OK(lost == 0, "a base that was made stays where it is, whatever the owner of the mount does");
    OK(before == after, "nothing outside of the mount is removed, whatever its owner does");
    (void)(set_flags(top, "a", 0), set_flags(top, "b", 0), set_flags(top, ".migrate", 0));
}

int main(void)
{
    if (geteuid() != 0) {
        printf("1..0 # SKIP this test needs root to act as other users\n");
        return EXIT_SUCCESS;
    }
    if (!getenv("TMPDIR"))
        setenv("TMPDIR", "/var/tmp", 1); /* rarely a tmpfs */
    scratch_make();
    MUST(chmod(scratch_path, 0755) == 0);
    check_races();
    check_foreign_directory();
    check_flags();
    if (check_base())
        check_owner();
    return tests_done();
}
