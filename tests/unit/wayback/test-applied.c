/* SPDX-License-Identifier: MIT */
/* Waybacks in the store: they are read as they were written, with the original files or with their
 * copies; damaged ones are reported and not used. */
#include "read-lineage.h"
#include "scratch.h"
#include "test.h"
#include "wayback/wayback.h"

#define ID     "20261122T091738Z-00000001"
#define SINCE  "2026-11-22T09:17:38Z"
#define RECORD APPLIED_DIRECTORY "/" ID "/" APPLIED_RECORD

static Store store = STORE_NONE;
static char *script, *data, *program; /* files that commands name */
static Migration migrations[3];

static Declaration declared = {.name = (char *)"app"}; /* now */

static char *copy_path(const char *name)
{
    return strprintf(STORE_DIRECTORY "/app/" APPLIED_DIRECTORY "/" ID "/%s", name);
}

static void make_file(const char *path, const char *text, mode_t mode)
{
    unlink(path);
    scratch_text(AT_FDCWD, path, text);
    MUST(chmod(path, mode) == 0);
}

static void make_files(void)
{
    make_file(script, "#!/bin/sh\nexit 0\n", 0750);
    make_file(data, "what it reads\n", 0600);
    make_file(program, "\177ELF and so on", 0755);
}

static void add_words(char ***argv, const char *a, const char *b, const char *c)
{
    MUST(strv_append(argv, a) == 0 && (!b || strv_append(argv, b) == 0) &&
         (!c || strv_append(argv, c) == 0));
}

/* [Down] from 2 to 1 by a script, from 3 to 2 by a program that reads the script, and none from
 * 4. */
static void declare(void)
{
    static const char *const ids[] = {"a", "b", "c"};

    for (size_t i = 0; i < ELEMENTSOF(migrations); i++) {
        Hooks *down = &migrations[i].down;

        migrations[i].id = strdup(ids[i]);
        migrations[i].file = strprintf("/etc/migrate.d/app/%s.ini", ids[i]);
        migrations[i].description = strdup("does \"it\"");
        down->present = true;
        down->timeout_usec = UINT64_MAX;
    }
    add_words(&migrations[0].down.script.argv, script, data, "--option");
    add_words(&migrations[0].down.verify.argv, script, NULL, NULL);
    add_words(&migrations[0].down.warnings, "what was written since is lost", NULL, NULL);
    migrations[0].down.timeout_usec = 7000000;
    migrations[0].down.external = true;
    add_words(&migrations[1].down.script.argv, program, script, NULL);
    add_words(&migrations[2].down.warnings, "there is no way back", NULL, NULL);
}

static Item outside = {.value = (char *)"/srv/outside"};
static Declaration written = {
    .name = (char *)"app", .user = (char *)"app", .read_write_paths = {&outside, 1}};

static int write_plan(char ***notes)
{
    Step steps[] = {{migrations + 0, NULL, (char *)"1", (char *)"2"},
                    {migrations + 1, NULL, (char *)"2", (char *)"3"},
                    {NULL, NULL, (char *)"3", (char *)"3.5"},
                    {migrations + 2, NULL, (char *)"3.5", (char *)"4"}};
    Plan plan = {
        .from = (char *)"1", .to = (char *)"4", .steps = steps, .n_steps = ELEMENTSOF(steps)};
    _cleanup_free_ char *what = NULL;

    return applied_write(&store, ID, SINCE, &written, &plan, notes, &what);
}

#define STEP(migration, from, to)                                                                  \
    "{\"migration\":\"" migration "\",\"from\":\"" from "\",\"to\":\"" to "\"}"
#define DONE(id, from, to, steps)                                                                  \
    "{\"id\":\"" id "\",\"from\":\"" from "\",\"to\":\"" to                                        \
    "\",\"result\":\"done\",\"steps\":[" steps "]}\n"
#define UP DONE(ID, "1", "4", STEP("a", "1", "2") "," STEP("b", "2", "3") "," STEP("c", "3.5", "4"))

static void load(const char *history, const char *version, Lineage *lineage)
{
    scratch_text(store.fd, RECORD_HISTORY, history);
    MUST(lineage_read(&store, version, lineage) == 0);
    MUST(applied_load(NULL, &store, &declared, lineage) == 0);
}

static bool words_are(char *const *argv, const char *a, const char *b, const char *c)
{
    const char *wanted[] = {a, b, c};

    for (size_t i = 0; i < ELEMENTSOF(wanted); i++) {
        if (!argv || !*argv)
            return !wanted[i];
        if (!wanted[i] || !streq(*argv++, wanted[i]))
            return false;
    }
    return !*argv;
}

/* Replaces all of a text in the record, and loads the lineage. */
static void load_with(const char *what, const char *with, Lineage *lineage)
{
    _cleanup_free_ char *text = NULL, *changed = strdup("");

    MUST(read_file_at(store.fd, RECORD, 1U << 20, &text, NULL) == 0);
    for (const char *p = text, *at; p; p = at ? at + strlen(what) : NULL) {
        at = strstr(p, what);
        MUST(strreplacef(&changed, "%s%.*s%s", changed, at ? (int)(at - p) : (int)strlen(p), p,
                         at ? with : "") == 0);
    }
    scratch_text(store.fd, RECORD, changed);
    load(UP, "4", lineage);
    scratch_text(store.fd, RECORD, text);
}

static void test_round(void)
{
    _cleanup_free_ char *copy = copy_path("0-script"), *copied_data = copy_path("1-data");
    _cleanup_(lineage_free) Lineage lineage = {};
    _cleanup_strv_ char **notes = NULL;
    const Migration *a, *b, *c;
    struct stat st;

    OK(write_plan(&notes) == 0 && !notes, "writing a wayback gives no notes");
    OK(scratch_has(store.fd, APPLIED_DIRECTORY "/" ID "/0-script") &&
           scratch_holds(store.fd, APPLIED_DIRECTORY "/" ID "/1-data", "what it reads\n") &&
           scratch_has(store.fd, APPLIED_DIRECTORY "/" ID "/2-program"),
       "each file of the commands is copied once");
    OK(fstatat(store.fd, APPLIED_DIRECTORY "/" ID "/1-data", &st, 0) == 0 &&
           (st.st_mode & 07777) == 0600,
       "a copied file has the mode of its original");
    load(UP, "4", &lineage);
    MUST(lineage.n_items == 3);
    c = lineage.items[0].kept;
    b = lineage.items[1].kept;
    a = lineage.items[2].kept;
    OK(a && b && c && !lineage.damaged, "the wayback of each step is loaded");
    OK(words_are(a->down.script.argv, script, data, "--option") &&
           words_are(a->down.verify.argv, script, NULL, NULL) && !a->down.check.argv,
       "originals are used if they are unchanged");
    OK(a->down.timeout_usec == 7000000 && a->down.external && !b->down.external &&
           b->down.timeout_usec == UINT64_MAX &&
           words_are(a->down.warnings, "what was written since is lost", NULL, NULL),
       "the timeout, External= and the warnings of [Down] are loaded");
    OK(streq(a->id, "a") && streq(a->description, "does \"it\"") && streq(a->kept_on, SINCE) &&
           endswith(a->kept_in, "/app/" APPLIED_DIRECTORY "/" ID),
       "a loaded wayback names its migration, its time and its directory");
    OK(!c->down.script.argv && words_are(c->down.warnings, "there is no way back", NULL, NULL),
       "a step without a script is loaded with its warning");
    lineage_free(&lineage);

    make_file(script, "#!/bin/sh\nexit 1\n", 0755);
    unlink(data);
    load(UP, "4", &lineage);
    a = lineage.items[2].kept;
    OK(a && words_are(a->down.script.argv, copy, copied_data, "--option"),
       "copies are used where an original has changed or is missing");
    make_files();
    MUST(chmod(script, 0600) == 0);
    lineage_free(&lineage);
    load(UP, "4", &lineage);
    a = lineage.items[2].kept;
    OK(a && words_are(a->down.script.argv, copy, data, "--option"),
       "the copy is used where the original is not executable");
    make_files();
    make_file(program, "\177ELF of another system", 0755);
    lineage_free(&lineage);
    load(UP, "4", &lineage);
    b = lineage.items[1].kept;
    OK(b && endswith(b->down.script.argv[0], ID "/2-program") &&
           streq(b->down.script.argv[1], script),
       "the copy of an interpreter that has changed is used, if it belongs to some software");
    lineage_free(&lineage);
    load_with(program, "/usr/bin/env", &lineage);
    b = lineage.items[1].kept;
    OK(b && words_are(b->down.script.argv, "/usr/bin/env", script, NULL),
       "an interpreter of the operating system is used even if it has changed, and the copy is not");
    lineage_free(&lineage);
    load_with(program, "/usr/bin/true", &lineage);
    b = lineage.items[1].kept;
    OK(b && endswith(b->down.script.argv[0], ID "/2-program"),
       "another program in /usr/bin that has changed is not used, but the copy");
    unlink(program);
    lineage_free(&lineage);
    load(UP, "4", &lineage);
    b = lineage.items[1].kept;
    OK(b && endswith(b->down.script.argv[0], ID "/2-program"),
       "the copy of an interpreter is used where the original is missing");
    make_files();
}

static void test_lineages(void)
{
    _cleanup_(lineage_free) Lineage lineage = {};

    load(DONE("another", "1", "4", STEP("a", "1", "2")), "4", &lineage);
    OK(lineage.n_items == 1 && !lineage.items[0].kept && !lineage.damaged,
       "a transaction without a wayback has no kept step");
    lineage_free(&lineage);
    load(DONE(ID, "1", "4", STEP("x", "1", "2")), "4", &lineage);
    OK(lineage.n_items == 1 && !lineage.items[0].kept && !lineage.damaged,
       "a step that is missing in the wayback does not count as kept");
    lineage_free(&lineage);
    load(DONE("../app", "1", "4", STEP("a", "1", "2")), "4", &lineage);
    OK(lineage.n_items == 1 && !lineage.items[0].kept,
       "an id that leads out of the store loads nothing");
    lineage_free(&lineage);
    load(UP DONE("back", "4", "2", "") DONE("up", "2", "3", STEP("b", "2", "3")), "3", &lineage);
    OK(lineage.n_items == 4 && !lineage.items[0].kept && !lineage.items[2].kept &&
           lineage.items[3].kept,
       "only the last transaction to a version counts, and earlier steps keep their waybacks");
}

/* The record with a part of it replaced. */
static void damage(const char *text, const char *what, const char *with)
{
    const char *at = strstr(text, what);
    _cleanup_free_ char *damaged =
        at ? strprintf("%.*s%s%s", (int)(at - text), text, with, at + strlen(what)) : NULL;

    MUST(damaged);
    scratch_text(store.fd, RECORD, damaged);
}

static void test_damage(void)
{
    static const struct {
        const char *name, *what, *with;
    } cases[] = {
        {"the id of another transaction", "\"id\":\"" ID, "\"id\":\"x"},
        {"a list instead of an object", "{", "["},
        {"a program that is not a path", "\"script\":[\n          \"/",
         "\"script\":[\n          \""},
        {"a command with a number", "\"--option\"", "7"},
        {"a command that is a number", "\"script\":[", "\"script\":7,\"x\":["},
        {"an empty command", "\"script\":[", "\"script\":[],\"x\":["},
        {"a copy outside of its directory", "\"0-script\"", "\"../../history\""},
        {"a copy without a name", "\"0-script\"", "\"\""},
        {"a hidden copy", "\"0-script\"", "\".0-script\""},
        {"no section", "\"down\":{", "\"up\":{"},
        {"a section that is a number", "\"down\":{", "\"down\":7,\"x\":{"},
        {"warnings that are an object", "\"what was written since is lost\"", "{}"},
    };
    _cleanup_free_ char *text = NULL;

    MUST(read_file_at(store.fd, RECORD, 1U << 20, &text, NULL) == 0);
    make_file(script, "#!/bin/sh\nexit 1\n", 0755);
    for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
        _cleanup_(lineage_free) Lineage lineage = {};

        damage(text, cases[i].what, cases[i].with);
        load(UP, "4", &lineage);
        OK(!lineage.items[2].kept && strv_length(lineage.damaged) == 1 &&
               endswith(lineage.damaged[0], ID " cannot be used: its record is damaged"),
           "a record with %s is damaged", cases[i].name);
    }
    for (size_t size = 0; size < strlen(text) - 2; size += 97) {
        _cleanup_(lineage_free) Lineage lineage = {};

        scratch_write(store.fd, RECORD, text, size);
        load(UP, "4", &lineage);
        if (lineage.items[0].kept || lineage.items[2].kept || strv_length(lineage.damaged) != 1)
            OK(false, "a record that is cut off at %zu is damaged", size);
    }
    scratch_text(store.fd, RECORD, text);
}

static void test_gone(void)
{
    _cleanup_(lineage_free) Lineage lineage = {};

    MUST(unlinkat(store.fd, APPLIED_DIRECTORY "/" ID "/0-script", 0) == 0);
    load(UP, "4", &lineage);
    OK(!lineage.items[2].kept && !lineage.items[1].kept && lineage.items[0].kept &&
           strv_length(lineage.damaged) == 1 &&
           strstr(lineage.damaged[0], "the copy '0-script' of '") &&
           endswith(lineage.damaged[0], "which it needs, is gone"),
       "a missing copy is reported, and the step that needs the copy cannot be used");
    lineage_free(&lineage);
    scratch_text(store.fd, APPLIED_DIRECTORY "/" ID "/0-script", "#!/bin/sh\nexit 2\n");
    load(UP, "4", &lineage);
    OK(!lineage.items[2].kept && lineage.damaged &&
           endswith(lineage.damaged[0], "which it needs, has changed since it was made"),
       "a changed copy is reported, and the step that needs the copy cannot be used");
    lineage_free(&lineage);
    scratch_text(store.fd, APPLIED_DIRECTORY "/" ID "/0-script", "#!/bin/sh\nexit 0\n");
    load(UP, "4", &lineage);
    OK(lineage.items[2].kept && !lineage.damaged, "a copy that was put back is used again");
    MUST(unlinkat(store.fd, APPLIED_DIRECTORY "/" ID "/0-script", 0) == 0);
    lineage_free(&lineage);
    unlink(script);
    load(UP, "4", &lineage);
    OK(!lineage.items[2].kept && lineage.damaged &&
           strstr(lineage.damaged[0], "which it needs, is gone"),
       "a file that is missing together with its copy is reported");
    lineage_free(&lineage);
    MUST(unlinkat(store.fd, RECORD, 0) == 0);
    load(UP, "4", &lineage);
    OK(lineage.n_items == 3 && !lineage.items[0].kept && !lineage.damaged,
       "a missing record means that nothing was kept");
}

static void test_complete(void)
{
    Migration migration = {.kept_in = (char *)"/var/lib/migrate/app/applied/" ID};
    Step step = {&migration, NULL, NULL, NULL};
    Plan plan = {.steps = &step, .n_steps = 1};
    Declaration declaration = {.name = (char *)"app"};

    OK(applied_complete(&store, &plan, &declaration) == 0 && streq_null(declaration.user, "app"),
       "User= of the wayback is used if no User= is declared");
    OK(declaration.read_write_paths.n_items == 0,
       "a path of ReadWritePaths= that does not exist is left out");
    free(declaration.user);
    declaration.user = strdup("other");
    OK(applied_complete(&store, &plan, &declaration) == 0 && streq(declaration.user, "other"),
       "a declared User= takes precedence over the User= of the wayback");
    free(declaration.user);
}

/* The first argument of the script that leads from 2 to 1, or "". */
static const char *second_word(const Lineage *lineage)
{
    const Migration *kept = lineage->n_items > 2 ? lineage->items[2].kept : NULL;

    return kept && kept->down.script.argv ? kept->down.script.argv[1] : "";
}

/* Data in the state, which backups keep, is not copied into the wayback. */
static void test_data(void)
{
    _cleanup_free_ char *link = strprintf("%s/link", scratch_path);
    Item path = {.value = scratch_path};
    Items *const lists[] = {&declared.directories, &declared.read_write_paths,
                            &declared.former_directories, &declared.stamps};
    _cleanup_strv_ char **notes = NULL;

    make_files();
    make_file(data, "written since\n", 0600);
    for (size_t i = 0; i < ELEMENTSOF(lists); i++) {
        _cleanup_(lineage_free) Lineage lineage = {};

        *lists[i] = (Items){&path, 1};
        load(UP, "4", &lineage);
        OK(streq(second_word(&lineage), data) && !lineage.damaged,
           "a copy of data that an earlier release made is not used: list %zu", i);
        *lists[i] = (Items){};
    }
    MUST(symlink(scratch_path, link) == 0);
    path.value = link;
    declared.directories = (Items){&path, 1};
    for (size_t i = 0; i < 2; i++) {
        _cleanup_(lineage_free) Lineage lineage = {};

        load(UP, "4", &lineage);
        OK(streq(second_word(&lineage), data),
           "data is recognised through a link to the state: list %zu", i);
        unlink(data); /* a missing file is in the state, too */
    }
    declared.directories = (Items){};
    path.value = scratch_path;
    make_files();

    MUST(renameat(store.fd, APPLIED_DIRECTORY, store.fd, "before") == 0);
    written.directories = (Items){&path, 1};
    OK(write_plan(&notes) == 0 && !notes &&
           scratch_has(store.fd, APPLIED_DIRECTORY "/" ID "/0-script") &&
           !scratch_has(store.fd, APPLIED_DIRECTORY "/" ID "/1-data"),
       "data in the state is not copied");
    written.directories = (Items){};
    make_file(data, "written since\n", 0600);
    for (size_t i = 0; i < 2; i++) {
        _cleanup_(lineage_free) Lineage lineage = {};

        load(UP, "4", &lineage);
        OK(streq(second_word(&lineage), data) && !lineage.damaged,
           "data is used where the state is now: list %zu", i);
        unlink(data);
    }
    make_files();
    MUST(renameat(store.fd, APPLIED_DIRECTORY, store.fd, "data") == 0 &&
         renameat(store.fd, "before", store.fd, APPLIED_DIRECTORY) == 0);
}

static void test_foresight(void)
{
    Step steps[] = {{migrations + 1, NULL, (char *)"2", (char *)"3"}};
    Plan plan = {.from = (char *)"2", .to = (char *)"3", .steps = steps, .n_steps = 1};
    _cleanup_strv_ char **env = NULL, **usual = NULL, **down = NULL;

    make_file(script, "#!/bin/sh\n", 0755);
    make_file(program, "#!/usr/bin/env -S no-such-node --x\n", 0755);
    OK(applied_foresee(&written, &plan, &env) == 0 && strv_length(env) == 1 &&
           strstr(env[0], "needs '/usr/bin/no-such-node'"),
       "a program that a script calls by env is named before the migration");
    make_file(program, "#!/usr/bin/env python3\n", 0755);
    OK(applied_foresee(&written, &plan, &usual) == 0 && !usual,
       "an interpreter of the operating system is not named");
    make_file(program, "#!/opt/app/interpreter\n", 0755);
    plan.down = true;
    OK(applied_foresee(&written, &plan, &down) == 0 && !down, "nothing is named on the way down");
}

/* What a kept script or program needs besides its own file. */
static void test_needs(void)
{
    _cleanup_free_ char *interpreter = strprintf("%s/interpreter", scratch_path),
                        *line = strprintf("#!%s -x\nexit 0\n", interpreter);
    _cleanup_strv_ char **notes = NULL, **more = NULL, **rest = NULL;
    _cleanup_(lineage_free) Lineage lineage = {};
    bool shared;

    MUST(renameat(store.fd, APPLIED_DIRECTORY, store.fd, "before") == 0);
    make_file(interpreter, "\177ELF of this software", 0755);
    make_file(script, line, 0755);
    make_file(program, "#!/bin/sh\n", 0755);
    MUST(truncate(program, (off_t)APPLIED_FILE_MAX + 1) == 0);
    MUST(write_plan(&notes) == 0);
    OK(strstr(notes[0], interpreter) || (notes[1] && strstr(notes[1], interpreter)),
       "writing a wayback gives a note about an interpreter that belongs to some software");
    shared = faccessat(store.fd, APPLIED_DIRECTORY "/" ID "/2-program", F_OK, 0) == 0;
    OK(strv_length(notes) == (shared ? 1U : 2U),
       "a large file is kept if its content can be shared, and otherwise there is a note");
    load(UP, "4", &lineage);
    OK(lineage.items[1].kept && !lineage.damaged, "a large file that has not changed is used");
    lineage_free(&lineage);
    make_file(program, "#!/bin/sh\nexit 7\n",
              0755); /* as an older release of the software has it */
    load(UP, "4", &lineage);
    if (shared)
        OK(lineage.items[1].kept &&
               endswith(lineage.items[1].kept->down.script.argv[0], ID "/2-program"),
           "a large file that was replaced since is used as it was");
    else
        OK(!lineage.items[1].kept && lineage.damaged &&
               endswith(lineage.damaged[0], "has changed since the migration"),
           "a large file that was not kept and was replaced since cannot be used");
    make_file(program, "#!/bin/sh\n", 0755);
    MUST(truncate(program, (off_t)APPLIED_FILE_MAX + 1) == 0);
    OK(lineage.items[2].kept, "a script with its interpreter is used");
    lineage_free(&lineage);
    load_with("\"content\"", "\"was\"", &lineage);
    OK(!lineage.items[2].kept && lineage.damaged,
       "a script of an earlier version's record, which knows nothing of its interpreter, cannot be used");
    lineage_free(&lineage);
    make_file(interpreter, "\177ELF of older software", 0755);
    load(UP, "4", &lineage);
    OK(!lineage.items[2].kept && lineage.damaged &&
           endswith(lineage.damaged[0], "has changed since the migration"),
       "a script whose interpreter was replaced cannot be used");
    lineage_free(&lineage);
    unlink(interpreter);
    load(UP, "4", &lineage);
    OK(!lineage.items[2].kept && lineage.damaged && endswith(lineage.damaged[0], ", is gone") &&
           strstr(lineage.damaged[0], "the interpreter of"),
       "a script whose interpreter is gone cannot be used");
    lineage_free(&lineage);

    MUST(renameat(store.fd, APPLIED_DIRECTORY, store.fd, "needs") == 0);
    make_file(interpreter, "\177ELF of this software", 0755);
    add_words(&migrations[0].down.check.argv, interpreter, NULL, NULL);
    MUST(write_plan(&more) == 0);
    make_file(interpreter, "\177ELF of older software", 0755);
    load(UP, "4", &lineage);
    OK(!lineage.items[2].kept && lineage.damaged,
       "a script whose interpreter is also a command, and was replaced, cannot be used");
    lineage_free(&lineage);
    strv_free(migrations[0].down.check.argv);
    migrations[0].down.check.argv = NULL;
    MUST(renameat(store.fd, APPLIED_DIRECTORY, store.fd, "checked") == 0);
    MUST(unlink(interpreter) == 0 && mkdir(interpreter, 0755) == 0);
    OK(write_plan(&rest) == 0, "a script whose interpreter is a directory does not fail the migration");
    load(UP, "4", &lineage);
    OK(!lineage.items[2].kept && lineage.damaged,
       "a script whose interpreter could not be read cannot be used");
    lineage_free(&lineage);
    MUST(rmdir(interpreter) == 0 && renameat(store.fd, APPLIED_DIRECTORY, store.fd, "unread") == 0);
    test_foresight();
    MUST(renameat(store.fd, "before", store.fd, APPLIED_DIRECTORY) == 0);
    make_files();
}

int main(void)
{
    scratch_make_lasting();
    MUST(mkdirat(scratch_fd, "var", 0755) == 0 && mkdirat(scratch_fd, "var/lib", 0755) == 0);
    MUST(store_open(scratch_path, "app", true, &store) == 0);
    script = strprintf("%s/script", scratch_path);
    data = strprintf("%s/data", scratch_path);
    program = strprintf("%s/program", scratch_path);
    make_files();
    declare();
    test_round();
    test_lineages();
    test_complete();
    test_data();
    test_needs();
    test_damage();
    test_gone();
    for (size_t i = 0; i < ELEMENTSOF(migrations); i++)
        migration_free(migrations + i);
    store_close(&store);
    free(script);
    free(data);
    free(program);
    return tests_done();
}
