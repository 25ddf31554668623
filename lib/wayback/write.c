/* SPDX-License-Identifier: MIT */
/* Keeping the way back of the steps of a plan. */
#include "basic/durable.h"
#include "declare/data-path.h"
#include "store/gcroot.h"
#include "wayback/keep-file.h"
#include "wayback/private.h"

#include <fcntl.h>
#include <sys/stat.h>

const HookField applied_hook_fields[] = {
    {"script", offsetof(Hooks, script)}, {"check", offsetof(Hooks, check)},
    {"backup", offsetof(Hooks, backup)}, {"restore", offsetof(Hooks, restore)},
    {"verify", offsetof(Hooks, verify)}, {"post", offsetof(Hooks, post)},
};
const size_t applied_n_hook_fields = ELEMENTSOF(applied_hook_fields);

typedef struct Writing {
    const Declaration *declaration;
    int fd;             /* STORE/applied/ID; -1: not made yet */
    json_object *files; /* owned by the record */
    size_t n_copies;
    char ***notes;
    char **what; /* reterr_what */
} Writing;

/* --- files --------------------------------------------------------------------------------- */

static int note(Writing *writing, char *text)
{
    return strv_consume(writing->notes, text);
}

/* A name that tells people, and programs that look at their own, which file it was. */
static char *copy_name(const Writing *writing, const char *path)
{
    const char *base = strrchr(path, '/') + 1;

    return strprintf("%zu-%.*s", writing->n_copies, 200, base);
}

static int copy_file(Writing *writing, const char *path, json_object *file)
{
    _cleanup_free_ char *name = copy_name(writing, path);
    int r = name ? keep_file(writing->fd, name, path, APPLIED_FILE_MAX, 0) : -ENOMEM;

    if (r == -EFBIG)
        return note(writing,
                    strprintf("'%s' is larger than %u MiB and is not kept: the way back works "
                              "only while it stays there",
                              path, (unsigned)(APPLIED_FILE_MAX >> 20)));
    if (r < 0) {
        *writing->what = strdup(path);
        return r;
    }
    writing->n_copies++;
    json_add_string(file, "copy", name);
    r = applied_describe_copy(writing->fd, name, file);
    if (r < 0)
        *writing->what = strdup(path);
    return r;
}

/* What is data is named as it is when it goes back: a copy from before would take its place. */
static int leave_data(json_object *file)
{
    json_object_object_add(file, "data", json_object_new_boolean(true));
    return 0;
}

static int describe_file(Writing *writing, const char *word, const char *real, bool program,
                         json_object *file)
{
    if (!program && path_is_state(writing->declaration, word))
        return leave_data(file);
    if (startswith(real, "/nix/store/")) {
        json_add_string(file, "store", real);
        return 0;
    }
    if (!program && path_is_data(writing->declaration, word))
        return leave_data(file);
    return copy_file(writing, word, file);
}

/* A word of a command: a file of its own, or one of the store that the collector keeps, or data, or
 * just a word. The program is what was declared, wherever it lies. */
static int keep_word(Writing *writing, const char *word, bool program)
{
    _cleanup_free_ char *real = NULL;
    json_object *file;
    struct stat st;

    if (word[0] != '/')
        return 0;
    if (json_object_object_get_ex(writing->files, word, &file) &&
        !(program && json_true(file, "data")))
        return 0;
    real = realpath(word, NULL);
    if (!real || stat(real, &st) < 0)
        return program ? note(writing, strprintf("'%s' cannot be kept for the way back: %s", word,
                                                 strerror(errno)))
                       : 0;
    if (!S_ISREG(st.st_mode) && !startswith(real, "/nix/store/"))
        return program
                   ? note(writing,
                          strprintf("'%s' cannot be kept for the way back: it is no file", word))
                   : 0;
    file = json_object_new_object();
    if (!file)
        return -ENOMEM;
    json_object_object_add(writing->files, word, file);
    return describe_file(writing, word, real, program, file);
}

/* --- the record ---------------------------------------------------------------------------- */

static int describe_hooks(Writing *writing, const Hooks *hooks, json_object *described)
{
    for (size_t i = 0; i < applied_n_hook_fields; i++) {
        char **argv = applied_command(hooks, applied_hook_fields + i)->argv;

        json_add_strv(described, applied_hook_fields[i].key, argv);
        STRV_FOREACH (word, argv) {
            int r = keep_word(writing, *word, word == argv);

            if (r < 0)
                return r;
        }
    }
    json_add_strv(described, "warnings", hooks->warnings);
    if (hooks->timeout_usec != UINT64_MAX)
        json_add_integer(described, "timeout", (int64_t)hooks->timeout_usec);
    if (hooks->external)
        json_object_object_add(described, "external", json_object_new_boolean(true));
    return 0;
}

static bool step_has_way_back(const Step *step)
{
    return step->migration && (step->migration->down.script.argv || step->migration->down.warnings);
}

static int describe_steps(Writing *writing, const Plan *plan, json_object *steps)
{
    for (size_t i = 0; i < plan->n_steps; i++) {
        const Step *step = plan->steps + i;
        json_object *described, *down;
        int r;

        if (!step_has_way_back(step))
            continue;
        described = json_object_new_object();
        down = json_object_new_object();
        if (!described || !down || json_object_array_add(steps, described) < 0)
            return -ENOMEM;
        json_object_object_add(described, "down", down);
        json_add_string(described, "migration", step->migration->id);
        json_add_string(described, "description", step->migration->description);
        json_add_string(described, "file", step->migration->file);
        json_add_string(described, "from", step->from);
        json_add_string(described, "to", step->to);
        r = describe_hooks(writing, &step->migration->down, down);
        if (r < 0)
            return r;
    }
    return 0;
}

static int describe(Writing *writing, const char *id, const char *since,
                    const Declaration *declaration, const Plan *plan, json_object *record)
{
    json_object *steps = json_object_new_array();
    _cleanup_strv_ char **paths = NULL;
    int r = 0;

    writing->files = json_object_new_object();
    if (!steps || !writing->files)
        return -ENOMEM;
    for (size_t i = 0; r == 0 && i < declaration->read_write_paths.n_items; i++)
        r = strv_append(&paths, declaration->read_write_paths.items[i].value);
    json_add_string(record, "id", id);
    json_add_string(record, "service", declaration->name);
    json_add_string(record, "from", plan->from);
    json_add_string(record, "to", plan->to);
    json_add_string(record, "since", since);
    json_add_string(record, "user", declaration->user);
    json_add_string(record, "group", declaration->group);
    json_add_strv(record, "read-write-paths", paths);
    json_object_object_add(record, "steps", steps);
    json_object_object_add(record, "files", writing->files);
    return r == 0 ? describe_steps(writing, plan, steps) : r;
}

static int write_down(const Writing *writing, json_object *record)
{
    /* The copies first, all at once. */
    if (syncfs(writing->fd) < 0) /* mutation: sync-wayback */
        return -errno;
    return record_write_at(writing->fd, APPLIED_RECORD, record);
}

/* In the store, which is root's alone, it is closed to others already; scripts pass through it. */
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

int applied_write(const Store *store, const char *id, const char *since,
                  const Declaration *declaration, const Plan *plan, char ***ret_notes,
                  char **reterr_what)
{
    _cleanup_json_ json_object *record = NULL;
    _cleanup_strv_ char **roots = NULL, **notes = NULL;
    Writing writing = {.declaration = declaration, .fd = -1, .notes = &notes, .what = reterr_what};
    bool any = false;
    int r;

    for (size_t i = 0; i < plan->n_steps; i++)
        any = any || step_has_way_back(plan->steps + i);
    if (!any || plan->down || !plan->from)
        return 0;
    record = json_object_new_object();
    writing.fd = record ? make_directory(store, id) : -ENOMEM;
    if (writing.fd < 0)
        return writing.fd;
    r = describe(&writing, id, since, declaration, plan, record);
    if (r == 0)
        r = applied_find_roots(record, &roots);
    /* What it names is safe before it is there. */
    if (r == 0)
        r = gcroot_add(NULL, store->name, roots);
    if (r == 0)
        r = write_down(&writing, record);
    close(writing.fd);
    if (r == 0)
        *ret_notes = TAKE_PTR(notes);
    return r;
}
