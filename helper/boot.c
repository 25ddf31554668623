/* SPDX-License-Identifier: MIT */
/* Asking PID 1 whether the boot is being judged, and hearing that it is good. */
#include "boot.h"

#include "system/bus.h"
#include "store/provisional.h"

#include <dirent.h>
#include <fcntl.h>

#define TARGET "boot-complete.target"

/* Is boot-complete.target waited for? Where nobody judges boots it has no job, at no time. */
static bool boot_is_judged(void)
{
    sd_bus *bus = NULL;
    bool judged;

    if (bus_open(&bus) < 0)
        return false;
    judged = bus_unit_has_job(bus, TARGET) > 0;
    sd_bus_flush_close_unref(bus);
    return judged;
}

void boot_note(const Flight *flight)
{
    /* FROM and TO of a state that software migrates itself compare as their beginnings do. */
    bool up = version_compare(flight->from, flight->to) < 0;
    const char *id = up && boot_is_judged() ? flight->id : NULL;
    int r = 0;

    if (id || store_has(flight->store, RECORD_PROVISIONAL))
        r = provisional_write(flight->store, id);
    /* It may have been reached in between, and whoever forgets the records have gone by. */
    if (r == 0 && id && !boot_is_judged())
        r = provisional_write(flight->store, NULL);
    if (r < 0)
        log_warning(flight->log, "%s/" RECORD_PROVISIONAL " cannot be written: %s",
                    flight->store->path, strerror(-r));
}

static int forget(const char *name)
{
    _cleanup_store_ Store store = STORE_NONE;
    int r = store_open(NULL, name, false, &store);

    if (r < 0 || !store_has(&store, RECORD_PROVISIONAL))
        return r;
    return provisional_write(&store, NULL);
}

int verb_boot_complete(void)
{
    _cleanup_closedir_ DIR *dir = opendir(STORE_DIRECTORY);
    struct dirent *de;
    int result = RESULT_DONE;

    while (dir && (de = readdir(dir))) {
        int r = declaration_name_is_valid(de->d_name) ? forget(de->d_name) : 0;

        if (r == 0 || r == -ENOENT || r == -ENOTDIR)
            continue;
        log_error(&(LogContext){.service = de->d_name},
                  "Cannot forget that the migration of %s was provisional: %s", de->d_name,
                  strerror(-r));
        result = RESULT_FAILED;
    }
    return result;
}
