/* SPDX-License-Identifier: MIT */
/* Decides whether a backup can be restored: it is whole, has the declared directories on their
 * mounts, has a stamp, and the software accepts its version. Changes nothing. */
#include "basic/directory.h"
#include "inuse/inuse.h"
#include "judge/owner.h"
#include "restore/lost.h"
#include "state/refuse.h"
#include "store/stamp.h"
#include "version/stamps.h"

#include <fcntl.h>

/* Logs that the service stays down because its start could not restore the backup. */
static void say_down(const Restore *restore)
{
    Run *run = restore->run;
    _cleanup_free_ char *next = run_describe_next(run);

    log_error(
        &run->log,
        "Nothing was changed: the data in %s and the backup are as they were; %s stays down%s",
        run->where, run->units[0], next ? next : "");
}

Result restore_say_not(const Restore *restore, Result result, const char *what)
{
    const Run *run = restore->run;
    const char *message_id = result == RESULT_BUSY      ? MESSAGE_BUSY
                             : result == RESULT_REFUSED ? MESSAGE_REFUSED
                                                        : MESSAGE_FAILED;

    log_event(&run->log, LOG_ERR, message_id, result, "The backup %s of %s was not restored: %s",
              restore->order->id, run->store->name, what ? what : "out of memory");
    if (restore->order->onwards)
        say_down(restore);
    else
        log_error(&run->log, "Nothing was changed: the state and the backup are as they were");
    return result;
}

/* Logs why the backup is not restored, and frees the text. Returns result. */
static Result say_not_free(const Restore *restore, Result result, char *what)
{
    restore_say_not(restore, result, what);
    free(what);
    return result;
}

static const DirectoryRecord *described_place(const Restore *restore, const char *directory)
{
    for (size_t i = 0; i < restore->manifest.n_places; i++)
        if (streq_null(restore->manifest.places[i].directory, directory))
            return restore->manifest.places + i;
    return NULL;
}

/* Returns why the excluded entries prevent the restore, or NULL. The backup does not have the
 * entries that were excluded, so they must stay now; other entries that stayed (lost+found) are not
 * part of the state. */
static char *excluded_then(const Place *place, const DirectoryRecord *described)
{
    char **exclude = described->exclude;
    int64_t n = described->n_declared;

    if (n < -1 || n > (int64_t)strv_length(exclude))
        return strdup("its manifest does not say what was excluded");
    for (int64_t i = 0; i < n; i++) {
        _cleanup_free_ char *path = strprintf("%s/%s", place->path, exclude[i]);

        if (!path)
            return strdup("out of memory");
        if (!place_excludes(place, path))
            return strprintf("'%s/%s' was excluded, and so the backup does not have it: with "
                             "Exclude= for it, it would stay as it is",
                             place->directory, exclude[i]);
    }
    return NULL;
}

/* Makes the place describe the directory in the backup. Returns why the directory cannot be
 * exchanged with the backup, or NULL if it can; the caller owns the string. */
static char *join_place(const Restore *restore, Place *place)
{
    const DirectoryRecord *described = described_place(restore, place->directory);
    char *excluded;

    if (!described)
        return strprintf("it does not have '%s', which is declared now", place->directory);
    if (place->fd < 0 && !restore->lost)
        return strprintf(
            "'%s' is missing, but other directories have data, which would become a backup: is a "
            "disk not mounted? If the directory is lost, create an empty one, and record a version "
            "for all of them with 'migratectl adopt --force'",
            place->directory);
    if (!streq(place->base, described->base))
        return strprintf("'%s' lies on another mount than its backup, so they cannot be exchanged: "
                         "stop the service, and copy from '%s/backups/%s/%s'",
                         place->directory, described->base, restore->backup->id, described->entry);
    if (described->method == PLACE_ENTRIES)
        place->method = PLACE_ENTRIES;
    excluded = excluded_then(place, described);
    if (excluded)
        return excluded;
    if (strreplace(&place->entry, described->entry) < 0)
        return strdup("out of memory");
    return NULL;
}

/* Returns why the tree's owner keeps it from being restored, or NULL. A backup may be older than the
 * number of its user. */
static char *check_owner(const Restore *restore, const Place *place, int tree_fd)
{
    const Declaration *declaration = restore->run->declaration;
    _cleanup_free_ char *path =
        strprintf("%s/backups/%s/%s", place->base, restore->backup->id, place->entry);
    _cleanup_free_ char *what = NULL;
    struct stat st;

    if (!path || fstat(tree_fd, &st) < 0)
        return strdup(strerror(path ? errno : ENOMEM));
    if (owner_is_managed(declaration, place->directory))
        return NULL;
    if (owner_compare(declaration, path, st.st_uid, &what) < 0)
        return strdup("out of memory");
    return !what
               ? NULL
               : strprintf("%s. Give it to that user, then restore it again; run: chown -hR %s:%s "
                           "%s",
                           what, declaration->user ? declaration->user : "USER",
                           declaration->group ? declaration->group : "", path);
}

/* Returns why a tree of the backup is refused, or NULL. The stamp must say the version, and no
 * excluded entry may be in the tree; with Stamp=store only the manifest says the version. */
static char *check_tree(const Restore *restore, const Place *place)
{
    _cleanup_close_ int fd = backup_open_base(NULL, restore->run->store, place->base), own_fd = -1,
                        tree_fd = -1;
    _cleanup_(stamps_free) Stamps stamps = {};
    int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, r;
    char *what = NULL;

    if (fd >= 0)
        own_fd = openat(fd, restore->backup->id, flags);
    if (own_fd >= 0)
        tree_fd = openat(own_fd, place->entry, flags);
    r = tree_fd < 0 ? -errno : place_check_backup(place, tree_fd, &what);
    if (r == PLACE_REFUSED)
        return what;
    if (r == PLACE_FOUND)
        what = check_owner(restore, place, tree_fd);
    if (what)
        return what;
    if (r == PLACE_FOUND && restore->run->declaration->stamp_in_store)
        return NULL;
    if (r == PLACE_FOUND)
        r = stamps_read(tree_fd, restore->run->store->name, &stamps);
    if (r < 0)
        return strprintf("cannot read '%s/backups/%s/%s': %s", place->base, restore->backup->id,
                         place->entry, strerror(-r));
    if (!stamps.versions && restore->manifest.stamp == STAMP_IN_STORE)
        return strdup("it was made with Stamp=store, so it has no stamp. To restore it, declare "
                      "Stamp=store again");
    if (strv_length(stamps.versions) != 1 || !streq(stamps.versions[0], restore->backup->version))
        return strprintf("its manifest says version %s, but '%s/backups/%s/%s' does not have "
                         "exactly that stamp: somebody has changed the backup",
                         restore->backup->version, place->base, restore->backup->id, place->entry);
    return NULL;
}

static char *check_places(const Restore *restore)
{
    Run *run = restore->run;

    if (run->n_places != restore->backup->n_places || run->n_places == 0)
        return strprintf("it has other directories than the declared ones: stop the service, and "
                         "copy from the backup by hand ('migratectl backups %s' says where it is)",
                         run->store->name);
    for (size_t i = 0; i < run->n_places; i++) {
        char *what = join_place(restore, run->places + i);

        if (!what)
            what = check_tree(restore, run->places + i);
        if (what)
            return what;
    }
    return NULL;
}

/* Returns true if undo hooks have left files beside the backup. Only those hooks can bring back the
 * data that they have saved. */
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

/* Returns a reason that --force overrules, or NULL. */
static char *check_wanted(const Restore *restore)
{
    const char *name = restore->run->store->name, *id = restore->order->id;
    const Declaration *declaration = restore->run->declaration;
    const char *version = restore->backup->version;

    if (!declaration->version.value)
        return strprintf("no Version= is declared, so the software may not accept version %s. To "
                         "restore it anyway, run: migratectl restore %s %s --force",
                         version, name, id);
    if (!restore->order->onwards && !declaration_accepts(declaration, version))
        return strprintf("it is at version %s, and the software needs %s, so the next start would "
                         "migrate it again. First install software for %s; or, to restore it "
                         "anyway, run: migratectl restore %s %s --force",
                         version, declaration->version.value, version, name, id);
    if (acted_outside(restore))
        return strprintf("its migration also acted outside of the state, which would not be "
                         "undone. To restore only the state, run: migratectl restore %s %s --force",
                         name, id);
    return NULL;
}

static Result judge_quiescence(const Restore *restore)
{
    const Run *run = restore->run;
    char *what = NULL;
    int r = in_use_check(run->declaration, run->places, run->n_places, &what);

    if (r == IN_USE_IDLE)
        return RESULT_DONE;
    return say_not_free(restore, r < 0 ? RESULT_FAILED : RESULT_BUSY,
                        what ? what : strdup(strerror(-r)));
}

static Result judge_live(Restore *restore)
{
    Run *run = restore->run;
    const char *stamp;
    Agreement agreement;
    int r;

    if (restore->lost) {
        r = restore_find_lost_version(restore);
        return r < 0 ? restore_say_not(restore, RESULT_FAILED, strerror(-r)) : RESULT_DONE;
    }
    agreement = stamps_read_agreement(run, true, &stamp);
    if (agreement != AGREEMENT_VERSION && agreement != AGREEMENT_SELF) {
        _cleanup_free_ char *what = stamps_describe_disagreement(run, true);

        return say_not_free(restore, RESULT_ATTENTION,
                            strprintf("the present state would become a backup, but its version is "
                                      "not known: %s",
                                      what ? what : "out of memory"));
    }
    restore->version = strdup(stamp);
    if (!restore->version)
        return restore_say_not(restore, RESULT_FAILED, NULL);
    if (!version_is_valid(restore->version) && !version_self_target(restore->version))
        return restore_say_not(restore, RESULT_ATTENTION,
                               "the stamp of the present state is not a valid version");
    return judge_quiescence(restore);
}

Result restore_judge(Restore *restore)
{
    const char *id = restore->order->id;
    char *what;
    int r;

    r = backups_read(NULL, restore->run->store, NULL, &restore->backups);
    if (r < 0)
        return restore_say_not(restore, RESULT_FAILED, strerror(-r));
    restore->backup = backups_find(&restore->backups, id);
    if (!restore->backup)
        return say_not_free(
            restore, RESULT_REFUSED,
            strprintf("there is no such backup. To list the backups, run: migratectl backups %s",
                      restore->run->store->name));
    if (restore->backup->state == BACKUP_HOOKS)
        return restore_say_not(
            restore, RESULT_REFUSED,
            "it has no clone, only the files of Backup=, which only its scripts can restore");
    if (restore->backup->state != BACKUP_WHOLE)
        return say_not_free(restore, RESULT_REFUSED,
                            restore->backup->what
                                ? strprintf("%s", restore->backup->what)
                                : strprintf("it is not a whole backup (%s)",
                                            backup_state_name(restore->backup->state)));
    r = manifest_read(restore->run->store, id, &restore->manifest);
    if (r != 0)
        return restore_say_not(restore, RESULT_FAILED, "its manifest cannot be read");
    r = restore_find_lost(restore);
    if (r < 0)
        return restore_say_not(restore, RESULT_FAILED, strerror(-r));
    what = check_places(restore);
    if (!what)
        what = restore_check_lodgings(restore);
    if (!what && !restore->order->force)
        what = check_wanted(restore);
    if (what)
        return say_not_free(restore, RESULT_REFUSED, what);
    what = restore_check_guests(restore);
    if (what)
        return say_not_free(restore, RESULT_BUSY, what);
    return judge_live(restore);
}
