/* SPDX-License-Identifier: MIT */
/* migratectl enable: declares a version for a service that runs without one. Writes the stamp, then
 * Version=, then reloads systemd, which creates the gate. In any other order, systemd would refuse
 * a restart in between. For an older version than the state has, offers a backup. */
#include "act/jobs.h"
#include "act/restore.h"
#include "act/verbs.h"
#include "look/common.h"
#include "look/helper.h"
#include "look/neighbours.h"
#include "look/service.h"
#include "terminal/output.h"

static Result judge_outcome(const Service *service, const char *version, const char *directory)
{
    const Declaration *declaration = service->declaration;
    const Origin *origin = &declaration->version.origin;

    if (declaration_is_broken(declaration))
        return refuse_invalid(declaration);
    if (!streq_null(declaration->version.value, version))
        return fail(RESULT_REFUSED,
                    "%s: %s:%u says Version=%s and overrides %s/" DROP_IN
                    ". Change the version there",
                    declaration->name, origin->file ? origin->file : "?", origin->line,
                    declaration->version.value ? declaration->version.value : "", directory);
    switch (service->condition) {
    case CONDITION_GAP:
    case CONDITION_SKIP:
    case CONDITION_NEWER:
    case CONDITION_DISAGREE:
    case CONDITION_UNKNOWN:
    case CONDITION_MISSING:
        complain("%s: Version=%s would keep the service from starting: %s", declaration->name,
                 version, service->what);
        return outcome_result(service->verdict.outcome);
    default:
        return RESULT_DONE;
    }
}

/* A service that was held back is down, although nothing is pending any more. */
static void say_down(const Service *service)
{
    const Facts *facts = &service->facts;

    if (service->condition == CONDITION_CURRENT && facts->n_units > 0 && facts->units[0].active &&
        !facts_are_up(facts))
        say("%s: the service is down. To start it, run: migratectl start %s",
            service->declaration->name, service->declaration->name);
}

static void say_outcome(const Service *service, const char *directory)
{
    const Declaration *declaration = service->declaration;
    const char *name = declaration->name, *unit = declaration->units.items[0].value;
    _cleanup_free_ char *next = NULL;

    say("%s: Version=%s is declared in %s/" DROP_IN, name, declaration->version.value, directory);
    next = words_line(&service->words); /* without a reload of systemd, which follows at once */
    if (service->condition == CONDITION_CURRENT)
        say("%s: the state is at version %s, so nothing is pending. From now on %s starts on this "
            "version only",
            name, service->verdict.version, unit);
    else if (next)
        say("%s: %s. To go on, %s", name, service->what, next);
    else
        say("%s: %s", name, service->what);
    say_down(service);
}

static Result reload(sd_bus *bus, const char *name)
{
    if (!bus) {
        complain("%s: cannot reach systemd. Where it is running, run: systemctl daemon-reload",
                 name);
        return RESULT_DONE;
    }
    return jobs_reload(bus) < 0 ? RESULT_FAILED : RESULT_DONE;
}

/* Says whether the way back to the declared version is a backup that somebody has to agree to. */
static bool leads_to_backup(const Service *service, const char *version)
{
    if (!streq_null(service->declaration->version.value, version))
        return false;
    return words_way_down(&service->facts, &service->verdict) ||
           service->verdict.outcome == OUTCOME_APPROVAL_RESTORE ||
           (service->verdict.outcome == OUTCOME_SELF_OTHER &&
            route_newest_accepted(&service->facts.ways.backups, service->declaration));
}

/* Writes the drop-in, which systemd reads only at the reload. Removes the drop-in again if the
 * declaration is then invalid, or would keep the service from starting. */
static int declare(sd_bus *bus, const char *name, const char *version)
{
    _cleanup_(drop_in_free) DropIn drop_in = {};
    _cleanup_(declarations_free) Declarations declarations = {};
    _cleanup_(service_free) Service service = {.facts.store = STORE_NONE};
    _cleanup_strv_ char **neighbours = NULL;
    const Declaration *declaration;
    bool back = false;
    int r = drop_in_write(&drop_in, name, version);

    if (r != RESULT_DONE)
        return r;
    r = read_declarations(&declarations);
    declaration = r == RESULT_DONE ? declarations_find(&declarations, name) : NULL;
    if (r == RESULT_DONE &&
        (!declaration || service_look(&declarations, declaration, bus, NULL, &service) < 0))
        r = complain_memory();
    if (r == RESULT_DONE) {
        back = leads_to_backup(&service, version);
        if (back && bus && (options.yes || ask_is_needed()))
            return restore_declared(name, version, &drop_in, bus);
        r = judge_outcome(&service, version, drop_in.directory);
    }
    if (r != RESULT_DONE) {
        drop_in_undo(&drop_in, name);
        complain("%s: nothing was declared", name);
        if (back)
            complain("%s: to declare it and bring the backup back, if the software for version %s "
                     "is installed, run: migratectl enable %s %s --yes",
                     name, version, name, version);
        return r;
    }
    say_outcome(&service, drop_in.directory);
    if (neighbours_find(&declarations, declaration, &neighbours) < 0)
        return complain_memory();
    STRV_FOREACH (neighbour, neighbours)
        complain("%s: warning: %s", name, *neighbour);
    return reload(bus, name);
}

/* Without a drop-in to write, there may still be a backup to bring back. */
static int declared_already(sd_bus *bus, const Declarations *all, const Declaration *declaration)
{
    _cleanup_(service_free) Service service = {.facts.store = STORE_NONE};
    const char *name = declaration->name, *version = declaration->version.value;
    _cleanup_free_ char *next = NULL;
    DropIn none = {};

    say("%s: Version=%s is declared already, in %s", name, version,
        declaration->version.origin.file);
    if (service_look(all, declaration, bus, NULL, &service) < 0)
        return complain_memory();
    if (leads_to_backup(&service, version) && bus && (options.yes || ask_is_needed()))
        return restore_declared(name, version, &none, bus);
    say_down(&service);
    if (service.condition == CONDITION_CURRENT)
        return RESULT_DONE;
    next = words_line(&service.words);
    complain("%s: %s%s%s", name, service.what, next ? ". To go on, " : "", next ? next : "");
    return RESULT_DONE;
}

/* Finds the version to declare: wanted, or the version of the state. Lets the helper detect and
 * stamp the version of a state that has data. */
static Result find_version(const Declarations *all, const Declaration *declaration,
                           const char *wanted, char **ret)
{
    _cleanup_(service_free) Service service = {.facts.store = STORE_NONE};
    const char *name = declaration->name;
    bool empty = true;
    int r;

    if (service_look(all, declaration, NULL, NULL, &service) < 0)
        return complain_memory();
    ARRAY_FOREACH (spot, service.facts.directories, service.facts.n_directories)
        empty = empty && spot->stamps.empty && !spot->stamps.versions;
    if (empty && !wanted)
        return fail(
            RESULT_REFUSED,
            "%s: %s is empty or missing, so there is no version to find out. To declare the "
            "version that the software needs, run: migratectl enable %s VERSION",
            name,
            service.facts.n_directories > 0 ? service.facts.directories[0].directory : "the state",
            name);
    /* A state that software has half migrated has no version to record, but there is a way back. */
    if (!empty &&
        !(wanted && service.verdict.version && version_self_target(service.verdict.version))) {
        r = helper_call("adopt", name, NULL);
        if (r != RESULT_DONE)
            return r;
    }
    service_free(&service);
    if (service_look(all, declaration, NULL, NULL, &service) < 0)
        return complain_memory();
    ARRAY_FOREACH (spot, service.facts.directories, service.facts.n_directories)
        if (!wanted && spot->stamps.versions)
            wanted = spot->stamps.versions[0];
    *ret = wanted ? strdup(wanted) : NULL;
    return *ret ? RESULT_DONE : complain_memory();
}

int ctl_enable(char **names)
{
    _cleanup_(declarations_free) Declarations declarations = {};
    _cleanup_free_ char *version = NULL;
    const char *name = names[0], *wanted = names[1];
    const Declaration *declaration = NULL;
    _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
    int r = wanted ? refuse_version(wanted) : RESULT_DONE;

    if (r == RESULT_DONE)
        r = find_settled("enable", name, &declarations, &declaration);
    if (r == RESULT_DONE)
        r = find_version(&declarations, declaration, wanted, &version);
    if (r != RESULT_DONE)
        return r;
    if (streq_null(declaration->version.value, version)) {
        bus = service_bus();
        return declared_already(bus, &declarations, declaration);
    }
    bus = service_bus();
    r = declare(bus, name, version);
    if (r == RESULT_DONE)
        jobs_forget_failures(bus, "migrate", name);
    return r;
}
