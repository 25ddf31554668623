/* SPDX-License-Identifier: MIT */
/* The first steps of many verbs, and the messages of these steps. */
#include "look/common.h"

#include "basic/result.h"
#include "declare/declaration.h"
#include "store/store.h"
#include "terminal/options.h"
#include "terminal/output.h"

int read_declarations(Declarations *ret)
{
    int r = declarations_read(options.root, ret);

    if (r < 0) {
        complain("cannot read the declarations: %s", strerror(-r));
        return RESULT_FAILED;
    }
    return RESULT_DONE;
}

int refuse_undeclared(const char *name)
{
    if (options.root)
        complain(
            "nothing declares '%s': there is no %s.ini in any migrate.d directory below %s. To "
            "see all declarations, run: migratectl --root=%s status --all",
            name, name, options.root, options.root);
    else
        complain("nothing declares '%s': there is no %s.ini in any migrate.d directory. To see all "
                 "declarations, run: migratectl status --all",
                 name, name);
    return RESULT_REFUSED;
}

int refuse_invalid(const Declaration *declaration)
{
    for (size_t i = 0; i < declaration->problems.n_items; i++) {
        _cleanup_free_ char *line = problem_format(declaration->problems.items + i);

        print_error("%s", line ? line : "out of memory");
    }
    complain(
        "the declaration of %s is invalid, so nothing was done. Correct it, then run: systemctl "
        "daemon-reload",
        declaration->name);
    return RESULT_INVALID;
}

int find_declaration(const char *name, Declarations *ret_declarations, const Declaration **ret)
{
    int r = read_declarations(ret_declarations);

    if (r != RESULT_DONE)
        return r;
    *ret = declarations_find(ret_declarations, name);
    if (!*ret)
        return refuse_undeclared(name);
    return declaration_is_broken(*ret) ? refuse_invalid(*ret) : RESULT_DONE;
}

int refuse_store(const char *name, int error)
{
    complain("%s: cannot open " STORE_DIRECTORY "/%s: %s", name, name,
             error == -EPERM ? "users other than root own it or can write to it"
                             : strerror(-error));
    return RESULT_FAILED;
}

int refuse_busy(const char *name)
{
    complain("%s: a migration is running. Run: systemctl status migrate@%s", name, name);
    return RESULT_BUSY;
}

int require_root(const char *verb)
{
    if (geteuid() == 0)
        return RESULT_DONE;
    complain("'%s' needs root. Run: sudo migratectl %s …", verb, verb);
    return RESULT_FAILED;
}
