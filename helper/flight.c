/* SPDX-License-Identifier: MIT */
/* The record of a transaction: writing it, and believing nothing of it when it is read back. */
#include "flight.h"

json_object *flight_describe_places(const Place *places, size_t n_places)
{
    json_object *array = json_object_new_array();

    for (size_t i = 0; array && i < n_places; i++) {
        json_object *place = json_object_new_object();

        json_add_string(place, "directory", places[i].directory);
        json_add_string(place, "path", places[i].path);
        json_add_string(place, "method", place_method_name(places[i].method));
        json_add_string(place, "base", places[i].base);
        json_add_string(place, "entry", places[i].entry);
        json_object_array_add(array, place);
    }
    return array;
}

int flight_write(Flight *flight, const char *phase)
{
    json_add_string(flight->record, "phase", phase);
    flight->log->phase = phase;
    return record_write(flight->store, RECORD_TRANSACTION, flight->record);
}

/* As declarations have them: no part of it is nothing, or leads back. */
static bool path_is_canonical(const char *path)
{
    if (!path || path[0] != '/')
        return false;
    for (size_t length; *path; path += length) {
        length = strcspn(++path, "/");
        if (length == 0 || (path[0] == '.' && (length == 1 || (length == 2 && path[1] == '.'))))
            return false;
    }
    return true;
}

static int find_place(Flight *flight, json_object *described, char **reterr_what)
{
    const char *directory = json_string(described, "directory"),
               *base = json_string(described, "base"), *entry = json_string(described, "entry");
    Place *place;
    int r;

    if (!path_is_canonical(directory) || !path_is_canonical(base))
        return -EBADMSG;
    place = ARRAY_GROW(flight->places, flight->n_places);
    if (!place)
        return -ENOMEM;
    *place = (Place)PLACE_NONE;
    r = place_find_again(directory, json_string(described, "path"),
                         json_string(described, "method"), base, entry, flight->store, place,
                         reterr_what);
    return r == PLACE_REFUSED ? -EPERM : r;
}

static int find_places(Flight *flight, char **reterr_what)
{
    json_object *places = json_array(flight->record, "places");
    size_t n = places ? json_object_array_length(places) : 0;

    for (size_t i = 0; i < n; i++) {
        int r = find_place(flight, json_object_array_get_idx(places, i), reterr_what);

        if (r < 0)
            return r;
    }
    return n > 0 ? 0 : -EBADMSG;
}

int flight_read(const Store *store, LogContext *log, Flight *ret, char **reterr_what)
{
    const char *phase;
    int r;

    *ret = (Flight){.store = store, .log = log};
    r = record_read(store, RECORD_TRANSACTION, &ret->record);
    if (r != 0)
        return r;
    ret->id = json_string(ret->record, "id");
    ret->from = json_string(ret->record, "from");
    ret->to = json_string(ret->record, "to");
    phase = json_string(ret->record, "phase");
    if (!place_name_is_valid(ret->id) || !ret->to || !phase ||
        (!ret->from && !streq(phase, PHASE_RECORDING)))
        return -EBADMSG;
    log->transaction = ret->id;
    log->from = ret->from;
    log->to = ret->to;
    log->phase = phase;
    return find_places(ret, reterr_what);
}

void flight_close(Flight *flight)
{
    for (size_t i = 0; i < flight->n_places; i++)
        place_close(flight->places + i);
    free(flight->places);
    json_object_put(flight->record);
    *flight = (Flight){};
}
