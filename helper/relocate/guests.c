/* SPDX-License-Identifier: MIT */
/* Recovers the guests of a state that moves, and keeps them out. */
#include "backup/guest.h"
#include "relocate/relocate.h"
#include "transaction/transaction.h"

static Result fail(int error, char **reterr_what)
{
    *reterr_what = strprintf(
        "cannot find out whether a service that keeps data in it is at work: %s", strerror(-error));
    return RESULT_FAILED;
}

/* Recovers the transaction of one guest. If the guest begins another transaction, the guest finds
 * the record of the move, or the move finds the guest's lock. */
static Result settle(const Relocation *r, const char *name, char **reterr_what)
{
    _cleanup_store_ Store store = STORE_NONE;
    LogContext log = r->session->run.log;
    Result result;
    int e = store_open(NULL, name, false, &store);

    if (e < 0 && e != -ENOENT)
        return fail(e, reterr_what);
    if (e < 0 || !store_has(&store, RECORD_TRANSACTION))
        return RESULT_DONE;
    e = store_lock(&store);
    if (e < 0)
        return fail(e, reterr_what);
    if (e == 1) {
        *reterr_what =
            guests_describe_busy(r->session->run.declarations, r->session->run.declaration->name);
        return RESULT_BUSY;
    }
    log.service = name;
    result = transaction_settle(&store, &log);
    if (result != RESULT_DONE)
        *reterr_what =
            strprintf("a part of %s lives in this state, and the migration of %s is unfinished. "
                      "Recover it before the state moves, run: systemctl start migrate@%s",
                      name, name, name);
    return result;
}

Result relocate_settle_guests(const Relocation *r, char **reterr_what)
{
    const Run *run = &r->session->run;
    _cleanup_free_ const char **names = NULL;
    Result result = RESULT_DONE;
    size_t n = 0;
    int e = declarations_guests(run->declarations, run->declaration->name, &names, &n);

    if (e < 0)
        return fail(e, reterr_what);
    for (size_t i = 0; result == RESULT_DONE && i < n; i++)
        result = settle(r, names[i], reterr_what);
    return result;
}

int relocate_keep_guests_out(const Relocation *r, int *ret_fd, char **reterr_what)
{
    const Store *records = r->records_elsewhere ? &r->other : &r->session->store;
    int e = lodging_keep_out(records, ret_fd);

    if (e != 1)
        return e;
    *reterr_what =
        guests_describe_busy(r->session->run.declarations, r->session->run.declaration->name);
    return *reterr_what ? -EAGAIN : -ENOMEM;
}
