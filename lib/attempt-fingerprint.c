/* SPDX-License-Identifier: MIT */
/* What makes one attempt another: of the declaration, of the plan, of the files that its commands
 * name. Decides nothing. */
#include "attempt.h"

#include "data-path.h"

#include <fcntl.h>
#include <sys/stat.h>

/* Up to here every byte counts, whatever size and times say. Nobody's script is bigger; what is,
 * is known by what cannot be kept when it is written to. */
#define HASHED_WHOLE (UINT64_C(1) << 30)
#define BUFFER_SIZE  (1U << 16)

static uint64_t hash_big(uint64_t hash, const struct stat *st)
{
    hash = hash_bytes(hash, &st->st_ino, sizeof(st->st_ino));
    hash = hash_bytes(hash, &st->st_size, sizeof(st->st_size));
    hash = hash_bytes(hash, &st->st_mtim, sizeof(st->st_mtim));
    return hash_bytes(hash, &st->st_ctim, sizeof(st->st_ctim));
}

static uint64_t hash_content(uint64_t hash, int fd)
{
    _cleanup_free_ char *buffer = malloc(BUFFER_SIZE);
    uint64_t size = 0;
    ssize_t n = -1;

    while (buffer && size < HASHED_WHOLE && (n = read(fd, buffer, BUFFER_SIZE)) > 0) {
        hash = hash_bytes(hash, buffer, (size_t)n);
        size += (uint64_t)n;
    }
    hash = hash_bytes(hash, &size, sizeof(size));
    return n < 0 ? hash_string(hash, NULL) : hash;
}

static uint64_t hash_file(uint64_t hash, const char *path)
{
    /* Whatever is there must not keep us waiting. */
    _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return hash_string(hash, NULL);
    return (uint64_t)st.st_size > HASHED_WHOLE ? hash_big(hash, &st) : hash_content(hash, fd);
}

/* "/usr/lib/app/migrate.sh" behind an interpreter, "--file=/usr/lib/app/schema.sql" */
static uint64_t hash_argument(uint64_t hash, const Declaration *declaration, const char *word)
{
    const char *path = word[0] == '/' ? word : strchr(word, '=');

    hash = hash_string(hash, word);
    if (!path)
        return hash;
    path += *path == '=';
    return path[0] == '/' && !path_is_data(declaration, path) ? hash_file(hash, path) : hash;
}

static uint64_t hash_command(uint64_t hash, const Declaration *declaration, const Command *command)
{
    if (!command->argv)
        return hash_string(hash, NULL);
    hash = hash_file(hash_string(hash, command->argv[0]), command->argv[0]);
    STRV_FOREACH (word, command->argv + 1)
        hash = hash_argument(hash, declaration, *word);
    return hash;
}

/* Steps may come from elsewhere than the declaration's own files, so what they say counts, too. */
static uint64_t hash_hooks(uint64_t hash, const Declaration *declaration, const Hooks *hooks)
{
    const Command *commands[] = {&hooks->check,   &hooks->script, &hooks->backup,
                                 &hooks->restore, &hooks->verify, &hooks->post};

    for (size_t i = 0; i < ELEMENTSOF(commands); i++)
        hash = hash_command(hash, declaration, commands[i]);
    STRV_FOREACH (warning, hooks->warnings)
        hash = hash_string(hash, *warning);
    return hash_bytes(hash, &hooks->external, sizeof(hooks->external));
}

uint64_t attempt_fingerprint(const Declaration *declaration, const Plan *plan)
{
    uint64_t hash = declaration->fingerprint;

    hash = hash_string(hash, plan->from);
    hash = hash_string(hash, plan->to);
    for (size_t i = 0; i < plan->n_steps; i++) {
        const Step *step = plan->steps + i;

        hash = hash_string(hash_string(hash, step->from), step->to);
        hash = hash_string(hash, step->migration ? step->migration->id : NULL);
        if (step->hooks)
            hash = hash_hooks(hash, declaration, step->hooks);
    }
    return hash;
}
