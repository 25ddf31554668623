/* SPDX-License-Identifier: MIT */
/* Reads and frees records by their tables. Has no code for a particular record. */
#include "store/record.h"

#include "basic/durable.h"
#include "store/record-table.h"

#include <assert.h>
#include <json-c/json.h>

#define DEPTH_MAX 16

static void free_field(const RecordField *field, void *record)
{
    void *m = member(field, record);

    switch (field->kind) {
    case FIELD_INTEGER:
    case FIELD_USEC:
    case FIELD_BOOLEAN:
    case FIELD_ENUM:
        return;
    case FIELD_STRING:
        break;
    case FIELD_STRINGS:
        strv_free(*(char ***)m);
        *(char ***)m = NULL;
        return;
    case FIELD_OBJECT:
        if (*(void **)m)
            record_free(field->type, *(void **)m);
        break;
    case FIELD_LIST:
    case FIELD_MAP:
        for (size_t i = 0; i < *count(field, record); i++)
            record_free(field->type, element(field, record, i));
        *count(field, record) = 0;
        break;
    }
    free(*(void **)m);
    *(void **)m = NULL;
}

void record_free(const RecordType *type, void *record)
{
    for (size_t i = 0; i < type->n_fields; i++)
        free_field(type->fields + i, record);
    json_object_put(*(RecordRest **)record);
    memset(record, 0, type->size);
}

void record_drop(const RecordType *type, void *record, const char *key)
{
    const RecordField *field = find_field(type, key);

    assert(field);
    free_field(field, record);
}

static int read_struct(json_object *object, const RecordType *type, bool lenient, void *record);

/* Functions that read a value return 1 if they have set the member, 0 if the value has another
 * type, or a negative errno. */
static int read_string(json_object *value, char **ret)
{
    const char *text;

    if (!json_object_is_type(value, json_type_string))
        return 0;
    text = json_object_get_string(value);
    if ((size_t)json_object_get_string_len(value) != strlen(text))
        return 0; /* a string with a NUL would be cut */
    *ret = strdup(text);
    return *ret ? 1 : -ENOMEM;
}

static int read_strings(json_object *value, bool filled, char ***ret)
{
    size_t n = json_object_is_type(value, json_type_array) ? json_object_array_length(value) : 0;
    _cleanup_strv_ char **v = NULL;

    if (!json_object_is_type(value, json_type_array) || (n == 0 && filled))
        return -EBADMSG;
    for (size_t i = 0; i < n; i++) {
        char *text;
        int r = read_string(json_object_array_get_idx(value, i), &text);

        if (r <= 0)
            return r < 0 ? r : -EBADMSG;
        r = strv_consume(&v, text);
        if (r < 0)
            return r;
    }
    *ret = TAKE_PTR(v);
    return n > 0;
}

static int read_enum(json_object *value, const RecordField *field, int *ret)
{
    const char *text;

    if (!json_object_is_type(value, json_type_string))
        return 0;
    text = json_object_get_string(value);
    for (size_t i = 0; i < field->n_names; i++)
        if (streq_null(field->names[i], text) &&
            (size_t)json_object_get_string_len(value) == strlen(text)) {
            *ret = (int)i;
            return 1;
        }
    if (!(field->flags & FIELD_OPEN))
        return -EBADMSG;
    *ret = *ret < 0 ? -1 : (int)field->n_names;
    return 0;
}

static int read_object(json_object *value, const RecordType *type, bool lenient, void **ret)
{
    int r;

    if (!json_object_is_type(value, json_type_object))
        return -EBADMSG;
    *ret = calloc(1, type->size);
    r = *ret ? read_struct(value, type, lenient, *ret) : -ENOMEM;
    return r < 0 ? r : 1;
}

static int read_item(json_object *value, const RecordField *field, bool lenient, void *record)
{
    return read_struct(value, field->type, lenient,
                       element(field, record, (*count(field, record))++));
}

static int read_list(json_object *value, const RecordField *field, bool lenient, void *record)
{
    size_t n = json_object_is_type(value, json_type_array) ? json_object_array_length(value) : 0;
    void **items = member(field, record);
    int r = json_object_is_type(value, json_type_array) ? 0 : -EBADMSG;

    if (r == 0) {
        *items = calloc(n + 1, field->type->size);
        r = *items ? 0 : -ENOMEM;
    }
    for (size_t i = 0; r == 0 && i < n; i++)
        r = read_item(json_object_array_get_idx(value, i), field, lenient, record);
    return r < 0 ? r : 1;
}

static int read_map(json_object *value, const RecordField *field, bool lenient, void *record)
{
    void **items = member(field, record);

    if (!json_object_is_type(value, json_type_object))
        return -EBADMSG;
    *items = calloc((size_t)json_object_object_length(value) + 1, field->type->size);
    if (!*items)
        return -ENOMEM;
    json_object_object_foreach(value, key, item)
    {
        void *added = element(field, record, (*count(field, record))++);
        int r = read_struct(item, field->type, lenient, added);

        if (r < 0)
            return r;
        *key_of(field, added) = strdup(key);
        if (!*key_of(field, added))
            return -ENOMEM;
    }
    return 1;
}

static int read_value(json_object *value, const RecordField *field, bool lenient, void *record)
{
    void *m = member(field, record);
    int64_t number;

    if (!value) /* null counts as missing */
        return 0;
    switch (field->kind) {
    case FIELD_STRING:
        return read_string(value, m);
    case FIELD_INTEGER:
    case FIELD_USEC:
        number = json_object_is_type(value, json_type_int) &&
                         json_object_get_uint64(value) <= INT64_MAX
                     ? json_object_get_int64(value)
                     : -1;
        if (field->kind == FIELD_USEC && number <= 0)
            return 0;
        *(int64_t *)m = number;
        return 1;
    case FIELD_BOOLEAN:
        *(bool *)m =
            json_object_is_type(value, json_type_boolean) && json_object_get_boolean(value);
        return 1;
    case FIELD_STRINGS:
        return read_strings(value, field->flags & FIELD_FILLED, m);
    case FIELD_ENUM:
        return read_enum(value, field, m);
    case FIELD_OBJECT:
        return read_object(value, field->type, lenient, m);
    case FIELD_LIST:
        return read_list(value, field, lenient, record);
    case FIELD_MAP:
        return read_map(value, field, lenient, record);
    }
    return 0;
}

static void set_missing(const RecordField *field, void *record)
{
    void *m = member(field, record);

    if (field->kind == FIELD_INTEGER || field->kind == FIELD_USEC)
        *(int64_t *)m = -1;
    if (field->kind == FIELD_ENUM && field->names[0])
        *(int *)m = -1;
}

static int read_field(json_object *object, const RecordField *field, bool lenient, void *record)
{
    json_object *value = NULL;
    int r;

    (void)json_object_object_get_ex(object, field->key, &value);
    r = read_value(value, field, lenient, record);
    if (r == -EBADMSG && lenient) {
        free_field(field, record);
        r = 0;
    }
    if (r < 0)
        return r;
    return field->flags & FIELD_REQUIRED && !is_there(field, record) ? -EBADMSG : 0;
}

static int keep_rest(json_object *object, const RecordType *type, void *record)
{
    RecordRest **rest = record;

    json_object_object_foreach(object, key, value)
    {
        const RecordField *field = find_field(type, key);

        if (field && (is_there(field, record) || field->flags & FIELD_ALWAYS))
            continue;
        if (!*rest)
            *rest = json_object_new_object();
        if (!*rest || json_object_object_add(*rest, key, json_object_get(value)) < 0) {
            if (*rest)
                json_object_put(value);
            return -ENOMEM;
        }
    }
    return 0;
}

/* Reads a JSON object into a zeroed record. The caller frees the record, even after an error. */
static int read_struct(json_object *object, const RecordType *type, bool lenient, void *record)
{
    int r = 0;

    for (size_t i = 0; i < type->n_fields; i++)
        set_missing(type->fields + i, record);
    if (!json_object_is_type(object, json_type_object))
        return -EBADMSG;
    for (size_t i = 0; r == 0 && i < type->n_fields; i++)
        if (type->fields[i].key)
            r = read_field(object, type->fields + i, lenient, record);
    return r == 0 ? keep_rest(object, type, record) : r;
}

static json_object *parse(const char *text, size_t size)
{
    json_tokener *tokener = size <= INT32_MAX ? json_tokener_new_ex(DEPTH_MAX) : NULL;
    json_object *object;
    size_t end;

    if (!tokener)
        return NULL;
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
    object = json_tokener_parse_ex(tokener, text, (int)size);
    /* Only white space may follow the object. A crash can leave other bytes. */
    end = json_tokener_get_parse_end(tokener);
    while (end < size && text[end] && strchr(" \t\r\n", text[end]))
        end++;
    if (json_tokener_get_error(tokener) != json_tokener_success || end < size) {
        json_object_put(object);
        object = NULL;
    }
    json_tokener_free(tokener);
    return object;
}

int record_parse(const RecordType *type, const char *text, size_t size, bool lenient, void *ret)
{
    json_object *object = parse(text, size);
    void *record = calloc(1, type->size);
    int r = record ? read_struct(object, type, lenient, record) : -ENOMEM;

    if (r == 0)
        memcpy(ret, record, type->size);
    else if (record)
        record_free(type, record);
    free(record);
    json_object_put(object);
    return r;
}

int record_read(const Store *store, const char *name, const RecordType *type, void *ret)
{
    _cleanup_free_ char *text = NULL;
    size_t size;
    int r;

    if (store->fd < 0)
        return 1;
    r = read_file_at(store->fd, name, RECORD_SIZE_MAX, &text, &size);
    if (r < 0)
        return r == -ENOENT ? 1 : r;
    return record_parse(type, text, size, false, ret);
}

const char *record_rest_string(const RecordRest *rest, const char *key)
{
    json_object *value;

    return json_object_object_get_ex(rest, key, &value) &&
                   json_object_is_type(value, json_type_string)
               ? json_object_get_string(value)
               : NULL;
}
