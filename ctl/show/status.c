/* SPDX-License-Identifier: MIT */
/* migratectl status: prints one line for each service; detail.c prints a single service. */
#include "look/service.h"
#include "show/detail.h"
#include "show/service-json.h"
#include "show/verbs.h"
#include "terminal/table.h"

static Result print_table(const Looked *looked)
{
    bool units_known = options.root == NULL; /* below --root= nothing runs */
    const Heading headings[] = {{"SERVICE", .shrinks = true},
                                {"DECLARED"},
                                {"STATE"},
                                {"CONDITION", .wraps = true},
                                {units_known ? "UNITS" : "NEXT", .optional = units_known},
                                {"NEXT"}};
    _cleanup_(table_free) Table table;

    table_begin(&table, headings, units_known ? 6 : 5);
    for (size_t i = 0; i < looked->n_services; i++) {
        const Service *service = looked->services + i;
        _cleanup_free_ char *state = detail_state(service), *condition = detail_condition(service),
                            *units = detail_units(service);

        table_row(&table);
        table_cells(&table, service->declaration->name, service->declaration->version.value, state);
        table_cell(&table, condition, detail_colour(service));
        if (units_known)
            table_cells(&table, units);
        table_cells(&table, service->next);
    }
    return table_print(&table) < 0 ? complain_memory() : RESULT_DONE;
}

/* Prints which facts could not be read, and why, because "-" in the table could be taken for good
 * news. */
static void print_remarks(const Looked *looked)
{
    bool records = false;

    STRV_FOREACH (sentence, looked->left)
        print_line(2, "\n%s%s%s", colour(COLOUR_YELLOW), *sentence, colour(COLOUR_NONE));
    for (size_t i = 0; i < looked->n_services; i++)
        records = records || looked->services[i].facts.store_error == -EACCES;
    if (options.no_legend)
        return;
    if (records)
        print_line(2,
                   "\n%sThe records in " STORE_DIRECTORY
                   " are root's: failed and unfinished migrations are not shown. Try sudo.%s",
                   colour(COLOUR_DIM), colour(COLOUR_NONE));
    if (looked->n_inert > 0)
        print_line(2, "\n%s%zu declared service%s not enabled; --all shows %s.%s",
                   colour(COLOUR_DIM), looked->n_inert, looked->n_inert == 1 ? " is" : "s are",
                   looked->n_inert == 1 ? "it" : "them", colour(COLOUR_NONE));
    if (looked->declarations.problems.n_items > 0)
        print_line(2, "\n%sSome declarations were not understood. Run: migratectl check%s",
                   colour(COLOUR_YELLOW), colour(COLOUR_NONE));
}

static Result print_json_all(const Looked *looked)
{
    _cleanup_json_ json_object *array = json_object_new_array();

    for (size_t i = 0; array && i < looked->n_services; i++)
        if (json_append(array, service_to_json(looked->services + i)) < 0)
            return complain_memory();
    if (!array)
        return complain_memory();
    print_json(array);
    return RESULT_DONE;
}

Result status_show(const Looked *looked, bool detailed)
{
    Result r = RESULT_DONE;

    if (options.json != JSON_OFF)
        return print_json_all(looked);
    if (detailed) {
        for (size_t i = 0; i < looked->n_services; i++) {
            if (i > 0)
                putchar('\n');
            detail_print(looked->services + i);
        }
        return RESULT_DONE;
    }
    if (looked->n_services > 0)
        r = print_table(looked);
    else if (!options.no_legend)
        puts("No service declares the version of its state.");
    print_remarks(looked);
    return r;
}

int ctl_status(char **names)
{
    _cleanup_(looked_free) Looked looked = {};
    Result result = look(names, &looked), r;

    if (result == RESULT_FAILED)
        return result;
    r = status_show(&looked, *names);
    return result ? result : r;
}
