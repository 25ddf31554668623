/* SPDX-License-Identifier: MIT */
/* Makes gates. */
#include "declare/gate.h"

#include <assert.h>

void gate_free(Gate *gate)
{
    free(gate->name);
    free(gate->assertions);
    *gate = (Gate){};
}

/* --- assertions ------------------------------------------------------------------------------- */

void append_condition_path(String *s, const char *path)
{
    for (const char *percent; (percent = strchr(path, '%')); path = percent + 1)
        string_appendf(s, "%.*s%%%%", (int)(percent - path), path);
    string_append(s, path);
}

void append_stamp_globs(String *s, const char *prefix, const Declaration *declaration)
{
    for (size_t i = 0; i < declaration->stamps.n_items; i++) {
        _cleanup_free_ char *glob = NULL;

        if (declaration_glob(declaration, declaration->stamps.items[i].value, &glob) < 0) {
            s->failed = true;
            return;
        }
        string_append(s, prefix);
        append_condition_path(s, glob);
        string_append(s, "\n");
    }
}

/* Can the file's name be written in a unit without quotes? */
static bool is_plain(const char *path)
{
    while (*path > ' ' && *path <= '~')
        path++;
    return !*path;
}

/* Appends an assertion that never holds: its path is below a regular file. The path, which
 * systemctl status prints, names the first problem and its file. */
static void append_closed(String *s, const Declaration *declaration)
{
    const Problem *first = declaration->problems.items;
    const char *file = declaration->file;
    unsigned line = 0;

    if (first && first->file && is_plain(first->file)) {
        file = first->file;
        line = first->line;
    }
    string_append(s, "AssertPathExists=");
    append_condition_path(s, file + declaration->root_length);
    if (line > 0)
        string_appendf(s, "/invalid-in-line-%u", line);
    else
        string_append(s, "/invalid");
    string_append(s, "-see-migratectl-check\n");
}

static void append_assertions(String *s, const Declaration *declaration)
{
    string_appendf(s, "AssertPathExists=!" STORE_DIRECTORY "/%s/transaction\n", declaration->name);
    append_stamp_globs(s, "AssertPathExistsGlob=", declaration);
}

static void append_moved_on(String *s, const Declaration *declaration, const char *assertion,
                            const char *version)
{
    for (size_t i = 0; i < declaration->stamps.n_items; i++) {
        string_appendf(s, "%s=!", assertion);
        append_condition_path(s, declaration->stamps.items[i].value);
        string_appendf(s, "/" STAMP_PREFIX "%s=%s\n", declaration->name, version);
    }
}

/* --- the name -------------------------------------------------------------------------------- */

/* Appends the version with an escape for "+", "~" and "^", which are not allowed in unit names. */
static void append_escaped(String *s, const char *version)
{
    for (; *version; version++)
        string_appendf(s, strchr("+~^", *version) ? "\\x%02x" : "%c", (unsigned char)*version);
}

/* A unit name has at most 255 bytes, including the longest NAME, the hash and the constant
 * parts. */
#define GATE_VERSION_MAX 128

/* Names a gate by its version, for people, and by a hash of its assertions. A gate that is active
 * for a running service stays active when its file changes, so different assertions need another
 * unit. */
static char *name_gate(const Declaration *declaration, const char *kind, const char *assertions)
{
    uint64_t hash = hash_string(hash_string(HASH_INIT, declaration->name), assertions);
    _cleanup_string_ String s = {}, version = {};
    char *name;

    if (!*kind)
        append_escaped(&version, declaration->version.value);
    if (version.length > GATE_VERSION_MAX)
        kind = "version";
    string_appendf(&s, "migrated@%s-%s", declaration->name, kind);
    if (!*kind && version.text)
        string_append(&s, version.text);
    string_appendf(&s, "-%016llx.target", (unsigned long long)hash);
    if (version.failed)
        return NULL;
    return string_finish(&s, &name) < 0 ? NULL : name;
}

/* Makes a gate, and takes ownership of the text in s. */
static int make(const Declaration *declaration, const char *kind, String *s, Gate *ret)
{
    _cleanup_(gate_free) Gate gate = {};
    int r = string_finish(s, &gate.assertions);

    if (r < 0)
        return r;
    gate.name = name_gate(declaration, kind, gate.assertions);
    if (!gate.name)
        return -ENOMEM;
    *ret = TAKE_STRUCT(gate);
    return 0;
}

int gate_make(const Declaration *declaration, Gate *ret)
{
    bool broken = declaration_is_broken(declaration);
    _cleanup_string_ String s = {};

    assert(declaration->enabled);
    if (broken)
        append_closed(&s, declaration);
    else
        append_assertions(&s, declaration);
    return make(declaration, broken ? "invalid" : "", &s, ret);
}

int gate_make_old(const Declaration *declaration, Gate *ret)
{
    _cleanup_string_ String s = {};

    /* An invalid declaration does not say whether the state has left the version of the older
     * software. */
    if (declaration_is_broken(declaration))
        return gate_make(declaration, ret);
    string_appendf(&s, "AssertPathExists=!" STORE_DIRECTORY "/%s/transaction\n", declaration->name);
    string_appendf(&s, "AssertPathExistsGlob=!" STORE_DIRECTORY "/%s/fresh=*\n", declaration->name);
    append_moved_on(&s, declaration, "AssertPathExists", declaration->version.value);
    append_moved_on(&s, declaration, "AssertPathExistsGlob", "*:*"); /* between two versions */
    for (size_t i = 0; i < declaration->accepts.n_items; i++)
        if (version_compare(declaration->accepts.items[i].value, declaration->version.value) > 0)
            append_moved_on(&s, declaration, "AssertPathExists",
                            declaration->accepts.items[i].value);
    return make(declaration, "old", &s, ret);
}
