/* SPDX-License-Identifier: MIT */
/* What several verbs begin with. */
#include "ctl.h"
#include "output.h"

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
    complain(
        "nothing declares '%s': there is no %s.ini in any migrate.d directory%s%s. To see what "
        "is declared: migratectl status --all",
        name, name, options.root ? " below " : "", options.root ? options.root : "");
    return RESULT_REFUSED;
}

int refuse_invalid(const Declaration *declaration)
{
    for (size_t i = 0; i < declaration->problems.n_items; i++) {
        _cleanup_free_ char *line = problem_format(declaration->problems.items + i);

        fprintf(stderr, "%s\n", line ? line : "out of memory");
    }
    complain("the declaration of %s is invalid, so nothing was done. Correct that, then type: "
             "systemctl daemon-reload",
             declaration->name);
    return RESULT_INVALID;
}

int require_root(const char *verb)
{
    if (geteuid() == 0)
        return RESULT_DONE;
    complain("'%s' takes root: sudo migratectl %s …", verb, verb);
    return RESULT_FAILED;
}
