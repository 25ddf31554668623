/* SPDX-License-Identifier: MIT */
/* Choosing a route, and why there is none. */
#include "permit/choose.h"

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

int choose(const Run *run, const char *version, Route *ret)
{
    int r = route_choose(NULL, run->declaration, run->store, version, ret);

    if (r < 0)
        return run_refuse_errno(
            run, strprintf("history and backups in %s cannot be read", run->store->path), r);
    return ret->kind == ROUTE_REFUSED ? refuse(run, ret) : RESULT_DONE;
}
