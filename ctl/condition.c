/* SPDX-License-Identifier: MIT */
/* What the things that were found mean: as the helper would judge them, as far as that goes without
 * running a script. */
#include "approval.h"
#include "condition-private.h"
#include "consent-print.h"
#include "ctl.h"
#include "detail.h"
#include "known.h"
#include "transaction.h"

const char *condition_name(Condition condition)
{
    static const char *const names[] = {
        [CONDITION_CURRENT] = "current",
        [CONDITION_ACCEPTED] = "accepted",
        [CONDITION_SELF] = "self-migrating",
        [CONDITION_PENDING] = "pending",
        [CONDITION_FRESH] = "fresh",
        [CONDITION_UNSTAMPED] = "unstamped",
        [CONDITION_APPROVAL] = "approval",
        [CONDITION_FAILED] = "failed",
        [CONDITION_DEFERRED] = "deferred",
        [CONDITION_INVALID] = "invalid",
        [CONDITION_NEWER] = "newer",
        [CONDITION_GAP] = "gap",
        [CONDITION_SKIP] = "skip",
        [CONDITION_DISAGREE] = "disagree",
        [CONDITION_UNKNOWN] = "unknown",
        [CONDITION_MISSING] = "missing",
        [CONDITION_UNREADABLE] = "unreadable",
        [CONDITION_IN_FLIGHT] = "in-flight",
        [CONDITION_INERT] = "inert",
    };

    return names[condition];
}

bool condition_waits_for_operator(Condition condition)
{
    switch (condition) {
    case CONDITION_APPROVAL:
    case CONDITION_FAILED:
    case CONDITION_DEFERRED:
    case CONDITION_INVALID:
    case CONDITION_NEWER:
    case CONDITION_GAP:
    case CONDITION_SKIP:
    case CONDITION_DISAGREE:
    case CONDITION_UNKNOWN:
    case CONDITION_MISSING:
        return true;
    default:
        return false;
    }
}

int service_conclude(Service *service, Condition condition, char *what, char *next)
{
    service->condition = condition;
    free(service->what);
    free(service->next);
    service->what = what;
    service->next = next;
    return 0;
}

char *service_type(const Service *service, const char *verb, const char *more)
{
    bool offline = streq(verb, "plan") || streq(verb, "check") || startswith(verb, "adopt");

    if (options.root && !offline)
        return NULL;
    return strprintf("migratectl %s%s%s%s %s%s", options.root ? "--root=" : "",
                     options.root ? options.root : "", options.root ? " " : "", verb,
                     service->declaration->name, more);
}

char *service_describe_spots(const Service *service)
{
    _cleanup_string_ String s = {};
    char *text;

    for (size_t i = 0; i < service->n_spots; i++) {
        const Spot *spot = service->spots + i;
        _cleanup_free_ char *versions = stamps_describe(&spot->stamps);

        string_appendf(&s, "%s%s%s%s%s ", i > 0 ? ", " : "", spot->host ? "the part in " : "",
                       spot->host ? spot->host : "", spot->host ? ", " : "", spot->directory);
        if (spot->error)
            string_append(&s, spot->error == -ENOENT ? "is missing" : strerror(-spot->error));
        else if (spot->stamps.versions)
            string_appendf(&s, "is at %s", versions ? versions : "?");
        else
            string_append(&s, spot->stamps.empty && !spot->host ? "is empty" : "has no stamp");
    }
    return string_finish(&s, &text) < 0 ? NULL : text;
}

/* The store remembers the state, but it is gone. 1: it does not. */
static int judge_missing(Service *service)
{
    const char *name = service->declaration->name;
    _cleanup_(known_free) Known known = {};
    _cleanup_free_ char *directories = NULL;
    int r = known_read(&service->store, &known);

    if (r != 0) /* what cannot be read is for the helper to complain about */
        return r == -ENOMEM ? r : 1;
    directories = strv_join(known.directories, ", ");
    return service_conclude(
        service, CONDITION_MISSING,
        strprintf("%s is empty or missing, but the state was at version %s once%s%s: "
                  "is a disk not mounted? Else bring a backup back (migratectl restore "
                  "%s ID), or begin anew (migratectl forget %s)",
                  service->spots[0].directory, known.version ? known.version : "?",
                  isempty(directories) ? "" : ", in ", directories ? directories : "", name, name),
        service_type(service, "backups", ""));
}

/* Nothing is there, and Init= makes it. */
static int judge_init(Service *service)
{
    const Declaration *declaration = service->declaration;
    int r = plan_init(declaration, &service->plan);
    char *what;

    if (r < 0)
        return r;
    what = service_describe_failure(service);
    service->failed_before = what != NULL;
    if (what)
        return service_conclude(service, CONDITION_FAILED, what,
                                service_type(service, "retry", ""));
    return service_conclude(
        service, CONDITION_FRESH,
        strprintf("%s is %s: Init=%s makes the state at the next start, at version %s",
                  service->spots[0].directory,
                  service->spots[0].error == -ENOENT ? "missing" : "empty",
                  declaration->init.script.argv[0], declaration->version.value),
        NULL);
}

/* No place has a stamp. 1: the version is known all the same; 0: concluded. */
static int judge_unstamped(Service *service)
{
    const Declaration *declaration = service->declaration;
    bool empty = true;
    const char *known = NULL;

    for (size_t i = 0; i < service->n_spots; i++)
        empty = empty && service->spots[i].stamps.empty;
    if (empty) {
        int r = judge_missing(service);

        if (r <= 0)
            return r;
    }
    if (empty && declaration->init.script.argv)
        return judge_init(service);
    if (empty)
        return service_conclude(
            service, CONDITION_FRESH,
            strprintf("%s is %s: the software makes its own state, at version %s",
                      service->spots[0].directory,
                      service->spots[0].error == -ENOENT ? "missing" : "empty",
                      declaration->version.value),
            NULL);
    if (declaration->fresh_check.argv)
        return service_conclude(
            service, CONDITION_UNSTAMPED,
            strprintf("no stamp yet; FreshCheck=%s finds out whether there is data, "
                      "at the next start",
                      declaration->fresh_check.argv[0]),
            NULL);
    for (size_t i = 0; i < service->n_spots; i++)
        if (service->spots[i].error == -ENOENT && !service->spots[i].host)
            return service_conclude(
                service, CONDITION_MISSING,
                strprintf("%s is missing, although there is data in other directories "
                          "of the state: is a disk not mounted?",
                          service->spots[i].directory),
                NULL);
    if (service->fresh && version_is_valid(service->fresh))
        known = service->fresh;
    else if (declaration->detect.argv)
        return service_conclude(
            service, CONDITION_UNSTAMPED,
            strprintf("no stamp yet; Detect=%s finds out the version at the next start",
                      declaration->detect.argv[0]),
            NULL);
    else
        known = declaration->unversioned.value;
    if (!known)
        return service_conclude(
            service, CONDITION_UNKNOWN,
            strprintf("there is data in %s but nothing says which version it has; "
                      "nor is Detect= or Unversioned= declared",
                      service->spots[0].directory),
            service_type(service, "adopt", " VERSION"));
    service->version = strdup(known);
    service->assumed = true;
    return service->version ? 1 : -ENOMEM;
}

/* Stamped FROM::TO. */
static int judge_self(Service *service, const char *stamp)
{
    const Declaration *declaration = service->declaration;
    const char *to = version_self_target(stamp), *id = NULL;
    int from_length = (int)strcspn(stamp, ":");
    bool up = service->n_units > 0 && streq_null(service->units[0].active, "active");

    if (declaration->self_migrating && streq_null(declaration->version.value, to))
        return service_conclude(
            service, CONDITION_SELF,
            up ? strprintf("%s is up: that it is at version %s is being recorded",
                           service->units[0].unit, to)
               : strprintf("it migrates itself from %.*s to %s at its next start", from_length,
                           stamp, to),
            NULL);
    if (service->post && streq_null(json_string(service->post, "to"), to))
        id = json_string(service->post, "id");
    return service_conclude(
        service, CONDITION_DISAGREE,
        strprintf("software of version %s was to migrate it itself, from %.*s, and has "
                  "not started successfully since: install that again, or bring back "
                  "the original",
                  to, from_length, stamp),
        id ? strprintf("migratectl restore %s %s", declaration->name, id)
           : service_type(service, "backups", ""));
}

/* Which version has the state? 1: service->version; 0: concluded; or -ENOMEM. */
static int judge_stamps(Service *service)
{
    const char *version = NULL;
    size_t n_stamped = 0;
    bool agree = true;

    for (size_t i = 0; i < service->n_spots; i++) {
        const Spot *spot = service->spots + i;

        if (spot->error && spot->error != -ENOENT)
            return service_conclude(
                service, CONDITION_UNREADABLE,
                strprintf("%s cannot be read: %s", spot->directory, strerror(-spot->error)),
                strprintf("sudo migratectl status %s", service->declaration->name));
        n_stamped += spot->stamps.versions != NULL;
        if (!spot->stamps.versions)
            continue;
        version = version ? version : spot->stamps.versions[0];
        agree = agree && strv_length(spot->stamps.versions) == 1 &&
                streq(spot->stamps.versions[0], version);
    }
    if (n_stamped == 0)
        return judge_unstamped(service);
    if (n_stamped == service->n_spots && agree && version_self_target(version))
        return judge_self(service, version);
    if (n_stamped < service->n_spots || !agree || !version_is_valid(version)) {
        _cleanup_free_ char *found = service_describe_spots(service);

        return service_conclude(
            service, CONDITION_DISAGREE,
            strprintf("the places of the state do not agree: %s. Bring back what is "
                      "missing, or say which version all of it has",
                      found ? found : "?"),
            service_type(service, "adopt --force", " VERSION"));
    }
    service->version = strdup(version);
    return service->version ? 1 : -ENOMEM;
}

static int judge_flight(Service *service)
{
    bool running = streq_null(service->migration.active, "activating");

    if (running)
        return service_conclude(
            service, CONDITION_IN_FLIGHT,
            strprintf("a migration is running%s%s", isempty(service->migration_status) ? "" : ": ",
                      service->migration_status ? service->migration_status : ""),
            service_type(service, "start", ""));
    return service_conclude(
        service, CONDITION_IN_FLIGHT,
        strdup("a migration was cut off; it is settled, and tried again, at the next "
               "start"),
        service_type(service, "start", ""));
}

/* Somebody said so; what is in flight is settled all the same, and software that migrates itself is
 * not asked. */
static int judge_record(Service *service)
{
    char *what;

    switch (service->condition) {
    case CONDITION_PENDING:
    case CONDITION_UNSTAMPED:
    case CONDITION_APPROVAL:
    case CONDITION_FAILED:
        break;
    case CONDITION_FRESH:
        if (service->declaration->init.script.argv)
            break;
        return 0;
    default:
        return 0;
    }
    what = consent_describe_deferral(&service->deferral);
    return service_conclude(service, CONDITION_DEFERRED, what, service_type(service, "resume", ""));
}

/* A mask defers what would have to be done; where nothing is, it does no harm. */
static int judge_deferral(Service *service)
{
    bool masked = streq_null(service->migration.load, "masked");

    if (!masked && (options.root || !migrations_are_off()))
        return service->has_deferral && !deferral_is_over(&service->deferral)
                   ? judge_record(service)
                   : 0;
    switch (service->condition) {
    case CONDITION_PENDING:
    case CONDITION_FRESH:
    case CONDITION_UNSTAMPED:
    case CONDITION_APPROVAL:
    case CONDITION_IN_FLIGHT:
        if (!masked)
            return service_conclude(
                service, CONDITION_DEFERRED,
                strdup("'migrate=off' is on the kernel command line, so nothing is "
                       "migrated before the next boot without it"),
                NULL);
        return service_conclude(
            service, CONDITION_DEFERRED,
            strprintf("%s is masked, so nothing is migrated and the service stays down",
                      service->migration_unit),
            strprintf("systemctl unmask %s", service->migration_unit));
    default:
        return 0;
    }
}

int service_judge(Service *service, const char *from)
{
    const Declaration *declaration = service->declaration;
    int r;

    if (declaration_is_broken(declaration)) {
        const Problems *problems = &declaration->problems;

        return service_conclude(service, CONDITION_INVALID,
                                problems->n_items > 0 ? problem_format(problems->items) : NULL,
                                service_type(service, "check", ""));
    }
    if (from) {
        service->version = strdup(from);
        r = service->version ? 1 : -ENOMEM;
    } else
        r = declaration->version.value ? judge_stamps(service) : 0;
    if (r < 0)
        return r;
    if (!declaration->version.value)
        return service_conclude(service, CONDITION_INERT,
                                strdup("there is no Version=, so the declaration does nothing yet"),
                                service_type(service, "enable", ""));
    if (r == 1)
        r = service_judge_plan(service, from);
    if (r < 0 || from)
        return r;
    if (service->transaction || streq_null(service->migration.active, "activating"))
        r = judge_flight(service);
    return r == 0 ? judge_deferral(service) : r;
}
