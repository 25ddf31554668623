/* SPDX-License-Identifier: MIT */
/* Formats a service as JSON, with the keys that output.h promises. */
#include "show/service-json.h"

#include "show/rehearsal-print.h"

json_object *strings_to_json(char *const *strings)
{
    json_object *array = json_object_new_array();

    for (; strings && *strings; strings++)
        json_object_array_add(array, json_object_new_string(*strings));
    return array;
}

json_object *items_to_json(const Items *items)
{
    json_object *array = json_object_new_array();

    ITEMS_FOREACH (item, items)
        json_object_array_add(array, json_object_new_string(item->value));
    return array;
}

void verdict_add_to_json(json_object *object, const Service *service)
{
    json_add_text(object, "condition", service ? condition_name(service->condition) : NULL);
    json_add_text(object, "verdict", service ? outcome_name(service->verdict.outcome) : NULL);
    json_add_text(object, "what", service ? service->what : NULL);
    json_add_text(object, "reload", service ? service->reload : NULL);
    json_add_text(object, "next", service ? service->next : NULL);
    json_add_text(object, "then", service ? service->then : NULL);
}

static void add_command(json_object *object, const char *key, const Command *command)
{
    json_object_object_add(object, key,
                           command && command->argv ? strings_to_json(command->argv) : NULL);
}

json_object *steps_to_json(const Plan *plan)
{
    json_object *array = json_object_new_array();

    for (size_t i = 0; i < plan->n_steps; i++) {
        const Step *step = plan->steps + i;
        const Hooks *hooks = step->hooks;
        json_object *object = json_object_new_object();

        json_add_text(object, "from", step->from);
        json_add_text(object, "to", step->to);
        json_add_text(object, "migration", step->migration ? step->migration->id : NULL);
        json_add_text(object, "file",
                      step->migration ? step->migration->file
                      : hooks         ? hooks->origin.file
                                      : NULL);
        json_add_text(object, "kept", step->migration ? step->migration->kept_in : NULL);
        json_add_text(object, "kept_on", step->migration ? step->migration->kept_on : NULL);
        json_add_text(object, "description", step->migration ? step->migration->description : NULL);
        json_object_object_add(object, "warnings", strings_to_json(hooks ? hooks->warnings : NULL));
        add_command(object, "check", hooks ? &hooks->check : NULL);
        add_command(object, "script", hooks ? &hooks->script : NULL);
        add_command(object, "verify", hooks ? &hooks->verify : NULL);
        add_command(object, "post", hooks ? &hooks->post : NULL);
        json_object_array_add(array, object);
    }
    return array;
}

static json_object *unit_to_json(const UnitFact *info)
{
    json_object *object = json_object_new_object();

    json_add_text(object, "unit", info->unit);
    json_add_text(object, "load", info->load);
    json_add_text(object, "active", info->active);
    json_add_text(object, "sub", info->sub);
    return object;
}

static json_object *units_to_json(const Service *service)
{
    json_object *array = json_object_new_array();

    for (size_t i = 0; i < service->facts.n_units; i++) {
        json_object *object = unit_to_json(service->facts.units + i);

        json_add_boolean(object, "old", service->facts.units[i].old);
        json_object_array_add(array, object);
    }
    return array;
}

static json_object *spots_to_json(const Service *service)
{
    json_object *array = json_object_new_array();

    for (size_t i = 0; i < service->facts.n_directories; i++) {
        const StateDirectory *spot = service->facts.directories + i;
        json_object *object = json_object_new_object();
        bool readable = spot->error == 0;

        json_add_text(object, "directory", spot->directory);
        json_add_text(object, "within", spot->host);
        json_object_object_add(object, "stamps",
                               readable ? strings_to_json(spot->stamps.versions) : NULL);
        json_object_object_add(object, "readers",
                               readable ? strings_to_json(spot->stamps.readers) : NULL);
        json_object_object_add(
            object, "exists",
            readable || spot->error == -ENOENT ? json_object_new_boolean(readable) : NULL);
        json_object_object_add(object, "empty",
                               readable && !spot->host ? json_object_new_boolean(spot->stamps.empty)
                                                       : NULL);
        json_add_text(object, "error",
                      readable || spot->error == -ENOENT ? NULL : strerror(-spot->error));
        json_object_array_add(array, object);
    }
    return array;
}

static int compare_names(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_entry(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Ids begin with the time, so the last name is the newest backup. Directories without a manifest
 * are clones of failed attempts and do not count. */
int service_backups(const Service *service, TransactionRecord *ret_newest, char **ret_place,
                    size_t *ret_n)
{
    _cleanup_(transaction_record_free) TransactionRecord newest = {};
    struct dirent **entries = NULL;
    const char *base;
    size_t found = 0;
    int n = 0;

    if (service->facts.store.fd >= 0)
        n = scandirat(service->facts.store.fd, "backups", &entries, is_entry, compare_names);
    for (int i = 0; i < n; i++) {
        TransactionRecord manifest;

        if (manifest_read(&service->facts.store, entries[i]->d_name, &manifest) == 0) {
            transaction_record_free(&newest);
            newest = manifest;
            found++;
        }
        free(entries[i]);
    }
    free(entries);
    if (found > 0) {
        base = newest.n_places > 0 ? newest.places[0].base : NULL;
        *ret_place = strprintf("%s/backups/%s", base ? base : service->facts.store.path,
                               newest.id ? newest.id : "?");
        if (!*ret_place)
            return -ENOMEM;
    }
    *ret_newest = newest;
    newest = (TransactionRecord){};
    *ret_n = found;
    return 0;
}

static void add_record(json_object *object, const char *key, const RecordType *type,
                       const void *record, bool is_there)
{
    json_object_object_add(object, key, is_there ? record_to_json(type, record) : NULL);
}

static void add_store(json_object *object, const Service *service)
{
    const History *history = &service->facts.history;
    _cleanup_free_ char *place = NULL, *log = strprintf("%s/log", service->facts.store.path);
    _cleanup_(transaction_record_free) TransactionRecord newest = {};
    json_object *backups = NULL;
    size_t n = 0;

    json_add_text(object, "store", service->facts.store.path);
    json_add_text(object, "store_error",
                  service->facts.store_error == 0 || service->facts.store_error == -ENOENT
                      ? NULL
                      : strerror(-service->facts.store_error));
    add_record(object, "transaction", &transaction_record_type, &service->facts.transaction,
               service->facts.has_transaction);
    add_record(object, "failed", &transaction_record_type, &service->facts.failed,
               service->facts.has_failed);
    add_record(object, "post", &post_record_type, &service->facts.post, service->facts.has_post);
    add_record(object, "last", &transaction_record_type,
               history->n_items > 0 ? history->items + history->n_items - 1 : NULL,
               history->n_items > 0);
    if (service->facts.store.fd >= 0 && service_backups(service, &newest, &place, &n) == 0) {
        backups = json_object_new_object();
        json_object_object_add(backups, "count", json_object_new_int64((int64_t)n));
        add_record(backups, "newest", &transaction_record_type, &newest, n > 0);
        json_add_text(backups, "place", place);
    }
    json_object_object_add(object, "backups", backups);
    json_add_text(object, "log",
                  service->facts.store.fd >= 0 && store_has(&service->facts.store, "log") ? log
                                                                                          : NULL);
}

void consent_add_to_json(json_object *object, const Service *service)
{
    const Facts *facts = &service->facts;
    json_object *approval =
                    facts->approval.from ? record_to_json(&approval_type, &facts->approval) : NULL,
                *deferral = NULL;

    if (approval)
        json_add_boolean(approval, "holds",
                         service->verdict.approved && !service->verdict.declared_approval);
    if (facts->has_deferral && facts->deferral.damaged)
        deferral = json_object_new_object();
    else if (facts->has_deferral) {
        deferral = record_to_json(&deferral_record_type, &facts->deferral);
        if (deferral)
            json_add_boolean(deferral, "over", !facts->deferred);
    }
    json_object_object_add(object, "approval_given", approval);
    json_object_object_add(object, "deferred", deferral);
}

static bool has_credentials(const Declaration *declaration)
{
    for (size_t i = 0; i < declaration->service_lines.n_items; i++)
        if (strstr(declaration->service_lines.items[i].key, "Credential"))
            return true;
    return false;
}

json_object *service_to_json(const Service *service)
{
    static const char *const policies[] = {
        [POLICY_AUTOMATIC] = "automatic", [POLICY_CONFIRM] = "confirm", [POLICY_MANUAL] = "manual"};
    const Declaration *declaration = service->declaration;
    json_object *object = json_object_new_object(), *migration;

    if (!object)
        return NULL;
    json_add_text(object, "name", declaration->name);
    json_add_text(object, "declaration", declaration->file);
    json_add_text(object, "declared", declaration->version.value);
    json_object_object_add(object, "accepts", items_to_json(&declaration->accepts));
    json_add_text(object, "policy", policies[declaration->policy]);
    json_add_text(object, "state", service->verdict.assumed ? NULL : service->verdict.version);
    json_add_text(object, "from",
                  service->verdict.has_plan ? service->verdict.route.plan.from : NULL);
    json_add_text(object, "to", service->verdict.has_plan ? service->verdict.route.plan.to : NULL);
    verdict_add_to_json(object, service);
    json_add_boolean(object, "credentials", has_credentials(declaration));
    json_object_object_add(object, "directories", spots_to_json(service));
    json_object_object_add(object, "excludes", items_to_json(&declaration->excludes));
    json_object_object_add(object, "units", units_to_json(service));
    migration = unit_to_json(&service->facts.migration);
    json_add_text(migration, "status", service->facts.migration_status);
    json_object_object_add(object, "migration", migration);
    json_object_object_add(object, "reasons", strings_to_json(service->verdict.reasons));
    json_object_object_add(object, "steps", steps_to_json(&service->verdict.route.plan));
    consent_add_to_json(object, service);
    rehearsal_add_to_json(object, service);
    add_store(object, service);
    return object;
}
