/* SPDX-License-Identifier: MIT */
/* Plans: from a declaration and a state version to the steps. A row is a case; test-plan-random.c
 * has random graphs. */
#include "declare/plan-fixture.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "test.h"

#define MIGRATIONS_MAX 8
#define ARRIVALS_MAX   3

/* A migration is "ID [FROM; FROM] TO", one without From= is "ID TO"; "down" behind it: it has
 * [Down] alone, "both": [Up] too, "warn": [Up], and a [Down] without script. What is expected:
 * "1 -ID-> 2", "1 ...> 2" over a gap, "+" for [EveryUp], or an outcome. What is known of where the
 * state came from is "ID FROM TO". */
static const struct {
    const char *what, *state;
    const char *migrations[MIGRATIONS_MAX];
    const char *from, *expected;
    const char *arrivals[ARRIVALS_MAX];
} plans[] = {
#include "plans-up.h"
#include "plans-back.h"
    {"a step to the next major version",
     "Version=29.0\nMaxSkip=major",
     {"a [>=27] >=28"},
     "28.5",
     "28.5 -a-> 29.0"},
    {"a skipped major version",
     "Version=29.0\nMaxSkip=major",
     {"a [>=27] >=28"},
     "27.9",
     "skip: the step from 27.9 to 29.0 skips a whole series (MaxSkip=major)"},
    {"a skipped major version, with steps through it",
     "Version=29\nMaxSkip=major",
     {"a [27] 28", "b [28] 29"},
     "27",
     "27 -a-> 28 -b-> 29"},
    {"a major version skipped by a gap",
     "Version=29\nMaxSkip=major\nGaps=allow",
     {},
     "27",
     "skip: the step from 27 to 29 skips a whole series (MaxSkip=major)"},
    {"a step to the next minor version",
     "Version=16.3\nMaxSkip=minor",
     {"a [>=16] >=16"},
     "16.2",
     "16.2 -a-> 16.3"},
    {"a skipped minor version",
     "Version=16.5\nMaxSkip=minor",
     {"a [>=16] >=16"},
     "16.2",
     "skip: the step from 16.2 to 16.5 skips a whole series (MaxSkip=minor)"},
    {"skipped minor versions with MaxSkip=major",
     "Version=16.9\nMaxSkip=major",
     {"a [>=16] >=16"},
     "16.2",
     "16.2 -a-> 16.9"},
    {"a step to the first minor version of the next major version",
     "Version=17.0\nMaxSkip=minor",
     {"a [>=16] >=16"},
     "16.8",
     "16.8 -a-> 17.0"},
    {"a step past the first minor version of the next major version",
     "Version=17.1\nMaxSkip=minor",
     {"a [>=16] >=16"},
     "16.8",
     "skip: the step from 16.8 to 17.1 skips a whole series (MaxSkip=minor)"},
    {"a skipped patch version",
     "Version=16.2.9\nMaxSkip=minor",
     {"a [>=16] >=16"},
     "16.2.1",
     "16.2.1 -a-> 16.2.9"},
};

static void write_file(const char *directory, const char *name, const char *text)
{
    _cleanup_free_ char *path = strprintf("%s/%s", directory, name);
    FILE *f = path ? fopen(path, "we") : NULL;

    if (!f || fputs(text, f) < 0 || fclose(f) != 0) {
        printf("Bail out! cannot write %s\n", name);
        exit(EXIT_FAILURE);
    }
}

static char *migration_text(const char *line, char **ret_name)
{
    const char *open = strchr(line, '['), *close = strchr(line, ']');
    bool down = endswith(line, " down"), both = endswith(line, " both"),
         warn = endswith(line, " warn");
    const char *to = close ? close + 2 : strchr(line, ' ') + 1;
    size_t length = strlen(to) - (down || both || warn ? strlen(" down") : 0);
    _cleanup_string_ String s = {};
    char *text;

    *ret_name = strprintf("%.*s.ini", (int)strcspn(line, " "), line);
    string_append(&s, "[Migration]\n");
    for (const char *from = open ? open + 1 : NULL; from && from < close;) {
        size_t part = strcspn(from, ";]");

        string_appendf(&s, "From=%.*s\n", (int)part, from);
        from += part + 1;
    }
    string_appendf(&s, "To=%.*s\n", (int)length, to);
    if (!down)
        string_append(&s, "[Up]\nScript=/x\n");
    if (down || both || warn)
        string_append(&s, warn ? "[Down]\nWarn=gone\n" : "[Down]\nScript=/y\n");
    return string_finish(&s, &text) < 0 ? NULL : text;
}

static Migration *kept_migration(const char *id, const char *how)
{
    Migration *migration = calloc(1, sizeof(Migration));
    char ***list;

    if (!migration)
        abort();
    list = streq(how, "warn") ? &migration->down.warnings : &migration->down.script.argv;
    migration->id = strdup(id);
    migration->kept_in = strdup("/kept/X");
    migration->kept_on = strdup("2026-11-22T09:17:38Z");
    if (strv_append(list, streq(how, "warn") ? "lost" : "/kept/X/0-y") < 0)
        abort();
    migration->down.external = streq(how, "external");
    return migration;
}

static void lineage_parse(Lineage *lineage, const char *const *lines)
{
    char id[16], from[16], to[16], how[16];

    for (size_t i = 0; i < ARRIVALS_MAX && lines[i]; i++) {
        int n = sscanf(lines[i], "%15s %15s %15s %15s", id, from, to, how);

        if (streq(id, "damaged")) {
            if (strv_append(&lineage->damaged, "what was kept is of no use") < 0)
                abort();
            continue;
        }
        if (n < 3)
            abort();
        lineage_add(lineage, id, from, to);
        if (n == 4)
            lineage->items[lineage->n_items - 1].kept = kept_migration(id, how);
    }
}

static void test_table(const char *root)
{
    _cleanup_free_ char *top = strprintf("%s/etc/migrate.d", root);
    _cleanup_free_ char *sub = strprintf("%s/app", top);

    for (size_t i = 0; i < ELEMENTSOF(plans); i++) {
        _cleanup_free_ char *text = strprintf("[State]\nDirectory=/srv/app\n%s\n", plans[i].state);
        _cleanup_(declarations_free) Declarations declarations = {};
        _cleanup_(lineage_free) Lineage lineage = {};
        _cleanup_free_ char *found = NULL;
        char *names[MIGRATIONS_MAX] = {};

        lineage_parse(&lineage, plans[i].arrivals);
        write_file(top, "app.ini", text);
        for (size_t m = 0; m < MIGRATIONS_MAX && plans[i].migrations[m]; m++) {
            _cleanup_free_ char *migration = migration_text(plans[i].migrations[m], names + m);

            write_file(sub, names[m], migration);
        }
        if (declarations_read(root, &declarations) == 0 && declarations.n_items == 1) {
            Declaration *app = declarations.items;

            /* A declaration that leads nowhere is broken, and can still be planned for. */
            found = app->version.value ? outcome_text(app, plans[i].from, &lineage) : NULL;
        }
        OK(streq_null(found, plans[i].expected), "%s: the outcome is %s", plans[i].what,
           plans[i].expected);
        if (!streq_null(found, plans[i].expected))
            printf("# expected %s\n# found    %s\n", plans[i].expected, found);
        for (size_t m = 0; m < MIGRATIONS_MAX && names[m]; m++) {
            _cleanup_free_ char *path = strprintf("%s/%s", sub, names[m]);

            unlink(path);
            free(names[m]);
        }
    }
}

/* A first start: one step from nothing. */
static void test_init(void)
{
    static char *argv[] = {(char *)"/opt/init", NULL};
    const Declaration declaration = {.version.value = (char *)"2", .init.script.argv = argv};
    _cleanup_(plan_free) Plan plan = {};

    OK(plan_init(&declaration, &plan) == 0 && plan.n_steps == 1, "a plan of Init= has one step");
    OK(!plan.from && streq(plan.to, "2") && !plan.down,
       "a plan of Init= leads from nothing to the declared version");
    OK(!plan.steps[0].from && plan.steps[0].hooks->script.argv == argv,
       "the script of the step is Init=");
}

int main(void)
{
    char root[] = "/tmp/test-plan.XXXXXX";
    static const char *const directories[] = {"/etc/migrate.d/app", "/etc/migrate.d", "/etc", ""};

    if (!mkdtemp(root))
        return EXIT_FAILURE;
    for (size_t i = ELEMENTSOF(directories) - 1; i-- > 0;) {
        _cleanup_free_ char *path = strprintf("%s%s", root, directories[i]);

        mkdir(path, 0755);
    }
    test_table(root);
    test_init();
    for (size_t i = 0; i < ELEMENTSOF(directories); i++) {
        _cleanup_free_ char *path = strprintf("%s%s", root, directories[i]),
                            *file = strprintf("%s/app.ini", path);

        unlink(file);
        rmdir(path);
    }
    return tests_done();
}
