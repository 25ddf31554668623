/* SPDX-License-Identifier: MIT */
/* Records: those of earlier releases are read and written with the same content, a damaged record
 * is an error, and no record is written in part.
 *
 * usage: test-record DIRECTORY, which has records as version 0.1 wrote them (commit 6af9709), in
 * files KIND.NUMBER. */
#include "backup/clock-gaps.h"
#include "scratch.h"
#include "store/attempt.h"
#include "store/consent.h"
#include "store/history.h"
#include "store/known.h"
#include "store/provisional.h"
#include "store/rehearsal.h"
#include "store/software.h"
#include "test.h"
#include "wayback/wayback.h"

#include <json-c/json.h>

static Store store = STORE_NONE;

/* --- memory that is short -------------------------------------------------------------------- */

static int allocations_left = -1; /* until one fails; -1: none does */

static bool memory_is_short(void)
{
    if (allocations_left > 0)
        allocations_left--;
    return allocations_left == 0;
}

/* The linker makes the libraries call these: see meson.build. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__real_reallocarray(void *p, size_t n, size_t size);
char *__real_strdup(const char *s);
int __real_vasprintf(char **ret, const char *format, va_list ap);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);
void *__wrap_reallocarray(void *p, size_t n, size_t size);
char *__wrap_strdup(const char *s);
int __wrap_vasprintf(char **ret, const char *format, va_list ap);

void *__wrap_malloc(size_t size)
{
    return memory_is_short() ? NULL : __real_malloc(size);
}
void *__wrap_calloc(size_t n, size_t size)
{
    return memory_is_short() ? NULL : __real_calloc(n, size);
}
void *__wrap_realloc(void *p, size_t size)
{
    return memory_is_short() ? NULL : __real_realloc(p, size);
}
void *__wrap_reallocarray(void *p, size_t n, size_t size)
{
    return memory_is_short() ? NULL : __real_reallocarray(p, n, size);
}
char *__wrap_strdup(const char *s)
{
    return memory_is_short() ? NULL : __real_strdup(s);
}
int __wrap_vasprintf(char **ret, const char *format, va_list ap)
{
    return memory_is_short() ? -1 : __real_vasprintf(ret, format, ap);
}

/* --- kinds ----------------------------------------------------------------------------------- */

typedef union AnyRecord {
    TransactionRecord transaction;
    PostRecord post;
    InterruptionRecord interruption;
    RequestRecord request;
    Known known;
    Approval approval;
    Deferral deferral;
    ProvisionalRecord provisional;
    MovingRecord moving;
    MovedRecord moved;
    SoftwareRecord software;
    RehearsalRecord rehearsal;
    RehearsingRecord rehearsing;
    ClockGaps clock;
    WaybackRecord wayback;
} AnyRecord;

static const struct {
    const char *name;
    const RecordType *type;
} kinds[] = {
    {"transaction", &transaction_record_type},
    {"failed", &transaction_record_type},
    {"manifest", &transaction_record_type},
    {"history", &transaction_record_type},
    {"post", &post_record_type},
    {"interrupted", &interruption_record_type},
    {"requested", &request_record_type},
    {"known", &known_record_type},
    {"approved", &approval_type},
    {"deferred", &deferral_record_type},
    {"provisional", &provisional_record_type},
    {"moving", &moving_record_type},
    {"moved", &moved_record_type},
    {"software", &software_record_type},
    {"rehearsal", &rehearsal_record_type},
    {"rehearsing", &rehearsing_record_type},
    {"clock", &clock_record_type},
    {"steps", &wayback_record_type},
};

static size_t find_kind(const char *file)
{
    for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
        if (startswith(file, kinds[i].name) && file[strlen(kinds[i].name)] == '.')
            return i;
    return ELEMENTSOF(kinds);
}

static bool is_same_json(const char *a, const char *b)
{
    json_object *left = json_tokener_parse(a), *right = json_tokener_parse(b);
    bool same = left && right && json_object_equal(left, right);

    json_object_put(left);
    json_object_put(right);
    return same;
}

/* --- records of an earlier version ----------------------------------------------------------- */

static void test_earlier(int dir_fd, const char *file, const RecordType *type)
{
    _cleanup_free_ char *text = NULL, *again = NULL, *pretty = NULL;
    AnyRecord record;
    size_t size;

    MUST(read_file_at(dir_fd, file, 1U << 20, &text, &size) == 0);
    OK(record_parse(type, text, size, false, &record) == 0, "the earlier record %s is read", file);
    MUST(record_text(type, &record, &again) == 0);
    OK(is_same_json(text, again), "the earlier record %s is written with the same content", file);
    if (!is_same_json(text, again))
        printf("# %s\n# %s\n", text, again);
    MUST(record_write(&store, "record", type, &record) == 0);
    MUST(read_file_at(store.fd, "record", 1U << 20, &pretty, NULL) == 0);
    OK(is_same_json(text, pretty), "the earlier record %s has the same content on disk", file);
    record_free(type, &record);
}

static void test_earlier_versions(int dir_fd)
{
    bool seen[ELEMENTSOF(kinds)] = {};
    struct dirent **entries;
    int n = scandirat(dir_fd, ".", &entries, NULL, alphasort);

    MUST(n > 0);
    for (int i = 0; i < n; i++) {
        size_t kind = find_kind(entries[i]->d_name);

        if (kind < ELEMENTSOF(kinds)) {
            test_earlier(dir_fd, entries[i]->d_name, kinds[kind].type);
            seen[kind] = true;
        }
        free(entries[i]);
    }
    free(entries);
    for (size_t i = 0; i < ELEMENTSOF(kinds); i++)
        OK(seen[i], "an earlier record of the kind %s is tested", kinds[i].name);
}

/* --- what nobody knows ----------------------------------------------------------------------- */

#define UNKNOWN "\"zzz\":[1,{\"a\":null,\"b\":1.5,\"c\":true,\"d\":\"\\u0000\\u001f\\\"\"},[],{}]"
#define PLACE   "{\"directory\":\"/d\",\"base\":\"/b\",\"entry\":\"e\"," UNKNOWN "}"
#define FULL                                                                                       \
    "{" UNKNOWN                                                                                    \
    ",\"id\":\"1\",\"from\":\"1\",\"to\":\"2\",\"phase\":\"swapping\",\"places\":[" PLACE          \
    "," PLACE "],\"steps\":[{\"migration\":\"m\"," UNKNOWN                                         \
    "}],\"within\":[{\"host\":\"h\"," UNKNOWN                                                      \
    "}],\"effects\":[{\"step\":0,\"state\":\"begun\"," UNKNOWN "}],\"scripts\":{" UNKNOWN          \
    "},\"post\":[{\"argv\":[\"/p\",\"x\"]," UNKNOWN "}],\"bytes\":0,\"duration\":17}"

static void test_unknown(void)
{
    TransactionRecord record;
    _cleanup_free_ char *text = NULL;

    MUST(record_parse(&transaction_record_type, FULL, strlen(FULL), false, &record) == 0);
    MUST(record_text(&transaction_record_type, &record, &text) == 0);
    OK(is_same_json(text, FULL), "fields that this release does not know are kept");
    if (!is_same_json(text, FULL))
        printf("# %s\n", text);
    free(TAKE_PTR(text));
    MUST(strreplace(&record.to, "3") == 0);
    record.phase = PHASE_CONCLUDING;
    record.bytes = 5;
    transaction_record_drop_places(&record);
    MUST(record_text(&transaction_record_type, &record, &text) == 0);
    OK(strstr(text, "\"to\":\"3\"") && strstr(text, "\"phase\":\"concluding\"") &&
           strstr(text, "\"bytes\":5") && !strstr(text, "swapping") && !strstr(text, "places") &&
           strstr(text, "zzz"),
       "fields that this release does not know are kept when known fields change");
    transaction_record_free(&record);
}

static void test_numbers(void)
{
    static const char vast[] = "{\"id\":\"1\",\"bytes\":99999999999999999999}";
    TransactionRecord record;
    _cleanup_free_ char *text = NULL;

    MUST(record_parse(&transaction_record_type, vast, strlen(vast), false, &record) == 0);
    OK(record.bytes == -1, "a number that does not fit is unknown");
    MUST(record_text(&transaction_record_type, &record, &text) == 0);
    OK(is_same_json(text, vast), "a number that does not fit is written again as it was read");
    transaction_record_free(&record);
}

static void test_words(void)
{
    static const char later[] = "{\"id\":\"1\",\"action\":\"painted\",\"result\":\"odd\"}";
    TransactionRecord record;
    _cleanup_free_ char *text = NULL;

    MUST(record_parse(&transaction_record_type, later, strlen(later), false, &record) == 0);
    OK(record.action == ACTION_OTHER && record.result == RESULT_NONE,
       "an action and a result of a later release are read");
    OK(streq_null(transaction_record_action(&record), "painted") &&
           streq_null(transaction_record_result(&record), "odd"),
       "an action and a result of a later release are shown as they are");
    MUST(record_text(&transaction_record_type, &record, &text) == 0);
    OK(is_same_json(text, later), "an action and a result of a later release are written again");
    free(TAKE_PTR(text));
    record.result = RESULT_FAILED;
    MUST(record_text(&transaction_record_type, &record, &text) == 0);
    OK(strstr(text, "\"result\":\"failed\"") && !strstr(text, "odd"),
       "a result of this release replaces a result of a later release");
    transaction_record_free(&record);
    for (size_t i = 0; i <= RESULT_INVALID; i++) {
        _cleanup_free_ char *line = strprintf("{\"result\":\"%s\"}", result_name((Result)i));

        MUST(record_parse(&transaction_record_type, line, strlen(line), false, &record) == 0);
        OK(record.result == (Result)i, "the result %s is read", result_name((Result)i));
        transaction_record_free(&record);
    }
}

/* --- damage ---------------------------------------------------------------------------------- */

static void test_damaged(void)
{
    static const struct {
        const char *what, *text;
    } cases[] = {
        {"an unknown phase", "{\"id\":\"1\",\"phase\":\"painting\"}"},
        {"a phase with a NUL", "{\"id\":\"1\",\"phase\":\"staging\\u0000\"}"},
        {"an unknown method of a swap", "{\"id\":\"1\",\"places\":[{\"method\":\"magic\"}]}"},
        {"an unknown protection", "{\"id\":\"1\",\"protect\":\"hope\"}"},
        {"an unknown place of the stamp", "{\"id\":\"1\",\"stamp\":\"sky\"}"},
        {"an unknown state of undo hooks", "{\"id\":\"1\",\"effects\":[{\"state\":\"so\"}]}"},
        {"directories that are not a list", "{\"id\":\"1\",\"places\":{}}"},
        {"a directory that is not an object", "{\"id\":\"1\",\"places\":[\"/d\"]}"},
        {"excluded paths that are not a list", "{\"id\":\"1\",\"places\":[{\"exclude\":\"a\"}]}"},
        {"an excluded path that is a number",
         "{\"id\":\"1\",\"places\":[{\"exclude\":[\"a\",1]}]}"},
        {"a reader that is null", "{\"id\":\"1\",\"readers\":[null]}"},
        {"a reader with a NUL", "{\"id\":\"1\",\"readers\":[\"1\\u0000\"]}"},
        {"scripts that are a list", "{\"id\":\"1\",\"scripts\":[]}"},
    };

    for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
        TransactionRecord record = {};
        _cleanup_free_ char *text = NULL;

        OK(record_parse(&transaction_record_type, cases[i].text, strlen(cases[i].text), false,
                        &record) == -EBADMSG &&
               !record.id,
           "a record with %s is damaged", cases[i].what);
        MUST(record_parse(&transaction_record_type, cases[i].text, strlen(cases[i].text), true,
                          &record) == 0);
        MUST(record_text(&transaction_record_type, &record, &text) == 0);
        OK(streq_null(record.id, "1") && is_same_json(text, cases[i].text),
           "a line of the history with %s is read without the invalid field", cases[i].what);
        transaction_record_free(&record);
    }
}

/* --- memory ---------------------------------------------------------------------------------- */

/* Every allocation fails in turn: either the record is written completely, or -ENOMEM is returned
 * and the file is unchanged. */
static void test_write_without_memory(void)
{
    TransactionRecord record;
    bool whole = true;
    int r = -ENOMEM, n;

    MUST(record_parse(&transaction_record_type, FULL, strlen(FULL), false, &record) == 0);
    for (n = 1; r == -ENOMEM && n < 1000; n++) {
        _cleanup_free_ char *text = NULL;

        scratch_text(store.fd, "record", "before");
        allocations_left = n;
        r = transaction_record_write(&store, "record", &record);
        allocations_left = -1;
        MUST(read_file_at(store.fd, "record", 1U << 20, &text, NULL) == 0);
        whole = whole && (r == 0 ? is_same_json(text, FULL) : streq(text, "before"));
    }
    OK(n > 2 && r == 0 && whole,
       "without memory a record is written completely or not at all (%d times)", n - 1);
    r = -ENOMEM;
    for (n = 1; r == -ENOMEM && n < 1000; n++) {
        _cleanup_free_ char *text = NULL;

        scratch_text(store.fd, RECORD_HISTORY, "{}\n");
        allocations_left = n;
        r = history_append(&store, &record);
        allocations_left = -1;
        MUST(read_file_at(store.fd, RECORD_HISTORY, 1U << 20, &text, NULL) == 0);
        whole = whole && (r == 0 ? is_same_json(text + 3, FULL) : streq(text, "{}\n"));
    }
    OK(n > 2 && r == 0 && whole,
       "without memory a line of the history is written completely or not at all (%d times)",
       n - 1);
    transaction_record_free(&record);
}

/* Allocations by json-c do not fail here. */
static void test_read_without_memory(void)
{
    TransactionRecord record = {};
    int r = -ENOMEM, n;

    scratch_text(store.fd, "record", FULL);
    for (n = 1; r == -ENOMEM && n < 1000; n++) {
        allocations_left = n;
        r = transaction_record_read(&store, "record", &record);
        allocations_left = -1;
        MUST(r == 0 || (r == -ENOMEM && !record.id));
    }
    OK(n > 20 && r == 0, "without memory a record is read completely or not at all (%d times)",
       n - 1);
    transaction_record_free(&record);
}

int main(int argc, char **argv)
{
    _cleanup_close_ int fd = argc == 2 ? open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

    MUST(fd >= 0);
    scratch_make();
    MUST(mkdirat(scratch_fd, "var", 0755) == 0 && mkdirat(scratch_fd, "var/lib", 0755) == 0);
    MUST(store_open(scratch_path, "app", true, &store) == 0);
    test_earlier_versions(fd);
    test_unknown();
    test_numbers();
    test_words();
    test_damaged();
    test_write_without_memory();
    test_read_without_memory();
    store_close(&store);
    return tests_done();
}
