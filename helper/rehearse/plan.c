/* SPDX-License-Identifier: MIT */
/* Chooses the steps of a plan that can be rehearsed: the steps before the first that acts outside
 * of the state. Later steps would find a state that no migration makes. */
#include "rehearse/private.h"
#include "store/attempt.h"

/* Returns why a step cannot be rehearsed, or NULL. */
static const char *acts_outside(const Run *run, const Step *step)
{
    if (!step->hooks)
        return NULL;
    if (step->hooks->external)
        return "it acts outside of the state (External=yes)";
    if (step->hooks->backup.argv || step->hooks->restore.argv)
        return "Backup= and Restore= act outside of the state";
    if (run->declaration->read_write_paths.n_items > 0)
        return "it may write outside of the state (ReadWritePaths=)";
    return NULL;
}

static int add_sentence(Rehearsal *r, size_t i, const char *what)
{
    _cleanup_free_ char *name = attempt_step_name(r->plan->steps + i);

    return name ? strv_consume(&r->record.not_rehearsed, strprintf("step %zu of %zu, %s: %s", i + 1,
                                                                   r->plan->n_steps, name, what))
                : -ENOMEM;
}

static int describe_steps(Rehearsal *r)
{
    ARRAY_FOREACH (step, r->plan->steps, r->plan->n_steps) {
        RehearsedStep *record = ARRAY_GROW(r->record.steps, r->record.n_steps);

        if (!record)
            return -ENOMEM;
        record->duration = -1;
        if (strreplace(&record->from, step->from) < 0 || strreplace(&record->to, step->to) < 0 ||
            strreplace(&record->migration, step->migration ? step->migration->id : NULL) < 0)
            return -ENOMEM;
    }
    return 0;
}

static int judge_steps(Rehearsal *r)
{
    const char *why = NULL;
    int e = describe_steps(r);

    for (size_t i = 0; e == 0 && i < r->plan->n_steps; i++) {
        const Step *step = r->plan->steps + i;

        if (why)
            why = "it comes after a step that is not rehearsed";
        else
            why = acts_outside(r->t.run, step);
        if (why && step->hooks)
            e = add_sentence(r, i, why);
        else if (!why)
            r->n_run = i + 1;
        if (e == 0 && step->hooks && step->hooks->post.argv)
            e = add_sentence(r, i, "Post= runs only after the service has started");
    }
    return e;
}

/* Returns true if the rehearsal would run any script. */
static bool has_anything(const Rehearsal *r)
{
    for (size_t i = 0; i < r->plan->n_steps; i++) {
        const Hooks *hooks = r->plan->steps[i].hooks;

        if (hooks &&
            ((i < r->n_run && (hooks->script.argv || hooks->verify.argv)) || hooks->check.argv))
            return true;
    }
    return false;
}

int rehearse_judge(Rehearsal *r)
{
    const Declaration *declaration = r->session.run.declaration;

    if (r->session.run.n_places == 0 || (r->plan->from && declaration->protect == PROTECT_HOOKS))
        return transaction_fail(
            &r->t, RESULT_REFUSED,
            "the migration of %s cannot be rehearsed, since it clones no directory",
            declaration->name);
    if (judge_steps(r) < 0)
        return transaction_fail_take(&r->t, RESULT_FAILED, NULL);
    if (has_anything(r))
        return 0;
    if (r->t.flight.record.self)
        return transaction_fail(&r->t, RESULT_REFUSED,
                                "the migration of %s cannot be rehearsed: its software migrates "
                                "the state itself when it starts",
                                declaration->name);
    if (r->record.not_rehearsed)
        return transaction_fail(
            &r->t, RESULT_REFUSED,
            "the first script acts outside of the state, so none can be rehearsed: %s",
            r->record.not_rehearsed[0]);
    return rehearse_end(r, strprintf("no script runs from %s to %s", r->plan->from, r->plan->to),
                        RESULT_DONE);
}
