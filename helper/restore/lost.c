/* SPDX-License-Identifier: MIT */
/* Restores a state whose directories are missing or empty. Missing directories are made first, to
 * be exchanged with the backup; the empty directories do not become a backup. */
#include "restore/private.h"
#include "store/known.h"
#include "store/stamp.h"

#include <fcntl.h>

/* Returns 1 if the directory is missing or empty, 0 if not, or a negative errno. A stamp of another
 * service counts as content, since that service would have to know that its data is gone. */
static int is_nothing(const Place *place, const char *name)
{
    _cleanup_(stamps_free) Stamps stamps = {};
    int r = place->fd < 0 ? 0 : stamps_read(place->fd, name, &stamps);

    return r < 0 ? r : place->fd < 0 || (stamps.empty && !stamps.versions && !stamps.others);
}

/* With Stamp=store an empty directory can be a state, so one directory must be missing. */
int restore_find_lost(Restore *restore)
{
    const Run *run = restore->run;
    bool missing = false;

    if (restore->order->untouched || restore->order->onwards || run->n_places == 0)
        return 0;
    for (size_t i = 0; i < run->n_places; i++) {
        int r = is_nothing(run->places + i, run->store->name);

        if (r <= 0)
            return r;
        missing = missing || run->places[i].fd < 0;
    }
    restore->lost = missing || !run->declaration->stamp_in_store;
    return 0;
}

int restore_find_lost_version(Restore *restore)
{
    _cleanup_(known_record_free) Known known = {};
    int r = known_read(restore->run->store, &known);

    if (r < 0)
        return r;
    restore->version = strdup(r == 0 && known.version && version_is_valid(known.version)
                                  ? known.version
                                  : restore->backup->version);
    return restore->version ? 0 : -ENOMEM;
}

/* Opens the new directory as a place, which keeps the entry of the backup. */
static int find_anew(const Run *run, Place *place, char **reterr_what)
{
    _cleanup_(place_close) Place found = PLACE_NONE;
    char *entry = place->entry;
    Place was;
    int r = place_find_without(place->directory, &run->declaration->excludes, run->store->path,
                               run->store->name, &found, reterr_what);

    if (r == PLACE_REFUSED)
        return -EPERM;
    if (r < 0 || found.fd < 0)
        return r < 0 ? r : -ENOENT;
    if (!streq(found.base, place->base))
        return -EXDEV;
    if (place->method == PLACE_ENTRIES)
        found.method = PLACE_ENTRIES;
    place->entry = found.entry;
    found.entry = entry;
    was = *place;
    *place = found;
    found = was;
    return 0;
}

int restore_make_directories(Restore *restore, char **reterr_what)
{
    Run *run = restore->run;

    restore->made = calloc(run->n_places, sizeof(bool));
    if (!restore->made)
        return -ENOMEM;
    for (size_t i = 0; i < run->n_places; i++) {
        Place *place = run->places + i;
        int r;

        if (place->fd >= 0)
            continue;
        r = place_make_directory(place, 0, 0);
        restore->made[i] = r == 0;
        if (r == 0)
            r = find_anew(run, place, reterr_what);
        if (r < 0) {
            if (!*reterr_what)
                *reterr_what = strprintf("cannot create '%s': %s", place->directory, strerror(-r));
            return r;
        }
    }
    return 0;
}

void restore_unmake_directories(const Restore *restore)
{
    const Run *run = restore->run;

    if (!restore->made || store_has(run->store, RECORD_TRANSACTION))
        return;
    for (size_t i = 0; i < run->n_places; i++)
        if (restore->made[i] &&
            unlinkat(run->places[i].parent_fd, run->places[i].name, AT_REMOVEDIR) < 0)
            log_warning(&run->log, "Cannot remove %s, which was created for the restore: %s",
                        run->places[i].directory, strerror(errno));
}
