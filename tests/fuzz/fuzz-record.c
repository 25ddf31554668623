/* SPDX-License-Identifier: MIT */
/* Any bytes for the records of the store and for the markers of a fresh start. A record that is
 * not sound is reported as damaged; a sound one is the same after it was read and written.
 *
 * The input is the record of a transaction; after a line "@failed", "@interrupted" and "@post"
 * these records, and after "@names" more names in the store, one a line. */
#include "fuzz.h"
#include "store/attempt.h"
#include "transaction/flight.h"

#include <json-c/json.h>

enum { PART_TRANSACTION, PART_FAILED, PART_INTERRUPTED, PART_POST, PART_NAMES, N_PARTS };

static Store store = STORE_NONE;

static void write_names(FuzzPart *part)
{
    size_t n = 0;

    for (char *line; n++ < 16 && (line = fuzz_line(part)); free(line))
        if (!isempty(line) && strlen(line) <= 255 && !strchr(line, '/') && !streq(line, ".") &&
            !streq(line, ".."))
            fuzz_write(store.fd, line, "", 0);
}

static bool is_number(json_object *value)
{
    return json_object_is_type(value, json_type_int) ||
           json_object_is_type(value, json_type_double);
}

/* Is all of a document in another one? That may have fields more, which are always written. */
static bool is_kept(json_object *before, json_object *after)
{
    if (!before) /* null */
        return true;
    if (is_number(before) && is_number(after)) /* json-c reads -3e as a fraction, and writes -3 */
        return json_object_get_double(before) == json_object_get_double(after);
    if (json_object_get_type(before) != json_object_get_type(after))
        return false;
    if (json_object_is_type(before, json_type_object)) {
        json_object_object_foreach(before, key, value)
        {
            json_object *other;

            if (!json_object_object_get_ex(after, key, &other) || !is_kept(value, other))
                return false;
        }
        return true;
    }
    if (!json_object_is_type(before, json_type_array))
        return json_object_equal(before, after);
    if (json_object_array_length(before) != json_object_array_length(after))
        return false;
    for (size_t i = 0; i < json_object_array_length(before); i++)
        if (!is_kept(json_object_array_get_idx(before, i), json_object_array_get_idx(after, i)))
            return false;
    return true;
}

/* A record with other bytes after it is damaged. */
static void check_torn(const char *name, const RecordType *type)
{
    _cleanup_free_ char *text = NULL;
    union {
        TransactionRecord transaction;
        InterruptionRecord interruption;
        PostRecord post;
    } record;
    size_t size;

    MUST(read_file_at(store.fd, name, SIZE_MAX - 1, &text, &size) == 0);
    text[size] = '}';
    fuzz_write(store.fd, "torn", text, size + 1);
    MUST(record_read(&store, "torn", type, &record) == -EBADMSG);
}

/* What is read is written with the same content, and then again byte by byte. */
static void check_record(const char *name, const RecordType *type)
{
    _cleanup_free_ char *read = NULL, *written = NULL, *text = NULL;
    json_object *before, *after;
    union {
        TransactionRecord transaction;
        InterruptionRecord interruption;
        PostRecord post;
    } record, again;
    int r = record_read(&store, name, type, &record);

    MUST(r == 0 || r == 1 || r == -EBADMSG);
    if (r != 0)
        return;
    MUST(record_write(&store, "copy", type, &record) == 0);
    MUST(record_read(&store, "copy", type, &again) == 0);
    MUST(record_text(type, &record, &read) == 0 && record_text(type, &again, &written) == 0);
    MUST(streq(read, written));
    MUST(read_file_at(store.fd, name, SIZE_MAX - 1, &text, NULL) == 0);
    before = json_tokener_parse(text);
    after = json_tokener_parse(read);
    MUST(before && after && is_kept(before, after));
    json_object_put(before);
    json_object_put(after);
    record_free(type, &record);
    record_free(type, &again);
    check_torn(name, type);
}

/* Whatever settles a transaction may trust what it is told of one. */
static void check_flight(void)
{
    _cleanup_(flight_close) Flight flight = {};
    _cleanup_free_ char *what = NULL;
    LogContext log = {};
    int r = flight_read(&store, &log, &flight, &what);

    MUST(r <= 1);
    if (r != 0)
        return;
    MUST(place_name_is_valid(flight.id));
    MUST(flight.to && flight.n_places > 0);
    for (size_t i = 0; i < flight.n_places; i++) {
        const Place *place = flight.places + i;

        MUST(place->directory[0] == '/' && place->parent_fd >= 0);
        MUST(!isempty(place->name) && !strchr(place->name, '/'));
        MUST(!strstr(place->directory, "/../") && !strstr(place->base, "/../"));
        MUST(place_name_is_valid(place->entry) && place_base_is_valid(place->base, &store));
    }
}

static void check_interruptions(void)
{
    _cleanup_(interruption_record_free) InterruptionRecord record = {};
    int count;

    if (interruption_record_read(&store, RECORD_INTERRUPTED, &record) != 0)
        return;
    count = interruption_count(&store, record.fingerprint);
    MUST(count >= 0 && count <= INTERRUPTIONS_MAX);
    MUST(interruption_add(&store, record.fingerprint) == 0);
    MUST(interruption_count(&store, record.fingerprint) == MIN(count + 1, INTERRUPTIONS_MAX));
}

static void check_fresh(void)
{
    _cleanup_free_ char *version = NULL, *closed = NULL, *written = NULL;

    MUST(fresh_read(&store, &version) == 0 && fresh_close(&store) == 0);
    MUST(fresh_read(&store, &closed) == 0 && !version == !closed);
    MUST(fresh_write(&store, "2") == 0 && fresh_read(&store, &written) == 0);
    MUST(streq_null(written, "2") && store_has(&store, "fresh=2"));
    MUST(fresh_write(&store, NULL) == 0);
    free(written);
    MUST(fresh_read(&store, &written) == 0 && !written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FuzzPart parts[N_PARTS] = {
        [PART_FAILED] = {.word = "@failed"},
        [PART_INTERRUPTED] = {.word = "@interrupted"},
        [PART_POST] = {.word = "@post"},
        [PART_NAMES] = {.word = "@names"},
    };
    static const struct {
        const char *name;
        const RecordType *type;
    } records[] = {{RECORD_TRANSACTION, &transaction_record_type},
                   {RECORD_FAILED, &transaction_record_type},
                   {RECORD_INTERRUPTED, &interruption_record_type},
                   {RECORD_POST, &post_record_type}};

    fuzz_enter();
    if (store.fd < 0) {
        close(fuzz_mkdir("var/lib"));
        MUST(store_open(fuzz_path, "app", true, &store) == 0);
    }
    fuzz_clear(store.fd);
    fuzz_split(data, size, parts, N_PARTS);
    write_names(parts + PART_NAMES);
    for (size_t i = 0; i < ELEMENTSOF(records); i++)
        if (parts[i].data)
            fuzz_write(store.fd, records[i].name, parts[i].data, parts[i].size);
    for (size_t i = 0; i < ELEMENTSOF(records); i++)
        check_record(records[i].name, records[i].type);
    check_flight();
    check_interruptions();
    check_fresh();
    return 0;
}
