/* SPDX-License-Identifier: MIT */
/* Finds the directories of a state, and its host stamps. */
#include "state/run.h"

#include "state/refuse.h"

void run_forget_places(Run *run)
{
    for (size_t i = 0; i < run->n_places; i++)
        place_close(run->places + i);
    free(run->places);
    run->places = NULL;
    run->n_places = 0;
}

/* Adds the facts about a host stamp. Until the lodging is freed, the host cannot begin a
 * transaction. */
static int look_at_host(Run *run, size_t i)
{
    const Declaration *declaration = run->declaration;
    const char *host = declaration->within.items[i].value,
               *path = declaration->stamps.items[declaration->n_own_stamps + i].value;
    _cleanup_free_ char *refused = NULL;
    StateDirectory *directory;
    int found = LODGING_FOUND, r;

    if (i >= run->n_lodgings) {
        Lodging *lodging = ARRAY_GROW(run->lodgings, run->n_lodgings);

        found = lodging ? lodging_open(host, path, true, lodging, &refused) : -ENOMEM;
    }
    if (found == -ENOMEM)
        return found;
    r = facts_add_directory(&run->facts, path, host,
                            found < 0                 ? found
                            : run->lodgings[i].fd < 0 ? -ENOENT
                                                      : run->lodgings[i].fd);
    if (r < 0)
        return r;
    directory = run->facts.directories + run->facts.n_directories - 1;
    directory->busy = found == LODGING_BUSY;
    directory->refused = found == LODGING_REFUSED ? TAKE_PTR(refused) : NULL;
    return 0;
}

static int look_at_directory(Run *run, const char *directory)
{
    Place *place = ARRAY_GROW(run->places, run->n_places);
    char *refused = NULL;
    int r;

    if (!place)
        return -ENOMEM;
    *place = (Place)PLACE_NONE;
    r = place_find_declared(run->declaration, directory, run->store->path, place, &refused);
    return facts_add_place(&run->facts, directory, NULL, r, place, refused);
}

int run_look(Run *run)
{
    const Declaration *declaration = run->declaration;
    bool requested = run->facts.requested, agreed = run->facts.agreed,
         thorough = run->facts.thorough;
    Facts *facts = &run->facts;
    int r;

    run_forget_places(run);
    facts_free(facts);
    *facts = (Facts){.declaration = (Declaration *)declaration, /* not const: the run's own */
                     .declarations = run->declarations,
                     .store = *run->store,
                     .store_is_borrowed = true,
                     .requested = requested,
                     .agreed = agreed,
                     .thorough = thorough};
    facts_read_kernel_command_line(facts);
    r = facts_read_records(facts);
    if (r == 0)
        r = facts_read_former(facts);
    for (size_t i = 0; r == 0 && i < declaration->directories.n_items; i++)
        r = look_at_directory(run, declaration->directories.items[i].value);
    if (r == 0 && declaration->directories.n_items == 0 && declaration->stamps.n_items > 0)
        r = facts_add_directory(facts, declaration->stamps.items[0].value, NULL, run->store->fd);
    for (size_t i = 0; r == 0 && i < declaration->within.n_items && declaration->version.value; i++)
        r = look_at_host(run, i);
    return r;
}

static Outcome judge_directory(const StateDirectory *directory)
{
    if (directory->busy)
        return OUTCOME_HOST_BUSY;
    if (directory->refused)
        return directory->host ? OUTCOME_HOST_REFUSED : OUTCOME_DIRECTORY_REFUSED;
    return directory->error && directory->error != -ENOENT ? OUTCOME_UNREADABLE : OUTCOME_CURRENT;
}

Result run_find_places(Run *run)
{
    int r = run_look(run);

    if (r < 0)
        return run_refuse(run, RESULT_FAILED, "cannot look at %s: %s", run->where, strerror(-r));
    for (size_t i = 0; i < run->facts.n_directories; i++) {
        const StateDirectory *directory = run->facts.directories + i;
        Outcome outcome = judge_directory(directory);

        if (outcome != OUTCOME_CURRENT)
            return run_refuse_verdict(run, &(Verdict){.outcome = outcome, .directory = directory});
    }
    return RESULT_DONE;
}

SpaceQuery run_space_query(const Run *run)
{
    return (SpaceQuery){.declaration = run->declaration,
                        .store = run->store,
                        .places = run->places,
                        .n_places = run->n_places,
                        .log = &run->log};
}
