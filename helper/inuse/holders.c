/* SPDX-License-Identifier: MIT */
/* Collects the users of a tree, and names them. */
#include "basic/directory.h"
#include "basic/utf8.h"
#include "inuse/private.h"

#include <ctype.h>

int unless_gone(int r)
{
    return r == -ENOENT || r == -ESRCH || r == -EACCES || r == -EPERM ? 0 : r;
}

int proc_list(int fd, const char *name, DIR **ret)
{
    *ret = NULL;
    return unless_gone(directory_open(fd, name, ret));
}

int proc_next(DIR *dir, const char **ret)
{
    struct dirent *de;
    int r;

    *ret = NULL;
    while ((r = directory_next(dir, &de)) > 0)
        if (isdigit((unsigned char)de->d_name[0])) {
            *ret = de->d_name;
            return 0;
        }
    return unless_gone(r);
}

char *path_printable(const char *a, const char *b)
{
    _cleanup_string_ String s = {};
    char *text;

    string_append_escaped(&s, a, "\\");
    string_append_escaped(&s, b, "\\");
    return string_finish(&s, &text) < 0 ? NULL : text;
}

/* The first unit in a control group's path belongs to the system's manager; later units may belong to
 * the manager of a user or of a container. */
char *cgroup_unit(char *cgroup)
{
    char *lines = NULL;

    for (char *line = strtok_r(cgroup, "\n", &lines); line; line = strtok_r(NULL, "\n", &lines)) {
        char *names = NULL, *path = strchr(line, '/');

        for (char *name = path ? strtok_r(path, "/", &names) : NULL; name;
             name = strtok_r(NULL, "/", &names))
            if (endswith(name, ".service") || endswith(name, ".scope"))
                return name;
    }
    return NULL;
}

/* Returns the unit of a process, or NULL. The caller owns the string. */
static char *process_unit(const Survey *survey, const char *pid)
{
    _cleanup_free_ char *path = strprintf("%s/cgroup", pid), *cgroup = NULL;
    const char *unit = NULL;

    if (path && proc_read(survey->proc_fd, path, 65536, &cgroup) == 0)
        unit = cgroup_unit(cgroup);
    return unit ? strdup(unit) : NULL;
}

bool process_is_exempt(const Survey *survey, const char *pid)
{
    _cleanup_free_ char *unit = survey->exempt ? process_unit(survey, pid) : NULL;

    return unit && strv_contains(survey->exempt, unit);
}

/* Returns the command that ends a process. Stopping a user's session, or user@UID.service, would end
 * all processes of the user. A container's manager must know that the container has ended. */
static char *find_remedy(const char *unit, const char *pid)
{
    static const char *const managers[][2] = {{"libpod-", "podman"}, {"docker-", "docker"}};

    if (!unit || streq(unit, "init.scope") || startswith(unit, "user@") ||
        startswith(unit, "session-"))
        return strprintf("kill %s", pid);
    if (endswith(unit, ".scope"))
        for (size_t i = 0; i < ELEMENTSOF(managers); i++)
            if (startswith(unit, managers[i][0]))
                return strprintf("%s stop %.12s", managers[i][1], unit + strlen(managers[i][0]));
    return strprintf("systemctl stop %s", unit);
}

char *process_describe(const Survey *survey, const char *pid, const char *path, char **ret_remedy)
{
    _cleanup_free_ char *comm_path = strprintf("%s/comm", pid), *printable = NULL, *comm = NULL,
                        *unit = NULL;
    char *who;

    if (!comm_path)
        return NULL;
    if (streq(pid, "1"))
        return manager_describe(path, ret_remedy);
    if (proc_read(survey->proc_fd, comm_path, 256, &comm) == 0)
        comm[strlen(comm) - endswith(comm, "\n")] = '\0';
    unit = process_unit(survey, pid);
    printable = path_printable(comm ? comm : "?", "");
    if (!printable)
        return NULL;
    who = strprintf("%s (pid %s%s%s)", printable, pid, unit ? ", " : "", unit ? unit : "");
    *ret_remedy = find_remedy(unit, pid);
    if (*ret_remedy)
        return who;
    free(who);
    return NULL;
}

int survey_add(Survey *survey, char *holder, char *remedy)
{
    int r = holder && remedy ? 0 : -ENOMEM;

    if (r == 0 && strv_length(survey->holders) >= HOLDERS_MAX) {
        survey->n_more++;
        free(holder);
        free(remedy);
        return 0;
    }
    if (r == 0 && strv_contains(survey->remedies, remedy)) {
        free(remedy);
        remedy = NULL;
    }
    if (r == 0 && remedy)
        r = strv_consume(&survey->remedies, remedy);
    else
        free(remedy);
    if (r == 0)
        return strv_consume(&survey->holders, holder);
    free(holder);
    return r;
}

static bool is_suspected(const Survey *survey, const Rights *rights)
{
    for (size_t i = 0; i < survey->n_suspects; i++)
        if (survey->suspects[i].rights && rights_equal(survey->suspects[i].rights, rights))
            return true;
    return false;
}

int survey_reaches(Survey *survey, const char *pid, char *how, bool mount)
{
    _cleanup_free_ char *who = NULL, *text = how;
    char *remedy = NULL, *holder;
    Rights *rights = NULL;
    int r = how ? 0 : -ENOMEM;

    if (r == 0 && !survey->readers)
        r = rights_read(survey, pid, &rights);
    if (r < 0)
        return unless_gone(r);
    if (rights && !rights_are_all(rights) && is_suspected(survey, rights)) {
        rights_free(rights);
        return 0;
    }
    who = process_describe(survey, pid, NULL, &remedy);
    holder = !who ? NULL : mount ? strprintf("%s for %s", how, who) : strprintf("%s %s", who, how);
    if (!rights || rights_are_all(rights))
        r = survey_add(survey, holder, remedy);
    else {
        r = survey_suspect(survey, &(struct stat){}, holder, remedy);
        if (r == 0)
            survey->suspects[survey->n_suspects - 1].rights = TAKE_PTR(rights);
    }
    rights_free(rights);
    return r;
}

int survey_suspect(Survey *survey, const struct stat *st, char *who, char *remedy)
{
    if (!who || !remedy || !ARRAY_GROW(survey->suspects, survey->n_suspects)) {
        free(who);
        free(remedy);
        return -ENOMEM;
    }
    survey->suspects[survey->n_suspects - 1] =
        (Suspect){.device = st->st_dev, .inode = st->st_ino, .who = who, .remedy = remedy};
    return 0;
}
