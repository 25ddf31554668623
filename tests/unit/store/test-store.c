/* SPDX-License-Identifier: MIT */
/* Records of a store, whole and damaged. */
#include "scratch.h"
#include "store/history.h"
#include "store/known.h"
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
       "a missing store gives ENOENT");
    OK(transaction_record_read(&store, "failed", &record) == 1 && !store_has(&store, "failed"),
       "a missing store has no records");
    store_close(&store);
    MUST(mkdirat(scratch_fd, "var", 0755) == 0 && mkdirat(scratch_fd, "var/lib", 0755) == 0);
    OK(store_open(scratch_path, "app", true, &store) == 0, "a store is made");
    OK(fstat(store.fd, &st) == 0 && (st.st_mode & 07777) == 0700, "only the owner can use a store");
    OK(store_open(scratch_path, "app", false, &other) == 0, "a store that exists is opened");
    OK(store_lock(&store) == 0 && store_lock(&other) == 1, "a store can be locked only once");
    OK(store_lock(&store) == 0, "the holder of a lock can lock the store again");
    store_close(&other);
    OK(store_open(scratch_path, "app2", true, &other) == 0 && store_lock(&other) == 0,
       "the store of another service has another lock");
    store_close(&other);
    MUST(symlink("app", inside) == 0);
    OK(store_open(scratch_path, "foreign", true, &other) < 0 &&
           store_open(scratch_path, "foreign", false, &other) < 0,
       "a link to a store is refused");
}

static void test_records(void)
{
    TransactionRecord record = TRANSACTION_RECORD_NEW, found = {};

    OK(transaction_record_read(&store, RECORD_FAILED, &found) == 1 && !found.id,
       "a new store has no record");
    record.id = (char *)"a\"b\\c/d\n\x01\xc3\xa4";
    record.bytes = INT64_MAX;
    OK(transaction_record_write(&store, RECORD_FAILED, &record) == 0 &&
           store_has(&store, RECORD_FAILED),
       "a record is written");
    OK(transaction_record_read(&store, RECORD_FAILED, &found) == 0 &&
           streq_null(found.id, "a\"b\\c/d\n\x01\xc3\xa4") && found.bytes == INT64_MAX && !found.to,
       "a record is read as it was written");
    transaction_record_free(&found);
    scratch_text(store.fd, RECORD_FAILED, "{\"id\":1,\"bytes\":\"1\",\"self\":1,\"reason\":null}");
    OK(transaction_record_read(&store, RECORD_FAILED, &found) == 0 && !found.id &&
           found.bytes == -1 && !found.self && !found.reason,
       "a field whose value has the wrong type counts as missing");
    transaction_record_free(&found);
    OK(record_remove(&store, RECORD_FAILED) == 0 && !store_has(&store, RECORD_FAILED) &&
           record_remove(&store, RECORD_FAILED) == 0,
       "removing a record a second time succeeds");
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
        DAMAGED("nothing in it", ""),
        DAMAGED("an object that is cut short", "{\"id\": \"x\""),
        DAMAGED("a string that is cut short", "{\"id\": \"x"),
        DAMAGED("a list instead of an object", "[1, 2]"),
        DAMAGED("null instead of an object", "null"),
        DAMAGED("text that is not JSON", "hello"),
        DAMAGED("only zeroes, as after a power cut", "\0\0\0\0\0\0\0\0"),
        DAMAGED("zeroes after the object", "{}\0\0\0\0\0\0"),
        DAMAGED("a second object", "{\"a\": 1}\n{\"b\": 2}"),
        DAMAGED("lists that are nested too deep",
                "{\"a\":[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]}"),
    };
#undef DAMAGED
    _cleanup_(transaction_record_free) TransactionRecord found = {};
    _cleanup_free_ char *large = malloc(SIZE_LARGE + 1);

    for (size_t i = 0; i < ELEMENTSOF(damaged); i++) {
        scratch_write(store.fd, "transaction", damaged[i].text, damaged[i].size);
        OK(transaction_record_read(&store, "transaction", &found) == -EBADMSG && !found.id,
           "a record with %s is damaged", damaged[i].what);
    }
    scratch_text(store.fd, "transaction", "{\"id\": \"x\"}\n \n");
    OK(transaction_record_read(&store, "transaction", &found) == 0,
       "a record with blank lines after it is read");
    memset(large, ' ', SIZE_LARGE);
    scratch_write(store.fd, "transaction", large, SIZE_LARGE);
    transaction_record_free(&found);
    OK(transaction_record_read(&store, "transaction", &found) == -EFBIG,
       "a record that is too large gives EFBIG");
    MUST(unlinkat(store.fd, "transaction", 0) == 0);
    MUST(mkdirat(store.fd, "transaction", 0700) == 0);
    OK(transaction_record_read(&store, "transaction", &found) == -EISDIR &&
           store_has(&store, "transaction"),
       "a directory in the place of a record gives EISDIR");
    MUST(unlinkat(store.fd, "transaction", AT_REMOVEDIR) == 0);
    MUST(mkfifoat(store.fd, "transaction", 0600) == 0);
    OK(transaction_record_read(&store, "transaction", &found) < 0 &&
           store_has(&store, "transaction"),
       "a FIFO in the place of a record is an error, and nothing waits for it");
    MUST(unlinkat(store.fd, "transaction", 0) == 0);
}

/* Scripts in a declaration can make a record large; a record that is written can always be read. */
static void test_large(void)
{
    _cleanup_(transaction_record_free) TransactionRecord found = {};
    _cleanup_free_ char *large = malloc(SIZE_LARGE + 1);
    TransactionRecord record = TRANSACTION_RECORD_NEW;

    memset(large, 'x', SIZE_LARGE);
    large[SIZE_LARGE] = '\0';
    record.reason = large + SIZE_LARGE - (3U << 20);
    OK(transaction_record_write(&store, "transaction", &record) == 0,
       "a record of 3 MiB is written");
    OK(transaction_record_read(&store, "transaction", &found) == 0 &&
           strlen(found.reason) == 3U << 20,
       "a record of 3 MiB is read");
    transaction_record_free(&found);
    record.reason = large;
    OK(transaction_record_write(&store, "transaction", &record) == -EFBIG,
       "a record that is too large to be read is not written");
    OK(transaction_record_read(&store, "transaction", &found) == 0 &&
           strlen(found.reason) == 3U << 20,
       "a record that is too large leaves the earlier record");
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

    OK(tells(""), "a missing history is empty");
    OK(history_read(&none, &entries) == 0 && entries.n_items == 0,
       "a missing store has an empty history");
    OK(append("1") == 0 && append("two\nlines") == 0 && tells("1 two\nlines"),
       "an entry of the history is one line even with a newline in a field");
    scratch_write(store.fd, "history", torn, sizeof(torn) - 1);
    OK(tells("1 2"), "a torn last line of the history is left out");
    OK(append("4") == 0 && tells("1 2 4"), "an entry after a torn line is read");
    scratch_write(store.fd, "history", zeroes, sizeof(zeroes) - 1);
    OK(tells("1 2 4"), "history lines after zeroes are read");
    scratch_write(store.fd, "history", odd, sizeof(odd) - 1);
    OK(tells("1 ? 4"), "history lines that are not exactly one object are left out");
    OK(append("5") == 0 && tells("1 ? 4 5"),
       "an entry after a last line without a newline is read");
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

    OK(fresh_read(&none, &version) == 0 && !version, "a missing store has no fresh marker");
    OK(marker_is(NULL), "a new store has no fresh marker");
    OK(fresh_write(&store, NULL) == 0 && marker_is(NULL),
       "removing a missing fresh marker succeeds");
    OK(fresh_write(&store, "1") == 0 && marker_is("1") && store_has(&store, "fresh=1"),
       "a fresh marker is written");
    OK(fresh_write(&store, "1") == 0 && marker_is("1"),
       "the same fresh marker can be written again");
    OK(fresh_write(&store, "2~rc1") == 0 && marker_is("2~rc1") && !store_has(&store, "fresh=1"),
       "another fresh marker replaces the first");
    scratch_text(store.fd, "fresh=1", "");
    scratch_text(store.fd, "fresh", "");
    scratch_text(store.fd, "refresh=3", "");
    OK(fresh_write(&store, "3") == 0 && marker_is("3") && !store_has(&store, "fresh=1") &&
           !store_has(&store, "fresh=2~rc1"),
       "a new fresh marker removes all earlier fresh markers");
    OK(fresh_write(&store, NULL) == 0 && marker_is(NULL) && store_has(&store, "refresh=3") &&
           store_has(&store, "fresh"),
       "removing the fresh marker removes no other file");
}

static bool declared_is(const char *wanted)
{
    _cleanup_free_ char *value = NULL;

    return declared_read(&store, &value) == 0 && streq_null(value, wanted);
}

static void test_declared(void)
{
    OK(declared_is(NULL), "a new store does not say which version was declared");
    OK(declared_write(&store, "1") == 0 && declared_is("1") && store_has(&store, "declared=1"),
       "the declared version is written");
    OK(declared_write(&store, "1") == 0 && declared_is("1"),
       "the same declared version can be written again");
    OK(declared_write(&store, ":2~rc1") == 0 && declared_is(":2~rc1") &&
           !store_has(&store, "declared=1"),
       "another declared version replaces the first");
    scratch_text(store.fd, "declared=1", "");
    scratch_text(store.fd, "declared=3", "");
    OK(declared_write(&store, "2") == 0 && declared_is("2") && !store_has(&store, "declared=1") &&
           !store_has(&store, "declared=3") && !store_has(&store, "declared=:2~rc1"),
       "there is one declared version even if there were several");
    OK(declared_ask(&store, "1") == 0 && declared_ask(&store, "2") == 0 &&
           store_has(&store, "asks=1") && store_has(&store, "asks=2") && declared_is("2"),
       "the gates of two versions are closed");
    OK(declared_agree(&store, "1") == 0 && declared_is("1") && !store_has(&store, "asks=1") &&
           store_has(&store, "asks=2"),
       "the gate of one version is opened, and that of the other stays closed");
    MUST(unlinkat(store.fd, "asks=2", 0) == 0);
}

static bool has_mounts(bool app, bool disk, bool moved)
{
    return known_mount_read(&store, "/srv/app") == app &&
           known_mount_read(&store, "/srv/app/my disk-1") == disk &&
           known_mount_read(&store, "/var/lib/app/my disk-1") == moved;
}

static void test_mounts(void)
{
    _cleanup_free_ char *long_path = strprintf("/%0300d", 1);
    char *directories[] = {(char *)"/var/lib/app", NULL};
    char target[100];

    MUST(long_path);
    OK(has_mounts(false, false, false), "a new store has no mount points");
    OK(known_mount_write(&store, "/srv/app", true) == 1 &&
           known_mount_write(&store, "/srv/app/my disk-1", true) == 1 &&
           has_mounts(true, true, false),
       "mount points are recorded");
    OK(readlinkat(store.fd, "mounted-srv-app-my\\x20disk\\x2d1.mount", target, sizeof(target)) ==
           strlen("/srv/app/my disk-1"),
       "the link to a mount point has the name that systemd gives the mount unit");
    OK(known_mount_write(&store, "/srv/app", true) == 0 &&
           known_mount_write(&store, "/srv/other", false) == 0,
       "what is recorded already changes nothing");
    OK(known_mount_write(&store, long_path, true) == 0 && known_mount_read(&store, long_path) == 0,
       "a path that is too long for a link is not recorded");
    OK(known_write_moved(&store, "1", directories, "/srv/app") == 0 &&
           has_mounts(true, false, true),
       "a mount point in a directory that moves is recorded at its new path");
    OK(known_write_moved(&store, "1", directories, "/srv/app") == 0 &&
           has_mounts(true, false, true),
       "recording a move a second time changes nothing");
    OK(known_mount_write(&store, "/srv/app", false) == 1 && has_mounts(false, false, true),
       "a mount point is removed");
    OK(known_mounts_prune(&store, (char *[]){(char *)"/var/lib/app/my disk-1", NULL}) == 0 &&
           has_mounts(false, false, true),
       "a mount point that is declared is kept, also if nothing is mounted there");
    OK(known_mounts_prune(&store, directories) == 1 && has_mounts(false, false, false),
       "a mount point that is not declared is forgotten if nothing is mounted there");
    OK(known_mount_write(&store, "/proc", true) == 1 &&
           known_mounts_prune(&store, directories) == 0 && known_mount_read(&store, "/proc") == 1,
       "a mount point that is not declared is kept while something is mounted there");
    OK(known_mounts_forget(&store) == 0 && known_mount_read(&store, "/proc") == 0,
       "all mount points are forgotten");
    OK(record_remove(&store, RECORD_KNOWN) == 0, "the last-seen record is removed");
}

static void test_time(void)
{
    _cleanup_free_ char *text = time_format(1795339058ULL * 1000000);

    OK(streq_null(text, "2026-11-22T09:17:38Z"), "a time is formatted in UTC: %s", text);
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
    test_declared();
    test_mounts();
    test_time();
    store_close(&store);
    return tests_done();
}
