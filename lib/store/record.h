/* SPDX-License-Identifier: MIT */
/* Records: files of the store with one JSON object each. A record is a struct, and the table of its
 * fields (record-table.h) is its only parser and its only serialiser. No other room knows JSON.
 *
 * Reading believes little: a string, number or boolean of another type counts as missing, and a
 * list with something else in it makes the whole record damaged. Fields that this version does not
 * know are kept in the struct, and are written again with it. When memory is short anywhere,
 * writing fails with -ENOMEM and changes nothing. */
#pragma once

#include "store/store.h"

#include <assert.h>

/* The fields of a JSON object that no member of the struct holds: the first member of every record,
 * and of every struct within one. */
typedef struct json_object RecordRest;

typedef struct RecordType RecordType;

/* Reads STORE/NAME into *ret, which the caller frees. 0, 1 if there is none, -EBADMSG if it is
 * damaged, or another negative errno; *ret is untouched then. */
int record_read(const Store *store, const char *name, const RecordType *type,
                void *ret) _must_check_;
/* Writes a record, durably. 0; -EFBIG, with what was there before untouched, if it is larger than
 * what would be read back (64 MiB: scripts stand in declarations, of which each file has at most
 * one); or another negative errno. The second writes into any directory. */
int record_write(const Store *store, const char *name, const RecordType *type,
                 const void *record) _must_check_;
int record_write_at(int dir_fd, const char *name, const RecordType *type,
                    const void *record) _must_check_;

/* The record as JSON on one line, as --json= prints it; the caller owns it. 0 or -ENOMEM. */
int record_text(const RecordType *type, const void *record, char **ret) _must_check_;
/* Reads size bytes of JSON. lenient: a field that is wrong counts as missing, and never makes the
 * record damaged. 0, -EBADMSG or -ENOMEM. */
int record_parse(const RecordType *type, const char *text, size_t size, bool lenient,
                 void *ret) _must_check_;
/* Frees what the struct holds, and empties it. */
void record_free(const RecordType *type, void *record);

/* What a record says where this version does not know the word; borrowed. NULL: nothing. */
const char *record_rest_string(const RecordRest *rest, const char *key);

/* The same functions for one type: PREFIX_read() and so on. */
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
