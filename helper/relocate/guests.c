/* SPDX-License-Identifier: MIT */
/* Those of whom a part lives in a state that moves. */
#include "backup/guest.h"
#include "relocate/relocate.h"
#include "transaction/transaction.h"

/* Whoever begins anything after this finds the record of the move, or is found by its lock. */
static int settle(const Relocation *r, const char *name, char **reterr_what)
{
    _cleanup_store_ Store store = STORE_NONE;
    LogContext log = r->session->run.log;
    int e = store_open(NULL, name, false, &store);

    if (e < 0 || !store_has(&store, RECORD_TRANSACTION))
        return e < 0 && e != -ENOENT ? e : RESULT_DONE;
    e = store_lock(&store);
    if (e == 1) {
        *reterr_what =
            guests_describe_busy(r->session->run.declarations, r->session->run.declaration->name);
        return RESULT_BUSY;
    }
    log.service = name;
    e = e == 0 ? transaction_settle(&store, &log) : e;
    if (e > RESULT_DONE)
        *reterr_what = strprintf("an unfinished migration of %s, of which a part lives in this "
                                 "state, has to be settled before the state moves: systemctl "
                                 "start migrate@%s",
                                 name, name);
    return e;
}

int relocate_settle_guests(const Relocation *r, char **reterr_what)
{
    const Run *run = &r->session->run;
    _cleanup_free_ const char **names = NULL;
    size_t n = 0;
    int e = declarations_guests(run->declarations, run->declaration->name, &names, &n);

    for (size_t i = 0; e == 0 && i < n; i++)
        e = settle(r, names[i], reterr_what);
    if (e >= 0)
        return e;
    *reterr_what =
        strprintf("whether somebody of whom a part lives in it is at work: %s", strerror(-e));
    return RESULT_FAILED;
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
