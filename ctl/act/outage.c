/* SPDX-License-Identifier: MIT */
/* Stops and starts the units of a service. Sockets stay up: a connection waits for the start, which
 * waits for the migration. */
#include "act/outage.h"

#include "look/common.h"
#include "look/service.h"
#include "terminal/output.h"

Result outage_connect(const char *verb, sd_bus **ret)
{
    Result r = require_root(verb);

    if (r != RESULT_DONE)
        return r;
    *ret = service_bus();
    if (*ret)
        return RESULT_DONE;
    return fail(RESULT_FAILED, "cannot reach systemd, which stops and starts the services");
}

void outage_free(Outage *outage)
{
    strv_free(outage->stop);
    strv_free(outage->start);
    strv_free(outage->revived);
    strv_free(outage->sockets);
    *outage = (Outage){};
}

void outage_forget_revived(Outage *outage)
{
    size_t n = 0;

    for (size_t i = 0; i < strv_length(outage->start); i++) {
        char *unit = outage->start[i];

        if (strv_contains(outage->revived, unit))
            free(unit);
        else
            outage->start[n++] = unit;
    }
    if (outage->start)
        outage->start[n] = NULL;
    strv_free(TAKE_PTR(outage->sockets));
}

/* A unit between two automatic restarts is up, too. */
static bool is_up(const UnitState *state)
{
    return !streq(state->active, "inactive") && !streq(state->active, "failed") &&
           !streq(state->active, "deactivating");
}

/* Adds the units that systemd stops together with this unit, if they are up. */
static int add_dependents(sd_bus *bus, const char *unit, char ***list)
{
    _cleanup_strv_ char **others = NULL;
    int r = bus_stopped_with(bus, unit, &others);

    STRV_FOREACH (other, others) {
        _cleanup_(unit_state_free) UnitState state = {};

        if (r == 0 && strv_contains(*list, *other))
            continue;
        if (r == 0)
            r = bus_unit_state(bus, *other, &state);
        if (r < 0)
            return r;
        if (!is_up(&state))
            continue;
        r = strv_append(list, *other);
        if (r == 0)
            r = add_dependents(bus, *other, list);
    }
    return r;
}

/* Adds the sockets of a unit that listen in the state, where a swap would cut them off. */
static int add_sockets(sd_bus *bus, const Declaration *declaration, const char *unit,
                       Outage *outage)
{
    _cleanup_strv_ char **sockets = NULL;
    int r = unit_is_user(unit) ? unit_is_template(unit) ? 0 : bus_triggers(bus, unit, &sockets)
                               : strv_append(&sockets, unit);

    STRV_FOREACH (socket, sockets) {
        _cleanup_(unit_state_free) UnitState state = {};
        _cleanup_strv_ char **paths = NULL;
        bool inside = false;

        if (r < 0 || !endswith(*socket, ".socket"))
            continue;
        r = bus_unit_state(bus, *socket, &state);
        if (r == 0 && is_up(&state))
            r = bus_socket_paths(bus, *socket, &paths);
        STRV_FOREACH (path, paths)
            for (size_t i = 0; i < declaration->directories.n_items; i++)
                inside = inside || path_is_within(*path, declaration->directories.items[i].value);
        if (r == 0 && inside)
            r = strv_append_once(&outage->stop, *socket);
        if (r == 0 && inside)
            r = strv_append_once(&outage->start, *socket);
    }
    return r;
}

static bool is_enabled(sd_bus *bus, const char *unit)
{
    _cleanup_free_ char *state = NULL;

    return unit_property(bus, unit, "Unit", "UnitFileState", "s", &state) == 0 &&
           (startswith(state, "enabled") || streq(state, "generated"));
}

static int find_unit(sd_bus *bus, const char *unit, bool revive, bool *ret_up, Outage *outage)
{
    _cleanup_(unit_state_free) UnitState state = {};
    int r = bus_unit_state(bus, unit, &state);

    *ret_up = false;
    if (r < 0)
        return r;
    if (!streq(state.active, "inactive") && !streq(state.active, "failed")) {
        *ret_up = is_up(&state);
        r = strv_append_once(&outage->stop, unit);
    } else if (revive && streq(state.load, "loaded")) {
        *ret_up = streq(state.active, "failed") || is_enabled(bus, unit);
        r = *ret_up ? strv_append_once(&outage->revived, unit) : 0;
    }
    if (r == 0 && revive)
        r = bus_failed_triggers(bus, unit, false, &outage->sockets);
    return r;
}

/* Finds the units of a user of the state. An instance of a template belongs to one connection, so
 * no instance is started again. */
static int find_user(sd_bus *bus, const char *unit, bool revive, bool *ret_up, Outage *outage)
{
    _cleanup_strv_ char **instances = NULL;
    int r = bus_instances(bus, unit, &instances);

    *ret_up = false;
    STRV_FOREACH (instance, instances)
        if (r == 0)
            r = find_unit(bus, *instance, revive && !unit_is_template(unit), ret_up, outage);
    *ret_up = *ret_up && !unit_is_template(unit);
    return r;
}

/* Sockets, timers and paths stay up: a start that they request waits for the migration. */
static int find_activators(sd_bus *bus, const Declaration *declaration, bool revive, Outage *outage)
{
    bool up;
    int r = 0;

    for (size_t i = 0; r == 0 && i < declaration->units.n_items; i++) {
        const char *unit = declaration->units.items[i].value;
        _cleanup_(unit_state_free) UnitState state = {};

        if (unit_is_user(unit))
            continue;
        r = add_sockets(bus, declaration, unit, outage);
        if (r < 0 || !revive)
            continue;
        r = bus_unit_state(bus, unit, &state);
        if (r == 0 && (streq(state.active, "failed") ||
                       (streq(state.active, "inactive") && is_enabled(bus, unit))))
            r = strv_append_once(&outage->sockets, unit);
    }
    for (size_t i = 0; r == 0 && i < declaration->old_units.n_items; i++)
        if (!unit_is_user(declaration->old_units.items[i].value))
            r = find_unit(bus, declaration->old_units.items[i].value, false, &up, outage);
    return r;
}

int outage_find(sd_bus *bus, const Declaration *declaration, bool revive, Outage *ret)
{
    _cleanup_(outage_free) Outage outage = {};
    bool up, old, old_up = false, any_up = false;
    const char *unit;
    int r = 0;

    for (size_t i = 0; r == 0 && (unit = declaration_user(declaration, i, NULL)); i++)
        r = add_sockets(bus, declaration, unit, &outage);
    if (r == 0)
        r = find_activators(bus, declaration, revive, &outage);
    for (size_t i = 0; r == 0 && (unit = declaration_user(declaration, i, &old)); i++) {
        r = find_user(bus, unit, revive && !old, &up, &outage);
        if (r == 0 && up && !old)
            r = strv_append_once(&outage.start, unit);
        old_up = old_up || (up && old);
        any_up = any_up || (up && !old);
    }
    /* If only the older software was running, the newer software starts in its place. */
    for (size_t i = 0; r == 0 && old_up && !any_up && i < declaration->units.n_items; i++)
        r = strv_append_once(&outage.start, declaration->units.items[i].value);
    for (size_t i = 0; r == 0 && outage.stop && outage.stop[i]; i++)
        r = add_dependents(bus, outage.stop[i], &outage.start);
    if (r < 0)
        return r;
    *ret = TAKE_STRUCT(outage);
    return 0;
}

int outage_add_all(sd_bus *bus, const Declaration *declaration, Outage *outage)
{
    bool none = !outage->start && !outage->sockets;
    int r = 0;

    for (size_t i = 0; r == 0 && none && i < declaration->units.n_items; i++) {
        const char *unit = declaration->units.items[i].value;
        _cleanup_(unit_state_free) UnitState state = {};

        if (unit_is_template(unit))
            continue;
        r = bus_unit_state(bus, unit, &state);
        if (r < 0 || is_up(&state) || !streq(state.load, "loaded"))
            continue;
        r = strv_append(&outage->start, unit);
        if (r == 0)
            r = strv_append_once(&outage->revived, unit);
    }
    return r;
}

/* Resets start limits, so that the start after the migration cannot fail because of them. A unit
 * that systemd has unloaded has no limit. */
static void reset_limits(sd_bus *bus, char **units)
{
    STRV_FOREACH (unit, units)
        (void)sd_bus_call_method(bus, BUS_MANAGER, "ResetFailedUnit", NULL, NULL, "s", *unit);
}

static int run_jobs(Jobs *jobs, const char *method, char **units)
{
    int r = 0;

    STRV_FOREACH (unit, units) {
        int added = jobs_add(jobs, method, *unit);

        r = r < 0 ? r : added;
    }
    return r < 0 ? r : jobs_wait(jobs, NULL, NULL);
}

int outage_begin(Outage *outage, Jobs *jobs, const char *name)
{
    _cleanup_free_ char *list = strv_join(outage->stop, ", ");
    int r;

    if (!outage->stop)
        return RESULT_DONE;
    say("%s: stopping %s", name, list ? list : "the service");
    r = run_jobs(jobs, "StopUnit", outage->stop);
    STRV_FOREACH (unit, outage->stop) {
        const char *result = jobs_result(jobs, *unit);

        if (r == 0 && !streq_null(result, "done")) {
            complain("%s: cannot stop %s (%s). Run: systemctl status %s", name, *unit,
                     result ? result : "?", *unit);
            r = -EBUSY;
        }
    }
    if (r == 0)
        return RESULT_DONE;
    if (r != -EBUSY && r != -EINTR)
        complain("%s: cannot stop the service: %s", name, strerror(-r));
    if (outage->start)
        complain("%s: nothing was migrated; the units that were stopped are started again", name);
    else
        complain("%s: nothing was migrated", name);
    outage_leave(outage, jobs);
    return r == -EINTR ? STATUS_INTERRUPTED : RESULT_FAILED;
}

void outage_leave(const Outage *outage, Jobs *jobs)
{
    reset_limits(jobs->bus, outage->start);
    STRV_FOREACH (unit, outage->start)
        if (!strv_contains(outage->revived, *unit))
            (void)!jobs_add(jobs, "StartUnit", *unit); /* jobs_add() has printed the reason */
}

int outage_end(Outage *outage, Jobs *jobs, const char *name)
{
    _cleanup_strv_ char **all = NULL;
    _cleanup_free_ char *list = NULL;
    int r = strv_copy(outage->sockets, &all), result = RESULT_DONE;

    STRV_FOREACH (unit, outage->start)
        if (r == 0)
            r = strv_append(&all, *unit);
    list = strv_join(all, ", ");
    if (r < 0)
        return complain_memory();
    if (!all)
        return RESULT_DONE;
    say("%s: starting %s", name, list ? list : "the service");
    reset_limits(jobs->bus, all);
    r = run_jobs(jobs, "StartUnit", all);
    STRV_FOREACH (unit, all) {
        const char *ended = jobs_result(jobs, *unit);

        if (streq_null(ended, "done") || (r == -EINTR && !ended))
            continue;
        complain("%s: %s did not start (%s). Run: systemctl status %s", name, *unit,
                 ended ? ended : "no answer", *unit);
        result = RESULT_ATTENTION;
    }
    if (r == -EINTR) {
        complain("%s: interrupted, but the start goes on. Run: systemctl status %s", name, all[0]);
        return STATUS_INTERRUPTED;
    }
    return result;
}

void outage_say_idle(const Outage *outage, sd_bus *bus, const Declaration *declaration)
{
    const char *name = declaration->name;

    for (size_t i = 0; !outage->start && i < declaration->units.n_items; i++) {
        const char *unit = declaration->units.items[i].value;
        _cleanup_(unit_state_free) UnitState state = {};

        if (unit_is_template(unit)) /* nothing can start it */
            continue;
        if (bus_unit_state(bus, unit, &state) == 0 && streq(state.load, "masked"))
            say("%s: %s is masked, so it is not started. To start it, run: systemctl unmask %s && "
                "systemctl start %s",
                name, unit, unit, unit);
        else if (state.load && streq(state.load, "not-found"))
            say("%s: there is no unit %s, so nothing is started. If it has another name now, declare "
                "Unit= in %s",
                name, unit, declaration->file);
        else if (!state.active || !is_up(&state))
            say("%s: the service was not running, and is not started. To start it, run: systemctl "
                "start %s",
                name, unit);
    }
}
