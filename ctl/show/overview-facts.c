/* SPDX-License-Identifier: MIT */
/* Finds the last events and the backups, and sorts services into groups. */
#include "show/overview-facts.h"

#include "show/detail.h"
#include "show/history.h"
#include "system/bus.h"

#include <time.h>

#define TIMER "migrate-prune.timer"

void overview_facts_free(OverviewFacts *facts)
{
    free(facts->next_pruning);
    *facts = (OverviewFacts){};
}

/* Inserts an entry, and keeps only the newest entries, in order. */
static void add_event(OverviewFacts *facts, const TransactionRecord *entry)
{
    size_t at = facts->n_events;

    while (at > 0 && strcmp(entry_time(facts->events[at - 1]), entry_time(entry)) < 0)
        at--;
    if (at == FACTS_EVENTS)
        return;
    facts->n_events += facts->n_events < FACTS_EVENTS;
    for (size_t i = facts->n_events - 1; i > at; i--)
        facts->events[i] = facts->events[i - 1];
    facts->events[at] = entry;
}

/* The newest entries of a history are at its end. */
static void find_events(OverviewFacts *facts, const Looked *looked)
{
    for (size_t i = 0; i < looked->n_services; i++) {
        const History *history = &looked->services[i].facts.history;
        size_t n = history->n_items;

        for (size_t j = n; j > 0 && n - j < FACTS_EVENTS; j--)
            add_event(facts, history->items + j - 1);
    }
}

static bool counts(const Backup *backup)
{
    return backup->state == BACKUP_WHOLE || backup->state == BACKUP_HOOKS ||
           backup->state == BACKUP_INCOMPLETE || backup->state == BACKUP_DAMAGED;
}

static int add_backups(OverviewFacts *facts, const char *name)
{
    _cleanup_(backups_free) Backups backups = {};
    _cleanup_store_ Store store = STORE_NONE;
    bool any = false;
    int r = store_open(options.root, name, false, &store);

    if (r == 0)
        r = backups_read(options.root, &store, NULL, &backups);
    facts->unread = facts->unread || r == -EACCES;
    if (r < 0)
        return r == -ENOMEM ? r : 0;
    for (size_t i = 0; i < backups.n_items; i++) {
        if (!counts(backups.items + i))
            continue;
        any = true;
        facts->n_backups++;
        facts->bytes += MAX(backups.items[i].bytes, 0);
    }
    facts->n_services += any;
    return 0;
}

/* Counts backups, also of services that are no longer declared, because these backups take space
 * too. */
static int find_backups(OverviewFacts *facts)
{
    _cleanup_strv_ char **names = NULL;
    int r = stores_list(options.root, &names);

    facts->unread = r == -EACCES;
    if (r < 0)
        return r == -ENOMEM ? r : 0;
    STRV_FOREACH (name, names)
        if (r == 0)
            r = add_backups(facts, *name);
    return r;
}

/* Finds the next run of the pruning timer, which counts on CLOCK_MONOTONIC. */
static int find_pruning(OverviewFacts *facts, sd_bus *bus)
{
    _cleanup_(unit_state_free) UnitState state = {};
    _cleanup_free_ char *path = NULL;
    struct timespec ts;
    uint64_t next = 0, now;

    if (!bus || bus_unit_state(bus, TIMER, &state) < 0)
        return 0;
    facts->never_pruned = !streq_null(state.active, "active");
    if (facts->never_pruned ||
        sd_bus_path_encode("/org/freedesktop/systemd1/unit", TIMER, &path) < 0 ||
        sd_bus_get_property_trivial(bus, "org.freedesktop.systemd1", path,
                                    "org.freedesktop.systemd1.Timer", "NextElapseUSecMonotonic",
                                    NULL, 't', &next) < 0 ||
        next == 0 || next == UINT64_MAX || clock_gettime(CLOCK_MONOTONIC, &ts) < 0)
        return 0;
    now = (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
    facts->next_pruning = time_format(time_now() + (next > now ? next - now : 0));
    return facts->next_pruning ? 0 : -ENOMEM;
}

int overview_facts_find(const Looked *looked, OverviewFacts *ret)
{
    _cleanup_(overview_facts_free) OverviewFacts facts = {};
    int r = find_backups(&facts);

    if (r == 0)
        r = find_pruning(&facts, looked->bus);
    if (r < 0)
        return r;
    find_events(&facts, looked);
    *ret = TAKE_STRUCT(facts);
    return 0;
}

char *overview_facts_describe_backups(const OverviewFacts *facts, bool brief)
{
    _cleanup_free_ char *size = detail_size(facts->bytes),
                        *when = facts->next_pruning ? time_local_short(facts->next_pruning) : NULL;
    _cleanup_string_ String s = {};
    char *text;

    if (facts->n_backups == 0)
        string_append(&s, "none");
    else if (brief)
        string_appendf(&s, "%zu, %s", facts->n_backups, size ? size : "?");
    else
        string_appendf(&s, "%zu, of %zu service%s, %s", facts->n_backups, facts->n_services,
                       facts->n_services == 1 ? "" : "s", size ? size : "?");
    if (when)
        string_appendf(&s, "; next pruning %.*s", brief ? DATE_LENGTH : (int)strlen(when), when);
    else if (facts->never_pruned)
        string_append(&s, "; never pruned: migrate-prune.timer is not active");
    return string_finish(&s, &text) < 0 ? NULL : text;
}

/* --- groups ----------------------------------------------------------------------------------- */

static const struct {
    const char *title;
    Colour colour;
} titles[] = {
    [GROUP_RUNNING] = {"Running now", COLOUR_YELLOW},
    [GROUP_HALF_DONE] = {"Half done, recovered at the next start", COLOUR_RED},
    [GROUP_FAILED] = {"Failed, not tried again by itself", COLOUR_RED},
    [GROUP_REFUSED] = {"Refused, the service stays down", COLOUR_RED},
    [GROUP_WAITING] = {"Waiting for you", COLOUR_YELLOW},
    [GROUP_DEFERRED] = {"Deferred", COLOUR_YELLOW},
    [GROUP_PENDING] = {"Pending, migrated when the service starts", COLOUR_YELLOW},
    [GROUP_UNSEEN] = {"Not to be read by you", COLOUR_YELLOW},
};

const char *group_title(Group group)
{
    return titles[group].title;
}

Colour group_colour(Group group)
{
    return titles[group].colour;
}

Group group_of(const Service *service)
{
    switch (service->condition) {
    case CONDITION_IN_FLIGHT:
        return service->verdict.outcome == OUTCOME_RUNNING ? GROUP_RUNNING : GROUP_HALF_DONE;
    case CONDITION_FAILED:
        return GROUP_FAILED;
    case CONDITION_APPROVAL:
        return GROUP_WAITING;
    case CONDITION_DEFERRED:
        return GROUP_DEFERRED;
    case CONDITION_PENDING:
    case CONDITION_UNSTAMPED:
        return service->facts.manual || service->declaration->policy == POLICY_MANUAL
                   ? GROUP_WAITING
                   : GROUP_PENDING;
    case CONDITION_SELF:
        return service->verdict.outcome == OUTCOME_SELF_BEGUN ? GROUP_FAILED : GROUP_PENDING;
    case CONDITION_UNREADABLE:
        return GROUP_UNSEEN;
    default:
        return condition_waits_for_operator(service->condition) ? GROUP_REFUSED
               : service->reload                                ? GROUP_WAITING
                                                                : GROUP_NONE;
    }
}
