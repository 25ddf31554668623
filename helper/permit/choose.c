/* SPDX-License-Identifier: MIT */
/* Choosing a route, and why there is none. */
#include "permit/choose.h"

#include "permit/refuse.h"
#include "restore/restore.h"
#include "verbs.h"

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

int choose_restore(Run *run, const char *version, const Route *route)
{
    log_info(&run->log, "The state of %s is at %s, but %s is declared: %s", run->declaration->name,
             version, run->declaration->version.value, route->what);
    return restore_run(
        run, &(RestoreOrder){.id = route->backup, .untouched = route->lossless, .onwards = true});
}
