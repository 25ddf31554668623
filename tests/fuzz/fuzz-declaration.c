/* SPDX-License-Identifier: MIT */
/* Any bytes for declarations: the generator must write sound units, and the same ones a second
 * time.
 *
 * The input is several files. A line begins each of them: "@drop-in", "@second", "@migration",
 * "@step", "@other" (another service), "@third"; the part before the first such line is app.ini. */
#include "fuzz.h"
#include "basic/utf8.h"
#include "declare/plan.h"
#include "declare/problem.h"
#include "render.h"

static const struct {
    const char *word, *path;
} places[] = {
    {"", "etc/migrate.d/app.ini"},
    {"@drop-in", "etc/migrate.d/app.ini.d/1.ini"},
    {"@second", "usr/lib/migrate.d/app.ini.d/2.ini"},
    {"@migration", "usr/lib/migrate.d/app/1.ini"},
    {"@step", "usr/lib/migrate.d/app/2.ini"},
    {"@other", "etc/migrate.d/other.ini"},
    {"@third", "usr/lib/migrate.d/third.ini"},
};

static bool ready;

static void enter(void)
{
    fuzz_enter();
    for (size_t i = 0; i < ELEMENTSOF(places); i++) {
        _cleanup_free_ char *directory =
            strndup(places[i].path, (size_t)(strrchr(places[i].path, '/') - places[i].path));

        MUST(directory);
        close(fuzz_mkdir(directory));
    }
    ready = true;
}

/* Gives every place its part of the input; those without one are removed. */
static void write_files(const char *data, size_t size)
{
    bool written[ELEMENTSOF(places)] = {};
    int fd = -1;

    for (const char *line = data, *end = data + size, *next; line <= end; line = next) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        size_t length = (size_t)((newline ? newline : end) - line), place = 0;

        next = newline ? newline + 1 : end + 1;
        for (size_t i = 1; i < ELEMENTSOF(places); i++)
            if (length == strlen(places[i].word) && !memcmp(line, places[i].word, length))
                place = i;
        if (place > 0 || fd < 0) {
            cleanup_close(&fd);
            fd =
                openat(fuzz_fd, places[place].path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
            written[place] = true;
        }
        if (place == 0 && write_all(fd, line, MIN(length + 1, (size_t)(end - line))) < 0)
            abort();
    }
    cleanup_close(&fd);
    for (size_t i = 0; i < ELEMENTSOF(places); i++)
        if (!written[i])
            unlinkat(fuzz_fd, places[i].path, 0);
}

static bool is_utf8(const char *s)
{
    for (size_t length; *s; s += length) {
        length = utf8_decode(s, NULL);
        if (length == 0)
            return false;
    }
    return true;
}

/* What systemd would pass over: see condition_path_is_read(). */
static void check_condition(const char *line, size_t length)
{
    const char *path = memchr(line, '=', length), *end = line + length;
    size_t component = 0, total = 0;

    MUST(path);
    path += 1 + strspn(path + 1, "|!");
    MUST(*path == '/');
    for (; path < end; path++, total++) {
        component = *path == '/' ? 0 : component + 1;
        MUST(component <= 255);
        if (*path == '%')
            MUST(*++path == '%');
    }
    MUST(total <= 4095);
}

static void check_content(const Output *output)
{
    bool known_conditions = endswith(output->path, ".target") || endswith(output->path, ".conf");

    MUST(is_utf8(output->content));
    for (const char *line = output->content; *line;) {
        size_t length = strcspn(line, "\n");

        MUST(length < 1 << 20 && line[length] == '\n');
        if (known_conditions && startswith(line, "Assert"))
            check_condition(line, length);
        line += length + 1;
    }
}

static const Output *find(const Outputs *outputs, const char *path)
{
    for (size_t i = 0; i < outputs->n_items; i++)
        if (streq(outputs->items[i].path, path))
            return outputs->items + i;
    return NULL;
}

/* The drop-in that holds a unit back, and the gate that it names. */
static void check_unit(const Declaration *declaration, const char *unit, const Outputs *outputs)
{
    _cleanup_free_ char *path = strprintf("%s.d/50-migrate-%s.conf", unit, declaration->name),
                        *gate = NULL;
    const Output *drop_in = find(outputs, path);
    const char *requires = drop_in ? strstr(drop_in->content, "\nRequires=") : NULL;

    MUST(requires && strstr(drop_in->content, "\nAssertPathExists"));
    requires += strlen("\nRequires=");
    gate = strndup(requires, strcspn(requires, "\n"));
    drop_in = find(outputs, gate);
    MUST(drop_in && strstr(drop_in->content, "\nAssertPathExists"));
}

static void check_declaration(const Declaration *declaration, const Outputs *outputs)
{
    _cleanup_free_ char *migration = strprintf("migrate@%s.service", declaration->name);
    bool works = declaration->enabled && !declaration_is_broken(declaration), old;
    const char *unit;

    MUST(!find(outputs, migration) == !works);
    MUST(!declaration->enabled || (declaration_user(declaration, 0, &old) && !old));
    for (size_t i = 0; declaration->enabled && (unit = declaration_user(declaration, i, NULL)); i++)
        check_unit(declaration, unit, outputs);
    for (size_t i = 0; i < declaration->problems.n_items; i++) {
        _cleanup_free_ char *text = problem_format(declaration->problems.items + i);

        MUST(text && is_utf8(text) && !strpbrk(text, "\n\r\x1b") && strlen(text) < 900);
    }
}

static void check_plan(const Declaration *declaration, const char *from)
{
    static Arrival arrivals[] = {
        {.migration = (char *)"1", .from = (char *)"1.5", .to = (char *)"17"},
        {.migration = (char *)"2", .from = (char *)"1", .to = (char *)"1.5"}};
    const Lineage lineage = {arrivals, ELEMENTSOF(arrivals), NULL};
    _cleanup_(plan_free) Plan plan = {};
    _cleanup_free_ char *what = NULL;
    int r = plan_build(declaration, from, &lineage, &plan, &what);
    const char *at = from;

    MUST(r >= 0 && (r == PLAN_READY || r == PLAN_CURRENT || what));
    for (size_t i = 0; i < plan.n_steps; i++) {
        bool every_up = plan.every_up && i == plan.n_steps - 1;

        MUST(streq(plan.steps[i].from, every_up ? from : at));
        at = plan.steps[i].to;
        MUST((version_compare(plan.steps[i].from, at) > 0) == plan.down);
        MUST(!plan.down || plan.steps[i].hooks == &plan.steps[i].migration->down);
    }
    MUST(r != PLAN_READY || streq(at, declaration->version.value));
}

static void render(const Declarations *declarations, Outputs *outputs)
{
    for (size_t i = 0; i < declarations->n_items; i++)
        MUST(render_gates(declarations->items + i, outputs) == 0);
    for (size_t i = 0; i < declarations->n_items; i++)
        MUST(render_services(declarations->items + i, outputs) == 0);
}

static void check_same(const Outputs *a, const Outputs *b)
{
    MUST(a->n_items == b->n_items);
    for (size_t i = 0; i < a->n_items; i++)
        MUST(streq(a->items[i].path, b->items[i].path) &&
             streq_null(a->items[i].content, b->items[i].content) &&
             streq_null(a->items[i].link, b->items[i].link));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const versions[] = {"0", "1", "1.5", "2", "16", "17", "999"};
    _cleanup_(declarations_free) Declarations declarations = {}, again = {};
    _cleanup_(outputs_free) Outputs outputs = {}, others = {};

    if (!ready)
        enter();
    write_files((const char *)data, size);
    MUST(declarations_read(fuzz_path, &declarations) == 0);
    MUST(declarations_read(fuzz_path, &again) == 0);
    render(&declarations, &outputs);
    render(&again, &others);
    check_same(&outputs, &others);
    for (size_t i = 0; i < outputs.n_items; i++) {
        const Output *output = outputs.items + i;
        const char *slash = strchr(output->path, '/');

        MUST(strcspn(output->path, "/") <= 255 && (!slash || strlen(slash + 1) <= 255));
        if (output->content)
            check_content(output);
    }
    for (size_t i = 0; i < declarations.n_items; i++) {
        const Declaration *declaration = declarations.items + i;

        check_declaration(declaration, &outputs);
        for (size_t v = 0; declaration->version.value && v < ELEMENTSOF(versions); v++)
            check_plan(declaration, versions[v]);
    }
    return 0;
}
