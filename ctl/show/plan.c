/* SPDX-License-Identifier: MIT */
/* migratectl plan: what would be done, step by step, and what stands in the way. */
#include "basic/result.h"
#include "declare/declaration.h"
#include "look/common.h"
#include "look/reckon.h"
#include "show/consent-print.h"
#include "show/plan-print.h"
#include "show/rehearsal-print.h"
#include "show/service-json.h"
#include "show/verbs.h"
#include "terminal/options.h"
#include "terminal/output.h"

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
        return service->has_plan ? "ready" : service->readable ? "current" : "unknown";
    }
}

static int result_of(const Service *service)
{
    switch (service->condition) {
    case CONDITION_GAP:
    case CONDITION_NEWER:
    case CONDITION_SKIP:
    case CONDITION_UNKNOWN:
    case CONDITION_MISSING:
        return RESULT_REFUSED;
    case CONDITION_DISAGREE:
        return RESULT_ATTENTION;
    case CONDITION_UNREADABLE:
        return RESULT_FAILED;
    default:
        return service->reasons && !service->approved ? RESULT_APPROVAL : RESULT_DONE;
    }
}

/* "restore": the backup that is brought back; "aside": one with newer data, which stays behind. */
static void route_add_to_json(json_object *plan, const Route *route)
{
    bool restores = route->backup && route->kind == ROUTE_RESTORE,
         leaves = route->backup && !restores;

    json_object_object_add(plan, "restore",
                           restores ? json_object_new_string(route->backup) : NULL);
    json_object_object_add(plan, "aside", leaves ? json_object_new_string(route->backup) : NULL);
    json_object_object_add(plan, "backup_version",
                           route->backup ? json_object_new_string(route->version) : NULL);
    json_object_object_add(plan, "lossless",
                           restores ? json_object_new_boolean(route->lossless) : NULL);
}

static int plan_to_json(const Service *service)
{
    _cleanup_json_ json_object *object = service_to_json(service);
    json_object *reasons = NULL;
    bool needed = service->reasons && !service->approved;

    if (!object)
        return complain_memory();
    json_object_object_get_ex(object, "reasons", &reasons);
    _cleanup_json_ json_object *plan = json_object_new_object();
    const char *from = service->version, *to = service->declaration->version.value;
    /* What is agreed to beside the plan cannot be declared. */
    _cleanup_free_ char *approve =
        needed && !service->extra ? strprintf("Approved=%s:%s", from, to) : NULL;

    json_object_object_add(plan, "name", json_object_new_string(service->declaration->name));
    json_object_object_add(plan, "declaration", json_object_new_string(service->declaration->file));
    json_object_object_add(plan, "from", from ? json_object_new_string(from) : NULL);
    json_object_object_add(plan, "to", to ? json_object_new_string(to) : NULL);
    json_object_object_add(plan, "outcome", json_object_new_string(outcome(service)));
    json_object_object_add(plan, "what",
                           service->what ? json_object_new_string(service->what) : NULL);
    json_object_object_add(plan, "approval", json_object_new_boolean(needed));
    json_object_object_add(plan, "approved", json_object_new_boolean(service->approved));
    json_object_object_add(plan, "reasons", json_object_get(reasons));
    json_object_object_add(plan, "approve", approve ? json_object_new_string(approve) : NULL);
    json_object_object_add(
        plan, "direction",
        !service->has_plan ? NULL : json_object_new_string(service->plan.down ? "down" : "up"));
    json_object_object_add(plan, "steps", steps_to_json(&service->plan));
    route_add_to_json(plan, &service->route);
    json_object_object_add(plan, "space", service->space ? strings_to_json(service->space) : NULL);
    consent_add_to_json(plan, service);
    rehearsal_add_to_json(plan, service);
    print_json(plan);
    return RESULT_DONE;
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

void plan_print(const Service *service)
{
    const Plan *plan = &service->plan;

    if (service->route.kind == ROUTE_RESTORE)
        print_line(2, "%s%s%s: %s %s %s, by bringing back the backup %s", colour(COLOUR_BOLD),
                   service->declaration->name, colour(COLOUR_NONE), plan->from, arrow(), plan->to,
                   service->route.backup);
    else
        print_line(2, "%s%s%s: %s %s %s in %zu step%s%s%s", colour(COLOUR_BOLD),
                   service->declaration->name, colour(COLOUR_NONE), plan->from, arrow(), plan->to,
                   plan->n_steps, plan->n_steps == 1 ? "" : "s", plan->down ? " back" : "",
                   options.from ? " (were the state at that version)" : "");
    if (service->what && service->condition != CONDITION_APPROVAL)
        print_line(2, "  %s", service->what);
    for (size_t i = 0; i < plan->n_steps; i++)
        print_step(i + 1, plan->steps + i, plan->down);
    STRV_FOREACH (line, service->space)
        print_line(7, "%s%s", line == service->space ? "\nSpace: " : "       ", *line);
    if (service->rehearsed)
        print_line(2, "\nR%s", service->rehearsed + 1);
    consent_print_reasons(service);
}

static void print_ready(const Service *service)
{
    const char *name = service->declaration->name;

    plan_print(service);
    if (service->reasons && !service->approved) {
        if (service->extra)
            print_line(2, "\nTo approve it, run: migratectl approve %s", name);
        else if (!options.root)
            print_line(2,
                       "\nTo approve it, run: migratectl approve %s\n"
                       "or write to /etc/migrate.d/%s.ini.d/60-approved.ini:",
                       name, name);
        else
            print_line(2,
                       "\nTo approve it, write to /etc/migrate.d/%s.ini.d/60-approved.ini:", name);
        if (!service->extra)
            print_line(2, "\n  [State]\n  Approved=%s:%s", service->plan.from, service->plan.to);
        if (service_is_deferred(service))
            print_line(2, "\nIt is deferred, too. To end the deferral, run: migratectl resume %s",
                       name);
        if (!options.from && !options.root)
            print_line(2, "\nThen run: migratectl start %s", name);
        return;
    }
    if (options.from || options.no_legend)
        return;
    if (service->condition == CONDITION_PENDING && service->declaration->policy != POLICY_MANUAL &&
        !migrations_are_manual())
        print_line(2, "\nIt runs when the service starts the next time%s%s",
                   service->next ? ", or now: " : "", service->next ? service->next : "");
    else if (service->next)
        print_line(2, "\nTo go on, run: %s", service->next);
}

static void print_other(const Service *service)
{
    const char *name = service->declaration->name;

    switch (service->condition) {
    case CONDITION_CURRENT:
        print_line(2, "%s: the state is at version %s: nothing to do", name, service->version);
        break;
    case CONDITION_UNSTAMPED:
    case CONDITION_DEFERRED:
    case CONDITION_IN_FLIGHT:
        print_line(2, "%s: %s", name, service->what ? service->what : "?");
        print_line(2, "To see the plan from a version, run: migratectl plan %s --from=VERSION",
                   name);
        break;
    case CONDITION_PENDING:
    case CONDITION_FRESH:
    case CONDITION_FAILED:
    case CONDITION_SELF:
    case CONDITION_INERT:
    case CONDITION_ACCEPTED:
        print_line(2, "%s: %s", name, service->what ? service->what : "nothing to do");
        break;
    default:
        break;
    }
}

static void complain_refused(const Service *service)
{
    const char *name = service->declaration->name;

    complain("%s: %s", name, service->what ? service->what : "refused");
    switch (service->condition) {
    case CONDITION_GAP:
        complain("declare the migration that is missing, or Gaps=allow: migrate.d(5)");
        break;
    case CONDITION_SKIP:
        complain("install the versions in between, one after another");
        break;
    case CONDITION_NEWER:
        complain("roll the software forward again; or bring back data that it takes: migratectl "
                 "backups %s shows which, then migratectl restore %s ID. Downgrade= in "
                 "migrate.d(5) says what a start may do by itself",
                 name, name);
        break;
    case CONDITION_UNREADABLE:
        complain("to see the plan from a version, run: migratectl plan %s --from=VERSION", name);
        break;
    case CONDITION_MISSING: /* what it says names the ways out */
        break;
    default:
        complain("run: %s", service->next ? service->next : "migratectl status");
    }
}

int plan_explain_none(const Service *service)
{
    int result = result_of(service);

    if (result == RESULT_DONE)
        print_other(service);
    else
        complain_refused(service);
    return result;
}

int ctl_plan(char **names)
{
    _cleanup_(declarations_free) Declarations declarations = {};
    _cleanup_(service_free) Service service = {.store = STORE_NONE};
    const Declaration *declaration;
    sd_bus *bus;
    int result = find_declaration(names[0], &declarations, &declaration), r;

    if (result != RESULT_DONE)
        return result;
    bus = service_bus();
    r = service_look(declaration, bus, options.from, &service);
    sd_bus_flush_close_unref(bus);
    if (r < 0)
        return complain_memory();
    if (!options.from && reckon_space(&service) < 0)
        return complain_memory();
    result = result_of(&service);
    if (options.json != JSON_OFF) {
        r = plan_to_json(&service);
        return r == RESULT_DONE ? result : r;
    }
    if (!service.has_plan)
        return plan_explain_none(&service);
    print_ready(&service);
    return result;
}
