/* SPDX-License-Identifier: MIT */
/* Runs the script and the verification of each step of a plan, on the clones or on the live
 * state. */
#include "basic/text.h"
#include "script/progress.h"
#include "script/script.h"
#include "store/attempt.h"
#include "transaction/effects.h"
#include "transaction/private.h"

/* Lists the directories that scripts must not see: the store and the other bases. A base inside of
 * the state is hidden by the clone that is mounted over the original. */
static int list_hidden(const Transaction *t, char ***hidden)
{
    int r = strv_append(hidden, STORE_DIRECTORY);

    for (size_t i = 0; r == 0 && i < t->run->n_places; i++)
        if (!t->run->places[i].base_is_inside && !strv_contains(*hidden, t->run->places[i].base) &&
            !startswith(t->run->places[i].base, STORE_DIRECTORY "/"))
            r = strv_append(hidden, t->run->places[i].base);
    return r;
}

/* Lists the paths of the trees on the host. A container engine has to mount these, since only the
 * sandbox shows the trees in their places. */
static int list_host_paths(const Transaction *t, char ***paths)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < t->run->n_places; i++) {
        const Place *place = t->run->places + i;

        r = strv_consume(paths, t->protect == PROTECT_CLONE
                                    ? strprintf("%s/%s", place->transaction, place->clone)
                                    : strdup(place->path));
    }
    return r;
}

/* Checks right before a command that the command is still approved. Cloning, Backup= or the last
 * step may have taken hours. */
static int prove_command(void *userdata)
{
    Transaction *t = userdata;

    t->unwanted = prove_wanted(t);
    return t->unwanted;
}

static Result judge_script(Transaction *t, const Command *command, int outcome, char *what)
{
    if (outcome < 0) {
        free(what);
        return transaction_fail_errno(t, "cannot run", command->argv[0], outcome);
    }
    if (outcome == SCRIPT_FAILED) {
        t->keep_clone = true;
        return transaction_fail(t, what, RESULT_FAILED);
    }
    free(what);
    if (outcome == SCRIPT_UNWANTED)
        return t->unwanted;
    return outcome == SCRIPT_CANCELED ? transaction_fail(t, strdup("interrupted"), RESULT_FAILED)
                                      : RESULT_DONE;
}

static Result call_hook(Transaction *t, const ScriptContext *context, const Step *step,
                        const Command *command, const char *key)
{
    _cleanup_close_ int backup_fd = effects_backup_fd(&t->flight, t->step);
    char *what = NULL;
    int outcome;

    if (!command->argv)
        return RESULT_DONE;
    progress_hook(key);
    outcome =
        script_run(context,
                   &(ScriptCall){.command = command,
                                 .key = key,
                                 .from = step->from,
                                 .to = step->to,
                                 .timeout_usec = step->hooks->timeout_usec,
                                 .access = SANDBOX_WRITABLE,
                                 .external = step->hooks->external,
                                 .extra = &(SandboxTree){.path = SCRIPT_BACKUP, .fd = backup_fd},
                                 .n_extra = backup_fd >= 0},
                   NULL, NULL, &what);
    return judge_script(t, command, outcome, what);
}

static Result begin_effects(Transaction *t, const ScriptContext *context)
{
    _cleanup_free_ char *what = NULL;
    int outcome = effects_begin(&t->flight, context, t->step, &what);

    if (outcome == EFFECTS_DONE)
        return RESULT_DONE;
    if (outcome == EFFECTS_UNWANTED)
        return t->unwanted;
    if (outcome == EFFECTS_FAILED)
        return transaction_fail(t, TAKE_PTR(what), RESULT_FAILED);
    return transaction_fail_what(t, "cannot back up", what,
                                 outcome == EFFECTS_CANCELED ? -ECANCELED : outcome);
}

static void report_done(const Transaction *t, uint64_t begun, const char *what)
{
    const Step *step = t->plan->steps + t->step;
    uint64_t usec = time_now() - begun;
    char duration[32];

    text_duration(duration, sizeof(duration), usec);
    log_done(&t->run->log, NULL, usec, "Step %zu of %zu%s%s%s%s, %s in %s", t->step + 1,
             t->plan->n_steps, step->from ? ", " : "", step->from ? step->from : "",
             step->from ? " to " : "", step->from ? step->to : "", what, duration);
}

static Result run_step(Transaction *t, const ScriptContext *context, const Step *step)
{
    uint64_t begun = time_now();
    Result r;

    log_event(&t->run->log, LOG_INFO, MESSAGE_STEP, -1, "Step %zu of %zu: %s", t->step + 1,
              t->plan->n_steps, t->run->log.step);
    progress_step(t->step + 1, t->plan->n_steps, step->from, step->to);
    r = begin_effects(t, context);
    if (r == 0)
        r = call_hook(t, context, step, &step->hooks->script, step->from ? "Script" : "Init");
    if (r != 0)
        return r;
    report_done(t, begun, step->from ? "done" : "the state is made");
    if (!step->hooks->verify.argv)
        return RESULT_DONE;
    begun = time_now();
    r = call_hook(t, context, step, &step->hooks->verify, "Verify");
    if (r == 0)
        report_done(t, begun, "verified");
    return r;
}

Result steps_run_some(Transaction *t, size_t n, StepDone done, void *userdata)
{
    _cleanup_strv_ char **hidden = NULL, **host_paths = NULL;
    ScriptContext context = {.declaration = t->run->declaration,
                             .store = t->run->store,
                             .log = &t->run->log,
                             .trees = t->trees,
                             .n_trees = t->run->n_places,
                             .from_software = t->flight.record.software_from,
                             .cancel = &canceled,
                             .rehearsal = t->run->log.rehearsal,
                             .prove = prove_command,
                             .userdata = t};
    Result r = RESULT_DONE;

    if (list_hidden(t, &hidden) < 0 || list_host_paths(t, &host_paths) < 0)
        return transaction_fail(t, NULL, RESULT_FAILED);
    context.hidden_paths = hidden;
    context.host_paths = host_paths;
    for (t->step = 0; r == 0 && t->step < n; t->step++) {
        const Step *step = t->plan->steps + t->step;
        uint64_t begun = time_now();
        _cleanup_free_ char *name = attempt_step_name(step);

        if (!step->hooks)
            continue;
        t->run->log.step = name ? name : "";
        /* The check comes before anything is made for the step. */
        r = prove_wanted(t);
        if (r == 0)
            r = run_step(t, &context, step);
        t->run->log.step = NULL;
        if (done)
            done(t->step, r, time_now() - begun, userdata);
    }
    return r;
}

/* Runs all steps. Verify= runs right after its script, since it expects the result of that step. */
Result steps_run(Transaction *t)
{
    return steps_run_some(t, t->plan->n_steps, NULL, NULL);
}
