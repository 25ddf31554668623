/* SPDX-License-Identifier: MIT */
/* migratectl: the operator's command. Has the table of verbs, and the options that each verb
 * takes. */
#include "act/verbs.h"
#include "look/names.h"
#include "remote.h"
#include "show/verbs.h"
#include "terminal/wrap.h"

#include <getopt.h>
#include <limits.h>
#include <sys/stat.h>

#define COLUMN  27 /* the column where explanations begin */
#define NARROW  60 /* below this width, explanations begin on a line of their own */
#define COLUMNS 80 /* the largest width; also the width in a pipe */

typedef struct Verb {
    const char *name;
    const char *arguments; /* as printed in the usage line */
    unsigned min, max;     /* number of arguments */
    unsigned takes;        /* Takes: the options of this verb */
    bool reads;            /* the output can be long, so a pager shows it */
    int (*run)(char **names);
    const char *help;
} Verb;

static int show_help(char **names);

static const Verb verbs[] = {
    {"status", "[NAME...]", 0, UINT_MAX, TAKES_ROOT | TAKES_JSON | TAKES_ALL, true, ctl_status,
     "Show the version of each state, and what is pending"},
    {"plan", "NAME", 1, 1, TAKES_ROOT | TAKES_JSON | TAKES_FROM, true, ctl_plan,
     "Show the pending migrations, step by step"},
    {"check", "[NAME...]", 0, UINT_MAX, TAKES_ROOT | TAKES_JSON, false, ctl_check,
     "Check the declarations; as root also whether the pending migrations can run"},
    {"cat", "NAME...", 1, UINT_MAX, TAKES_ROOT, true, ctl_cat,
     "Show the files of a declaration: itself, its drop-ins and its migrations"},
    {"new", "NAME", 1, 1, 0, false, ctl_new,
     "Write a declaration and a migration to fill in, for a service that has none"},
    {"enable", "NAME [VERSION]", 1, 2, TAKES_YES, false, ctl_enable,
     "Record the version of a state and declare it (or VERSION), while the service runs; go "
     "back to a backup of VERSION, if it is older"},
    {"disable", "NAME", 1, 1, TAKES_YES, false, ctl_disable,
     "Declare no version any more, so that nothing holds the service back; the data stays"},
    {"adopt", "NAME VERSION", 2, 2, TAKES_ROOT | TAKES_FORCE, false, ctl_adopt,
     "Record VERSION as the version of a state"},
    {"approve", "NAME", 1, 1, TAKES_FROM | TAKES_REVOKE | TAKES_YES, false, ctl_approve,
     "Show the plan that waits for approval, and approve it"},
    {"defer", "NAME [UNTIL]", 1, 2, TAKES_REASON, false, ctl_defer,
     "Migrate nothing for the time being, or until then"},
    {"resume", "NAME", 1, 1, 0, false, ctl_resume, "End a deferral"},
    {"rehearse", "NAME...", 0, UINT_MAX,
     TAKES_JSON | TAKES_ALL | TAKES_KEEP | TAKES_STOP | TAKES_YES, false, ctl_rehearse,
     "Try the pending migrations on a clone, and change nothing"},
    {"start", "NAME...", 0, UINT_MAX, TAKES_ALL, false, ctl_start,
     "Stop the service, migrate its state, start the service again"},
    {"retry", "NAME...", 1, UINT_MAX, 0, false, ctl_retry, "Do the same after a failure"},
    {"log", "NAME...", 1, UINT_MAX, TAKES_LINES | TAKES_FOLLOW, false, ctl_log,
     "Show the journal of the migrations"},
    {"history", "[NAME...]", 0, UINT_MAX, TAKES_ROOT | TAKES_JSON | TAKES_LINES, true, ctl_history,
     "Show the migrations of the past"},
    {"backups", "[NAME...]", 0, UINT_MAX, TAKES_ROOT | TAKES_JSON, true, ctl_backups,
     "Show the backups"},
    {"restore", "NAME BACKUP", 2, 2, TAKES_YES | TAKES_FORCE, false, ctl_restore,
     "Bring a backup back (its ID, its version, or latest); the present state becomes a backup"},
    {"forget", "NAME [BACKUP]", 1, 2, TAKES_YES, false, ctl_forget,
     "Forget a state that is gone, so that the service starts with a new one; or a lost backup"},
    {"prune", "[NAME...]", 0, UINT_MAX, TAKES_DRY_RUN | TAKES_JSON, false, ctl_prune,
     "Remove backups that nobody needs any more"},
    {"help", "[COMMAND]", 0, 1, 0, false, show_help, "Show this help, or the help of a command"},
    {},
};

/* --- help ------------------------------------------------------------------------------------- */

static void print(size_t indent, const char *text)
{
    size_t width = output_width();

    wrap_print(stdout, width > 0 ? MIN(width, (size_t)COLUMNS) : COLUMNS, indent, text);
    putchar('\n');
}

static void print_row(const char *left, const char *right)
{
    bool narrow = output_width() > 0 && output_width() < NARROW;
    _cleanup_free_ char *text =
        narrow ? strprintf("  %s\n        %s", left, right) : strprintf("  %-24s %s", left, right);

    print(narrow ? 8 : COLUMN, text ? text : left);
}

static void print_title(const char *title)
{
    printf("\n%s%s:%s\n", colour(COLOUR_BOLD), title, colour(COLOUR_NONE));
}

static void print_options(unsigned takes)
{
    for (const Option *option = option_table; option->name; option++) {
        char letter[] = "-x";
        _cleanup_free_ char *left = NULL;

        if (takes != 0 && !(option->takes & takes))
            continue;
        letter[1] = option->letter;
        left = strprintf("%2s --%s%s%s", option->letter ? letter : "", option->name,
                         option->argument ? "=" : "", option->argument ? option->argument : "");
        print_row(left ? left : option->name, option->help);
    }
}

static void print_help(void)
{
    print(0, "migratectl [OPTIONS...] [COMMAND ...]\n\n"
             "Look at and take care of the state versions of services.");
    print_title("Commands");
    for (const Verb *verb = verbs; verb->name; verb++) {
        _cleanup_free_ char *left = strprintf("%s %s", verb->name, verb->arguments);

        print_row(left ? left : verb->name, verb->help);
    }
    print(0, "\nWithout a command: the status of everything, and what to do next. The options of a "
             "command are shown by: migratectl help COMMAND");
    print_title("Options");
    print_options(0);
    printf("\n%sExit status:%s\n", colour(COLOUR_BOLD), colour(COLOUR_NONE));
    print(0, "0 done or nothing to do, 1 failed and the state is unchanged, 2 usage, 3 needs "
             "attention, 4 waits for approval, 5 deferred, 6 refused, 7 busy, 8 invalid "
             "declaration, 130 interrupted by Ctrl-C.\n\n"
             "See migratectl(1) and migrate.d(5).");
}

static void print_verb_help(const Verb *verb)
{
    _cleanup_free_ char *usage =
        strprintf("migratectl [OPTIONS...] %s %s\n\n%s.", verb->name, verb->arguments, verb->help);

    print(0, usage ? usage : verb->name);
    if (verb->takes != 0) {
        print_title("Options");
        print_options(verb->takes);
    }
    print(0, "\nOptions of every command are shown by: migratectl --help\nSee migratectl(1).");
}

/* Returns the verb that somebody most likely means. NULL: there is none. */
static const char *find_nearest(const char *word)
{
    char *names[ELEMENTSOF(verbs)];

    for (size_t i = 0; i < ELEMENTSOF(verbs); i++)
        names[i] = (char *)verbs[i].name; /* the last one is NULL */
    return text_nearest(word, names);
}

static const Verb *find_verb(const char *name)
{
    const char *nearest;

    for (const Verb *verb = verbs; verb->name; verb++)
        if (streq(verb->name, name))
            return verb;
    nearest = find_nearest(name);
    if (nearest)
        complain("there is no command '%s'. Did you mean: migratectl %s", name, nearest);
    else
        complain("there is no command '%s'. Run: migratectl --help", name);
    return NULL;
}

static int show_help(char **names)
{
    const Verb *verb = *names ? find_verb(*names) : NULL;

    if (*names && !verb)
        return RESULT_USAGE;
    if (verb)
        print_verb_help(verb);
    else
        print_help();
    return RESULT_DONE;
}

/* --- the command line ------------------------------------------------------------------------- */

/* Replaces the arguments that name services, see names_resolve(). The caller owns the list. */
static Result resolve_names(const Verb *verb, char **arguments, char ***ret)
{
    _cleanup_strv_ char **names = NULL;
    char *first[] = {*arguments, NULL};
    bool one = verb->max != UINT_MAX;
    Result r = verb->run == show_help || !*arguments
                   ? RESULT_DONE
                   : names_resolve(one ? first : arguments, verb->run != ctl_new, &names);

    if (r != RESULT_DONE)
        return r;
    for (char **rest = arguments + strv_length(names); *rest; rest++)
        if (strv_append(&names, *rest) < 0)
            return complain_memory();
    if (!names && !(names = calloc(1, sizeof(char *))))
        return complain_memory();
    *ret = TAKE_PTR(names);
    return RESULT_DONE;
}

static Result check_options(const Verb *verb)
{
    unsigned given = options.given & ~(options.root ? 0 : (unsigned)TAKES_ROOT) &
                     ~(options.json != JSON_OFF ? 0 : (unsigned)TAKES_JSON);

    for (const Option *option = option_table; option->name; option++)
        if (option->takes & given & ~verb->takes) {
            if (option->takes & TAKES_ROOT)
                complain("'%s' works on the running system only, so --root= is not possible",
                         verb->name);
            else
                complain("'%s' does not take --%s. Run: migratectl help %s", verb->name,
                         option->name, verb->name);
            return RESULT_USAGE;
        }
    if (verb->run == ctl_prune && options.json != JSON_OFF && !options.dry_run)
        return fail(RESULT_USAGE, "'prune' prints JSON only with --dry-run");
    if (verb->run == ctl_rehearse && options.yes && !options.stop)
        return fail(RESULT_USAGE, "'rehearse' takes --yes only with --stop");
    if (options.revoke && (options.from || options.yes))
        return fail(RESULT_USAGE, "--revoke goes neither with --from= nor with --yes");
    if (options.from && !version_is_valid(options.from))
        return fail(RESULT_USAGE, "--from=%s is not a valid version", options.from);
    return RESULT_DONE;
}

static Result check_arguments(const Verb *verb, char **names)
{
    size_t n = strv_length(names);

    if (n < verb->min)
        return fail(RESULT_USAGE, "'%s' needs more arguments: migratectl %s %s", verb->name,
                    verb->name, verb->arguments);
    if (n > verb->max)
        return fail(RESULT_USAGE, "'%s' takes fewer arguments: migratectl %s %s", verb->name,
                    verb->name, verb->arguments);
    return RESULT_DONE;
}

static int run_elsewhere(char **arguments)
{
    if (options.host && options.machine)
        return fail(RESULT_USAGE, "--host= and --machine= cannot be used together");
    if (options.root)
        return fail(RESULT_USAGE,
                    "--root= is a directory of this system: it is not possible with --host= and "
                    "--machine=");
    if (isempty(options.host ? options.host : options.machine))
        return fail(RESULT_USAGE, "--host= and --machine= need a name");
    /* "--" keeps the other system from taking a name for an option. */
    if (strv_append(&options.elsewhere, "--") < 0)
        return complain_memory();
    STRV_FOREACH (argument, arguments)
        if (strv_append(&options.elsewhere, *argument) < 0)
            return complain_memory();
    return remote_run(options.host, options.machine, options.elsewhere);
}

static int run(char **arguments)
{
    static const Verb overview = {"",   "",           0, 0, TAKES_ROOT | TAKES_JSON | TAKES_ALL,
                                  true, ctl_overview, ""};
    const Verb *verb = *arguments ? find_verb(*arguments) : &overview;
    char **words = *arguments ? arguments + 1 : arguments;
    _cleanup_strv_ char **names = NULL;
    int r;

    if (!verb)
        return RESULT_USAGE;
    r = check_arguments(verb, words);
    if (r == RESULT_DONE)
        r = check_options(verb);
    if (r == RESULT_DONE)
        r = resolve_names(verb, words, &names);
    if (r != RESULT_DONE)
        return r;
    if (verb->reads || options.dry_run)
        pager_open();
    r = verb->run(names);
    pager_close();
    return r;
}

int main(int argc, char **argv)
{
    int r;

    umask(0022); /* all users may read declarations, whatever root's umask is */
    output_init();
    r = options_parse(argc, argv);
    if (r == RESULT_DONE && options.version)
        puts("migratectl " VERSION);
    else if (r == RESULT_DONE && options.help)
        r = show_help((char *[]){argv[optind], NULL});
    else if (r == RESULT_DONE)
        r = options.host || options.machine ? run_elsewhere(argv + optind) : run(argv + optind);
    options_free();
    return r;
}
