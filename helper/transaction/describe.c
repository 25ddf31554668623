/* SPDX-License-Identifier: MIT */
/* What the record of a migration says from the beginning: all that is needed to conclude or undo
 * it, should the declaration be another by then, or gone. */
#include "store/attempt.h"
#include "store/post-hook.h"
#include "store/software.h"
#include "system/system.h"
#include "transaction/effects.h"
#include "transaction/private.h"

static const char *protect_name(Protect protect)
{
    return protect == PROTECT_CLONE ? "clone" : protect == PROTECT_IN_PLACE ? "in-place" : "hooks";
}

/* What has to be done after the start must survive a declaration that vanishes, so it is copied. */
static void describe_post(Transaction *t)
{
    json_object *hooks = json_object_new_array();

    for (size_t i = 0; i < t->plan->n_steps; i++) {
        const Step *step = t->plan->steps + i;
        json_object *hook;

        if (!step->hooks || !step->hooks->post.argv)
            continue;
        hook = json_object_new_object();
        json_add_strv(hook, "argv", step->hooks->post.argv);
        post_hook_note(hook, t->run->declaration, step->hooks->post.argv, t->run->approved);
        json_add_string(hook, "from", step->from);
        json_add_string(hook, "to", step->to);
        json_add_string(hook, FIELD_SOFTWARE_FROM,
                        json_string(t->flight.record, FIELD_SOFTWARE_FROM));
        json_add_string(hook, FIELD_SOFTWARE_TO, t->run->declaration->software);
        if (step->hooks->timeout_usec != UINT64_MAX)
            json_add_integer(hook, "timeout", (int64_t)step->hooks->timeout_usec);
        if (step->migration && step->migration->kept_in) {
            json_add_string(hook, "user", t->run->declaration->user);
            json_add_string(hook, "group", t->run->declaration->group);
        }
        json_object_array_add(hooks, hook);
    }
    json_object_object_add(t->flight.record, "post", hooks);
}

/* From which version a migration led the state here is what its way back must know, lineage.c. */
static void describe_steps(Transaction *t)
{
    json_object *steps = json_object_new_array();

    for (size_t i = 0; i < t->plan->n_steps; i++) {
        const Step *step = t->plan->steps + i;
        json_object *described;

        if (!step->migration)
            continue;
        described = json_object_new_object();
        json_add_string(described, "migration", step->migration->id);
        json_add_string(described, "from", step->from);
        json_add_string(described, "to", step->to);
        json_add_string(described, "kept", step->migration->kept_in);
        json_object_array_add(steps, described);
    }
    json_object_object_add(t->flight.record, "steps", steps);
}

/* Names that are taken in BASE/backups/ID. */
static bool entry_is_reserved(const char *entry)
{
    return startswith(entry, FLIGHT_HOOKS_PREFIX) || startswith(entry, "manifest");
}

/* Two directories of the same name on one mount share a place, in which hooks and the manifest have
 * theirs, too. */
static int tell_entries_apart(Place *places, size_t n_places)
{
    for (size_t i = 0; i < n_places; i++) {
        bool collides = entry_is_reserved(places[i].entry);

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

/* A swap back would leave that as it is, lib/judge/route.c. */
static bool writes_outside(const Transaction *t)
{
    for (size_t i = 0; i < t->plan->n_steps; i++)
        if (t->plan->steps[i].hooks && t->run->declaration->read_write_paths.n_items > 0)
            return true;
    return false;
}

int describe(Transaction *t)
{
    _cleanup_free_ char *generation = system_generation(), *boot = system_boot_id();
    _cleanup_free_ char *started = time_format(t->started), *id = system_new_id(t->started);
    json_object *record = json_object_new_object();
    int r;

    t->flight = (Flight){.store = t->run->store,
                         .log = &t->run->log,
                         .record = record,
                         .places = t->run->places,
                         .n_places = t->run->n_places,
                         .stamp_in_store = t->run->declaration->stamp_in_store,
                         .lodgings = t->run->lodgings,
                         .n_lodgings = t->run->n_lodgings,
                         .hooks_fd = -1};
    if (!id || !record || !started)
        return -ENOMEM;
    r = tell_entries_apart(t->run->places, t->run->n_places);
    if (r < 0)
        return r;
    json_add_string(record, "id", id);
    json_add_string(record, "service", t->run->declaration->name);
    json_add_string(record, "from", t->plan->from);
    json_add_string(record, "to", t->plan->to);
    json_add_string(record, "action", t->plan->from ? NULL : ACTION_INIT);
    json_add_string(record, "declaration", t->run->declaration->file);
    json_add_string(record, "fingerprint", t->run->fingerprint.hex);
    json_add_string(record, "started", started);
    json_add_string(record, "generation", generation);
    json_add_string(record, "boot", boot);
    json_add_string(record, "invocation", log_invocation());
    json_object_object_add(record, "places",
                           flight_describe_places(t->run->places, t->run->n_places));
    describe_steps(t);
    json_add_string(record, "protect", protect_name(t->protect));
    json_add_string(record, "stamp", t->flight.stamp_in_store ? "store" : NULL);
    if (t->flight.n_lodgings > 0)
        json_object_object_add(record, "within",
                               lodgings_describe(t->flight.lodgings, t->flight.n_lodgings));
    r = software_describe(t->run->store, record, t->plan->from, t->run->declaration->software);
    if (r < 0)
        return r;
    describe_post(t);
    t->flight.self = t->run->declaration->self_migrating && t->plan->from && !t->plan->down;
    if (t->flight.self)
        json_object_object_add(record, "self", json_object_new_boolean(true));
    t->flight.id = json_string(record, "id");
    t->flight.from = json_string(record, "from");
    t->flight.to = json_string(record, "to");
    t->run->log.transaction = t->flight.id;
    if (!t->flight.id || !t->flight.to ||
        flight_describe_readers(&t->flight, t->run->declaration) < 0)
        return -ENOMEM;
    r = effects_describe(&t->flight, t->run->declaration, t->plan);
    if (r == 0 && (effects_expected(&t->flight) || writes_outside(t)))
        json_object_object_add(record, "external", json_object_new_boolean(true));
    return r;
}
