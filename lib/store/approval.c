/* SPDX-License-Identifier: MIT */
/* Approvals. Asks nobody, and decides nothing but whether one is for a plan. */
#include "store/approval.h"

#include "store/attempt.h"
#include "store/operator.h"

Fingerprint approval_fingerprint(const Fingerprint *attempt, const char *extra)
{
    Sha256 sha;

    if (!extra)
        return *attempt;
    fingerprint_begin(&sha);
    fingerprint_add_string(&sha, attempt->hex);
    fingerprint_add_string(&sha, extra);
    return fingerprint_end(&sha);
}

int approval_read(const Store *store, Approval *ret)
{
    _cleanup_(approval_free) Approval approval = {};
    int r = record_read(store, RECORD_APPROVED, &approval.record);

    if (r != 0)
        return r;
    approval.from = json_string(approval.record, "from");
    approval.to = json_string(approval.record, "to");
    approval.when = json_string(approval.record, "when");
    approval.who = json_string(approval.record, "by");
    if (!approval.from || !approval.to || !approval.when ||
        !json_string(approval.record, "fingerprint"))
        return -EBADMSG;
    *ret = approval;
    approval = (Approval){};
    return 0;
}

void approval_free(Approval *approval)
{
    json_object_put(approval->record);
    *approval = (Approval){};
}

bool approval_is_for(const Approval *approval, const char *from, const char *to,
                     const Fingerprint *fingerprint)
{
    return from && to && streq(approval->from, from) && streq(approval->to, to) &&
           fingerprint_is(fingerprint, json_string(approval->record, "fingerprint"));
}

bool approval_holds(const Store *store, const char *from, const char *to,
                    const Fingerprint *fingerprint)
{
    _cleanup_(approval_free) Approval approval = {};

    return approval_read(store, &approval) == 0 &&
           approval_is_for(&approval, from, to, fingerprint);
}

int approval_write(const Store *store, const char *from, const char *to,
                   const Fingerprint *fingerprint, char *const *what)
{
    _cleanup_free_ char *now = time_format(time_now());
    _cleanup_json_ json_object *record = json_object_new_object();

    if (!now || !record)
        return -ENOMEM;
    json_add_string(record, "from", from);
    json_add_string(record, "to", to);
    json_add_string(record, "fingerprint", fingerprint->hex);
    json_add_strv(record, "what", what);
    json_add_string(record, "when", now);
    operator_add(record);
    return record_write(store, RECORD_APPROVED, record);
}

int approval_remove(const Store *store)
{
    return record_remove(store, RECORD_APPROVED);
}
