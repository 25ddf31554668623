/* SPDX-License-Identifier: MIT */
/* The migrations of one declaration, looked at together: linear ones get their From=,
 * contradictions are found. */
#include "declaration-private.h"

static int compare_to(const void *a, const void *b)
{
    const Migration *x = *(Migration *const *)a, *y = *(Migration *const *)b;
    int r = version_compare(version_range_exact(&x->to), version_range_exact(&y->to));

    return r ? r : strcmp(x->id, y->id);
}

/* Two spellings of one version would be two stamps for one state. */
static void check_spellings(Declaration *declaration)
{
    for (size_t i = 0; i < declaration->n_migrations; i++) {
        const Migration *migration = declaration->migrations + i;
        const char *to = version_range_exact(&migration->to), *version = declaration->version.value;

        if (to && version && version_compare(to, version) == 0 && !streq(to, version))
            problem_add(&declaration->problems, migration->to_origin,
                        "To=%s is another spelling of Version=%s: use one of them", to, version);
    }
}

static void check_direction(Declaration *declaration, const Migration *migration)
{
    const char *to = version_range_exact(&migration->to);

    for (size_t i = 0; to && i < migration->n_from; i++) {
        const char *from = version_range_exact(migration->from + i);

        if (from && version_compare(from, to) >= 0)
            problem_add(
                &declaration->problems, migration->from_origin,
                "From=%s is not older than To=%s: the way back is [Down] of the same migration",
                from, to);
    }
}

/* As in RFC 0155's list: each starts where the preceding one ended; the first from anywhere older.
 */
static int link_linear(Declaration *declaration, Migration **linear, size_t n)
{
    qsort(linear, n, sizeof(Migration *), compare_to);
    for (size_t i = 0; i < n; i++) {
        const char *to = version_range_exact(&linear[i]->to);
        const char *preceding = i > 0 ? version_range_exact(&linear[i - 1]->to) : NULL;
        VersionRange *range;
        int r = 0;

        if (preceding && version_compare(preceding, to) == 0) {
            problem_add(&declaration->problems, linear[i]->to_origin,
                        "To=%s is also where '%s' leads, and neither has From=", to,
                        linear[i - 1]->file);
            continue;
        }
        range = ARRAY_GROW(linear[i]->from, linear[i]->n_from);
        if (!range)
            return -ENOMEM;
        if (preceding)
            r = version_range_add(range, VERSION_GREATER_EQUAL, preceding);
        if (r == 0)
            r = version_range_add(range, VERSION_LESS, to);
        if (r < 0)
            return r;
    }
    return 0;
}

/* Is the declared version an end of any migration at all? If not, nothing can ever lead there. */
static bool version_is_known(const Declaration *declaration)
{
    const char *version = declaration->version.value;

    for (size_t i = 0; i < declaration->n_migrations; i++) {
        const Migration *migration = declaration->migrations + i;

        if (version_range_holds(&migration->to, version))
            return true;
        for (size_t j = 0; j < migration->n_from; j++)
            if (version_range_holds(migration->from + j, version))
                return true;
    }
    return declaration->n_migrations == 0;
}

int migrations_link(Declaration *declaration)
{
    _cleanup_free_ Migration **linear = NULL;
    size_t n_linear = 0;
    int r;

    for (size_t i = 0; i < declaration->n_migrations; i++) {
        Migration *migration = declaration->migrations + i;

        if (migration->linear && version_range_exact(&migration->to)) {
            Migration **added = ARRAY_GROW(linear, n_linear);

            if (!added)
                return -ENOMEM;
            *added = migration;
        }
        check_direction(declaration, migration);
    }
    r = linear ? link_linear(declaration, linear, n_linear) : 0;
    if (r < 0)
        return r;
    check_spellings(declaration);
    if (declaration->version.value && declaration->gaps == GAPS_REFUSE &&
        !declaration->every_up.present && !declaration_is_broken(declaration) &&
        !version_is_known(declaration))
        problem_add(
            &declaration->problems, declaration->version.origin,
            "Version=%s: no migration leads to it (a wrong version, or Gaps=allow is missing)",
            declaration->version.value);
    return 0;
}
