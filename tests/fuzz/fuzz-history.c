/* SPDX-License-Identifier: MIT */
/* Any bytes for a history, as a power cut may leave it. Its whole lines are read, a line that is
 * appended after any bytes is read back, and every arrival of a lineage goes up. */
#include "fuzz.h"
#include "wayback/lineage.h"

static Store store = STORE_NONE;

static void check_lineage(json_object *history, const char *version)
{
    _cleanup_(lineage_free) Lineage lineage = {};

    MUST(lineage_find(history, version, &lineage) == 0);
    for (size_t i = 0; i < lineage.n_items; i++) {
        const Arrival *arrival = lineage.items + i;

        MUST(version_is_valid(arrival->from) && version_is_valid(arrival->to));
        MUST(arrival->migration && version_compare(arrival->from, arrival->to) < 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    _cleanup_json_ json_object *history = NULL, *again = NULL, *entry = json_object_new_object();
    size_t n;

    fuzz_enter();
    if (store.fd < 0) {
        close(fuzz_mkdir("var/lib"));
        MUST(store_open(fuzz_path, "app", true, &store) == 0);
    }
    fuzz_write(store.fd, RECORD_HISTORY, (const char *)data, size);
    MUST(history_read(&store, &history) == 0);
    n = json_object_array_length(history);
    check_lineage(history, "3");
    for (size_t i = 0; i < n; i++) {
        json_object *read = json_object_array_get_idx(history, i);

        MUST(json_object_is_type(read, json_type_object));
        if (i < 8 && json_string(read, "to"))
            check_lineage(history, json_string(read, "to"));
    }
    json_add_string(entry, "id", "the last");
    json_add_string(entry, "to", "line\nline");
    MUST(history_append(&store, entry) == 0 && history_read(&store, &again) == 0);
    MUST(json_object_array_length(again) == n + 1);
    for (size_t i = 0; i <= n; i++)
        MUST(streq(
            json_object_to_json_string(json_object_array_get_idx(again, i)),
            json_object_to_json_string(i < n ? json_object_array_get_idx(history, i) : entry)));
    return 0;
}
