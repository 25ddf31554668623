/* SPDX-License-Identifier: MIT */
/* The record of a wayback, and writing the wayback of a plan. */
#include "basic/durable.h"
#include "declare/data-path.h"
#include "store/record-table.h"
#include "system/gcroot.h"
#include "wayback/keep-file.h"
#include "wayback/private.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#define RECORD WaybackFile
static const RecordField file_fields[] = {
    STRING(NULL, word, 0), /* no key: word is the key in the map */
    STRING("copy", copy, 0),   STRING("content", content, 0),
    STRING("store", store, 0), BOOLEAN("data", data, 0),
};
static RECORD_TYPE(file_type, file_fields);
#undef RECORD

#define RECORD WaybackHooks
static const RecordField hooks_fields[] = {
    STRINGS("script", script, FIELD_FILLED), STRINGS("check", check, FIELD_FILLED),
    STRINGS("backup", backup, FIELD_FILLED), STRINGS("restore", restore, FIELD_FILLED),
    STRINGS("verify", verify, FIELD_FILLED), STRINGS("post", post, FIELD_FILLED),
    STRINGS("warnings", warnings, 0),        USEC("timeout", timeout_usec, 0),
    BOOLEAN("external", external, 0),
};
static RECORD_TYPE(hooks_type, hooks_fields);
#undef RECORD

#define RECORD WaybackStep
static const RecordField step_fields[] = {
    OBJECT("down", down, WaybackHooks, hooks_type, 0),
    STRING("migration", migration, 0),
    STRING("description", description, 0),
    STRING("file", file, 0),
    STRING("from", from, 0),
    STRING("to", to, 0),
};
static RECORD_TYPE(step_type, step_fields);
#undef RECORD

#define RECORD WaybackRecord
static const RecordField record_fields[] = {
    STRING("id", id, 0),
    STRING("service", service, 0),
    STRING("from", from, 0),
    STRING("to", to, 0),
    STRING("since", since, 0),
    STRING("user", user, 0),
    STRING("group", group, 0),
    STRINGS("read-write-paths", read_write_paths, 0),
    LIST("steps", steps, WaybackStep, step_type, FIELD_ALWAYS),
    MAP("files", files, WaybackFile, file_type, FIELD_ALWAYS),
};
RECORD_TYPE(wayback_record_type, record_fields);

WaybackFile *wayback_record_file(const WaybackRecord *record, const char *word)
{
    for (size_t i = 0; i < record->n_files; i++)
        if (streq(record->files[i].word, word))
            return record->files + i;
    return NULL;
}

#define HOOK(name)                                                                                 \
    {                                                                                              \
        offsetof(Hooks, name), offsetof(WaybackHooks, name)                                        \
    }
const HookField applied_hook_fields[] = {HOOK(script),  HOOK(check),  HOOK(backup),
                                         HOOK(restore), HOOK(verify), HOOK(post)};
const size_t applied_n_hook_fields = ELEMENTSOF(applied_hook_fields);

typedef struct Writing {
    const Declaration *declaration;
    int fd; /* STORE/applied/ID; -1: not made yet */
    WaybackRecord record;
    size_t n_copies;
    char ***notes;
    char **what; /* reterr_what */
} Writing;

static int note(Writing *writing, char *text)
{
    return strv_consume(writing->notes, text);
}

static char *describe_large(const char *path)
{
    return strprintf("the way back needs '%s' as it is now: it is larger than %u MiB, and its file "
                     "system cannot share it with " STORE_DIRECTORY ", so it is not kept",
                     path, (unsigned)(APPLIED_FILE_MAX >> 20));
}

static char *describe_interpreter(const char *interpreter, const char *script)
{
    return strprintf(
        "the way back needs '%s' as it is now: it is the interpreter of '%s', and is not "
        "kept",
        interpreter, script);
}

static int copy_file(Writing *writing, const char *path, WaybackFile *file)
{
    /* The name tells people which file was copied. */
    _cleanup_free_ char *name = strprintf("%zu-%.200s", writing->n_copies, strrchr(path, '/') + 1);
    int r = name ? keep_file(writing->fd, name, path, APPLIED_FILE_MAX, 0) : -ENOMEM;

    if (r == -EFBIG) {
        r = keep_file_describe(AT_FDCWD, path, &file->content);
        return r < 0 ? r : note(writing, describe_large(path));
    }
    if (r == 0) {
        writing->n_copies++;
        file->copy = TAKE_PTR(name);
        r = keep_file_describe(writing->fd, file->copy, &file->content);
    }
    if (r < 0)
        *writing->what = strdup(path);
    return r;
}

static int describe_file(Writing *writing, const char *word, const char *real, bool program,
                         WaybackFile *file)
{
    bool in_store = startswith(real, "/nix/store/");

    /* Data is not copied, because the way back must work on the present data. */
    file->data = !program && (in_store ? path_is_state(writing->declaration, word)
                                       : path_is_data(writing->declaration, word));
    if (file->data)
        return 0;
    return in_store ? strreplace(&file->store, real) : copy_file(writing, real, file);
}

/* An interpreter of the operating system only has to exist. Others belong to some software, and a
 * rollback may replace them. The interpreter of a script can be a script. */
static int keep_interpreter(Writing *writing, const char *script, const char *real, unsigned depth)
{
    _cleanup_free_ char *path = script_interpreter(NULL, AT_FDCWD, real),
                        *target = path ? realpath(path, NULL) : NULL;
    WaybackFile *file;
    int r;

    if (!path || depth > 5 || wayback_record_file(&writing->record, path) ||
        path_is_of_system(NULL, path))
        return 0;
    if (!target)
        return note(writing, describe_interpreter(path, script));
    file = ARRAY_GROW(writing->record.files, writing->record.n_files);
    if (!file || strreplace(&file->word, path) < 0)
        return -ENOMEM;
    if (startswith(target, "/nix/store/"))
        return strreplace(&file->store, target);
    /* One that cannot be read has no hash, so the step cannot be used; the migration goes on. */
    if (keep_file_describe(AT_FDCWD, target, &file->content) == -ENOMEM)
        return -ENOMEM;
    r = note(writing, describe_interpreter(path, script));
    return r == 0 ? keep_interpreter(writing, path, target, depth + 1) : r;
}

/* Keeps the file that a word names, but no data, except the program itself. */
static int keep_word(Writing *writing, const char *word, bool program)
{
    _cleanup_free_ char *real = NULL;
    WaybackFile *file;
    struct stat st;
    int r;

    if (word[0] != '/')
        return 0;
    file = wayback_record_file(&writing->record, word);
    if (file && !(program && file->data))
        return 0;
    real = realpath(word, NULL);
    if (!real || stat(real, &st) < 0)
        return program ? note(writing, strprintf("cannot keep '%s' for the way back: %s", word,
                                                 strerror(errno)))
                       : 0;
    if (!S_ISREG(st.st_mode) && !startswith(real, "/nix/store/"))
        return program
                   ? note(writing,
                          strprintf("cannot keep '%s' for the way back: it is not a file", word))
                   : 0;
    if (!file)
        file = ARRAY_GROW(writing->record.files, writing->record.n_files);
    if (!file || strreplace(&file->word, word) < 0)
        return -ENOMEM;
    r = describe_file(writing, word, real, program, file);
    return r == 0 && !file->data ? keep_interpreter(writing, word, real, 0) : r;
}

static int describe_hooks(Writing *writing, const Hooks *hooks, WaybackHooks *record)
{
    int r = strv_copy(hooks->warnings, &record->warnings);

    record->timeout_usec = hooks->timeout_usec;
    record->external = hooks->external;
    for (size_t i = 0; r == 0 && i < applied_n_hook_fields; i++) {
        char **argv = applied_command(hooks, applied_hook_fields + i)->argv;

        r = strv_copy(argv, applied_words(record, applied_hook_fields + i));
        STRV_FOREACH (word, argv)
            if (r == 0)
                r = keep_word(writing, *word, word == argv);
    }
    return r;
}

static bool step_has_way_back(const Step *step)
{
    return step->migration && (step->migration->down.script.argv || step->migration->down.warnings);
}

static int describe_step(Writing *writing, const Step *step)
{
    WaybackStep *record = ARRAY_GROW(writing->record.steps, writing->record.n_steps);
    const Migration *migration = step->migration;

    if (!record)
        return -ENOMEM;
    record->down = calloc(1, sizeof(WaybackHooks));
    if (!record->down || strreplace(&record->migration, migration->id) < 0 ||
        strreplace(&record->description, migration->description) < 0 ||
        strreplace(&record->file, migration->file) < 0 ||
        strreplace(&record->from, step->from) < 0 || strreplace(&record->to, step->to) < 0)
        return -ENOMEM;
    return describe_hooks(writing, &migration->down, record->down);
}

static int describe(Writing *writing, const char *id, const char *since, const Plan *plan)
{
    const Declaration *declaration = writing->declaration;
    WaybackRecord *record = &writing->record;
    int r;

    if (strreplace(&record->id, id) < 0 || strreplace(&record->service, declaration->name) < 0 ||
        strreplace(&record->from, plan->from) < 0 || strreplace(&record->to, plan->to) < 0 ||
        strreplace(&record->since, since) < 0 || strreplace(&record->user, declaration->user) < 0 ||
        strreplace(&record->group, declaration->group) < 0)
        return -ENOMEM;
    r = items_values(&declaration->read_write_paths, &record->read_write_paths);
    for (size_t i = 0; r == 0 && i < plan->n_steps; i++)
        if (step_has_way_back(plan->steps + i))
            r = describe_step(writing, plan->steps + i);
    return r;
}

static int write_down(const Writing *writing)
{
    /* The copies must be on disk before the record. One sync is enough for all copies. */
    if (syncfs(writing->fd) < 0) /* mutation: sync-wayback */
        return -errno;
    return record_write_at(writing->fd, APPLIED_RECORD, &wayback_record_type, &writing->record);
}

/* Makes the directory of a wayback. Its mode is 0755, unlike the rest of the store, because scripts
 * that do not run as root must enter it. */
static int make_directory(const Store *store, const char *id)
{
    _cleanup_close_ int applied_fd = durable_mkdir(store->fd, APPLIED_DIRECTORY), fd = -1;

    if (applied_fd < 0)
        return applied_fd;
    fd = durable_mkdir(applied_fd, id);
    if (fd < 0)
        return fd;
    return fchmod(fd, 0755) < 0 ? -errno : TAKE_FD(fd);
}

/* --- before the migration ------------------------------------------------------------------ */

/* Can the store share the content of the file? XFS that cannot is told afterwards, in the journal. */
static bool can_share(const struct stat *st, const char *path)
{
    const char *near = access(STORE_DIRECTORY, F_OK) == 0 ? STORE_DIRECTORY : "/var/lib";
    struct statfs file, store_fs;
    struct stat store;

    if (stat(near, &store) < 0 || statfs(path, &file) < 0 || statfs(near, &store_fs) < 0)
        return false;
    /* Subvolumes of btrfs have device numbers of their own. */
    return (file.f_type == BTRFS_SUPER_MAGIC && store_fs.f_type == BTRFS_SUPER_MAGIC) ||
           (file.f_type == XFS_SUPER_MAGIC && store.st_dev == st->st_dev);
}

/* Names the interpreters of a script that are not of the operating system; the kernel follows five. */
static int foresee_interpreter(const char *script, unsigned depth, char ***notes)
{
    _cleanup_free_ char *path = script_interpreter(NULL, AT_FDCWD, script), *text = NULL;
    int r;

    if (!path || depth > 5 || startswith(path, "/nix/store/") || path_is_of_system(NULL, path))
        return 0;
    text = describe_interpreter(path, script);
    r = text ? strv_append_once(notes, text) : -ENOMEM;
    return r == 0 ? foresee_interpreter(path, depth + 1, notes) : r;
}

static int foresee_word(const Declaration *declaration, const char *word, bool program,
                        char ***notes)
{
    _cleanup_free_ char *real = word[0] == '/' ? realpath(word, NULL) : NULL, *large = NULL;
    struct stat st;
    int r = 0;

    if (!real || startswith(real, "/nix/store/") || stat(real, &st) < 0 || !S_ISREG(st.st_mode) ||
        (!program && path_is_data(declaration, word)))
        return 0;
    if ((uint64_t)st.st_size > APPLIED_FILE_MAX && !can_share(&st, real)) {
        large = describe_large(word);
        r = large ? strv_append_once(notes, large) : -ENOMEM;
    }
    return r == 0 ? foresee_interpreter(word, 0, notes) : r;
}

int applied_foresee(const Declaration *declaration, const Plan *plan, char ***notes)
{
    int r = 0;

    for (size_t i = 0; i < plan->n_steps && !plan->down && plan->from; i++) {
        if (!step_has_way_back(plan->steps + i))
            continue;
        for (size_t field = 0; field < applied_n_hook_fields; field++) {
            char **argv =
                applied_command(&plan->steps[i].migration->down, applied_hook_fields + field)->argv;

            STRV_FOREACH (word, argv)
                if (r == 0)
                    r = foresee_word(declaration, *word, word == argv, notes);
        }
    }
    return r;
}

int applied_write(const Store *store, const char *id, const char *since,
                  const Declaration *declaration, const Plan *plan, char ***ret_notes,
                  char **reterr_what)
{
    _cleanup_strv_ char **roots = NULL, **notes = NULL;
    Writing writing = {.declaration = declaration, .fd = -1, .notes = &notes, .what = reterr_what};
    bool any = false;
    int r;

    for (size_t i = 0; i < plan->n_steps; i++)
        any = any || step_has_way_back(plan->steps + i);
    if (!any || plan->down || !plan->from)
        return 0;
    writing.fd = make_directory(store, id);
    if (writing.fd < 0)
        return writing.fd;
    r = describe(&writing, id, since, plan);
    if (r == 0)
        r = applied_find_roots(&writing.record, &roots);
    /* Roots and record are written after the files that they name. */
    if (r == 0)
        r = gcroot_add(NULL, store->name, roots);
    if (r == 0)
        r = write_down(&writing);
    close(writing.fd);
    wayback_record_free(&writing.record);
    if (r == 0)
        *ret_notes = TAKE_PTR(notes);
    return r;
}
