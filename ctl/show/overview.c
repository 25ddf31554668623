/* SPDX-License-Identifier: MIT */
/* migratectl without a command: shows on one screen, for any number of services, the facts that
 * need attention and the commands to run. If there is not enough room, the most urgent facts come
 * first. */
#include "show/detail.h"
#include "show/history.h"
#include "show/overview-facts.h"
#include "show/verbs.h"
#include "terminal/wrap.h"

#define LINES_MAX      23 /* lines of a terminal of 24 lines without the shell's line */
#define VERSIONS_WIDTH 14

#define MISUNDERSTOOD "Some declarations were not understood. Run: migratectl check"
#define UNREAD        "Failures, history and backups are root's to see. Run: sudo migratectl"

typedef struct Members {
    const Service **items;
    size_t n_items, n_shown, n_details; /* the first n_shown are printed, the first n_details
                                         * with reasons */
} Members;

typedef struct Overview {
    const Looked *looked;
    OverviewFacts facts;
    Members groups[GROUP_NONE];
    size_t n_current, n_fresh, n_accepted;
    char *counts; /* text of the first line */
    size_t width; /* 0: unlimited, as in a pipe, where everything is printed */
    size_t name_width;
    size_t n_events; /* number of printed events */
    bool blanks;     /* print blank lines between groups */
} Overview;

static void overview_free(Overview *overview)
{
    for (size_t g = 0; g < GROUP_NONE; g++)
        free(overview->groups[g].items);
    free(overview->counts);
    overview_facts_free(&overview->facts);
}

/* --- groups ----------------------------------------------------------------------------------- */

static int sort_into_groups(Overview *overview)
{
    for (size_t i = 0; i < overview->looked->n_services; i++) {
        const Service *service = overview->looked->services + i;
        Group group = group_of(service);
        const Service **item;

        if (group == GROUP_NONE) {
            overview->n_current += service->condition != CONDITION_INERT;
            overview->n_fresh += service->condition == CONDITION_FRESH;
            overview->n_accepted += service->condition == CONDITION_ACCEPTED;
            continue;
        }
        item = ARRAY_GROW(overview->groups[group].items, overview->groups[group].n_items);
        if (!item)
            return -ENOMEM;
        *item = service;
        overview->name_width =
            MAX(overview->name_width, MIN(strlen(service->declaration->name), (size_t)24));
    }
    return 0;
}

/* --- one entry: NAME  FROM → TO  COMMAND, and why --------------------------------------------- */

static char *describe_versions(const Service *service)
{
    const char *from = service->verdict.version, *to = service->declaration->version.value;

    if (service->condition == CONDITION_INVALID)
        return NULL;
    if (!from || !to || streq(from, to))
        return to ? strdup(to) : NULL;
    return strprintf("%s %s %s", from, arrow(), to);
}

static bool has_room(const Overview *overview, size_t columns)
{
    return overview->width == 0 || columns <= overview->width;
}

static void pad(String *s, size_t width)
{
    for (size_t n = s->text ? text_columns(s->text) : 0; n < width; n++)
        string_append(s, " ");
}

/* Formats "  NAME  FROM → TO  COMMAND". The command is aligned in a column if there is room. */
static char *describe_entry(const Overview *overview, const Service *service, Colour which)
{
    _cleanup_free_ char *versions = describe_versions(service), *head = NULL;
    _cleanup_string_ String s = {};
    const char *next = service->next;
    size_t column = 2 + overview->name_width + 2 + VERSIONS_WIDTH;

    string_appendf(&s, "  %s", service->declaration->name);
    if (!isempty(versions) || next)
        pad(&s, 2 + overview->name_width);
    if (!isempty(versions))
        string_appendf(&s, "  %s", versions);
    if (next && has_room(overview, column + 2 + text_columns(next)))
        pad(&s, column);
    if (string_finish(&s, &head) < 0)
        return NULL;
    return strprintf("%s%s%s%s%s%s%s", colour(which), head, colour(COLOUR_NONE), next ? "  " : "",
                     colour(COLOUR_BOLD), next ? next : "", colour(COLOUR_NONE));
}

static char *describe_verdict(const Service *service)
{
    const char *what = service->reload ? service->reload : service->what;
    _cleanup_free_ char *text = service->rehearsed && !service->reload
                                    ? strprintf("      %s; %s", what, service->rehearsed)
                                    : strprintf("      %s", what);

    return text ? cell_text(text) : NULL;
}

/* --- what fits on the screen ------------------------------------------------------------------ */

/* Counts the lines of a text, and prints the text if print is set. */
static size_t put(const Overview *overview, bool print, size_t indent, const char *text)
{
    if (print)
        print_line(indent, "%s", text ? text : "?");
    return wrap_print(NULL, overview->width, indent, text ? text : "?");
}

static size_t put_group(const Overview *overview, bool print, Group which)
{
    const Members *group = overview->groups + which;
    const char *blank = overview->blanks ? "\n" : "", *bold = colour(COLOUR_BOLD),
               *normal = colour(COLOUR_NONE), *title = group_title(which);
    _cleanup_free_ char *heading = group->n_shown == group->n_items
                                       ? strprintf("%s%s%s:%s", blank, bold, title, normal)
                                       : strprintf("%s%s%s (%zu of %zu):%s", blank, bold, title,
                                                   group->n_shown, group->n_items, normal);
    size_t n;

    if (group->n_items == 0)
        return 0;
    n = put(overview, print, 2, heading);
    for (size_t i = 0; i < group->n_shown; i++) {
        _cleanup_free_ char *entry = describe_entry(overview, group->items[i], group_colour(which)),
                            *reason =
                                i < group->n_details ? describe_verdict(group->items[i]) : NULL;

        n += put(overview, print, 6, entry);
        n += reason ? put(overview, print, 6, reason) : 0;
    }
    return n;
}

static bool all_is_shown(const Overview *overview)
{
    for (size_t g = 0; g < GROUP_NONE; g++)
        if (overview->groups[g].n_shown < overview->groups[g].n_items)
            return false;
    return true;
}

static char *describe_event(const Overview *overview, size_t i)
{
    const TransactionRecord *event = overview->facts.events[i];
    _cleanup_free_ char *when = time_local_short(entry_time(event)), *what = entry_describe(event);

    return strprintf("%s  %s  %s %s", i == 0 ? "Last:   " : "        ", when ? when : "?",
                     event->service ? event->service : "?", what ? what : "?");
}

static char *describe_backups(const Overview *overview)
{
    _cleanup_free_ char *backups = overview_facts_describe_backups(&overview->facts, false);

    return overview->facts.unread ? strdup(UNREAD)
                                  : strprintf("Backups:  %s", backups ? backups : "?");
}

static char *describe_rest(void)
{
    return options.root
               ? strprintf("This is not all. Run: migratectl --root=%s status", options.root)
               : strdup("This is not all. Run: migratectl status");
}

static bool is_current(const Overview *overview)
{
    return overview->n_current == overview->looked->n_services &&
           overview->looked->declarations.problems.n_items == 0;
}

/* Describes what a current service still needs: a decision about newer data that an older system
 * has set aside without asking, or another try of a Post= hook that failed. NULL: nothing, or out
 * of memory. */
static char *describe_notice(const Service *service)
{
    const Facts *facts = &service->facts;
    const char *name = service->declaration->name;
    const TransactionRecord *last =
        facts->history.n_items > 0 ? facts->history.items + facts->history.n_items - 1 : NULL;
    _cleanup_free_ char *when = last ? time_local_short(entry_time(last)) : NULL;

    if (last && last->unasked)
        return strprintf(
            "%s%s: its newer data, at %s, was set aside on %.*s, when the older system "
            "came back after a boot that was not found good%s. Run: migratectl backups %s",
            colour(COLOUR_YELLOW), name, last->from ? last->from : "?", DATE_LENGTH,
            when ? when : "?", colour(COLOUR_NONE), name);
    if (group_of(service) == GROUP_NONE && service->verdict.outcome != OUTCOME_ACCEPTED_FAILED &&
        streq_null(facts->migration.active, "failed"))
        return strprintf(
            "%s%s: nothing is pending, but an earlier failure of migrate@%s.service still "
            "makes the system degraded%s. Run: systemctl reset-failed migrate@%s.service",
            colour(COLOUR_YELLOW), name, name, colour(COLOUR_NONE), name);
    if (facts->has_post && facts->post.begun && facts->post.n_hooks > 0 && facts_are_up(facts))
        return strprintf("%s%s: Post= of its migration has not succeeded%s. Run: systemctl start "
                         "migrate-post@%s",
                         colour(COLOUR_YELLOW), name, colour(COLOUR_NONE), name);
    return NULL;
}

/* Counts the lines of the overview, and prints the overview if print is set. */
static size_t put_all(const Overview *overview, bool print)
{
    bool current = is_current(overview);
    _cleanup_free_ char *backups = describe_backups(overview), *rest = describe_rest(),
                        *first = strprintf(
                            "%s%s%s %s%s", colour(current ? COLOUR_GREEN : COLOUR_YELLOW), bullet(),
                            colour(COLOUR_NONE), overview->counts, current ? "." : ":");
    size_t n = 0;

    STRV_FOREACH (sentence, overview->looked->left)
        n += put(overview, print, 2, *sentence);
    for (size_t i = 0; i < overview->looked->n_services; i++) {
        _cleanup_free_ char *notice = describe_notice(overview->looked->services + i);

        n += notice ? put(overview, print, 2, notice) : 0;
    }
    n += put(overview, print, 2, first);
    if (current)
        return n;
    if (overview->looked->declarations.problems.n_items > 0)
        n += put(overview, print, 2, MISUNDERSTOOD);
    for (Group g = 0; g < GROUP_NONE; g++)
        n += put_group(overview, print, g);
    if (overview->blanks)
        n += put(overview, print, 0, "");
    for (size_t i = 0; i < overview->n_events; i++) {
        _cleanup_free_ char *event = describe_event(overview, i);

        n += put(overview, print, 10, event);
    }
    n += put(overview, print, 10, backups);
    return all_is_shown(overview) ? n : n + put(overview, print, 2, rest);
}

/* In a pipe, everything fits. */
static bool fits(const Overview *overview)
{
    return overview->width == 0 || put_all(overview, false) <= LINES_MAX;
}

static bool grow(const Overview *overview, size_t *what, size_t most)
{
    if (*what >= most)
        return false;
    ++*what;
    if (fits(overview))
        return true;
    --*what;
    return false;
}

/* Chooses what to print, in this order: one entry of each group, the last event, further entries
 * that need an action, reasons, pending entries, further events. */
static void choose(Overview *overview)
{
    Members *groups = overview->groups;
    bool more = true;

    for (size_t g = 0; g < GROUP_NONE; g++)
        (void)grow(overview, &groups[g].n_shown, MIN(groups[g].n_items, (size_t)1));
    (void)grow(overview, &overview->n_events, MIN(overview->facts.n_events, (size_t)1));
    while (more) {
        more = false;
        for (size_t g = 0; g < GROUP_PENDING; g++)
            more = grow(overview, &groups[g].n_shown, groups[g].n_items) || more;
    }
    for (size_t g = 0; g < GROUP_NONE; g++)
        while (grow(overview, &groups[g].n_details, groups[g].n_shown))
            continue;
    for (size_t g = GROUP_PENDING; g < GROUP_NONE; g++)
        while (grow(overview, &groups[g].n_shown, groups[g].n_items))
            continue;
    while (grow(overview, &overview->n_events, overview->facts.n_events))
        continue;
    overview->blanks = true;
    overview->blanks = fits(overview);
}

/* Formats "12 of 14 services are current (2 fresh, 1 accepted)". */
static char *describe_counts(const Overview *overview)
{
    size_t n = overview->looked->n_services, current = overview->n_current;
    _cleanup_string_ String s = {};
    char *text;

    if (n == 1)
        string_appendf(&s, "%s is %s", overview->looked->services[0].declaration->name,
                       current ? "current" : "not current");
    else if (current == n)
        string_appendf(&s, "All %zu services are current", n);
    else
        string_appendf(&s, "%zu of %zu services %s current", current, n,
                       current == 1 ? "is" : "are");
    if (overview->n_fresh + overview->n_accepted > 0) {
        string_append(&s, " (");
        if (overview->n_fresh > 0)
            string_appendf(&s, "%zu fresh%s", overview->n_fresh,
                           overview->n_accepted > 0 ? ", " : "");
        if (overview->n_accepted > 0)
            string_appendf(&s, "%zu accepted", overview->n_accepted);
        string_append(&s, ")");
    }
    if (overview->looked->n_inert > 0)
        string_appendf(&s, " (%zu more %s declared, but not enabled)", overview->looked->n_inert,
                       overview->looked->n_inert == 1 ? "is" : "are");
    return string_finish(&s, &text) < 0 ? NULL : text;
}

static void print_current(const Overview *overview)
{
    _cleanup_free_ char *backups = overview_facts_describe_backups(&overview->facts, true),
                        *when = NULL;
    const OverviewFacts *facts = &overview->facts;
    const TransactionRecord *event = facts->n_events > 0 ? facts->events[0] : NULL;

    if (facts->unread) {
        print_line(2, UNREAD);
        return;
    }
    when = event ? time_local_short(entry_time(event)) : NULL;
    if (event)
        print_line(2, "Last: %s on %.*s. Backups: %s", event->service ? event->service : "?",
                   DATE_LENGTH, when ? when : "?", backups ? backups : "?");
    else
        print_line(2, "Backups: %s", backups ? backups : "?");
}

static Result print_nothing(const Overview *overview)
{
    STRV_FOREACH (sentence, overview->looked->left)
        print_line(2, "%s", *sentence);
    print_line(2, "No service declares the version of its state.");
    if (overview->looked->n_inert > 0)
        print_line(2, "Declared, but not enabled: migratectl status --all. To enable one, run: "
                      "migratectl enable NAME");
    else
        print_line(2, "How to declare one: migrate.d(5)");
    return RESULT_DONE;
}

Result overview_show(const Looked *looked)
{
    _cleanup_(overview_free) Overview overview = {.looked = looked, .width = output_width()};

    if (looked->n_services == 0)
        return print_nothing(&overview);
    if (sort_into_groups(&overview) < 0 || overview_facts_find(looked, &overview.facts) < 0)
        return complain_memory();
    overview.counts = describe_counts(&overview);
    if (!overview.counts)
        return complain_memory();
    choose(&overview);
    put_all(&overview, true);
    if (is_current(&overview))
        print_current(&overview);
    return RESULT_DONE;
}

int ctl_overview(char **names)
{
    _cleanup_(looked_free) Looked looked = {};
    Result result;

    if (options.json != JSON_OFF)
        return ctl_status(names);
    result = look(names, &looked);
    return result == RESULT_DONE ? overview_show(&looked) : result;
}
