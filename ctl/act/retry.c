/* SPDX-License-Identifier: MIT */
/* The first part of migratectl retry. The second part is migratectl start. */
#include "act/start.h"
#include "basic/result.h"
#include "look/common.h"
#include "store/record-transaction.h"
#include "terminal/output.h"

Result start_forgive(const Start *start)
{
    _cleanup_store_ Store store = STORE_NONE;
    _cleanup_(transaction_record_free) TransactionRecord failed = {};
    Result result = open_locked_store(start->name, false, &store);
    int r;

    if (result != RESULT_DONE || store.fd < 0)
        return result;
    r = transaction_record_read(&store, RECORD_FAILED, &failed);
    if (r == 0) {
        failed.retry = 1;
        r = transaction_record_write(&store, RECORD_FAILED, &failed);
    } else if (r == -EBADMSG) /* a damaged record is removed too */
        r = record_remove(&store, RECORD_FAILED);
    if (r >= 0)
        r = record_remove(&store, RECORD_INTERRUPTED);
    if (r < 0)
        return fail(RESULT_FAILED, "%s: cannot write to %s: %s", start->name, store.path,
                    strerror(-r));
    return RESULT_DONE;
}

Result start_reset_failed(const Start *start)
{
    for (size_t i = 0; i < start->service.facts.n_units; i++)
        if (!start->service.facts.units[i].old &&
            streq_null(start->service.facts.units[i].active, "failed") &&
            jobs_reset_failed(start->bus, start->service.facts.units[i].unit) < 0)
            return RESULT_FAILED;
    STRV_FOREACH (unit, start->outage.sockets) {
        if (jobs_reset_failed(start->bus, *unit) < 0)
            return RESULT_FAILED;
    }
    return RESULT_DONE;
}
