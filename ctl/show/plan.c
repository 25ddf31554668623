/* SPDX-License-Identifier: MIT */
/* migratectl plan: prints the steps of the plan, or why there is none. */
#include "look/common.h"
#include "show/rehearsal-print.h"
#include "show/service-json.h"
#include "show/verbs.h"
#include "store/consent.h"
#include "wayback/wayback.h"

static const char *outcome(const Service *service)
{
    switch (service->condition) {
    case CONDITION_CURRENT:
        return "current";
    case CONDITION_FRESH:
        return "fresh";
    case CONDITION_GAP:
        return "gap";
    case CONDITION_NEWER:
        return "downgrade";
    case CONDITION_SKIP:
        return "skip";
    default:
        return service->verdict.has_plan                      ? "ready"
               : service->verdict.outcome == OUTCOME_READABLE ? "current"
                                                              : "unknown";
    }
}

static Result result_of(const Service *service)
{
    const Verdict *verdict = &service->verdict;

    if (verdict->has_plan)
        return verdict->reasons && !verdict->approved ? RESULT_APPROVAL : RESULT_DONE;
    switch (service->condition) {
    case CONDITION_INERT:
    case CONDITION_FAILED:
    case CONDITION_DEFERRED:
    case CONDITION_IN_FLIGHT:
        return RESULT_DONE; /* a plan is not an error */
    default:
        return outcome_result(verdict->outcome);
    }
}

/* Adds the keys "restore" (the backup that is restored) and "aside" (a backup with newer data,
 * which stays where it is). */
static void route_add_to_json(json_object *plan, const Route *route)
{
    bool restores = route->backup && route->kind == ROUTE_RESTORE;

    json_add_text(plan, "restore", restores ? route->backup : NULL);
    json_add_text(plan, "aside", restores ? NULL : route->backup);
    json_add_text(plan, "backup_version", route->backup ? route->version : NULL);
    json_object_object_add(plan, "lossless",
                           restores ? json_object_new_boolean(route->lossless) : NULL);
}

char **plan_way_back_needs(const Service *service)
{
    char **notes = NULL;

    if (!options.root &&
        applied_foresee(service->declaration, &service->verdict.route.plan, &notes) < 0)
        complain_memory();
    return notes;
}

static Result plan_to_json(const Service *service)
{
    _cleanup_json_ json_object *plan = json_object_new_object();
    bool needed = service->verdict.reasons && !service->verdict.approved;
    const char *from = service->verdict.version, *to = service->declaration->version.value;
    /* Approved= cannot approve a route that needs extra text in its approval. */
    _cleanup_free_ char *approve =
        needed && !service->verdict.extra ? strprintf("Approved=%s:%s", from, to) : NULL;
    _cleanup_strv_ char **needs = plan_way_back_needs(service), **visible = NULL;

    if (!plan || describe_visible(service->declaration, &visible) < 0)
        return complain_memory();
    json_add_text(plan, "name", service->declaration->name);
    json_add_text(plan, "declaration", service->declaration->file);
    json_add_text(plan, "from", from);
    json_add_text(plan, "to", to);
    json_add_text(plan, "outcome", outcome(service));
    verdict_add_to_json(plan, service);
    json_add_boolean(plan, "approval", needed);
    json_add_boolean(plan, "approved", service->verdict.approved);
    json_object_object_add(plan, "reasons", strings_to_json(service->verdict.reasons));
    json_add_text(plan, "approve", approve);
    json_add_text(plan, "direction",
                  !service->verdict.has_plan         ? NULL
                  : service->verdict.route.plan.down ? "down"
                                                     : "up");
    json_object_object_add(plan, "excludes", items_to_json(&service->declaration->excludes));
    json_object_object_add(plan, "visible", strings_to_json(visible));
    json_object_object_add(plan, "steps", steps_to_json(&service->verdict.route.plan));
    json_object_object_add(plan, "way_back_needs", strings_to_json(needs));
    route_add_to_json(plan, &service->verdict.route);
    json_object_object_add(plan, "space",
                           service->facts.space.report.lines
                               ? strings_to_json(service->facts.space.report.lines)
                               : NULL);
    consent_add_to_json(plan, service);
    rehearsal_add_to_json(plan, service);
    print_json(plan);
    return RESULT_DONE;
}

char *plan_describe(const Service *service)
{
    const Route *route = &service->verdict.route;

    if (route->kind == ROUTE_RESTORE)
        return strprintf("bringing back the backup %s, at version %s,", route->backup,
                         route->version);
    return strprintf("the migration from %s to %s", service->verdict.route.plan.from,
                     service->verdict.route.plan.to);
}

static void print_command(const char *key, const Command *command)
{
    if (!command->argv)
        return;
    printf("     %s%-8s%s", colour(COLOUR_DIM), key, colour(COLOUR_NONE));
    STRV_FOREACH (word, command->argv)
        printf("%s%s", word == command->argv ? "" : " ", *word);
    putchar('\n');
}

static void print_hooks(const Hooks *hooks)
{
    STRV_FOREACH (warning, hooks->warnings)
        print_line(7, "     %sWarning: %s%s", colour(COLOUR_YELLOW), *warning, colour(COLOUR_NONE));
    print_command("Check", &hooks->check);
    print_command("Script", &hooks->script);
    print_command("Verify", &hooks->verify);
    print_command("Post", &hooks->post);
}

static void print_step(size_t number, const Step *step, bool down)
{
    const Migration *migration = step->migration;
    const char *what = migration ? migration->id
                       : step->hooks
                           ? "[EveryUp]"
                           : "no migration is declared here, so only the stamp moves (Gaps=allow; "
                             "[EveryUp] or the software itself does the work)";

    print_line(5, "\n%2zu. %s%s %s %s%s  %s%s", number, colour(COLOUR_BOLD), step->from, arrow(),
               step->to, colour(COLOUR_NONE), what, migration && down ? " [Down]" : "");
    if (migration && migration->description)
        print_line(5, "     %s", migration->description);
    if (migration && migration->kept_in)
        print_line(5, "     %skept in %s since %s, when the state was migrated up%s",
                   colour(COLOUR_DIM), migration->kept_in, migration->kept_on, colour(COLOUR_NONE));
    else if (migration || step->hooks)
        print_line(5, "     %s%s%s", colour(COLOUR_DIM),
                   migration ? migration->file : step->hooks->origin.file, colour(COLOUR_NONE));
    if (step->hooks)
        print_hooks(step->hooks);
}

/* Prints why the plan needs approval, if it is approved: if not, the verdict's sentence gives the
 * reasons. */
static void print_reasons(const Service *service)
{
    const Verdict *verdict = &service->verdict;
    bool recorded = service->verdict.approved && !service->verdict.declared_approval;
    _cleanup_free_ char *who =
                            recorded ? operator_describe(&service->facts.approval.operator) : NULL,
                        *expired = words_expired(&service->facts, verdict);

    if (verdict->reasons && verdict->approved) {
        print_line(2, "\n%sThis plan needs approval%s%s%s:", colour(COLOUR_YELLOW),
                   colour(COLOUR_NONE), recorded ? ", which was given by " : ", which is declared",
                   who ? who : "");
        STRV_FOREACH (reason, verdict->reasons)
            print_line(4, "  %s", *reason);
    }
    if (verdict->reasons && expired)
        print_line(2, "\nNote: %s", expired);
}

void plan_print(const Service *service)
{
    const Plan *plan = &service->verdict.route.plan;
    _cleanup_strv_ char **needs = plan_way_back_needs(service);
    _cleanup_strv_ char **visible = NULL;

    if (service->verdict.route.kind == ROUTE_RESTORE)
        print_line(2, "%s%s%s: %s %s %s, by bringing back the backup %s", colour(COLOUR_BOLD),
                   service->declaration->name, colour(COLOUR_NONE), plan->from, arrow(), plan->to,
                   service->verdict.route.backup);
    else
        print_line(2, "%s%s%s: %s %s %s in %zu step%s%s%s", colour(COLOUR_BOLD),
                   service->declaration->name, colour(COLOUR_NONE), plan->from, arrow(), plan->to,
                   plan->n_steps, plan->n_steps == 1 ? "" : "s", plan->down ? " back" : "",
                   options.from ? " (were the state at that version)" : "");
    if (!options.from)
        print_line(2, "  %s", service->what);
    for (size_t i = 0; i < plan->n_steps; i++)
        print_step(i + 1, plan->steps + i, plan->down);
    STRV_FOREACH (need, needs)
        print_line(2, "\n%sWarning: %s%s", colour(COLOUR_YELLOW), *need, colour(COLOUR_NONE));
    ITEMS_FOREACH (item, &service->declaration->excludes)
        print_line(10, "%s%s, which stays as it is and is in no backup",
                   item == service->declaration->excludes.items ? "\nExcluded: " : "          ",
                   item->value);
    if (describe_visible(service->declaration, &visible) == 0 && visible)
        STRV_FOREACH (line, visible)
            print_line(6, "%s%s", line == visible ? "\nNote: " : "      ", *line);
    STRV_FOREACH (line, service->facts.space.report.lines)
        print_line(7, "%s%s", line == service->facts.space.report.lines ? "\nSpace: " : "       ",
                   *line);
    if (service->rehearsed)
        print_line(2, "\nR%s", service->rehearsed + 1);
    print_reasons(service);
}

static void print_next(const Service *service)
{
    _cleanup_free_ char *next = service_next_after(service, "plan");

    if (options.from || options.no_legend)
        return;
    if (service->reload)
        print_line(2, "\n%s%s%s", colour(COLOUR_YELLOW), service->reload, colour(COLOUR_NONE));
    if (next)
        print_line(2, "\nTo go on, %s", next);
}

static void print_ready(const Service *service)
{
    const Verdict *verdict = &service->verdict;

    plan_print(service);
    if (verdict->reasons && !verdict->approved && !verdict->extra)
        print_line(
            2,
            "\nTo approve it in a file, write to /etc/migrate.d/%s.ini.d/60-approved.ini:\n\n"
            "  [State]\n  Approved=%s:%s",
            service->declaration->name, verdict->route.plan.from, verdict->route.plan.to);
    print_next(service);
}

int plan_explain_none(const Service *service)
{
    const char *name = service->declaration->name;
    _cleanup_free_ char *next = service_next_after(service, "plan");
    int result = result_of(service);

    if (result != RESULT_DONE) {
        complain("%s: %s", name, service->what);
        if (service->reload)
            complain("%s: %s", name, service->reload);
        if (next)
            complain("%s: %s", name, next);
        return result;
    }
    print_line(2, "%s: %s", name, service->what);
    if (service->condition == CONDITION_UNSTAMPED)
        print_line(2, "To see the plan from a version, run: migratectl plan %s --from=VERSION",
                   name);
    print_next(service);
    return result;
}

Result plan_show(const Service *service)
{
    Result result = result_of(service), r;

    if (options.json != JSON_OFF) {
        r = plan_to_json(service);
        return r == RESULT_DONE ? result : r;
    }
    if (!service->verdict.has_plan)
        return plan_explain_none(service);
    print_ready(service);
    return result;
}

int ctl_plan(char **names)
{
    _cleanup_(declarations_free) Declarations declarations = {};
    _cleanup_(service_free) Service service = {.facts.store = STORE_NONE};
    const Declaration *declaration;
    _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
    int result = read_declarations(&declarations);

    if (result != RESULT_DONE)
        return result;
    declaration = declarations_find(&declarations, names[0]);
    if (!declaration)
        return refuse_undeclared(names[0]);
    bus = service_bus();
    if (service_look(&declarations, declaration, bus, options.from, &service) < 0 ||
        (!options.from && service_read_space(&service) < 0))
        return complain_memory();
    return plan_show(&service);
}
