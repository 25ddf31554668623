/* SPDX-License-Identifier: MIT */
/* Consent, space, quiescence, Check=: each says why it does not let a migration run. */
#include "permit/permit.h"

#include "backup/guest.h"
#include "inuse/inuse.h"
#include "permit/consent.h"
#include "place/space.h"
#include "script/place-tree.h"
#include "script/progress.h"
#include "script/script.h"
#include "script/slots.h"
#include "state/refuse.h"
#include "state/rehearsal-left.h"
#include "store/software.h"
#include "tree/clone.h"
#include "version/detect.h"
#include "wayback/wayback.h"

/* Nothing is held while others work, neither the lock nor what was read: whoever waits decides anew
 * behind it, on what is there by then. */
int permit_slot(const Run *run)
{
    if (canceled)
        return run_refuse(run, RESULT_FAILED, MESSAGE_INTERRUPTED, "interrupted", "");
    return slots_try(&run->log) == 0 ? RESULT_DONE : RUN_WAIT;
}

/* A rehearsal's clone gives way to a migration, and nobody waits for it but one that needs the
 * room.
 */
static int check_space(Run *run, CloneProgress *ret_expected, char ***reasons, char **reterr_what,
                       char **reterr_next)
{
    _cleanup_free_ char *what = NULL, *next = NULL;
    _cleanup_free_ char *again = run->check_only
                                     ? strprintf("migratectl start %s", run->declaration->name)
                                     : strprintf("systemctl restart %s", run->units[0]);
    _cleanup_strv_ char **before = NULL;
    const SpaceQuery query = run_space_query(run, again);

    if (!again)
        return RESULT_FAILED;
    if (!run->check_only && store_has(run->store, RECORD_REHEARSING) &&
        space_check(&query, ret_expected, &before, &what, &next) != RESULT_DONE)
        rehearsal_make_room(run->store);
    return space_check(&query, ret_expected, reasons, reterr_what, reterr_next);
}

/* What has to be copied needs consent, too, so that all reasons are told at once. */
int permit_plan(Run *run, const Route *route)
{
    _cleanup_free_ char *what = NULL, *next = NULL, *extra = NULL;
    _cleanup_strv_ char **reasons = NULL;
    CloneProgress expected = {};
    int fits, r = route->reason ? route_extra(route, &extra) : 0;

    if (r == 0 && route->reason)
        r = strv_append(&reasons, route->reason);
    if (r < 0)
        return run_refuse(run, RESULT_FAILED, MESSAGE_FAILED, "out of memory", "");
    fits = check_space(run, &expected, &reasons, &what, &next);
    progress_expect(expected.bytes, expected.files);
    r = canceled ? RESULT_DONE : consent_check(run, &route->plan, route, extra, reasons);
    if (r != RESULT_DONE || fits == RESULT_DONE)
        return r;
    return run_refuse(run, fits, MESSAGE_FAILED, what ? what : "out of memory", next ? next : "");
}

/* Nothing is cloned, and no script runs: a swap that loses nothing has nobody to ask. */
int permit_restore(Run *run, const char *version, const Route *route)
{
    Plan plan = {.from = (char *)version, .to = route->version};
    _cleanup_strv_ char **reasons = NULL;
    _cleanup_free_ char *extra = NULL;
    int r = route->reason ? route_extra(route, &extra) : 0;

    if (r == 0 && route->reason)
        r = strv_append(&reasons, route->reason);
    if (r == 0 && route->reason)
        r = guests_describe_set_back(run->declarations, run->store, route->backup, &reasons);
    if (r < 0)
        return run_refuse(run, RESULT_FAILED, MESSAGE_FAILED, "out of memory", "");
    consent_begin(run, &plan);
    return route->reason ? consent_check(run, &plan, route, extra, reasons) : RESULT_DONE;
}

int permit_quiescence(const Run *run)
{
    _cleanup_free_ char *what = NULL, *next = NULL;
    int r;

    r = in_use_check(run->declaration, run->places, run->n_places, &what);
    if (r == IN_USE_IDLE)
        return RESULT_DONE;
    next = strprintf("Once nobody uses it, type: systemctl restart %s", run->units[0]);
    if (!what)
        return run_refuse_errno(run, strdup("whether anybody uses the state cannot be found out"),
                                r);
    return run_refuse(run, RESULT_BUSY, MESSAGE_BUSY, what, next ? next : "");
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
        progress_check(i + 1, plan->n_steps);
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

int permit_checks(const Run *run, const Plan *plan, bool live)
{
    _cleanup_free_ SandboxTree *trees = calloc(run->n_places + 1, sizeof(SandboxTree));
    _cleanup_free_ char *what = NULL,
                        *next =
                            strprintf("Nothing was cloned. Once what the check found is mended, "
                                      "type: systemctl restart %s",
                                      run->units[0]);
    int r;

    if (!trees)
        return RESULT_FAILED;
    for (size_t i = 0; i < run->n_places; i++)
        trees[i] = place_tree(run->places + i, run->places[i].fd);
    r = checks_run(run, plan, trees, live, &what);
    if (r == SCRIPT_SUCCESS)
        return RESULT_DONE;
    if (r == SCRIPT_CANCELED)
        return run_refuse(run, RESULT_FAILED, MESSAGE_INTERRUPTED, "interrupted", "");
    return run_refuse(run, RESULT_FAILED, MESSAGE_FAILED, what ? what : "a Check= cannot be run",
                      next ? next : "");
}

int permit_detected(const Run *run, const char *version)
{
    _cleanup_free_ char *what = NULL;
    int r = detect_confirm(run, version, &what);

    if (r == RESULT_DONE)
        return r;
    return run_refuse(run, r, r == RESULT_REFUSED ? MESSAGE_REFUSED : MESSAGE_FAILED,
                      what ? what : "out of memory", "");
}

/* Kept scripts run as whom they were declared to, where the declaration in force says nothing else.
 */
int permit_kept(Session *session, const Plan *plan)
{
    const Run *run = &session->run;
    int r = applied_complete(run->store, plan,
                             declarations_find(&session->declarations, run->declaration->name));

    return r == 0 ? RESULT_DONE
                  : run_refuse_errno(run,
                                     strprintf("the way back that was kept in %s/" APPLIED_DIRECTORY
                                               " cannot be read",
                                               run->store->path),
                                     r);
}
