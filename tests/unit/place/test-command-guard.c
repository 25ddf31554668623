/* SPDX-License-Identifier: MIT */
/* A command is refused exactly if a user without its rights can exchange one of its files. The
 * control is that user: he tries. As root, or skipped. */
#include "place/command.h"

#include "scratch.h"
#include "test.h"

#include <grp.h>
#include <sys/wait.h>

#define USER 1234

static Declaration declaration = {.user = (char *)"0"};

static const char *in(const char *name)
{
    static char *paths[64];
    static size_t next;
    char **path = &paths[next++ % ELEMENTSOF(paths)];

    MUST(strreplacef(path, "%s/%s", scratch_path, name) == 0);
    return *path;
}

static void directory(const char *name, mode_t mode, uid_t uid)
{
    MUST(mkdirat(scratch_fd, name, 0700) == 0 && fchownat(scratch_fd, name, uid, uid, 0) == 0 &&
         fchmodat(scratch_fd, name, mode, 0) == 0);
}

static void file(const char *name, mode_t mode, uid_t uid, const char *text)
{
    scratch_text(scratch_fd, name, text);
    MUST(fchownat(scratch_fd, name, uid, uid, 0) == 0 && fchmodat(scratch_fd, name, mode, 0) == 0);
}

/* Can whoever this process is exchange what path leads to? */
static bool try_path(const char *path)
{
    _cleanup_free_ char *aside = strprintf("%s.aside", path);
    _cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);
    struct stat st;

    if (fd >= 0)
        return true;
    if (lstat(path, &st) < 0)
        return errno == ENOENT && mknod(path, S_IFREG | 0755, 0) == 0 && unlink(path) == 0;
    return rename(path, aside) == 0 && rename(aside, path) == 0;
}

static _Noreturn void attack(const char *const *names)
{
    if (setgroups(0, NULL) < 0 || setgid(USER) < 0 || setuid(USER) < 0)
        _exit(2);
    for (; *names; names++) {
        char *path = (char *)in(*names), *slash = path + strlen(scratch_path);

        while (slash) {
            slash = strchr(slash + 1, '/');
            if (slash)
                *slash = '\0';
            if (try_path(path))
                _exit(1);
            if (slash)
                *slash = '/';
        }
    }
    _exit(0);
}

static bool can_exchange(const char *const *names)
{
    int status;
    pid_t pid = fork();

    if (pid == 0)
        attack(names);
    MUST(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) < 2);
    return WEXITSTATUS(status) == 1;
}

static bool refused(uid_t user, char *const *argv)
{
    _cleanup_free_ char *what = NULL;
    int r = command_guard(&declaration, user, argv, &what);

    MUST(r >= 0 && (r == PLACE_FOUND) == !what);
    if (what)
        printf("# %s\n", what);
    return r == PLACE_REFUSED;
}

/* names: what the attacker goes for, with name first. */
#define CASE(exchangeable, name, ...)                                                              \
    do {                                                                                           \
        OK(can_exchange((const char *const[]){name, ##__VA_ARGS__, NULL}) == exchangeable,         \
           "the user can%s exchange %s", exchangeable ? "" : "not", name);                         \
        OK(refused(0, (char *const[]){(char *)in(name), NULL}) == exchangeable,                    \
           "a command of root at %s is %s", name, exchangeable ? "refused" : "run");               \
    } while (0)

static void check_owners(void)
{
    directory("root", 0755, 0);
    directory("user", 0755, USER);
    directory("user/root", 0755, 0);
    directory("group", 0775, 0);
    MUST(fchownat(scratch_fd, "group", 0, USER, 0) == 0);
    directory("all", 0777, 0);
    directory("sticky", 01777, 0);
    file("root/file", 0755, 0, "");
    file("root/user", 0755, USER, "");
    file("root/all", 0777, 0, "");
    file("user/file", 0755, 0, "");
    file("user/root/file", 0755, 0, "");
    file("group/file", 0755, 0, "");
    file("all/file", 0755, 0, "");
    file("sticky/file", 0755, 0, "");
    file("sticky/user", 0755, USER, "");
    CASE(false, "root/file");
    CASE(true, "root/user");
    CASE(true, "root/all");
    CASE(true, "user/file");
    CASE(true, "user/root/file");
    CASE(true, "group/file");
    CASE(true, "all/file");
    CASE(false, "sticky/file");
    CASE(true, "sticky/user");
    CASE(false, "root/missing");
    CASE(true, "sticky/missing");
    CASE(true, "user/missing");
    /* A hard link is the same file. */
    MUST(linkat(scratch_fd, "root/user", scratch_fd, "root/hard", 0) == 0);
    CASE(true, "root/hard");
}

static void check_links(void)
{
    MUST(symlinkat("file", scratch_fd, "root/link") == 0);
    MUST(symlinkat("../user/file", scratch_fd, "root/to-user") == 0);
    MUST(symlinkat("../root/file", scratch_fd, "user/to-root") == 0);
    MUST(symlinkat("../../root/file", scratch_fd, "user/root/to-root") == 0);
    MUST(symlinkat("../root/file", scratch_fd, "sticky/to-root") == 0);
    MUST(symlinkat("../user/root", scratch_fd, "root/directory") == 0);
    MUST(symlinkat("loop", scratch_fd, "root/loop") == 0);
    CASE(false, "root/link", "root/file");
    CASE(true, "root/to-user", "user/file");
    CASE(true, "user/to-root");
    CASE(true, "user/root/to-root");
    CASE(false, "sticky/to-root", "root/file");
    /* The kernel goes back from where the link leads to, not from where the link is. */
    CASE(true, "root/directory/../file", "user/file");
    CASE(false, "sticky/../root/./file", "root/file");
    OK(refused(0, (char *const[]){(char *)in("root/loop"), NULL}), "a loop of links is refused");
}

static void check_interpreters(void)
{
    _cleanup_free_ char *by_user = strprintf("#!%s\n", in("user/file")),
                        *by_root = strprintf("#! %s -E\n", in("root/file")),
                        *chain = strprintf("#!%s\n", in("root/by-user")),
                        *argument = strprintf("#!%s %s\n", in("root/file"), in("user/file"));

    file("root/by-user", 0755, 0, by_user);
    file("root/by-root", 0755, 0, by_root);
    file("root/chain", 0755, 0, chain);
    file("root/argument", 0755, 0, argument);
    file("root/relative", 0755, 0, "#!python3\n");
    CASE(true, "root/by-user", "user/file");
    CASE(false, "root/by-root", "root/file");
    CASE(true, "root/chain", "root/by-user", "user/file");
    CASE(true, "root/argument", "user/file");
    OK(refused(0, (char *const[]){(char *)in("root/relative"), NULL}),
       "an interpreter relative to the state is refused");
}

static void check_arguments(void)
{
    char *const words[] = {(char *)"/bin/sh", (char *)in("user/file"), NULL},
                *const option[] = {(char *)"/bin/sh", strprintf("--file=%s", in("user/file")),
                                   NULL},
                *const plain[] = {(char *)"/bin/sh", (char *)in("root/file"), (char *)"-e", NULL},
                *const in_directory[] = {(char *)"/bin/sh", (char *)in("root/of-user"), NULL};
    Item item = {.value = (char *)in("user")};

    directory("root/of-user", 0755, USER);
    OK(refused(0, words), "an argument that the user can exchange is refused");
    OK(refused(0, option), "an option with a path that the user can exchange is refused");
    OK(!refused(0, plain), "an argument that names root's file is accepted");
    OK(!refused(0, in_directory),
       "an argument that names the user's directory in root's directory is accepted");
    declaration.read_write_paths = (Items){&item, 1};
    OK(!refused(0, words), "an argument in ReadWritePaths= is data, and is accepted");
    declaration.read_write_paths = (Items){};
    free(option[1]);
}

static void check_rights(void)
{
    char *const own[] = {(char *)in("user/file"), NULL};
    char *const shared[] = {(char *)in("all/file"), NULL};
    UnitLine line = {(char *)"LoadCredential", (char *)"key", {NULL, 0}};
    Item item = {.value = (char *)in("user/root")};
    _cleanup_free_ char *what = NULL;

    OK(!refused(USER, own), "a command of the user that runs as the user is accepted");
    OK(refused(USER + 1, own), "a command of the user that runs as another user is refused");
    OK(refused(USER, shared), "a command that everybody can write is refused for every user");
    declaration.group = (char *)"0";
    OK(refused(USER, own), "a command of the user with a foreign Group= is refused");
    declaration.group = (char *)"1234";
    OK(!refused(USER, own), "a command of the user with the user's own Group= is accepted");
    declaration.group = NULL;
    declaration.service_lines = (UnitLines){&line, 1};
    OK(refused(USER, own), "a command of the user with credentials of the system is refused");
    declaration.service_lines = (UnitLines){};

    declaration.read_write_paths = (Items){&item, 1};
    OK(command_guard_paths(&declaration, 0, &what) == PLACE_REFUSED,
       "a path in ReadWritePaths= that the user can exchange is refused for root");
    OK(command_guard_paths(&declaration, USER, &what) == PLACE_FOUND,
       "a path in ReadWritePaths= that the user can exchange is accepted for this user");
    item.value = (char *)in("root/of-user");
    OK(command_guard_paths(&declaration, 0, &what) == PLACE_FOUND,
       "a path in ReadWritePaths= in root's directory is accepted although the user owns it");
    declaration.read_write_paths = (Items){};
}

static bool line_refused(const char *key, const char *value)
{
    UnitLine line = {(char *)key, (char *)value, {NULL, 0}};
    _cleanup_free_ char *what = NULL;
    int r;

    declaration.service_lines = (UnitLines){&line, 1};
    r = command_guard_paths(&declaration, USER, &what);
    declaration.service_lines = (UnitLines){};
    if (what)
        printf("# %s\n", what);
    return r == PLACE_REFUSED;
}

/* Root reads these, and hands them to the user's command. */
static void check_read_by_root(void)
{
    _cleanup_free_ char *in_user = strprintf("key:%s", in("user/file")),
                        *in_root = strprintf("key:%s", in("root/user")),
                        *directory_of_user = strprintf("keys:%s", in("root/of-user"));

    OK(line_refused("EnvironmentFile", in("user/file")),
       "an EnvironmentFile= that the user could exchange for a link to a secret is refused");
    OK(!line_refused("EnvironmentFile", in("root/user")),
       "an EnvironmentFile= in root's directory is accepted although the user owns it");
    OK(line_refused("EnvironmentFile", in("sticky/user")),
       "an EnvironmentFile= that the user owns in a sticky directory is refused");
    OK(!line_refused("EnvironmentFile", "-/nowhere/at/all"),
       "a missing EnvironmentFile= is accepted");
    OK(line_refused("LoadCredential", in_user),
       "a LoadCredential= that the user could exchange is refused");
    OK(line_refused("LoadCredentialEncrypted", in_user),
       "a LoadCredentialEncrypted= that the user could exchange is refused");
    OK(!line_refused("LoadCredential", in_root),
       "a LoadCredential= in root's directory is accepted");
    OK(line_refused("LoadCredential", directory_of_user),
       "a LoadCredential= that is a directory of the user is refused");
    OK(!line_refused("LoadCredential", "key"),
       "a LoadCredential= that names a credential of the system is accepted");
}

int main(void)
{
    if (geteuid() != 0) {
        SKIP("this test needs root");
        return tests_done();
    }
    umask(022);
    scratch_make_lasting();
    MUST(fchmod(scratch_fd, 0755) == 0);
    check_owners();
    check_links();
    check_interpreters();
    check_arguments();
    check_rights();
    check_read_by_root();
    return tests_done();
}
