/* SPDX-License-Identifier: MIT */
/* Plans of random graphs, compared with a search that tries every way. */
#include "declare/plan-fixture.h"

#include "test.h"

#define VERSIONS 9 /* "1" to "9" */
#define EDGES    10

typedef struct Way {
    unsigned gaps, steps;
    unsigned char edges[VERSIONS]; /* EDGES: a gap */
    unsigned n_edges;
} Way;

typedef struct Random {
    Declaration declaration;
    Migration migrations[EDGES];
    Lineage lineage;
    unsigned from_least[EDGES], from_most[EDGES], to[EDGES];
    unsigned origin[EDGES]; /* where the way back leads; 0: not known */
    bool node[VERSIONS + 1];
    unsigned start, end;
} Random;

/* Fewer gaps, then fewer steps, then the files that come first by name. */
static int compare_ways(const Way *a, const Way *b)
{
    if (a->gaps != b->gaps)
        return a->gaps < b->gaps ? -1 : 1;
    if (a->steps != b->steps)
        return a->steps < b->steps ? -1 : 1;
    return memcmp(a->edges, b->edges, VERSIONS);
}

/* Where an edge leads from there, 0: nowhere. */
static unsigned follow(const Random *random, unsigned e, unsigned at)
{
    bool down = random->start > random->end;
    unsigned next = 0;

    if (e < random->declaration.n_migrations) {
        if (down)
            next = at == random->to[e] ? random->origin[e] : 0;
        else if (at >= random->from_least[e] && at <= random->from_most[e])
            next = random->to[e];
    } else if (e == EDGES && !down && random->declaration.gaps == GAPS_ALLOW)
        for (next = at + 1; !random->node[next];)
            next++;
    return (down ? next < random->end : next > random->end) ? 0 : next;
}

static void try_every_way(const Random *random, unsigned at, Way *way, Way *best, bool *found)
{
    if (at == random->end) {
        if (!*found || compare_ways(way, best) < 0)
            *best = *way;
        *found = true;
        return;
    }
    for (unsigned e = 0; e <= EDGES; e++) {
        unsigned next = follow(random, e, at);

        if (next == 0)
            continue;
        way->edges[way->n_edges++] = (unsigned char)e;
        *(e == EDGES ? &way->gaps : &way->steps) += 1;
        try_every_way(random, next, way, best, found);
        *(e == EDGES ? &way->gaps : &way->steps) -= 1;
        way->edges[--way->n_edges] = 0;
    }
}

static unsigned dice(unsigned *seed, unsigned least, unsigned most)
{
    return least + (unsigned)rand_r(seed) % (most - least + 1);
}

static char *name(unsigned version)
{
    return strprintf("%u", version);
}

/* Which version an edge led from is known of some, and of all that lead from one alone. */
static void random_make_origin(Random *random, unsigned e, unsigned *seed, const char *to)
{
    Migration *migration = random->migrations + e;
    _cleanup_free_ char *from = NULL;

    if (random->from_least[e] == random->from_most[e])
        random->origin[e] = random->from_least[e];
    else if (dice(seed, 0, 2) > 0)
        random->origin[e] = dice(seed, random->from_least[e], random->from_most[e]);
    if (random->origin[e] == 0)
        return;
    from = name(random->origin[e]);
    random->node[random->origin[e]] = true;
    if (dice(seed, 0, 1) || random->from_least[e] != random->from_most[e])
        lineage_add(&random->lineage, migration->id, from, to);
}

static void random_make(Random *random, unsigned *seed, bool down)
{
    Declaration *declaration = &random->declaration;

    *random = (Random){.start = dice(seed, 1, 4), .end = dice(seed, 5, VERSIONS)};
    if (down) {
        unsigned start = random->start;

        random->start = random->end;
        random->end = start;
        declaration->downgrade = DOWNGRADE_SCRIPT;
    }
    random->node[random->start] = random->node[random->end] = true;
    declaration->version.value = name(random->end);
    declaration->max_skip = MAX_SKIP_ANY;
    declaration->gaps = dice(seed, 0, 1) ? GAPS_ALLOW : GAPS_REFUSE;
    declaration->migrations = random->migrations;
    declaration->n_migrations = dice(seed, 0, EDGES);
    for (unsigned e = 0; e < declaration->n_migrations; e++) {
        Migration *migration = random->migrations + e;
        _cleanup_free_ char *least = NULL, *most = NULL, *to = NULL;

        random->from_least[e] = dice(seed, 1, VERSIONS - 1);
        random->from_most[e] = dice(seed, random->from_least[e],
                                    dice(seed, 0, 1) ? random->from_least[e] : VERSIONS - 1);
        random->to[e] = dice(seed, random->from_most[e] + 1, VERSIONS);
        random->node[random->from_least[e]] = random->node[random->from_most[e]] =
            random->node[random->to[e]] = true;
        least = name(random->from_least[e]);
        most = name(random->from_most[e]);
        to = name(random->to[e]);
        migration->id = strprintf("%c", 'a' + (int)e);
        migration->up.present = !down;
        migration->down.script.argv = down ? (char **)migration : NULL; /* it is not looked into */
        if (!ARRAY_GROW(migration->from, migration->n_from) ||
            version_range_add(&migration->to, VERSION_EQUAL, to) < 0)
            abort();
        if (random->from_least[e] == random->from_most[e]
                ? version_range_add(&migration->from[0].range, VERSION_EQUAL, least) < 0
                : version_range_add(&migration->from[0].range, VERSION_GREATER_EQUAL, least) < 0 ||
                      version_range_add(&migration->from[0].range, VERSION_LESS_EQUAL, most) < 0)
            abort();
        if (down)
            random_make_origin(random, e, seed, to);
    }
}

static void random_free(Random *random)
{
    for (unsigned e = 0; e < random->declaration.n_migrations; e++) {
        Migration *migration = random->migrations + e;

        version_range_free(&migration->from[0].range);
        free(migration->from);
        version_range_free(&migration->to);
        free(migration->id);
    }
    lineage_free(&random->lineage);
    free(random->declaration.version.value);
}

static char *way_text(const Random *random, const Way *way)
{
    _cleanup_string_ String s = {};
    unsigned at = random->start;
    char *text;

    string_appendf(&s, "%u", at);
    for (unsigned i = 0; i < way->n_edges; i++) {
        if (way->edges[i] < EDGES) {
            at = random->start > random->end ? random->origin[way->edges[i]]
                                             : random->to[way->edges[i]];
            string_appendf(&s, " -%c-> %u", 'a' + way->edges[i], at);
            continue;
        }
        while (!random->node[++at])
            ;
        if (i + 1 == way->n_edges || way->edges[i + 1] != EDGES) /* gaps in a row are one */
            string_appendf(&s, " ...> %u", at);
    }
    return string_finish(&s, &text) < 0 ? NULL : text;
}

static void test_random(bool down)
{
    unsigned seed = 1, wrong = 0, ready = 0;

    for (int round = 0; round < 4000; round++) {
        _cleanup_(random_free) Random random;
        Way way = {}, best = {};
        bool found = false;
        _cleanup_free_ char *from = NULL, *expected = NULL, *outcome = NULL, *again = NULL;

        random_make(&random, &seed, down);
        from = name(random.start);
        try_every_way(&random, random.start, &way, &best, &found);
        expected = found ? way_text(&random, &best) : strdup(down ? "downgrade: " : "gap: ");
        outcome = outcome_text(&random.declaration, from, &random.lineage);
        again = outcome_text(&random.declaration, from, &random.lineage);
        ready += found;
        if (!streq_null(outcome, again) ||
            !(found ? streq_null(outcome, expected)
                    : startswith(outcome, expected) ||
                          (!down && startswith(outcome, "skip: no migration leads")))) {
            printf("# round %d: expected %s\n#              found %s\n", round, expected, outcome);
            wrong++;
        }
    }
    OK(wrong == 0 && ready > 400 && ready < 3900,
       "4000 random graphs, %u of them with a way %s, have the plan that trying every way finds",
       ready, down ? "back" : "forth");
}

int main(void)
{
    test_random(false);
    test_random(true);
    return tests_done();
}
