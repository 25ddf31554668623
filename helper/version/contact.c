/* SPDX-License-Identifier: MIT */
/* Finding out which version a state is at. Never guesses: what contradicts itself is refused. */
#include "version/contact.h"

#include "judge/disagree.h"
#include "state/refuse.h"
#include "store/stamp.h"
#include "transaction/remember.h"
#include "version/detect.h"

#include <fcntl.h>

static int refuse(char **reterr_what, char *what)
{
    *reterr_what = what;
    return what ? CONTACT_REFUSED : -ENOMEM;
}

static size_t n_own_stamps(const Run *run)
{
    return run->declaration->stamp_in_store ? 1 : run->n_places;
}

size_t contact_n_stamps(const Run *run)
{
    return n_own_stamps(run) + run->n_lodgings;
}

/* NULL: of the service itself. */
static const Lodging *lodging_of(const Run *run, size_t i)
{
    return i < n_own_stamps(run) ? NULL : run->lodgings + i - n_own_stamps(run);
}

static const char *stamp_path(const Run *run, size_t i)
{
    const Lodging *lodging = lodging_of(run, i);

    return lodging                            ? lodging->path
           : run->declaration->stamp_in_store ? run->store->path
                                              : run->places[i].directory;
}

int contact_stamp_fd(const Run *run, size_t i)
{
    const Lodging *lodging = lodging_of(run, i);

    return lodging                            ? lodging->fd
           : run->declaration->stamp_in_store ? run->store->fd
                                              : run->places[i].fd;
}

/* The stamps, as far as there are any, and what else there is. */
typedef struct Survey {
    Stamps *stamps; /* of a missing directory: none */
    size_t n;
    size_t n_stamped;
    char *guests; /* names of stamps of those who live in the first directory with any; or NULL */
    bool empty;   /* every directory is empty or missing; false where there are none to look at */
} Survey;

static void survey_free(Survey *survey)
{
    for (size_t i = 0; survey->stamps && i < survey->n; i++)
        stamps_free(survey->stamps + i);
    free(survey->stamps);
    free(survey->guests);
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
        if (stamps.others && !survey->guests) {
            survey->guests = strv_join(stamps.others, ", ");
            if (!survey->guests)
                return -ENOMEM;
        }
    }
    return 0;
}

static int survey_make_of(const Run *run, size_t n, Survey *survey)
{
    survey->n = n;
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

static int survey_make(const Run *run, Survey *survey)
{
    return survey_make_of(run, contact_n_stamps(run), survey);
}

/* "/var/lib/app at 1, /srv/app without a stamp" */
static char *survey_describe(const Run *run, const Survey *survey)
{
    _cleanup_string_ String s = {};
    char *text;

    for (size_t i = 0; i < survey->n; i++) {
        _cleanup_free_ char *versions = stamps_describe(survey->stamps + i);
        const Lodging *lodging = lodging_of(run, i);

        string_append(&s, i > 0 ? ", " : "");
        if (lodging)
            string_appendf(&s, "the part in %s, ", lodging->host);
        string_appendf(&s, "%s %s%s", stamp_path(run, i),
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
    const char *found = NULL;

    for (size_t i = 0; !found && i < survey->n; i++)
        found = disagree_between(survey->stamps[i].versions);
    return found;
}

/* All places have the stamp FROM::TO. */
static int contact_self(const Run *run, const char *stamp, char **ret_version, char **reterr_what)
{
    const Declaration *declaration = run->declaration;
    const char *to = version_self_target(stamp), *id;
    _cleanup_(post_record_free) PostRecord post = {};
    int from_length = (int)strcspn(stamp, ":");
    _cleanup_free_ char *back = NULL;

    *ret_version = strdup(stamp);
    if (!*ret_version)
        return -ENOMEM;
    if (declaration->self_migrating && streq_null(declaration->version.value, to))
        return CONTACT_SELF;
    /* Of the migration that let it start, which has kept the original under the same name. */
    id = post_record_read(run->store, RECORD_POST, &post) == 0 && streq_null(post.to, to) ? post.id
                                                                                          : NULL;
    back = strprintf("go back: migratectl restore %s %s%s", declaration->name, id ? id : "ID",
                     id ? "" : ", with the ID of a backup that 'migratectl backups' shows");
    *reterr_what =
        back ? strprintf("software of version %s was to migrate %s itself, from version %.*s, and "
                         "has not started successfully since, so how far it came is not known. "
                         "Install that software again, or %s",
                         to, run->where, from_length, stamp, back)
             : NULL;
    return *reterr_what ? CONTACT_SELF : -ENOMEM;
}

/* Where all of the service's own places agree, but what it lives in brought another stamp along, or
 * none: the first such. NULL: that is not what is wrong. */
static const Lodging *moved_lodging(const Run *run, const Survey *survey)
{
    size_t n = n_own_stamps(run);
    const Lodging *moved = NULL;

    for (size_t i = 0; i < survey->n; i++) {
        const Stamps *stamps = survey->stamps + i, *first = survey->stamps;
        bool same = strv_length(stamps->versions) == 1 && first->versions &&
                    streq(stamps->versions[0], first->versions[0]);

        if (!same && i < n)
            return NULL;
        if (!same && !moved)
            moved = lodging_of(run, i);
    }
    return moved;
}

static int contact_moved(const Run *run, const Survey *survey, const Lodging *lodging,
                         const char *found, char **reterr_what)
{
    const char *name = run->declaration->name, *version = survey->stamps[0].versions[0];
    size_t i = n_own_stamps(run) + (size_t)(lodging - run->lodgings);

    *reterr_what =
        disagree_describe_moved(name, version, lodging->host, survey->stamps[i].versions, found);
    return *reterr_what ? CONTACT_DISAGREE : -ENOMEM;
}

/* The first with a stamp, where there is nothing in any directory; NULL: that is not so. */
static const Lodging *left_lodging(const Run *run, const Survey *survey)
{
    for (size_t i = 0; i < n_own_stamps(run); i++)
        if (!survey->empty || survey->stamps[i].versions)
            return NULL;
    for (size_t i = n_own_stamps(run); i < survey->n; i++)
        if (survey->stamps[i].versions)
            return lodging_of(run, i);
    return NULL;
}

/* Some place has a stamp, so all must have the same one. */
static int contact_stamped(const Run *run, const Survey *survey, char **ret_version,
                           char **reterr_what)
{
    const char *version = survey->stamps[0].versions ? survey->stamps[0].versions[0] : NULL;
    bool agree = survey->n_stamped == survey->n;
    _cleanup_free_ char *found = NULL;
    const Lodging *lodging;

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
        *reterr_what =
            disagree_describe_between(run->declaration->name, run->where, between(survey));
        return *reterr_what ? CONTACT_DISAGREE : -ENOMEM;
    }
    found = survey_describe(run, survey);
    if (!found)
        return -ENOMEM;
    lodging = moved_lodging(run, survey);
    if (lodging)
        return contact_moved(run, survey, lodging, found, reterr_what);
    lodging = left_lodging(run, survey);
    *reterr_what = lodging ? disagree_describe_left(run->declaration->name, lodging->host, found)
                           : disagree_describe(run->declaration->name, found);
    return *reterr_what ? CONTACT_DISAGREE : -ENOMEM;
}

/* Is there no data yet? DETECT_DONE, or CONTACT_REFUSED: it cannot be told. */
static int is_fresh(const Run *run, const Survey *survey, bool *ret, char **reterr_what)
{
    int r;

    if (survey->empty || !run->declaration->fresh_check.argv) {
        *ret = survey->empty;
        return DETECT_DONE;
    }
    r = detect_fresh(run, ret, reterr_what);
    return r > 0 ? CONTACT_REFUSED : r;
}

static int contact_fresh(const Run *run, const Survey *survey, char **reterr_what)
{
    _cleanup_(known_free) Known known = {};
    int r;

    /* They would say of what is made anew that their parts are in it. */
    if (survey->guests)
        return refuse(reterr_what,
                      strprintf("there is no data in %s, but others have stamped what lived in it "
                                "(%s). Bring the data back; or, if it is gone for good, remove "
                                "these stamps to begin anew",
                                run->where, survey->guests));
    r = known_read(run->store, &known);
    if (r != 0)
        return r < 0 ? r : CONTACT_FRESH;
    return refuse(reterr_what, remember_describe_missing(run, &known));
}

/* There is data without a stamp, and no script or marker that knows more. */
static int contact_unstamped(const Run *run, char **ret_version, char **reterr_what)
{
    const Declaration *declaration = run->declaration;
    _cleanup_(known_free) Known known = {};
    _cleanup_free_ char *elsewhere = NULL;
    int r;

    r = known_read(run->store, &known);
    if (r < 0)
        return r;
    if (r == 0 && !streq_null(known.version, declaration->unversioned.value)) {
        const char *version = known.version ? known.version : "VERSION";

        elsewhere = remember_describe_elsewhere(run, &known);
        if (!elsewhere)
            return -ENOMEM;
        return refuse(
            reterr_what,
            strprintf("there is no stamp in %s; the state was at version %s once%s. If this is it, "
                      "and it still has that version, say so: migratectl adopt %s %s",
                      run->where, version, elsewhere, declaration->name, version));
    }
    if (declaration->unversioned.value) {
        *ret_version = strdup(declaration->unversioned.value);
        return *ret_version ? CONTACT_DETECTED : -ENOMEM;
    }
    return refuse(reterr_what, strprintf("there is data in %s but nothing says which version it "
                                         "has. Say it once: migratectl adopt "
                                         "%s VERSION; or declare Detect= or Unversioned=",
                                         run->where, declaration->name));
}

int contact_find(const Run *run, char **ret_version, char **reterr_what)
{
    _cleanup_(survey_free) Survey survey = {};
    _cleanup_free_ char *marked = NULL;
    bool fresh;
    int r;

    r = survey_make(run, &survey);
    if (r < 0)
        return r;
    if (survey.n_stamped > 0)
        return contact_stamped(run, &survey, ret_version, reterr_what);
    r = is_fresh(run, &survey, &fresh, reterr_what);
    if (r != DETECT_DONE)
        return r;
    if (fresh)
        return contact_fresh(run, &survey, reterr_what);
    /* Software of that version was let start on nothing, and has made its state since. */
    r = fresh_read(run->store, &marked);
    if (r < 0)
        return r;
    /* What the data itself says comes first: somebody may have brought older data back. */
    if (run->declaration->detect.argv) {
        r = detect_version(run, NULL, ret_version, reterr_what);
        if (r <= DETECT_DONE)
            return r < 0 ? r : CONTACT_DETECTED;
        if (r == DETECT_CANCELED || !marked)
            return CONTACT_REFUSED;
        free(TAKE_PTR(*reterr_what));
    }
    if (marked && version_is_valid(marked)) {
        *ret_version = TAKE_PTR(marked);
        return CONTACT_DETECTED;
    }
    return contact_unstamped(run, ret_version, reterr_what);
}

int contact_read_stamps(const Run *run, char **ret_version, char **reterr_what)
{
    _cleanup_(survey_free) Survey survey = {};
    int r = survey_make(run, &survey);

    return r < 0 ? r : contact_stamped(run, &survey, ret_version, reterr_what);
}

int contact_read_own_stamps(const Run *run, char **ret_version, char **reterr_what)
{
    _cleanup_(survey_free) Survey survey = {};
    int r = survey_make_of(run, n_own_stamps(run), &survey);

    return r < 0 ? r : contact_stamped(run, &survey, ret_version, reterr_what);
}

int contact_readable(const Run *run)
{
    const char *declared = run->declaration->version.value;
    _cleanup_(survey_free) Survey survey = {};
    int r = survey_make(run, &survey);

    if (r < 0)
        return r;
    for (size_t i = 0; i < survey.n; i++)
        if (!stamps_readable_by(survey.stamps + i, declared))
            return 0;
    return survey.n > 0;
}

int contact_link(const Run *run, const char *version)
{
    const Items *readers = &run->declaration->readable_by;
    _cleanup_strv_ char **wanted = NULL;
    int r = 0;

    for (size_t i = 0; r == 0 && i < readers->n_items; i++)
        r = strv_append(&wanted, readers->items[i].value);
    for (size_t i = 0; r == 0 && i < contact_n_stamps(run); i++)
        r = stamp_link(contact_stamp_fd(run, i), run->declaration->name, version, wanted);
    return r;
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

int refuse_contact(const Run *run, int r, const char *what)
{
    if (r == CONTACT_DISAGREE)
        return run_refuse(run, RESULT_ATTENTION, MESSAGE_ATTENTION, what, "");
    if (r == CONTACT_REFUSED || r == CONTACT_SELF)
        return run_refuse(run, RESULT_REFUSED, MESSAGE_REFUSED, what, "");
    return run_refuse_errno(run, strprintf("%s cannot be looked at", run->where), r);
}
