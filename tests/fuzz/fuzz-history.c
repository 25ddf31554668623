/* SPDX-License-Identifier: MIT */
/* Any bytes for a history, as a power cut may leave it. Its whole lines are read, a line that is
 * appended after any bytes is read back, and every arrival of a lineage goes up. */
#include "fuzz.h"
#include "wayback/wayback.h"

static Store store = STORE_NONE;

static void check_lineage(const History *history, const char *version)
{
    _cleanup_(lineage_free) Lineage lineage = {};

    MUST(lineage_find(history, NULL, version, &lineage) == 0);
    for (size_t i = 0; i < lineage.n_items; i++) {
        const Arrival *arrival = lineage.items + i;

        MUST(version_is_valid(arrival->from) && version_is_valid(arrival->to));
        MUST(arrival->migration && version_compare(arrival->from, arrival->to) < 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    _cleanup_(history_free) History history = {}, again = {};
    TransactionRecord entry = TRANSACTION_RECORD_NEW;
    size_t n;

    fuzz_enter();
    if (store.fd < 0) {
        close(fuzz_mkdir("var/lib"));
        MUST(store_open(fuzz_path, "app", true, &store) == 0);
    }
    fuzz_write(store.fd, RECORD_HISTORY, (const char *)data, size);
    MUST(history_read(&store, &history) == 0);
    n = history.n_items;
    check_lineage(&history, "3");
    for (size_t i = 0; i < n && i < 8; i++)
        if (history.items[i].to)
            check_lineage(&history, history.items[i].to);
    entry.id = (char *)"the last";
    entry.to = (char *)"line\nline";
    MUST(history_append(&store, &entry) == 0 && history_read(&store, &again) == 0);
    MUST(again.n_items == n + 1);
    for (size_t i = 0; i <= n; i++) {
        _cleanup_free_ char *read = NULL, *wanted = NULL;

        MUST(transaction_record_text(again.items + i, &read) == 0);
        MUST(transaction_record_text(i < n ? history.items + i : &entry, &wanted) == 0);
        MUST(streq(read, wanted));
    }
    return 0;
}
