/* SPDX-License-Identifier: MIT */
/* Reads the facts of all services, or of the named services. */
#include "look/looked.h"

#include "look/common.h"
#include "terminal/output.h"

void looked_free(Looked *looked)
{
    for (size_t i = 0; i < looked->n_services; i++)
        service_free(looked->services + i);
    free(looked->services);
    declarations_free(&looked->declarations);
    sd_bus_flush_close_unref(looked->bus);
}

static Result look_at(Looked *looked, const Declaration *declaration)
{
    Service *service = ARRAY_GROW(looked->services, looked->n_services);

    if (!service)
        return complain_memory();
    if (service_look(&looked->declarations, declaration, looked->bus, NULL, service) < 0) {
        looked->n_services--;
        return complain_memory();
    }
    return RESULT_DONE;
}

Result look(char **names, Looked *looked)
{
    Result result = read_declarations(&looked->declarations), r;

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
        Service *service;

        r = look_at(looked, declaration);
        if (r != RESULT_DONE)
            return r;
        service = looked->services + looked->n_services - 1;
        /* A declaration without Version= still matters if systemd has loaded units from when it had
         * one. */
        if (declaration->enabled || options.all || service->reload)
            continue;
        service_free(service);
        looked->n_services--;
        looked->n_inert++;
    }
    return result;
}
