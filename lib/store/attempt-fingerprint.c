/* SPDX-License-Identifier: MIT */
/* Computes the fingerprint of an attempt, from the declaration, the plan, and the files that
 * commands name. */
#include "declare/data-path.h"
#include "store/attempt.h"

#include <fcntl.h>
#include <sys/stat.h>

/* Larger files are compared by size and times. No script is that large. */
#define HASHED_WHOLE (UINT64_C(1) << 30)
#define BUFFER_SIZE  (1U << 14)

static void add_big(Sha256 *sha, const struct stat *st)
{
    fingerprint_add_string(sha, "big");
    fingerprint_add(sha, &st->st_ino, sizeof(st->st_ino));
    fingerprint_add(sha, &st->st_size, sizeof(st->st_size));
    fingerprint_add(sha, &st->st_mtim, sizeof(st->st_mtim));
    fingerprint_add(sha, &st->st_ctim, sizeof(st->st_ctim));
}

/* Adds the content of a file. The length is known only at the end, so the content gets a hash of
 * its own, which is added as one field. */
static void add_content(Sha256 *sha, int fd)
{
    char buffer[BUFFER_SIZE];
    Fingerprint content;
    uint64_t size = 0;
    ssize_t n = -1;
    Sha256 inner;

    fingerprint_begin(&inner);
    while (size < HASHED_WHOLE && (n = read(fd, buffer, sizeof(buffer))) > 0) {
        sha256_add(&inner, buffer, (size_t)n);
        size += (uint64_t)n;
    }
    content = fingerprint_end(&inner);
    fingerprint_add_string(sha, n < 0 ? "unreadable" : "content");
    fingerprint_add_string(sha, content.hex);
}

static void add_file(Sha256 *sha, const char *path)
{
    /* O_NONBLOCK: the path may be a FIFO, on which open() would block. */
    _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        fingerprint_add_string(sha, NULL);
    else if ((uint64_t)st.st_size > HASHED_WHOLE)
        add_big(sha, &st);
    else
        add_content(sha, fd);
}

/* Finds "/usr/lib/app/migrate.sh" (after an interpreter) and the path in
 * "--file=/usr/lib/app/schema.sql". */
const char *command_path(const char *word)
{
    const char *path = word[0] == '/' ? word : strchr(word, '=');

    if (!path)
        return NULL;
    path += *path == '=';
    return path[0] == '/' ? path : NULL;
}

const char *command_file(const Declaration *declaration, const char *word)
{
    const char *path = command_path(word);

    return path && !path_is_data(declaration, path) ? path : NULL;
}

static void add_argument(Sha256 *sha, const Declaration *declaration, const char *word)
{
    const char *path = command_file(declaration, word);

    fingerprint_add_string(sha, word);
    if (path)
        add_file(sha, path);
}

static void add_number(Sha256 *sha, size_t number)
{
    uint64_t n = number;

    fingerprint_add(sha, &n, sizeof(n));
}

static void add_command(Sha256 *sha, const Declaration *declaration, char *const *argv)
{
    add_number(sha, strv_length(argv));
    if (!argv)
        return;
    fingerprint_add_string(sha, argv[0]);
    add_file(sha, argv[0]);
    for (size_t i = 1; argv[i]; i++)
        add_argument(sha, declaration, argv[i]);
}

/* Adds the hooks of a step, which may be in files that the declaration's fingerprint does not
 * cover. */
static void add_hooks(Sha256 *sha, const Declaration *declaration, const Hooks *hooks)
{
    const Command *command;
    const char *key;

    for (size_t i = 0; (command = hooks_command(hooks, i, &key)); i++)
        add_command(sha, declaration, command->argv);
    add_number(sha, strv_length(hooks->warnings));
    STRV_FOREACH (warning, hooks->warnings)
        fingerprint_add_string(sha, *warning);
    fingerprint_add(sha, &hooks->external, sizeof(hooks->external));
}

/* Adds the files of EnvironmentFile=: their variables may tell scripts what to execute. */
static void add_environment(Sha256 *sha, const UnitLines *lines)
{
    for (size_t i = 0; i < lines->n_items; i++)
        if (streq(lines->items[i].key, "EnvironmentFile"))
            add_file(sha, lines->items[i].value + (lines->items[i].value[0] == '-'));
}

Fingerprint attempt_fingerprint(const Declaration *declaration, const Plan *plan)
{
    Sha256 sha;

    fingerprint_begin(&sha);
    fingerprint_add_string(&sha, declaration->fingerprint.hex);
    add_environment(&sha, &declaration->service_lines);
    fingerprint_add_string(&sha, plan->from);
    fingerprint_add_string(&sha, plan->to);
    add_number(&sha, plan->n_steps);
    ARRAY_FOREACH (step, plan->steps, plan->n_steps) {
        fingerprint_add_string(&sha, step->from);
        fingerprint_add_string(&sha, step->to);
        fingerprint_add_string(&sha, step->migration ? step->migration->id : NULL);
        fingerprint_add_string(&sha, step->hooks ? "hooks" : NULL);
        if (step->hooks)
            add_hooks(&sha, declaration, step->hooks);
    }
    return fingerprint_end(&sha);
}

Fingerprint command_fingerprint(const Declaration *declaration, char *const *argv)
{
    Sha256 sha;

    fingerprint_begin(&sha);
    add_environment(&sha, &declaration->service_lines);
    add_command(&sha, declaration, argv);
    return fingerprint_end(&sha);
}
