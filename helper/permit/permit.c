/* SPDX-License-Identifier: MIT */
/* Finds the facts that a verdict asks for, takes a slot for a migration, and removes the clone of a
 * failed attempt. */
#include "permit/permit.h"

#include "backup/backup.h"
#include "inuse/inuse.h"
#include "script/progress.h"
#include "script/slots.h"
#include "state/refuse.h"
#include "state/rehearsal-left.h"
#include "store/software.h"
#include "transaction/transaction.h"
#include "tree/tree.h"
#include "version/version.h"

/* If no slot is free, does not wait for one: the caller releases the lock, waits, and decides again on
 * new facts. */
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
    ScriptContext context = run_script_context(run, trees);
    int r = plan->from ? software_read(run->store, plan->from, &software) : 0;

    if (r < 0)
        return r;
    context.from_software = software;
    context.places = NULL; /* in a rehearsal, too, /tmp is in memory, as before a clone is made */
    for (size_t i = 0; i < plan->n_steps; i++) {
        const Step *step = plan->steps + i;

        if (!step->hooks || !step->hooks->check.argv)
            continue;
        progress_step(PROGRESS_CHECKING, i + 1, plan->n_steps, NULL, NULL);
        r = script_run(&context,
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

static int drop_from_base(const Run *run, const char *base, const char *id)
{
    _cleanup_close_ int fd = backup_open_base(NULL, run->store, base);
    int r;

    if (fd < 0)
        return fd == -ENOENT ? 0 : fd;
    r = tree_remove(fd, id);
    return r == 0 && fsync(fd) < 0 ? -errno : r; /* mutation: sync-removed-clone */
}

/* Looks in the bases that the record names, since the declaration may have changed. */
int failed_drop(const Run *run, const TransactionRecord *failed)
{
    size_t n = failed->n_places;
    int r = 0;

    if (!place_name_is_valid(failed->id))
        return record_remove(run->store, RECORD_FAILED);
    for (size_t i = 0; r == 0 && i <= n; i++) {
        const char *base = i == n ? run->store->path : failed->places[i].base;

        if (place_base_is_valid(base, run->store))
            r = drop_from_base(run, base, failed->id);
    }
    return r < 0 ? r : record_remove(run->store, RECORD_FAILED);
}

/* --- facts --------------------------------------------------------------------------------- */

/* Checks the space for the clones. If there is not enough space, ends a rehearsal, removes its
 * clones, and checks again. */
static int ask_space(Run *run)
{
    _cleanup_(space_report_free) SpaceReport report = {};
    const SpaceQuery query = run_space_query(run);
    int r = space_look(&query, &report);

    if ((r < 0 || report.lacking) && !run->check_only && store_has(run->store, RECORD_REHEARSING)) {
        space_report_free(&report);
        rehearsal_make_room(run->store);
        r = space_look(&query, &report);
    }
    progress_expect(report.expected.bytes, report.expected.files);
    return facts_take_space(&run->facts, r, &report);
}

static int ask_in_use(Run *run)
{
    Answer *answer = &run->facts.in_use;
    int r = (run->check_only ? in_use_check_others : in_use_check)(
        run->declaration, run->places, run->n_places, &answer->text);

    answer->asked = true;
    answer->holds = r == IN_USE_IDLE;
    if (!answer->holds && !answer->text)
        answer->text =
            strprintf("cannot find out who uses the state: %s", strerror(r < 0 ? -r : ENOMEM));
    return answer->holds || answer->text ? 0 : -ENOMEM;
}

static int ask_checks(Run *run, const Plan *plan)
{
    Answer *answer = &run->facts.checks;
    _cleanup_free_ SandboxTree *trees = calloc(run->n_places + 1, sizeof(SandboxTree));
    _cleanup_free_ char *who = NULL;
    bool live;
    int r;

    if (!trees)
        return -ENOMEM;
    for (size_t i = 0; i < run->n_places; i++)
        trees[i] = place_tree(run->places + i, run->places[i].fd);
    /* While the service runs, a check can read and reach other services, but not write. */
    live = run->check_only &&
           in_use_check(run->declaration, run->places, run->n_places, &who) == IN_USE_BUSY;
    r = checks_run(run, plan, trees, live, &answer->text);
    answer->asked = true;
    answer->holds = r == SCRIPT_SUCCESS;
    answer->interrupted = r == SCRIPT_CANCELED;
    if (!answer->holds && !answer->interrupted && !answer->text)
        answer->text = strprintf("a Check= could not be run: %s", strerror(r < 0 ? -r : ENOMEM));
    return answer->holds || answer->interrupted || answer->text ? 0 : -ENOMEM;
}

/* Finds the first of the missing facts. */
static int answer(Run *run, const Verdict *verdict, unsigned missing)
{
    switch (missing & -missing) {
    case ASKS_FRESH_CHECK:
        return detect_fresh(run);
    case ASKS_DETECT:
        return detect_version(run);
    case ASKS_CONFIRM:
        return detect_confirm(run, verdict->version);
    case ASKS_SPACE:
        return ask_space(run);
    case ASKS_IN_USE:
        return ask_in_use(run);
    case ASKS_CHECKS:
        return ask_checks(run, &verdict->route.plan);
    default:
        return facts_answer(&run->facts, verdict);
    }
}

int run_judge(Run *run, unsigned may_ask, Verdict *ret)
{
    for (;;) {
        _cleanup_(verdict_free) Verdict verdict = {};
        unsigned missing;
        int r = verdict_decide(&run->facts, &verdict);

        if (r < 0)
            return r;
        missing = verdict.asks & may_ask;
        if (!missing || (verdict.outcome == OUTCOME_ACCEPTED && !run->facts.requested &&
                         !run->facts.thorough)) {
            *ret = verdict;
            verdict = (Verdict){};
            return 0;
        }
        r = answer(run, &verdict, missing);
        if (r < 0)
            return r;
    }
}
