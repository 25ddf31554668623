/* SPDX-License-Identifier: MIT */
/* Decides whether a backup can be restored: whether it is whole, has the declared directories on
 * their mounts, and has a stamp of a version that the software accepts. Changes nothing. */
#include "backup/guest.h"
#include "basic/directory.h"
#include "basic/durable.h"
#include "inuse/inuse.h"
#include "judge/owner.h"
#include "restore/private.h"
#include "state/refuse.h"
#include "store/stamp.h"
#include "version/version.h"

Result restore_refuse_take(const Restore *restore, Result result, char *what)
{
    Run *run = restore->run;
    _cleanup_free_ char *why = what,
                        *next = restore->order->onwards ? run_describe_next(run) : NULL;

    log_event(&run->log, LOG_ERR, refusal_message(result), result,
              "The backup %s of %s was not restored: %s", restore->order->id, run->store->name,
              why ? why : "out of memory");
    if (restore->order->onwards)
        log_error(
            &run->log,
            "Nothing was changed: the data in %s and the backup are as they were; %s stays down%s",
            run->where, run->units[0], next ? next : "");
    else
        log_error(&run->log, "Nothing was changed: the state and the backup are as they were");
    return result;
}

/* --- the backup ---------------------------------------------------------------------------- */

static const DirectoryRecord *described_place(const Restore *restore, const char *directory)
{
    for (size_t i = 0; i < restore->backup->manifest.n_places; i++)
        if (streq_null(restore->backup->manifest.places[i].directory, directory))
            return restore->backup->manifest.places + i;
    return NULL;
}

/* The backup does not have the entries that were excluded, so Exclude= must still name these. Other
 * entries that a swap leaves in place (lost+found) are not part of the state. */
static Result check_excluded(const Restore *restore, const Place *place,
                             const DirectoryRecord *described)
{
    char **exclude = described->exclude;
    int64_t n = described->n_declared;

    if (n < -1 || n > (int64_t)strv_length(exclude))
        return restore_refuse(restore, RESULT_REFUSED,
                              "its manifest does not say what was excluded");
    for (int64_t i = 0; i < n; i++) {
        _cleanup_free_ char *path = strprintf("%s/%s", place->path, exclude[i]);

        if (!path)
            return restore_refuse_take(restore, RESULT_REFUSED, NULL);
        if (!place_excludes(place, path))
            return restore_refuse(restore, RESULT_REFUSED,
                                  "'%s/%s' was excluded, and so the backup does not have it: with "
                                  "Exclude= for it, it would stay as it is",
                                  place->directory, exclude[i]);
    }
    return RESULT_DONE;
}

/* Makes the place describe the directory in the backup. */
static Result join_place(const Restore *restore, Place *place)
{
    const DirectoryRecord *described = described_place(restore, place->directory);
    Result result;

    if (!described)
        return restore_refuse(restore, RESULT_REFUSED,
                              "it does not have '%s', which is declared now", place->directory);
    if (place->fd < 0 && !restore->lost)
        return restore_refuse(
            restore, RESULT_REFUSED,
            "'%s' is missing, but other directories have data, which would become a backup: is a "
            "disk not mounted? If the directory is lost, create an empty one, and record a version "
            "for all of them with 'migratectl adopt --force'",
            place->directory);
    if (!streq(place->base, described->base))
        return restore_refuse(
            restore, RESULT_REFUSED,
            "'%s' lies on another mount than its backup, so they cannot be exchanged: stop the "
            "service, and copy from '%s/backups/%s/%s'",
            place->directory, described->base, restore->backup->id, described->entry);
    if (described->method == PLACE_ENTRIES)
        place->method = PLACE_ENTRIES;
    result = check_excluded(restore, place, described);
    if (result == RESULT_DONE && strreplace(&place->entry, described->entry) < 0)
        return restore_refuse_take(restore, RESULT_REFUSED, NULL);
    return result;
}

/* The user may have got another number since the backup was made. */
static Result check_owner(const Restore *restore, const Place *place, int tree_fd)
{
    const Declaration *declaration = restore->run->declaration;
    _cleanup_free_ char *path =
        strprintf("%s/backups/%s/%s", place->base, restore->backup->id, place->entry);
    _cleanup_free_ char *what = NULL;
    struct stat st;

    if (!path || fstat(tree_fd, &st) < 0)
        return restore_refuse(restore, RESULT_REFUSED, "%s", strerror(path ? errno : ENOMEM));
    if (owner_is_managed(declaration, place->directory))
        return RESULT_DONE;
    if (owner_compare(declaration, path, st.st_uid, &what) < 0)
        return restore_refuse_take(restore, RESULT_REFUSED, NULL);
    return !what ? RESULT_DONE
                 : restore_refuse(
                       restore, RESULT_REFUSED,
                       "%s. Give it to that user, then restore it again; run: chown -hR %s:%s %s",
                       what, declaration->user ? declaration->user : "USER",
                       declaration->group ? declaration->group : "", path);
}

/* The stamp must have the backup's version, and no excluded entry may be in the tree. With
 * Stamp=store, only the manifest has the version. */
static Result check_tree(const Restore *restore, const Place *place)
{
    const Backup *backup = restore->backup;
    _cleanup_close_ int fd = backup_open_base(NULL, restore->run->store, place->base);
    _cleanup_close_ int own_fd = fd < 0 ? fd : directory_fd(fd, backup->id);
    _cleanup_close_ int tree_fd = own_fd < 0 ? own_fd : directory_fd(own_fd, place->entry);
    _cleanup_(stamps_free) Stamps stamps = {};
    char *what = NULL;
    int r = tree_fd < 0 ? tree_fd : place_check_backup(place, tree_fd, &what);

    if (r == PLACE_REFUSED)
        return restore_refuse_take(restore, RESULT_REFUSED, what);
    if (r == PLACE_FOUND && check_owner(restore, place, tree_fd) != RESULT_DONE)
        return RESULT_REFUSED;
    if (r == PLACE_FOUND && restore->run->declaration->stamp_in_store)
        return RESULT_DONE;
    if (r == PLACE_FOUND)
        r = stamps_read(tree_fd, restore->run->store->name, &stamps);
    if (r < 0)
        return restore_refuse(restore, RESULT_REFUSED, "cannot read '%s/backups/%s/%s': %s",
                              place->base, backup->id, place->entry, strerror(-r));
    if (!stamps.versions && restore->backup->manifest.stamp == STAMP_IN_STORE)
        return restore_refuse(restore, RESULT_REFUSED,
                              "it was made with Stamp=store, so it has no stamp. To restore it, "
                              "declare Stamp=store again");
    if (strv_length(stamps.versions) != 1 || !streq(stamps.versions[0], backup->version))
        return restore_refuse(restore, RESULT_REFUSED,
                              "its manifest says version %s, but '%s/backups/%s/%s' does not have "
                              "exactly that stamp: somebody has changed the backup",
                              backup->version, place->base, backup->id, place->entry);
    return RESULT_DONE;
}

static Result check_places(const Restore *restore)
{
    Run *run = restore->run;
    Result result = RESULT_DONE;

    if (run->n_places != restore->backup->n_places || run->n_places == 0)
        return restore_refuse(
            restore, RESULT_REFUSED,
            "it has other directories than the declared ones: stop the service, and copy from the "
            "backup by hand ('migratectl backups %s' says where it is)",
            run->store->name);
    for (size_t i = 0; result == RESULT_DONE && i < run->n_places; i++) {
        result = join_place(restore, run->places + i);
        if (result == RESULT_DONE)
            result = check_tree(restore, run->places + i);
    }
    return result;
}

/* --- guests and hosts, whose parts a backup does not have ---------------------------------- */

static Result check_lodging(const Restore *restore, const Lodging *lodging)
{
    _cleanup_(stamps_free) Stamps stamps = {};
    _cleanup_free_ char *there = NULL;
    const char *name = restore->run->store->name, *version = restore->backup->version;
    int r = lodging->fd < 0 ? 0 : stamps_read(lodging->fd, name, &stamps);

    if (r < 0)
        return restore_refuse(restore, RESULT_REFUSED, "cannot read '%s': %s", lodging->path,
                              strerror(-r));
    if (strv_length(stamps.versions) == 1 && streq(stamps.versions[0], version))
        return RESULT_DONE;
    there = stamps_describe(&stamps);
    return restore_refuse(
        restore, RESULT_REFUSED,
        "the backup is at version %s, but the part of %s in the state of %s is at %s, and no "
        "backup of %s has that part. First restore %s from when it was at %s (migratectl backups "
        "%s; migratectl restore %s ID), then run the same command again",
        version, name, lodging->host, isempty(there) ? "no version" : there, name, lodging->host,
        version, lodging->host, lodging->host);
}

/* Returns why a guest prevents the restore, or NULL. A guest with a transaction would undo or
 * finish its migration on other data. */
static char *check_guest(const char *name)
{
    _cleanup_store_ Store store = STORE_NONE;
    int r = store_open(NULL, name, false, &store);

    if (r == -ENOENT || (r == 0 && !store_has(&store, RECORD_TRANSACTION)))
        return NULL;
    if (r < 0)
        return strprintf("cannot read the store of %s, which has a part in this state: %s", name,
                         strerror(-r));
    return strprintf("a part of %s lives in this state, and a migration of %s is running or was "
                     "cut off. First run: systemctl start migrate@%s",
                     name, name, name);
}

/* Returns why any guest prevents the restore, or NULL. The caller owns the string. */
static char *check_guests(const Restore *restore)
{
    _cleanup_free_ const char **names = NULL;
    char *what = NULL;
    size_t n;

    if (declarations_guests(restore->run->declarations, restore->run->store->name, &names, &n) < 0)
        return strdup("out of memory");
    for (size_t i = 0; !what && i < n; i++)
        what = check_guest(names[i]);
    return what;
}

int restore_keep_guests_out(Restore *restore, char **reterr_what)
{
    int r = lodging_keep_out(restore->run->store, &restore->guests_fd);

    if (r == 0) /* a guest may have failed between the first check and the lock */
        *reterr_what = check_guests(restore);
    else if (r == 1)
        *reterr_what = guests_describe_busy(restore->run->declarations, restore->run->store->name);
    return r == 1 || *reterr_what ? -EBUSY : r;
}

/* --- the verdict --------------------------------------------------------------------------- */

/* Returns true if undo hooks have left files beside the backup. Only the hooks could bring back
 * data that these files have. */
static bool acted_outside(const Restore *restore)
{
    ARRAY_FOREACH (place, restore->run->places, restore->run->n_places) {
        _cleanup_close_ int fd = backup_open_base(NULL, restore->run->store, place->base);
        _cleanup_strv_ char **hooks = NULL;

        if (fd >= 0 && directory_list(fd, restore->backup->id, FLIGHT_HOOKS_PREFIX, &hooks) == 0 &&
            hooks)
            return true;
    }
    return false;
}

/* Checks conditions that --force overrules. */
static Result check_wanted(const Restore *restore)
{
    const char *name = restore->run->store->name, *id = restore->order->id;
    const Declaration *declaration = restore->run->declaration;
    const char *version = restore->backup->version;

    if (!declaration->version.value)
        return restore_refuse(
            restore, RESULT_REFUSED,
            "no Version= is declared, so the software may not accept version %s. To restore it "
            "anyway, run: migratectl restore %s %s --force",
            version, name, id);
    if (!restore->order->onwards && !declaration_accepts(declaration, version))
        return restore_refuse(
            restore, RESULT_REFUSED,
            "it is at version %s, and the software needs %s, so the next start would migrate it "
            "again. First install software for %s; or, to restore it anyway, run: migratectl "
            "restore %s %s --force",
            version, declaration->version.value, version, name, id);
    if (acted_outside(restore))
        return restore_refuse(
            restore, RESULT_REFUSED,
            "its migration also acted outside of the state, which would not be undone. To restore "
            "only the state, run: migratectl restore %s %s --force",
            name, id);
    return RESULT_DONE;
}

static Result judge_live(Restore *restore)
{
    Run *run = restore->run;
    const char *stamp;
    Agreement agreement;
    char *what = NULL;
    int r;

    if (restore->lost) {
        r = restore_find_lost_version(restore);
        return r < 0 ? restore_refuse(restore, RESULT_FAILED, "%s", strerror(-r)) : RESULT_DONE;
    }
    agreement = stamps_read_agreement(run, true, &stamp);
    if (agreement != AGREEMENT_VERSION && agreement != AGREEMENT_SELF) {
        _cleanup_free_ char *disagreement = stamps_describe_disagreement(run, true);

        return restore_refuse(
            restore, RESULT_ATTENTION,
            "the present state would become a backup, but its version is not known: %s",
            disagreement ? disagreement : "out of memory");
    }
    restore->version = strdup(stamp);
    if (!restore->version)
        return restore_refuse_take(restore, RESULT_FAILED, NULL);
    if (!version_is_valid(restore->version) && !version_self_target(restore->version))
        return restore_refuse(restore, RESULT_ATTENTION,
                              "the stamp of the present state is not a valid version");
    r = in_use_check(run->declaration, run->places, run->n_places, &what);
    if (r == IN_USE_IDLE)
        return RESULT_DONE;
    return restore_refuse_take(restore, r < 0 ? RESULT_FAILED : RESULT_BUSY,
                               what ? what : strdup(strerror(-r)));
}

Result restore_judge(Restore *restore)
{
    const Run *run = restore->run;
    const Backup *backup;
    Result result;
    char *what;
    int r;

    r = backups_look(NULL, run->declaration, run->store, &restore->backups);
    if (r < 0)
        return restore_refuse(restore, RESULT_FAILED, "%s", strerror(-r));
    restore->backup = backup = backups_find(&restore->backups, restore->order->id);
    if (!backup)
        return restore_refuse(
            restore, RESULT_REFUSED,
            "there is no such backup. To list the backups, run: migratectl backups %s",
            run->store->name);
    if (backup->state == BACKUP_HOOKS)
        return restore_refuse(
            restore, RESULT_REFUSED,
            "it has no clone, only the files of Backup=, which only its scripts can restore");
    if (!backup_is_restorable(backup))
        return backup->what
                   ? restore_refuse(restore, RESULT_REFUSED, "%s", backup->what)
                   : restore_refuse(restore, RESULT_REFUSED, "it is not a whole backup (%s)",
                                    backup_state_name(backup->state));
    r = restore_find_lost(restore);
    if (r < 0)
        return restore_refuse(restore, RESULT_FAILED, "%s", strerror(-r));
    result = check_places(restore);
    for (size_t i = 0; result == RESULT_DONE && i < run->n_lodgings; i++)
        result = check_lodging(restore, run->lodgings + i);
    if (result == RESULT_DONE && !restore->order->force)
        result = check_wanted(restore);
    if (result != RESULT_DONE)
        return result;
    what = check_guests(restore);
    result = what ? restore_refuse_take(restore, RESULT_BUSY, what) : judge_live(restore);
    /* A backup that is in the store is removed by the rule. One of another system stays out of it, and
     * a restore that fails leaves it as it was. */
    if (result == RESULT_DONE && backup->state == BACKUP_FOREIGN) {
        _cleanup_close_ int fd = r = durable_mkdir(run->store->fd, "backups");
    } else if (result == RESULT_DONE)
        r = backup_adopt(run->store, backup);
    return r < 0 ? restore_refuse(restore, RESULT_FAILED, "cannot write its manifest: %s",
                                  strerror(-r))
                 : result;
}
