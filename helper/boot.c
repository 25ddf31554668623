/* SPDX-License-Identifier: MIT */
/* Makes provisional migrations final, because the boot was found good or the system is in use. */
#include "session/session.h"
#include "store/provisional.h"
#include "system/bus.h"
#include "system/system.h"
#include "verbs.h"

#include <fcntl.h>

/* A failing boot fails within an hour. After an hour of use, a restore would lose somebody's
 * work. */
#define PROVISIONAL_USEC UINT64_C(3600000000)

/* Asks PID 1 for the time of the boot, since a container's clocks begin with the host's boot. */
static bool is_long_up(void)
{
    _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
    uint64_t begun;

    return bus_open(&bus) < 0 || bus_boot_usec(bus, &begun) < 0 ||
           time_monotonic() >= begun + PROVISIONAL_USEC;
}

/* Says whether a later boot runs the software that migrated the state. An older system, which may
 * want its data back, declares another version. */
static bool is_booted_again(const ProvisionalRecord *record, const Declaration *declaration)
{
    _cleanup_free_ char *boot = system_boot_id();

    return declaration && record->to && declaration->version.value && record->boot && boot &&
           !streq(record->boot, boot) &&
           version_compare(record->to, declaration->version.value) == 0;
}

/* declarations NULL: the boot was found good. */
static int end_one(const char *name, const Declarations *declarations)
{
    _cleanup_store_ Store store = STORE_NONE;
    _cleanup_(provisional_record_free) ProvisionalRecord record = {};
    int r = store_open(NULL, name, false, &store);

    if (r < 0 || !store_has(&store, RECORD_PROVISIONAL))
        return r;
    if (declarations && !is_long_up()) {
        r = provisional_record_read(&store, RECORD_PROVISIONAL, &record);
        if (r < 0 || !is_booted_again(&record, declarations_find(declarations, name)))
            return r;
    }
    return provisional_end(&store);
}

static Result end(const char *name, const Declarations *declarations)
{
    int r = end_one(name, declarations);

    if (r == 0 || r == -ENOENT || r == -ENOTDIR)
        return RESULT_DONE;
    log_error(&(LogContext){.service = name},
              "Cannot forget that the migration of %s was provisional: %s", name, strerror(-r));
    return RESULT_FAILED;
}

static Result end_all(const Declarations *declarations)
{
    _cleanup_strv_ char **names = NULL;
    Result result = RESULT_DONE;
    int r = stores_list(NULL, &names);

    if (r < 0) {
        fprintf(stderr, "cannot list " STORE_DIRECTORY ": %s\n", strerror(-r));
        return RESULT_FAILED;
    }
    STRV_FOREACH (name, names)
        if (end(*name, declarations) != RESULT_DONE)
            result = RESULT_FAILED;
    return result;
}

int verb_boot_complete(char **arguments)
{
    return arguments[0] ? end(arguments[0], NULL) : end_all(NULL);
}

int verb_boot_used(char **arguments)
{
    _cleanup_(declarations_free) Declarations declarations = {};
    int r = declarations_read(NULL, &declarations);

    if (r < 0) {
        fprintf(stderr, "cannot read the declarations: %s\n", strerror(-r));
        return RESULT_FAILED;
    }
    return end_all(&declarations);
}
