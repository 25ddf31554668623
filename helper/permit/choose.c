/* SPDX-License-Identifier: MIT */
/* Choosing a route, and why there is none. */
#include "permit/choose.h"

#include "judge/words.h"
#include "state/refuse.h"

static int refuse(const Run *run, const Route *route)
{
    const char *name = run->declaration->name, *next;
    _cleanup_free_ char *forward = NULL;

    switch (route->outcome) {
    case PLAN_GAP:
        next = "Declare the migration that is missing, or Gaps=allow";
        break;
    case PLAN_SKIP:
        next = "Install the versions in between, one after another";
        break;
    default:
        forward = strprintf("Roll the software forward again; or bring back data that it takes: "
                            "migratectl backups %s shows which, then migratectl restore %s ID. "
                            "Downgrade= in migrate.d(5) says what a start may do by itself",
                            name, name);
        next = forward ? forward : "";
        break;
    }
    return run_refuse(run, RESULT_REFUSED, MESSAGE_REFUSED, route->what, next);
}

int choose(Run *run, const char *version, Route *ret)
{
    Facts *facts = &run->facts;
    int r;

    facts_free(facts);
    *facts = (Facts){.declaration = (Declaration *)run->declaration,
                     .declarations = run->declarations,
                     .store = *run->store,
                     .store_is_borrowed = true};
    r = facts_read_records(facts);
    if (r == 0)
        r = facts_read_ways(facts, version);
    if (r == 0)
        r = facts->ways.error;
    if (r == 0)
        r = route_choose(facts, version, ret);
    if (r == 0 && ret->asks_consent)
        ret->reason = words_consent(facts, ret);
    if (r == 0 && ret->kind == ROUTE_RESTORE && !ret->what)
        ret->what = words_consent(facts, ret);
    if (r < 0)
        return run_refuse_errno(
            run, strprintf("history and backups in %s cannot be read", run->store->path), r);
    return ret->kind == ROUTE_REFUSED ? refuse(run, ret) : RESULT_DONE;
}
