/* SPDX-License-Identifier: MIT */
/* Forgets a state that is gone, so that the next start is that of a fresh installation. Stamps in
 * the states of hosts are removed first, then the history gets its entry, and the record "known" is
 * removed last, so after a crash the same command finishes the work. */
#include "permit/permit.h"
#include "session/session.h"
#include "state/refuse.h"
#include "store/history.h"
#include "store/stamp.h"
#include "system/system.h"
#include "verbs.h"
#include "version/version.h"

static int refuse_take(const Run *run, Result result, char *what)
{
    log_event(&run->log, LOG_ERR, refusal_message(result), result,
              "What is remembered of %s is not forgotten: %s", run->store->name,
              what ? what : "out of memory");
    free(what);
    return result;
}
#define refuse(run, result, ...) refuse_take(run, result, strprintf(__VA_ARGS__))

/* --- is the state gone? -------------------------------------------------------------------- */

static int check_place(Run *run, const Place *place)
{
    _cleanup_(stamps_free) Stamps stamps = {.empty = true};
    _cleanup_free_ char *versions = NULL;
    int r = place->fd < 0 ? 0 : stamps_read(place->fd, run->store->name, &stamps);

    if (r < 0)
        return refuse(run, RESULT_FAILED, "%s cannot be read: %s", place->directory, strerror(-r));
    if (stamps.versions) {
        versions = stamps_describe(&stamps);
        return refuse(
            run, RESULT_REFUSED,
            "%s is there, at version %s. Move it out of the way, if it is to be begun anew",
            place->directory, versions ? versions : "?");
    }
    if (stamps.empty)
        return RESULT_DONE;
    if (run->declaration && run->declaration->fresh_check.argv) {
        const Answer *answer = &run->facts.fresh_check;

        if (detect_fresh(run) < 0 || answer->text || answer->interrupted)
            return refuse(run, RESULT_FAILED, "%s",
                          answer->interrupted ? "interrupted"
                          : answer->text      ? answer->text
                                              : "out of memory");
        if (answer->holds)
            return RESULT_DONE;
    }
    return refuse(run, RESULT_REFUSED,
                  "there is data in %s. Say which version it has: migratectl adopt %s VERSION; or "
                  "move it out of the way",
                  place->directory, run->store->name);
}

/* Finds the directories of the last-seen record, for a service that has no declaration any more. */
static int find_remembered(Run *run, const Known *known)
{
    STRV_FOREACH (directory, known->directories) {
        _cleanup_free_ char *what = NULL;
        Place *place = ARRAY_GROW(run->places, run->n_places);
        int r = -ENOMEM;

        if (place) {
            *place = (Place)PLACE_NONE;
            r = place_find(*directory, run->store->path, run->store->name, place, &what);
        }
        if (r == -ENOENT) /* the parent directory does not exist, either */
            run->n_places--;
        else if (r != PLACE_FOUND)
            return refuse(run, RESULT_FAILED, "%s", what ? what : strerror(-r));
    }
    return RESULT_DONE;
}

static int check_gone(Run *run, const Known *known)
{
    int r = run->declaration ? run_find_places(run) : find_remembered(run, known);

    for (size_t i = 0; r == RESULT_DONE && i < run->n_places; i++)
        r = check_place(run, run->places + i);
    return r;
}

/* --- forgetting ---------------------------------------------------------------------------- */

static int append_entry(const Run *run, const Known *known)
{
    _cleanup_free_ char *now = time_format(time_now()), *id = system_new_id(time_now());
    _cleanup_(history_free) History history = {};
    TransactionRecord entry = TRANSACTION_RECORD_NEW; /* borrows all members */
    int r;

    if (!now || !id)
        return -ENOMEM;
    r = history_read(run->store, &history);
    if (r < 0)
        return r;
    if (history.n_items > 0 && !history_last_version(&history))
        return 0; /* an earlier run, which was cut off, has written the entry */
    entry.id = id;
    entry.service = run->store->name;
    entry.from = known->version;
    entry.started = entry.finished = now;
    entry.action = ACTION_FORGOTTEN;
    entry.result = RESULT_DONE;
    return history_append(run->store, &entry);
}

static int forget(const Run *run, const Known *known)
{
    static const char *const records[] = {RECORD_INTERRUPTED, RECORD_POST,        RECORD_REQUESTED,
                                          RECORD_SOFTWARE,    RECORD_PROVISIONAL, RECORD_APPROVED,
                                          RECORD_REFUSED};
    _cleanup_(transaction_record_free) TransactionRecord failed = {};
    int r;

    r = append_entry(run, known); /* mutation: note-forgetting */
    if (r == 0 && transaction_record_read(run->store, RECORD_FAILED, &failed) == 0)
        r = failed_drop(run, &failed);
    else if (r == 0)
        r = record_remove(run->store, RECORD_FAILED);
    for (size_t i = 0; r == 0 && i < ELEMENTSOF(records); i++)
        r = record_remove(run->store, records[i]);
    if (r == 0)
        r = fresh_write(run->store, NULL);
    if (r == 0)
        r = known_mounts_forget(run->store);
    if (r == 0)
        r = stamp_clear(run->store->fd, run->store->name);
    if (r == 0 && fsync(run->store->fd) < 0)
        r = -errno;
    return r == 0 ? record_remove(run->store, RECORD_KNOWN) : r;
}

/* --- parts in the states of hosts ---------------------------------------------------------- */

/* Removes a host stamp, because a host stamp without the guest's state would refuse every start. */
static int forget_part(const Run *run, const Lodging *lodging)
{
    _cleanup_(stamps_free) Stamps stamps = {};
    _cleanup_free_ char *versions = NULL;
    int r = lodging->fd < 0 ? 0 : stamps_read(lodging->fd, run->store->name, &stamps);

    if (r < 0 || !stamps.versions)
        return r;
    r = stamp_clear(lodging->fd, run->store->name);
    if (r == 0 && fsync(lodging->fd) < 0) /* mutation: sync-cleared-stamp */
        r = -errno;
    versions = stamps_describe(&stamps);
    if (r == 0)
        log_info(&run->log,
                 "The stamp of %s in %s, version %s, is gone, too. What %s keeps in %s is not "
                 "touched: if it is still there, it is there at the next start",
                 run->store->name, lodging->path, versions ? versions : "?", run->store->name,
                 lodging->host);
    return r;
}

static int forget_parts(const Run *run)
{
    for (size_t i = 0; i < run->n_lodgings; i++) {
        int r = forget_part(run, run->lodgings + i);

        if (r < 0)
            return refuse(run, RESULT_FAILED,
                          "its stamp in %s: %s. Fix that, then run the same again",
                          run->lodgings[i].path, strerror(-r));
    }
    return RESULT_DONE;
}

static int forget_session(Run *run)
{
    _cleanup_(known_record_free) Known known = {};
    int r, remembered = known_read(run->store, &known);

    if (remembered < 0)
        return refuse(run, RESULT_FAILED, "%s", strerror(-remembered));
    r = check_gone(run, &known);
    if (r == RESULT_DONE)
        r = forget_parts(run);
    if (r != RESULT_DONE)
        return r;
    if (remembered == 1) {
        log_info(&run->log, "Nothing is remembered of %s: its next start is a first one",
                 run->store->name);
        return RESULT_DONE;
    }
    r = forget(run, &known);
    if (r < 0)
        return refuse(run, RESULT_FAILED, "%s: %s. Fix that, then run the same again",
                      run->store->path, strerror(-r));
    log_event(&run->log, LOG_NOTICE, MESSAGE_FORGOTTEN, RESULT_DONE,
              "The state of %s, last at version %s, is forgotten: its next start is that of a "
              "fresh installation. Its backups are kept",
              run->store->name, known.version ? known.version : "?");
    return RESULT_DONE;
}

static Result forget_state(const char *name)
{
    _cleanup_(session_close) Session session;
    int r = session_open(&session, name);

    session.run.check_only = true;                       /* for messages: this is not a migration */
    if (r == RESULT_REFUSED && !session.run.declaration) /* no declaration names the service any
                                                          * more */
        r = RESULT_DONE;
    return r == RESULT_DONE ? forget_session(&session.run) : r;
}

int verb_forget(char **arguments)
{
    return arguments[1] ? prune_forget(arguments[0], arguments[1]) : forget_state(arguments[0]);
}
