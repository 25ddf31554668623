/* SPDX-License-Identifier: MIT */
/* What a clone of the state takes: the helper's own reckoning, without its lock, since nothing is
 * changed by it. */
#include "look/reckon.h"

#include "place/space.h"
#include "terminal/options.h"

/* 1 where a directory cannot be taken care of. */
static int find_places(const Service *service, Place *places)
{
    const Declaration *declaration = service->declaration;

    for (size_t i = 0; i < declaration->directories.n_items; i++) {
        _cleanup_free_ char *what = NULL;
        int r = place_find_without(declaration->directories.items[i].value, &declaration->excludes,
                                   service->facts.store.path, declaration->name, places + i, &what);

        if (r != PLACE_FOUND)
            return r == -ENOMEM ? r : 1;
    }
    return 0;
}

int reckon_space(Service *service)
{
    const Declaration *declaration = service->declaration;
    size_t n_places = declaration->directories.n_items;
    _cleanup_strv_ char **reasons = NULL;
    _cleanup_free_ Place *places = NULL;
    int r;

    if (options.root || geteuid() != 0 || !service->verdict.has_plan ||
        service->verdict.route.plan.n_steps == 0)
        return 0;
    places = calloc(n_places + 1, sizeof(Place));
    if (!places)
        return -ENOMEM;
    for (size_t i = 0; i < n_places; i++)
        places[i] = (Place)PLACE_NONE;
    r = find_places(service, places);
    if (r == 0)
        r = space_describe(&(SpaceQuery){.declaration = declaration,
                                         .store = &service->facts.store,
                                         .places = places,
                                         .n_places = n_places,
                                         .log = &(LogContext){.service = declaration->name}},
                           &service->space, &reasons);
    for (size_t i = 0; i < n_places; i++)
        place_close(places + i);
    if (r < 0 || !reasons)
        return r == -ENOMEM ? r : 0;
    service->facts.space.over_limit = TAKE_PTR(reasons[0]);
    return service_judge(service);
}
