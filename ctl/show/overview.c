/* SPDX-License-Identifier: MIT */
/* migratectl without a command: on one screen, however many services there are, what somebody
 * should know and what to type. Where there is more than that, what is worse comes first. */
#include "basic/result.h"
#include "basic/time.h"
#include "show/detail.h"
#include "show/history-print.h"
#include "show/overview-facts.h"
#include "show/overview-group.h"
#include "show/verbs.h"
#include "terminal/cell.h"
#include "terminal/options.h"

#define LINES_MAX      23 /* of a terminal of 24, whose last one is the shell's */
#define VERSIONS_WIDTH 14

typedef struct Members {
    const Service **items;
    size_t n_items, n_shown, n_details; /* the first ones are */
} Members;

typedef struct Overview {
    Looked looked;
    Facts facts;
    Members groups[GROUP_NONE];
    size_t n_current, n_fresh, n_accepted;
    char *counts; /* the first line */
    size_t width, name_width, counts_width;
    size_t n_events; /* that are shown */
    bool blanks;     /* between groups */
} Overview;

static void overview_free(Overview *overview)
{
    for (size_t g = 0; g < GROUP_NONE; g++)
        free(overview->groups[g].items);
    free(overview->counts);
    facts_free(&overview->facts);
    looked_free(&overview->looked);
}

/* --- who is in which group -------------------------------------------------------------------- */

static int sort_into_groups(Overview *overview)
{
    for (size_t i = 0; i < overview->looked.n_services; i++) {
        const Service *service = overview->looked.services + i;
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

/* --- one entry: NAME  FROM → TO  COMMAND, and why ----------------------------------------------
 */

static char *describe_versions(const Service *service)
{
    const char *from = service->version, *to = service->declaration->version.value;

    if (service->condition == CONDITION_INVALID)
        return NULL;
    if (!from || !to || streq(from, to))
        return to ? strdup(to) : NULL;
    return strprintf("%s %s %s", from, arrow(), to);
}

/* How many lines of the terminal a line takes that is not cut. */
static size_t height(const Overview *overview, size_t width)
{
    return width == 0 ? 1 : (width + overview->width - 1) / overview->width;
}

static void pad(String *s, size_t width)
{
    for (size_t n = s->text ? text_columns(s->text) : 0; n < width; n++)
        string_append(s, " ");
}

/* "  NAME  FROM → TO", then the command on the same line, where that has room. *ret_same: it has.
 * The caller owns what is returned. */
static char *entry_head(const Overview *overview, const Service *service, bool *ret_same)
{
    _cleanup_free_ char *versions = describe_versions(service);
    _cleanup_string_ String s = {};
    size_t next = service->next ? text_columns(service->next) : 0;
    size_t column = 2 + overview->name_width + 2 + VERSIONS_WIDTH;
    char *head;

    string_appendf(&s, "  %s", service->declaration->name);
    if (!isempty(versions) || next > 0)
        pad(&s, 2 + overview->name_width);
    if (!isempty(versions))
        string_appendf(&s, "  %s", versions);
    if (next > 0 && column + 2 + next <= overview->width)
        pad(&s, column);
    if (string_finish(&s, &head) < 0)
        return NULL;
    *ret_same = next > 0 && text_columns(head) + 2 + next <= overview->width;
    for (size_t n = strlen(head); !*ret_same && n > 0 && head[n - 1] == ' '; n--)
        head[n - 1] = '\0';
    return head;
}

/* A command is never cut: it is there to be typed. Returns the lines of the terminal that it takes,
 * and prints it where which is no NULL. */
static size_t entry(const Overview *overview, const Service *service, const Colour *which)
{
    bool same = false;
    _cleanup_free_ char *head = entry_head(overview, service, &same);
    const char *next = service->next ? service->next : "";

    if (which)
        printf("%s%s%s%s%s%s%s\n", colour(*which), head ? head : service->declaration->name,
               colour(COLOUR_NONE),
               same    ? "  "
               : *next ? "\n      "
                       : "",
               colour(COLOUR_BOLD), next, colour(COLOUR_NONE));
    if (same || !*next)
        return height(overview, text_columns(head ? head : ""));
    return height(overview, text_columns(head ? head : "")) +
           height(overview, 6 + text_columns(next));
}

static void print_group_reason(const Overview *overview, const Service *service)
{
    const char *reason = group_reason(service);
    bool both = service->rehearsed && reason != service->rehearsed;
    _cleanup_free_ char *text = both ? strprintf("%s; %s", reason, service->rehearsed) : NULL,
                        *clean = cell_text(text ? text : reason),
                        *cut = clean ? cell_cut(clean, overview->width - 6) : NULL;

    printf("      %s\n", cut ? cut : "");
}

/* --- what fits -------------------------------------------------------------------------------- */

/* The caller owns it; NULL: out of memory. */
static char *heading(const Overview *overview, Group which)
{
    const Members *group = overview->groups + which;

    if (group->n_shown == group->n_items)
        return strprintf("%s:", group_title(which));
    return strprintf("%s (%zu of %zu):", group_title(which), group->n_shown, group->n_items);
}

static size_t lines_of_group(const Overview *overview, Group which)
{
    const Members *group = overview->groups + which;
    _cleanup_free_ char *title = heading(overview, which);
    size_t n = height(overview, text_columns(title ? title : "")) + (overview->blanks ? 1 : 0);

    if (group->n_items == 0)
        return 0;
    for (size_t i = 0; i < group->n_shown; i++)
        n += entry(overview, group->items[i], NULL);
    for (size_t i = 0; i < group->n_details; i++)
        n += group_reason(group->items[i]) != NULL;
    return n;
}

static bool all_is_shown(const Overview *overview)
{
    for (size_t g = 0; g < GROUP_NONE; g++)
        if (overview->groups[g].n_shown < overview->groups[g].n_items)
            return false;
    return true;
}

static bool fits(const Overview *overview)
{
    /* the first line, backups, what was not understood or read, where the rest is */
    size_t n = height(overview, 2 + overview->counts_width) + 1 +
               (overview->looked.declarations.problems.n_items > 0) + overview->facts.unread +
               overview->n_events + (overview->blanks ? 1 : 0);

    if (!all_is_shown(overview))
        n += height(overview, strlen("This is not all: migratectl status") +
                                  (options.root ? strlen("--root= ") + strlen(options.root) : 0));
    for (Group g = 0; g < GROUP_NONE; g++)
        n += lines_of_group(overview, g);
    return n <= LINES_MAX;
}

/* One more of what *what counts, up to most, where that fits. */
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

/* Of every group one; then, in turn, more of those that need somebody; why; what is pending. */
static void choose(Overview *overview)
{
    Members *groups = overview->groups;
    bool more = true;

    overview->n_events = MIN(overview->facts.n_events, (size_t)1);
    for (size_t g = 0; g < GROUP_NONE; g++)
        (void)grow(overview, &groups[g].n_shown, groups[g].n_items);
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

/* --- printing --------------------------------------------------------------------------------- */

static void print_group(const Overview *overview, Group which)
{
    const Members *group = overview->groups + which;
    _cleanup_free_ char *title = heading(overview, which);
    const Colour which_colour = group_colour(which);

    if (group->n_items == 0)
        return;
    printf("%s%s%s%s\n", overview->blanks ? "\n" : "", colour(COLOUR_BOLD), title ? title : "",
           colour(COLOUR_NONE));
    for (size_t i = 0; i < group->n_shown; i++) {
        (void)entry(overview, group->items[i], &which_colour);
        if (i < group->n_details && group_reason(group->items[i]))
            print_group_reason(overview, group->items[i]);
    }
}

/* "12 of 14 services are current (2 fresh, 1 accepted)" */
static char *describe_counts(const Overview *overview)
{
    size_t n = overview->looked.n_services, current = overview->n_current;
    _cleanup_string_ String s = {};
    char *text;

    if (n == 1)
        string_appendf(&s, "%s is %s", overview->looked.services[0].declaration->name,
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
    if (overview->looked.n_inert > 0)
        string_appendf(&s, "; not enabled: %zu", overview->looked.n_inert);
    return string_finish(&s, &text) < 0 ? NULL : text;
}

/* Never more than one line. */
static void print_line(const Overview *overview, const char *format, ...) _printf_(2, 3);
static void print_line(const Overview *overview, const char *format, ...)
{
    _cleanup_free_ char *text = NULL, *cut = NULL;
    va_list ap;

    va_start(ap, format);
    if (vasprintf(&text, format, ap) < 0)
        text = NULL;
    va_end(ap);
    cut = text ? cell_cut(text, overview->width) : NULL;
    puts(cut ? cut : "");
}

static void print_unread(const Overview *overview)
{
    print_line(overview, "Failures, history and backups are root's to see: sudo migratectl");
}

static void print_facts(const Overview *overview)
{
    _cleanup_free_ char *backups = facts_describe_backups(&overview->facts, false);
    const Facts *facts = &overview->facts;

    if (overview->blanks)
        putchar('\n');
    for (size_t i = 0; i < overview->n_events; i++) {
        json_object *event = facts->events[i];
        _cleanup_free_ char *when = time_local_short(entry_time(event)),
                            *what = entry_describe(event);
        const char *service = json_string(event, "service");

        print_line(overview, "%s  %s  %s %s", i == 0 ? "Last:   " : "        ", when ? when : "?",
                   service ? service : "?", what ? what : "?");
    }
    if (facts->unread)
        print_unread(overview);
    else
        print_line(overview, "Backups:  %s", backups ? backups : "?");
}

/* Two lines say it all. */
static void print_current(const Overview *overview)
{
    _cleanup_free_ char *backups = facts_describe_backups(&overview->facts, true), *when = NULL;
    const Facts *facts = &overview->facts;
    json_object *event = facts->n_events > 0 ? facts->events[0] : NULL;

    if (facts->unread) {
        print_unread(overview);
        return;
    }
    when = event ? time_local_short(entry_time(event)) : NULL;
    print_line(overview, "%s%s%s%.*s%sBackups: %s", event ? "Last: " : "",
               event && json_string(event, "service") ? json_string(event, "service") : "",
               event ? " on " : "", DATE_LENGTH, when ? when : "", event ? ". " : "",
               backups ? backups : "?");
}

static void print(const Overview *overview)
{
    bool problems = overview->looked.declarations.problems.n_items > 0,
         current = overview->n_current == overview->looked.n_services && !problems;

    printf("%s%s%s %s%s\n", colour(current ? COLOUR_GREEN : COLOUR_YELLOW), bullet(),
           colour(COLOUR_NONE), overview->counts, current ? "." : ":");
    if (current) {
        print_current(overview);
        return;
    }
    if (problems)
        print_line(overview, "Some declarations were not understood: migratectl check");
    for (Group g = 0; g < GROUP_NONE; g++)
        print_group(overview, g);
    print_facts(overview);
    if (!all_is_shown(overview))
        printf("This is not all: migratectl %s%s%sstatus\n", options.root ? "--root=" : "",
               options.root ? options.root : "", options.root ? " " : "");
}

static int print_nothing(const Overview *overview)
{
    puts("No service declares the version of its state.");
    if (overview->looked.n_inert > 0)
        puts("Declared, but not enabled: migratectl status --all. To enable one: migratectl "
             "enable NAME");
    else
        puts("How to declare one: migrate.d(5)");
    return RESULT_DONE;
}

int ctl_overview(char **names)
{
    _cleanup_(overview_free) Overview overview = {};
    int result;

    if (options.json != JSON_OFF)
        return ctl_status(names);
    result = look(names, &overview.looked);
    if (result != RESULT_DONE)
        return result;
    if (overview.looked.n_services == 0)
        return print_nothing(&overview);
    overview.width = output_width() > 0 ? output_width() : 80;
    if (sort_into_groups(&overview) < 0 || facts_find(&overview.looked, &overview.facts) < 0)
        return complain_memory();
    overview.counts = describe_counts(&overview);
    if (!overview.counts)
        return complain_memory();
    overview.counts_width = text_columns(overview.counts) + 1;
    choose(&overview);
    print(&overview);
    return RESULT_DONE;
}
