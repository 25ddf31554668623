/* SPDX-License-Identifier: MIT */
/* Tables of fields. A table maps the keys of a JSON object to the members of a struct, which the C
 * file defines as RECORD; keys are written in the order of the table. */
#pragma once

#include "store/record.h"

typedef enum FieldKind {
    FIELD_STRING,  /* char *; NULL: missing */
    FIELD_INTEGER, /* int64_t; -1: missing */
    FIELD_USEC,    /* uint64_t, more than 0; UINT64_MAX: missing */
    FIELD_BOOLEAN, /* bool; false: missing */
    FIELD_STRINGS, /* char **; NULL: missing or empty */
    FIELD_ENUM,    /* any enum; -1 or a value without a name: missing */
    FIELD_OBJECT,  /* pointer to a struct; NULL: missing */
    FIELD_LIST,    /* array of structs; NULL: missing; an empty list is not NULL */
    FIELD_MAP,     /* array of structs; the first member of each is its key in an object */
} FieldKind;

typedef enum FieldFlag {
    FIELD_REQUIRED = 1, /* if the field is missing, the record is damaged */
    FIELD_ALWAYS = 2,   /* written even if missing: null, false, [] or {} */
    FIELD_FILLED = 4,   /* an empty list of strings is damage */
    FIELD_OPEN = 8,     /* an unknown name is not damage: the value becomes the number of names, or
                           stays -1 */
} FieldFlag;

typedef struct RecordField {
    const char *key;
    FieldKind kind;
    size_t offset, n_offset;  /* offsets of the member, and of its number of elements */
    const RecordType *type;   /* type of an element */
    const char *const *names; /* names of an enum */
    size_t n_names;
    unsigned flags; /* FieldFlag */
} RecordField;

struct RecordType {
    const RecordField *fields;
    size_t n_fields, size;
};

#define RECORD_TYPE(name, table) const RecordType name = {table, ELEMENTSOF(table), sizeof(RECORD)}

/* Is offsetof(), and checks the type of the member at compile time. */
#define MEMBER(m, T)                                                                               \
    (offsetof(RECORD, m) +                                                                         \
     0 * sizeof(char[1 - 2 * !__builtin_types_compatible_p(typeof(((RECORD *)0)->m), T)]))
#define MEMBER_SIZED(m, T)                                                                         \
    (offsetof(RECORD, m) + 0 * sizeof(char[1 - 2 * (sizeof(((RECORD *)0)->m) != sizeof(T))]))

#define FIELD(k, K, o, f, ...)                                                                     \
    {                                                                                              \
        .key = k, .kind = K, .offset = o, .flags = f, __VA_ARGS__                                  \
    }
#define STRUCTS(m, t) .n_offset = MEMBER(n_##m, size_t), .type = &(t)
#define NAMES(table)  .names = table, .n_names = ELEMENTSOF(table)

#define STRING(k, m, f)       FIELD(k, FIELD_STRING, MEMBER(m, char *), f)
#define INTEGER(k, m, f)      FIELD(k, FIELD_INTEGER, MEMBER(m, int64_t), f)
#define COUNT(k, m, f)        FIELD(k, FIELD_INTEGER, MEMBER(m, uint64_t), f) /* UINT64_MAX: none */
#define USEC(k, m, f)         FIELD(k, FIELD_USEC, MEMBER(m, uint64_t), f)
#define BOOLEAN(k, m, f)      FIELD(k, FIELD_BOOLEAN, MEMBER(m, bool), f)
#define STRINGS(k, m, f)      FIELD(k, FIELD_STRINGS, MEMBER(m, char **), f)
#define ENUM(k, m, table, f)  FIELD(k, FIELD_ENUM, MEMBER_SIZED(m, int), f, NAMES(table))
#define OBJECT(k, m, T, t, f) FIELD(k, FIELD_OBJECT, MEMBER(m, T *), f, .type = &(t))
#define LIST(k, m, T, t, f)   FIELD(k, FIELD_LIST, MEMBER(m, T *), f, STRUCTS(m, t))
#define MAP(k, m, T, t, f)    FIELD(k, FIELD_MAP, MEMBER(m, T *), f, STRUCTS(m, t))

/* --- for record.c and record-write.c only ---------------------------------------------------- */

#define RECORD_SIZE_MAX (64U << 20)

static inline void *member(const RecordField *field, const void *record)
{
    return (char *)record + field->offset;
}

static inline size_t *count(const RecordField *field, const void *record)
{
    return (size_t *)(void *)((char *)record + field->n_offset);
}

static inline void *element(const RecordField *field, const void *record, size_t i)
{
    return *(char **)member(field, record) + i * field->type->size;
}

/* The key of an element of a map is its first field. */
static inline char **key_of(const RecordField *field, void *item)
{
    return member(field->type->fields, item);
}

static inline const char *enum_name(const RecordField *field, const void *record)
{
    int value = *(const int *)member(field, record);

    return value >= 0 && (size_t)value < field->n_names ? field->names[value] : NULL;
}

static inline bool is_there(const RecordField *field, const void *record)
{
    const void *m = member(field, record);

    switch (field->kind) {
    case FIELD_INTEGER:
        return *(const int64_t *)m != -1;
    case FIELD_USEC:
        return *(const uint64_t *)m != UINT64_MAX;
    case FIELD_BOOLEAN:
        return *(const bool *)m;
    case FIELD_ENUM:
        return enum_name(field, record) != NULL;
    case FIELD_STRING:
    case FIELD_STRINGS:
    case FIELD_OBJECT:
    case FIELD_LIST:
    case FIELD_MAP:
        break;
    }
    return *(void *const *)m != NULL;
}

static inline const RecordField *find_field(const RecordType *type, const char *key)
{
    for (size_t i = 0; i < type->n_fields; i++)
        if (streq_null(type->fields[i].key, key))
            return type->fields + i;
    return NULL;
}
