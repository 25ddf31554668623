/* SPDX-License-Identifier: MIT */
/* migratectl check: finds mistakes in declarations before anything relies on them. As root on the
 * running system, also checks whether the pending migration can run. */
#include "basic/mountinfo.h"
#include "declare/unit-file.h"
#include "look/common.h"
#include "look/helper.h"
#include "look/neighbours.h"
#include "place/command.h"
#include "show/service-json.h"
#include "show/verbs.h"

#include <fcntl.h>
#include <sys/stat.h>

/* Adds a finding. severity: "error", "warning", "refused" or "failed". name: the service, may be
 * NULL. service: the JSON output shows its verdict with the text; may be NULL. */
static void find(Findings *findings, const char *severity, const char *name, Origin origin,
                 const char *text, const Service *service)
{
    bool warning = streq(severity, "warning");
    json_object *object;

    findings->n_warnings += warning;
    findings->n_errors += streq(severity, "error");
    if (options.json == JSON_OFF) {
        _cleanup_free_ char *full = strprintf("%s%s", warning ? "warning: " : "", text),
                            *line = NULL;

        if (full)
            line = problem_format(&(Problem){(char *)origin.file, origin.line, full});
        print_error("%s", line ? line : text);
        return;
    }
    object = json_object_new_object();
    json_add_text(object, "service", name);
    json_add_text(object, "file", origin.file);
    json_add_number(object, "line", origin.line ? (int64_t)origin.line : -1);
    json_add_text(object, "severity", severity);
    json_add_text(object, "text", text);
    verdict_add_to_json(object, service);
    json_object_array_add(findings->list, object);
}

static void find_problems(Findings *findings, const char *name, const Problems *problems,
                          const Service *service)
{
    ARRAY_FOREACH (problem, problems->items, problems->n_items)
        find(findings, "error", name, (Origin){problem->file, problem->line}, problem->text,
             service);
    if (problems->failed)
        find(findings, "error", name, (Origin){}, "out of memory: there may be more", NULL);
}

/* --- modes ------------------------------------------------------------------------------------ */

static void warn(Findings *findings, const Declaration *declaration, Origin origin,
                 const char *text)
{
    find(findings, "warning", declaration->name, origin, text ? text : "out of memory", NULL);
}

/* Returns how others can change a file, and the command that ends that. trusted: only root may. Below
 * --root= files may belong to anybody. NULL: others cannot. */
static char *describe_mode(const char *path, bool trusted)
{
    struct stat st;

    if (lstat(path, &st) < 0 || S_ISLNK(st.st_mode) || st.st_mode & S_ISVTX)
        return NULL;
    if (st.st_mode & S_IWOTH)
        return strprintf("every user can change %s. Run: chmod o-w %s", path, path);
    if (!trusted || options.root)
        return NULL;
    if (st.st_uid != 0)
        return strprintf("%s belongs to uid %u, who can change it. Run: chown root: %s", path,
                         (unsigned)st.st_uid, path);
    return st.st_gid != 0 && st.st_mode & S_IWGRP
               ? strprintf("gid %u can change %s. Run: chmod g-w %s", (unsigned)st.st_gid, path,
                           path)
               : NULL;
}

/* Warns about files of the declaration that others can change, and about their directories. */
static void check_modes(Findings *findings, const Declaration *declaration)
{
    _cleanup_strv_ char **seen = NULL;

    STRV_FOREACH (file, declaration->files) {
        _cleanup_free_ char *path = strdup(*file);
        bool last = false;

        for (char *slash; path && !last; *slash = '\0') {
            _cleanup_free_ char *text =
                strv_contains(seen, path) ? NULL : describe_mode(path, true);

            if (strv_append_once(&seen, path) < 0)
                return;
            if (text)
                warn(findings, declaration, (Origin){*file, 0}, text);
            last = endswith(path, "/migrate.d");
            slash = strrchr(path, '/');
            if (!slash)
                break;
        }
    }
}

/* --- commands --------------------------------------------------------------------------------- */

/* Returns why other users could exchange the program of a command. */
static char *command_exchangeable(const Declaration *declaration, const char *key,
                                  char *const *argv)
{
    _cleanup_free_ char *what = NULL;
    uid_t user;

    return !options.root && command_user(declaration, &user) == 0 &&
                   command_guard(declaration, user, argv, &what) == PLACE_REFUSED
               ? strprintf(COMMAND_EXCHANGEABLE, key, argv[0], what)
               : NULL;
}

static void check_command(Findings *findings, const Declaration *declaration, const char *key,
                          const Command *command)
{
    _cleanup_free_ char *problem = NULL, *text = NULL;

    if (!command->argv)
        return;
    problem = command_problem(command->argv[0], open_below_root);
    text = problem ? strprintf("%s=%s", key, problem)
                   : command_exchangeable(declaration, key, command->argv);
    if (text) {
        find(findings, "error", declaration->name, command->origin, text, NULL);
        return;
    }
    /* Below --root=, or if the user is not known, nobody else has looked. */
    for (size_t i = 0; !text && i < 2; i++) {
        const char *path = command->argv[0];
        _cleanup_free_ char *file =
            strprintf("%s%.*s", options.root ? options.root : "",
                      (int)(i == 0 ? strlen(path) : (size_t)(strrchr(path, '/') - path)), path);

        text = file ? describe_mode(file, false) : NULL;
    }
    if (text)
        warn(findings, declaration, command->origin, text);
}

static void check_hooks(Findings *findings, const Declaration *declaration, const Hooks *hooks)
{
    const Command *command;
    const char *key;

    for (size_t i = 0; (command = hooks_command(hooks, i, &key)); i++)
        check_command(findings, declaration, key, command);
}

/* --- units ------------------------------------------------------------------------------------ */

/* The version is recorded once systemd says that the unit has started. */
static void check_types(Findings *findings, const Declaration *declaration)
{
    ARRAY_FOREACH (item, declaration->units.items, declaration->units.n_items) {
        _cleanup_strv_ char **types = NULL, **bus_names = NULL, **posts = NULL, **starts = NULL;
        _cleanup_free_ char *text = NULL;
        const char *root = options.root ? options.root : "", *type;
        bool conmon = false;

        if (!unit_is_user(item->value) || unit_file_read(root, item->value, "Type", &types) != 1 ||
            unit_file_read(root, item->value, "BusName", &bus_names) < 0 ||
            unit_file_read(root, item->value, "ExecStart", &starts) < 0)
            continue;
        type = types ? types[strv_length(types) - 1] : bus_names ? "dbus" : "simple";
        if (unit_file_read(root, item->value, "ExecStartPost", &posts) < 0 || posts)
            continue; /* may wait for the software */
        STRV_FOREACH (start, starts)
            conmon = conmon || strstr(*start, "--sdnotify=conmon"); /* as Quadlet writes it */
        if (conmon)
            text = strprintf(
                "systemd takes %s for started when its container has been made (--sdnotify=conmon), "
                "before it has migrated its state: with SelfMigrating=yes, the version is then "
                "recorded too early. Set Notify=true or Notify=healthy in [Container], as the "
                "software supports it",
                item->value);
        else if (streq(type, "simple") || streq(type, "exec") || streq(type, "idle"))
            text = strprintf("%s has Type=%s, so systemd takes it for started before it has migrated its "
                      "state: with SelfMigrating=yes, the version is then recorded too early. Use "
                      "Type=notify, dbus, forking or oneshot, as the software supports it",
                      item->value, type);
        else
            continue;
        warn(findings, declaration, declaration->version.origin, text);
    }
}

/* Warns about clones and backups that the software can see. */
static void check_visible(Findings *findings, const Declaration *declaration)
{
    _cleanup_strv_ char **sentences = NULL;

    if (describe_visible(declaration, &sentences) < 0)
        warn(findings, declaration, (Origin){declaration->file, 0}, NULL);
    STRV_FOREACH (sentence, sentences)
        warn(findings, declaration, (Origin){declaration->file, 0}, *sentence);
}

static void check_units(Findings *findings, const Declarations *all, const Declaration *declaration)
{
    _cleanup_strv_ char **neighbours = NULL;

    ARRAY_FOREACH (item, declaration->units.items, declaration->units.n_items) {
        _cleanup_strv_ char **values = NULL;
        _cleanup_free_ char *text = NULL;

        if (unit_file_read(options.root ? options.root : "", item->value, "", &values) != 0)
            continue;
        text = strprintf("there is no unit %s%s", item->value,
                         options.root ? " in this root" : " on this system");
        warn(findings, declaration, item->origin, text);
    }
    if (declaration->self_migrating)
        check_types(findings, declaration);
    if (neighbours_find(all, declaration, &neighbours) < 0)
        warn(findings, declaration, (Origin){declaration->file, 0}, NULL);
    STRV_FOREACH (neighbour, neighbours)
        warn(findings, declaration, (Origin){declaration->file, 0}, *neighbour);
}

static bool is_excluded(const Declaration *declaration, const char *path)
{
    ITEMS_FOREACH (item, &declaration->excludes)
        if (path_is_within(path, item->value))
            return true;
    return false;
}

/* Warns of mounts below the directories, which a clone does not have. */
static void check_mounts(Findings *findings, const Declaration *declaration)
{
    ITEMS_FOREACH (item, &declaration->directories) {
        _cleanup_free_ char *text = NULL, *resolved = realpath(item->value, NULL);
        char *next = resolved && mountinfo_read(&text) == 0 ? text : NULL;
        Mount mount;

        while (next && mount_next(&next, &mount)) {
            const char *rest = path_below(mount.point, resolved);
            _cleanup_free_ char *shown =
                                    rest && *rest ? strprintf("%s%s", item->value, rest) : NULL,
                                *what = NULL;

            if (!shown || is_excluded(declaration, shown))
                continue;
            what = strprintf("something is mounted at '%s', and no clone of %s has it: while it is "
                             "mounted, a migration is refused. If no migration changes it, declare "
                             "Exclude=%s",
                             shown, item->value, shown);
            find(findings, "warning", declaration->name, item->origin,
                 what ? what : "out of memory", NULL);
            break; /* a container has hundreds */
        }
    }
}

/* Warns of disks that were mounted, or declared, after the state was last seen. */
static void check_demands(Findings *findings, const Service *service, const Items *paths)
{
    const Declaration *declaration = service->declaration;
    const Facts *facts = &service->facts;

    ITEMS_FOREACH (item, paths) {
        _cleanup_free_ char *what = NULL;
        MountKind kind;

        if (!facts->has_known || known_mount_read(&facts->store, item->value) != 0 ||
            mount_find(item->value, &kind) < 0 || kind != MOUNT_DISK)
            continue;
        what = strprintf("a disk is mounted at '%s', and the next start would not miss it. To have "
                         "it demanded, stop the service and run: migratectl adopt --force %s %s",
                         item->value, declaration->name, words_seen(facts));
        find(findings, "warning", declaration->name, item->origin, what ? what : "out of memory",
             NULL);
    }
}

static void check_declaration(Findings *findings, const Declarations *all,
                              const Declaration *declaration, const Service *service)
{
    _cleanup_free_ char *what = NULL;
    const char *name = declaration->name;
    uid_t user;

    find_problems(findings, name, &declaration->problems, service);
    check_modes(findings, declaration);
    check_command(findings, declaration, "FreshCheck", &declaration->fresh_check);
    check_command(findings, declaration, "Init", &declaration->init.script);
    check_command(findings, declaration, "Detect", &declaration->detect);
    check_hooks(findings, declaration, &declaration->every_up);
    for (size_t i = 0; i < declaration->n_migrations; i++) {
        check_hooks(findings, declaration, &declaration->migrations[i].up);
        check_hooks(findings, declaration, &declaration->migrations[i].down);
    }
    if (!options.root && command_user(declaration, &user) == 0 &&
        command_guard_paths(declaration, user, &what) == PLACE_REFUSED)
        find(findings, "error", name, (Origin){.file = declaration->file}, what, NULL);
    if (declaration->enabled && !declaration_is_broken(declaration)) {
        check_units(findings, all, declaration);
        if (service) {
            check_mounts(findings, declaration);
            if (declaration->stamp_in_store) /* otherwise the stamp is on the disk */
                check_demands(findings, service, &declaration->directories);
            check_demands(findings, service, &declaration->excludes);
        }
    }
    check_visible(findings, declaration);
}

/* --- the verdict ------------------------------------------------------------------------------ */

static void find_sentence(Findings *findings, const char *severity, const Service *service,
                          const char *sentence)
{
    const Declaration *declaration = service->declaration;
    _cleanup_free_ char *text = strprintf("%s: %s", declaration->name, sentence);

    find(findings, severity, declaration->name, (Origin){.file = declaration->file},
         text ? text : sentence, service);
}

static const char *severity_of(Result result)
{
    switch (result) {
    case RESULT_REFUSED:
        return "refused";
    case RESULT_APPROVAL:
    case RESULT_DEFERRED:
        return "warning";
    default:
        return "failed";
    }
}

/* Says whether the check needs the helper, which can run scripts and look at all processes. */
static bool needs_helper(const Service *service)
{
    switch (service->condition) {
    case CONDITION_PENDING:
    case CONDITION_APPROVAL:
    case CONDITION_DEFERRED:
    case CONDITION_FAILED:
    case CONDITION_UNSTAMPED:
        return true;
    case CONDITION_REFUSED:
        return service->verdict.outcome == OUTCOME_REFUSED; /* the last attempt was refused */
    case CONDITION_CURRENT:
    case CONDITION_ACCEPTED:
        return service->declaration->detect.argv; /* Detect= could contradict the stamp */
    default:
        return false;
    }
}

static void find_obstacle(Findings *findings, const Service *service, Result result)
{
    _cleanup_free_ char *plan = service->verdict.has_plan ? plan_describe(service) : NULL,
                        *text = strprintf("%s could not be done now: see above",
                                          plan ? plan : "the migration that is pending");

    find_sentence(findings, severity_of(result), service, text ? text : "out of memory");
}

Result check_show(const Service *service, Result helper, Findings *findings)
{
    Outcome outcome = service->verdict.outcome;
    Result own = outcome_result(outcome);
    _cleanup_free_ char *next = service_next_after(service, "check");
    bool found = helper != RESULT_DONE && helper != own && outcome != OUTCOME_REFUSED;

    /* The helper has checked again, and the obstacle of the last attempt is gone. */
    if (helper == RESULT_DONE && outcome == OUTCOME_REFUSED)
        own = RESULT_DONE;
    if (found)
        find_obstacle(findings, service, helper);
    else if (own != RESULT_DONE && outcome != OUTCOME_INVALID)
        find_sentence(findings, severity_of(helper ? helper : own), service, service->what);
    if (service->reload)
        find_sentence(findings, "warning", service, service->reload);
    if (next && !found && (own != RESULT_DONE || service->reload) && options.json == JSON_OFF)
        print_error("%s: %s: %s", service->declaration->file, service->declaration->name, next);
    return helper                   ? helper
           : own == RESULT_DEFERRED ? RESULT_DONE /* the migration could run */
                                    : own;
}

static Result check_verdict(Findings *findings, Service *service)
{
    _cleanup_(refusal_free) Refusal refusal = {};
    Result r = RESULT_DONE;

    if (service->verdict.outcome == OUTCOME_RUNNING)
        return RESULT_DONE; /* a running migration has passed these checks */
    if (needs_helper(service))
        r = helper_check(service->declaration->name, &refusal);
    if (refusal.sentence && service_take_refusal(service, &refusal) < 0)
        return complain_memory();
    return check_show(service, r, findings);
}

static void check_way_back(Findings *findings, const Service *service)
{
    _cleanup_strv_ char **needs = service->verdict.has_plan ? plan_way_back_needs(service) : NULL;

    STRV_FOREACH (need, needs)
        find_sentence(findings, "warning", service, *need);
}

static Result check_one(Findings *findings, const Declarations *all, const Declaration *declaration,
                        sd_bus *bus)
{
    _cleanup_(service_free) Service service = {.facts.store = STORE_NONE};
    bool looks = !options.root && geteuid() == 0;

    if (looks && service_look(all, declaration, bus, NULL, &service) < 0)
        return complain_memory();
    check_declaration(findings, all, declaration, looks ? &service : NULL);
    if (looks)
        check_way_back(findings, &service);
    return looks ? check_verdict(findings, &service) : RESULT_DONE;
}

static Result check(char **names, const Declarations *declarations, Findings *findings)
{
    _cleanup_free_ const Declaration **list = NULL;
    _cleanup_strv_ char **left = NULL;
    Result result = RESULT_DONE;
    sd_bus *bus;
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
        find_problems(findings, NULL, &declarations->problems, NULL);
    if (!*names && left_gates_find(declarations, NULL, &left) < 0)
        return complain_memory();
    STRV_FOREACH (sentence, left)
        find(findings, "warning", NULL, (Origin){}, *sentence, NULL);
    bus = service_bus();
    for (size_t i = 0; i < n; i++) {
        Result r = check_one(findings, declarations, list[i], bus);

        result = result ? result : r;
    }
    sd_bus_flush_close_unref(bus);
    if (findings->n_errors > 0)
        result = RESULT_INVALID;
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
