/* SPDX-License-Identifier: MIT */
/* Reads and writes the records of a move. */
#include "store/record-moving.h"

#include "store/record-table.h"

#define RECORD MovingRecord
static const RecordField moving_fields[] = {
    STRINGS("names", names, 0),
    STRINGS("directories", directories, 0),
};
RECORD_TYPE(moving_record_type, moving_fields);
#undef RECORD

#define RECORD MovedRecord
static const RecordField moved_fields[] = {
    STRING("to", to, FIELD_REQUIRED),
    STRINGS("directories", directories, 0),
};
RECORD_TYPE(moved_record_type, moved_fields);

int moved_read(const Store *store, char **ret)
{
    _cleanup_(moved_record_free) MovedRecord record = {};
    int r = moved_record_read(store, RECORD_MOVED, &record);

    if (r != 0)
        return r;
    if (!declaration_name_is_valid(record.to))
        return -EBADMSG;
    *ret = TAKE_PTR(record.to);
    return 0;
}
