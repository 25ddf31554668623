/* SPDX-License-Identifier: MIT */
/* For migratectl check: could what is pending run? */
#include "inuse/inuse.h"
#include "permit/choose.h"
#include "permit/consent.h"
#include "permit/permit.h"
#include "relocate/former.h"
#include "state/refuse.h"
#include "verbs.h"
#include "version/contact.h"
#include "version/readers.h"

int verb_check(const char *name)
{
    _cleanup_(session_close) Session session;
    _cleanup_free_ char *version = NULL, *what = NULL;
    _cleanup_(route_free) Route route = {};
    Run *run = &session.run;
    int r = session_open(&session, name), consent;
    bool elsewhere;

    if (r != RESULT_DONE || !run->declaration->version.value)
        return r;
    run->check_only = true;
    r = former_check(&session, &elsewhere);
    if (r != RESULT_DONE || elsewhere) /* what has to be done with it is seen behind that */
        return r;
    r = run_find_places(&session.run);
    if (r != RESULT_DONE)
        return r;
    r = contact_find(run, &version, &what);
    if (r == CONTACT_FRESH || (r == CONTACT_SELF && !what))
        return RESULT_DONE;
    if (r != CONTACT_KNOWN && r != CONTACT_DETECTED)
        return refuse_contact(run, r, what);
    if (r == CONTACT_KNOWN)
        r = permit_detected(run, version);
    else
        r = RESULT_DONE;
    if (r == RESULT_DONE)
        r = refuse_missing(run);
    if (r != RESULT_DONE)
        return r;
    if (version_compare(version, run->declaration->version.value) == 0 ||
        readers_allow(run, version))
        return RESULT_DONE;
    r = choose(run, version, &route);
    if (r != RESULT_DONE)
        return r;
    if (route.kind == ROUTE_RESTORE)
        return permit_restore(run, version, &route);
    r = permit_kept(&session, &route.plan);
    if (r != RESULT_DONE)
        return r;
    consent_begin(run, &route.plan);
    consent = permit_plan(run, &route);
    if (consent != RESULT_DONE && consent != RESULT_APPROVAL)
        return consent;
    free(what);
    what = NULL;
    /* Who is to approve it wants to know whether it can run. */
    r = permit_checks(run, &route.plan,
                      in_use_check(run->declaration, run->places, run->n_places, &what) ==
                          IN_USE_BUSY);
    return r == RESULT_DONE ? consent : r;
}
