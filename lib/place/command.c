/* SPDX-License-Identifier: MIT */
/* Checks whether other users could exchange a command between its check and its execution. The
 * kernel resolves the paths of a command again, so nobody else may be able to change these
 * paths. */
#include "place/command.h"

#include "place/private.h"
#include "store/attempt.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <sys/xattr.h>

#define INTERPRETERS_MAX 5 /* the limit of the kernel */
#define GROUPS_MAX       1024

static bool is_number(const char *s)
{
    return !s[strspn(s, "0123456789")];
}

int command_user(const Declaration *declaration, uid_t *ret)
{
    const char *user = declaration->user;
    const struct passwd *pw;
    struct stat st;

    if (user && is_number(user)) {
        *ret = (uid_t)strtoul(user, NULL, 10);
        return 0;
    }
    if (user) {
        pw = getpwnam(user);
        *ret = pw ? pw->pw_uid : 0;
        return pw ? 0 : -ESRCH;
    }
    *ret = 0;
    if (declaration->directories.n_items == 0)
        return 0;
    if (stat(declaration->directories.items[0].value, &st) < 0)
        return -errno;
    *ret = st.st_uid;
    return 0;
}

/* Is the user a member of this group? */
static bool has_group(uid_t user, const char *group)
{
    const struct passwd *pw = getpwuid(user);
    const struct group *gr = is_number(group) ? NULL : getgrnam(group);
    gid_t groups[GROUPS_MAX], gid = gr ? gr->gr_gid : (gid_t)strtoul(group, NULL, 10);
    int n = GROUPS_MAX;

    if (!pw)
        return gid == user;
    if (getgrouplist(pw->pw_name, pw->pw_gid, groups, &n) < 0)
        return false;
    while (n > 0)
        if (groups[--n] == gid)
            return true;
    return false;
}

/* Returns the only user besides root who may own the command's files. Returns root if Group= or
 * credentials give the command rights that its user does not have. */
static uid_t find_owner(const Declaration *declaration, uid_t user)
{
    const UnitLines *lines = &declaration->service_lines;

    for (size_t i = 0; i < lines->n_items; i++)
        if (strstr(lines->items[i].key, "Credential"))
            return 0;
    return declaration->group && !has_group(user, declaration->group) ? 0 : user;
}

char *command_interpreter(int fd, char **ret_argument)
{
    char text[256], *path;
    ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
    size_t length;

    *ret_argument = NULL;
    if (n < 3 || text[0] != '#' || text[1] != '!')
        return NULL;
    text[n] = '\0';
    text[strcspn(text, "\n")] = '\0';
    path = strstrip_in_place(text + 2);
    length = strcspn(path, " \t");
    if (path[length])
        *ret_argument = strdup(strstrip_in_place(path + length));
    path[length] = '\0';
    return strdup(path);
}

char *command_problem(const char *path, int (*open_file)(const char *path, int flags))
{
    _cleanup_close_ int fd = open_file(path, O_PATH), read_fd = -1;
    _cleanup_free_ char *interpreter = NULL, *argument = NULL;
    struct stat st;

    if (fd == -EACCES)
        return NULL;
    if (fd < 0)
        return strprintf("%s: %s", path, strerror(-fd));
    if (fstat(fd, &st) < 0)
        return strprintf("%s: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return strprintf("%s is not a file", path);
    if (!(st.st_mode & 0111))
        return strprintf("%s is not executable: chmod +x %s", path, path);
    read_fd = open_file(path, O_RDONLY | O_NOCTTY | O_NONBLOCK);
    interpreter = read_fd < 0 ? NULL : command_interpreter(read_fd, &argument);
    if (interpreter && interpreter[0] == '/') {
        _cleanup_close_ int other_fd = open_file(interpreter, O_PATH);

        if (other_fd == -ENOENT)
            return strprintf("%s begins with #!%s, which does not exist", path, interpreter);
    }
    return NULL;
}

static int open_here(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC);

    return fd < 0 ? -errno : fd;
}

/* May the user pass this directory, or execute this file? */
static bool may_execute(const struct stat *st, uid_t user)
{
    char group[16];

    if (user == 0)
        return true;
    if (st->st_uid == user)
        return st->st_mode & S_IXUSR;
    snprintf(group, sizeof(group), "%u", (unsigned)st->st_gid);
    return st->st_mode & (has_group(user, group) ? S_IXGRP : S_IXOTH);
}

/* Returns why a program that exists cannot be reached: its user may not pass a directory, or the
 * sandbox has another directory in its place. Directories with an ACL are not judged. */
static char *command_unreachable(const char *path, uid_t user)
{
    static const char *const private[] = {"/tmp", "/var/tmp", "/dev", "/run"};
    _cleanup_free_ char *real = realpath(path, NULL);
    struct stat st;

    for (size_t i = 0; real && i < ELEMENTSOF(private); i++)
        if (path_is_within(real, private[i]))
            return strprintf("%s lies in %s, which is hidden from scripts: move it", path,
                             private[i]);
    for (char *p = real ? real + 1 : NULL; p && (p = strchr(p, '/')); p++) {
        bool passes;

        *p = '\0';
        passes = getxattr(real, "system.posix_acl_access", NULL, 0) >= 0 || stat(real, &st) < 0 ||
                 may_execute(&st, user);
        if (!passes)
            return strprintf("%s cannot be reached by uid %u: that user may not enter %s", path,
                             (unsigned)user, real);
        *p = '/';
    }
    if (real && getxattr(real, "system.posix_acl_access", NULL, 0) < 0 && stat(real, &st) == 0 &&
        !may_execute(&st, user))
        return strprintf("%s may not be executed by uid %u", path, (unsigned)user);
    return NULL;
}

/* Checks a path, and recursively the interpreter in the first line of the file. */
static int guard_file(const char *path, const Guard *guard, int depth, char **reterr_what)
{
    _cleanup_free_ char *real = NULL, *interpreter = NULL, *argument = NULL;
    _cleanup_close_ int fd = -1;
    int r = place_resolve(path, guard, &real, reterr_what);

    if (r != PLACE_FOUND || depth == INTERPRETERS_MAX)
        return r;
    fd = open(real, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    interpreter = fd < 0 ? NULL : command_interpreter(fd, &argument);
    if (!interpreter)
        return PLACE_FOUND;
    if (interpreter[0] != '/')
        return because(PLACE_REFUSED, reterr_what,
                       "'%s' begins with '#!%s', which is not an absolute path", path, interpreter);
    r = guard_file(interpreter, guard, depth + 1, reterr_what);
    return r == PLACE_FOUND && argument && command_path(argument)
               ? guard_file(command_path(argument), guard, depth + 1, reterr_what)
               : r;
}

int command_guard(const Declaration *declaration, uid_t user, char *const *argv, char **reterr_what)
{
    const uid_t owner = find_owner(declaration, user);
    const Guard guard = {owner, owner, true};
    int r = guard_file(argv[0], &guard, 0, reterr_what);

    for (size_t i = 1; r == PLACE_FOUND && argv[i]; i++) {
        const char *path = command_file(declaration, argv[i]);

        if (path)
            r = guard_file(path, &guard, 0, reterr_what);
    }
    return r;
}

static int guard_path(const char *key, const char *path, const Guard *guard, char **reterr_what)
{
    _cleanup_free_ char *real = NULL, *what = NULL;
    int r = place_resolve(path, guard, &real, &what);

    return r != PLACE_REFUSED
               ? r
               : because(PLACE_REFUSED, reterr_what, COMMAND_EXCHANGEABLE, key, path, what);
}

/* Checks the paths of one line. Root reads these files for the user, so the user must not be able
 * to redirect the path with a link of his own. A directory of credentials may contain links, which
 * are checked too. */
static int guard_line(const UnitLine *line, uid_t user, uid_t owner, char **reterr_what)
{
    const char *colon = strchr(line->value, ':');
    _cleanup_free_ char *below = NULL;

    if (streq(line->key, "EnvironmentFile"))
        return guard_path(line->key, line->value + (line->value[0] == '-'),
                          &(Guard){0, owner, true}, reterr_what);
    if (!startswith(line->key, "LoadCredential") || !colon || colon[1] != '/')
        return PLACE_FOUND;
    below = strprintf("%s/-", colon + 1);
    return below ? guard_path(line->key, below, &(Guard){0, user, true}, reterr_what) : -ENOMEM;
}

int command_guard_paths(const Declaration *declaration, uid_t user, char **reterr_what)
{
    const Items *paths = &declaration->read_write_paths;
    const UnitLines *lines = &declaration->service_lines;
    const uid_t owner = find_owner(declaration, user);
    int r = PLACE_FOUND;

    for (size_t i = 0; r == PLACE_FOUND && i < paths->n_items; i++)
        r = guard_path("ReadWritePaths", paths->items[i].value, &(Guard){owner, owner, false},
                       reterr_what);
    for (size_t i = 0; r == PLACE_FOUND && i < lines->n_items; i++)
        r = guard_line(lines->items + i, user, owner, reterr_what);
    return r;
}

static int guard_key(const Declaration *declaration, uid_t user, const char *key,
                     const Command *command, bool kept, char **reterr_what)
{
    _cleanup_free_ char *what = NULL, *problem = NULL;
    int r;

    if (!command->argv)
        return PLACE_FOUND;
    if (!kept)
        problem = command_problem(command->argv[0], open_here);
    if (!kept && !problem)
        problem = command_unreachable(command->argv[0], user);
    if (problem)
        return because(PLACE_REFUSED, reterr_what, "%s=%s", key, problem);
    r = command_guard(declaration, user, command->argv, &what);
    return r != PLACE_REFUSED ? r
                              : because(PLACE_REFUSED, reterr_what, COMMAND_EXCHANGEABLE, key,
                                        command->argv[0], what);
}

static int guard_hooks(const Declaration *declaration, uid_t user, const Hooks *hooks, bool kept,
                       char **reterr_what)
{
    const Command *command;
    int r = PLACE_FOUND;
    const char *key;

    for (size_t i = 0; r == PLACE_FOUND && (command = hooks_command(hooks, i, &key)); i++)
        r = guard_key(declaration, user, key, command, kept, reterr_what);
    return r;
}

static bool is_kept(const Step *step)
{
    return step->migration && step->migration->kept_in;
}

static int guard_exec(const Declaration *declaration, const UnitLine *line, char **reterr_what)
{
    const char *value = line->value;
    int r = PLACE_FOUND;

    for (char *path; r == PLACE_FOUND && (path = exec_next_path(&value)); free(path)) {
        _cleanup_free_ char *what = NULL;

        if (command_file(declaration, path))
            r = guard_file(path, &(Guard){0, 0, true}, 0, &what);
        if (r == PLACE_REFUSED)
            r = because(PLACE_REFUSED, reterr_what, COMMAND_EXCHANGEABLE, line->key, path, what);
    }
    return r;
}

/* PID 1 and the helper use the lines of drop-ins as root, so their files must be root's alone. */
static int guard_drop_ins(const Declaration *declaration, uid_t user, char **reterr_what)
{
    _cleanup_strv_ char **lines = NULL;
    _cleanup_free_ char *what = NULL;
    int r = attempt_drop_ins(declaration, &lines);

    STRV_FOREACH (text, lines) {
        char *equals = strchr(*text, '=');
        UnitLine line = {.key = *text, .value = equals + 1};

        if (r != PLACE_FOUND)
            break;
        *equals = '\0';
        if (streq(line.key, "UnsetEnvironment") && isempty(line.value))
            r = because(PLACE_REFUSED, &what,
                        "UnsetEnvironment= without a value would let variables of the loader reach "
                        "the helper");
        else
            r = startswith(line.key, "Exec") ? guard_exec(declaration, &line, &what)
                                             : guard_line(&line, user, 0, &what);
    }
    return r != PLACE_REFUSED ? r
                              : because(PLACE_REFUSED, reterr_what,
                                        "a drop-in of migrate@%s.service: %s", declaration->name,
                                        what);
}

int command_guard_plan(const Declaration *declaration, const Plan *plan, char **reterr_what)
{
    uid_t user;
    int r = command_user(declaration, &user);

    if (r == 0)
        r = command_guard_paths(declaration, user, reterr_what);
    if (r == PLACE_FOUND)
        r = guard_drop_ins(declaration, user, reterr_what);
    if (r == PLACE_FOUND) /* the output of Detect= could contradict the stamp */
        r = guard_key(declaration, user, "Detect", &declaration->detect, false, reterr_what);
    for (size_t i = 0; r == PLACE_FOUND && i < plan->n_steps; i++)
        if (plan->steps[i].hooks)
            r = guard_hooks(declaration, user, plan->steps[i].hooks, is_kept(plan->steps + i),
                            reterr_what);
    return r;
}
