/* SPDX-License-Identifier: MIT */
/* A survey as a whole, and how it says what it found. */
#include "basic/utf8.h"
#include "inuse/private.h"
#include "tree/walk.h"

#include <fcntl.h>

char *path_printable(const char *a, const char *b)
{
    _cleanup_string_ String s = {};
    char *text;

    string_append_escaped(&s, a, "\\");
    string_append_escaped(&s, b, "\\");
    return string_finish(&s, &text) < 0 ? NULL : text;
}

/* The first unit on the way down the control groups is one of the system's own manager: below it
 * may be those of a user's or a container's. A line a hierarchy, of which only systemd's knows
 * units. */
static char *find_unit(char *cgroup)
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

char *process_describe(const Survey *survey, const char *pid, char **ret_remedy)
{
    _cleanup_free_ char *comm_path = strprintf("%s/comm", pid), *printable = NULL,
                        *cgroup_path = strprintf("%s/cgroup", pid), *comm = NULL, *cgroup = NULL;
    const char *unit = NULL;
    char *who;

    if (!comm_path || !cgroup_path)
        return NULL;
    if (proc_read(survey->proc_fd, comm_path, 256, &comm) == 0)
        comm[strlen(comm) - endswith(comm, "\n")] = '\0';
    if (proc_read(survey->proc_fd, cgroup_path, 65536, &cgroup) == 0)
        unit = find_unit(cgroup);
    printable = path_printable(comm ? comm : "?", "");
    if (!printable)
        return NULL;
    who = strprintf("%s (pid %s%s%s)", printable, pid, unit ? ", " : "", unit ? unit : "");
    if (who && ret_remedy) {
        /* A session is not to be ended for the sake of one of its processes. */
        *ret_remedy = unit && endswith(unit, ".service") && !startswith(unit, "user@")
                          ? strprintf("systemctl stop %s", unit)
                          : strprintf("kill %s", pid);
        if (!*ret_remedy) {
            free(who);
            return NULL;
        }
    }
    return who;
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

/* --- suspects -------------------------------------------------------------------------------- */

typedef struct Search {
    Survey *survey;
    const Target *target;
} Search;

static int search_entry(Walk *walk, Dir *dir, const char *name, const struct statx *st)
{
    Search *search = walk->userdata;
    Survey *survey = search->survey;

    for (size_t i = 0; i < survey->n_suspects; i++) {
        Suspect *suspect = survey->suspects + i;
        _cleanup_free_ char *below = NULL, *where = NULL;
        int r;

        if (!suspect->who || suspect->inode != st->stx_ino ||
            suspect->device != search->target->device)
            continue;
        below = strprintf("in %s", search->target->shown);
        where = below ? dir_describe(dir, name, below) : NULL;
        r = survey_add(survey, where ? strprintf("%s: %.400s", suspect->who, where) : NULL,
                       TAKE_PTR(suspect->remedy));
        free(suspect->who);
        suspect->who = NULL;
        if (r < 0)
            return r;
    }
    return 0;
}

static int search_once(Survey *survey, const Target *target)
{
    static const WalkOps ops = {.entry = search_entry};
    _cleanup_free_ Walk *walk = calloc(1, sizeof(Walk));
    Search search = {survey, target};
    int fd, r;

    if (!walk)
        return -ENOMEM;
    walk->ops = &ops;
    walk->exclude = target->exclude;
    walk->userdata = &search;
    fd = open_quietly(target->fd, ".", O_DIRECTORY);
    if (fd < 0)
        return fd;
    r = walk_run(walk, fd);
    free(walk->what);
    return r;
}

/* Somebody may be at work on the tree, and the service may be running. A tree that cannot be read
 * to its end for another reason is refused by whoever clones it. */
static int search_target(Survey *survey, const Target *target)
{
    int r = -ESTALE;

    for (int i = 0; r == -ESTALE && i < 3; i++)
        r = search_once(survey, target);
    if (r == -ESTALE)
        return survey_add(survey,
                          strprintf("'%s' is being changed while it is looked at", target->shown),
                          strprintf("fuser -v -m '%s'", target->shown));
    return r == -ENOMEM ? r : 0;
}

/* Of the suspects, those that are found in the trees. */
static int suspects_hold(Survey *survey)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < survey->n_targets; i++) {
        bool suspicious = false;

        for (size_t j = 0; j < survey->n_suspects; j++)
            suspicious = suspicious || survey->suspects[j].device == survey->targets[i].device;
        if (suspicious && survey->targets[i].fd >= 0)
            r = search_target(survey, survey->targets + i);
    }
    return r;
}

/* --- the whole ------------------------------------------------------------------------------- */

int survey_run(Survey *survey)
{
    int r;

    survey->proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (survey->proc_fd < 0)
        return -errno;
    r = mounts_read(survey);
    if (r == 0)
        r = files_hold(survey);
    if (r == 0)
        r = mounts_hold(survey);
    if (r == 0)
        r = kernel_holds(survey);
    /* The walk is the only part that takes long. */
    if (r == 0 && !survey->readers && !survey->holders)
        r = suspects_hold(survey);
    return r;
}

void survey_free(Survey *survey)
{
    for (size_t i = 0; i < survey->n_targets; i++) {
        on_disk_free(&survey->targets[i].on_disk);
        if (survey->targets[i].close_fd)
            cleanup_close(&survey->targets[i].fd);
    }
    for (size_t i = 0; i < survey->n_spaces; i++) {
        free(survey->spaces[i].name);
        free(survey->spaces[i].pid);
        free(survey->spaces[i].top);
        free(survey->spaces[i].text);
    }
    for (size_t i = 0; i < survey->n_suspects; i++) {
        free(survey->suspects[i].who);
        free(survey->suspects[i].remedy);
    }
    free(survey->targets);
    free(survey->spaces);
    free(survey->mounts);
    free(survey->by_id);
    free(survey->suspects);
    strv_free(survey->holders);
    strv_free(survey->remedies);
    cleanup_close(&survey->proc_fd);
    *survey = (Survey){.proc_fd = -1};
}
