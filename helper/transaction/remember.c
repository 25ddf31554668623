/* SPDX-License-Identifier: MIT */
/* The last-seen record. It tells a fresh installation from an unmounted disk, another Directory=
 * and a lost directory. */
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

/* The first directory that is not declared any more. */
static const char *left_directory(const Run *run, const Known *known)
{
    STRV_FOREACH (directory, known->directories) {
        bool declared = false;

        for (size_t i = 0; i < run->n_places; i++)
            declared = declared || streq(run->places[i].directory, *directory);
        if (!declared)
            return *directory;
    }
    return NULL;
}

char *remember_describe_elsewhere(const Run *run, const Known *known)
{
    const char *left = left_directory(run, known);

    return left ? strprintf(". It was in %s then. To move it here, declare FormerDirectory=%s",
                            left, left)
                : strdup("");
}

char *remember_describe_missing(const Run *run, const Known *known)
{
    const char *name = run->declaration->name;
    _cleanup_free_ char *elsewhere = remember_describe_elsewhere(run, known);

    if (!elsewhere)
        return NULL;
    return strprintf("%s is empty or missing, but the state was at version %s%s. If it is on a "
                     "disk that is not mounted, mount the disk. If the data is lost, restore a "
                     "backup: migratectl backups %s lists them, migratectl restore %s ID restores "
                     "one. To start without the data, run: migratectl forget %s",
                     run->where, known->version ? known->version : "?", elsewhere, name, name,
                     name);
}
