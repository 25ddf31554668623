/* SPDX-License-Identifier: MIT */
/* Reads and writes deferrals. */
#include "store/deferral.h"

#include "basic/time.h"
#include "store/record-table.h"

#define RECORD Deferral
static const RecordField fields[] = {
    STRING("until", until, 0),      STRING("when", operator.when, 0), STRING("reason", reason, 0),
    STRING("by", operator.name, 0), INTEGER("uid", operator.uid, 0),
};
RECORD_TYPE(deferral_record_type, fields);

static uint64_t until_usec(const Deferral *deferral)
{
    uint64_t usec;

    return time_parse(deferral->until, &usec) < 0 ? UINT64_MAX : usec;
}

int deferral_read(const Store *store, Deferral *ret)
{
    Deferral deferral = {};
    int r = deferral_record_read(store, RECORD_DEFERRED, &deferral);

    if (r == 1 || r == -ENOMEM)
        return r;
    deferral.damaged = r < 0;
    *ret = deferral;
    return 0;
}

void deferral_free(Deferral *deferral)
{
    deferral_record_free(deferral);
}

bool deferral_is_over(const Deferral *deferral)
{
    return until_usec(deferral) <= time_now();
}

char *deferral_describe(const Deferral *deferral)
{
    _cleanup_free_ char *who = NULL, *until = NULL;

    if (deferral->damaged)
        return strdup("deferred by an unknown person: the record of the deferral is damaged");
    who = operator_describe(&deferral->operator);
    if (until_usec(deferral) != UINT64_MAX)
        until = time_local(deferral->until);
    return strprintf("deferred by %s%s%s%s%s", who ? who : "?", until ? ", until " : "",
                     until ? until : "", deferral->reason ? ": " : "",
                     deferral->reason ? deferral->reason : "");
}

int deferral_write(const Store *store, uint64_t until, const char *reason)
{
    _cleanup_(deferral_free) Deferral deferral = {};
    int r = operator_find(&deferral.operator);

    if (r == 0 && until != UINT64_MAX) {
        deferral.until = time_format(until);
        r = deferral.until ? 0 : -ENOMEM;
    }
    if (r == 0)
        r = strreplace(&deferral.reason, reason);
    return r == 0 ? deferral_record_write(store, RECORD_DEFERRED, &deferral) : r;
}

int deferral_remove(const Store *store)
{
    return record_remove(store, RECORD_DEFERRED);
}
