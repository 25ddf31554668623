/* SPDX-License-Identifier: MIT */
/* Removes backups that are not needed any more.
 *
 *   judge    take the lock, but never wait for the lock, and choose the backups
 *   mark     rename BACKUPS/ID to BACKUPS/.removing-ID, in the store first, and sync the names
 *   unlock   so that no migration waits while a million files are removed
 *   remove   remove the marked directories, in the store last: the manifest there names the others
 *
 * A backup counts as removed as soon as it is marked in the store: if a run is cut off, the next
 * run finds the mark and continues. Nothing is removed before its mark is on disk, so that a power
 * cut never brings back the name of half a tree. docs/design.md has the table. */
#include "backup/pruning.h"
#include "basic/directory.h"
#include "place/place.h"
#include "prune-applied.h"
#include "session/session.h"
#include "state/rehearsal-left.h"
#include "tree/tree.h"
#include "verbs.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <sys/file.h>

typedef struct Prune {
    Pruning pruning;
    const char
        *forgotten; /* only this backup is removed, since an operator forgets it; NULL: the rule */
    LogContext log;
} Prune;

static void prune_close(Prune *prune)
{
    pruning_free(&prune->pruning);
}

static int complain_base(const Prune *prune, const char *doing, const char *base, const char *name,
                         int r)
{
    log_warning(&prune->log, "Cannot %s '%s/backups/%s': %s", doing, base, name,
                r == -EBUSY ? "something is mounted in it" : strerror(-r));
    return r;
}

/* --- mark ---------------------------------------------------------------------------------- */

/* Returns the name of a marked backup. A forgotten backup gets a name of its own: if a missing part
 * comes back, no later run takes the part for a part of what is being removed. */
static char *marked_name(const Prune *prune, const Backup *backup)
{
    /* mutation: forgotten-name */
    return strprintf(BACKUP_REMOVING_PREFIX "%s%s", backup->id,
                     prune->forgotten ? BACKUP_FORGOTTEN_SUFFIX : "");
}

static int mark_in(const Prune *prune, const Backup *backup, const char *base)
{
    _cleanup_close_ int fd = backup_open_base(NULL, &prune->pruning.store, base);
    _cleanup_free_ char *marked = marked_name(prune, backup),
                        *removing = strprintf(BACKUP_REMOVING_PREFIX "%s", backup->id);
    int r = 0;

    if (!marked || !removing)
        return -ENOMEM;
    if (fd == -ENOENT)
        return 0; /* a disk is missing: remove_marked() keeps the manifest */
    if (fd < 0)
        r = fd;
    /* mutation: rename-backup */
    else if (renameat(fd, backup->id, fd, marked) < 0 && errno != ENOENT)
        r = -errno;
    /* A removal that cannot end, since a part is missing, is forgotten, too. */
    else if (prune->forgotten && backup->state == BACKUP_REMOVING &&
             renameat(fd, removing, fd, marked) < 0 && errno != ENOENT)
        r = -errno;
    /* A name that is marked already is synced, too: the run that marked it may have been cut off
     * before its fsync(). */
    else if (fsync(fd) < 0) /* mutation: sync-backup-name */
        r = -errno;
    return r < 0 ? complain_base(prune, "rename", base, backup->id, r) : 0;
}

/* Marks a backup in all its bases, the store first: without a mark in the store, nothing is
 * touched. The manifest may name bases that could not be read when the backups were listed. */
static int mark(const Prune *prune, const Backup *backup)
{
    int r = prune->forgotten ? 0 : backup_adopt(&prune->pruning.store, backup);

    if (r < 0)
        return complain_base(prune, "write the manifest of", backup->bases[0], backup->id, r);
    /* A backup that was found is in the store only now. */
    if (backup->found && !prune->forgotten)
        r = mark_in(prune, backup, prune->pruning.backups.bases[0]);
    STRV_FOREACH (base, backup->bases)
        if (r == 0)
            r = mark_in(prune, backup, *base);
    for (size_t i = 0; r == 0 && i < backup->n_places; i++)
        if (!strv_contains(backup->bases, backup->places[i].base))
            r = mark_in(prune, backup, backup->places[i].base);
    return r;
}

/* --- remove -------------------------------------------------------------------------------- */

enum { NOT_THERE = 1 };

/* Removes the marked backup from one base. Returns 0, NOT_THERE if the base is missing, or a
 * negative errno. */
static int remove_in(const Prune *prune, const Backup *backup, const char *base)
{
    _cleanup_close_ int fd = backup_open_base(NULL, &prune->pruning.store, base);
    _cleanup_free_ char *marked = marked_name(prune, backup);
    int r = fd;

    if (!marked)
        return -ENOMEM;
    if (fd == -ENOENT && place_base_is_mounted(base))
        return 0; /* the base is removed once it is empty */
    if (fd == -ENOENT) {
        log_info(&prune->log, "'%s' is missing, so the rest of the backup %s is not removed yet",
                 base, backup->id);
        return NOT_THERE;
    }
    if (fd >= 0)
        r = tree_remove(fd, marked);
    /* Sync before the manifest is removed: only the manifest names this base. */
    if (r == 0 && fsync(fd) < 0)
        r = -errno;
    return r < 0 ? complain_base(prune, "remove", base, marked, r) : 0;
}

static int worse(int a, int b)
{
    return a < 0 || b == 0 ? a : b;
}

static int remove_marked(const Prune *prune, const Backup *backup)
{
    const char *store_base = prune->pruning.backups.bases[0];
    int result = 0;

    STRV_FOREACH (base, backup->bases)
        if (!streq(*base, store_base))
            result = worse(result, remove_in(prune, backup, *base));
    /* Bases on a missing disk are not listed, but the manifest names them. */
    for (size_t i = 0; i < backup->n_places; i++)
        if (!strv_contains(backup->bases, backup->places[i].base))
            result = worse(result, remove_in(prune, backup, backup->places[i].base));
    if (result == NOT_THERE && prune->forgotten)
        result = 0; /* if its disk comes back, so does the backup: its manifest is beside it */
    if (result == 0 &&
        ((backup->found && !prune->forgotten) || strv_contains(backup->bases, store_base)))
        result = remove_in(prune, backup, store_base);
    return result;
}

static void report_removed(const Prune *prune, const Backup *backup)
{
    LogContext log = prune->log;

    log.transaction = backup->id;
    log.from = backup->version;
    if (!backup->version)
        log_event(&log, LOG_NOTICE, MESSAGE_PRUNED, RESULT_DONE,
                  "Removed the rest of a backup of %s: %s", log.service, backup->id);
    else if (backup->state == BACKUP_FAILED)
        log_event(&log, LOG_NOTICE, MESSAGE_PRUNED, RESULT_DONE,
                  "Removed the clone of a failed migration of %s: %s, at version %s, from %s",
                  log.service, backup->id, backup->version, backup->finished);
    else
        log_event(&log, LOG_NOTICE, MESSAGE_PRUNED, RESULT_DONE,
                  "Removed a backup of %s: %s, at version %s, from %s", log.service, backup->id,
                  backup->version, backup->finished);
}

/* --- one service --------------------------------------------------------------------------- */

static void report_left(const Prune *prune)
{
    const Backups *backups = &prune->pruning.backups;

    STRV_FOREACH (unreadable, backups->unreadable)
        log_warning(&prune->log, "%s", *unreadable);
    for (size_t i = 0; i < backups->n_items; i++) {
        const Backup *backup = backups->items + i;
        BackupFate fate = prune->pruning.fates[i];

        if (backup_fate_leaves(fate))
            log_event(&prune->log,
                      fate == FATE_INCOMPLETE || fate == FATE_FOREIGN ? LOG_INFO : LOG_WARNING,
                      NULL, -1, "'%s/backups/%s' is not removed: %s", backup->bases[0], backup->id,
                      backup->what ? backup->what : backup_fate_reason(fate));
    }
    if (prune->pruning.unsure)
        log_warning(&prune->log,
                    "No backup of %s is removed, since the versions that are still declared are "
                    "not known: %s",
                    prune->log.service, prune->pruning.unsure);
}

/* Writes manifests that are missing, so that they outlive the store, and the store knows them. An
 * incomplete backup that was found may be one of another system. */
static void adopt(const Prune *prune, const Backup *backup)
{
    const Store *store = &prune->pruning.store;
    int r = 0;

    if (prune->forgotten || (backup->found && backup->state != BACKUP_WHOLE))
        return;
    r = backup_adopt(store, backup);
    if (r == 0)
        r = backup_describe(store, backup);
    if (r < 0)
        (void)complain_base(prune, "write the manifests of", backup->bases[0], backup->id, r);
}

static int mark_all(Prune *prune)
{
    Pruning *pruning = &prune->pruning;
    int result = RESULT_DONE;

    for (size_t i = 0; i < pruning->backups.n_items; i++) {
        if (!backup_fate_removes(pruning->fates[i])) {
            adopt(prune, pruning->backups.items + i);
            continue;
        }
        if (mark(prune, pruning->backups.items + i) < 0) {
            pruning->fates[i] = FATE_UNKNOWN;
            result = RESULT_FAILED;
        }
    }
    return result;
}

/* Removes the clones of a rehearsal, even those that were kept: a clone is not a backup. */
static int drop_rehearsal(const Prune *prune)
{
    int r = rehearsal_drop(&prune->pruning.store, true);

    if (r == 0)
        log_info(&prune->log, "Removed the clone of a rehearsal of %s", prune->log.service);
    else if (r < 0)
        log_warning(&prune->log, "Cannot remove the clone of a rehearsal of %s: %s",
                    prune->log.service, strerror(-r));
    return r;
}

/* Chooses only the backup that is to be forgotten. */
static Result choose_forgotten(Prune *prune)
{
    Pruning *pruning = &prune->pruning;
    const Backup *backup = backups_find(&pruning->backups, prune->forgotten);

    if (!backup || !backup_is_forgettable(backup)) {
        log_error(&prune->log, "The backup %s of %s is not forgotten: %s", prune->forgotten,
                  prune->log.service,
                  !backup ? "there is no such backup"
                          : "nothing of it is missing, and this system made it");
        return RESULT_REFUSED;
    }
    for (size_t i = 0; i < pruning->backups.n_items; i++)
        pruning->fates[i] = pruning->backups.items + i == backup ? FATE_REMOVE : FATE_NEWEST;
    return RESULT_DONE;
}

static int prune_opened(const Generations *generations, Prune *prune)
{
    const Pruning *pruning = &prune->pruning;
    int result, r;

    if (pruning->backups.in_flight) {
        log_info(&prune->log,
                 "No backup of %s is removed: a migration was cut off. To finish or undo it, run: "
                 "systemctl start migrate@%s",
                 prune->log.service, prune->log.service);
        return RESULT_BUSY;
    }
    r = prune->forgotten ? choose_forgotten(prune) : RESULT_DONE;
    if (r != RESULT_DONE)
        return r;
    if (!prune->forgotten)
        report_left(prune);
    result = mark_all(prune);
    if (!prune->forgotten && prune_applied_mark(generations, pruning, &prune->log) < 0)
        result = RESULT_FAILED;
    if (flock(pruning->store.fd, LOCK_UN) < 0) {
        log_warning(&prune->log, "Cannot unlock the store %s: %s", pruning->store.path,
                    strerror(errno));
        return RESULT_FAILED;
    }
    for (size_t i = 0; i < pruning->backups.n_items; i++) {
        if (!backup_fate_removes(pruning->fates[i]))
            continue;
        r = remove_marked(prune, pruning->backups.items + i);
        if (r < 0)
            result = RESULT_FAILED;
        else if (r == 0)
            report_removed(prune, pruning->backups.items + i);
    }
    if (!prune->forgotten && prune_applied_remove(pruning, &prune->log) < 0)
        result = RESULT_FAILED;
    if (!prune->forgotten && store_has(&pruning->store, RECORD_REHEARSING) &&
        drop_rehearsal(prune) < 0)
        result = RESULT_FAILED;
    session_remove_empty_bases(&pruning->store, pruning->backups.bases, &prune->log);
    return result;
}

static int prune_service(const Generations *generations, const char *name, const char *forgotten)
{
    _cleanup_(prune_close)
        Prune prune = {.pruning = PRUNING_NONE, .forgotten = forgotten, .log = {.service = name}};
    _cleanup_strv_ char **units = NULL;
    const Declaration *declaration = generations_running(generations, name);
    int r = declaration ? items_values(&declaration->units, &units) : 0;

    prune.log.units = units;
    if (r == 0)
        r = pruning_look(generations, name, true, &prune.pruning);
    if (r == PRUNING_LOOKED)
        return prune_opened(generations, &prune);
    if (r == PRUNING_LOCKED) {
        log_info(&prune.log,
                 "No backup of %s is removed: another run holds its lock. To see its progress, "
                 "run: systemctl status migrate@%s",
                 name, name);
        return RESULT_BUSY;
    }
    if (r == -ENOENT) {
        if (forgotten)
            log_error(&prune.log, "The backup %s of %s is not forgotten: there is no such backup",
                      forgotten, name);
        return forgotten ? RESULT_REFUSED : RESULT_DONE;
    }
    log_error(&prune.log, "No backup of %s is removed: cannot list the backups: %s", name,
              strerror(-r));
    return RESULT_FAILED;
}

/* --- the verb ------------------------------------------------------------------------------ */

/* Without this note, the time between two runs would count as a gap of the clock. */
static void note_clock(void)
{
    ClockGaps gaps = {};
    int r = pruning_note_clock(&gaps);

    if (r == 0)
        r = clock_gaps_write(&gaps);
    clock_record_free(&gaps);
    if (r < 0 && r != -ENOENT)
        fprintf(stderr, "Cannot write the time to " STORE_DIRECTORY ": %s\n", strerror(-r));
}

int verb_prune(char **names)
{
    _cleanup_(generations_free) Generations generations = {};
    _cleanup_strv_ char **stores = NULL;
    int result = RESULT_DONE, r;

    STRV_FOREACH (name, names)
        if (!declaration_name_is_valid(*name))
            return RESULT_USAGE;
    /* The signals may end the process anywhere: a shutdown must not wait for a million files. */
    signal(SIGTERM, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    r = generations_read(NULL, &generations);
    if (r == 0 && !*names)
        r = stores_list(NULL, &stores);
    /* A service whose store is lost may have backups on other disks. */
    for (size_t i = 0; r == 0 && !*names && i < generations.items[0].declarations.n_items; i++)
        r = strv_append_once(&stores, generations.items[0].declarations.items[i].name);
    if (r < 0) {
        fprintf(stderr, "No backup is removed: cannot read the declarations or the stores: %s\n",
                strerror(-r));
        return RESULT_FAILED;
    }
    note_clock();
    STRV_FOREACH (name, *names ? names : stores) {
        int one = prune_service(&generations, *name, NULL);

        /* A service that is being migrated has its turn tomorrow, when the timer elapses again. */
        if (one != RESULT_DONE && (one != RESULT_BUSY || *names))
            result = result != RESULT_DONE ? result : one;
    }
    return result;
}

int prune_forget(const char *name, const char *id)
{
    _cleanup_(generations_free) Generations generations = {};
    int r = generations_read(NULL, &generations);

    signal(SIGTERM, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    if (r < 0) {
        fprintf(stderr, "No backup is forgotten: cannot read the declarations: %s\n", strerror(-r));
        return RESULT_FAILED;
    }
    return prune_service(&generations, name, id);
}
