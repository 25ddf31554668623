/* SPDX-License-Identifier: MIT */
/* Recording a version without migrating: what was detected, adopted, or begins fresh. */
#include "adopt.h"

#include "relocate/former.h"
#include "session/session.h"
#include "state/refuse.h"
#include "store/software.h"
#include "store/stamp.h"
#include "system/system.h"
#include "transaction/conclude.h"
#include "verbs.h"
#include "version/contact.h"
#include "version/detect.h"

#include <fcntl.h>

static int describe(const Run *run, const char *from, const char *to, Action how,
                    TransactionRecord *record)
{
    _cleanup_free_ char *now = time_format(time_now()), *id = system_new_id(time_now());
    const char *declared = run->declaration->version.value;
    const struct {
        char **field;
        const char *value;
    } strings[] = {{&record->id, id},
                   {&record->service, run->declaration->name},
                   {&record->from, from},
                   {&record->to, to},
                   {&record->started, now},
                   {&record->finished, now},
                   {&record->declaration, run->declaration->file}};
    int r = now && id ? 0 : -ENOMEM;

    record->action = how;
    record->result = RESULT_DONE;
    record->stamp = run->declaration->stamp_in_store ? STAMP_IN_STORE : STAMP_IN_DIRECTORIES;
    for (size_t i = 0; r == 0 && i < ELEMENTSOF(strings); i++)
        r = strreplace(strings[i].field, strings[i].value);
    if (r == 0)
        r = places_record(run->places, run->n_places, record);
    if (r == 0)
        r = lodgings_record(run->lodgings, run->n_lodgings, record);
    /* What is being enabled declares no version yet. */
    return r == 0 ? software_describe(run->store, record, from,
                                      declared && version_compare(to, declared) == 0
                                          ? run->declaration->software
                                          : NULL)
                  : r;
}

static int fail(const Run *run, const char *version, const char *where, int r)
{
    log_event(&run->log, LOG_ERR, MESSAGE_FAILED, RESULT_FAILED,
              "Cannot record version %s in %s: %s", version, where, strerror(-r));
    return RESULT_FAILED;
}

/* The same, where all is as before. */
static int fail_untouched(const Run *run, const char *version, const char *where, int r)
{
    r = fail(run, version, where, r);
    if (run->check_only)
        log_error(&run->log, "No stamp was changed");
    else
        log_error(&run->log,
                  "No stamp was changed; %s stays down. Once that is mended, type: systemctl "
                  "restart %s",
                  run->units[0], run->units[0]);
    return r;
}

static bool has_stamp(const Run *run, const char *version)
{
    _cleanup_free_ char *stamp = stamp_name(run->store->name, version);

    return !stamp || faccessat(contact_stamp_fd(run, 0), stamp, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int record_version(Run *run, Flight *flight)
{
    const char *version = flight->to;
    size_t i;
    int r;

    for (i = 0; i < run->n_places; i++)
        if (run->places[i].fd < 0)
            return fail_untouched(run, version, run->places[i].directory, -ENOENT);
    r = refuse_unready(run);
    if (r != RESULT_DONE)
        return r;
    run->log.from = flight->from;
    run->log.to = version;
    run->log.transaction = flight->id;
    r = flight_describe_readers(flight, run->declaration);
    if (r == 0)
        r = flight_write(flight, PHASE_RECORDING); /* mutation: record-recording */
    if (r < 0)
        return fail_untouched(run, version, run->store->path, r);
    r = conclude_recording(flight, &i);
    if (r < 0) {
        /* Where no stamp was written, all is as before; else the next start goes on. */
        bool untouched = i == 0 && !has_stamp(run, version);

        if (untouched && record_remove(run->store, RECORD_TRANSACTION) == 0)
            return fail_untouched(run, version, flight_stamp_path(flight, i), r);
        if (store_has(run->store, RECORD_TRANSACTION))
            log_error(&run->log,
                      "%s is held back until that is settled. Mend the cause, then type: systemctl "
                      "start migrate@%s",
                      run->units[0], run->declaration->name);
        return fail(run, version, flight_stamp_path(flight, i), r);
    }
    log_event(&run->log, LOG_NOTICE, MESSAGE_STAMPED, RESULT_DONE,
              "The state of %s is recorded as version %s (%s)", run->declaration->name, version,
              action_name(flight->record.action));
    return RESULT_DONE;
}

/* Records a version on the live state: the only thing that is ever changed there without a swap.
 * Stamps of several places cannot be written at once, so this too is a transaction. */
int state_record(Run *run, const char *from, const char *version, Action how)
{
    Flight flight = {.store = run->store,
                     .log = &run->log,
                     .record = TRANSACTION_RECORD_NEW,
                     .places = run->places,
                     .n_places = run->n_places,
                     .stamp_in_store = run->declaration->stamp_in_store,
                     .lodgings = run->lodgings,
                     .n_lodgings = run->n_lodgings,
                     .hooks_fd = -1};
    const LogContext log = run->log;
    int r = describe(run, from, version, how, &flight.record);

    flight.id = flight.record.id;
    flight.from = flight.record.from;
    flight.to = flight.record.to;
    r = r == 0 ? record_version(run, &flight) : fail_untouched(run, version, run->store->path, r);
    transaction_record_free(&flight.record);
    run->log = log; /* it is over */
    return r;
}

/* No state yet: the software makes its own. The stamp stays out of the empty directory until it
 * has, since some refuse a directory that is not empty. */
int state_start_fresh(const Run *run)
{
    LogContext log = run->log;
    int r = fresh_write(run->store, run->declaration->version.value);

    log.to = run->declaration->version.value;
    if (r < 0) {
        log_event(&log, LOG_ERR, MESSAGE_FAILED, RESULT_FAILED, "Cannot write %s/fresh=%s: %s",
                  run->store->path, run->declaration->version.value, strerror(-r));
        log_error(&log,
                  "There is no data in %s yet; %s stays down. Mend the cause, then type: systemctl "
                  "restart %s",
                  run->where, run->units[0], run->units[0]);
        return RESULT_FAILED;
    }
    log_event(&log, LOG_NOTICE, MESSAGE_FRESH, RESULT_DONE,
              "A fresh installation: %s is missing or empty, and begins at version %s", run->where,
              run->declaration->version.value);
    return RESULT_DONE;
}

static int refuse_missing_directory(const Run *run, const char *directory)
{
    log_event(
        &run->log, LOG_ERR, MESSAGE_REFUSED, RESULT_REFUSED,
        "The version of %s is not recorded: '%s' is missing. Mount it, or make it if it never "
        "was there, then type the same again",
        run->declaration->name, directory);
    return RESULT_REFUSED;
}

/* What was detected agrees by itself. */
static int check_detected(const Run *run, const char *version, bool force)
{
    _cleanup_free_ char *what = NULL;
    int r = detect_confirm(run, version, &what);

    if (r == RESULT_REFUSED && force) {
        log_warning(&run->log, "Recorded all the same, as somebody insists: %s", what ? what : "");
        return RESULT_DONE;
    }
    if (r == RESULT_DONE)
        return r;
    return run_refuse(run, r, r == RESULT_REFUSED ? MESSAGE_REFUSED : MESSAGE_FAILED,
                      what ? what : "out of memory", "");
}

/* A record of its own would stand in the way of taking over those under the former name. */
static int refuse_former(Session *session)
{
    const Run *run = &session->run;
    _cleanup_free_ char *next = NULL;
    bool pending;
    int r = former_check(session, &pending);

    if (r != RESULT_DONE || !pending)
        return r;
    next = strprintf("%s: systemctl start %s",
                     run->declaration->version.value ? "Type" : "Declare Version=, then type",
                     run->units[0]);
    return run_refuse(
        run, RESULT_REFUSED, MESSAGE_REFUSED,
        "its state is taken over from its former name or directory at the next start, "
        "and a version that was recorded before would stand in the way of that",
        next ? next : "");
}

int verb_adopt(const char *name, const char *version, bool force)
{
    _cleanup_(session_close) Session session;
    _cleanup_free_ char *found = NULL, *what = NULL;
    Run *run = &session.run;
    int r = session_open(&session, name);

    run->check_only = true;
    if (r == RESULT_DONE)
        r = refuse_former(&session);
    if (r == RESULT_DONE)
        r = run_find_places(&session.run);
    if (r != RESULT_DONE)
        return r;
    for (size_t i = 0; i < run->n_places; i++)
        if (run->places[i].fd < 0)
            return refuse_missing_directory(run, run->places[i].directory);
    r = contact_find(run, &found, &what);
    if (!version && (r == CONTACT_KNOWN || r == CONTACT_DETECTED))
        version = found;
    if (!version && r == CONTACT_DISAGREE)
        return refuse_contact(run, r, what);
    if (!version)
        return run_refuse(run, RESULT_REFUSED, MESSAGE_REFUSED,
                          what                ? what
                          : r == CONTACT_SELF ? "its software migrates it itself, and has not "
                                                "started successfully since"
                                              : "there is no state yet, so there is no version to "
                                                "detect",
                          "");
    if (r == CONTACT_KNOWN && streq(found, version)) {
        log_info(&run->log, "The state of %s is recorded as version %s already", name, version);
        return RESULT_DONE;
    }
    if (version != found || r == CONTACT_KNOWN) {
        int confirmed = check_detected(run, version, force);

        if (confirmed != RESULT_DONE)
            return confirmed;
    }
    return state_record(run, r == CONTACT_KNOWN ? found : NULL, version,
                        version == found ? ACTION_DETECTED : ACTION_ADOPTED);
}
