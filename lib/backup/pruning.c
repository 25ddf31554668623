/* SPDX-License-Identifier: MIT */
/* Applies the rule for removing backups to the backups of a service. */
#include "backup/pruning.h"

#include "place/place.h"
#include "system/system.h"

#include <time.h>

void pruning_free(Pruning *pruning)
{
    backups_free(&pruning->backups);
    free(pruning->fates);
    free(pruning->unsure);
    clock_record_free(&pruning->gaps);
    store_close(&pruning->store);
}

int pruning_note_clock(ClockGaps *ret)
{
    _cleanup_free_ char *boot = system_boot_id();
    struct timespec ts = {};
    int r = clock_gaps_read(NULL, ret);

    (void)clock_gettime(CLOCK_BOOTTIME, &ts);
    if (r == 0)
        r = clock_gaps_note(ret, time_now(), boot,
                            (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000);
    return r;
}

int pruning_find_bases(const Declaration *declaration, const Store *store, char ***ret)
{
    for (size_t i = 0; declaration && i < declaration->directories.n_items; i++) {
        _cleanup_(place_close) Place place = PLACE_NONE;
        _cleanup_free_ char *what = NULL;

        if (place_find_without(declaration->directories.items[i].value, &declaration->excludes,
                               store->path, store->name, &place, &what) == PLACE_FOUND &&
            place.base && strv_append(ret, place.base) < 0)
            return -ENOMEM;
    }
    return 0;
}

int pruning_look(const Generations *generations, const char *name, bool lock, Pruning *ret)
{
    const Declaration *declaration = generations_running(generations, name);
    _cleanup_(pruning_free) Pruning pruning = PRUNING_NONE;
    _cleanup_strv_ char **bases = NULL, **versions = NULL;
    BackupRule rule;
    int r = store_open(NULL, name, false, &pruning.store);

    if (r == 0 && lock)
        r = store_lock(&pruning.store);
    if (r != 0)
        return r > 0 ? PRUNING_LOCKED : r;
    r = generations_versions(generations, name, &versions, &pruning.unsure);
    if (r >= 0)
        r = pruning_find_bases(declaration, &pruning.store, &bases);
    if (r == 0)
        r = backups_read(NULL, &pruning.store, bases, &pruning.backups);
    if (r == 0)
        r = pruning_note_clock(&pruning.gaps);
    if (r < 0)
        return r;
    pruning.fates = calloc(pruning.backups.n_items + 1, sizeof(BackupFate));
    if (!pruning.fates)
        return -ENOMEM;
    rule = backup_rule(declaration, versions, pruning.unsure != NULL, &pruning.gaps);
    backups_judge(&pruning.backups, &rule, pruning.fates);
    *ret = pruning;
    pruning = (Pruning)PRUNING_NONE;
    return PRUNING_LOOKED;
}
