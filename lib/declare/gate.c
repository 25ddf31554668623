/* SPDX-License-Identifier: MIT */
/* Makes gates, and the globs in their assertions. */
#include "declare/gate.h"

#include "declare/private.h"

#include <assert.h>

void gate_free(Gate *gate)
{
    free(gate->name);
    free(gate->assertions);
    *gate = (Gate){};
}

/* --- the glob of accepted stamps --------------------------------------------------------------- */

static bool condition_path_is_read(const char *path)
{
    if (strlen(path) > CONDITION_PATH_MAX)
        return false;
    for (; *path; path += strspn(path, "/")) {
        size_t length = strcspn(path, "/");

        if (length > CONDITION_COMPONENT_MAX)
            return false;
        path += length;
    }
    return true;
}

/* Returns accepted version i: first Version=, then Accepts=, then further (may be NULL). */
static const char *accepted_version(const Declaration *declaration, const char *further, size_t i)
{
    return i == 0                              ? declaration->version.value
           : i <= declaration->accepts.n_items ? declaration->accepts.items[i - 1].value
                                               : further;
}

/* Appends "DIRECTORY/STEM17," or "DIRECTORY/STEM{17,16},". If the versions do not fit between two
 * slashes, the alternative is repeated with the remaining versions. */
static void append_alternatives(String *s, const Declaration *declaration, const char *further,
                                const char *directory, const char *stem)
{
    size_t n = 1 + declaration->accepts.n_items + (further ? 1 : 0);
    /* Between the same two slashes, the first component of the next path may follow. */
    size_t taken = strlen(stem) + strlen("{},") + MAX(strcspn(directory, "/"), sizeof("var") - 1);

    for (size_t first = 0, end; first < n; first = end) {
        size_t length = taken;

        for (end = first; end < n; end++) {
            length += strlen(accepted_version(declaration, further, end)) + 1;
            if (end > first && length > CONDITION_COMPONENT_MAX)
                break;
        }
        string_appendf(s, "%s/%s%s", directory, stem, end - first > 1 ? "{" : "");
        for (size_t i = first; i < end; i++)
            string_appendf(s, "%s%s", i > first ? "," : "",
                           accepted_version(declaration, further, i));
        string_append(s, end - first > 1 ? "}," : ",");
    }
}

int declaration_glob(const Declaration *declaration, const char *directory, char **ret)
{
    _cleanup_free_ char *stem = strprintf(STAMP_PREFIX "%s=", declaration->name);
    _cleanup_free_ char *store = strprintf(STORE_DIRECTORY "/%s", declaration->name);
    _cleanup_free_ char *glob = NULL, *self = NULL;
    _cleanup_string_ String s = {};
    int r;

    /* Only this software may continue on a state that it is migrating itself. */
    if (declaration->self_migrating)
        self = strprintf("*" VERSION_SELF "%s", declaration->version.value);
    if (!stem || !store || (declaration->self_migrating && !self))
        return -ENOMEM;
    string_append(&s, "/{");
    append_alternatives(&s, declaration, self, directory + 1, stem);
    append_alternatives(&s, declaration, NULL, store + 1, "fresh=");
    r = string_finish(&s, &glob);
    if (r < 0)
        return r;
    glob[strlen(glob) - 1] = '}'; /* replaces the last comma */
    if (!condition_path_is_read(glob))
        return -E2BIG;
    *ret = TAKE_PTR(glob);
    return 0;
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
    ITEMS_FOREACH (directory, &declaration->stamps) {
        _cleanup_free_ char *glob = NULL;

        if (declaration_glob(declaration, directory->value, &glob) < 0) {
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
    /* See declared_read(): after newer software was declared, Detect= is asked before a start. */
    if (declaration->detect.argv)
        string_appendf(s, "AssertPathExists=!" STORE_DIRECTORY "/%s/asks=%s\n", declaration->name,
                       declaration->version.value);
    append_stamp_globs(s, "AssertPathExistsGlob=", declaration);
}

static void append_moved_on(String *s, const Declaration *declaration, const char *assertion,
                            const char *version)
{
    ITEMS_FOREACH (directory, &declaration->stamps) {
        string_appendf(s, "%s=!", assertion);
        append_condition_path(s, directory->value);
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
 * for a running service stays active when its file changes, so changed assertions need another
 * gate. */
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

    /* If the declaration is invalid, the state may have left the version of the older software, so
     * the gate stays closed. */
    if (declaration_is_broken(declaration))
        return gate_make(declaration, ret);
    string_appendf(&s, "AssertPathExists=!" STORE_DIRECTORY "/%s/transaction\n", declaration->name);
    string_appendf(&s, "AssertPathExistsGlob=!" STORE_DIRECTORY "/%s/fresh=*\n", declaration->name);
    append_moved_on(&s, declaration, "AssertPathExists", declaration->version.value);
    append_moved_on(&s, declaration, "AssertPathExistsGlob", "*:*"); /* between two versions */
    ITEMS_FOREACH (accepted, &declaration->accepts)
        if (version_compare(accepted->value, declaration->version.value) > 0)
            append_moved_on(&s, declaration, "AssertPathExists", accepted->value);
    return make(declaration, "old", &s, ret);
}
