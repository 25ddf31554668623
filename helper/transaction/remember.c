/* SPDX-License-Identifier: MIT */
/* Writes the last-seen record, which tells a fresh installation from an unmounted disk, another
 * Directory= or a lost directory. */
#include "transaction/remember.h"

#include "store/software.h"

static int remember(const Store *store, const char *version, const Place *places, size_t n_places)
{
    _cleanup_strv_ char **directories = NULL;

    for (size_t i = 0; i < n_places; i++)
        if (strv_append(&directories, places[i].directory) < 0)
            return -ENOMEM;
    return known_write(store, version, directories);
}

int remember_flight(const Flight *flight)
{
    int r = remember(flight->store, flight->to, flight->places, flight->n_places);

    return r == 0 ? software_remember(flight->store, flight->to, flight->record.software_to) : r;
}

void remember_run(const Run *run, const char *version)
{
    int r = remember(run->store, version, run->places, run->n_places);

    if (r < 0)
        log_warning(&run->log, "Cannot write %s/" RECORD_KNOWN ": %s", run->store->path,
                    strerror(-r));
}
