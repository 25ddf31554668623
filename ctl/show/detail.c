/* SPDX-License-Identifier: MIT */
/* Prints one service as a block, like systemctl status. */
#include "show/detail.h"

#include "basic/text.h"
#include "show/service-json.h"

static const char *label(Condition condition)
{
    switch (condition) {
    case CONDITION_APPROVAL:
        return "waits for approval";
    case CONDITION_NEWER:
        return "newer than declared";
    case CONDITION_IN_FLIGHT:
        return "in flight";
    case CONDITION_SELF:
        return "migrates itself";
    default:
        return condition_name(condition);
    }
}

char *detail_state(const Service *service)
{
    _cleanup_strv_ char **versions = NULL;

    if (service->verdict.version && !service->verdict.assumed)
        return strdup(service->verdict.version);
    ARRAY_FOREACH (spot, service->facts.directories, service->facts.n_directories) {
        if (spot->error && spot->error != -ENOENT)
            return strdup("?");
        STRV_FOREACH (version, spot->stamps.versions)
            if ((version_is_valid(*version) || version_self_target(*version)) &&
                strv_append_once(&versions, *version) < 0)
                return NULL;
    }
    return strv_join(versions, ", ");
}

char *detail_condition(const Service *service)
{
    const char *from = service->verdict.version, *to = service->declaration->version.value;

    if (from && to && !streq(from, to) && service->condition != CONDITION_INERT)
        return strprintf("%s (%s %s %s)", label(service->condition), from, arrow(), to);
    return strdup(label(service->condition));
}

static bool is_active(const UnitFact *info)
{
    return info->active && (streq(info->active, "active") || streq(info->active, "reloading"));
}

char *detail_units(const Service *service)
{
    size_t n = 0, n_active = 0;
    bool same = true;

    ARRAY_FOREACH (info, service->facts.units, service->facts.n_units) {
        if (!info->active)
            return strdup("-");
        if (info->old && !is_active(info))
            continue;
        n++;
        n_active += is_active(info);
        same = same && streq(info->active, service->facts.units[0].active);
    }
    if (n == 0)
        return strdup("-");
    if (same)
        return streq(service->facts.units[0].load, "not-found")
                   ? strdup("not found")
                   : strdup(service->facts.units[0].active);
    return strprintf("%zu of %zu active", n_active, n);
}

Colour detail_colour(const Service *service)
{
    switch (service->condition) {
    case CONDITION_CURRENT:
    case CONDITION_ACCEPTED:
    case CONDITION_FRESH:
        return COLOUR_GREEN;
    case CONDITION_INERT:
        return COLOUR_DIM;
    case CONDITION_SELF:
    case CONDITION_PENDING:
    case CONDITION_UNSTAMPED:
    case CONDITION_APPROVAL:
    case CONDITION_DEFERRED:
    case CONDITION_IN_FLIGHT:
    case CONDITION_UNREADABLE:
        return COLOUR_YELLOW;
    default:
        return COLOUR_RED;
    }
}

char *detail_duration(int64_t usec)
{
    char text[32];

    text_duration(text, sizeof(text), usec > 0 ? (uint64_t)usec : 0);
    return strdup(text);
}

char *detail_size(int64_t bytes)
{
    char text[32];

    text_size(text, sizeof(text), bytes > 0 ? (uint64_t)bytes : 0);
    return strdup(text);
}

/* --- the block -------------------------------------------------------------------------------- */

static const char *or_unknown(const char *s)
{
    return isempty(s) ? "?" : s;
}

static void print_declaration(const Declaration *declaration)
{
    print_field("Declaration", "%s", declaration->file);
    STRV_FOREACH (file, declaration->files) {
        bool migration = false;

        for (size_t i = 0; i < declaration->n_migrations; i++)
            migration = migration || streq(declaration->migrations[i].file, *file);
        if (migration || streq(*file, declaration->file))
            continue;
        print_field(NULL, "%s", *file);
    }
}

static void print_spots(const Service *service)
{
    size_t n_own = 0;

    for (size_t i = 0; i < service->facts.n_directories; i++)
        n_own += !service->facts.directories[i].host;
    for (size_t i = 0; i < service->facts.n_directories; i++) {
        const StateDirectory *spot = service->facts.directories + i;
        _cleanup_free_ char *versions = stamps_describe(&spot->stamps),
                            *readers = strv_join(spot->stamps.readers, ", "),
                            *where = spot->host ? strprintf("%s: %s", spot->host, spot->directory)
                                                : strdup(spot->directory);
        const char *key = spot->host   ? "Within"
                          : i > 0      ? NULL
                          : n_own == 1 ? "Directory"
                                       : "Directories";

        if (!where)
            continue;
        if (spot->error)
            print_field(key, "%s (%s)", where,
                        spot->error == -ENOENT ? "missing" : strerror(-spot->error));
        else if (!spot->stamps.versions)
            print_field(key, "%s (%s)", where,
                        spot->stamps.empty && !spot->host ? "empty" : "no stamp");
        else if (isempty(readers))
            print_field(key, "%s, at version %s", where, or_unknown(versions));
        else
            print_field(key, "%s, at version %s, readable by %s", where, or_unknown(versions),
                        readers);
    }
}

static void print_excludes(const Declaration *declaration)
{
    ITEMS_FOREACH (item, &declaration->excludes)
        print_field(item == declaration->excludes.items ? "Excluded" : NULL,
                    "%s, which stays as it is and is in no backup", item->value);
}

static void print_unit(const char *key, const UnitFact *info)
{
    Colour which = is_active(info)                      ? COLOUR_GREEN
                   : streq_null(info->active, "failed") ? COLOUR_RED
                   : streq_null(info->load, "masked")   ? COLOUR_YELLOW
                                                        : COLOUR_NONE;
    const char *old = info->old ? " (older software)" : "";

    if (!info->active)
        print_field(key, "%s%s, state not known", info->unit, old);
    else if (streq(info->load, "loaded"))
        print_field(key,
                    streq_null(info->sub, info->active) ? "%s%s, %s%s%.0s%s" : "%s%s, %s%s (%s)%s",
                    info->unit, old, colour(which), info->active, info->sub, colour(COLOUR_NONE));
    else
        print_field(key, "%s%s, %s%s, %s (%s)%s", info->unit, old, colour(which), info->load,
                    info->active, info->sub, colour(COLOUR_NONE));
}

static void print_consent(const Service *service)
{
    _cleanup_free_ char *expired = words_expired(&service->facts, &service->verdict), *who = NULL;

    if (!service->verdict.reasons && !expired)
        return;
    if (service->verdict.approved && !service->verdict.declared_approval)
        who = operator_describe(&service->facts.approval.operator);
    if (service->verdict.reasons && who)
        print_field("Approval", "given by %s", who);
    else if (service->verdict.reasons)
        print_field("Approval",
                    service->verdict.approved ? "given in the declaration" : "needed, not given");
    if (expired)
        print_field(service->verdict.reasons ? NULL : "Approval", "%s", expired);
}

static void print_deferral(const Service *service)
{
    _cleanup_free_ char *what = NULL;

    if (!service->facts.deferred)
        return;
    what = deferral_describe(&service->facts.deferral);
    print_field("Deferral", "%s", or_unknown(what));
}

static void print_plan(const Service *service)
{
    if (!service->verdict.has_plan)
        return;
    for (size_t i = 0; i < service->verdict.route.plan.n_steps; i++) {
        const Step *step = service->verdict.route.plan.steps + i;
        const char *key = i == 0 ? "Plan" : NULL;

        if (!step->migration)
            print_field(key,
                        step->hooks ? "%s %s %s, [EveryUp]"
                                    : "%s %s %s, no migration is declared: the stamp moves",
                        step->from, arrow(), step->to);
        else if (step->migration->description)
            print_field(key, "%s %s %s, %s: %s", step->from, arrow(), step->to, step->migration->id,
                        step->migration->description);
        else
            print_field(key, "%s %s %s, %s", step->from, arrow(), step->to, step->migration->id);
    }
    print_consent(service);
    if (service->rehearsed)
        print_field("Rehearsal", "%s", service->rehearsed);
}

static void print_records(const Service *service)
{
    const TransactionRecord *failed = &service->facts.failed;
    size_t n = service->facts.history.n_items;

    if (service->facts.has_failed) {
        _cleanup_free_ char *when = time_local(failed->finished);

        print_field("Failed", "%s%s, %s %s %s%s%s", colour(COLOUR_RED), or_unknown(when),
                    or_unknown(failed->from), arrow(), or_unknown(failed->to),
                    failed->retry > 0 ? " (to be tried again)" : "", colour(COLOUR_NONE));
        if (!failed->reason || !startswith(service->what, failed->reason))
            print_field(NULL, "%s", or_unknown(failed->reason));
    }
    if (service->facts.has_post) {
        const char *changed = hook_to_approve(service);

        if (changed)
            print_field(
                "Post",
                "%s has changed since the migration was approved. Run: migratectl approve %s",
                changed, service->declaration->name);
        else if (service->facts.post.n_hooks > 0)
            print_field("Post", "%zu to run once the units are up: systemctl start migrate-post@%s",
                        service->facts.post.n_hooks, service->declaration->name);
        else
            print_field("Post", "no unit has started on the migrated state yet");
    }
    if (store_has(&service->facts.store, RECORD_PROVISIONAL))
        print_field("Provisional",
                    "this boot is not found good yet; if the older system boots next, "
                    "it brings back its own data without asking");
    if (n > 0) {
        const TransactionRecord *last = service->facts.history.items + n - 1;
        const char *from = last->from, *action = transaction_record_action(last);
        _cleanup_free_ char *when = time_local(last->finished);

        print_field("Last", "%s, %s%s%s%s%s, %s", or_unknown(when), action ? action : "",
                    action ? " " : "", from ? from : "", from ? " to " : "", or_unknown(last->to),
                    or_unknown(transaction_record_result(last)));
    }
}

static void print_store(const Service *service)
{
    _cleanup_(transaction_record_free) TransactionRecord newest = {};
    _cleanup_free_ char *place = NULL, *when = NULL, *size = NULL;
    size_t n = 0;

    if (service->facts.store_error == -EACCES) {
        print_field("Records",
                    "%s can only be read by root: failures, history and backups are not shown",
                    service->facts.store.path);
        return;
    }
    if (service_backups(service, &newest, &place, &n) == 0 && n > 0) {
        when = time_local(newest.finished);
        size = detail_size(newest.bytes);
        print_field("Backups", "%zu, the newest at version %s, of %s (%s)", n,
                    or_unknown(newest.from), or_unknown(when), or_unknown(size));
        print_field(NULL,
                    !options.root && access(place, F_OK) < 0
                        ? "%s (missing: is a disk not mounted?)"
                        : "%s",
                    or_unknown(place));
    }
    if (store_has(&service->facts.store, "log"))
        print_field("Log", "%s/log", service->facts.store.path);
}

void detail_print(const Service *service)
{
    const Declaration *declaration = service->declaration;
    _cleanup_free_ char *state = detail_state(service), *condition = detail_condition(service);
    Colour which = detail_colour(service);

    print_line(2, "%s%s%s %s%s%s - state %s%s, %s%s", colour(which), bullet(), colour(COLOUR_NONE),
               colour(COLOUR_BOLD), declaration->name, colour(COLOUR_NONE),
               isempty(state) ? "without a version" : "at version ", state ? state : "",
               declaration->version.value ? "declared " : "not enabled",
               declaration->version.value ? declaration->version.value : "");
    print_declaration(declaration);
    print_field("Condition", "%s%s%s", colour(which), or_unknown(condition), colour(COLOUR_NONE));
    print_field(NULL, "%s", service->what);
    if (service->reload)
        print_field(NULL, "%s%s%s", colour(COLOUR_YELLOW), service->reload, colour(COLOUR_NONE));
    print_spots(service);
    print_excludes(declaration);
    for (size_t i = 0; !options.root && i < service->facts.n_units; i++)
        print_unit(i == 0 ? service->facts.n_units == 1 ? "Unit" : "Units" : NULL,
                   service->facts.units + i);
    if (declaration->enabled && service->facts.migration.active) {
        print_unit("Migration", &service->facts.migration);
        if (!isempty(service->facts.migration_status))
            print_field("Status", "\"%s\"", service->facts.migration_status);
    }
    print_plan(service);
    print_deferral(service);
    print_records(service);
    print_store(service);
    if (service->next)
        print_field("Next", "%s%s%s", colour(COLOUR_BOLD), service->next, colour(COLOUR_NONE));
    if (service->then)
        print_field("Then", "%s%s%s", colour(COLOUR_BOLD), service->then, colour(COLOUR_NONE));
    if (service->verdict.outcome == OUTCOME_FAILED)
        print_field("Or",
                    "install the software for version %s again, then run: migratectl enable %s %s",
                    or_unknown(service->verdict.version), declaration->name,
                    or_unknown(service->verdict.version));
}
