/* SPDX-License-Identifier: MIT */
/* Fingerprints attempts, checks consent in the declaration, names steps, and counts interruptions. */
#include "store/attempt.h"

#include "declare/data-path.h"
#include "declare/unit-file.h"
#include "store/record-table.h"

#include <fcntl.h>
#include <sys/stat.h>

bool attempt_is_approved(const Declaration *declaration, const Plan *plan)
{
    for (size_t i = 0; plan->from && i < declaration->approved.n_items; i++) {
        const char *approved = declaration->approved.items[i].value, *colon = strchr(approved, ':');
        size_t length = (size_t)(colon - approved);

        if (strlen(plan->from) == length && strncmp(approved, plan->from, length) == 0 &&
            streq(colon + 1, plan->to))
            return true;
    }
    return false;
}

int attempt_needs_approval(const Declaration *declaration, const Plan *plan, char ***ret_reasons)
{
    _cleanup_strv_ char **reasons = NULL;
    int r = 0;

    if (declaration->policy == POLICY_CONFIRM)
        r = strv_append(&reasons, "Policy=confirm");
    for (size_t i = 0; r == 0 && i < plan->n_steps; i++) {
        const Step *step = plan->steps + i;

        STRV_FOREACH (warning, step->hooks ? step->hooks->warnings : NULL) {
            if (r == 0)
                r = strv_consume(&reasons,
                                 strprintf("%s to %s: %s", step->from, step->to, *warning));
        }
    }
    if (r < 0)
        return r;
    *ret_reasons = TAKE_PTR(reasons);
    return 0;
}

char *attempt_step_name(const Step *step)
{
    if (step->migration && step->migration->kept_in)
        return strprintf("%s to %s, %s (kept from %s)", step->from, step->to, step->migration->id,
                         step->migration->kept_on);
    if (!step->from)
        return strprintf("Init= at version %s", step->to);
    if (step->migration && step->migration->description)
        return strprintf("%s to %s, %s (%s)", step->from, step->to, step->migration->id,
                         step->migration->description);
    return strprintf("%s to %s, %s", step->from, step->to,
                     step->migration ? step->migration->id
                     : step->hooks   ? "[EveryUp]"
                                     : "no migration declared, the stamp moves");
}

/* --- interruptions, requests ----------------------------------------------------------------- */

#define RECORD InterruptionRecord
static const RecordField fields[] = {
    STRING("fingerprint", fingerprint, 0),
    INTEGER("count", count, 0),
};
RECORD_TYPE(interruption_record_type, fields);
#undef RECORD

int interruption_count(const Store *store, const char *fingerprint)
{
    _cleanup_(interruption_record_free) InterruptionRecord record = {};
    int r = interruption_record_read(store, RECORD_INTERRUPTED, &record);

    if (r != 0 || !streq_null(record.fingerprint, fingerprint))
        return 0;
    return record.count < 0 || record.count > INTERRUPTIONS_MAX ? INTERRUPTIONS_MAX
                                                                : (int)record.count;
}

int interruption_add(const Store *store, const char *fingerprint)
{
    return interruption_record_write(
        store, RECORD_INTERRUPTED,
        &(InterruptionRecord){.fingerprint = (char *)fingerprint,
                              .count = interruption_count(store, fingerprint) + 1});
}

#define RECORD RequestRecord
static const RecordField request_fields[] = {STRING("requested", when, 0)};
RECORD_TYPE(request_record_type, request_fields);

int request_write(const Store *store)
{
    _cleanup_free_ char *now = time_format(time_now());

    return now ? request_record_write(store, RECORD_REQUESTED, &(RequestRecord){.when = now})
               : -ENOMEM;
}

/* --- fingerprints ---------------------------------------------------------------------------- */

#define HASHED_WHOLE (UINT64_C(1) << 30) /* only inode, size and times of larger files count */
#define BUFFER_SIZE  (1U << 14)

static void add_big(Sha256 *sha, const struct stat *st)
{
    fingerprint_add_string(sha, "big");
    fingerprint_add(sha, &st->st_ino, sizeof(st->st_ino));
    fingerprint_add(sha, &st->st_size, sizeof(st->st_size));
    fingerprint_add(sha, &st->st_mtim, sizeof(st->st_mtim));
    fingerprint_add(sha, &st->st_ctim, sizeof(st->st_ctim));
}

/* Adds the content of a file as one field. The field is a hash, because the length is only known at
 * the end. */
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

/* Finds the path also in "--file=/usr/lib/app/schema.sql". */
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

/* Hooks may be in files that the declaration's fingerprint does not cover. */
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

/* The variables in the files of EnvironmentFile= may tell scripts what to execute. */
static void add_environment(Sha256 *sha, const UnitLines *lines)
{
    for (size_t i = 0; i < lines->n_items; i++)
        if (streq(lines->items[i].key, "EnvironmentFile"))
            add_file(sha, lines->items[i].value + (lines->items[i].value[0] == '-'));
}

int attempt_drop_ins(const Declaration *declaration, char ***ret_lines)
{
    _cleanup_free_ char *root = strndup(declaration->file, declaration->root_length),
                        *unit = strprintf("migrate@%s.service", declaration->name);
    _cleanup_strv_ char **lines = NULL;
    int r = root && unit ? unit_drop_ins_read(root, unit, NULL, &lines) : -ENOMEM;

    if (r == 0) /* of all services */
        r = unit_drop_ins_read(root, "service", NULL, &lines);
    if (r < 0)
        return r;
    strv_sort(lines);
    *ret_lines = TAKE_PTR(lines);
    return 0;
}

char *exec_next_path(const char **value)
{
    static const char separators[] = " \t\"'=;:@+!|-";

    for (size_t n; **value; *value += n) {
        *value += strspn(*value, separators);
        n = strcspn(*value, " \t\"'=;");
        if (**value == '/') {
            *value += n;
            return strndup(*value - n, n);
        }
    }
    return NULL;
}

static void add_drop_in(Sha256 *sha, const Declaration *declaration, const char *line)
{
    const char *value = strchr(line, '=') + 1;

    fingerprint_add_string(sha, line);
    if (startswith(line, "EnvironmentFile="))
        add_file(sha, value + (*value == '-'));
    if (!startswith(line, "Exec"))
        return;
    for (char *path; (path = exec_next_path(&value)); free(path))
        if (command_file(declaration, path))
            add_file(sha, path);
}

Fingerprint attempt_fingerprint(const Declaration *declaration, const Plan *plan)
{
    _cleanup_strv_ char **drop_ins = NULL;
    Sha256 sha;

    fingerprint_begin(&sha);
    fingerprint_add_string(&sha, declaration->fingerprint.hex);
    add_environment(&sha, &declaration->service_lines);
    if (attempt_drop_ins(declaration, &drop_ins) < 0)
        fingerprint_add_string(&sha, NULL);
    STRV_FOREACH (line, drop_ins)
        add_drop_in(&sha, declaration, *line);
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
