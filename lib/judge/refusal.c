/* SPDX-License-Identifier: MIT */
/* Reads and writes the record of a refusal. */
#include "judge/refusal.h"

#include "store/record-table.h"

#define RECORD Refusal
static const RecordField fields[] = {
    STRING("when", when, FIELD_REQUIRED),
    ENUM("result", result, result_names, FIELD_REQUIRED),
    STRING("verdict", verdict, 0),
    STRING("from", from, 0),
    STRING("to", to, FIELD_REQUIRED),
    STRING("what", sentence, FIELD_REQUIRED),
    STRING("next", command, 0),
    STRING("then", then, 0),
};
RECORD_TYPE(refusal_record_type, fields);

void refusal_free(Refusal *refusal)
{
    refusal_record_free(refusal);
}

int refusal_read(const Store *store, Refusal *ret)
{
    int r = refusal_record_read(store, RECORD_REFUSED, ret);

    return r == 0 || r == -ENOMEM ? r : 1;
}

int refusal_write(const Store *store, Refusal *refusal)
{
    free(refusal->when);
    refusal->when = time_format(time_now());
    return refusal->when ? refusal_record_write(store, RECORD_REFUSED, refusal) : -ENOMEM;
}

int refusal_remove(const Store *store)
{
    return store_has(store, RECORD_REFUSED) ? record_remove(store, RECORD_REFUSED) : 0;
}
