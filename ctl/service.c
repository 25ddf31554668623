/* SPDX-License-Identifier: MIT */
/* Looking at one service. What the helper would find is found here the same way, as far as that
 * goes without running a script. */
#include "service.h"

#include "attempt.h"
#include "bus.h"
#include "ctl.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <systemd/sd-daemon.h>

const char *condition_name(Condition condition)
{
    static const char *const names[] = {
        [CONDITION_CURRENT] = "current",
        [CONDITION_ACCEPTED] = "accepted",
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

int open_below_root(const char *path, int flags)
{
    _cleanup_close_ int root_fd =
        open(options.root ? options.root : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct open_how how = {.flags = (uint64_t)flags | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
    int fd;

    if (root_fd < 0)
        return -errno;
    /* SYS_openat2 is missing in glibc before 2.32. */
    fd = (int)syscall(__NR_openat2, root_fd, path, &how, sizeof(how));
    return fd < 0 ? -errno : fd;
}

sd_bus *service_bus(void)
{
    sd_bus *bus = NULL;

    if (options.root || sd_booted() <= 0 || bus_open(&bus) < 0)
        return NULL;
    return bus;
}

static void unit_info_free(UnitInfo *info)
{
    free(info->load);
    free(info->active);
    free(info->sub);
}

void service_free(Service *service)
{
    for (size_t i = 0; i < service->n_spots; i++)
        stamps_free(&service->spots[i].stamps);
    free(service->spots);
    store_close(&service->store);
    for (size_t i = 0; i < service->n_units; i++)
        unit_info_free(service->units + i);
    free(service->units);
    unit_info_free(&service->migration);
    free(service->migration_unit);
    free(service->migration_status);
    json_object_put(service->transaction);
    json_object_put(service->failed);
    json_object_put(service->post);
    json_object_put(service->history);
    free(service->fresh);
    free(service->version);
    plan_free(&service->plan);
    strv_free(service->reasons);
    free(service->what);
    free(service->next);
    *service = (Service){.store = STORE_NONE};
}

/* --- reading ---------------------------------------------------------------------------------- */

static int read_spots(Service *service)
{
    const Items *directories = &service->declaration->directories;

    for (size_t i = 0; i < directories->n_items; i++) {
        Spot *spot = ARRAY_GROW(service->spots, service->n_spots);
        _cleanup_close_ int fd = -1;

        if (!spot)
            return -ENOMEM;
        *spot = (Spot){.directory = directories->items[i].value, .stamps = {.empty = true}};
        fd = open_below_root(spot->directory, O_RDONLY | O_DIRECTORY);
        spot->error = fd < 0 ? fd : stamps_read(fd, service->declaration->name, &spot->stamps);
        if (spot->error == -ENOMEM)
            return -ENOMEM;
    }
    return 0;
}

/* Damaged or unreadable is for the helper to complain about; here it is not there. */
static int read_records(Service *service)
{
    int r;

    r = store_open(options.root, service->declaration->name, false, &service->store);
    if (r == -ENOMEM)
        return r;
    service->store_error = r;
    if (r < 0) {
        _cleanup_free_ char *path =
            strprintf("%s" STORE_DIRECTORY "/%s", options.root ? options.root : "",
                      service->declaration->name);

        service->store.path = TAKE_PTR(path);
        return service->store.path ? 0 : -ENOMEM;
    }
    if (record_read(&service->store, RECORD_TRANSACTION, &service->transaction) == -ENOMEM ||
        record_read(&service->store, RECORD_FAILED, &service->failed) == -ENOMEM ||
        record_read(&service->store, RECORD_POST, &service->post) == -ENOMEM ||
        history_read(&service->store, &service->history) == -ENOMEM ||
        fresh_read(&service->store, &service->fresh) == -ENOMEM)
        return -ENOMEM;
    return 0;
}

static void read_unit(sd_bus *bus, const char *unit, UnitInfo *ret)
{
    _cleanup_(unit_state_free) UnitState state = {};

    *ret = (UnitInfo){.unit = unit};
    if (!bus || bus_unit_state(bus, unit, &state) < 0)
        return;
    ret->load = TAKE_PTR(state.load);
    ret->active = TAKE_PTR(state.active);
    ret->sub = TAKE_PTR(state.sub);
}

static int read_units(Service *service, sd_bus *bus)
{
    const Items *lists[] = {&service->declaration->units, &service->declaration->old_units};

    for (size_t l = 0; l < ELEMENTSOF(lists); l++)
        for (size_t i = 0; i < lists[l]->n_items; i++) {
            UnitInfo *info = ARRAY_GROW(service->units, service->n_units);

            if (!info)
                return -ENOMEM;
            read_unit(bus, lists[l]->items[i].value, info);
            info->old = l == 1;
        }
    service->migration_unit = strprintf("migrate@%s.service", service->declaration->name);
    if (!service->migration_unit)
        return -ENOMEM;
    read_unit(bus, service->migration_unit, &service->migration);
    if (streq_null(service->migration.active, "activating")) {
        _cleanup_free_ char *path = NULL;

        if (sd_bus_path_encode("/org/freedesktop/systemd1/unit", service->migration_unit, &path) >=
                0 &&
            sd_bus_get_property_string(bus, "org.freedesktop.systemd1", path,
                                       "org.freedesktop.systemd1.Service", "StatusText", NULL,
                                       &service->migration_status) < 0)
            service->migration_status = NULL;
    }
    return 0;
}

/* --- judging ---------------------------------------------------------------------------------- */

/* Takes over what and next; NULL next: nothing to type. */
static int conclude(Service *service, Condition condition, char *what, char *next)
{
    service->condition = condition;
    free(service->what);
    free(service->next);
    service->what = what;
    service->next = next;
    return 0;
}

/* A command, as it has to be typed for the root that was looked at; NULL where it does not work on
 * a system that is not running. */
static char *type(const Service *service, const char *verb, const char *more)
{
    bool offline = streq(verb, "plan") || streq(verb, "check") || streq(verb, "adopt");

    if (options.root && !offline)
        return NULL;
    return strprintf("migratectl %s%s%s%s %s%s", options.root ? "--root=" : "",
                     options.root ? options.root : "", options.root ? " " : "", verb,
                     service->declaration->name, more);
}

/* "/var/lib/app at 1, /srv/app without a stamp" */
static char *describe_spots(const Service *service)
{
    _cleanup_string_ String s = {};
    char *text;

    for (size_t i = 0; i < service->n_spots; i++) {
        const Spot *spot = service->spots + i;
        _cleanup_free_ char *versions = strv_join(spot->stamps.versions, " and ");

        string_appendf(&s, "%s%s ", i > 0 ? ", " : "", spot->directory);
        if (spot->error)
            string_append(&s, spot->error == -ENOENT ? "is missing" : strerror(-spot->error));
        else if (spot->stamps.versions)
            string_appendf(&s, "is at %s", versions ? versions : "?");
        else
            string_append(&s, spot->stamps.empty ? "is empty" : "has no stamp");
    }
    return string_finish(&s, &text) < 0 ? NULL : text;
}

/* What the store remembers of a state that is gone. */
static const char *last_version(const Service *service)
{
    size_t n = service->history ? json_object_array_length(service->history) : 0;

    for (; n > 0; n--) {
        json_object *entry = json_object_array_get_idx(service->history, n - 1);

        if (streq_null(json_string(entry, "result"), result_name(RESULT_DONE)) &&
            json_string(entry, "to"))
            return json_string(entry, "to");
    }
    return NULL;
}

/* No place has a stamp. 1: the version is known all the same; 0: concluded. */
static int judge_unstamped(Service *service)
{
    const Declaration *declaration = service->declaration;
    bool empty = true;
    const char *known = NULL;

    for (size_t i = 0; i < service->n_spots; i++)
        empty = empty && service->spots[i].stamps.empty;
    if (empty && last_version(service))
        return conclude(service, CONDITION_MISSING,
                        strprintf("%s is empty or missing, but the state was at version %s once: "
                                  "is a disk not mounted?",
                                  service->spots[0].directory, last_version(service)),
                        NULL);
    if (empty)
        return conclude(service, CONDITION_FRESH,
                        strprintf("%s is %s: the software makes its own state, at version %s",
                                  service->spots[0].directory,
                                  service->spots[0].error == -ENOENT ? "missing" : "empty",
                                  declaration->version.value),
                        NULL);
    if (declaration->fresh_check.argv)
        return conclude(service, CONDITION_UNSTAMPED,
                        strprintf("no stamp yet; FreshCheck=%s finds out whether there is data, "
                                  "at the next start",
                                  declaration->fresh_check.argv[0]),
                        NULL);
    if (service->fresh && version_is_valid(service->fresh))
        known = service->fresh;
    else if (declaration->detect.argv)
        return conclude(service, CONDITION_UNSTAMPED,
                        strprintf("no stamp yet; Detect=%s finds out the version at the next start",
                                  declaration->detect.argv[0]),
                        NULL);
    else
        known = declaration->unversioned.value;
    if (!known)
        return conclude(service, CONDITION_UNKNOWN,
                        strprintf("there is data in %s but nothing says which version it has; "
                                  "nor is Detect= or Unversioned= declared",
                                  service->spots[0].directory),
                        type(service, "adopt", " VERSION"));
    service->version = strdup(known);
    service->assumed = true;
    return service->version ? 1 : -ENOMEM;
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
            return conclude(
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
    if (n_stamped < service->n_spots || !agree || !version_is_valid(version)) {
        _cleanup_free_ char *found = describe_spots(service);

        return conclude(service, CONDITION_DISAGREE,
                        strprintf("the places of the state do not agree: %s. Bring back what is "
                                  "missing, or say which version all of it has",
                                  found ? found : "?"),
                        type(service, "adopt", " VERSION"));
    }
    service->version = strdup(version);
    return service->version ? 1 : -ENOMEM;
}

/* Did exactly this attempt fail, and nobody said "retry"? */
static bool has_failed_before(const Service *service)
{
    if (!service->failed || json_integer(service->failed, "retry") != 0)
        return false;
    /* Fingerprints are of the files where they are used: they say nothing about another root. */
    if (options.root)
        return streq_null(json_string(service->failed, "from"), service->plan.from) &&
               streq_null(json_string(service->failed, "to"), service->plan.to);
    return strtoull(json_string(service->failed, "fingerprint")
                        ? json_string(service->failed, "fingerprint")
                        : "",
                    NULL, 16) == attempt_fingerprint(service->declaration, &service->plan);
}

static int judge_plan(Service *service)
{
    const Declaration *declaration = service->declaration;
    const char *declared = declaration->version.value;
    _cleanup_free_ char *what = NULL;
    bool accepted = declaration_accepts(declaration, service->version);
    int r;

    r = plan_build(declaration, service->version, &service->plan, &what);
    switch (r) {
    case PLAN_READY:
        break;
    case PLAN_CURRENT:
        if (!streq(service->version, declared))
            return conclude(service, CONDITION_PENDING,
                            strprintf("%s is another spelling of %s: the stamp is renamed at the "
                                      "next start",
                                      service->version, declared),
                            NULL);
        return conclude(service, CONDITION_CURRENT, NULL, NULL);
    case PLAN_GAP:
    case PLAN_SKIP:
    case PLAN_DOWNGRADE:
        if (accepted)
            return conclude(service, CONDITION_ACCEPTED, NULL, NULL);
        return conclude(service,
                        r == PLAN_GAP    ? CONDITION_GAP
                        : r == PLAN_SKIP ? CONDITION_SKIP
                                         : CONDITION_NEWER,
                        TAKE_PTR(what), type(service, "plan", ""));
    default:
        return r;
    }
    service->has_plan = true;
    service->approved = attempt_is_approved(declaration, &service->plan);
    r = attempt_needs_approval(declaration, &service->plan, &service->reasons);
    if (r < 0)
        return r;
    service->failed_before = has_failed_before(service);
    if (service->failed_before)
        return conclude(service, accepted ? CONDITION_ACCEPTED : CONDITION_FAILED,
                        strprintf("the migration failed on %s: %s",
                                  json_string(service->failed, "finished")
                                      ? json_string(service->failed, "finished")
                                      : "?",
                                  json_string(service->failed, "reason")
                                      ? json_string(service->failed, "reason")
                                      : "?"),
                        type(service, "retry", ""));
    if (accepted)
        return conclude(service, CONDITION_ACCEPTED,
                        strprintf("the software runs on version %s unchanged; it is moved on when "
                                  "somebody asks for it",
                                  service->version),
                        type(service, "start", ""));
    if (service->reasons && !service->approved)
        return conclude(service, CONDITION_APPROVAL, strv_join(service->reasons, "; "),
                        type(service, "plan", ""));
    return conclude(service, CONDITION_PENDING,
                    service->assumed ? strprintf("the state has no stamp; it is taken to be at %s",
                                                 service->version)
                                     : NULL,
                    type(service, "start", ""));
}

static int judge_flight(Service *service)
{
    bool running = streq_null(service->migration.active, "activating");

    if (running)
        return conclude(service, CONDITION_IN_FLIGHT,
                        strprintf("a migration is running%s%s",
                                  isempty(service->migration_status) ? "" : ": ",
                                  service->migration_status ? service->migration_status : ""),
                        type(service, "start", ""));
    return conclude(service, CONDITION_IN_FLIGHT,
                    strdup("a migration was cut off; it is settled, and tried again, at the next "
                           "start"),
                    type(service, "start", ""));
}

/* A mask defers what would have to be done; where nothing is, it does no harm. */
static int judge_mask(Service *service)
{
    switch (service->condition) {
    case CONDITION_PENDING:
    case CONDITION_FRESH:
    case CONDITION_UNSTAMPED:
    case CONDITION_APPROVAL:
    case CONDITION_IN_FLIGHT:
        return conclude(service, CONDITION_DEFERRED,
                        strprintf("%s is masked, so nothing is migrated and the service stays down",
                                  service->migration_unit),
                        strprintf("systemctl unmask %s", service->migration_unit));
    default:
        return 0;
    }
}

static int judge(Service *service, const char *from)
{
    const Declaration *declaration = service->declaration;
    int r;

    if (declaration_is_broken(declaration)) {
        const Problems *problems = &declaration->problems;

        return conclude(service, CONDITION_INVALID,
                        problems->n_items > 0 ? problem_format(problems->items) : NULL,
                        type(service, "check", ""));
    }
    if (from) {
        service->version = strdup(from);
        r = service->version ? 1 : -ENOMEM;
    } else
        r = declaration->version.value ? judge_stamps(service) : 0;
    if (r < 0)
        return r;
    if (!declaration->version.value)
        return conclude(service, CONDITION_INERT,
                        strdup("there is no Version=, so the declaration does nothing yet"),
                        type(service, "enable", ""));
    if (r == 1)
        r = judge_plan(service);
    if (r < 0 || from)
        return r;
    if (service->transaction || streq_null(service->migration.active, "activating"))
        r = judge_flight(service);
    if (r == 0 && streq_null(service->migration.load, "masked"))
        r = judge_mask(service);
    return r;
}

int service_look(const Declaration *declaration, sd_bus *bus, const char *from, Service *ret)
{
    _cleanup_(service_free) Service service = {.declaration = declaration, .store = STORE_NONE};
    int r;

    r = read_spots(&service);
    if (r == 0)
        r = read_records(&service);
    if (r == 0)
        r = read_units(&service, bus);
    if (r == 0)
        r = judge(&service, from);
    if (r < 0)
        return r;
    *ret = service;
    service = (Service){.store = STORE_NONE};
    return 0;
}
