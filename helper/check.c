/* SPDX-License-Identifier: MIT */
/* Checks for migratectl check whether a pending migration could run. */
#include "basic/time.h"
#include "permit/permit.h"
#include "session/session.h"
#include "state/refuse.h"
#include "verbs.h"

#include <fcntl.h>

/* An operator wants to know before the approval whether the migration can run. So the check assumes
 * an approval, and reports a missing approval last. */
static Result check(Run *run)
{
    _cleanup_(verdict_free) Verdict verdict = {};
    int r = run_look(run);

    if (r == 0)
        r = run_judge(run, ASKS_VERSION | ASKS_SPACE | ASKS_IN_USE | ASKS_CHECKS, &verdict);
    if (r < 0)
        return run_refuse(run, RESULT_FAILED, "cannot look at %s: %s", run->where, strerror(-r));
    if ((outcome_is_pending(verdict.outcome) || verdict.outcome == OUTCOME_NO_ROOM) &&
        verdict.reasons && !verdict.approved)
        verdict.outcome =
            verdict.route.kind == ROUTE_RESTORE ? OUTCOME_APPROVAL_RESTORE : OUTCOME_APPROVAL;
    return outcome_result(verdict.outcome) == RESULT_DONE ? RESULT_DONE
                                                          : run_refuse_verdict(run, &verdict);
}

/* Writes the refusal as one line of JSON to REPORT_FD, since standard output is for scripts. */
static void print_report(Run *run)
{
    _cleanup_free_ char *text = NULL;

    run->refusal.when = time_format(time_now());
    run->refusal.to = strdup(run->declaration->version.value);
    if (run->refusal.sentence && run->refusal.when && run->refusal.to &&
        refusal_record_text(&run->refusal, &text) == 0)
        dprintf(REPORT_FD, "%s\n", text);
}

static Result check_service(const char *name, bool reports)
{
    _cleanup_(session_close) Session session;
    Run *run = &session.run;
    int r = session_open(&session, name);

    if (r != RESULT_DONE || !run->declaration->version.value)
        return r;
    run->check_only = true;
    run->reports = reports;
    run->facts.agreed = run->facts.thorough = run->facts.requested = true;
    r = check(run);
    if (reports)
        print_report(run);
    return r;
}

int verb_check(char **arguments)
{
    const char *report = arguments[1];

    if (report && (!streq(report, "report") || fcntl(REPORT_FD, F_SETFD, FD_CLOEXEC) < 0))
        return RESULT_USAGE;
    return check_service(arguments[0], report);
}
