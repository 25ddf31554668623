/* SPDX-License-Identifier: MIT */
/* Judges backups. Keep= counts whole backups and, separately, backups of hooks. Incomplete and
 * damaged backups are never removed. */
#include "backup/pruning.h"

#include "place/place.h"
#include "system/system.h"

#include <time.h>

/* --- the rule, in pure functions -------------------------------------------------------------- */

BackupRule backup_rule(const Declaration *declaration, char *const *versions, bool unsure,
                       const ClockGaps *gaps)
{
    return (BackupRule){.keep = declaration ? declaration->keep : KEEP_DEFAULT,
                        .keep_for_usec =
                            declaration ? declaration->keep_for_usec : KEEP_FOR_DEFAULT,
                        .versions = versions,
                        .unsure = unsure,
                        .now = time_now(),
                        .gaps = gaps};
}

/* Is backup i the newest of a declared version? Spellings of a version count as one. */
static bool is_newest_declared(const Backups *backups, size_t i, const BackupRule *rule)
{
    const char *version = backups->items[i].version;

    for (char *const *declared = rule->versions; declared && *declared; declared++) {
        size_t j = 0;

        if (version_compare(*declared, version) != 0)
            continue;
        while (j < i && (backups->items[j].state != backups->items[i].state ||
                         version_compare(backups->items[j].version, version) != 0))
            j++;
        if (j == i)
            return true;
    }
    return false;
}

/* A time in the future is not old: the clock was set back. */
bool backup_rule_is_old(const BackupRule *rule, uint64_t time)
{
    return rule->keep_for_usec != UINT64_MAX && time < rule->now &&
           clock_gaps_age(rule->gaps, rule->now, time) > rule->keep_for_usec;
}

/* A backup of this boot is no older than the boot, whatever the clock has done since. */
static bool is_old(const Backup *backup, const BackupRule *rule)
{
    const ClockGaps *gaps = rule->gaps;

    /* A time that is far in the future is believed no more than a note of the clock that is. */
    return backup_rule_is_old(rule, backup->when > 0 ? backup->when : backup->time) &&
           !(gaps && streq_null(gaps->boot, backup->boot) && gaps->uptime <= rule->keep_for_usec);
}

static BackupFate judge_whole(const Backups *backups, size_t i, uint64_t newer,
                              const BackupRule *rule)
{
    const Backup *backup = backups->items + i;

    if (newer < rule->keep)
        return FATE_NEWEST;
    if (!is_old(backup, rule))
        return FATE_YOUNG;
    if (streq_null(backups->pending, backup->id))
        return FATE_PENDING;
    if (rule->unsure)
        return FATE_UNSURE;
    return is_newest_declared(backups, i, rule) ? FATE_VERSION : FATE_REMOVE;
}

void backups_judge(const Backups *backups, const BackupRule *rule, BackupFate *ret)
{
    uint64_t newer = 0, newer_hooks = 0;

    for (size_t i = 0; i < backups->n_items; i++) {
        const Backup *backup = backups->items + i;

        if (backups->in_flight) {
            ret[i] = FATE_IN_FLIGHT;
            continue;
        }
        switch (backup->state) {
        case BACKUP_WHOLE:
            ret[i] = judge_whole(backups, i, newer++, rule);
            break;
        case BACKUP_HOOKS:
            ret[i] = judge_whole(backups, i, newer_hooks++, rule);
            break;
        case BACKUP_FAILED:
            ret[i] = rule->unsure           ? FATE_UNSURE
                     : is_old(backup, rule) ? FATE_REMOVE
                                            : FATE_YOUNG;
            break;
        case BACKUP_REMOVING:
            ret[i] = FATE_FINISH;
            break;
        case BACKUP_INCOMPLETE:
            ret[i] = FATE_INCOMPLETE;
            break;
        case BACKUP_DAMAGED:
            ret[i] = FATE_DAMAGED;
            break;
        case BACKUP_IN_FLIGHT:
            ret[i] = FATE_IN_FLIGHT;
            break;
        case BACKUP_FOREIGN:
            ret[i] = FATE_FOREIGN;
            break;
        case BACKUP_UNKNOWN:
            ret[i] = FATE_UNKNOWN;
            break;
        }
    }
}

static const struct {
    const char *name, *reason;
} fates[] = {
    [FATE_REMOVE] = {"remove", "older than KeepFor=, not one of the Keep= newest, not needed"},
    [FATE_FINISH] = {"finish", "its removal has begun"},
    [FATE_NEWEST] = {"newest", "one of the Keep= newest"},
    [FATE_YOUNG] = {"young", "not older than KeepFor="},
    [FATE_VERSION] = {"version", "the newest of a version that an installed generation declares"},
    [FATE_PENDING] = {"pending", "the service has not started yet on the migrated state"},
    [FATE_UNSURE] = {"unsure", "the declared versions are not known"},
    [FATE_IN_FLIGHT] = {"in-flight", "a migration is running, or was cut off"},
    [FATE_INCOMPLETE] = {"incomplete", "not all of it is there: is a disk not mounted?"},
    [FATE_DAMAGED] = {"damaged", "its manifest is invalid"},
    [FATE_FOREIGN] = {"foreign", "another system made it"},
    [FATE_UNKNOWN] = {"unknown", "nothing says what it is"},
};

const char *backup_fate_name(BackupFate fate)
{
    return fates[fate].name;
}

const char *backup_fate_reason(BackupFate fate)
{
    return fates[fate].reason;
}

/* --- the backups of a service ----------------------------------------------------------------- */

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

int64_t pruning_note_transaction(void)
{
    _cleanup_(clock_record_free) ClockGaps gaps = {}, noted = {};
    int r = clock_gaps_read(NULL, &gaps);

    if (r == 0)
        r = pruning_note_clock(&noted);
    if (r == 0 && (gaps.seen == 0 || noted.seen < gaps.seen))
        r = clock_gaps_write(&noted);
    return r == 0 && noted.seen > time_now() ? (int64_t)noted.seen : -1;
}

/* Opens the store. If it is missing, but there are backups in other bases, makes the store if it is
 * going to be locked. */
static int open_store(const Declaration *declaration, const char *name, bool lock, Store *ret)
{
    _cleanup_(backups_free) Backups backups = {};
    int r = store_open(NULL, name, false, ret);

    if (r == -ENOENT && backups_look(NULL, declaration, ret, &backups) == 0 &&
        backups.n_items > 0) {
        if (!lock)
            return 0;
        store_close(ret);
        r = store_open(NULL, name, true, ret);
    }
    return r;
}

int pruning_look(const Generations *generations, const char *name, bool lock, Pruning *ret)
{
    const Declaration *declaration = generations_running(generations, name);
    _cleanup_(pruning_free) Pruning pruning = PRUNING_NONE;
    _cleanup_strv_ char **versions = NULL;
    BackupRule rule;
    int r = open_store(declaration, name, lock, &pruning.store);

    if (r == 0 && lock)
        r = store_lock(&pruning.store);
    if (r != 0)
        return r > 0 ? PRUNING_LOCKED : r;
    r = generations_versions(generations, name, &versions, &pruning.unsure);
    if (r >= 0)
        r = backups_look(NULL, declaration, &pruning.store, &pruning.backups);
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
