/* SPDX-License-Identifier: MIT */
/* Takes a slot, and runs Check=. */
#include "permit/permit.h"

#include "script/progress.h"
#include "script/script.h"
#include "script/slots.h"
#include "state/refuse.h"
#include "store/software.h"

/* Does not wait: the caller gives back the lock, and drops all facts, while other runs work. After
 * the wait, it decides again on new facts. */
int permit_slot(Run *run)
{
    if (canceled)
        return run_refuse_verdict(run, &(Verdict){.outcome = OUTCOME_STOPPED});
    return slots_try(&run->log) == 0 ? RESULT_DONE : RUN_WAIT;
}

int checks_run(const Run *run, const Plan *plan, const SandboxTree *trees, bool live,
               char **reterr_what)
{
    _cleanup_free_ char *software = NULL;
    int r = plan->from ? software_read(run->store, plan->from, &software) : 0;

    if (r < 0)
        return r;
    for (size_t i = 0; i < plan->n_steps; i++) {
        const Step *step = plan->steps + i;

        if (!step->hooks || !step->hooks->check.argv)
            continue;
        progress_step(PROGRESS_CHECKING, i + 1, plan->n_steps, NULL, NULL);
        r = script_run(&(ScriptContext){.declaration = run->declaration,
                                        .store = run->store,
                                        .log = &run->log,
                                        .trees = trees,
                                        .n_trees = run->n_places,
                                        .from_software = software,
                                        .cancel = &canceled,
                                        .rehearsal = run->log.rehearsal},
                       &(ScriptCall){.command = &step->hooks->check,
                                     .key = "Check",
                                     .from = step->from,
                                     .to = step->to,
                                     .timeout_usec = step->hooks->timeout_usec,
                                     .access = live ? SANDBOX_READ_ONLY : SANDBOX_THROWAWAY,
                                     .open = live,
                                     .check_only = run->check_only},
                       NULL, NULL, reterr_what);
        if (r != SCRIPT_SUCCESS)
            return r;
    }
    return SCRIPT_SUCCESS;
}
