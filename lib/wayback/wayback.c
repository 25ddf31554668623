/* SPDX-License-Identifier: MIT */
/* Reads waybacks. */
#include "wayback/wayback.h"

#include "declare/data-path.h"
#include "system/gcroot.h"
#include "wayback/keep-file.h"
#include "wayback/private.h"

#include <fcntl.h>
#include <sys/stat.h>

#define WORDS_MAX 1024

typedef struct Reading {
    const char *root;
    const Store *store;
    Declaration declaration; /* borrowed, except the array of read_write_paths */
    const char *id;          /* id of the transaction; borrowed */
    int fd;                  /* STORE/applied/ID */
    WaybackRecord record;
    char *gone; /* a sentence about a missing file, or NULL */
} Reading;

static void reading_close(Reading *reading)
{
    cleanup_close(&reading->fd);
    wayback_record_free(&reading->record);
    free(reading->declaration.read_write_paths.items);
    free(reading->gone);
}

static bool name_is_plain(const char *name)
{
    return !isempty(name) && name[0] != '.' && !strchr(name, '/') && strlen(name) <= 255;
}

static bool is_elf(int dir_fd, const char *name)
{
    _cleanup_close_ int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    char magic[4];

    return fd >= 0 && pread(fd, magic, sizeof(magic), 0) == sizeof(magic) &&
           memcmp(magic, "\177ELF", sizeof(magic)) == 0;
}

/* Is the command an interpreter with a kept script? The interpreter may then have changed. */
static bool has_script(const Reading *reading, char *const *argv)
{
    for (char *const *word = argv + 1; *word; word++) {
        const WaybackFile *file = wayback_record_file(&reading->record, *word);

        if (file && !file->data && (file->copy || file->store))
            return true;
    }
    return false;
}

/* Returns why a copy cannot be used, as the end of a sentence; NULL: the copy can be used. A
 * changed copy was not approved. */
static const char *copy_is_bad(int dir_fd, const WaybackFile *file)
{
    _cleanup_free_ char *content = NULL;
    int r = keep_file_describe(dir_fd, file->copy, &content);

    if (r < 0)
        return r == -ENOENT ? "is gone" : "cannot be read";
    /* Records of earlier versions have no hash. */
    return file->content && !streq(content, file->content) ? "has changed since it was made" : NULL;
}

static int tell_gone(Reading *reading, char *gone)
{
    reading->gone = gone;
    return gone ? -ENOENT : -ENOMEM;
}

/* Returns why a file is not known to be what it was at the migration, as the end of a sentence; NULL:
 * it is the same. path: with the root; named: without it. */
static const char *describe_change(const Reading *reading, const char *path, const char *named,
                                   const WaybackFile *file)
{
    _cleanup_free_ char *real = realpath(path, NULL), *content = NULL;
    const char *target = real && reading->root && startswith(real, reading->root)
                             ? real + strlen(reading->root)
                             : real;

    if (!real)
        return "is gone";
    if (file && file->store)
        return streq(target, file->store) ? NULL : "has changed since the migration";
    if (startswith(named, "/nix/store/"))
        return NULL;
    if (!file || !file->content)
        return "is not in the record of the migration, which an earlier release wrote";
    return keep_file_describe(AT_FDCWD, real, &content) == 0 && streq(content, file->content)
               ? NULL
               : "has changed since the migration";
}

/* An interpreter is not copied, since it has libraries and modules. The interpreter of a script can
 * be a script; the kernel follows five. */
static int check_interpreter(Reading *reading, const char *word, int dir_fd, const char *script,
                             unsigned depth)
{
    _cleanup_free_ char *interpreter = script_interpreter(reading->root, dir_fd, script),
                        *path = NULL;
    const char *changed;

    if (!interpreter || path_is_of_system(reading->root, interpreter))
        return 0;
    path = strprintf("%s%s", reading->root ? reading->root : "", interpreter);
    if (!path)
        return -ENOMEM;
    changed = describe_change(reading, path, interpreter,
                              wayback_record_file(&reading->record, interpreter));
    if (changed)
        return tell_gone(
            reading, strprintf("'%s', the interpreter of '%s', %s", interpreter, word, changed));
    return depth < 5 ? check_interpreter(reading, interpreter, AT_FDCWD, path, depth + 1) : 0;
}

/* Keeps the word if the original is unchanged. Otherwise replaces the word by the path of the
 * copy. */
static int find_copy(Reading *reading, char **argv, char **word, const char *original,
                     const WaybackFile *file)
{
    bool program = word == argv;
    const char *copy = file->copy, *bad = copy_is_bad(reading->fd, file);
    int r;

    if (bad)
        return tell_gone(reading,
                         strprintf("the copy '%s' of '%s', which it needs, %s", copy, *word, bad));
    r = check_interpreter(reading, *word, reading->fd, copy, 0);
    if (r < 0 || keep_file_is_same(reading->fd, copy, original, program) ||
        (program && has_script(reading, argv) && is_elf(reading->fd, copy) &&
         path_is_of_system(reading->root, *word) && access(original, X_OK) == 0))
        return r;
    return strreplacef(word, STORE_DIRECTORY "/%s/" APPLIED_DIRECTORY "/%s/%s",
                       reading->store->name, reading->id, copy);
}

/* Is the file data, which keeps its path? Earlier versions copied data, and did not mark it. */
static bool is_left(const Reading *reading, const WaybackFile *file)
{
    return file->data || (file->store ? path_is_state(&reading->declaration, file->word)
                                      : path_is_data(&reading->declaration, file->word));
}

/* Replaces a word of a command with the path to use. 0, -EBADMSG, -ENOENT with reading->gone, or
 * -ENOMEM. */
static int find_word(Reading *reading, char **argv, char **word)
{
    bool program = word == argv;
    const WaybackFile *file = wayback_record_file(&reading->record, *word);
    const char *copy = file ? file->copy : NULL, *in_store = file ? file->store : NULL;
    _cleanup_free_ char *original =
        strprintf("%s%s", reading->root ? reading->root : "", in_store ? in_store : *word);
    const char *changed;
    int r;

    if (!original)
        return -ENOMEM;
    if (in_store && (!startswith(in_store, "/nix/store/") || strstr(in_store, "/../")))
        return -EBADMSG;
    if (copy && !name_is_plain(copy))
        return -EBADMSG;
    if (!program && file && is_left(reading, file))
        return 0;
    if (copy)
        return find_copy(reading, argv, word, original, file);
    if (!file && !program)
        return 0;
    changed = describe_change(reading, original, in_store ? in_store : *word, file);
    if (changed)
        return tell_gone(
            reading, strprintf("'%s', which it needs, %s", in_store ? in_store : *word, changed));
    r = check_interpreter(reading, *word, AT_FDCWD, original, 0);
    return r == 0 && in_store ? strreplacef(word, "%s", in_store) : r;
}

static int read_command(Reading *reading, char *const *words, Command *command)
{
    _cleanup_strv_ char **argv = NULL;
    int r;

    if (!words)
        return 0;
    if (words[0][0] != '/' || strv_length(words) > WORDS_MAX)
        return -EBADMSG;
    r = strv_copy(words, &argv);
    STRV_FOREACH (word, argv) {
        if (r == 0)
            r = find_word(reading, argv, word);
    }
    if (r == 0)
        command->argv = TAKE_PTR(argv);
    return r;
}

static int read_down(Reading *reading, const WaybackHooks *down, Hooks *hooks)
{
    int r = strv_copy(down->warnings, &hooks->warnings);

    hooks->present = true;
    hooks->timeout_usec = down->timeout_usec;
    hooks->external = down->external;
    for (size_t i = 0; r == 0 && i < applied_n_hook_fields; i++)
        r = read_command(reading, *applied_words(down, applied_hook_fields + i),
                         applied_command(hooks, applied_hook_fields + i));
    return r == 0 && !hooks->script.argv && !hooks->warnings ? -EBADMSG : r;
}

static int read_step(Reading *reading, const WaybackStep *step, const Arrival *arrival,
                     Migration *migration)
{
    const StringValue values[] = {{&migration->id, arrival->migration},
                                  {&migration->file, step->file},
                                  {&migration->description, step->description},
                                  {&migration->kept_on, reading->record.since}};
    From *from;
    int r;

    if (!step->down || !reading->record.since)
        return -EBADMSG;
    from = ARRAY_GROW(migration->from, migration->n_from);
    r = from ? version_range_add(&from->range, VERSION_EQUAL, arrival->from) : -ENOMEM;
    if (r == 0)
        r = version_range_add(&migration->to, VERSION_EQUAL, arrival->to);
    if (r == 0)
        r = strreplace_all(values, ELEMENTSOF(values));
    if (r == 0)
        r = strreplacef(&migration->kept_in, "%s/" APPLIED_DIRECTORY "/%s", reading->store->path,
                        reading->id);
    return r == 0 ? read_down(reading, step->down, &migration->down) : r;
}

static const WaybackStep *find_step(const WaybackRecord *record, const Arrival *arrival)
{
    ARRAY_FOREACH (step, record->steps, record->n_steps)
        if (streq_null(step->migration, arrival->migration) &&
            streq_null(step->from, arrival->from) && streq_null(step->to, arrival->to))
            return step;
    return NULL;
}

int applied_read(const Store *store, const char *id, WaybackRecord *ret)
{
    _cleanup_free_ char *path = strprintf(APPLIED_DIRECTORY "/%s/" APPLIED_RECORD, id);

    return path ? wayback_record_read(store, path, ret) : -ENOMEM;
}

/* Reads the record of a wayback and checks its id. Returns as applied_read(). */
static int read_own(const Store *store, const char *id, WaybackRecord *ret)
{
    WaybackRecord record;
    int r = applied_read(store, id, &record);

    if (r == 0 && !streq_null(record.id, id)) {
        wayback_record_free(&record);
        return -EBADMSG;
    }
    if (r == 0)
        *ret = record;
    return r;
}

/* --- a lineage ----------------------------------------------------------------------------- */

static int tell_damaged(Lineage *lineage, const Reading *reading, const char *what)
{
    _cleanup_free_ char *text = strprintf("%s/" APPLIED_DIRECTORY "/%s cannot be used: %s",
                                          reading->store->path, reading->id, what);

    if (!text)
        return -ENOMEM;
    return strv_contains(lineage->damaged, text) ? 0 : strv_append(&lineage->damaged, text);
}

static int load_step(Reading *reading, Lineage *lineage, Arrival *arrival)
{
    const WaybackStep *step = find_step(&reading->record, arrival);
    Migration *migration = step ? calloc(1, sizeof(Migration)) : NULL;
    int r;

    if (!step)
        return 0; /* the step had no [Down] */
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

/* Adds the wayback's ReadWritePaths= to the declaration, because these paths are data, too. */
static int add_paths_of_then(Reading *reading)
{
    const Items *now = &reading->declaration.read_write_paths;
    char **then = reading->record.read_write_paths;
    Items all = {.items = calloc(now->n_items + strv_length(then) + 1, sizeof(Item))};

    if (!all.items)
        return -ENOMEM;
    for (size_t i = 0; i < now->n_items; i++)
        all.items[all.n_items++] = now->items[i];
    STRV_FOREACH (path, then)
        all.items[all.n_items++] = (Item){.value = *path};
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
    int r = read_own(store, id, &reading.record);

    /* Fields of the declaration are borrowed, and must not be freed. */
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

    /* The steps of one transaction are next to each other. */
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

/* --- the wayback's declaration ------------------------------------------------------------- */

static int add_paths(const WaybackRecord *record, Declaration *declaration)
{
    STRV_FOREACH (path, record->read_write_paths) {
        Items *items = &declaration->read_write_paths;
        char *copy = NULL;
        Item *item;

        if ((*path)[0] != '/' || access(*path, F_OK) < 0 || items_contain(items, *path))
            continue;
        copy = strdup(*path);
        item = copy ? ARRAY_GROW(items->items, items->n_items) : NULL;
        if (!item) {
            free(copy);
            return -ENOMEM;
        }
        *item = (Item){.value = copy};
    }
    return 0;
}

static int complete(const Store *store, const char *id, Declaration *declaration)
{
    _cleanup_(wayback_record_free) WaybackRecord record = {};
    int r = read_own(store, id, &record);

    if (r != 0)
        return r == 1 ? 0 : r;
    if (!declaration->user) {
        r = strreplace(&declaration->user, record.user);
        if (r == 0 && !declaration->group)
            r = strreplace(&declaration->group, record.group);
    }
    return r == 0 ? add_paths(&record, declaration) : r;
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

int applied_find_roots(const WaybackRecord *record, char ***paths)
{
    _cleanup_free_ char *text = NULL;
    int r = wayback_record_text(record, &text);

    return r == 0 ? gcroot_find(text, paths) : r;
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
