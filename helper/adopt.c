/* SPDX-License-Identifier: MIT */
/* Records a version without migrating: a version that was detected or adopted, or the version of a
 * fresh installation. */
#include "adopt.h"

#include "inuse/inuse.h"
#include "permit/permit.h"
#include "session/session.h"
#include "state/refuse.h"
#include "store/software.h"
#include "store/stamp.h"
#include "system/system.h"
#include "transaction/conclude.h"
#include "verbs.h"
#include "version/version.h"

#include <fcntl.h>

static int describe(const Run *run, const char *from, const char *to, Action how,
                    TransactionRecord *record)
{
    _cleanup_free_ char *now = time_format(time_now()), *id = system_new_id(time_now());
    const char *declared = run->declaration->version.value;
    const StringValue strings[] = {{&record->id, id},
                                   {&record->service, run->declaration->name},
                                   {&record->from, from},
                                   {&record->to, to},
                                   {&record->started, now},
                                   {&record->finished, now},
                                   {&record->declaration, run->declaration->file}};
    int r = now && id ? 0 : -ENOMEM;

    record->action = how;
    record->result = RESULT_DONE;
    if (r == 0)
        r = strreplace_all(strings, ELEMENTSOF(strings));
    if (r == 0)
        r = places_record(run->places, run->n_places, record);
    if (r == 0)
        r = lodgings_record(run->lodgings, run->n_lodgings, record);
    /* A declaration that is being enabled has no Version= yet. */
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

static int fail_untouched(Run *run, const char *version, const char *where, int r)
{
    _cleanup_free_ char *next = run->check_only ? NULL : run_describe_next(run);

    r = fail(run, version, where, r);
    if (run->check_only)
        log_error(&run->log, "No stamp was changed");
    else
        log_error(&run->log, "No stamp was changed; %s stays down%s", run->units[0],
                  next ? next : "");
    return r;
}

static bool has_stamp(const Run *run, const char *version)
{
    _cleanup_free_ char *stamp = stamp_name(run->store->name, version);

    return !stamp || faccessat(stamps_fd(run, 0), stamp, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static int record_version(Run *run, Flight *flight)
{
    const StateDirectory *unready = facts_find_unready(&run->facts);
    const char *version = flight->to;
    size_t i;
    int r;

    for (i = 0; i < run->n_places; i++)
        if (run->places[i].fd < 0)
            return fail_untouched(run, version, run->places[i].directory, -ENOENT);
    if (unready)
        return run_refuse_verdict(
            run, &(Verdict){.outcome = OUTCOME_HOST_UNREADY, .directory = unready});
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
        /* If no stamp was written, the state is as before; else the next start continues. */
        bool untouched = i == 0 && !has_stamp(run, version);

        if (untouched && record_remove(run->store, RECORD_TRANSACTION) == 0)
            return fail_untouched(run, version, flight_stamp_path(flight, i), r);
        if (store_has(run->store, RECORD_TRANSACTION))
            log_error(&run->log,
                      "%s stays down until that is recovered. Fix the cause, then run: systemctl "
                      "start migrate@%s",
                      run->units[0], run->declaration->name);
        return fail(run, version, flight_stamp_path(flight, i), r);
    }
    log_event(&run->log, LOG_NOTICE, MESSAGE_STAMPED, RESULT_DONE,
              "The state of %s is recorded as version %s (%s)", run->declaration->name, version,
              action_name(flight->record.action));
    return RESULT_DONE;
}

/* Changes the stamps of the live state, without a swap. The stamps of several directories cannot be
 * written at once, so this is a transaction, too. */
int state_record(Run *run, const char *from, const char *version, Action how)
{
    Flight flight = flight_of_run(run);
    const LogContext log = run->log;
    int r = describe(run, from, version, how, &flight.record);

    flight_borrow(&flight);
    r = r == 0 ? record_version(run, &flight) : fail_untouched(run, version, run->store->path, r);
    transaction_record_free(&flight.record);
    run->log = log; /* the transaction is over */
    return r;
}

int state_remember_mounts(Run *run, bool anew)
{
    _cleanup_free_ char *who = NULL;
    bool idle = in_use_check(run->declaration, run->places, run->n_places, &who) == IN_USE_IDLE;

    return remember_mounts(run->store, run->places, run->n_places, idle, anew);
}

Result state_refuse_mounts(Run *run, int error)
{
    return run_refuse(run, RESULT_FAILED, "cannot record its mount points in %s: %s",
                      run->store->path, strerror(-error));
}

/* Writes only a marker into the store, and no stamp: some software refuses to make its state in a
 * directory that is not empty. */
int state_start_fresh(Run *run)
{
    LogContext log = run->log;
    int r = state_remember_mounts(run, false);

    if (r < 0)
        return state_refuse_mounts(run, r);
    r = fresh_write(run->store, run->declaration->version.value);
    log.to = run->declaration->version.value;
    if (r < 0)
        return run_refuse(run, RESULT_FAILED, "cannot write %s/fresh=%s: %s", run->store->path,
                          run->declaration->version.value, strerror(-r));
    log_event(&log, LOG_NOTICE, MESSAGE_FRESH, RESULT_DONE,
              "A fresh installation: %s is missing or empty, and begins at version %s", run->where,
              run->declaration->version.value);
    return RESULT_DONE;
}

static int refuse_missing_directory(const Run *run, const char *directory)
{
    log_event(
        &run->log, LOG_ERR, MESSAGE_REFUSED, RESULT_REFUSED,
        "The version of %s is not recorded: '%s' is missing. Mount it, or make it if it never was "
        "there, then run the same command again",
        run->declaration->name, directory);
    return RESULT_REFUSED;
}

/* Asks Detect= whether the state has that version. force: Detect= may contradict. */
static Result check_detected(Run *run, const char *version, bool force)
{
    _cleanup_(words_free) Words words = {};
    Verdict verdict;

    if (detect_confirm(run, version) < 0)
        return run_refuse(run, RESULT_FAILED, "out of memory");
    verdict = detect_verdict(run, version);
    if (verdict.outcome == OUTCOME_CURRENT)
        return RESULT_DONE;
    if (!force || verdict.outcome != OUTCOME_CONTRADICTED)
        return run_refuse_verdict(run, &verdict);
    if (words_find(&run->facts, &verdict, &words) == 0)
        log_warning(&run->log, "Recorded all the same, because of --force: %s", words.sentence);
    return RESULT_DONE;
}

/* Refuses a state that has a former name: a record under the new name would prevent the next start
 * from taking over the records under the former name. */
static Result refuse_former(Run *run)
{
    const Former former = former_decide(&run->facts);

    if (former.refused)
        return run_refuse_verdict(run, &(Verdict){.outcome = former.outcome,
                                                  .former = former,
                                                  .text = former.other,
                                                  .error = former.error});
    if (!former.found && !run->facts.former.moving)
        return RESULT_DONE;
    if (run->declaration->version.value)
        return run_refuse(run, RESULT_REFUSED,
                          "its state is taken over from its former name or directory at the next "
                          "start, and a version that was recorded before would stand in the way of "
                          "that");
    return run_refuse(run, RESULT_REFUSED,
                      "its state is taken over from its former name or directory once Version= is "
                      "declared, and a version that was recorded before would stand in the way of "
                      "that");
}

/* Detects the version of a state without a stamp. Returns RESULT_DONE and *ret, which the caller
 * owns, or another Result, which was logged. */
static Result detect(Run *run, char **ret)
{
    _cleanup_(verdict_free) Verdict verdict = {};
    int r = run_judge(run, ASKS_FRESH_CHECK | ASKS_DETECT, &verdict);

    if (r < 0)
        return run_refuse(run, RESULT_FAILED, "out of memory");
    if (verdict.assumed) {
        *ret = TAKE_PTR(verdict.version);
        return RESULT_DONE;
    }
    if (verdict.version)
        return run_refuse(run, RESULT_REFUSED,
                          "its software migrates it itself, and has not started successfully "
                          "since");
    if (outcome_condition(verdict.outcome) == CONDITION_FRESH)
        return run_refuse(run, RESULT_REFUSED,
                          "there is no state yet, so there is no version to detect");
    return run_refuse_verdict(run, &verdict);
}

/* Otherwise Detect= would be asked at the next start, and overrule the operator. */
static Result agree_declared(Run *run)
{
    const char *version = run->declaration->version.value;

    if (!run->declaration->detect.argv || !version || declared_agree(run->store, version) == 0)
        return RESULT_DONE;
    return run_refuse(run, RESULT_FAILED, "cannot write %s/declared=%s", run->store->path, version);
}

static Result adopt(Run *run, const char *version, bool force)
{
    _cleanup_free_ char *detected = NULL;
    const char *stamp;
    Result result;
    Agreement agreement = stamps_read_agreement(run, false, &stamp);
    bool stamped = agreement == AGREEMENT_VERSION;

    if (version ? (stamped || agreement == AGREEMENT_SELF) && streq(stamp, version) : stamped) {
        if (force && stamped && agree_declared(run) != RESULT_DONE)
            return RESULT_FAILED;
        log_info(&run->log, "The state of %s is recorded as version %s already",
                 run->declaration->name, stamp);
        return RESULT_DONE;
    }
    if (version && !version_is_valid(version))
        return run_refuse(run, RESULT_REFUSED, "it has no stamp %s", version);
    result = version ? check_detected(run, version, force) : detect(run, &detected);
    if (result != RESULT_DONE)
        return result;
    run_forget_refusal(run);
    result = state_record(run, stamped ? stamp : NULL, version ? version : detected,
                          version ? ACTION_ADOPTED : ACTION_DETECTED);
    return result == RESULT_DONE && force ? agree_declared(run) : result;
}

/* Says whether a former mount point is gone, or is something else than an empty directory. Somebody
 * may have put a link to the data there. */
static bool is_settled(const Run *run, const char *path)
{
    ARRAY_FOREACH (place, run->places, run->n_places) {
        const char *rest = path_below(path, place->directory);
        _cleanup_(stamps_free) Stamps stamps = {};
        _cleanup_close_ int fd = -ENOENT;

        if (rest && place->fd >= 0)
            fd = place_open_below(place->fd, *rest ? rest + 1 : rest);
        if (rest && fd != -ENOENT)
            return fd >= 0 && stamps_read(fd, run->store->name, &stamps) == 0 && !stamps.empty;
    }
    return true;
}

/* Refuses to stamp a state whose disk is missing. With force, the data may be somewhere else by now,
 * but not in an empty mount point. */
static Result refuse_unmounted(Run *run, bool force)
{
    const Declaration *declaration = run->declaration;

    for (size_t i = 0; i < declaration->directories.n_items + declaration->excludes.n_items; i++) {
        bool own = i < declaration->directories.n_items;
        const char *path =
            own ? declaration->directories.items[i].value
                : declaration->excludes.items[i - declaration->directories.n_items].value;
        int r = known_mount_is_missing(run->store, path);

        if (r < 0)
            return run_refuse(run, RESULT_FAILED, "cannot read the mounts: %s", strerror(-r));
        if (r == 0)
            continue;
        if (!force)
            return run_refuse(run, RESULT_REFUSED,
                              "'%s' was a mount point when the state was last seen, and nothing is "
                              "mounted there now: mount the disk. If its data is somewhere else by "
                              "now, add --force",
                              path);
        if (is_settled(run, path))
            continue;
        if (own && declaration->directories.n_items == 1)
            return run_refuse(run, RESULT_REFUSED,
                              "'%s' was a mount point when the state was last seen, and is empty "
                              "now: mount the disk. If the data is lost, bring a backup back: "
                              "migratectl restore %s ID. To begin anew: migratectl forget %s",
                              path, declaration->name, declaration->name);
        return run_refuse(run, RESULT_REFUSED,
                          "'%s' was a mount point when the state was last seen, and is empty now: "
                          "mount the disk. If the disk is not needed any more, run: rmdir %s, and "
                          "the same command again",
                          path, path);
    }
    return RESULT_DONE;
}

static int adopt_named(const char *name, const char *version, bool force)
{
    _cleanup_(session_close) Session session;
    Run *run = &session.run;
    int r = session_open(&session, name);

    run->check_only = true;
    run->facts.thorough = true;
    if (r == RESULT_DONE && run_look(run) < 0)
        r = run_refuse(run, RESULT_FAILED, "out of memory");
    if (r == RESULT_DONE)
        r = refuse_former(run);
    if (r == RESULT_DONE)
        r = run_find_places(run);
    if (r == RESULT_DONE)
        r = refuse_unmounted(run, force);
    if (r == RESULT_DONE) { /* before the stamps, which nobody writes twice */
        int error = state_remember_mounts(run, force);

        r = error < 0 ? state_refuse_mounts(run, error) : RESULT_DONE;
    }
    for (size_t i = 0; r == RESULT_DONE && i < run->n_places; i++)
        if (run->places[i].fd < 0)
            r = refuse_missing_directory(run, run->places[i].directory);
    return r == RESULT_DONE ? adopt(run, version, force) : r;
}

static int adopt_checked(char **arguments, bool force)
{
    return arguments[1] && !version_is_valid(arguments[1]) && !version_self_target(arguments[1])
               ? RESULT_USAGE
               : adopt_named(arguments[0], arguments[1], force);
}

int verb_adopt(char **arguments)
{
    return adopt_checked(arguments, false);
}

int verb_adopt_forced(char **arguments)
{
    return adopt_checked(arguments, true);
}
