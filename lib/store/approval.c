/* SPDX-License-Identifier: MIT */
/* Reads, writes and compares approvals. Asks nobody. */
#include "store/approval.h"

#include "store/record-table.h"

#define RECORD Approval
static const RecordField fields[] = {
    STRING("from", from, FIELD_REQUIRED),
    STRING("to", to, FIELD_REQUIRED),
    STRING("fingerprint", fingerprint, FIELD_REQUIRED),
    STRINGS("what", what, 0),
    STRING("when", operator.when, FIELD_REQUIRED),
    STRING("by", operator.name, 0),
    INTEGER("uid", operator.uid, 0),
};
RECORD_TYPE(approval_type, fields);

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

bool approval_is_for(const Approval *approval, const char *from, const char *to,
                     const Fingerprint *fingerprint)
{
    return from && to && streq(approval->from, from) && streq(approval->to, to) &&
           fingerprint_is(fingerprint, approval->fingerprint);
}

int approval_give(const Store *store, const char *from, const char *to,
                  const Fingerprint *fingerprint, char *const *what)
{
    _cleanup_(approval_free) Approval approval = {};
    int r = operator_find(&approval.operator);

    if (r == 0)
        r = strreplace(&approval.from, from);
    if (r == 0)
        r = strreplace(&approval.to, to);
    if (r == 0)
        r = strreplace(&approval.fingerprint, fingerprint->hex);
    if (r == 0)
        r = strv_copy(what, &approval.what);
    return r == 0 ? approval_write(store, RECORD_APPROVED, &approval) : r;
}

int approval_remove(const Store *store)
{
    return record_remove(store, RECORD_APPROVED);
}
