/* SPDX-License-Identifier: MIT */
/* migratectl disable: declares no version any more, then reloads systemd, which removes the gate.
 * Writes an empty Version= instead of removing one, so that it also counts after the next upgrade of
 * a package that declares a version. Touches no data, stamp, record or backup. */
#include "act/drop-in.h"
#include "act/jobs.h"
#include "act/verbs.h"
#include "look/common.h"
#include "look/service.h"
#include "terminal/output.h"

/* Tells what the gate has held back, or would hold back at the next start. */
static void explain(const Service *service, const char *units)
{
    const char *name = service->declaration->name;

    print_line(2, "%s: %s.", name, service->what);
    print_line(2,
               "Without a declared version nothing is migrated: %s would start on the data as it "
               "is, whatever version that has.",
               units);
}

static Result ask(const Service *service, const char *units)
{
    bool open = service->condition == CONDITION_CURRENT ||
                service->condition == CONDITION_ACCEPTED || service->condition == CONDITION_FRESH;

    if (open && !outcome_is_pending(service->verdict.outcome))
        return RESULT_DONE;
    if (ask_is_needed())
        explain(service, units);
    return ask_operator(service->declaration->name, "Stop guarding it?", "nothing was changed");
}

/* Takes the lock that every migration has, and keeps it until the gate is gone: without a gate, the
 * service could start in the middle of a migration, and nothing would recover it at the next boot. */
static Result keep_migrations_out(const char *name, Store *store)
{
    Result r = open_locked_store(name, false, store);

    if (r == RESULT_DONE && store->fd >= 0 && store_has(store, RECORD_TRANSACTION))
        r = fail(RESULT_BUSY,
                 "%s: a migration has begun meanwhile, and nothing was changed. To see it, run: "
                 "migratectl status %s",
                 name, name);
    return r;
}

/* Refuses if another file still declares a version, or if another service needs this one. */
static Result judge(const Declarations *before, const char *name, const DropIn *drop_in)
{
    _cleanup_(declarations_free) Declarations after = {};
    const Declaration *declaration;
    Result result = read_declarations(&after);

    if (result != RESULT_DONE)
        return result;
    declaration = declarations_find(&after, name);
    if (declaration && declaration->version.value)
        return fail(RESULT_REFUSED,
                    "%s: %s:%u says Version=%s and overrides %s/" DROP_IN ". Remove it there", name,
                    declaration->version.origin.file, declaration->version.origin.line,
                    declaration->version.value, drop_in->directory);
    ITEMS_FOREACH (other, &after) {
        const Declaration *was = declarations_find(before, other->name);

        if (!declaration_is_broken(other) || (was && declaration_is_broken(was)))
            continue;
        (void)refuse_invalid(other);
        return fail(RESULT_REFUSED, "%s: %s would be held back without it", name, other->name);
    }
    return RESULT_DONE;
}

static Result reload(sd_bus *bus, const char *name)
{
    if (!bus) {
        complain("%s: cannot reach systemd. Where it is running, run: systemctl daemon-reload",
                 name);
        return RESULT_DONE;
    }
    if (jobs_reload(bus) < 0)
        return RESULT_FAILED;
    jobs_forget_failures(bus, "migrate", name);
    jobs_forget_failures(bus, "migrate-settle", name);
    return RESULT_DONE;
}

static Result disable(const Declarations *all, const Declaration *declaration, sd_bus *bus)
{
    _cleanup_(service_free) Service service = {.facts.store = STORE_NONE};
    _cleanup_(drop_in_free) DropIn drop_in = {};
    _cleanup_store_ Store store = STORE_NONE;
    _cleanup_strv_ char **units = NULL;
    _cleanup_free_ char *list = NULL;
    const char *name = declaration->name, *version = declaration->version.value;
    Result r;

    if (items_values(&declaration->units, &units) < 0 ||
        service_look(all, declaration, bus, NULL, &service) < 0 || !(list = strv_join(units, " ")))
        return complain_memory();
    r = ask(&service, list);
    if (r == RESULT_DONE)
        r = keep_migrations_out(name, &store);
    if (r == RESULT_DONE)
        r = drop_in_write(&drop_in, name, "");
    if (r == RESULT_DONE)
        r = judge(all, name, &drop_in);
    if (r != RESULT_DONE) {
        drop_in_undo(&drop_in, name);
        return r;
    }
    r = reload(bus, name);
    say("%s: no version is declared any more (%s/" DROP_IN
        "). %s guards %s, which then starts on whatever data is there. Data, stamps, history and "
        "backups stay. To guard it again, run: migratectl enable %s %s",
        name, drop_in.directory, bus && r == RESULT_DONE ? "Nothing" : "After a reload nothing",
        list, name, version);
    return r;
}

int ctl_disable(char **names)
{
    _cleanup_(declarations_free) Declarations declarations = {};
    _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
    const Declaration *declaration = NULL;
    Result r = find_settled("disable", names[0], &declarations, &declaration);

    if (r != RESULT_DONE)
        return r;
    if (!declaration->version.value) {
        say("%s: no version is declared, so nothing guards it", names[0]);
        return RESULT_DONE;
    }
    bus = service_bus();
    return disable(&declarations, declaration, bus);
}
