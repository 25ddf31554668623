/* SPDX-License-Identifier: MIT */
/* Looking at one service: directories, records, units. */
#include "look/service.h"

#include "declare/kernel-command-line.h"
#include "store/rehearsal.h"
#include "system/bus.h"
#include "terminal/options.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <systemd/sd-daemon.h>

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
    transaction_record_free(&service->transaction);
    transaction_record_free(&service->failed);
    interruption_record_free(&service->interrupted);
    post_record_free(&service->post);
    history_free(&service->history);
    free(service->fresh);
    approval_free(&service->approval);
    deferral_free(&service->deferral);
    free(service->version);
    plan_free(&service->plan);
    route_free(&service->route);
    free(service->extra);
    strv_free(service->reasons);
    strv_free(service->space);
    free(service->what);
    free(service->next);
    free(service->rehearsed);
    *service = (Service){.store = STORE_NONE};
}

/* Where the one stamp is in the store it counts for every directory. */
static int take_stored_stamps(Service *service, Spot *spot)
{
    _cleanup_(stamps_free) Stamps stored = {};
    _cleanup_close_ int fd =
        open_below_root(service->declaration->stamps.items[0].value, O_RDONLY | O_DIRECTORY);
    int r = fd < 0 ? fd : stamps_read(fd, service->declaration->name, &stored);

    if (r < 0 && r != -ENOENT)
        return r;
    stored.empty = spot->stamps.empty;
    stamps_free(&spot->stamps);
    spot->stamps = stored;
    stored = (Stamps){};
    return 0;
}

static int read_spot(Service *service, const char *directory, bool is_data)
{
    const Declaration *declaration = service->declaration;
    Spot *spot = ARRAY_GROW(service->spots, service->n_spots);
    _cleanup_close_ int fd = -1;

    if (!spot)
        return -ENOMEM;
    *spot = (Spot){.directory = directory, .stamps = {.empty = is_data}};
    if (is_data) {
        fd = open_below_root(directory, O_RDONLY | O_DIRECTORY);
        spot->error = fd < 0 ? fd : stamps_read(fd, declaration->name, &spot->stamps);
    }
    if (spot->error == 0 && declaration->stamp_in_store)
        spot->error = take_stored_stamps(service, spot);
    return spot->error == -ENOMEM ? -ENOMEM : 0;
}

/* What lies there is the host's: whether there is any says nothing. */
static int read_lodging(Service *service, size_t i)
{
    const Declaration *declaration = service->declaration;
    Spot *spot = ARRAY_GROW(service->spots, service->n_spots);
    _cleanup_close_ int fd = -1;

    if (!spot)
        return -ENOMEM;
    *spot = (Spot){.directory = declaration->stamps.items[declaration->n_own_stamps + i].value,
                   .host = declaration->within.items[i].value};
    fd = open_below_root(spot->directory, O_RDONLY | O_DIRECTORY);
    spot->error = fd < 0 ? fd : stamps_read(fd, declaration->name, &spot->stamps);
    spot->stamps.empty = true;
    return spot->error == -ENOMEM ? -ENOMEM : 0;
}

static int read_lodgings(Service *service)
{
    const Declaration *declaration = service->declaration;
    int r = 0;

    for (size_t i = 0; r == 0 && i + declaration->n_own_stamps < declaration->stamps.n_items; i++)
        r = read_lodging(service, i);
    return r;
}

/* A state without directories is in a spot of its own, about which only the stamp says anything. */
static int read_spots(Service *service)
{
    const Items *directories = &service->declaration->directories;

    if (directories->n_items == 0)
        return service->declaration->stamps.n_items > 0
                   ? read_spot(service, service->declaration->stamps.items[0].value, false)
                   : 0;
    for (size_t i = 0; i < directories->n_items; i++) {
        int r = read_spot(service, directories->items[i].value, true);

        if (r < 0)
            return r;
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
    r = transaction_record_read(&service->store, RECORD_TRANSACTION, &service->transaction);
    service->has_transaction = r == 0;
    if (r != -ENOMEM)
        r = transaction_record_read(&service->store, RECORD_FAILED, &service->failed);
    service->has_failed = r == 0;
    if (r != -ENOMEM)
        r = interruption_record_read(&service->store, RECORD_INTERRUPTED, &service->interrupted);
    service->has_interrupted = r == 0;
    if (r != -ENOMEM)
        r = post_record_read(&service->store, RECORD_POST, &service->post);
    service->has_post = r == 0;
    if (r == -ENOMEM || history_read(&service->store, &service->history) == -ENOMEM ||
        fresh_read(&service->store, &service->fresh) == -ENOMEM ||
        approval_read(&service->store, RECORD_APPROVED, &service->approval) == -ENOMEM)
        return -ENOMEM;
    r = deferral_read(&service->store, &service->deferral);
    service->has_deferral = r == 0;
    return r < 0 ? r : 0;
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

/* The condition of migrate@.service: with migrate=off nothing is migrated on this boot. */
bool migrations_are_off(void)
{
    return kernel_command_line_has("migrate=off", true);
}

bool migrations_are_manual(void)
{
    return !options.root && kernel_command_line_has("migrate=manual", true);
}

/* About what is pending; NULL: nothing was rehearsed, or the record cannot be read. */
static char *describe_rehearsal(const Service *service)
{
    _cleanup_(rehearsal_record_free) RehearsalRecord record = {};

    if (!service->has_plan ||
        rehearsal_record_read(&service->store, RECORD_REHEARSAL, &record) != 0 ||
        record.verdict == VERDICT_NOTHING)
        return NULL;
    return rehearsal_describe(&record, service->plan.from, service->plan.to, &service->fingerprint,
                              time_now());
}

int service_look(const Declaration *declaration, sd_bus *bus, const char *from, Service *ret)
{
    _cleanup_(service_free) Service service = {.declaration = declaration, .store = STORE_NONE};
    int r;

    r = read_spots(&service);
    if (r == 0)
        r = read_lodgings(&service);
    if (r == 0)
        r = read_records(&service);
    if (r == 0)
        r = read_units(&service, bus);
    if (r == 0)
        r = service_judge(&service, from);
    if (r < 0)
        return r;
    service.rehearsed = from ? NULL : describe_rehearsal(&service);
    *ret = service;
    service = (Service){.store = STORE_NONE};
    return 0;
}
