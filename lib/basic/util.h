/* SPDX-License-Identifier: MIT */
/* Automatic cleanup of variables, strings, string vectors and whole files.
 *
 * Functions return 0, a positive outcome that the caller must handle, or a negative errno that
 * callers pass up unchanged. Outputs are named ret_… and are unchanged on failure. */
#pragma once

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define _cleanup_(function)  __attribute__((cleanup(function)))
#define _printf_(form, args) __attribute__((format(printf, form, args)))
#define _must_check_         __attribute__((warn_unused_result))

/* For strspn(), because isalpha() depends on the locale. */
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS  "0123456789"

#define ELEMENTSOF(array) (sizeof(array) / sizeof((array)[0]))
#define MIN(a, b)         ((a) < (b) ? (a) : (b))
#define MAX(a, b)         ((a) > (b) ? (a) : (b))
/* Not __auto_type: with gcc 10, the item would be const if the array is in a const struct. */
#define ARRAY_FOREACH(item, array, n)                                                              \
    for (__typeof__((array)[0]) *item = (array); item < (array) + (n); item++)
/* Loops over list->items, which has list->n_items elements. */
#define ITEMS_FOREACH(item, list) ARRAY_FOREACH (item, (list)->items, (list)->n_items)

static inline void cleanup_free(void *p)
{
    free(*(void **)p);
}
static inline void cleanup_close(int *fd)
{
    int saved = errno;

    if (*fd >= 0)
        close(*fd);
    errno = saved;
}
static inline void cleanup_fclose(FILE **f)
{
    if (*f)
        fclose(*f);
}
static inline void cleanup_closedir(DIR **d)
{
    if (*d)
        closedir(*d);
}

#define _cleanup_free_     _cleanup_(cleanup_free)
#define _cleanup_close_    _cleanup_(cleanup_close)
#define _cleanup_fclose_   _cleanup_(cleanup_fclose)
#define _cleanup_closedir_ _cleanup_(cleanup_closedir)
#define _cleanup_strv_     _cleanup_(cleanup_strv)

/* Move an owned pointer or descriptor out of a variable, which then owns nothing. */
#define TAKE_PTR(p)                                                                                \
    ({                                                                                             \
        typeof(p) _taken = (p);                                                                    \
        (p) = NULL;                                                                                \
        _taken;                                                                                    \
    })
#define TAKE_FD(fd)                                                                                \
    ({                                                                                             \
        int _taken = (fd);                                                                         \
        (fd) = -1;                                                                                 \
        _taken;                                                                                    \
    })
/* Moves a struct that owns memory out of a variable, which is empty afterwards. */
#define TAKE_STRUCT(s)                                                                             \
    ({                                                                                             \
        typeof(s) _taken = (s);                                                                    \
        (s) = (typeof(s)){};                                                                       \
        _taken;                                                                                    \
    })

static inline bool streq(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}
/* Compares strings that may be NULL. NULL equals only NULL. */
static inline bool streq_null(const char *a, const char *b)
{
    return a && b ? streq(a, b) : a == b;
}
static inline bool isempty(const char *s)
{
    return !s || !*s;
}
bool startswith(const char *s, const char *prefix);
bool endswith(const char *s, const char *suffix);
/* Returns the part of path below directory: "" for directory itself, NULL if path is not below
 * directory. Compares the spellings of two canonical paths. In both, "/" is spelled "". */
const char *path_below(const char *path, const char *directory);
static inline bool path_is_within(const char *path, const char *directory)
{
    return path_below(path, directory);
}

/* Formats a string like asprintf(). The caller owns the string; NULL: out of memory. */
char *strprintf(const char *format, ...) _printf_(1, 2) _must_check_;
/* Replaces *s by the formatted string, and frees the old string. Returns 0 or -ENOMEM. */
int strreplacef(char **s, const char *format, ...) _printf_(2, 3) _must_check_;
/* Replaces *s by a copy of value, which may be NULL. Returns 0 or -ENOMEM. */
int strreplace(char **s, const char *value) _must_check_;
/* Formats the reason of an outcome. Returns outcome, or -ENOMEM with *reterr_what NULL. */
int because(int outcome, char **reterr_what, const char *format, ...) _printf_(3, 4);
/* Calls strreplace() for several strings. Returns 0 or -ENOMEM. */
typedef struct StringValue {
    char **field;
    const char *value;
} StringValue;
int strreplace_all(const StringValue *values, size_t n) _must_check_;
/* Strips blanks and line ends from both ends, in place. Returns the new beginning. */
char *strstrip_in_place(char *s);
/* Is word, length bytes long, one of words? Blanks separate the words. */
bool words_contain(const char *words, const char *word, size_t length);
/* Parses the number at the beginning of *s and skips it. Returns 0, or -EINVAL: no digit, or too
 * large. */
int parse_number(const char **s, uint64_t *ret) _must_check_;
/* Parses a size in bytes with an optional suffix B, K, M, G or T (base 1024), or "infinity"
 * (UINT64_MAX). Returns 0 or -EINVAL. */
int parse_size(const char *s, uint64_t *ret_bytes) _must_check_;
int parse_boolean(const char *s) _must_check_; /* returns 1, 0 or -EINVAL */

/* --- string vectors: NULL-terminated arrays of owned strings; NULL: an empty vector -------- */

#define STRV_FOREACH(s, v) for (char **s = (v); s && *s; s++)

size_t strv_length(char *const *v);
void strv_free(char **v);
static inline void cleanup_strv(char ***v)
{
    strv_free(*v);
}
/* Appends a copy of s. Returns 0 or -ENOMEM. */
int strv_append(char ***v, const char *s) _must_check_;
/* Appends a copy of s, unless the vector contains s. Returns 0 or -ENOMEM. */
int strv_append_once(char ***v, const char *s) _must_check_;
/* Appends s itself, and owns s even on failure. Returns 0 or -ENOMEM, also if s is NULL. */
int strv_consume(char ***v, char *s) _must_check_;
/* Copies a vector. Returns 0 or -ENOMEM. */
int strv_copy(char *const *v, char ***ret) _must_check_;
bool strv_contains(char *const *v, const char *s);
void strv_sort(char **v);
char *strv_join(char *const *v, const char *separator) _must_check_;

/* --- a growing string ----------------------------------------------------------------------- */

typedef struct String {
    char *text; /* NULL while empty */
    size_t length;
    size_t allocated;
    bool failed; /* out of memory; string_finish() returns the error */
} String;

void string_append(String *s, const char *text);
void string_appendf(String *s, const char *format, ...) _printf_(2, 3);
/* Moves the text to the caller; "" if nothing was appended. Returns 0 or -ENOMEM. */
int string_finish(String *s, char **ret) _must_check_;
static inline void cleanup_string(String *s)
{
    free(s->text);
}
#define _cleanup_string_ _cleanup_(cleanup_string)

/* Appends a zeroed element to an array of n elements and returns the element. NULL: out of memory;
 * the array is unchanged. */
void *array_grow(void *array, size_t *n, size_t size) _must_check_;
#define ARRAY_GROW(array, n) ((typeof(array))array_grow(&(array), &(n), sizeof((array)[0])))

/* Sorts an array, which may be NULL if it is empty. */
#define ARRAY_SORT(array, n, compare) array_sort(array, n, sizeof((array)[0]), compare)
static inline void array_sort(void *array, size_t n, size_t size,
                              int (*compare)(const void *a, const void *b))
{
    if (n > 0)
        qsort(array, n, size, compare);
}

/* Compute a 64-bit FNV-1a hash, which only detects accidental changes. Start with HASH_INIT. */
#define HASH_INIT UINT64_C(0xcbf29ce484222325)
uint64_t hash_bytes(uint64_t hash, const void *data, size_t size);
uint64_t hash_string(uint64_t hash, const char *s); /* NULL differs from "" */

/* Reads a whole regular file of at most max bytes, and appends a NUL that *ret_size does not count.
 * The caller owns *ret. Returns 0, -EFBIG, -EISDIR, -EBADFD (not a regular file), or another errno
 * of open(2) and read(2). */
int read_file_at(int dir_fd, const char *path, size_t max, char **ret,
                 size_t *ret_size) _must_check_;
/* Reads a file of /proc with as few reads as the kernel allows, and appends a NUL. The caller owns
 * *ret. Returns 0 or a negative errno; -EFBIG: the file is longer than max. */
int proc_read(int dir_fd, const char *path, size_t max, char **ret) _must_check_;
int write_all(int fd, const void *data, size_t size) _must_check_;
