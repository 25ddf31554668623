/* SPDX-License-Identifier: MIT */
/* Renders the parts that all units have in common. */
#include "render.h"

#include "config.h"
#include "declare/command.h"
#include "render-private.h"

void outputs_free(Outputs *outputs)
{
    for (size_t i = 0; i < outputs->n_items; i++) {
        free(outputs->items[i].path);
        free(outputs->items[i].content);
        free(outputs->items[i].link);
    }
    free(outputs->items);
    *outputs = (Outputs){};
}

int output_add(Outputs *outputs, char *path, String *content, char *link)
{
    Output output = {.path = path, .link = link}, *added = NULL;
    int r = 0;

    if (content)
        r = string_finish(content, &output.content);
    if (r == 0 && path && (content || link))
        added = ARRAY_GROW(outputs->items, outputs->n_items);
    if (!added) {
        free(path);
        free(link);
        free(output.content);
        return -ENOMEM;
    }
    *added = output;
    return 0;
}

void append_users(String *s, const char *key, const Declaration *declaration, bool old)
{
    const char *unit;
    bool is_old;

    for (size_t i = 0; (unit = declaration_user(declaration, i, &is_old)); i++)
        if (!unit_is_template(unit) && is_old <= old)
            string_appendf(s, "%s=%s\n", key, unit);
}

void append_mounts_of(String *s, const Items *directories)
{
    for (size_t i = 0; i < directories->n_items; i++) {
        _cleanup_free_ char *word = unit_quote(directories->items[i].value);

        if (!word)
            s->failed = true;
        else
            string_appendf(s, "RequiresMountsFor=%s\n", word);
    }
}

void append_mounts(String *s, const Declaration *declaration)
{
    const Items hosts = {declaration->stamps.items + declaration->n_own_stamps,
                         declaration->stamps.n_items - declaration->n_own_stamps};

    append_mounts_of(s, &declaration->directories);
    append_mounts_of(s, &hosts); /* the list is complete if the declaration is valid */
    string_appendf(s, "RequiresMountsFor=" STORE_DIRECTORY "/%s\n", declaration->name);
}

void append_reader_globs(String *s, const Declaration *declaration, const char *directory)
{
    const char *name = declaration->name;

    for (size_t i = 0; i < declaration->readable_by.n_items; i++) {
        _cleanup_string_ String glob = {};

        string_appendf(&glob, "/{%s/" STAMP_PREFIX "%s=%s", directory + 1, name,
                       declaration->readable_by.items[i].value);
        for (size_t j = 0; j < declaration->accepts.n_items; j++)
            string_appendf(&glob, ",%s/" STAMP_PREFIX "%s=%s", directory + 1, name,
                           declaration->accepts.items[j].value);
        string_append(&glob, "}");
        if (glob.failed) {
            s->failed = true;
            return;
        }
        string_append(s, "ConditionPathExistsGlob=|!");
        append_condition_path(s, glob.text);
        string_append(s, "\n");
    }
}

void append_unit_header(String *s, const Declaration *declaration, const char *description)
{
    string_append(s, HEADER "[Unit]\n");
    string_appendf(s, "Description=%s\n", description);
    string_append(s, "Documentation=man:migrate@.service(8) man:migratectl(1) file:" DOCDIR
                     "/it-failed.md\n");
    string_append(s, "SourcePath=");
    append_condition_path(s, declaration->file + declaration->root_length);
    string_append(s, "\n");
}

void append_hosts(String *s, const Declaration *declaration, const char *unit)
{
    for (size_t i = 0; i < declaration->within.n_items; i++)
        string_appendf(s, "After=%s@%s.service\n", unit, declaration->within.items[i].value);
}
