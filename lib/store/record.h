/* SPDX-License-Identifier: MIT */
/* Records: files of the store with one JSON object each. A table of fields (record-table.h) is the
 * only parser and serialiser of a struct.
 *
 * A string, number or boolean counts as missing if its value has another type; a list with an
 * element of another type makes the record damaged. Fields that this program does not know are
 * kept, and written again. */
#pragma once

#include "store/store.h"

#include <assert.h>

/* The fields of a JSON object that this program does not know. It is the first member of every
 * record, and of every struct inside a record. */
typedef struct json_object RecordRest;

typedef struct RecordType RecordType;

/* Reads STORE/NAME into *ret, which the caller frees. 0, 1 if there is no record, -EBADMSG if it is
 * damaged, or another negative errno. */
int record_read(const Store *store, const char *name, const RecordType *type,
                void *ret) _must_check_;
/* Write a record, durably, into the store or a directory. After an error, the file has the old
 * record or the new one. 0; -EFBIG: too large to be read back (64 MiB); or another negative errno. */
int record_write(const Store *store, const char *name, const RecordType *type,
                 const void *record) _must_check_;
int record_write_at(int dir_fd, const char *name, const RecordType *type,
                    const void *record) _must_check_;

/* Formats the record on one line, for --json=. The caller owns *ret. 0 or -ENOMEM. */
int record_text(const RecordType *type, const void *record, char **ret) _must_check_;
/* Parses JSON. lenient: a damaged field counts as missing. 0, -EBADMSG or -ENOMEM. */
int record_parse(const RecordType *type, const char *text, size_t size, bool lenient,
                 void *ret) _must_check_;
void record_free(const RecordType *type, void *record);
/* Frees one field, which counts as missing afterwards. Not for numbers and enums. */
void record_drop(const RecordType *type, void *record, const char *key);

/* Returns a string among the unknown fields. Borrowed; NULL: there is none. */
const char *record_rest_string(const RecordRest *rest, const char *key);

/* Declares the functions above for one type of record. */
#define DECLARE_RECORD(T, prefix)                                                                  \
    extern const RecordType prefix##_type;                                                         \
    static inline _must_check_ int prefix##_read(const Store *store, const char *name, T *ret)     \
    {                                                                                              \
        return record_read(store, name, &prefix##_type, ret);                                      \
    }                                                                                              \
    static inline _must_check_ int prefix##_write(const Store *store, const char *name,            \
                                                  const T *record)                                 \
    {                                                                                              \
        return record_write(store, name, &prefix##_type, record);                                  \
    }                                                                                              \
    static inline _must_check_ int prefix##_text(const T *record, char **ret)                      \
    {                                                                                              \
        return record_text(&prefix##_type, record, ret);                                           \
    }                                                                                              \
    static inline void prefix##_free(T *record)                                                    \
    {                                                                                              \
        record_free(&prefix##_type, record);                                                       \
    }                                                                                              \
    static_assert(offsetof(T, rest) == 0, "the rest comes first")
