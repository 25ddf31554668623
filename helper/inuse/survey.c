/* SPDX-License-Identifier: MIT */
/* Runs a whole survey, and searches the trees for suspects. */
#include "inuse/private.h"
#include "tree/walk.h"

#include <fcntl.h>

/* --- suspects -------------------------------------------------------------------------------- */

typedef struct Search {
    Survey *survey;
    const Target *target;
} Search;

static bool is_suspect(const Suspect *suspect, const Search *search, const Dir *dir,
                       const char *name, const struct statx *st)
{
    if (suspect->rights)
        return rights_to_write(suspect->rights, dir, name, st);
    return name[0] && suspect->inode == st->stx_ino && suspect->device == search->target->device;
}

static int search_entry(Walk *walk, Dir *dir, const char *name, const struct statx *st)
{
    Search *search = walk->userdata;
    Survey *survey = search->survey;

    ARRAY_FOREACH (suspect, survey->suspects, survey->n_suspects) {
        _cleanup_free_ char *below = NULL, *where = NULL;
        int r;

        if (!suspect->who || !is_suspect(suspect, search, dir, name, st))
            continue;
        if (suspect->rights)
            r = survey_add(survey, TAKE_PTR(suspect->who), TAKE_PTR(suspect->remedy));
        else {
            below = strprintf("in %s", search->target->shown);
            where = below ? dir_describe(dir, name, below) : NULL;
            r = survey_add(survey, where ? strprintf("%s: %.400s", suspect->who, where) : NULL,
                           TAKE_PTR(suspect->remedy));
            free(suspect->who);
            suspect->who = NULL;
        }
        if (r < 0)
            return r;
    }
    return 0;
}

static int search_directory(Walk *walk, Dir *dir)
{
    return search_entry(walk, dir, "", &dir->st);
}

static int search_once(Survey *survey, const Target *target)
{
    static const WalkOps ops = {.enter = search_directory, .entry = search_entry};
    Search search = {survey, target};
    _cleanup_walk_ Walk *walk = walk_new(&ops, NULL, target->exclude, &search);

    return walk ? walk_run(walk, target->fd) : -ENOMEM;
}

/* Searches a tree for files that suspects have open, up to three times if the tree changes
 * meanwhile. Ignores other errors, because the later cloning meets and reports the same errors. */
static int search_target(Survey *survey, const Target *target)
{
    int r = -ESTALE;

    for (int i = 0; r == -ESTALE && i < 3; i++)
        r = search_once(survey, target);
    if (r == -ESTALE)
        return survey_add(
            survey, strprintf("'%s' changes while it is searched for open files", target->shown),
            strprintf("fuser -v -m '%s'", target->shown));
    return r == -ENOMEM ? r : 0;
}

static int suspects_hold(Survey *survey)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < survey->n_targets; i++) {
        bool suspicious = false;

        for (size_t j = 0; j < survey->n_suspects; j++)
            suspicious = suspicious || survey->suspects[j].rights ||
                         survey->suspects[j].device == survey->targets[i].device;
        survey_progress(survey, "0");
        if (suspicious && survey->targets[i].fd >= 0)
            r = search_target(survey, survey->targets + i);
    }
    return r;
}

/* --- the survey ------------------------------------------------------------------------------ */

void survey_progress(const Survey *survey, const char *pid)
{
    if (survey->progress_fd > 0)
        dprintf(survey->progress_fd, "p%s\n", pid);
}

bool survey_is_stuck(const Survey *survey, const char *pid)
{
    struct stat st;

    for (size_t i = 0; i < survey->n_stuck; i++)
        if (survey->stuck[i].pid == atoi(pid) ||
            (survey->stuck[i].user != 0 && fstatat(survey->proc_fd, pid, &st, 0) >= 0 &&
             st.st_uid == survey->stuck[i].user))
            return true;
    return false;
}

int survey_run(Survey *survey)
{
    int r;

    if (survey->proc_fd < 0)
        survey->proc_fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (survey->proc_fd < 0)
        return -errno;
    r = mounts_read(survey);
    if (r == 0 && !survey->readers) /* after a swap, nothing can be done about listeners */
        r = listeners_read(survey);
    if (r == 0)
        r = mounts_hold(survey);
    if (r == 0)
        r = files_hold(survey);
    if (r == 0)
        r = kernel_holds(survey);
    /* The walk comes last, and only if needed, since it takes long. */
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
        free(survey->spaces[i].shows);
    }
    for (size_t i = 0; i < survey->n_suspects; i++) {
        rights_free(survey->suspects[i].rights);
        free(survey->suspects[i].who);
        free(survey->suspects[i].remedy);
    }
    free(survey->targets);
    free(survey->spaces);
    free(survey->mounts);
    free(survey->by_id);
    free(survey->suspects);
    free(survey->stuck);
    for (size_t i = 0; i < survey->n_sockets; i++)
        free(survey->sockets[i].path);
    free(survey->sockets);
    strv_free(survey->listened);
    strv_free(survey->holders);
    strv_free(survey->remedies);
    cleanup_close(&survey->proc_fd);
    *survey = (Survey){.proc_fd = -1};
}
