/* SPDX-License-Identifier: MIT */
/* Finding the directories of a state, and the host stamps of what lives in other states. */
#include "state/run.h"

#include "state/refuse.h"

static void refuse_place(const Run *run, const Item *directory, const char *what)
{
    log_event(&run->log, LOG_ERR, MESSAGE_REFUSED, RESULT_REFUSED,
              "%s:%u: Directory=%s cannot be taken care of: %s", directory->origin.file,
              directory->origin.line, directory->value, what);
    if (run->check_only)
        log_error(&run->log, "Nothing was changed");
    else
        log_error(&run->log,
                  "The data is untouched; %s stays down. Mend that, then type: systemctl "
                  "daemon-reload; systemctl restart %s",
                  run->units[0], run->units[0]);
}

void run_forget_places(Run *run)
{
    for (size_t i = 0; i < run->n_places; i++)
        place_close(run->places + i);
    free(run->places);
    run->places = NULL;
    run->n_places = 0;
}

static int find_lodgings(Run *run)
{
    const Declaration *declaration = run->declaration;

    for (size_t i = 0; i < declaration->within.n_items && declaration->version.value; i++) {
        const Item *host = declaration->within.items + i;
        _cleanup_free_ char *what = NULL, *next = NULL;
        Lodging *lodging = ARRAY_GROW(run->lodgings, run->n_lodgings);
        int r = -ENOMEM;

        if (lodging)
            r = lodging_open(host->value,
                             declaration->stamps.items[declaration->n_own_stamps + i].value,
                             lodging, &what);
        if (r == LODGING_FOUND)
            continue;
        if (!what)
            what = strprintf("the state of %s, in which a part of it lives, cannot be looked at: "
                             "%s",
                             host->value, strerror(-r));
        next = run->check_only ? strdup("Then type the same again")
                               : strprintf("Then type: systemctl start %s", run->units[0]);
        return run_refuse(run,
                          r == LODGING_BUSY      ? RESULT_BUSY
                          : r == LODGING_REFUSED ? RESULT_REFUSED
                                                 : RESULT_FAILED,
                          r == LODGING_BUSY ? MESSAGE_BUSY : MESSAGE_REFUSED,
                          what ? what : "out of memory", next ? next : "");
    }
    return RESULT_DONE;
}

Result run_find_places(Run *run)
{
    const Items *directories = &run->declaration->directories;

    run_forget_places(run);
    for (size_t i = 0; i < directories->n_items; i++) {
        _cleanup_free_ char *what = NULL;
        Place *place = ARRAY_GROW(run->places, run->n_places);
        int r = -ENOMEM;

        if (place) {
            *place = (Place)PLACE_NONE;
            r = place_find_declared(run->declaration, directories->items[i].value, run->store->path,
                                    place, &what);
        }
        if (r == PLACE_FOUND)
            continue;
        refuse_place(run, directories->items + i, what ? what : strerror(-r));
        return RESULT_REFUSED;
    }
    return run->lodgings ? RESULT_DONE : find_lodgings(run);
}

SpaceQuery run_space_query(const Run *run, const char *again)
{
    return (SpaceQuery){.declaration = run->declaration,
                        .store = run->store,
                        .places = run->places,
                        .n_places = run->n_places,
                        .log = &run->log,
                        .again = again};
}
