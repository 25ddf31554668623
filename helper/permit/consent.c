/* SPDX-License-Identifier: MIT */
/* Consent: nothing runs that somebody has to agree to and has not, nor while it is deferred.
 * Changes nothing. */
#include "permit/consent.h"

#include "session/session.h"
#include "state/refuse.h"
#include "store/approval.h"
#include "store/attempt.h"
#include "store/deferral.h"
#include "store/operator.h"

void consent_begin(Run *run, const Plan *plan)
{
    run->fingerprint = attempt_fingerprint(run->declaration, plan);
    run->approved = false;
}

/* --- not now --------------------------------------------------------------------------------- */

static int refuse_deferred(const Run *run, const Deferral *deferral)
{
    _cleanup_free_ char *deferred = deferral_describe(deferral),
                        *what = deferred ? strprintf("it was %s", deferred) : NULL,
                        *start = run_start_command(run),
                        *next =
                            strprintf("To have it migrated, type: migratectl resume %s, then: %s",
                                      run->declaration->name, start ? start : "");

    return run_refuse(run, RESULT_DEFERRED, MESSAGE_DEFERRED, what ? what : "it is deferred",
                      next ? next : "");
}

int consent_check_deferral(const Run *run)
{
    _cleanup_(deferral_free) Deferral deferral = {};
    int r = deferral_read(run->store, &deferral);

    if (r == 1)
        return RESULT_DONE;
    if (r < 0)
        return run_refuse_errno(run, strdup("whether it is deferred cannot be read"), r);
    if (!deferral_is_over(&deferral))
        return refuse_deferred(run, &deferral);
    log_info(&run->log, "The migration of %s was deferred until %s, which is over",
             run->declaration->name, deferral.until);
    return RESULT_DONE;
}

/* --- approval -------------------------------------------------------------------------------- */

/* 1: it has approval; 0: it has none; or a negative errno, where it cannot be read. */
static int is_approved(const Run *run, const Plan *plan, const char *extra, Approval *ret)
{
    Fingerprint fingerprint = approval_fingerprint(&run->fingerprint, extra);
    int r;

    if (!extra && attempt_is_approved(run->declaration, plan))
        return 1;
    r = approval_read(run->store, RECORD_APPROVED, ret);
    if (r != 0)
        return r > 0 ? 0 : r;
    return approval_is_for(ret, plan->from, plan->to, &fingerprint);
}

/* Somebody who did approve has to be told why that is not enough. */
static void explain_approval(const Run *run, const Plan *plan, const Approval *approval, int r)
{
    _cleanup_free_ char *who = approval->from ? operator_describe(&approval->operator) : NULL;

    if (r < 0)
        log_warning(&run->log, "%s/" RECORD_APPROVED " cannot be read, so it approves nothing: %s",
                    run->store->path, r == -EBADMSG ? "it is damaged" : strerror(-r));
    if (!who)
        return;
    if (streq(approval->from, plan->from) && streq(approval->to, plan->to))
        log_warning(&run->log,
                    "What %s approved was another plan: the declaration or a script that it names "
                    "was changed since",
                    who);
    else
        log_warning(&run->log, "What %s approved was another plan, from %s to %s", who,
                    approval->from, approval->to);
}

static void say_what_waits(const Run *run, const Plan *plan, const Route *route)
{
    const char *name = run->declaration->name;

    if (route->kind == ROUTE_RESTORE)
        log_event(&run->log, LOG_WARNING, MESSAGE_APPROVAL, RESULT_APPROVAL,
                  "The state of %s, at %s, is to become the backup %s, at %s, and that waits for "
                  "approval",
                  name, plan->from, route->backup, route->version);
    else
        log_event(&run->log, LOG_WARNING, MESSAGE_APPROVAL, RESULT_APPROVAL,
                  "The migration of %s from %s to %s waits for approval", name, plan->from,
                  plan->to);
}

static int wait_for_approval(const Run *run, const Plan *plan, const Route *route,
                             char *const *declared, char *const *further, bool extra)
{
    const char *name = run->declaration->name;
    _cleanup_free_ char *next = NULL, *start = run_start_command(run);

    if (!start)
        return RESULT_FAILED;
    say_what_waits(run, plan, route);
    STRV_FOREACH (reason, (char **)declared)
        log_warning(&run->log, "%s", *reason);
    STRV_FOREACH (reason, (char **)further)
        log_warning(&run->log, "%s", *reason);
    if (run->detected)
        next = strprintf("To see all of it and approve it, type: migratectl approve %s --from=%s, "
                         "then: %s",
                         name, plan->from, start);
    else
        next = extra ? strprintf(
                           "To see all of it and approve it, type: migratectl approve %s, then: %s",
                           name, start)
                     : strprintf("To see all of it and approve it, type: migratectl approve %s (or "
                                 "declare Approved=%s:%s), then: %s",
                                 name, plan->from, plan->to, start);
    run_say_untouched(run, RESULT_APPROVAL, next ? next : "");
    return RESULT_APPROVAL;
}

int consent_check(Run *run, const Plan *plan, const Route *route, const char *extra,
                  char *const *further)
{
    _cleanup_(approval_free) Approval approval = {};
    _cleanup_strv_ char **declared = NULL;
    int r = is_approved(run, plan, extra, &approval);

    run->approved = r == 1;
    if (run->approved) {
        _cleanup_free_ char *who = approval.from ? operator_describe(&approval.operator) : NULL;

        if (who)
            log_info(&run->log, "Approved by %s", who);
        return RESULT_DONE;
    }
    if (attempt_needs_approval(run->declaration, plan, &declared) < 0)
        return run_refuse(run, RESULT_FAILED, MESSAGE_FAILED, "out of memory", "");
    if (!declared && !further)
        return RESULT_DONE;
    explain_approval(run, plan, &approval, r);
    return wait_for_approval(run, plan, route, declared, further, extra);
}
