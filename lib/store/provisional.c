/* SPDX-License-Identifier: MIT */
/* The record of a provisional migration. */
#include "store/provisional.h"

#include "declare/version.h"
#include "system/bus.h"

#define TARGET "boot-complete.target"

int provisional_write(const Store *store, const char *id)
{
    _cleanup_json_ json_object *record = NULL;

    if (!id)
        return record_remove(store, RECORD_PROVISIONAL);
    record = json_object_new_object();
    json_add_string(record, "id", id);
    return json_string(record, "id") ? record_write(store, RECORD_PROVISIONAL, record) : -ENOMEM;
}

int provisional_read(const Store *store, char **ret)
{
    _cleanup_json_ json_object *record = NULL;
    int r = record_read(store, RECORD_PROVISIONAL, &record);
    const char *id = r == 0 ? json_string(record, "id") : NULL;

    *ret = NULL;
    if (r == 1)
        return 0;
    if (r < 0 || !id)
        return r < 0 ? r : -EBADMSG;
    *ret = strdup(id);
    return *ret ? 0 : -ENOMEM;
}

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

void provisional_note(const Store *store, const LogContext *log, const char *id, const char *from,
                      const char *to)
{
    /* FROM and TO of a state that software migrates itself compare as their beginnings do. */
    bool judged = version_compare(from, to) < 0 && boot_is_judged();
    int r = 0;

    if (judged || store_has(store, RECORD_PROVISIONAL))
        r = provisional_write(store, judged ? id : NULL);
    /* It may have been reached in between, and whoever forgets the records have gone by. */
    if (r == 0 && judged && !boot_is_judged())
        r = provisional_write(store, NULL);
    if (r < 0)
        log_warning(log, "%s/" RECORD_PROVISIONAL " cannot be written: %s", store->path,
                    strerror(-r));
}
