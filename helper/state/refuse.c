/* SPDX-License-Identifier: MIT */
/* Logs refusals, and remembers them for STORE/refused. */
#include "state/refuse.h"

#include "system/bus.h"

#include <systemd/sd-daemon.h>

int run_find_words(Run *run, const Verdict *verdict, Words *ret)
{
    sd_bus *bus = NULL;
    int r = 0;

    if (run->facts.n_units == 0) {
        if (sd_booted() > 0 && bus_open(&bus) < 0)
            bus = NULL;
        r = facts_read_units(&run->facts, bus);
        sd_bus_flush_close_unref(bus);
    }
    return r < 0 ? r : words_find(&run->facts, verdict, ret);
}

static char *describe_next(const Words *words)
{
    _cleanup_free_ char *line = words_line(words);

    return line ? strprintf(". To go on, %s", line) : NULL;
}

char *run_describe_next(Run *run)
{
    _cleanup_(words_free) Words words = {};

    return run_find_words(run, &(Verdict){.outcome = OUTCOME_STOPPED}, &words) < 0
               ? NULL
               : describe_next(&words);
}

/* The command has a line of its own, since "systemctl status" cuts lines off on a terminal. */
static void say_untouched(const Run *run, Result result, const Words *words)
{
    const char *unit = run->units[0], *directory = run->where;
    _cleanup_free_ char *next = words_line(words);

    if (run->check_only || result == RESULT_BUSY) /* the service may be running */
        log_error(&run->log, "Nothing was stopped, the data in %s is untouched", directory);
    else if (run->log.from && declaration_accepts(run->declaration, run->log.from))
        log_error(&run->log, "The data in %s is untouched, and %s may start on it as it is",
                  directory, unit);
    else
        log_error(&run->log, "The data in %s is untouched; %s stays down", directory, unit);
    if (next)
        log_error(&run->log, "To go on, %s", next);
}

/* Remembers a refusal that only a run can find, so that "migratectl status" shows it, too. */
static void remember(Run *run, Result result, const char *verdict, Words *words)
{
    refusal_free(&run->refusal);
    run->refusal = (Refusal){.result = result,
                             .verdict = verdict ? strdup(verdict) : NULL,
                             .from = run->log.from ? strdup(run->log.from) : NULL,
                             .sentence = TAKE_PTR(words->sentence),
                             .command = TAKE_PTR(words->command),
                             .then = TAKE_PTR(words->then)};
}

void run_forget_refusal(const Run *run)
{
    if (refusal_remove(run->store) < 0)
        log_warning(&run->log, "Cannot remove %s/" RECORD_REFUSED, run->store->path);
}

static void log_refusal(Run *run, Result result, const char *message_id, const Words *words)
{
    const char *sentence = words->sentence ? words->sentence : "out of memory";
    int priority = result == RESULT_APPROVAL ? LOG_WARNING : LOG_ERR;

    if (run->reports)
        return;
    /* With check_only, no migration was intended, so the message does not say "migrated". */
    if (run->check_only)
        log_event(&run->log, priority, message_id, result, "%s: %s", run->declaration->name,
                  sentence);
    else
        log_event(&run->log, priority, message_id, result, "%s is not migrated: %s",
                  run->declaration->name, sentence);
    say_untouched(run, result, words);
}

Result run_refuse_verdict(Run *run, const Verdict *verdict)
{
    _cleanup_(words_free) Words words = {};
    Result result = outcome_result(verdict->outcome);

    if (run_find_words(run, verdict, &words) < 0)
        return run_refuse(run, RESULT_FAILED, "out of memory");
    log_refusal(run, result, outcome_message(verdict->outcome), &words);
    /* Only a run measures the space of a clone, so an excess of CopyLimit= is remembered, too. */
    if (run->reports || outcome_is_found_by_run(verdict->outcome) ||
        (result == RESULT_APPROVAL && run->facts.space.report.over_limit))
        remember(run, result, outcome_name(verdict->outcome), &words);
    return result;
}

const char *refusal_message(Result result)
{
    return result == RESULT_BUSY      ? MESSAGE_BUSY
           : result == RESULT_REFUSED ? MESSAGE_REFUSED
                                      : MESSAGE_FAILED;
}

Result run_refuse_take(Run *run, Result result, char *what)
{
    _cleanup_(words_free) Words words = {};

    /* The command of OUTCOME_STOPPED repeats the run. */
    if (run_find_words(run, &(Verdict){.outcome = OUTCOME_STOPPED}, &words) == 0)
        free(words.sentence);
    words.sentence = what;
    log_refusal(run, result, refusal_message(result), &words);
    remember(run, result, NULL, &words);
    return result;
}
