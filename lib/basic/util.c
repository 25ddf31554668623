/* SPDX-License-Identifier: MIT */
/* Handles strings, string vectors and whole files. Knows nothing of migrations. */
#include "basic/util.h"

#include <ctype.h>
#include <fcntl.h>
#include <sys/stat.h>

bool startswith(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool endswith(const char *s, const char *suffix)
{
    size_t length = strlen(s), tail = strlen(suffix);

    return length >= tail && streq(s + length - tail, suffix);
}

const char *path_below(const char *path, const char *directory)
{
    size_t length = strlen(directory);

    return startswith(path, directory) && (path[length] == '/' || !path[length]) ? path + length
                                                                                 : NULL;
}

char *strprintf(const char *format, ...)
{
    va_list ap;
    char *s;

    va_start(ap, format);
    if (vasprintf(&s, format, ap) < 0)
        s = NULL;
    va_end(ap);
    return s;
}

int strreplacef(char **s, const char *format, ...)
{
    va_list ap;
    char *new;
    int r;

    va_start(ap, format);
    r = vasprintf(&new, format, ap);
    va_end(ap);
    if (r < 0)
        return -ENOMEM;
    free(*s);
    *s = new;
    return 0;
}

int because(int outcome, char **reterr_what, const char *format, ...)
{
    va_list ap;
    int r;

    va_start(ap, format);
    r = vasprintf(reterr_what, format, ap);
    va_end(ap);
    if (r >= 0)
        return outcome;
    *reterr_what = NULL;
    return -ENOMEM;
}

int strreplace(char **s, const char *value)
{
    char *copy = value ? strdup(value) : NULL;

    if (value && !copy)
        return -ENOMEM;
    free(*s);
    *s = copy;
    return 0;
}

int strreplace_all(const StringValue *values, size_t n)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < n; i++)
        r = strreplace(values[i].field, values[i].value);
    return r;
}

char *strstrip_in_place(char *s)
{
    size_t length;

    s += strspn(s, " \t\r\n");
    length = strlen(s);
    while (length > 0 && strchr(" \t\r\n", s[length - 1]))
        length--;
    s[length] = '\0';
    return s;
}

bool words_contain(const char *words, const char *word, size_t length)
{
    for (; *words; words += strspn(words, " ")) {
        size_t n = strcspn(words, " ");

        if (n == length && memcmp(words, word, n) == 0)
            return true;
        words += n;
    }
    return false;
}

int parse_number(const char **s, uint64_t *ret)
{
    uint64_t number = 0;

    if (!isdigit((unsigned char)**s))
        return -EINVAL;
    for (; isdigit((unsigned char)**s); (*s)++)
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, (uint64_t)(**s - '0'), &number))
            return -EINVAL;
    *ret = number;
    return 0;
}

int parse_size(const char *s, uint64_t *ret_bytes)
{
    static const char suffixes[] = "BKMGT";
    uint64_t number;
    unsigned shift = 0;

    if (streq(s, "infinity")) {
        *ret_bytes = UINT64_MAX;
        return 0;
    }
    if (parse_number(&s, &number) < 0)
        return -EINVAL;
    if (*s) {
        const char *suffix = strchr(suffixes, *s);

        if (!suffix || s[1])
            return -EINVAL;
        shift = 10 * (unsigned)(suffix - suffixes);
    }
    if (shift && number >> (64 - shift))
        return -EINVAL;
    *ret_bytes = number << shift;
    return 0;
}

int parse_boolean(const char *s)
{
    static const char *const yes[] = {"yes", "true", "on", "1"}, *const no[] = {"no", "false",
                                                                                "off", "0"};

    for (size_t i = 0; i < ELEMENTSOF(yes); i++)
        if (strcasecmp(s, yes[i]) == 0)
            return 1;
        else if (strcasecmp(s, no[i]) == 0)
            return 0;
    return -EINVAL;
}

size_t strv_length(char *const *v)
{
    size_t n = 0;

    while (v && v[n])
        n++;
    return n;
}

void strv_free(char **v)
{
    STRV_FOREACH (s, v)
        free(*s);
    free(v);
}

int strv_consume(char ***v, char *s)
{
    size_t n = strv_length(*v);
    char **grown;

    if (!s)
        return -ENOMEM;
    grown = reallocarray(*v, n + 2, sizeof(char *));
    if (!grown) {
        free(s);
        return -ENOMEM;
    }
    grown[n] = s;
    grown[n + 1] = NULL;
    *v = grown;
    return 0;
}

int strv_append(char ***v, const char *s)
{
    return strv_consume(v, strdup(s));
}

int strv_append_once(char ***v, const char *s)
{
    return strv_contains(*v, s) ? 0 : strv_append(v, s);
}

int strv_copy(char *const *v, char ***ret)
{
    _cleanup_strv_ char **copy = NULL;
    int r = 0;

    for (; r == 0 && v && *v; v++)
        r = strv_append(&copy, *v);
    if (r == 0)
        *ret = TAKE_PTR(copy);
    return r;
}

bool strv_contains(char *const *v, const char *s)
{
    for (; v && *v; v++)
        if (streq(*v, s))
            return true;
    return false;
}

static int compare_strings(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void strv_sort(char **v)
{
    if (v)
        qsort(v, strv_length(v), sizeof(char *), compare_strings);
}

char *strv_join(char *const *v, const char *separator)
{
    _cleanup_string_ String s = {};
    char *joined;

    for (char *const *i = v; i && *i; i++) {
        if (i != v)
            string_append(&s, separator);
        string_append(&s, *i);
    }
    return string_finish(&s, &joined) < 0 ? NULL : joined;
}

static bool string_reserve(String *s, size_t more)
{
    size_t size = s->length + more + 1;
    char *grown;

    if (s->failed || size <= s->allocated)
        return !s->failed;
    size = MAX(size, 2 * s->allocated);
    grown = realloc(s->text, size);
    if (!grown) {
        s->failed = true;
        return false;
    }
    s->text = grown;
    s->allocated = size;
    return true;
}

void string_append(String *s, const char *text)
{
    size_t length = strlen(text);

    if (!string_reserve(s, length))
        return;
    memcpy(s->text + s->length, text, length + 1);
    s->length += length;
}

void string_appendf(String *s, const char *format, ...)
{
    size_t room;
    va_list ap;
    int r;

    /* This size fits most texts without a second allocation. */
    if (!string_reserve(s, 64))
        return;
    for (;;) {
        room = s->allocated - s->length;
        va_start(ap, format);
        r = vsnprintf(s->text + s->length, room, format, ap);
        va_end(ap);
        if (r < 0)
            s->failed = true;
        else if ((size_t)r < room)
            s->length += (size_t)r;
        else if (string_reserve(s, (size_t)r))
            continue;
        return;
    }
}

int string_finish(String *s, char **ret)
{
    string_append(s, "");
    if (s->failed)
        return -ENOMEM;
    *ret = s->text;
    *s = (String){};
    return 0;
}

void *array_grow(void *array, size_t *n, size_t size)
{
    void *elements, *grown;

    memcpy(&elements, array, sizeof(elements));
    grown = reallocarray(elements, *n + 1, size);
    if (!grown)
        return NULL;
    memcpy(array, &grown, sizeof(grown));
    return memset((char *)grown + (*n)++ * size, 0, size);
}

uint64_t hash_bytes(uint64_t hash, const void *data, size_t size)
{
    for (const unsigned char *p = data; size > 0; p++, size--)
        hash = (hash ^ *p) * UINT64_C(0x100000001b3);
    return hash;
}

uint64_t hash_string(uint64_t hash, const char *s)
{
    return s ? hash_bytes(hash, s, strlen(s) + 1) : hash_bytes(hash, "\xff", 1);
}

/* Reads fd to its end. expected is the size of a regular file, at which the reading ends; 0:
 * unknown. */
static int read_fd(int fd, size_t expected, size_t max, char **ret, size_t *ret_size)
{
    _cleanup_free_ char *data = NULL;
    size_t size = 0, allocated = 0;

    for (;;) {
        ssize_t n;

        if (allocated - size < (expected ? 2 : 4096)) {
            char *grown =
                realloc(data, allocated = MAX(expected ? expected + 2 : 4096, 2 * allocated));

            if (!grown)
                return -ENOMEM;
            data = grown;
        }
        n = read(fd, data + size, allocated - size - 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        size += (size_t)n;
        if (size > max)
            return -EFBIG;
        if (n == 0 || size == expected)
            break;
    }
    data[size] = '\0';
    *ret = TAKE_PTR(data);
    if (ret_size)
        *ret_size = size;
    return 0;
}

int read_file_at(int dir_fd, const char *path, size_t max, char **ret, size_t *ret_size)
{
    _cleanup_close_ int fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0)
        return -errno;
    if (S_ISDIR(st.st_mode))
        return -EISDIR;
    if (!S_ISREG(st.st_mode))
        return -EBADFD;
    return read_fd(fd, (size_t)st.st_size, max, ret, ret_size);
}

int proc_read(int dir_fd, const char *path, size_t max, char **ret)
{
    _cleanup_close_ int fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC);

    return fd < 0 ? -errno : read_fd(fd, 0, max, ret, NULL);
}

int write_all(int fd, const void *data, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, data, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        data = (const char *)data + n;
        size -= (size_t)n;
    }
    return 0;
}
