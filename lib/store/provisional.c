/* SPDX-License-Identifier: MIT */
/* The record of a provisional migration. */
#include "store/provisional.h"

int provisional_write(const Store *store, const char *id)
{
    _cleanup_json_ json_object *record = NULL;

    if (!id)
        return record_remove(store, RECORD_PROVISIONAL);
    record = json_object_new_object();
    json_add_string(record, "id", id);
    return json_string(record, "id") ? record_write(store, RECORD_PROVISIONAL, record) : -ENOMEM;
}

int provisional_read(const Store *store, char **ret)
{
    _cleanup_json_ json_object *record = NULL;
    int r = record_read(store, RECORD_PROVISIONAL, &record);
    const char *id = r == 0 ? json_string(record, "id") : NULL;

    *ret = NULL;
    if (r == 1)
        return 0;
    if (r < 0 || !id)
        return r < 0 ? r : -EBADMSG;
    *ret = strdup(id);
    return *ret ? 0 : -ENOMEM;
}
