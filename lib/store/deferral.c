/* SPDX-License-Identifier: MIT */
/* Reads and writes deferrals. Holds nobody back by itself. */
#include "store/deferral.h"

#include "basic/time.h"
#include "store/operator.h"

int deferral_read(const Store *store, Deferral *ret)
{
    Deferral deferral = {.until_usec = UINT64_MAX};
    int r = record_read(store, RECORD_DEFERRED, &deferral.record);

    if (r == 1 || r == -ENOMEM)
        return r;
    if (r == 0) {
        deferral.reason = json_string(deferral.record, "reason");
        if (time_parse(json_string(deferral.record, "until"), &deferral.until_usec) < 0)
            deferral.until_usec = UINT64_MAX;
    }
    *ret = deferral;
    return 0;
}

void deferral_free(Deferral *deferral)
{
    json_object_put(deferral->record);
    *deferral = (Deferral){};
}

bool deferral_is_over(const Deferral *deferral)
{
    return deferral->until_usec <= time_now();
}

char *deferral_describe(const Deferral *deferral)
{
    _cleanup_free_ char *who = NULL, *until = NULL;

    if (!deferral->record)
        return strdup("deferred by an unknown person: the record of the deferral is damaged");
    who = operator_describe(deferral->record);
    if (deferral->until_usec != UINT64_MAX)
        until = time_local(json_string(deferral->record, "until"));
    return strprintf("deferred by %s%s%s%s%s", who ? who : "?", until ? ", until " : "",
                     until ? until : "", deferral->reason ? ": " : "",
                     deferral->reason ? deferral->reason : "");
}

int deferral_write(const Store *store, uint64_t until_usec, const char *reason)
{
    _cleanup_free_ char *now = time_format(time_now()), *until = NULL;
    _cleanup_json_ json_object *record = json_object_new_object();

    if (until_usec != UINT64_MAX) {
        until = time_format(until_usec);
        if (!until)
            return -ENOMEM;
    }
    if (!now || !record)
        return -ENOMEM;
    json_add_string(record, "until", until);
    json_add_string(record, "when", now);
    json_add_string(record, "reason", reason);
    operator_add(record);
    return record_write(store, RECORD_DEFERRED, record);
}

int deferral_remove(const Store *store)
{
    return record_remove(store, RECORD_DEFERRED);
}
