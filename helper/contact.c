/* SPDX-License-Identifier: MIT */
/* Finding out which version a state is at. Never guesses: what contradicts itself is refused. */
#include "contact.h"

#include "place-tree.h"
#include "script.h"
#include "stamp.h"

#include <fcntl.h>

static int refuse(char **reterr_what, char *what)
{
    *reterr_what = what;
    return what ? CONTACT_REFUSED : -ENOMEM;
}

size_t contact_n_stamps(const Run *run)
{
    return run->declaration->stamp_in_store ? 1 : run->n_places;
}

const char *contact_stamp_path(const Run *run, size_t i)
{
    return run->declaration->stamp_in_store ? run->store->path : run->places[i].directory;
}

int contact_stamp_fd(const Run *run, size_t i)
{
    return run->declaration->stamp_in_store ? run->store->fd : run->places[i].fd;
}

/* The stamps, as far as there are any, and what else there is. */
typedef struct Survey {
    Stamps *stamps; /* of a missing directory: none */
    size_t n;
    size_t n_stamped;
    bool empty; /* every directory is empty or missing; false where there are none to look at */
} Survey;

static void survey_free(Survey *survey)
{
    for (size_t i = 0; survey->stamps && i < survey->n; i++)
        stamps_free(survey->stamps + i);
    free(survey->stamps);
}

static int look_for_data(const Run *run, Survey *survey)
{
    survey->empty = run->n_places > 0;
    for (size_t i = 0; survey->empty && i < run->n_places; i++) {
        _cleanup_(stamps_free) Stamps stamps = {.empty = true};
        int r = 0;

        if (run->places[i].fd >= 0)
            r = stamps_read(run->places[i].fd, run->declaration->name, &stamps);
        if (r < 0)
            return r;
        survey->empty = stamps.empty;
    }
    return 0;
}

static int survey_make(const Run *run, Survey *survey)
{
    survey->n = contact_n_stamps(run);
    survey->stamps = calloc(survey->n + 1, sizeof(Stamps));
    if (!survey->stamps)
        return -ENOMEM;
    for (size_t i = 0; i < survey->n; i++) {
        int fd = contact_stamp_fd(run, i), r = 0;

        if (fd >= 0)
            r = stamps_read(fd, run->declaration->name, survey->stamps + i);
        if (r < 0)
            return r;
        survey->n_stamped += survey->stamps[i].versions != NULL;
    }
    return look_for_data(run, survey);
}

/* "/var/lib/app at 1, /srv/app without a stamp" */
static char *survey_describe(const Run *run, const Survey *survey)
{
    _cleanup_string_ String s = {};
    char *text;

    for (size_t i = 0; i < survey->n; i++) {
        _cleanup_free_ char *versions = stamps_describe(survey->stamps + i);

        string_appendf(&s, "%s%s %s%s", i > 0 ? ", " : "", contact_stamp_path(run, i),
                       contact_stamp_fd(run, i) < 0 ? "is missing"
                       : survey->stamps[i].versions ? "is at "
                                                    : "has no stamp",
                       versions ? versions : "");
    }
    return string_finish(&s, &text) < 0 ? NULL : text;
}

/* "FROM:TO" is what a state says that only a transaction can tell about, and there is none. */
static const char *between(const Survey *survey)
{
    for (size_t i = 0; i < survey->n; i++)
        STRV_FOREACH (version, survey->stamps[i].versions) {
            if (strchr(*version, ':'))
                return *version;
        }
    return NULL;
}

/* All places have the stamp FROM::TO. */
static int contact_self(const Run *run, const char *stamp, char **ret_version, char **reterr_what)
{
    const Declaration *declaration = run->declaration;
    const char *to = version_self_target(stamp), *id;
    _cleanup_json_ json_object *post = NULL;
    int from_length = (int)strcspn(stamp, ":");
    _cleanup_free_ char *back = NULL;

    *ret_version = strdup(stamp);
    if (!*ret_version)
        return -ENOMEM;
    if (declaration->self_migrating && streq_null(declaration->version.value, to))
        return CONTACT_SELF;
    /* Of the migration that let it start, which has kept the original under the same name. */
    id = record_read(run->store, RECORD_POST, &post) == 0 && streq_null(json_string(post, "to"), to)
             ? json_string(post, "id")
             : NULL;
    /* Where the stamp is in the store a backup does not bring it along. */
    back = declaration->stamp_in_store
               ? strprintf("copy its backup back by hand (migratectl backups %s), and say so: "
                           "migratectl adopt --force %s %.*s",
                           declaration->name, declaration->name, from_length, stamp)
               : strprintf("go back: migratectl restore %s %s%s", declaration->name, id ? id : "ID",
                           id ? "" : ", with the ID of a backup that 'migratectl backups' shows");
    *reterr_what =
        back ? strprintf("software of version %s was to migrate %s itself, from version %.*s, and "
                         "has not started successfully since, so how far it came is not known. "
                         "Install that software again, or %s",
                         to, run->where, from_length, stamp, back)
             : NULL;
    return *reterr_what ? CONTACT_SELF : -ENOMEM;
}

/* Some place has a stamp, so all must have the same one. */
static int contact_stamped(const Run *run, const Survey *survey, char **ret_version,
                           char **reterr_what)
{
    const char *version = survey->stamps[0].versions ? survey->stamps[0].versions[0] : NULL;
    bool agree = survey->n_stamped == survey->n;
    _cleanup_free_ char *found = NULL;

    for (size_t i = 0; agree && i < survey->n; i++)
        agree = strv_length(survey->stamps[i].versions) == 1 &&
                streq(survey->stamps[i].versions[0], version);
    if (agree && version_is_valid(version)) {
        *ret_version = strdup(version);
        return *ret_version ? CONTACT_KNOWN : -ENOMEM;
    }
    if (agree && version_self_target(version))
        return contact_self(run, version, ret_version, reterr_what);
    if (between(survey)) {
        *reterr_what = strprintf(
            "%s is stamped %s: it is somewhere between the two, and no record says more. What was "
            "there before is among its backups (migratectl backups %s). Put a whole copy in its "
            "place, or, if it is known which version it has: migratectl adopt --force %s VERSION",
            run->where, between(survey), run->declaration->name, run->declaration->name);
        return *reterr_what ? CONTACT_DISAGREE : -ENOMEM;
    }
    found = survey_describe(run, survey);
    *reterr_what =
        strprintf("the places of the state do not agree: %s. Bring back what is missing, or "
                  "say which version all of it has: migratectl adopt --force %s VERSION",
                  found ? found : "", run->declaration->name);
    return *reterr_what ? CONTACT_DISAGREE : -ENOMEM;
}

/* The version that the last committed migration or adoption in the store's history led to, NULL if
 * there is none. 0 or a negative errno. */
static int last_version(const Run *run, char **ret)
{
    _cleanup_json_ json_object *history = NULL;
    int r;

    r = history_read(run->store, &history);
    if (r < 0)
        return r;
    for (size_t i = json_object_array_length(history); i > 0; i--) {
        json_object *entry = json_object_array_get_idx(history, i - 1);
        const char *result = json_string(entry, "result"), *to = json_string(entry, "to");

        if (streq_null(result, result_name(RESULT_DONE)) && to) {
            *ret = strdup(to);
            return *ret ? 0 : -ENOMEM;
        }
    }
    return 0;
}

/* Runs FreshCheck= or Detect= on the originals, read-only. */
static int run_script(const Run *run, const Command *command, const char *key, char **ret_text,
                      int *ret_status, char **reterr_what)
{
    _cleanup_free_ SandboxTree *trees = calloc(run->n_places, sizeof(SandboxTree));
    size_t n = 0;

    if (!trees)
        return -ENOMEM;
    for (size_t i = 0; i < run->n_places; i++)
        if (run->places[i].fd >= 0)
            trees[n++] = place_tree(run->places + i, run->places[i].fd);
    return script_run(&(ScriptContext){.declaration = run->declaration,
                                       .store = run->store,
                                       .log = &run->log,
                                       .trees = trees,
                                       .n_trees = n,
                                       .cancel = &canceled},
                      &(ScriptCall){.command = command,
                                    .key = key,
                                    .timeout_usec = UINT64_MAX,
                                    .access = SANDBOX_READ_ONLY},
                      ret_text, ret_status, reterr_what);
}

/* 1: there is no data yet, 0: there is, CONTACT_REFUSED: it cannot be told. */
static int is_fresh(const Run *run, const Survey *survey, bool *ret, char **reterr_what)
{
    int r, status;

    if (survey->empty || !run->declaration->fresh_check.argv) {
        *ret = survey->empty;
        return 0;
    }
    r = run_script(run, &run->declaration->fresh_check, "FreshCheck", NULL, &status, reterr_what);
    if (r < 0)
        return r;
    if (r == SCRIPT_SUCCESS || status == 1) {
        *ret = r == SCRIPT_SUCCESS;
        return 0;
    }
    return *reterr_what ? CONTACT_REFUSED : refuse(reterr_what, strdup("interrupted"));
}

static int contact_fresh(const Run *run, char **reterr_what)
{
    _cleanup_free_ char *remembered = NULL;
    int r;

    r = last_version(run, &remembered);
    if (r < 0)
        return r;
    if (!remembered)
        return CONTACT_FRESH;
    return refuse(reterr_what,
                  strprintf("%s is empty or missing, but the state was at version %s once: is a "
                            "disk not mounted? If the "
                            "data is gone for good, move %s out of the way to begin anew",
                            run->where, remembered, run->store->path));
}

static int contact_detect(const Run *run, char **ret_version, char **reterr_what)
{
    const Declaration *declaration = run->declaration;
    _cleanup_free_ char *text = NULL;
    char *version;
    int r;

    r = run_script(run, &declaration->detect, "Detect", &text, NULL, reterr_what);
    if (r == SCRIPT_CANCELED)
        return refuse(reterr_what, strdup("interrupted"));
    if (r != SCRIPT_SUCCESS)
        return r < 0 ? r : CONTACT_REFUSED;
    version = strstrip_in_place(text);
    if (!version_is_valid(version))
        return refuse(reterr_what, strprintf("Detect=%s printed '%s', which is no version",
                                             declaration->detect.argv[0], version));
    *ret_version = strdup(version);
    return *ret_version ? CONTACT_DETECTED : -ENOMEM;
}

int contact_find(const Run *run, char **ret_version, char **reterr_what)
{
    const Declaration *declaration = run->declaration;
    _cleanup_(survey_free) Survey survey = {};
    _cleanup_free_ char *marked = NULL, *remembered = NULL;
    bool fresh;
    int r;

    r = survey_make(run, &survey);
    if (r < 0)
        return r;
    if (survey.n_stamped > 0)
        return contact_stamped(run, &survey, ret_version, reterr_what);
    r = is_fresh(run, &survey, &fresh, reterr_what);
    if (r != 0)
        return r;
    if (fresh)
        return contact_fresh(run, reterr_what);
    /* Software of that version was let start on nothing, and has made its state since. */
    r = fresh_read(run->store, &marked);
    if (r < 0)
        return r;
    /* What the data itself says comes first: somebody may have brought older data back. */
    if (declaration->detect.argv) {
        r = contact_detect(run, ret_version, reterr_what);
        if (r != CONTACT_REFUSED || !marked || canceled)
            return r;
        free(TAKE_PTR(*reterr_what));
    }
    if (marked && version_is_valid(marked)) {
        *ret_version = TAKE_PTR(marked);
        return CONTACT_DETECTED;
    }
    r = last_version(run, &remembered);
    if (r < 0)
        return r;
    if (remembered && !streq_null(remembered, declaration->unversioned.value))
        return refuse(
            reterr_what,
            strprintf("the stamp in %s is gone; the state was at version %s once. If it still "
                      "is, say so: migratectl adopt %s %s",
                      run->where, remembered, declaration->name, remembered));
    if (declaration->unversioned.value) {
        *ret_version = strdup(declaration->unversioned.value);
        return *ret_version ? CONTACT_DETECTED : -ENOMEM;
    }
    return refuse(reterr_what, strprintf("there is data in %s but nothing says which version it "
                                         "has. Say it once: migratectl adopt "
                                         "%s VERSION; or declare Detect= or Unversioned=",
                                         run->where, declaration->name));
}

int contact_read_stamps(const Run *run, char **ret_version, char **reterr_what)
{
    _cleanup_(survey_free) Survey survey = {};
    int r = survey_make(run, &survey);

    return r < 0 ? r : contact_stamped(run, &survey, ret_version, reterr_what);
}

/* All places must have something: what one of them still lacks may come a moment later. */
static bool all_have_data(const Run *run)
{
    for (size_t i = 0; i < run->n_places; i++) {
        _cleanup_(stamps_free) Stamps stamps = {.empty = true};

        if (run->places[i].fd < 0 ||
            stamps_read(run->places[i].fd, run->declaration->name, &stamps) < 0 || stamps.empty)
            return false;
    }
    return true;
}

int contact_look(const Run *run, char **ret_version, char **reterr_what)
{
    _cleanup_(survey_free) Survey survey = {};
    int r = survey_make(run, &survey);

    if (r < 0)
        return r;
    if (survey.n_stamped > 0)
        return contact_stamped(run, &survey, ret_version, reterr_what);
    return all_have_data(run) ? CONTACT_DETECTED : CONTACT_FRESH;
}
