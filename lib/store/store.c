/* SPDX-License-Identifier: MIT */
/* The store's records. Decides nothing: what a record means is the transaction's business. */
#include "store/store.h"

#include "basic/directory.h"
#include "basic/durable.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#define RECORD_SIZE_MAX  (64U << 20)
#define HISTORY_SIZE_MAX (64U << 20)

static int open_create(const char *path, const char *name)
{
    _cleanup_close_ int parent_fd = -1, above_fd = -1;
    bool made = mkdir(path, 0700) == 0;

    if (!made && errno != EEXIST)
        return -errno;
    parent_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (parent_fd < 0)
        return -errno;
    /* A record is no more durable than the directories above it. */
    if (made) {
        above_fd = openat(parent_fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (above_fd < 0 || fsync(above_fd) < 0)
            return -errno;
    }
    return durable_mkdir(parent_fd, name);
}

int store_open(const char *root, const char *name, bool create, Store *ret)
{
    _cleanup_free_ char *parent = strprintf("%s" STORE_DIRECTORY, root ? root : "");
    _cleanup_store_ Store store = STORE_NONE;

    store.name = strdup(name);
    store.path = parent ? strprintf("%s/%s", parent, name) : NULL;
    if (!store.name || !store.path)
        return -ENOMEM;
    if (create)
        store.fd = open_create(parent, name);
    else {
        store.fd = open(store.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
        store.fd = store.fd < 0 ? -errno : store.fd;
    }
    if (store.fd < 0)
        return store.fd;
    *ret = store;
    store = (Store)STORE_NONE;
    return 0;
}

int stores_list(const char *root, char ***ret)
{
    _cleanup_free_ char *path = strprintf("%s" STORE_DIRECTORY, root ? root : "");
    _cleanup_closedir_ DIR *dir = NULL;
    _cleanup_strv_ char **names = NULL;
    struct dirent *de;
    int fd, r;

    if (!path)
        return -ENOMEM;
    fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    r = directory_take(fd < 0 ? -errno : fd, &dir);
    if (r < 0)
        return r == -ENOENT ? 0 : r;
    while ((r = directory_next(dir, &de)) > 0)
        if (declaration_name_is_valid(de->d_name) && strv_append(&names, de->d_name) < 0)
            return -ENOMEM;
    if (r < 0)
        return r;
    strv_sort(names);
    *ret = TAKE_PTR(names);
    return 0;
}

void store_close(Store *store)
{
    if (store->fd >= 0)
        close(store->fd);
    free(store->name);
    free(store->path);
    *store = (Store)STORE_NONE;
}

int store_lock(const Store *store)
{
    if (flock(store->fd, LOCK_EX | LOCK_NB) < 0)
        return errno == EWOULDBLOCK ? 1 : -errno;
    return 0;
}

bool store_has(const Store *store, const char *record)
{
    return store->fd >= 0 && faccessat(store->fd, record, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static json_object *parse(const char *text, size_t size)
{
    json_tokener *tokener = json_tokener_new_ex(16);
    json_object *object;
    size_t end;

    if (!tokener || size > INT32_MAX) {
        if (tokener)
            json_tokener_free(tokener);
        return NULL;
    }
    object = json_tokener_parse_ex(tokener, text, (int)size);
    /* Nothing but white space may follow: what a crash left behind is no record. */
    end = json_tokener_get_parse_end(tokener);
    while (end < size && text[end] && strchr(" \t\r\n", text[end]))
        end++;
    if (json_tokener_get_error(tokener) != json_tokener_success || end < size ||
        !json_object_is_type(object, json_type_object)) {
        json_object_put(object);
        object = NULL;
    }
    json_tokener_free(tokener);
    return object;
}

int record_read(const Store *store, const char *record, json_object **ret)
{
    _cleanup_free_ char *text = NULL;
    size_t size;
    int r;

    if (store->fd < 0)
        return 1;
    r = read_file_at(store->fd, record, RECORD_SIZE_MAX, &text, &size);
    if (r == -ENOENT)
        return 1;
    if (r < 0)
        return r;
    *ret = parse(text, size);
    return *ret ? 0 : -EBADMSG;
}

int record_write_at(int dir_fd, const char *name, json_object *object)
{
    const char *text = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
                                                                  JSON_C_TO_STRING_NOSLASHESCAPE);
    size_t size = text ? strlen(text) : 0;

    if (!text)
        return -ENOMEM;
    return size <= RECORD_SIZE_MAX ? durable_replace(dir_fd, name, text, size) : -EFBIG;
}

int record_write(const Store *store, const char *record, json_object *object)
{
    return record_write_at(store->fd, record, object);
}

int record_remove(const Store *store, const char *record)
{
    return durable_unlink(store->fd, record);
}

const char *json_string(json_object *object, const char *key)
{
    json_object *value;

    if (!json_object_object_get_ex(object, key, &value) ||
        !json_object_is_type(value, json_type_string))
        return NULL;
    return json_object_get_string(value);
}

int64_t json_integer(json_object *object, const char *key)
{
    json_object *value;

    if (!json_object_object_get_ex(object, key, &value) ||
        !json_object_is_type(value, json_type_int))
        return 0;
    return json_object_get_int64(value);
}

bool json_true(json_object *object, const char *key)
{
    json_object *value;

    return json_object_object_get_ex(object, key, &value) &&
           json_object_is_type(value, json_type_boolean) && json_object_get_boolean(value);
}

json_object *json_array(json_object *object, const char *key)
{
    json_object *value;

    if (!json_object_object_get_ex(object, key, &value) ||
        !json_object_is_type(value, json_type_array))
        return NULL;
    return value;
}

void json_add_string(json_object *object, const char *key, const char *value)
{
    if (value)
        json_object_object_add(object, key, json_object_new_string(value));
}

void json_add_integer(json_object *object, const char *key, int64_t value)
{
    json_object_object_add(object, key, json_object_new_int64(value));
}

void json_add_strv(json_object *object, const char *key, char *const *v)
{
    json_object *array = v ? json_object_new_array() : NULL;

    for (; array && *v; v++)
        json_object_array_add(array, json_object_new_string(*v));
    if (array)
        json_object_object_add(object, key, array);
}

int json_strv(json_object *object, const char *key, char ***ret)
{
    json_object *array = json_array(object, key);
    size_t n = array ? json_object_array_length(array) : 0;
    _cleanup_strv_ char **v = NULL;

    for (size_t i = 0; i < n; i++) {
        json_object *word = json_object_array_get_idx(array, i);
        int r;

        if (!json_object_is_type(word, json_type_string))
            return -EBADMSG;
        r = strv_append(&v, json_object_get_string(word));
        if (r < 0)
            return r;
    }
    *ret = TAKE_PTR(v);
    return 0;
}

int history_append(const Store *store, json_object *entry)
{
    const char *text = json_object_to_json_string_ext(entry, JSON_C_TO_STRING_PLAIN |
                                                                 JSON_C_TO_STRING_NOSLASHESCAPE);
    _cleanup_free_ char *line = text ? strprintf("%s\n", text) : NULL;

    return line ? durable_append(store->fd, RECORD_HISTORY, line) : -ENOMEM;
}

int history_read(const Store *store, json_object **ret)
{
    _cleanup_json_ json_object *entries = json_object_new_array();
    _cleanup_free_ char *text = NULL;
    size_t size = 0, length;
    int r = -ENOENT;

    if (!entries)
        return -ENOMEM;
    if (store->fd >= 0)
        r = read_file_at(store->fd, RECORD_HISTORY, HISTORY_SIZE_MAX, &text, &size);
    if (r < 0 && r != -ENOENT)
        return r;
    /* Not as strings: a power cut may leave zeroes, which must not hide what was appended since. */
    for (const char *line = text; size > 0; line += length, size -= length) {
        const char *newline = memchr(line, '\n', size);
        json_object *entry;

        length = newline ? (size_t)(newline - line) + 1 : size;
        entry = parse(line, length);
        if (entry && json_object_array_add(entries, entry) < 0) {
            json_object_put(entry);
            return -ENOMEM;
        }
    }
    *ret = TAKE_PTR(entries);
    return 0;
}

#define FRESH_PREFIX  "fresh="
#define CLOSED_PREFIX "was-fresh=" /* the gate does not look for that */

/* Lists the markers; there is one at most. */
static int fresh_list(const Store *store, char ***ret)
{
    _cleanup_closedir_ DIR *dir = NULL;
    _cleanup_strv_ char **names = NULL;
    struct dirent *de;
    int r = directory_open(store->fd, ".", &dir);

    if (r < 0)
        return r;
    while ((r = directory_next(dir, &de)) > 0)
        if ((startswith(de->d_name, FRESH_PREFIX) || startswith(de->d_name, CLOSED_PREFIX)) &&
            strv_append(&names, de->d_name) < 0)
            return -ENOMEM;
    if (r < 0)
        return r;
    strv_sort(names);
    *ret = TAKE_PTR(names);
    return 0;
}

int fresh_read(const Store *store, char **ret)
{
    _cleanup_strv_ char **names = NULL;
    char *version = NULL;
    int r;

    if (store->fd < 0) {
        *ret = NULL;
        return 0;
    }
    r = fresh_list(store, &names);
    if (r < 0)
        return r;
    if (names) {
        version = strdup(strchr(names[0], '=') + 1);
        if (!version)
            return -ENOMEM;
    }
    *ret = version;
    return 0;
}

int fresh_write(const Store *store, const char *version)
{
    _cleanup_free_ char *name = version ? strprintf(FRESH_PREFIX "%s", version) : NULL;
    _cleanup_strv_ char **names = NULL;
    int r;

    if (version && !name)
        return -ENOMEM;
    r = fresh_list(store, &names); /* mutation: list-markers */
    /* The old one first: without any, the gate is closed and this is done again; with two, software
     * of the new version could start on a state that is then taken for the old one's. */
    STRV_FOREACH (other, names) {
        if (r == 0 && (!name || !streq(*other, name)))
            r = durable_unlink(store->fd, *other);
    }
    if (r == 0 && name && !strv_contains(names, name))
        r = durable_replace(store->fd, name, "", 0);
    return r;
}

int fresh_close(const Store *store)
{
    _cleanup_strv_ char **names = NULL;
    int r;

    r = fresh_list(store, &names);
    STRV_FOREACH (name, names) {
        _cleanup_free_ char *closed = NULL;

        if (r < 0 || !startswith(*name, FRESH_PREFIX))
            continue;
        closed = strprintf(CLOSED_PREFIX "%s", *name + strlen(FRESH_PREFIX));
        if (!closed)
            r = -ENOMEM;
        /* Where the name becomes too long, no version is that long: it opens nothing. */
        else if ((renameat(store->fd, *name, store->fd, closed) < 0 && errno != ENAMETOOLONG) ||
                 fsync(store->fd) < 0)
            r = -errno;
    }
    return r;
}
