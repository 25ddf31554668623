/* SPDX-License-Identifier: MIT */
/* Any bytes for the records of the store and for the markers of a fresh start. A record that is
 * not sound is reported as damaged; a sound one is the same after it was read and written.
 *
 * The input is the record of a transaction; after a line "@failed", "@interrupted" and "@post"
 * these records, and after "@names" more names in the store, one a line. */
#include "store/attempt.h"
#include "transaction/flight.h"
#include "fuzz.h"

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

/* A record with other bytes after it is damaged. */
static void check_torn(const char *name)
{
    _cleanup_json_ json_object *record = NULL;
    _cleanup_free_ char *text = NULL;
    size_t size;

    MUST(read_file_at(store.fd, name, SIZE_MAX - 1, &text, &size) == 0);
    text[size] = '}';
    fuzz_write(store.fd, "torn", text, size + 1);
    MUST(record_read(&store, "torn", &record) == -EBADMSG && !record);
}

static void check_record(const char *name)
{
    _cleanup_json_ json_object *record = NULL, *again = NULL;
    int r = record_read(&store, name, &record);

    MUST(r == 0 ? json_object_is_type(record, json_type_object) : !record);
    MUST(r == 0 || r == 1 || r == -EBADMSG);
    if (r != 0)
        return;
    MUST(record_write(&store, "copy", record) == 0 && record_read(&store, "copy", &again) == 0);
    MUST(streq(json_object_to_json_string(record), json_object_to_json_string(again)));
    check_torn(name);
    json_object_object_foreach(record, key, value)
    {
        const char *string = json_string(record, key);
        json_object *array = json_array(record, key);

        MUST(!string == !json_object_is_type(value, json_type_string));
        MUST(!array == !json_object_is_type(value, json_type_array));
        MUST(json_integer(record, key) == 0 || json_object_is_type(value, json_type_int));
    }
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
    _cleanup_json_ json_object *record = NULL;
    const char *fingerprint;
    int count;

    if (record_read(&store, RECORD_INTERRUPTED, &record) != 0)
        return;
    fingerprint = json_string(record, "fingerprint");
    count = interruption_count(&store, fingerprint);
    MUST(count >= 0 && count <= INTERRUPTIONS_MAX && interruption_add(&store, fingerprint) == 0);
    MUST(interruption_count(&store, fingerprint) == MIN(count + 1, INTERRUPTIONS_MAX));
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
    static const char *const records[] = {RECORD_TRANSACTION, RECORD_FAILED, RECORD_INTERRUPTED,
                                          RECORD_POST};

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
            fuzz_write(store.fd, records[i], parts[i].data, parts[i].size);
    for (size_t i = 0; i < ELEMENTSOF(records); i++)
        check_record(records[i]);
    check_flight();
    check_interruptions();
    check_fresh();
    return 0;
}
