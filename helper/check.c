/* SPDX-License-Identifier: MIT */
/* For migratectl check: could what is pending run? */
#include "permit/judge.h"
#include "session/session.h"
#include "state/refuse.h"
#include "verbs.h"

/* The operator who is to approve a migration wants to know first whether it can run. So all is
 * asked as if nobody had to agree, and then whether somebody has. */
static Result check(Run *run)
{
    _cleanup_(verdict_free) Verdict verdict = {};
    int r = run_look(run);

    if (r == 0)
        r = run_judge(run, ASKS_VERSION | ASKS_SPACE | ASKS_CHECKS, &verdict);
    if (r < 0)
        return run_refuse_errno(run, strprintf("cannot look at %s", run->where), r);
    if ((outcome_is_pending(verdict.outcome) || verdict.outcome == OUTCOME_NO_ROOM) &&
        verdict.reasons && !verdict.approved)
        verdict.outcome =
            verdict.route.kind == ROUTE_RESTORE ? OUTCOME_APPROVAL_RESTORE : OUTCOME_APPROVAL;
    return outcome_result(verdict.outcome) == RESULT_DONE ? RESULT_DONE
                                                          : run_refuse_verdict(run, &verdict);
}

int verb_check(char **arguments)
{
    const char *name = arguments[0];
    _cleanup_(session_close) Session session;
    Run *run = &session.run;
    int r = session_open(&session, name);

    if (r != RESULT_DONE || !run->declaration->version.value)
        return r;
    run->check_only = true;
    run->facts.agreed = run->facts.thorough = run->facts.requested = true;
    return check(run);
}
