/* SPDX-License-Identifier: MIT */
/* What the things that were found mean: as the helper would judge them, as far as that goes without
 * running a script. The stamps are condition-stamps.c's, a version and its plan condition-plan.c's.
 */
#include "declare/declaration.h"
#include "look/condition-private.h"
#include "store/approval.h"
#include "terminal/options.h"

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
    what = deferral_describe(&service->deferral);
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
        r = declaration->version.value ? service_judge_stamps(service) : 0;
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
    if (service->has_transaction || streq_null(service->migration.active, "activating"))
        r = judge_flight(service);
    return r == 0 ? judge_deferral(service) : r;
}
