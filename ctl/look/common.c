/* SPDX-License-Identifier: MIT */
/* Has the first steps of many verbs, and the messages of these steps. */
#include "look/common.h"

#include "basic/text.h"
#include "look/helper.h"
#include "look/service.h"
#include "place/place.h"
#include "terminal/output.h"

Result read_declarations(Declarations *ret)
{
    int r = declarations_read(options.root, ret);

    if (r < 0)
        return fail(RESULT_FAILED, "cannot read the declarations: %s", strerror(-r));
    return RESULT_DONE;
}

/* Says which gates systemd still has from a declaration that is gone. */
static void say_left(const char *name)
{
    _cleanup_(declarations_free) Declarations declarations = {};
    _cleanup_strv_ char **left = NULL;

    if (declarations_read(options.root, &declarations) < 0 ||
        left_gates_find(&declarations, name, &left) < 0)
        return;
    STRV_FOREACH (sentence, left)
        complain("%s", *sentence);
}

/* Returns the declared name that somebody most likely means. The caller owns the string; NULL: there
 * is none. */
static char *nearest_name(const char *name)
{
    _cleanup_(declarations_free) Declarations declarations = {};
    _cleanup_strv_ char **names = NULL;
    const char *nearest;

    if (declarations_read(options.root, &declarations) < 0)
        return NULL;
    ITEMS_FOREACH (declaration, &declarations)
        if (strv_append(&names, declaration->name) < 0)
            return NULL;
    nearest = text_nearest(name, names);
    return nearest ? strdup(nearest) : NULL;
}

Result refuse_undeclared(const char *name)
{
    _cleanup_free_ char *nearest = nearest_name(name);

    if (nearest)
        complain("nothing declares '%s'. Did you mean: %s", name, nearest);
    else if (options.root)
        complain(
            "nothing declares '%s': there is no %s.ini in any migrate.d directory below %s. To "
            "see all declarations, run: migratectl --root=%s status --all",
            name, name, options.root, options.root);
    else
        complain("nothing declares '%s': there is no %s.ini in any migrate.d directory. To see all "
                 "declarations, run: migratectl status --all",
                 name, name);
    say_left(name);
    return RESULT_REFUSED;
}

Result refuse_invalid(const Declaration *declaration)
{
    for (size_t i = 0; i < declaration->problems.n_items; i++) {
        _cleanup_free_ char *line = problem_format(declaration->problems.items + i);

        print_error("%s", line ? line : "out of memory");
    }
    return fail(
        RESULT_INVALID,
        "the declaration of %s is invalid, so nothing was done. Correct it, then run: migratectl "
        "start %s",
        declaration->name, declaration->name);
}

Result find_declaration(const char *name, Declarations *ret_declarations, const Declaration **ret)
{
    Result result = read_declarations(ret_declarations);

    if (result != RESULT_DONE)
        return result;
    *ret = declarations_find(ret_declarations, name);
    if (!*ret)
        return refuse_undeclared(name);
    return declaration_is_broken(*ret) ? refuse_invalid(*ret) : RESULT_DONE;
}

Result find_settled(const char *verb, const char *name, Declarations *ret_declarations,
                    const Declaration **ret)
{
    Result r = options.root ? RESULT_DONE : require_root(verb);

    if (r == RESULT_DONE)
        r = find_declaration(name, ret_declarations, ret);
    return r == RESULT_DONE && !options.root ? helper_call("settle", name, NULL) : r;
}

Result refuse_version(const char *version)
{
    if (streq(version, "VERSION"))
        return fail(RESULT_USAGE, "VERSION stands for the version that the data has: find it out, "
                                  "and write it instead");
    if (version_is_valid(version))
        return RESULT_DONE;
    return fail(
        RESULT_USAGE,
        "'%s' is not a valid version: use letters, digits, '.', '_', '+', '-', '~' and '^', "
        "at most %d characters",
        version, VERSION_LENGTH_MAX);
}

Result refuse_store(const char *name, int error)
{
    return fail(RESULT_FAILED, "%s: cannot open " STORE_DIRECTORY "/%s: %s", name, name,
                error == -EPERM ? "users other than root own it or can write to it"
                                : strerror(-error));
}

Result open_locked_store(const char *name, bool create, Store *ret)
{
    int error = store_open(NULL, name, create, ret);
    int locked = error == 0 ? store_lock_wait(ret) : error;

    if (locked == 1)
        return fail(
            RESULT_BUSY,
            "%s: a migration or its Post= hooks are running. Run: systemctl status migrate@%s "
            "migrate-post@%s",
            name, name, name);
    return locked == 0 || (locked == -ENOENT && !create) ? RESULT_DONE : refuse_store(name, locked);
}

int describe_visible(const Declaration *declaration, char ***ret)
{
    _cleanup_free_ char *store = strprintf(STORE_DIRECTORY "/%s", declaration->name);

    return options.root ? 0 : store ? place_find_bases(declaration, store, NULL, ret) : -ENOMEM;
}

Result require_root(const char *verb)
{
    if (geteuid() == 0)
        return RESULT_DONE;
    return fail(RESULT_FAILED, "'%s' needs root. Run: sudo migratectl %s …", verb, verb);
}
