/* SPDX-License-Identifier: MIT */
/* migratectl status, and the overview: one line a service. What it says of one alone is detail.c's.
 */
#include "detail.h"

#include "ctl.h"
#include "output.h"

typedef struct Looked {
    Declarations declarations;
    Service *services;
    size_t n_services;
    size_t n_inert; /* left out */
    sd_bus *bus;
} Looked;

static void looked_free(Looked *looked)
{
    for (size_t i = 0; i < looked->n_services; i++)
        service_free(looked->services + i);
    free(looked->services);
    declarations_free(&looked->declarations);
    sd_bus_flush_close_unref(looked->bus);
}

static int look_at(Looked *looked, const Declaration *declaration)
{
    Service *service = ARRAY_GROW(looked->services, looked->n_services);

    if (!service)
        return complain_memory();
    if (service_look(declaration, looked->bus, NULL, service) < 0) {
        looked->n_services--;
        return complain_memory();
    }
    return RESULT_DONE;
}

/* At all of them, or at those named. RESULT_DONE, RESULT_REFUSED when a name is declared nowhere.
 */
static int look(char **names, Looked *looked)
{
    int result = read_declarations(&looked->declarations), r;

    if (result != RESULT_DONE)
        return result;
    looked->bus = service_bus();
    STRV_FOREACH (name, names) {
        Declaration *declaration = declarations_find(&looked->declarations, *name);

        r = declaration ? look_at(looked, declaration) : refuse_undeclared(*name);
        if (r == RESULT_FAILED)
            return r;
        result = result ? result : r;
    }
    for (size_t i = 0; !*names && i < looked->declarations.n_items; i++) {
        const Declaration *declaration = looked->declarations.items + i;

        if (!declaration->enabled && !options.all) {
            looked->n_inert++;
            continue;
        }
        r = look_at(looked, declaration);
        if (r != RESULT_DONE)
            return r;
    }
    return result;
}

static int print_table(const Looked *looked, bool hints)
{
    static const Heading headings[] = {
        {"SERVICE", .shrinks = true}, {"DECLARED"}, {"STATE"}, {"CONDITION"}, {"UNITS"},
        {"NEXT", .wraps = true}};
    static const Heading without_units[] = {{"SERVICE", .shrinks = true},
                                            {"DECLARED"},
                                            {"STATE"},
                                            {"CONDITION"},
                                            {"NEXT", .wraps = true}};
    bool units_known = options.root == NULL; /* elsewhere nothing runs */
    _cleanup_(table_free) Table table;

    if (units_known)
        table_begin(&table, headings, ELEMENTSOF(headings) - !hints);
    else
        table_begin(&table, without_units, ELEMENTSOF(without_units) - !hints);
    for (size_t i = 0; i < looked->n_services; i++) {
        const Service *service = looked->services + i;
        _cleanup_free_ char *state = detail_state(service), *condition = detail_condition(service),
                            *units = detail_units(service);

        table_row(&table);
        table_cell(&table, service->declaration->name, COLOUR_NONE);
        table_cell(&table, service->declaration->version.value, COLOUR_NONE);
        table_cell(&table, state, COLOUR_NONE);
        table_cell(&table, condition, detail_colour(service));
        if (units_known)
            table_cell(&table, units, COLOUR_NONE);
        if (hints)
            table_cell(&table, service->next ? service->next : "", COLOUR_NONE);
    }
    return table_print(&table) < 0 ? complain_memory() : RESULT_DONE;
}

/* What could not be looked at, and why: a "-" must not be taken for good news. */
static void print_remarks(const Looked *looked)
{
    bool records = false;

    for (size_t i = 0; i < looked->n_services; i++)
        records = records || looked->services[i].store_error == -EACCES;
    if (options.no_legend)
        return;
    if (records)
        printf("\n%sThe records in " STORE_DIRECTORY
               " are root's: failed and unfinished migrations are not "
               "shown. Try sudo.%s\n",
               colour(COLOUR_DIM), colour(COLOUR_NONE));
    if (looked->n_inert > 0)
        printf("\n%s%zu declared service%s not enabled; --all shows %s.%s\n", colour(COLOUR_DIM),
               looked->n_inert, looked->n_inert == 1 ? " is" : "s are",
               looked->n_inert == 1 ? "it" : "them", colour(COLOUR_NONE));
    if (looked->declarations.problems.n_items > 0)
        printf("\n%sSome declarations were not understood: see migratectl check.%s\n",
               colour(COLOUR_YELLOW), colour(COLOUR_NONE));
}

static int print_json_all(const Looked *looked)
{
    _cleanup_json_ json_object *array = json_object_new_array();

    for (size_t i = 0; array && i < looked->n_services; i++) {
        json_object *object = service_to_json(looked->services + i);

        if (!object)
            return complain_memory();
        json_object_array_add(array, object);
    }
    if (!array)
        return complain_memory();
    print_json(array);
    return RESULT_DONE;
}

int ctl_status(char **names)
{
    _cleanup_(looked_free) Looked looked = {};
    int result = look(names, &looked), r = RESULT_DONE;

    if (result == RESULT_FAILED)
        return result;
    if (options.json != JSON_OFF)
        r = print_json_all(&looked);
    else if (*names)
        for (size_t i = 0; i < looked.n_services; i++) {
            if (i > 0)
                putchar('\n');
            detail_print(looked.services + i);
        }
    else {
        if (looked.n_services > 0)
            r = print_table(&looked, true);
        else if (!options.no_legend)
            puts("No service declares the version of its state.");
        print_remarks(&looked);
    }
    return result ? result : r;
}

/* A sentence and a command for whatever is not as it should be. */
static size_t print_waiting(const Looked *looked)
{
    size_t n = 0;

    for (size_t i = 0; i < looked->n_services; i++) {
        const Service *service = looked->services + i;
        _cleanup_free_ char *condition = detail_condition(service);

        if (service->condition == CONDITION_CURRENT || service->condition == CONDITION_FRESH ||
            service->condition == CONDITION_INERT || service->condition == CONDITION_ACCEPTED)
            continue;
        if (n++ == 0)
            printf("\n%sWhat is pending:%s\n", colour(COLOUR_BOLD), colour(COLOUR_NONE));
        printf("  %s%s%s: %s%s%s%s\n", colour(detail_colour(service)), service->declaration->name,
               colour(COLOUR_NONE), condition ? condition : "?", service->what ? ": " : "",
               service->what ? service->what : "",
               service->condition == CONDITION_PENDING ? ", at its next start" : "");
        if (service->next)
            printf("      %s\n", service->next);
    }
    return n;
}

int ctl_overview(char **names)
{
    _cleanup_(looked_free) Looked looked = {};
    int result;

    if (options.json != JSON_OFF)
        return ctl_status(names);
    result = look(names, &looked);
    if (result != RESULT_DONE)
        return result;
    if (looked.n_services == 0) {
        puts("No service declares the version of its state.");
        if (looked.n_inert > 0)
            puts("Declared, but not enabled: migratectl status --all. To enable one: migratectl "
                 "enable NAME");
        else
            puts("How to declare one: migrate.d(5)");
        return RESULT_DONE;
    }
    result = print_table(&looked, false);
    if (result == RESULT_DONE && print_waiting(&looked) == 0 && !options.no_legend)
        printf("\nNothing is pending.\n");
    print_remarks(&looked);
    return result;
}
