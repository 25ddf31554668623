/* SPDX-License-Identifier: MIT */
/* Writes records by their tables. Has no code for a particular record. */
#include "basic/durable.h"
#include "store/record-table.h"
#include "store/record.h"

#include <assert.h>
#include <inttypes.h>
#include <json-c/json.h>

/* Writes JSON without json-c's writer, which leaves out parts of the text if memory is short. */
typedef struct Writer {
    String text;
    bool pretty;
    bool empty; /* the innermost object or list is empty so far */
    unsigned depth;
} Writer;

static void break_line(Writer *w)
{
    if (!w->pretty)
        return;
    string_append(&w->text, "\n");
    for (unsigned i = 0; i < w->depth; i++)
        string_append(&w->text, "  ");
}

static void begin(Writer *w, const char *bracket)
{
    string_append(&w->text, bracket);
    w->depth++;
    w->empty = true;
}

static void end(Writer *w, const char *bracket)
{
    w->depth--;
    if (!w->empty)
        break_line(w);
    string_append(&w->text, bracket);
    w->empty = false;
}

/* Begins a value in an object or a list. */
static void next(Writer *w)
{
    if (!w->empty)
        string_append(&w->text, ",");
    w->empty = false;
    break_line(w);
}

static void write_bytes(Writer *w, const char *s, size_t length)
{
    static const char named[] = "\"\"\\\\\bb\ff\nn\rr\tt";
    size_t plain;

    string_append(&w->text, "\"");
    for (const char *end = s + length; s < end; s += plain + 1) {
        const char *name = named;

        for (plain = 0; s + plain < end && (unsigned char)s[plain] >= ' ' && s[plain] != '"' &&
                        s[plain] != '\\';)
            plain++;
        string_appendf(&w->text, "%.*s", (int)plain, s);
        if (s + plain == end)
            break;
        while (*name && *name != s[plain])
            name += 2;
        if (*name)
            string_appendf(&w->text, "\\%c", name[1]);
        else
            string_appendf(&w->text, "\\u%04x", s[plain]);
    }
    string_append(&w->text, "\"");
}

static void write_string(Writer *w, const char *s)
{
    write_bytes(w, s, strlen(s));
}

static void write_key(Writer *w, const char *key)
{
    next(w);
    write_string(w, key);
    string_append(&w->text, ":");
}

static void write_strings(Writer *w, char *const *v)
{
    begin(w, "[");
    for (; v && *v; v++) {
        next(w);
        write_string(w, *v);
    }
    end(w, "]");
}

static void write_json(Writer *w, json_object *value)
{
    const char *text;

    switch (json_object_get_type(value)) {
    case json_type_object:
        begin(w, "{");
        json_object_object_foreach(value, key, item)
        {
            write_key(w, key);
            write_json(w, item);
        }
        end(w, "}");
        break;
    case json_type_array:
        begin(w, "[");
        for (size_t i = 0; i < json_object_array_length(value); i++) {
            next(w);
            write_json(w, json_object_array_get_idx(value, i));
        }
        end(w, "]");
        break;
    case json_type_string:
        write_bytes(w, json_object_get_string(value), (size_t)json_object_get_string_len(value));
        break;
    case json_type_null:
    case json_type_boolean:
    case json_type_int:
    case json_type_double:
        text = json_object_to_json_string_ext(value, JSON_C_TO_STRING_NOSLASHESCAPE);
        w->text.failed = w->text.failed || !text;
        string_append(&w->text, text ? text : "");
    }
}

static void write_struct(Writer *w, const RecordType *type, const void *record);

static void write_value(Writer *w, const RecordField *field, const void *record)
{
    const void *m = member(field, record);

    if (!is_there(field, record)) {
        string_append(&w->text, field->kind == FIELD_BOOLEAN   ? "false"
                                : field->kind == FIELD_MAP     ? "{}"
                                : field->kind == FIELD_LIST    ? "[]"
                                : field->kind == FIELD_STRINGS ? "[]"
                                                               : "null");
        return;
    }
    switch (field->kind) {
    case FIELD_STRING:
        write_string(w, *(char *const *)m);
        break;
    case FIELD_INTEGER:
    case FIELD_USEC:
        string_appendf(&w->text, "%" PRId64, *(const int64_t *)m);
        break;
    case FIELD_BOOLEAN:
        string_append(&w->text, "true");
        break;
    case FIELD_STRINGS:
        write_strings(w, *(char **const *)m);
        break;
    case FIELD_ENUM:
        write_string(w, enum_name(field, record));
        break;
    case FIELD_OBJECT:
        write_struct(w, field->type, *(void *const *)m);
        break;
    case FIELD_LIST:
        begin(w, "[");
        for (size_t i = 0; i < *count(field, record); i++) {
            next(w);
            write_struct(w, field->type, element(field, record, i));
        }
        end(w, "]");
        break;
    case FIELD_MAP:
        begin(w, "{");
        for (size_t i = 0; i < *count(field, record); i++) {
            void *item = element(field, record, i);

            write_key(w, *key_of(field, item));
            write_struct(w, field->type, item);
        }
        end(w, "}");
        break;
    }
}

static bool is_written(const RecordField *field, const void *record)
{
    return field->key && (field->flags & FIELD_ALWAYS || is_there(field, record));
}

static void write_struct(Writer *w, const RecordType *type, const void *record)
{
    const RecordRest *rest = *(RecordRest *const *)record;

    begin(w, "{");
    ARRAY_FOREACH (field, type->fields, type->n_fields) {
        if (!is_written(field, record))
            continue;
        write_key(w, field->key);
        write_value(w, field, record);
    }
    if (rest) {
        json_object_object_foreach(rest, key, value)
        {
            const RecordField *field = find_field(type, key);

            if (field && is_written(field, record))
                continue;
            write_key(w, key);
            write_json(w, value);
        }
    }
    end(w, "}");
}

static int make_text(const RecordType *type, const void *record, bool pretty, char **ret)
{
    Writer w = {.pretty = pretty};
    int r;

    write_struct(&w, type, record);
    r = string_finish(&w.text, ret);
    cleanup_string(&w.text);
    return r;
}

int record_text(const RecordType *type, const void *record, char **ret)
{
    return make_text(type, record, false, ret);
}

int record_write_at(int dir_fd, const char *name, const RecordType *type, const void *record)
{
    _cleanup_free_ char *text = NULL;
    int r = make_text(type, record, true, &text);
    size_t size = r == 0 ? strlen(text) : 0;

    if (r < 0)
        return r;
    return size <= RECORD_SIZE_MAX ? durable_replace(dir_fd, name, text, size) : -EFBIG;
}

int record_write(const Store *store, const char *name, const RecordType *type, const void *record)
{
    assert(store->fd >= 0);
    return record_write_at(store->fd, name, type, record);
}
