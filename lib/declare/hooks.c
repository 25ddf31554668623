/* SPDX-License-Identifier: MIT */
/* Checks whether a clone, or Backup= and Restore=, protects what a script changes. */
#include "declare/private.h"

/* Returns why a clone does not protect the changes of these hooks, or NULL. */
static const char *uncovered(const Declaration *declaration, const Hooks *hooks)
{
    if (hooks->external)
        return "External=yes";
    if (declaration->enabled && declaration->directories.n_items == 0)
        return "a state without Directory=";
    return declaration->protect == PROTECT_HOOKS ? "Protect=hooks" : NULL;
}

const char *hooks_unprotected(const Declaration *declaration, const Hooks *hooks)
{
    const char *why = uncovered(declaration, hooks);

    return why && hooks->script.argv && !(hooks->backup.argv && hooks->restore.argv) &&
                   !hooks->warnings
               ? why
               : NULL;
}

const Command *hooks_command(const Hooks *hooks, size_t i, const char **ret_key)
{
    /* The order is that of attempt_fingerprint(). */
    const struct {
        const char *key;
        const Command *command;
    } all[] = {{"Check", &hooks->check},     {"Script", &hooks->script}, {"Backup", &hooks->backup},
               {"Restore", &hooks->restore}, {"Verify", &hooks->verify}, {"Post", &hooks->post}};

    if (i == ELEMENTSOF(all))
        return NULL;
    *ret_key = all[i].key;
    return all[i].command;
}

void hooks_check(Declaration *declaration, const Hooks *hooks, const char *section)
{
    const char *why = hooks_unprotected(declaration, hooks);

    if (!hooks->present)
        return;
    if (hooks->restore.argv && !hooks->script.argv)
        problem_add(&declaration->problems, hooks->restore.origin,
                    "Restore= without Script= has nothing to undo: add Script=, or remove "
                    "Restore=");
    if (hooks->backup.argv && !hooks->script.argv)
        problem_add(&declaration->problems, hooks->backup.origin,
                    "Backup= without Script= has no use: add Script=, or remove Backup=");
    if (why)
        problem_add(&declaration->problems, hooks->origin,
                    "[%s] changes what no clone protects (%s): add Backup= and Restore=, or a "
                    "Warn= that says what cannot be undone",
                    section, why);
}
