/* SPDX-License-Identifier: MIT */
/* Reading back what was kept, and believing nothing of it. */
#include "wayback/wayback.h"

#include "declare/data-path.h"
#include "store/gcroot.h"
#include "wayback/keep-file.h"
#include "wayback/lineage.h"
#include "wayback/private.h"

#include <fcntl.h>
#include <sys/stat.h>

#define WORDS_MAX 1024

/* A record while its steps are looked at. */
typedef struct Reading {
    const char *root;
    const Store *store;
    Declaration declaration; /* borrows all but the array of read_write_paths */
    const char *id;          /* borrowed */
    int fd;                  /* STORE/applied/ID */
    json_object *record;
    char *gone; /* a sentence about a file that is needed and nowhere */
} Reading;

static void reading_close(Reading *reading)
{
    cleanup_close(&reading->fd);
    json_object_put(reading->record);
    free(reading->declaration.read_write_paths.items);
    free(reading->gone);
}

static bool name_is_plain(const char *name)
{
    return !isempty(name) && name[0] != '.' && !strchr(name, '/') && strlen(name) <= 255;
}

/* --- words --------------------------------------------------------------------------------- */

static bool is_elf(int dir_fd, const char *name)
{
    _cleanup_close_ int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    char magic[4];

    return fd >= 0 && pread(fd, magic, sizeof(magic), 0) == sizeof(magic) &&
           memcmp(magic, "\177ELF", sizeof(magic)) == 0;
}

static json_object *find_file(const Reading *reading, const char *word)
{
    json_object *files, *file;

    return json_object_object_get_ex(reading->record, "files", &files) &&
                   json_object_object_get_ex(files, word, &file)
               ? file
               : NULL;
}

/* Does a command (its other words as they were declared) name a script behind the program that is
 * to read it? That program, as the one in a script's first line, is the system's, whose libraries
 * it needs. */
static bool has_script(const Reading *reading, char *const *argv)
{
    for (char *const *word = argv + 1; *word; word++)
        if (find_file(reading, *word))
            return true;
    return false;
}

static int tell_gone(Reading *reading, char *gone)
{
    reading->gone = gone;
    return gone ? -ENOENT : -ENOMEM;
}

/* The original, while it is what it was. */
static int find_copy(Reading *reading, char **argv, char **word, const char *original,
                     const char *copy)
{
    bool program = word == argv;
    const char *bad = applied_copy_is_bad(reading->fd, copy, find_file(reading, *word));

    if (bad)
        return tell_gone(reading,
                         strprintf("the copy '%s' of '%s', which it needs, %s", copy, *word, bad));
    if (keep_file_is_same(reading->fd, copy, original, program) ||
        (program && has_script(reading, argv) && is_elf(reading->fd, copy) &&
         access(original, X_OK) == 0))
        return 0;
    return strreplacef(word, STORE_DIRECTORY "/%s/" APPLIED_DIRECTORY "/%s/%s",
                       reading->store->name, reading->id, copy);
}

/* Records of earlier versions have copies of data, too. */
static bool is_left(const Reading *reading, const char *word, json_object *file)
{
    if (json_true(file, "data"))
        return true;
    return json_string(file, "store") ? path_is_state(&reading->declaration, word)
                                      : path_is_data(&reading->declaration, word);
}

/* Turns a word into what is to be named instead. 0, -EBADMSG, -ENOENT (reading->gone says what), or
 * -ENOMEM. */
static int find_word(Reading *reading, char **argv, char **word)
{
    bool program = word == argv;
    json_object *file = find_file(reading, *word);
    const char *copy = json_string(file, "copy"), *in_store = json_string(file, "store");
    _cleanup_free_ char *original =
        strprintf("%s%s", reading->root ? reading->root : "", in_store ? in_store : *word);

    if (!original)
        return -ENOMEM;
    if (in_store && (!startswith(in_store, "/nix/store/") || strstr(in_store, "/../")))
        return -EBADMSG;
    if (copy && !name_is_plain(copy))
        return -EBADMSG;
    if (!program && file && is_left(reading, *word, file))
        return 0;
    if (in_store && access(original, F_OK) == 0)
        return strreplacef(word, "%s", in_store);
    if (copy)
        return find_copy(reading, argv, word, original, copy);
    if ((file || program) && access(original, F_OK) < 0)
        return tell_gone(reading,
                         strprintf("'%s', which it needs, is gone", in_store ? in_store : *word));
    return 0;
}

/* --- steps --------------------------------------------------------------------------------- */

static int read_command(Reading *reading, json_object *down, const HookField *field,
                        Command *command)
{
    _cleanup_strv_ char **argv = NULL;
    int r;

    if (!json_object_object_get_ex(down, field->key, NULL))
        return 0;
    if (!json_array(down, field->key))
        return -EBADMSG;
    r = json_strv(down, field->key, &argv);
    if (r == 0 && (!argv || argv[0][0] != '/' || strv_length(argv) > WORDS_MAX))
        return -EBADMSG;
    STRV_FOREACH (word, argv) {
        if (r == 0)
            r = find_word(reading, argv, word);
    }
    if (r == 0)
        command->argv = TAKE_PTR(argv);
    return r;
}

static int read_down(Reading *reading, json_object *down, Hooks *hooks)
{
    int64_t timeout = json_integer(down, "timeout");
    int r = 0;

    hooks->present = true;
    hooks->timeout_usec = timeout > 0 ? (uint64_t)timeout : UINT64_MAX;
    hooks->external = json_true(down, "external");
    for (size_t i = 0; r == 0 && i < applied_n_hook_fields; i++)
        r = read_command(reading, down, applied_hook_fields + i,
                         applied_command(hooks, applied_hook_fields + i));
    if (r == 0)
        r = json_strv(down, "warnings", &hooks->warnings);
    return r == 0 && !hooks->script.argv && !hooks->warnings ? -EBADMSG : r;
}

static int set(char **field, const char *value)
{
    *field = value ? strdup(value) : NULL;
    return *field || !value ? 0 : -ENOMEM;
}

static int read_step(Reading *reading, json_object *step, const Arrival *arrival,
                     Migration *migration)
{
    const char *since = json_string(reading->record, "since");
    json_object *down;
    From *from;
    int r;

    if (!json_object_object_get_ex(step, "down", &down) ||
        !json_object_is_type(down, json_type_object) || !since)
        return -EBADMSG;
    from = ARRAY_GROW(migration->from, migration->n_from);
    r = from ? version_range_add(&from->range, VERSION_EQUAL, arrival->from) : -ENOMEM;
    if (r == 0)
        r = version_range_add(&migration->to, VERSION_EQUAL, arrival->to);
    if (r == 0)
        r = set(&migration->id, arrival->migration);
    if (r == 0)
        r = set(&migration->file, json_string(step, "file"));
    if (r == 0)
        r = set(&migration->description, json_string(step, "description"));
    if (r == 0)
        r = set(&migration->kept_on, since);
    if (r == 0)
        r = strreplacef(&migration->kept_in, "%s/" APPLIED_DIRECTORY "/%s", reading->store->path,
                        reading->id);
    if (r < 0)
        return r;
    return read_down(reading, down, &migration->down);
}

static json_object *find_step(json_object *record, const Arrival *arrival)
{
    json_object *steps = json_array(record, "steps");

    for (size_t i = 0; steps && i < json_object_array_length(steps); i++) {
        json_object *step = json_object_array_get_idx(steps, i);

        if (streq_null(json_string(step, "migration"), arrival->migration) &&
            streq_null(json_string(step, "from"), arrival->from) &&
            streq_null(json_string(step, "to"), arrival->to))
            return step;
    }
    return NULL;
}

static int read_record(const Store *store, const char *id, json_object **ret)
{
    _cleanup_free_ char *path = strprintf(APPLIED_DIRECTORY "/%s/" APPLIED_RECORD, id);
    _cleanup_json_ json_object *record = NULL;
    int r = path ? record_read(store, path, &record) : -ENOMEM;

    if (r == 0 && !streq_null(json_string(record, "id"), id))
        return -EBADMSG;
    if (r == 0)
        *ret = TAKE_PTR(record);
    return r;
}

/* --- a lineage ----------------------------------------------------------------------------- */

static int tell_damaged(Lineage *lineage, const Reading *reading, const char *what)
{
    _cleanup_free_ char *text =
        strprintf("what was kept in %s/" APPLIED_DIRECTORY "/%s is of no use: %s",
                  reading->store->path, reading->id, what);

    if (!text)
        return -ENOMEM;
    return strv_contains(lineage->damaged, text) ? 0 : strv_append(&lineage->damaged, text);
}

static int load_step(Reading *reading, Lineage *lineage, Arrival *arrival)
{
    json_object *step = find_step(reading->record, arrival);
    Migration *migration = step ? calloc(1, sizeof(Migration)) : NULL;
    int r;

    if (!step)
        return 0; /* it had no way back */
    r = migration ? read_step(reading, step, arrival, migration) : -ENOMEM;
    if (r == 0) {
        arrival->kept = migration;
        return 0;
    }
    if (migration)
        migration_free(migration);
    free(migration);
    if (r == -ENOMEM)
        return r;
    return tell_damaged(lineage, reading, reading->gone ? reading->gone : "its record is damaged");
}

/* What was writable then is data, too. */
static int add_paths_of_then(Reading *reading)
{
    const Items *now = &reading->declaration.read_write_paths;
    json_object *then = json_array(reading->record, "read-write-paths");
    size_t n = then ? json_object_array_length(then) : 0;
    Items all = {.items = calloc(now->n_items + n + 1, sizeof(Item))};

    if (!all.items)
        return -ENOMEM;
    for (size_t i = 0; i < now->n_items; i++)
        all.items[all.n_items++] = now->items[i];
    for (size_t i = 0; i < n; i++) {
        json_object *path = json_object_array_get_idx(then, i);

        if (json_object_is_type(path, json_type_string))
            all.items[all.n_items++] = (Item){.value = (char *)json_object_get_string(path)};
    }
    reading->declaration.read_write_paths = all;
    return 0;
}

static int load(const char *root, const Store *store, const Declaration *declaration,
                Lineage *lineage, size_t first, size_t end)
{
    const char *id = lineage->items[first].id;
    _cleanup_(reading_close) Reading reading = {
        .root = root, .store = store, .declaration = *declaration, .id = id, .fd = -1};
    _cleanup_free_ char *path = NULL;
    int r = read_record(store, id, &reading.record);

    /* Nothing is freed that is only borrowed. */
    if (add_paths_of_then(&reading) < 0) {
        reading.declaration.read_write_paths = (Items){};
        return -ENOMEM;
    }
    if (r == 1 || r == -ENOMEM)
        return r == 1 ? 0 : r;
    path = strprintf(APPLIED_DIRECTORY "/%s", id);
    if (!path)
        return -ENOMEM;
    if (r == 0)
        reading.fd = openat(store->fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (r < 0 || reading.fd < 0)
        return tell_damaged(lineage, &reading,
                            r == -EBADMSG ? "its record is damaged"
                            : r < 0       ? strerror(-r)
                                          : strerror(errno));
    for (size_t i = first; r == 0 && i < end; i++) {
        free(reading.gone);
        reading.gone = NULL;
        r = lineage_is_superseded(lineage, i) ? 0
                                              : load_step(&reading, lineage, lineage->items + i);
    }
    return r;
}

int applied_load(const char *root, const Store *store, const Declaration *declaration,
                 Lineage *lineage)
{
    bool wanted;
    size_t first;
    int r = 0;

    /* Steps of one transaction follow one another. */
    for (size_t i = 0, end; r == 0 && store->fd >= 0 && i < lineage->n_items; i = end) {
        const char *id = lineage->items[i].id;

        for (end = i + 1; end < lineage->n_items && streq_null(lineage->items[end].id, id);)
            end++;
        for (wanted = false, first = i; first < end; first++)
            wanted = wanted || !lineage_is_superseded(lineage, first);
        if (name_is_plain(id) && wanted)
            r = load(root, store, declaration, lineage, i, end);
    }
    return r;
}

/* --- the declaration of then --------------------------------------------------------------- */

static int add_paths(json_object *record, Declaration *declaration)
{
    _cleanup_strv_ char **paths = NULL;
    int r = json_strv(record, "read-write-paths", &paths);

    STRV_FOREACH (path, paths) {
        Items *items = &declaration->read_write_paths;
        bool known = (*path)[0] != '/' || access(*path, F_OK) < 0;
        char *copy = NULL;
        Item *item;

        for (size_t i = 0; !known && i < items->n_items; i++)
            known = streq(items->items[i].value, *path);
        if (known)
            continue;
        copy = strdup(*path);
        item = copy ? ARRAY_GROW(items->items, items->n_items) : NULL;
        if (!item) {
            free(copy);
            return -ENOMEM;
        }
        *item = (Item){.value = copy};
    }
    return r;
}

static int complete(const Store *store, const char *id, Declaration *declaration)
{
    _cleanup_json_ json_object *record = NULL;
    int r = read_record(store, id, &record);

    if (r != 0)
        return r == 1 ? 0 : r;
    if (!declaration->user) {
        r = set(&declaration->user, json_string(record, "user"));
        if (r == 0 && !declaration->group)
            r = set(&declaration->group, json_string(record, "group"));
    }
    return r == 0 ? add_paths(record, declaration) : r;
}

int applied_complete(const Store *store, const Plan *plan, Declaration *declaration)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < plan->n_steps; i++) {
        const Migration *migration = plan->steps[i].migration;

        if (migration && migration->kept_in)
            r = complete(store, strrchr(migration->kept_in, '/') + 1, declaration);
    }
    return r;
}

/* --- roots, paths -------------------------------------------------------------------------- */

int applied_find_roots(json_object *record, char ***paths)
{
    const char *text = json_object_to_json_string_ext(record, JSON_C_TO_STRING_NOSLASHESCAPE);

    return text ? gcroot_find(text, paths) : -ENOMEM;
}

bool applied_path_is_within(const Store *store, const char *path, const char **ret_id,
                            size_t *ret_length)
{
    _cleanup_free_ char *prefix =
        strprintf(STORE_DIRECTORY "/%s/" APPLIED_DIRECTORY "/", store->name);
    const char *id = prefix && startswith(path, prefix) ? path + strlen(prefix) : NULL;
    size_t length = id ? strcspn(id, "/") : 0;

    if (!id || id[length] != '/' || id[0] == '.' || length == 0)
        return false;
    *ret_id = id;
    *ret_length = length;
    return true;
}
