/* SPDX-License-Identifier: MIT */
/* What a clone of the state takes: the helper's own reckoning, without its lock, since nothing is
 * changed by it. */
#include "look/reckon.h"

#include "terminal/options.h"
#include "place/space.h"

/* Walking is ended by the signal itself. */
volatile sig_atomic_t canceled;

static void free_places(Run *run)
{
    for (size_t i = 0; i < run->n_places; i++)
        place_close(run->places + i);
    free(run->places);
}

/* 1 where a directory cannot be taken care of. */
static int find_places(Run *run)
{
    const Items *directories = &run->declaration->directories;

    for (size_t i = 0; i < directories->n_items; i++) {
        _cleanup_free_ char *what = NULL;
        Place *place = ARRAY_GROW(run->places, run->n_places);
        int r;

        if (!place)
            return -ENOMEM;
        *place = (Place)PLACE_NONE;
        r = place_find_without(directories->items[i].value, &run->declaration->excludes,
                               run->store->path, run->declaration->name, place, &what);
        if (r != PLACE_FOUND)
            return r == -ENOMEM ? r : 1;
    }
    return 0;
}

int reckon_space(Service *service)
{
    Run run = {.declaration = service->declaration,
               .store = &service->store,
               .log = {.service = service->declaration->name}};
    int r;

    if (options.root || geteuid() != 0 || !service->has_plan || service->plan.n_steps == 0)
        return 0;
    r = find_places(&run);
    if (r == 0)
        r = space_describe(&run, &service->space, &service->reasons);
    free_places(&run);
    return r == -ENOMEM ? r : 0;
}
