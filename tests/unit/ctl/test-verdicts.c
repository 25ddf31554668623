/* SPDX-License-Identifier: MIT */
/* For each row of the table of verdicts, the overview, status, plan, check and their JSON have the
 * same sentence and the same command. Reads no system. */
#include "../judge/judge-fixture.h"
#include "../scratch.h"
#include "../test.h"
#include "show/service-json.h"
#include "show/verbs.h"
#include "terminal/options.h"

#include <sys/mman.h>

typedef struct Row {
    const char *declared, *facts;
    const char *outcome;
    const char *sentence;
    const char *command, *then;
    const char *asks;
} Row;

static const Row rows[] = {
#include "../judge/verdicts.h"
};

/* --- what is printed -------------------------------------------------------------------------- */

static char *printed;
static int capture_fd = -1, saved_out = -1, saved_error = -1;

static void capture_begin(void)
{
    fflush(stdout);
    MUST(ftruncate(capture_fd, 0) == 0 && lseek(capture_fd, 0, SEEK_SET) == 0);
    MUST(dup2(capture_fd, STDOUT_FILENO) >= 0 && dup2(capture_fd, STDERR_FILENO) >= 0);
}

static void capture_end(void)
{
    off_t size;
    char *text;

    fflush(stdout);
    fflush(stderr);
    MUST(dup2(saved_out, STDOUT_FILENO) >= 0 && dup2(saved_error, STDERR_FILENO) >= 0);
    size = lseek(capture_fd, 0, SEEK_END);
    text = calloc((size_t)size + 1, 1);
    MUST(size >= 0 && text && pread(capture_fd, text, (size_t)size, 0) == size);
    free(printed);
    printed = text;
}

/* --- is it the same? -------------------------------------------------------------------------- */

static const Row *row;
static bool agrees;

#define WANT(condition, place)                                                                     \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            agrees = false;                                                                        \
            printf("# %s: not %s\n", place, #condition);                                           \
        }                                                                                          \
    } while (0)

/* Is it there? NULL: nothing of it has to be. */
static bool has(const char *text)
{
    return !text || strstr(printed, text);
}

/* Is there a line with these two, and nothing after the second but its end? NULL: no such line. */
static bool has_line(const char *key, const char *value)
{
    _cleanup_free_ char *line = strprintf("%s%s\n", key, value ? value : "");

    MUST(line);
    return value ? strstr(printed, line) != NULL : strstr(printed, key) == NULL;
}

static bool has_json(json_object *object, const char *key, const char *value)
{
    json_object *found = NULL;

    return json_object_object_get_ex(object, key, &found) &&
           streq_null(json_object_get_string(found), value);
}

static void compare_json(const Service *service, const char *place, json_object *object)
{
    WANT(has_json(object, "condition", condition_name(service->condition)), place);
    WANT(has_json(object, "verdict", row->outcome), place);
    WANT(has_json(object, "what", service->what), place);
    WANT(has_json(object, "reload", service->reload), place);
    WANT(has_json(object, "next", service->next), place);
    WANT(has_json(object, "then", service->then), place);
}

/* Nothing is said of services for which nobody has to do anything. */
static bool is_quiet(const Service *service)
{
    switch (service->condition) {
    case CONDITION_CURRENT:
    case CONDITION_ACCEPTED:
    case CONDITION_FRESH:
    case CONDITION_INERT:
        return !service->reload;
    default:
        return false;
    }
}

static void compare_overview(const Service *service, const Looked *looked)
{
    const char *sentence = service->reload ? service->reload : service->what;

    capture_begin();
    (void)overview_show(looked);
    capture_end();
    if (is_quiet(service)) {
        WANT(has(service->condition == CONDITION_INERT ? "" : "app is current"), "overview");
        WANT(!strstr(printed, sentence), "overview");
        return;
    }
    WANT(has_line("      ", sentence), "overview");
    WANT(!service->next || has_line("  ", service->next), "overview");
    WANT(service->next || !has("  migratectl"), "overview");
}

static void compare_status(const Service *service, const Looked *looked)
{
    capture_begin();
    (void)status_show(looked, false);
    capture_end();
    WANT(!service->next || has_line(" ", service->next), "table");
    capture_begin();
    (void)status_show(looked, true);
    capture_end();
    WANT(has_line("               ", service->what), "status");
    WANT(!service->reload || has_line("               ", service->reload), "status");
    WANT(has_line("Next: ", service->next), "status");
    WANT(has_line("Then: ", service->then), "status");
}

/* "run: COMMAND, then: THEN", without the command that prints this. */
static void compare_line(const Service *service, const char *place, const char *verb)
{
    _cleanup_free_ char *self = strprintf("migratectl %s%s%s%s app", options.root ? "--root=" : "",
                                          options.root ? options.root : "", options.root ? " " : "",
                                          verb),
                        *line = NULL;
    bool skips = streq_null(service->next, self);
    const char *first = skips ? service->then : service->next,
               *second = skips ? NULL : service->then;

    MUST(self);
    line = first ? strprintf(second ? "%s, then: %s" : "%s", first, second) : NULL;
    WANT(has_line("run: ", line), place);
}

static void compare_plan(const Service *service)
{
    _cleanup_json_ json_object *json = NULL;

    options.json = JSON_SHORT;
    capture_begin();
    (void)plan_show(service);
    capture_end();
    options.json = JSON_OFF;
    json = json_tokener_parse(printed);
    compare_json(service, "plan --json", json);
    if (options.from)
        return; /* that is not about the state */
    capture_begin();
    (void)plan_show(service);
    capture_end();
    WANT(has_line(service->verdict.has_plan ? "  " : "app: ", service->what), "plan");
    WANT(has(service->reload), "plan");
    if (service->condition != CONDITION_UNSTAMPED) /* which have a further command */
        compare_line(service, "plan", "plan");
}

/* The helper finds the same. */
static void compare_check(const Service *service)
{
    Result result = outcome_result(service->verdict.outcome);
    Findings findings = {};
    bool invalid = service->verdict.outcome == OUTCOME_INVALID;

    capture_begin();
    (void)check_show(service, result, &findings);
    capture_end();
    if (result == RESULT_DONE && !service->reload) {
        WANT(isempty(printed), "check");
        return;
    }
    WANT(result == RESULT_DONE || invalid || has_line(": app: ", service->what), "check");
    WANT(has(service->reload), "check");
    compare_line(service, "check", "check");
    options.json = JSON_SHORT;
    findings.list = json_object_new_array();
    (void)check_show(service, result, &findings);
    options.json = JSON_OFF;
    for (size_t i = 0; i < json_object_array_length(findings.list); i++)
        compare_json(service, "check --json", json_object_array_get_idx(findings.list, i));
    WANT(invalid || json_object_array_length(findings.list) ==
                        (size_t)(result != RESULT_DONE) + (service->reload != NULL),
         "check --json");
    json_object_put(findings.list);
}

/* As systemd says it of every unit. */
static void load(UnitFact *unit)
{
    unit->unit = unit->unit ? unit->unit : "migrate@app.service";
    if (!unit->load)
        MUST((unit->load = strdup("loaded")) != NULL);
}

static void compare(const char *gate)
{
    _cleanup_free_ char *text = strprintf("%s%s", row->facts, gate);
    Declarations *declarations = judge_declare(row->declared);
    Service service = {.declaration = declarations_find(declarations, "app")};
    Looked looked = {.declarations = *declarations, .services = &service, .n_services = 1};
    json_object *json;

    MUST(text);
    judge_facts(&service.facts, declarations, text);
    for (size_t i = 0; i < service.facts.n_units; i++)
        load(service.facts.units + i);
    load(&service.facts.migration);
    MUST(service_judge(&service) == 0);
    options.root = (char *)service.facts.root;
    options.from = service.facts.from;
    agrees = true;
    /* the command for an invalid declaration reloads systemd, too */
    WANT(!*gate || service.reload || options.root || service.condition == CONDITION_INVALID,
         "reload");
    json = service_to_json(&service);
    compare_json(&service, "status --json", json);
    json_object_put(json);
    if (!options.from) {
        compare_overview(&service, &looked);
        compare_status(&service, &looked);
        compare_check(&service);
    }
    compare_plan(&service);
    OK(agrees, "with '%s' declared and the facts '%s', all verbs of migratectl say '%s'",
       row->declared, text, row->outcome);
    options.root = NULL;
    options.from = NULL;
    service_free(&service);
}

int main(void)
{
    MUST(setenv("TZ", "UTC", 1) == 0 && setenv("LC_ALL", "C.UTF-8", 1) == 0);
    output_init();
    capture_fd = memfd_create("printed", MFD_CLOEXEC);
    saved_out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    saved_error = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    MUST(capture_fd >= 0 && saved_out >= 0 && saved_error >= 0);
    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        row = rows + i;
        compare("");
        compare(" gate=other");
    }
    free(printed);
    judge_done();
    return tests_done();
}
