/* SPDX-License-Identifier: MIT */
/* migratectl check: what is wrong with declarations, found before anything relies on them; as root
 * on the running system also whether what is pending can run. */
#include "basic/result.h"
#include "look/common.h"
#include "look/helper.h"
#include "look/service.h"
#include "show/consent-print.h"
#include "show/verbs.h"
#include "terminal/options.h"
#include "terminal/output.h"

#include <fcntl.h>
#include <sys/stat.h>

typedef struct Findings {
    json_object *list; /* for --json= */
    size_t n_errors, n_warnings;
} Findings;

/* One line a finding, as a compiler has it. service may be NULL. */
static void find(Findings *findings, const char *severity, const char *service, Origin origin,
                 const char *text)
{
    json_object *object;

    if (streq(severity, "warning"))
        findings->n_warnings++;
    else
        findings->n_errors++;
    if (options.json == JSON_OFF) {
        bool warning = streq(severity, "warning");
        _cleanup_free_ char *full = strprintf("%s%s", warning ? "warning: " : "", text);
        _cleanup_free_ char *line = NULL;

        if (full)
            line = problem_format(&(Problem){(char *)origin.file, origin.line, full});
        print_error("%s", line ? line : text);
        return;
    }
    object = json_object_new_object();
    json_object_object_add(object, "service", service ? json_object_new_string(service) : NULL);
    json_object_object_add(object, "file",
                           origin.file ? json_object_new_string(origin.file) : NULL);
    json_object_object_add(object, "line", origin.line ? json_object_new_int64(origin.line) : NULL);
    json_object_object_add(object, "severity", json_object_new_string(severity));
    json_object_object_add(object, "text", json_object_new_string(text));
    json_object_array_add(findings->list, object);
}

static void find_problems(Findings *findings, const char *service, const Problems *problems)
{
    for (size_t i = 0; i < problems->n_items; i++) {
        const Problem *problem = problems->items + i;

        find(findings, "error", service, (Origin){problem->file, problem->line}, problem->text);
    }
    if (problems->failed)
        find(findings, "error", service, (Origin){}, "out of memory: there may be more");
}

/* --- commands --------------------------------------------------------------------------------- */

/* "#!/usr/bin/python3 -E": the interpreter; NULL: no such line. */
static char *read_interpreter(int fd)
{
    char text[256];
    ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
    char *path;

    if (n < 3 || text[0] != '#' || text[1] != '!')
        return NULL;
    text[n] = '\0';
    text[strcspn(text, "\n")] = '\0';
    path = strstrip_in_place(text + 2);
    path[strcspn(path, " \t")] = '\0';
    return strdup(path);
}

/* NULL: it can be run, or nobody but root can tell. */
static char *command_problem(const char *path)
{
    _cleanup_close_ int fd = open_below_root(path, O_PATH), read_fd = -1;
    _cleanup_free_ char *interpreter = NULL;
    struct stat st;

    if (fd == -EACCES)
        return NULL;
    if (fd < 0)
        return strprintf("%s: %s", path, strerror(-fd));
    if (fstat(fd, &st) < 0)
        return strprintf("%s: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return strprintf("%s is not a file", path);
    if (!(st.st_mode & 0111))
        return strprintf("%s is not executable: chmod +x %s", path, path);
    read_fd = open_below_root(path, O_RDONLY | O_NOCTTY | O_NONBLOCK);
    interpreter = read_fd < 0 ? NULL : read_interpreter(read_fd);
    if (interpreter && interpreter[0] == '/') {
        _cleanup_close_ int other_fd = open_below_root(interpreter, O_PATH);

        if (other_fd == -ENOENT)
            return strprintf("%s begins with #!%s, which does not exist", path, interpreter);
    }
    return NULL;
}

static void check_command(Findings *findings, const char *service, const char *key,
                          const Command *command)
{
    _cleanup_free_ char *problem = NULL, *text = NULL;

    if (!command->argv)
        return;
    problem = command_problem(command->argv[0]);
    text = problem ? strprintf("%s=%s", key, problem) : NULL;
    if (text)
        find(findings, "error", service, command->origin, text);
}

static void check_hooks(Findings *findings, const char *service, const Hooks *hooks)
{
    check_command(findings, service, "Check", &hooks->check);
    check_command(findings, service, "Script", &hooks->script);
    check_command(findings, service, "Verify", &hooks->verify);
    check_command(findings, service, "Post", &hooks->post);
}

/* --- units ------------------------------------------------------------------------------------ */

/* "getty@tty1.service" is made of "getty@.service". */
static char *template_of(const char *unit)
{
    const char *at = strchr(unit, '@'), *dot = strrchr(unit, '.');

    return at && dot && at < dot ? strprintf("%.*s%s", (int)(at + 1 - unit), unit, dot) : NULL;
}

static bool unit_file_exists(const char *unit)
{
    static const char *const directories[] = {
        "/etc/systemd/system",           "/run/systemd/system",
        "/run/systemd/generator",        "/run/systemd/transient",
        "/run/systemd/generator.late",   "/run/systemd/generator.early",
        "/usr/local/lib/systemd/system", "/usr/lib/systemd/system",
        "/lib/systemd/system",
    };

    for (size_t i = 0; i < ELEMENTSOF(directories); i++) {
        _cleanup_free_ char *path = strprintf("%s/%s", directories[i], unit);
        _cleanup_close_ int fd = path ? open_below_root(path, O_PATH | O_NOFOLLOW) : -ENOMEM;

        if (fd >= 0)
            return true;
    }
    return false;
}

static void check_units(Findings *findings, const Declaration *declaration)
{
    for (size_t i = 0; i < declaration->units.n_items; i++) {
        const Item *item = declaration->units.items + i;
        _cleanup_free_ char *template = template_of(item->value), *text = NULL;

        if (unit_file_exists(item->value) || (template && unit_file_exists(template)))
            continue;
        text = strprintf("there is no unit %s%s", item->value,
                         options.root ? " in this root" : " on this system");
        if (text)
            find(findings, "warning", declaration->name, item->origin, text);
    }
}

static void check_declaration(Findings *findings, const Declaration *declaration)
{
    const char *name = declaration->name;

    find_problems(findings, name, &declaration->problems);
    check_command(findings, name, "FreshCheck", &declaration->fresh_check);
    check_command(findings, name, "Init", &declaration->init.script);
    check_command(findings, name, "Detect", &declaration->detect);
    check_hooks(findings, name, &declaration->every_up);
    for (size_t i = 0; i < declaration->n_migrations; i++) {
        check_hooks(findings, name, &declaration->migrations[i].up);
        check_hooks(findings, name, &declaration->migrations[i].down);
    }
    if (declaration->enabled && !declaration_is_broken(declaration))
        check_units(findings, declaration);
}

/* --- what is pending -------------------------------------------------------------------------- */

/* As the helper would find it, then its Check= hooks, which the helper runs. */
static Result check_pending(Findings *findings, const Service *service)
{
    const Declaration *declaration = service->declaration;
    const Origin origin = {declaration->file, 0};
    _cleanup_free_ char *text = NULL, *plan = NULL;
    Result r;

    switch (service->condition) {
    case CONDITION_GAP:
    case CONDITION_SKIP:
    case CONDITION_UNKNOWN:
    case CONDITION_MISSING:
        find(findings, "refused", declaration->name, origin,
             service->what ? service->what : condition_name(service->condition));
        return RESULT_REFUSED;
    case CONDITION_DISAGREE:
        find(findings, "failed", declaration->name, origin,
             service->what ? service->what : condition_name(service->condition));
        return RESULT_ATTENTION;
    case CONDITION_PENDING:
    case CONDITION_APPROVAL:
    case CONDITION_DEFERRED:
    case CONDITION_FAILED:
    case CONDITION_UNSTAMPED:
    case CONDITION_NEWER: /* the helper knows whether a backup leads back */
        break;
    case CONDITION_CURRENT:
    case CONDITION_ACCEPTED:
        if (!declaration->detect.argv) /* which could contradict the stamp */
            return RESULT_DONE;
        break;
    default:
        return RESULT_DONE; /* also a migration that is running: its checks have been made */
    }
    r = helper_call("check", declaration->name, NULL);
    if (r == RESULT_DONE && service->condition != CONDITION_FAILED)
        return r;
    if (r == RESULT_DONE) {
        find(findings, "failed", declaration->name, origin, service->what ? service->what : "?");
        return RESULT_FAILED;
    }
    plan = service->verdict.has_plan ? consent_describe_plan(service) : NULL;
    if (r == RESULT_APPROVAL)
        text = strprintf("%s: %s waits for approval: migratectl approve %s", declaration->name,
                         plan ? plan : "the migration that is pending", declaration->name);
    else if (service->condition == CONDITION_CURRENT || service->condition == CONDITION_ACCEPTED)
        text = strprintf("the state of %s is not as it should be: see above", declaration->name);
    else
        text = strprintf("%s: %s could not be done now: see above", declaration->name,
                         plan ? plan : "the migration that is pending");
    find(findings,
         r == RESULT_REFUSED    ? "refused"
         : r == RESULT_APPROVAL ? "warning"
                                : "failed",
         declaration->name, origin, text ? text : "out of memory");
    return r;
}

static Result check_all_pending(Findings *findings, const Declarations *all,
                                const Declaration *const *list, size_t n)
{
    sd_bus *bus = service_bus();
    Result result = RESULT_DONE;

    for (size_t i = 0; i < n; i++) {
        _cleanup_(service_free) Service service = {.facts.store = STORE_NONE};
        Result r;

        if (!list[i]->enabled || declaration_is_broken(list[i]))
            continue;
        r = service_look(all, list[i], bus, NULL, &service) < 0 ? complain_memory()
                                                                : check_pending(findings, &service);
        result = result ? result : r;
    }
    sd_bus_flush_close_unref(bus);
    return result;
}

static int check(char **names, const Declarations *declarations, Findings *findings)
{
    _cleanup_free_ const Declaration **list = NULL;
    int result = RESULT_DONE;
    size_t n = 0;

    list = calloc(declarations->n_items + strv_length(names) + 1, sizeof(*list));
    if (!list)
        return complain_memory();
    STRV_FOREACH (name, names) {
        list[n] = declarations_find(declarations, *name);
        if (list[n])
            n++;
        else
            result = refuse_undeclared(*name);
    }
    for (size_t i = 0; !*names && i < declarations->n_items; i++)
        list[n++] = declarations->items + i;
    if (!*names)
        find_problems(findings, NULL, &declarations->problems);
    for (size_t i = 0; i < n; i++)
        check_declaration(findings, list[i]);
    if (findings->n_errors > 0)
        result = RESULT_INVALID;
    if (!options.root && geteuid() == 0) {
        int r = check_all_pending(findings, declarations, list, n);

        result = result ? result : r;
    }
    if (result == RESULT_DONE && options.json == JSON_OFF)
        say("%zu declaration%s, %s", n, n == 1 ? "" : "s",
            findings->n_warnings > 0 ? "none invalid"
            : n == 1                 ? "valid"
                                     : "all valid");
    return result;
}

int ctl_check(char **names)
{
    _cleanup_(declarations_free) Declarations declarations = {};
    _cleanup_json_ json_object *list = json_object_new_array();
    Findings findings = {.list = list};
    int result;

    if (!list)
        return complain_memory();
    result = read_declarations(&declarations);
    if (result == RESULT_DONE)
        result = check(names, &declarations, &findings);
    if (options.json != JSON_OFF)
        print_json(list);
    return result;
}
