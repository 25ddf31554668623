/* SPDX-License-Identifier: MIT */
/* Reads and writes the record of a provisional migration. */
#include "store/provisional.h"

#include "declare/version.h"
#include "store/record-table.h"
#include "system/bus.h"
#include "system/system.h"

#define TARGET "boot-complete.target"

#define RECORD ProvisionalRecord
static const RecordField fields[] = {STRING("id", id, FIELD_REQUIRED), STRING("to", to, 0),
                                     STRING("boot", boot, 0)};
RECORD_TYPE(provisional_record_type, fields);

int provisional_end(const Store *store)
{
    return store_has(store, RECORD_PROVISIONAL) ? record_remove(store, RECORD_PROVISIONAL) : 0;
}

int provisional_read(const Store *store, char **ret)
{
    ProvisionalRecord record = {};
    int r = provisional_record_read(store, RECORD_PROVISIONAL, &record);

    *ret = TAKE_PTR(record.id);
    provisional_record_free(&record);
    return MIN(r, 0);
}

/* Will this boot be judged good or bad? Then boot-complete.target has a job. */
static bool boot_is_judged(void)
{
    _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;

    return bus_open(&bus) == 0 && bus_unit_has_job(bus, TARGET) > 0;
}

void provisional_note(const Store *store, const LogContext *log, const char *id, const char *from,
                      const char *to)
{
    /* A stamp FROM::TO compares by its first version. */
    bool judged = version_compare(from, to) < 0 && boot_is_judged();
    _cleanup_free_ char *boot = judged ? system_boot_id() : NULL;
    int r = judged ? provisional_record_write(
                         store, RECORD_PROVISIONAL,
                         &(ProvisionalRecord){.id = (char *)id, .to = (char *)to, .boot = boot})
                   : provisional_end(store);

    /* If the target was reached meanwhile, migrate-boot-complete.service may have run before there
     * was a record to remove. */
    if (r == 0 && judged && !boot_is_judged())
        r = provisional_end(store);
    if (r < 0)
        log_warning(log, "Cannot write %s/" RECORD_PROVISIONAL ": %s", store->path, strerror(-r));
}
