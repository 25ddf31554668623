/* SPDX-License-Identifier: MIT */
/* Checks the migrations of one declaration together: gives linear ones their From=, and finds
 * contradictions. */
#include "declare/private.h"

static int compare_to(const void *a, const void *b)
{
    const Migration *x = *(Migration *const *)a, *y = *(Migration *const *)b;
    int r = version_compare(version_range_exact(&x->to), version_range_exact(&y->to));

    return r ? r : strcmp(x->id, y->id);
}

/* A version in a declaration, and the key that names it. */
typedef struct Mention {
    const char *key, *version;
    Origin origin;
    size_t order;
} Mention;

typedef struct Mentions {
    Mention *items;
    size_t n_items;
    bool failed; /* out of memory */
} Mentions;

static void mentions_free(Mentions *mentions)
{
    free(mentions->items);
}

static void mention(Mentions *mentions, const char *key, const char *version, Origin origin)
{
    Mention *added = version ? ARRAY_GROW(mentions->items, mentions->n_items) : NULL;

    if (added)
        *added = (Mention){key, version, origin, mentions->n_items};
    else if (version)
        mentions->failed = true;
}

static int compare_mentions(const void *a, const void *b)
{
    const Mention *x = a, *y = b;
    int r = version_compare(x->version, y->version);

    return r ? r : (x->order > y->order) - (x->order < y->order);
}

/* Reports two spellings of one version, which would make two stamps for one state. */
static int check_spellings(Declaration *declaration)
{
    _cleanup_(mentions_free) Mentions mentions = {};
    const Item *version = &declaration->version, *unversioned = &declaration->unversioned;
    const Mention *first = NULL;

    mention(&mentions, "Version", version->value, version->origin);
    mention(&mentions, "Unversioned", unversioned->value, unversioned->origin);
    ITEMS_FOREACH (item, &declaration->readable_by)
        mention(&mentions, "ReadableBy", item->value, item->origin);
    ITEMS_FOREACH (item, &declaration->accepts)
        mention(&mentions, "Accepts", item->value, item->origin);
    ARRAY_FOREACH (migration, declaration->migrations, declaration->n_migrations) {
        ARRAY_FOREACH (from, migration->from, migration->n_from)
            mention(&mentions, "From", version_range_exact(&from->range), from->origin);
        mention(&mentions, "To", version_range_exact(&migration->to), migration->to_origin);
    }
    if (mentions.failed)
        return -ENOMEM;
    ARRAY_SORT(mentions.items, mentions.n_items, compare_mentions);
    ITEMS_FOREACH (other, &mentions) {
        if (!first || version_compare(first->version, other->version) != 0)
            first = other;
        else if (!streq(first->version, other->version))
            PROBLEM(other->origin,
                    "%s=%s is another spelling of %s=%s: use the same spelling for both",
                    other->key, other->version, first->key, first->version);
    }
    return 0;
}

/* Returns the comparison that makes the range begin at version to or later, or NULL. */
static const VersionTest *test_beyond(const VersionRange *range, const char *to)
{
    ARRAY_FOREACH (test, range->tests, range->n_tests) {
        if (!(test->op & VERSION_LESS) && version_compare(test->version, to) >= 0)
            return test;
    }
    return NULL;
}

static void check_direction(Declaration *declaration, const Migration *migration)
{
    const char *to = version_range_exact(&migration->to);

    for (size_t i = 0; to && i < migration->n_from; i++) {
        const VersionTest *test = test_beyond(&migration->from[i].range, to);

        if (test)
            PROBLEM(migration->from[i].origin,
                    "From=%s%s is not older than To=%s: write the way back as [Down] of the "
                    "migration that leads up",
                    test->op == VERSION_EQUAL     ? ""
                    : test->op == VERSION_GREATER ? ">"
                                                  : ">=",
                    test->version, to);
    }
}

/* Gives each linear migration its From= as in RFC 0155: a migration starts where the preceding
 * migration ends, and the first migration starts at any older version. */
static int link_linear(Declaration *declaration, Migration **linear, size_t n)
{
    qsort(linear, n, sizeof(Migration *), compare_to);
    for (size_t i = 0; i < n; i++) {
        const char *to = version_range_exact(&linear[i]->to);
        const char *preceding = i > 0 ? version_range_exact(&linear[i - 1]->to) : NULL;
        From *from;
        int r = 0;

        if (preceding && version_compare(preceding, to) == 0) {
            PROBLEM(linear[i]->to_origin,
                    "To=%s is also the target of '%s', and neither has From=: add From=", to,
                    linear[i - 1]->file);
            continue;
        }
        from = ARRAY_GROW(linear[i]->from, linear[i]->n_from);
        if (!from)
            return -ENOMEM;
        if (preceding)
            r = version_range_add(&from->range, VERSION_GREATER_EQUAL, preceding);
        if (r == 0)
            r = version_range_add(&from->range, VERSION_LESS, to);
        if (r < 0)
            return r;
    }
    return 0;
}

/* Does a migration lead to Version=, or start there? If not, no plan can lead to Version=. */
static bool version_is_known(const Declaration *declaration)
{
    const char *version = declaration->version.value;

    ARRAY_FOREACH (migration, declaration->migrations, declaration->n_migrations) {
        const char *to = version_range_exact(&migration->to);

        if (version_range_holds(&migration->to, version))
            return true;
        /* A version from which a migration starts also exists, if it is older than the target. */
        for (size_t j = 0; j < migration->n_from; j++)
            if (version_range_holds(&migration->from[j].range, version) &&
                (!to || version_compare(version, to) < 0))
                return true;
    }
    return declaration->n_migrations == 0;
}

int migrations_link(Declaration *declaration)
{
    _cleanup_free_ Migration **linear = NULL;
    size_t n_linear = 0;
    int r;

    ARRAY_FOREACH (migration, declaration->migrations, declaration->n_migrations) {
        if (migration->linear && version_range_exact(&migration->to)) {
            Migration **added = ARRAY_GROW(linear, n_linear);

            if (!added)
                return -ENOMEM;
            *added = migration;
        }
        check_direction(declaration, migration);
    }
    r = linear ? link_linear(declaration, linear, n_linear) : 0;
    if (r == 0)
        r = check_spellings(declaration);
    if (r < 0)
        return r;
    if (declaration->version.value && declaration->gaps == GAPS_REFUSE &&
        !declaration->every_up.present && !declaration_is_broken(declaration) &&
        !version_is_known(declaration))
        PROBLEM(declaration->version.origin,
                "Version=%s: no migration leads to this version: correct it, add a migration, or "
                "set Gaps=allow",
                declaration->version.value);
    return 0;
}
