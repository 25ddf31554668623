/* SPDX-License-Identifier: MIT */
/* Reads the options of migratectl, and has the table of options. */
#include "terminal/options.h"

#include "terminal/output.h"

#include <getopt.h>

#define N_OPTIONS  21
#define LONG_FIRST 256 /* value of getopt_long() for the first row; short options are below */

Options options;

static Result parse_root(const char *path)
{
    free(options.root);
    options.root = realpath(path, NULL);
    if (!options.root)
        return fail(RESULT_USAGE, "--root=%s: %s", path, strerror(errno));
    if (streq(options.root, "/"))
        free(TAKE_PTR(options.root));
    return RESULT_DONE;
}

static Result parse_json(const char *mode)
{
    static const char *const modes[] = {
        [JSON_OFF] = "off", [JSON_SHORT] = "short", [JSON_PRETTY] = "pretty"};

    for (size_t i = 0; i < ELEMENTSOF(modes); i++)
        if (streq(mode, modes[i])) {
            options.json = (JsonMode)i;
            return RESULT_DONE;
        }
    return fail(RESULT_USAGE, "--json=%s is not valid: possible are short, pretty or off", mode);
}

static Result parse_lines(const char *text)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);

    options.lines = 0;
    if (streq(text, "all"))
        return RESULT_DONE;
    if (*end || end == text || text[0] == '-' || n == 0)
        return fail(RESULT_USAGE, "--lines=%s is neither a number of lines nor \"all\"", text);
    options.lines = n;
    return RESULT_DONE;
}

const Option option_table[N_OPTIONS + 1] = {
    {'h', "help", NULL, 0, "Show this help; after a command, the help of that command",
     .flag = &options.help},
    {0, "version", NULL, 0, "Show the version", .flag = &options.version},
    {0, "root", "DIR", TAKES_ROOT, "Work on the system below DIR, which is not running",
     .parse = parse_root},
    {'H', "host", "[USER@]HOST", 0, "Run migratectl on another host, by ssh",
     .text = &options.host},
    {'M', "machine", "CONTAINER", 0, "Run migratectl in a local container",
     .text = &options.machine},
    {0, "json", "MODE", TAKES_JSON, "Print JSON: short, pretty or off", .parse = parse_json},
    {0, "from", "VERSION", TAKES_FROM, "Plan from this version instead of the state's",
     .text = &options.from},
    {0, "reason", "TEXT", TAKES_REASON, "Record why the migration is deferred",
     .text = &options.reason},
    {0, "revoke", NULL, TAKES_REVOKE, "Take the approval back", .flag = &options.revoke},
    {'a', "all", NULL, TAKES_ALL,
     "With status: declarations that are not enabled, too; with rehearse and start: all that is pending",
     .flag = &options.all},
    {0, "keep", NULL, TAKES_KEEP, "Keep the migrated clone", .flag = &options.keep},
    {0, "stop", NULL, TAKES_STOP, "Stop the service for the time of the rehearsal",
     .flag = &options.stop},
    {0, "force", NULL, TAKES_FORCE,
     "With adopt: replace a recorded version; with restore: any version may come back",
     .flag = &options.force},
    {0, "yes", NULL, TAKES_YES, "Do not ask", .flag = &options.yes},
    {0, "dry-run", NULL, TAKES_DRY_RUN, "Show what would be removed, and why the rest is kept",
     .flag = &options.dry_run},
    {'n', "lines", "N", TAKES_LINES, "Show the newest N entries or lines only", .parse = parse_lines},
    {'f', "follow", NULL, TAKES_FOLLOW, "Show new lines as they come, until Ctrl-C",
     .flag = &options.follow},
    {'l', "full", NULL, 0, "Show tables with all columns, and cut nothing", .flag = &options.full},
    {0, "no-pager", NULL, 0, "Do not pipe output into a pager", .flag = &options.no_pager},
    {0, "no-legend", NULL, 0, "Do not print headings and hints", .flag = &options.no_legend},
    {'q', "quiet", NULL, 0, "Print problems only", .flag = &options.quiet},
    {},
};

/* Stores an option as one word for another system, whether it was written as one word or two. */
static Result remember(const Option *option, const char *argument)
{
    /* These options mean nothing on the other system. */
    if (option->text == &options.host || option->text == &options.machine)
        return RESULT_DONE;
    return strv_consume(&options.elsewhere, option->argument
                                                ? strprintf("--%s=%s", option->name, argument)
                                                : strprintf("--%s", option->name)) < 0
               ? complain_memory()
               : RESULT_DONE;
}

static Result take(const Option *option, const char *argument)
{
    options.given |= option->takes;
    if (option->parse)
        return option->parse(argument);
    if (option->flag)
        *option->flag = true;
    else
        *option->text = argument;
    return RESULT_DONE;
}

Result options_parse(int argc, char **argv)
{
    struct option long_options[N_OPTIONS + 1] = {};
    char letters[2 * N_OPTIONS + 1] = "";

    for (int i = 0; i < N_OPTIONS; i++) {
        const Option *option = option_table + i;
        const char letter[] = {option->letter, option->argument ? ':' : '\0', '\0'};

        long_options[i] = (struct option){
            option->name, option->argument ? required_argument : no_argument, NULL, LONG_FIRST + i};
        if (option->letter)
            strcat(letters, letter);
    }
    for (int c; (c = getopt_long(argc, argv, letters, long_options, NULL)) >= 0;) {
        const Option *option = option_table;
        int r;

        while (option->name && option->letter != c && option - option_table != c - LONG_FIRST)
            option++;
        if (!option->name)
            return RESULT_USAGE; /* getopt_long() has printed the reason */
        r = remember(option, optarg);
        if (r == RESULT_DONE)
            r = take(option, optarg);
        if (r != RESULT_DONE)
            return r;
    }
    return RESULT_DONE;
}

void options_free(void)
{
    strv_free(options.elsewhere);
    free(options.root);
    options = (Options){};
}
