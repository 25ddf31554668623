/* SPDX-License-Identifier: MIT */
/* Runs the script and the verification of each step of a plan, on the clones or on the live
 * state. */
#include "basic/text.h"
#include "script/progress.h"
#include "store/attempt.h"
#include "transaction/effects.h"
#include "transaction/private.h"
#include "wayback/wayback.h"

/* Lists the directories that scripts must not see: the store and all bases. A base inside of the
 * state is left out, since the clone is mounted over it. */
static int list_hidden(const Transaction *t, char ***hidden)
{
    int r = strv_append(hidden, STORE_DIRECTORY);

    for (size_t i = 0; r == 0 && i < t->run->n_places; i++)
        if (!t->run->places[i].base_is_inside &&
            !startswith(t->run->places[i].base, STORE_DIRECTORY "/"))
            r = strv_append_once(hidden, t->run->places[i].base);
    return r;
}

/* Lists the paths of the trees on the host. A script that calls a container engine must name these
 * paths, since only the sandbox shows the trees at the state's paths. */
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
        return transaction_check(t, outcome, "cannot run", command->argv[0]);
    }
    if (outcome == SCRIPT_FAILED) {
        t->keep_clone = true;
        return transaction_fail_take(t, RESULT_FAILED, what);
    }
    if (outcome == SCRIPT_NO_ROOM)
        return transaction_fail_take(t, RESULT_REFUSED, what);
    free(what);
    return outcome == SCRIPT_UNWANTED   ? t->unwanted
           : outcome == SCRIPT_CANCELED ? transaction_fail(t, RESULT_FAILED, "interrupted")
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
        return transaction_fail_take(t, RESULT_FAILED, TAKE_PTR(what));
    assert(outcome == EFFECTS_CANCELED || outcome < 0);
    return transaction_check_what(t, outcome == EFFECTS_CANCELED ? -ECANCELED : outcome,
                                  "cannot back up", what);
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
    progress_step(PROGRESS_STEP, t->step + 1, t->plan->n_steps, step->from, step->to);
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

ScriptContext run_script_context(const Run *run, const SandboxTree *trees)
{
    return (ScriptContext){.declaration = run->declaration,
                           .store = run->store,
                           .log = &run->log,
                           .trees = trees,
                           .n_trees = run->n_places,
                           .places = run->n_places > 0 ? run->places : NULL,
                           .cancel = &canceled,
                           .rehearsal = run->log.rehearsal};
}

/* Asks Detect= for the version of the migrated state, so that a Detect= with another precision than
 * Version= (2.3, not 2) fails now, and not only at the next migration. */
static Result confirm_version(Transaction *t, const ScriptContext *context)
{
    const Command *detect = &t->run->declaration->detect;
    _cleanup_free_ char *text = NULL;
    char *what = NULL, *version;
    int outcome;

    if (!detect->argv || t->run->declaration->self_migrating)
        return RESULT_DONE;
    progress_hook("Detect");
    outcome = script_run(context,
                         &(ScriptCall){.command = detect,
                                       .key = "Detect",
                                       .from = t->plan->to,
                                       .timeout_usec = UINT64_MAX,
                                       .access = SANDBOX_READ_ONLY},
                         &text, NULL, &what);
    if (outcome == SCRIPT_FAILED) {
        log_info(&t->run->log, "Detect= cannot tell the version of the migrated state: %s",
                 what ? what : "out of memory");
        free(what);
        return RESULT_DONE;
    }
    if (outcome != SCRIPT_SUCCESS)
        return judge_script(t, detect, outcome, what);
    version = strstrip_in_place(text);
    if (version_is_valid(version) && version_compare(version, t->plan->to) == 0)
        return RESULT_DONE;
    t->keep_clone = true;
    return transaction_fail(t, RESULT_FAILED,
                            "Detect=%s says that the migrated state is at version '%s', not at %s: "
                            "correct the migration or Detect=, or declare the version that it is",
                            detect->argv[0], version, t->plan->to);
}

/* Verify= runs right after its script, since it expects the result of that step. */
Result steps_run(Transaction *t, size_t n, StepDone done, void *userdata)
{
    _cleanup_strv_ char **hidden = NULL, **host_paths = NULL;
    ScriptContext context = run_script_context(t->run, t->trees);
    Result r = RESULT_DONE;

    if (list_hidden(t, &hidden) < 0 || list_host_paths(t, &host_paths) < 0)
        return transaction_fail_take(t, RESULT_FAILED, NULL);
    context.from_software = t->flight.record.software_from;
    context.hidden_paths = hidden;
    context.host_paths = host_paths;
    context.prove = prove_command;
    context.temporary = &t->temporary;
    context.userdata = t;
    for (t->step = 0; r == 0 && t->step < n; t->step++) {
        const Step *step = t->plan->steps + t->step;
        uint64_t begun = time_now();
        _cleanup_free_ char *name = attempt_step_name(step);

        if (!step->hooks)
            continue;
        t->run->log.step = name ? name : "";
        r = prove_wanted(t);
        if (r == 0)
            r = run_step(t, &context, step);
        t->run->log.step = NULL;
        if (done)
            done(t->step, r, time_now() - begun, userdata);
    }
    if (r == 0 && !t->plan->from)
        r = init_verify(t);
    return r == 0 && n == t->plan->n_steps ? confirm_version(t, &context) : r;
}

Result steps_keep(Transaction *t)
{
    const Run *run = t->run;
    _cleanup_strv_ char **notes = NULL;
    _cleanup_free_ char *what = NULL;
    int r = applied_write(run->store, t->flight.id, t->flight.record.started, run->declaration,
                          t->plan, &notes, &what);

    if (r < 0)
        return transaction_check(t, r,
                                 "cannot keep the [Down] scripts:", what ? what : run->store->path);
    STRV_FOREACH (note, notes)
        log_warning(&run->log, "%s", *note);
    return RESULT_DONE;
}
