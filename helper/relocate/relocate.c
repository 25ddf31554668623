/* SPDX-License-Identifier: MIT */
/* Gives a state another name and another directory, in this order:
 *
 *   record    "moving", in the store with the records, names both sides; guests are kept out
 *   exchange  an empty store that says "moved" changes places with the records
 *   backups   manifests, bases on other mounts and the stamps of backups get the new name
 *   records   hooks that wait for the start, and garbage collector roots, get the new name
 *   rename    the directory is renamed
 *   stamps    stamps get the new name: from here on the gate of the new name can open
 *   remember  the last-seen record gets the new directory
 *   forget    the record of the move is removed
 *
 * Each step is repeatable. The record has no direction: every helper brings the state to the name
 * and the directory of its own declaration. So a system that is rolled back during a move moves the
 * state back, and a system that is rolled back after a move finds "moved" under the name that it
 * knows. */
#include "relocate/relocate.h"

#include "inuse/inuse.h"
#include "permit/permit.h"
#include "place/private.h"
#include "state/refuse.h"
#include "state/rehearsal-left.h"
#include "store/history.h"
#include "store/known.h"
#include "store/stamp.h"
#include "system/system.h"
#include "transaction/transaction.h"
#include "version/version.h"

#include <fcntl.h>
#include <linux/fs.h>

/* --- the records --------------------------------------------------------------------------- */

static int write_moving(const Relocation *r, const Store *records)
{
    const Declaration *declaration = r->session->run.declaration;
    char *names[] = {declaration->name, r->other_name, NULL};
    char *directories[] = {NULL, r->other_directory, NULL};

    if (r->other_directory)
        directories[0] = declaration->directories.items[0].value;
    return moving_record_write(
        records, RECORD_MOVING,
        &(MovingRecord){.names = names, .directories = r->other_directory ? directories : NULL});
}

static int write_moved(const Relocation *r, const Store *empty)
{
    return moved_record_write(
        empty, RECORD_MOVED,
        &(MovedRecord){.to = r->session->store.name, .directories = r->known.directories});
}

/* Sets *ret to the string in both that is not own. Leaves *ret NULL if own is not in both, or is
 * the only string. Returns 0 or -ENOMEM. */
static int other_of(char **both, const char *own, char **ret)
{
    if (!strv_contains(both, own))
        return 0;
    STRV_FOREACH (one, both)
        if (!streq(*one, own) && !*ret)
            return strreplace(ret, *one);
    return 0;
}

int relocation_read(Relocation *r, const Store *store)
{
    const Declaration *declaration = r->session->run.declaration;
    _cleanup_(moving_record_free) MovingRecord record = {};
    int found = moving_record_read(store, RECORD_MOVING, &record);

    if (found != 0)
        return found;
    found = other_of(record.names, declaration->name, &r->other_name);
    if (found == 0 && declaration->directories.n_items == 1)
        found = other_of(record.directories, declaration->directories.items[0].value,
                         &r->other_directory);
    if (found == 0 && ((r->other_name && !declaration_name_is_valid(r->other_name)) ||
                       (r->other_directory && r->other_directory[0] != '/')))
        found = -EBADMSG;
    return found;
}

/* --- checks -------------------------------------------------------------------------------- */

static Result check_directory(const Relocation *r)
{
    Run *run = &r->session->run;
    Location source, target, own;
    int e = 0;

    if (r->source.fd < 0) /* the directory was moved before a crash */
        return RESULT_DONE;
    e = location_get(r->source.parent_fd, &source, NULL);
    if (e == 0)
        e = location_get(r->target.parent_fd, &target, NULL);
    if (e == 0)
        e = location_get(r->source.fd, &own, NULL);
    if (e < 0)
        return run_refuse(run, RESULT_FAILED, "%s", strerror(-e));
    if (own.mount != source.mount)
        return run_refuse(run, RESULT_REFUSED,
                          "%s is a mount point: mount it at %s instead, then start again",
                          r->other_directory, r->target.directory);
    e = known_mount_read(r->records_elsewhere ? &r->other : run->store, r->other_directory);
    if (e < 0)
        return run_refuse(run, RESULT_FAILED, "%s", strerror(-e));
    if (e > 0)
        return run_refuse(run, RESULT_REFUSED,
                          "'%s' was a mount point when the state was last seen, and nothing is "
                          "mounted there now: mount the disk at %s instead, then start again. If "
                          "its data is in %s by now, run: mv %s %s",
                          r->other_directory, r->target.directory, r->other_directory,
                          r->other_directory, r->target.directory);
    e = known_mount_is_missing(r->records_elsewhere ? &r->other : run->store, r->target.directory);
    if (e < 0)
        return run_refuse(run, RESULT_FAILED, "%s", strerror(-e));
    if (e > 0)
        return run_refuse(run, RESULT_REFUSED,
                          "the state is in %s, and '%s', where it is declared, was a mount point when "
                          "the state was last seen, but nothing is mounted there now: mount the disk "
                          "and start again, or declare Directory=%s",
                          r->other_directory, r->target.directory, r->other_directory);
    if (r->target.fd >= 0) {
        e = location_get(r->target.fd, &own, NULL);
        if (e < 0 || own.mount != target.mount)
            return run_refuse(
                run, RESULT_REFUSED,
                "the state is in %s, and %s, where it is declared, is a mount point: stop the "
                "service, copy the state there (cp -a %s/. %s/), and move %s away",
                r->other_directory, r->target.directory, r->other_directory, r->target.directory,
                r->other_directory);
    }
    if (!location_equal(&source, &target))
        return run_refuse(run, RESULT_REFUSED,
                          "the state is in %s, and %s, where it is declared, is on another file "
                          "system: stop the service, and move the state there (mv %s %s)",
                          r->other_directory, r->target.directory, r->other_directory,
                          r->target.directory);
    return RESULT_DONE;
}

/* Refuses a state that is in use. The unit of the former name counts, too. */
static Result check_quiescence(const Relocation *r)
{
    Run *run = &r->session->run;
    Declaration declaration = *run->declaration;
    _cleanup_free_ Item *units = calloc(declaration.units.n_items + 1, sizeof(Item));
    _cleanup_free_ char *unit = r->other_name ? strprintf("%s.service", r->other_name) : NULL;
    char *what = NULL;
    int e;

    if (!units || (r->other_name && !unit))
        return run_refuse_take(run, RESULT_FAILED, NULL);
    memcpy(units, declaration.units.items, declaration.units.n_items * sizeof(Item));
    declaration.units.items = units;
    if (unit)
        units[declaration.units.n_items++] = (Item){.value = unit};
    if (r->other_directory)
        e = in_use_check(&declaration, r->source.fd < 0 ? &r->target : &r->source, 1, &what);
    else
        e = in_use_check(&declaration, run->places, run->n_places, &what);
    if (e == IN_USE_IDLE)
        return RESULT_DONE;
    return what || e >= 0 ? run_refuse_take(run, e < 0 ? RESULT_FAILED : RESULT_BUSY, what)
                          : run_refuse(run, RESULT_FAILED, "%s", strerror(-e));
}

/* --- the move ------------------------------------------------------------------------------ */

/* Recovers the transaction of the other name, and drops the clone of its failed attempt. */
static Result settle_other(Relocation *r)
{
    LogContext log = r->session->run.log;
    Run run = {.store = &r->other, .log = log};
    _cleanup_(transaction_record_free) TransactionRecord failed = {};
    Result result;

    if (!r->records_elsewhere)
        return RESULT_DONE;
    log.service = r->other_name;
    result = transaction_settle(&r->other, &log);
    if (result != RESULT_DONE)
        return result;
    if (transaction_record_read(&r->other, RECORD_FAILED, &failed) == 0) {
        int e = failed_drop(&run, &failed);

        if (e < 0)
            return run_refuse(&r->session->run, RESULT_FAILED,
                              "cannot remove the clone of a failed attempt: %s", strerror(-e));
    }
    return RESULT_DONE;
}

/* Exchanges the two stores in one system call: at every instant one name has the records, and the
 * other name says where they are. */
static int exchange_records(Relocation *r)
{
    Store *own = &r->session->store;
    _cleanup_close_ int parent_fd = open(STORE_DIRECTORY, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int fd, e;

    if (parent_fd < 0)
        return -errno;
    e = write_moved(r, own);
    if (e < 0)
        return e;
    if (renameat2(parent_fd, own->name, parent_fd, r->other.name, RENAME_EXCHANGE) < 0)
        return -errno;
    /* The lock belongs to the directory, not to its name. */
    fd = own->fd;
    own->fd = r->other.fd;
    r->other.fd = fd;
    r->records_elsewhere = false;
    return fsync(parent_fd) < 0 ? -errno : 0;
}

/* Renames the directory. Replaces only a missing or an empty directory. */
static int rename_directory(const Relocation *r)
{
    if (!r->other_directory)
        return 0;
    if (r->source.fd >= 0 &&
        renameat(r->source.parent_fd, r->source.name, r->target.parent_fd, r->target.name) < 0)
        return -errno;
    return fsync(r->target.parent_fd) < 0 || fsync(r->source.parent_fd) < 0 ? -errno : 0;
}

static int rename_stamps(const Relocation *r)
{
    const Run *run = &r->session->run;
    int e = 0;

    for (size_t i = 0; r->other_name && e == 0 && i < stamps_n(run); i++) {
        int fd = stamps_fd(run, i);

        e = fd < 0 ? 0 : stamp_rename(fd, r->other_name, run->declaration->name);
    }
    return e;
}

static int remember(const Relocation *r)
{
    const Declaration *declaration = r->session->run.declaration;
    _cleanup_strv_ char **directories = NULL;
    int e = items_values(&declaration->directories, &directories);

    return e < 0 ? e
                 : known_write_moved(&r->session->store, r->known.version, directories,
                                     r->other_directory);
}

static void write_history(const Relocation *r)
{
    const Run *run = &r->session->run;
    _cleanup_free_ char *now = time_format(time_now()), *id = system_new_id(time_now());
    TransactionRecord entry = TRANSACTION_RECORD_NEW; /* borrows all members */
    int e = now && id ? 0 : -ENOMEM;

    entry.id = id;
    entry.service = run->store->name;
    entry.started = entry.finished = now;
    entry.action = ACTION_MOVED;
    entry.former = r->other_name;
    entry.former_directory = r->other_directory;
    entry.result = RESULT_DONE;
    if (e == 0)
        e = history_append(run->store, &entry);
    if (e < 0)
        log_warning(&run->log, "Cannot write the history in %s: %s", run->store->path,
                    strerror(-e));
}

/* Does the move, from the first record on. Returns 0, or a negative errno with the step that failed
 * in *ret_doing. */
static int carry_out(Relocation *r, const char **ret_doing, char **reterr_what)
{
    const Store *records = r->records_elsewhere ? &r->other : &r->session->store;
    bool begun = store_has(records, RECORD_MOVING);
    _cleanup_close_ int guests_fd = -1;
    int e;

    *ret_doing = "writing the record";
    e = write_moving(r, records); /* mutation: record-move */
    if (e == 0) {
        *ret_doing = "waiting for services that keep data in it";
        e = relocate_keep_guests_out(r, &guests_fd, reterr_what);
        /* While the record exists, a guest whose transaction has just been cut off cannot
         * recover. */
        if (e < 0 && !begun && record_remove(records, RECORD_MOVING) < 0)
            log_warning(&r->session->run.log, "Cannot remove %s/" RECORD_MOVING, records->path);
    }
    if (e == 0 && r->other_name && !r->records_elsewhere && !store_has(&r->other, RECORD_MOVED))
        e = write_moved(r, &r->other);
    if (e == 0 && r->records_elsewhere) {
        *ret_doing = "exchanging the records in " STORE_DIRECTORY;
        e = exchange_records(r);
    }
    if (e == 0) {
        *ret_doing = "renaming backups";
        e = relocate_backups(r, reterr_what);
    }
    if (e == 0) {
        *ret_doing = "renaming it in its records";
        e = relocate_records(r);
    }
    if (e == 0) {
        *ret_doing = "renaming the directory";
        e = rename_directory(r);
    }
    if (e == 0) {
        *ret_doing = "renaming stamps";
        /* mutation: rename-stamps */
        e = run_find_places(&r->session->run) == RESULT_DONE ? rename_stamps(r) : -EIO;
    }
    if (e == 0) {
        *ret_doing = "writing its last-seen record";
        e = remember(r);
    }
    if (e < 0)
        return e;
    write_history(r);
    return record_remove(&r->session->store, RECORD_MOVING);
}

Result relocate(Relocation *r)
{
    Run *run = &r->session->run;
    const char *doing = NULL;
    _cleanup_free_ char *what = NULL;
    Result result;
    int e;

    rehearsal_give_way(run->store);
    result = settle_other(r);
    if (result == RESULT_DONE)
        result = r->other_directory ? check_directory(r) : run_find_places(run);
    if (result == RESULT_DONE)
        result = relocate_settle_guests(r, &what);
    if (result != RESULT_DONE && what)
        return run_refuse_take(run, result, TAKE_PTR(what));
    if (result == RESULT_DONE)
        result = check_quiescence(r);
    if (result != RESULT_DONE)
        return result;
    e = carry_out(r, &doing, &what);
    if (e < 0)
        return run_refuse(
            run, e == -EAGAIN ? RESULT_BUSY : RESULT_FAILED,
            "could not take over the state of %s (%s): %s. The next start will continue",
            r->other_name ? r->other_name : run->declaration->name, doing,
            what ? what : strerror(-e));
    if (r->other_directory)
        log_event(
            &run->log, LOG_NOTICE, MESSAGE_MOVED, RESULT_DONE,
            "The state of %s in %s is now the state of %s, in %s, with its records and backups",
            r->other_name ? r->other_name : run->declaration->name, r->other_directory,
            run->declaration->name, run->where);
    else
        log_event(&run->log, LOG_NOTICE, MESSAGE_MOVED, RESULT_DONE,
                  "The state of %s is now the state of %s, in %s, with its records and backups",
                  r->other_name, run->declaration->name, run->where);
    return RESULT_DONE;
}
