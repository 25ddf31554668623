/* SPDX-License-Identifier: MIT */
/* migratectl log: runs journalctl for the units in which a service is migrated. */
#include "look/common.h"
#include "show/verbs.h"

/* Refuses a name that nobody has used. Without root, records cannot tell. */
static Result check_name(const Declarations *declarations, const char *name)
{
    _cleanup_store_ Store store = STORE_NONE;

    if (declarations_find(declarations, name) || store_open(NULL, name, false, &store) != -ENOENT)
        return RESULT_DONE;
    return refuse_undeclared(name);
}

static int add_units(const char *name, char ***arguments)
{
    static const char *const units[] = {"migrate", "migrate-post", "migrate-settle",
                                        "migrate-rehearse"};
    int r = 0;

    for (size_t i = 0; r == 0 && i < ELEMENTSOF(units); i++)
        r = strv_consume(arguments, strprintf("--unit=%s@%s.service", units[i], name));
    return r;
}

static int add_options(char ***arguments)
{
    int r = strv_append(arguments, "journalctl");

    if (r == 0 && options.lines > 0)
        r = strv_consume(arguments, strprintf("--lines=%zu", options.lines));
    if (r == 0 && options.follow)
        r = strv_append(arguments, "--follow");
    if (r == 0 && options.no_pager)
        r = strv_append(arguments, "--no-pager");
    return r == 0 && options.quiet ? strv_append(arguments, "--quiet") : r;
}

int ctl_log(char **names)
{
    _cleanup_(declarations_free) Declarations declarations = {};
    _cleanup_strv_ char **arguments = NULL;
    Result result = read_declarations(&declarations);

    if (result == RESULT_DONE && add_options(&arguments) < 0)
        result = complain_memory();
    STRV_FOREACH (name, names) {
        if (result == RESULT_DONE)
            result = check_name(&declarations, *name);
        if (result == RESULT_DONE && add_units(*name, &arguments) < 0)
            result = complain_memory();
    }
    if (result != RESULT_DONE)
        return result;
    execvp(arguments[0], arguments);
    return fail(RESULT_FAILED, "cannot run journalctl: %s", strerror(errno));
}
