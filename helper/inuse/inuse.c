/* SPDX-License-Identifier: MIT */
/* Asks PID 1 about units, and /proc about other processes. Stops nothing. */
#include "inuse/inuse.h"

#include "basic/directory.h"
#include "inuse/private.h"
#include "system/bus.h"

#include <fcntl.h>
#include <systemd/sd-daemon.h>

/* How long the survey waits for the entries of one process in /proc. */
#define PATIENCE_MSEC 10000

static int busy(char **reterr_what, char *what)
{
    *reterr_what = what;
    return what ? IN_USE_BUSY : -ENOMEM;
}

static int check_unit(sd_bus *bus, const Declaration *declaration, const char *unit, bool old,
                      char **reterr_what)
{
    _cleanup_(unit_state_free) UnitState state = {};
    int r;

    r = bus_unit_state(bus, unit, &state);
    if (r < 0)
        return busy(reterr_what, strprintf("cannot ask systemd about %s: %s", unit, strerror(-r)));
    r = unit_is_live(&state);
    /* While a unit of older software waits for its restart, its gate stays up, so systemd 254 and
     * later would start the older software on the migrated state. */
    if (r == 0 && old && streq(state.active, "activating"))
        r = 1;
    if (r <= 0)
        return r;
    if (streq(state.active, "inactive") || streq(state.active, "failed"))
        return busy(reterr_what, strprintf("%s is %s, but processes that it has started still run "
                                           "(systemctl status %s). To end them, run: systemctl kill "
                                           "%s",
                                           unit, state.active, unit, unit));
    if (old)
        return busy(
            reterr_what,
            strprintf("%s, which runs older software on the same state, is %s. To stop it, run: "
                      "systemctl stop %s. To stop it, migrate and start the service, run: "
                      "migratectl start %s",
                      unit, state.active, unit, declaration->name));
    return busy(reterr_what,
                strprintf("%s is %s. To stop it, migrate and start it again, run: systemctl "
                          "restart %s",
                          unit, state.active, unit));
}

static int check_units(const Declaration *declaration, char **reterr_what)
{
    _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
    const char *unit;
    bool old;
    int r;

    if (sd_booted() <= 0)
        return IN_USE_IDLE; /* no manager, so no units */
    r = bus_open(&bus);
    if (r < 0)
        return busy(reterr_what, strprintf("cannot ask systemd whether the service is running: %s",
                                           strerror(-r)));
    for (size_t i = 0; r == 0 && (unit = declaration_user(declaration, i, &old)); i++) {
        _cleanup_strv_ char **instances = NULL;

        r = bus_instances(bus, unit, &instances);
        if (r < 0)
            return busy(reterr_what,
                        strprintf("cannot ask systemd about %s: %s", unit, strerror(-r)));
        STRV_FOREACH (instance, instances)
            if (r == 0)
                r = check_unit(bus, declaration, *instance, old, reterr_what);
    }
    return r;
}

void in_use_revive(const Declaration *declaration, const LogContext *log)
{
    _cleanup_strv_ char **triggers = NULL;
    _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
    int r = 0;

    if (sd_booted() <= 0)
        return;
    r = bus_open(&bus);
    for (size_t i = 0; r == 0 && i < declaration->units.n_items; i++)
        r = bus_failed_triggers(bus, declaration->units.items[i].value, true, &triggers);
    for (size_t i = 0; r == 0 && i < declaration->activated.n_items; i++)
        if (!unit_is_template(declaration->activated.items[i].value))
            r = bus_failed_triggers(bus, declaration->activated.items[i].value, true, &triggers);
    STRV_FOREACH (trigger, triggers) {
        int started = bus_revive(bus, *trigger);

        if (started < 0)
            log_warning(log,
                        "%s failed while the service was held back, and cannot be started: %s. "
                        "Run: systemctl restart %s",
                        *trigger, strerror(-started), *trigger);
        else
            log_info(log, "%s failed while the service was held back, and was started again",
                     *trigger);
    }
    if (r < 0)
        log_warning(log,
                    "Cannot find sockets and paths that failed while the service was held back: "
                    "%s. To see them, run: systemctl --failed",
                    strerror(-r));
}

/* --- other processes ------------------------------------------------------------------------- */

/* Adds a tree to the survey. fd is the tree itself, or -1 if it does not exist yet. */
static int add_target(Survey *survey, const Place *place, int fd, bool close_fd)
{
    Target *target;
    struct stat st;
    int r;

    if (fd < 0)
        return 0;
    if (!ARRAY_GROW(survey->targets, survey->n_targets)) {
        if (close_fd)
            close(fd);
        return -ENOMEM;
    }
    target = survey->targets + survey->n_targets - 1;
    *target =
        (Target){.shown = place->path, .declared = place->directory, .fd = fd,
                 .close_fd = close_fd, .exclude = place->exclude};
    if (fstat(fd, &st) < 0)
        return -errno;
    target->device = st.st_dev;
    r = on_disk_find(fd, &target->on_disk);
    survey->blind = survey->blind || r == -ENOENT;
    return r == -ENOENT ? 0 : r;
}

/* Returns a text such as "A; B; and 3 more. First run: X; Y". */
static char *tell_holders(const Survey *survey)
{
    _cleanup_free_ char *holders = strv_join(survey->holders, "; "),
                        *remedies = strv_join(survey->remedies, "; ");

    if (!holders || !remedies)
        return NULL;
    if (survey->n_more == 0)
        return strprintf("%s. First run: %s", holders, remedies);
    return strprintf("%s; and %zu more. First run: %s", holders, survey->n_more, remedies);
}

static int check_places(const Place *places, size_t n_places, char *const *exempt,
                        char **reterr_what)
{
    _cleanup_(survey_free) Survey survey = {.proc_fd = -1, .exempt = exempt};
    int r = 0;

    for (size_t i = 0; r == 0 && i < n_places; i++)
        r = add_target(&survey, places + i, places[i].fd, false);
    if (r != 0 || survey.n_targets == 0)
        return r;
    r = survey_run_apart(&survey, PATIENCE_MSEC);
    if (r < 0)
        return r;
    return survey.holders ? busy(reterr_what, tell_holders(&survey)) : IN_USE_IDLE;
}

int in_use_check(const Declaration *declaration, const Place *places, size_t n_places,
                 char **reterr_what)
{
    int r = check_units(declaration, reterr_what);

    return r == IN_USE_IDLE ? check_places(places, n_places, NULL, reterr_what) : r;
}

/* Lists the units that migratectl start stops: the users of the state, what systemd stops with
 * them, and the sockets that start them. */
static int list_stopped(const Declaration *declaration, char ***list)
{
    _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
    const char *unit;
    int r = bus_open(&bus);

    for (size_t i = 0; r == 0 && (unit = declaration_user(declaration, i, NULL)); i++)
        r = bus_instances(bus, unit, list);
    for (size_t i = 0; r == 0 && *list && (*list)[i]; i++)
        r = bus_stopped_with(bus, (*list)[i], list);
    for (size_t i = 0, n = strv_length(*list); r == 0 && i < n; i++)
        r = bus_triggers(bus, (*list)[i], list);
    for (size_t i = 0; r == 0 && i < declaration->units.n_items; i++)
        r = strv_append_once(list, declaration->units.items[i].value);
    return r;
}

int in_use_check_others(const Declaration *declaration, const Place *places, size_t n_places,
                        char **reterr_what)
{
    _cleanup_strv_ char **stopped = NULL;
    int r = sd_booted() > 0 ? list_stopped(declaration, &stopped) : 0;

    return r < 0 ? r : check_places(places, n_places, stopped, reterr_what);
}

void in_use_report_holders(const Place *places, size_t n_places, const LogContext *log)
{
    _cleanup_(survey_free) Survey survey = {.proc_fd = -1, .readers = true};
    int r = 0;

    /* After PLACE_EXCHANGE, places[i].fd is the backup. After a move of single entries, the backup
     * is another directory. */
    for (size_t i = 0; r == 0 && i < n_places; i++)
        r = places[i].method == PLACE_EXCHANGE
                ? add_target(&survey, places + i, places[i].fd, false)
                : add_target(&survey, places + i,
                             directory_fd(places[i].transaction_fd, places[i].entry), true);
    if (r == 0 && survey.n_targets > 0)
        r = survey_run_apart(&survey, PATIENCE_MSEC);
    if (r < 0) {
        log_warning(log,
                    "Cannot find processes that still use the original, which is a backup now: %s",
                    strerror(-r));
        return;
    }
    STRV_FOREACH (holder, survey.holders)
        log_warning(log, "A process still uses the original, which is a backup now: %s", *holder);
    if (survey.n_more > 0)
        log_warning(log, "%zu more processes still use the original, which is a backup now",
                    survey.n_more);
}
