/* SPDX-License-Identifier: MIT */
/* Fills in the record of a migration. The record must suffice to conclude or undo the migration
 * after the declaration has changed or gone. */
#include "backup/pruning.h"
#include "store/attempt.h"
#include "store/software.h"
#include "system/system.h"
#include "transaction/effects.h"
#include "transaction/private.h"

static int describe_post_hook(Transaction *t, const Step *step, PostHook *hook)
{
    const Declaration *declaration = t->run->declaration;
    bool kept = step->migration && step->migration->kept_in;
    const StringValue strings[] = {{&hook->from, step->from},
                                   {&hook->to, step->to},
                                   {&hook->software_from, t->flight.record.software_from},
                                   {&hook->software_to, declaration->software},
                                   {&hook->user, kept ? declaration->user : NULL},
                                   {&hook->group, kept ? declaration->group : NULL}};

    hook->timeout_usec = step->hooks->timeout_usec;
    if (strv_copy(step->hooks->post.argv, &hook->argv) < 0 ||
        strreplace_all(strings, ELEMENTSOF(strings)) < 0)
        return -ENOMEM;
    return post_hook_note(hook, declaration, t->run->approved);
}

static int describe_post(Transaction *t)
{
    TransactionRecord *record = &t->flight.record;
    int r = 0;

    record->post = calloc(t->plan->n_steps + 1, sizeof(PostHook));
    if (!record->post)
        return -ENOMEM;
    ARRAY_FOREACH (step, t->plan->steps, t->plan->n_steps)
        if (r == 0 && step->hooks && step->hooks->post.argv)
            r = describe_post_hook(t, step, record->post + record->n_post++);
    return r;
}

/* Records the version to which each migration leads, for later ways back: see wayback/lineage.c. */
static int describe_steps(Transaction *t)
{
    TransactionRecord *record = &t->flight.record;

    record->steps = calloc(t->plan->n_steps + 1, sizeof(StepRecord));
    if (!record->steps)
        return -ENOMEM;
    ARRAY_FOREACH (step, t->plan->steps, t->plan->n_steps) {
        StepRecord *described;

        if (!step->migration)
            continue;
        described = record->steps + record->n_steps++;
        if (strreplace(&described->migration, step->migration->id) < 0 ||
            strreplace(&described->from, step->from) < 0 ||
            strreplace(&described->to, step->to) < 0 ||
            strreplace(&described->kept, step->migration->kept_in) < 0)
            return -ENOMEM;
    }
    return 0;
}

/* Gives each directory a unique name in BASE/backups/ID, which all directories on one mount share
 * with the hooks and the manifest. */
static int tell_entries_apart(Place *places, size_t n_places)
{
    for (size_t i = 0; i < n_places; i++) {
        bool collides = startswith(places[i].entry, FLIGHT_HOOKS_PREFIX) ||
                        startswith(places[i].entry, MANIFEST);

        for (size_t j = 0; !collides && j < i; j++)
            collides = place_entries_collide(places + i, places + j);
        if (collides) {
            int r = strreplacef(&places[i].entry, "%zu-%s", i + 1, places[i].entry);

            if (r < 0)
                return r;
        }
    }
    return 0;
}

/* Returns true if scripts may write outside of the state. A swap back would not undo such writes,
 * see judge/route.c. */
static bool writes_outside(const Transaction *t)
{
    ARRAY_FOREACH (step, t->plan->steps, t->plan->n_steps)
        if (step->hooks && t->run->declaration->read_write_paths.n_items > 0)
            return true;
    return false;
}

static int describe_strings(Transaction *t)
{
    _cleanup_free_ char *generation = system_generation(), *boot = system_boot_id(),
                        *machine = system_machine();
    _cleanup_free_ char *started = time_format(t->started), *id = system_new_id(t->started);
    TransactionRecord *record = &t->flight.record;
    const StringValue strings[] = {{&record->id, id},
                                   {&record->service, t->run->declaration->name},
                                   {&record->from, t->plan->from},
                                   {&record->to, t->plan->to},
                                   {&record->declaration, t->run->declaration->file},
                                   {&record->fingerprint, t->run->fingerprint.hex},
                                   {&record->started, started},
                                   {&record->generation, generation},
                                   {&record->boot, boot},
                                   {&record->machine, machine},
                                   {&record->invocation, log_invocation()}};

    return id && started ? strreplace_all(strings, ELEMENTSOF(strings)) : -ENOMEM;
}

int describe(Transaction *t)
{
    TransactionRecord *record = &t->flight.record;
    int r;

    t->flight = flight_of_run(t->run);
    record->not_before = pruning_note_transaction();
    record->action = t->plan->from ? ACTION_NONE : ACTION_INITIALIZED;
    record->protect = t->protect;
    record->self = t->run->declaration->self_migrating && t->plan->from && !t->plan->down;
    r = tell_entries_apart(t->run->places, t->run->n_places);
    if (r == 0)
        r = describe_strings(t);
    if (r == 0)
        r = places_record(t->run->places, t->run->n_places, record);
    if (r == 0)
        r = lodgings_record(t->run->lodgings, t->run->n_lodgings, record);
    if (r == 0)
        r = describe_steps(t);
    if (r == 0)
        r = software_describe(t->run->store, record, t->plan->from, t->run->declaration->software);
    if (r == 0)
        r = describe_post(t);
    if (r < 0)
        return r;
    flight_borrow(&t->flight);
    t->run->log.transaction = t->flight.id;
    r = flight_describe_readers(&t->flight, t->run->declaration);
    if (r == 0)
        r = effects_describe(&t->flight, t->run->declaration, t->plan);
    record->external = r == 0 && (effects_expected(&t->flight) || writes_outside(t));
    return r;
}
