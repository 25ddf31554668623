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
                     const Command *command, char **reterr_what)
{
    _cleanup_free_ char *what = NULL;
    int r = command->argv ? command_guard(declaration, user, command->argv, &what) : PLACE_FOUND;

    return r != PLACE_REFUSED ? r
                              : because(PLACE_REFUSED, reterr_what, COMMAND_EXCHANGEABLE, key,
                                        command->argv[0], what);
}

static int guard_hooks(const Declaration *declaration, uid_t user, const Hooks *hooks,
                       char **reterr_what)
{
    const Command *command;
    int r = PLACE_FOUND;
    const char *key;

    for (size_t i = 0; r == PLACE_FOUND && (command = hooks_command(hooks, i, &key)); i++)
        r = guard_key(declaration, user, key, command, reterr_what);
    return r;
}

int command_guard_plan(const Declaration *declaration, const Plan *plan, char **reterr_what)
{
    uid_t user;
    int r = command_user(declaration, &user);

    if (r == 0)
        r = command_guard_paths(declaration, user, reterr_what);
    if (r == PLACE_FOUND) /* Detect= could contradict the stamp */
        r = guard_key(declaration, user, "Detect", &declaration->detect, reterr_what);
    for (size_t i = 0; r == PLACE_FOUND && i < plan->n_steps; i++)
        if (plan->steps[i].hooks)
            r = guard_hooks(declaration, user, plan->steps[i].hooks, reterr_what);
    return r;
}
