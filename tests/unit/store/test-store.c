/* SPDX-License-Identifier: MIT */
/* The store's records, whole and damaged. */
#include "scratch.h"
#include "store/history.h"
#include "test.h"

#define SIZE_LARGE ((64U << 20) + 1)

static Store store = STORE_NONE;

static void test_open(void)
{
    _cleanup_store_ Store other = STORE_NONE;
    _cleanup_free_ char *inside = strprintf("%s/var/lib/migrate/foreign", scratch_path);
    TransactionRecord record;
    struct stat st;

    OK(store_open(scratch_path, "app", false, &store) == -ENOENT && store.fd < 0,
       "open: none is there");
    OK(transaction_record_read(&store, "failed", &record) == 1 && !store_has(&store, "failed"),
       "open: which has no records");
    MUST(mkdirat(scratch_fd, "var", 0755) == 0 && mkdirat(scratch_fd, "var/lib", 0755) == 0);
    OK(store_open(scratch_path, "app", true, &store) == 0, "open: it is made");
    OK(fstat(store.fd, &st) == 0 && (st.st_mode & 07777) == 0700, "open: for oneself alone");
    OK(store_open(scratch_path, "app", false, &other) == 0, "open: it is there");
    OK(store_lock(&store) == 0 && store_lock(&other) == 1, "lock: one at a time");
    OK(store_lock(&store) == 0, "lock: which keeps it");
    store_close(&other);
    OK(store_open(scratch_path, "app2", true, &other) == 0 && store_lock(&other) == 0,
       "lock: another service has another");
    store_close(&other);
    MUST(symlink("app", inside) == 0);
    OK(store_open(scratch_path, "foreign", true, &other) < 0 &&
           store_open(scratch_path, "foreign", false, &other) < 0,
       "open: a link is no store");
}

static void test_records(void)
{
    TransactionRecord record = TRANSACTION_RECORD_NEW, found = {};

    OK(transaction_record_read(&store, RECORD_FAILED, &found) == 1 && !found.id,
       "records: none is there");
    record.id = (char *)"a\"b\\c/d\n\x01\xc3\xa4";
    record.bytes = INT64_MAX;
    OK(transaction_record_write(&store, RECORD_FAILED, &record) == 0 &&
           store_has(&store, RECORD_FAILED),
       "records: one is written");
    OK(transaction_record_read(&store, RECORD_FAILED, &found) == 0 &&
           streq_null(found.id, "a\"b\\c/d\n\x01\xc3\xa4") && found.bytes == INT64_MAX && !found.to,
       "records: and read as it was");
    transaction_record_free(&found);
    scratch_text(store.fd, RECORD_FAILED, "{\"id\":1,\"bytes\":\"1\",\"self\":1,\"reason\":null}");
    OK(transaction_record_read(&store, RECORD_FAILED, &found) == 0 && !found.id &&
           found.bytes == -1 && !found.self && !found.reason,
       "records: a field of another type is none");
    transaction_record_free(&found);
    OK(record_remove(&store, RECORD_FAILED) == 0 && !store_has(&store, RECORD_FAILED) &&
           record_remove(&store, RECORD_FAILED) == 0,
       "records: it is removed, and again");
}

static void test_damaged(void)
{
#define DAMAGED(what, text)                                                                        \
    {                                                                                              \
        what, text, sizeof(text) - 1                                                               \
    }
    static const struct {
        const char *what, *text;
        size_t size;
    } damaged[] = {
        DAMAGED("nothing", ""),
        DAMAGED("cut short", "{\"id\": \"x\""),
        DAMAGED("cut short in a string", "{\"id\": \"x"),
        DAMAGED("no object", "[1, 2]"),
        DAMAGED("null", "null"),
        DAMAGED("text", "hello"),
        DAMAGED("zeroes, as after a power cut", "\0\0\0\0\0\0\0\0"),
        DAMAGED("zeroes behind it", "{}\0\0\0\0\0\0"),
        DAMAGED("more behind it", "{\"a\": 1}\n{\"b\": 2}"),
        DAMAGED("nested too deep", "{\"a\":[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]}"),
    };
#undef DAMAGED
    _cleanup_(transaction_record_free) TransactionRecord found = {};
    _cleanup_free_ char *large = malloc(SIZE_LARGE + 1);

    for (size_t i = 0; i < ELEMENTSOF(damaged); i++) {
        scratch_write(store.fd, "transaction", damaged[i].text, damaged[i].size);
        OK(transaction_record_read(&store, "transaction", &found) == -EBADMSG && !found.id,
           "damaged: %s", damaged[i].what);
    }
    scratch_text(store.fd, "transaction", "{\"id\": \"x\"}\n \n");
    OK(transaction_record_read(&store, "transaction", &found) == 0,
       "damaged: an editor's newline is not");
    memset(large, ' ', SIZE_LARGE);
    scratch_write(store.fd, "transaction", large, SIZE_LARGE);
    transaction_record_free(&found);
    OK(transaction_record_read(&store, "transaction", &found) == -EFBIG, "damaged: too large");
    MUST(unlinkat(store.fd, "transaction", 0) == 0);
    MUST(mkdirat(store.fd, "transaction", 0700) == 0);
    OK(transaction_record_read(&store, "transaction", &found) == -EISDIR &&
           store_has(&store, "transaction"),
       "damaged: a directory is no record, and there");
    MUST(unlinkat(store.fd, "transaction", AT_REMOVEDIR) == 0);
    MUST(mkfifoat(store.fd, "transaction", 0600) == 0);
    OK(transaction_record_read(&store, "transaction", &found) < 0 &&
           store_has(&store, "transaction"),
       "damaged: a FIFO is not waited for");
    MUST(unlinkat(store.fd, "transaction", 0) == 0);
}

/* What is written can be read: scripts in a declaration may make a record large. */
static void test_large(void)
{
    _cleanup_(transaction_record_free) TransactionRecord found = {};
    _cleanup_free_ char *large = malloc(SIZE_LARGE + 1);
    TransactionRecord record = TRANSACTION_RECORD_NEW;

    memset(large, 'x', SIZE_LARGE);
    large[SIZE_LARGE] = '\0';
    record.reason = large + SIZE_LARGE - (3U << 20);
    OK(transaction_record_write(&store, "transaction", &record) == 0,
       "large: one with 3 MiB is written");
    OK(transaction_record_read(&store, "transaction", &found) == 0 &&
           strlen(found.reason) == 3U << 20,
       "large: and read back");
    transaction_record_free(&found);
    record.reason = large;
    OK(transaction_record_write(&store, "transaction", &record) == -EFBIG,
       "large: one that could not be read back is refused");
    OK(transaction_record_read(&store, "transaction", &found) == 0 &&
           strlen(found.reason) == 3U << 20,
       "large: and what was there before stays");
    MUST(unlinkat(store.fd, "transaction", 0) == 0);
}

/* "1 2 3": the ids of the history's entries. */
static bool tells(const char *wanted)
{
    _cleanup_(history_free) History entries = {};
    _cleanup_strv_ char **ids = NULL;
    _cleanup_free_ char *text = NULL;

    MUST(history_read(&store, &entries) == 0);
    for (size_t i = 0; i < entries.n_items; i++) {
        const char *id = entries.items[i].id;

        MUST(strv_append(&ids, id ? id : "?") == 0);
    }
    text = strv_join(ids, " ");
    if (streq(text ? text : "", wanted))
        return true;
    printf("# '%s' instead of '%s'\n", text ? text : "", wanted);
    return false;
}

static int append(const char *id)
{
    TransactionRecord entry = TRANSACTION_RECORD_NEW;

    entry.id = (char *)id;
    return history_append(&store, &entry);
}

static void test_history(void)
{
    static const char torn[] = "{\"id\":\"1\"}\n{\"id\":\"2\"}\n{\"id\":\"3\",\"fr",
                      zeroes[] = "{\"id\":\"1\"}\n\0\0\0\0\0\0\n{\"id\":\"2\"}\n{\"id\":\0\"3\"}\n"
                                 "{\"id\":\"4\"}\n",
                      odd[] =
                          "\n\n{\"id\":\"1\"}\r\n[]\nnull\n7\n{}\n{\"id\":\"2\"}{\"id\":\"3\"}\n"
                          "{\"id\":\"4\"}";
    Store none = STORE_NONE;
    History entries = {};

    OK(tells(""), "history: none is an empty one");
    OK(history_read(&none, &entries) == 0 && entries.n_items == 0,
       "history: nor has a store that is not there");
    OK(append("1") == 0 && append("two\nlines") == 0 && tells("1 two\nlines"),
       "history: an entry is a line, whatever is in it");
    scratch_write(store.fd, "history", torn, sizeof(torn) - 1);
    OK(tells("1 2"), "history: a torn line is left out");
    OK(append("4") == 0 && tells("1 2 4"), "history: and the next one is not lost with it");
    scratch_write(store.fd, "history", zeroes, sizeof(zeroes) - 1);
    OK(tells("1 2 4"), "history: zeroes hide nothing that follows");
    scratch_write(store.fd, "history", odd, sizeof(odd) - 1);
    OK(tells("1 ? 4"), "history: lines that are no object are left out");
    OK(append("5") == 0 && tells("1 ? 4 5"), "history: a last line without newline is whole");
}

static bool marker_is(const char *wanted)
{
    _cleanup_free_ char *version = NULL;

    return fresh_read(&store, &version) == 0 && streq_null(version, wanted);
}

static void test_fresh(void)
{
    Store none = STORE_NONE;
    char *version = NULL;

    OK(fresh_read(&none, &version) == 0 && !version, "fresh: no store, no marker");
    OK(marker_is(NULL), "fresh: none");
    OK(fresh_write(&store, NULL) == 0 && marker_is(NULL), "fresh: none is removed");
    OK(fresh_write(&store, "1") == 0 && marker_is("1") && store_has(&store, "fresh=1"),
       "fresh: one is written");
    OK(fresh_write(&store, "1") == 0 && marker_is("1"), "fresh: again");
    OK(fresh_write(&store, "2~rc1") == 0 && marker_is("2~rc1") && !store_has(&store, "fresh=1"),
       "fresh: another replaces it");
    scratch_text(store.fd, "fresh=1", "");
    scratch_text(store.fd, "fresh", "");
    scratch_text(store.fd, "refresh=3", "");
    OK(fresh_write(&store, "3") == 0 && marker_is("3") && !store_has(&store, "fresh=1") &&
           !store_has(&store, "fresh=2~rc1"),
       "fresh: is the only one");
    OK(fresh_write(&store, NULL) == 0 && marker_is(NULL) && store_has(&store, "refresh=3") &&
           store_has(&store, "fresh"),
       "fresh: removed, and nothing else");
}

static void test_time(void)
{
    _cleanup_free_ char *text = time_format(1795339058ULL * 1000000);

    OK(streq_null(text, "2026-11-22T09:17:38Z"), "time: %s", text);
}

int main(void)
{
    scratch_make();
    test_open();
    test_records();
    test_damaged();
    test_large();
    test_history();
    test_fresh();
    test_time();
    store_close(&store);
    return tests_done();
}
