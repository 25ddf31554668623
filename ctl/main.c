/* SPDX-License-Identifier: MIT */
/* migratectl: the operator's command. The command line, and which verb it names. */
#include "ctl.h"
#include "output.h"
#include "remote.h"

#include <getopt.h>
#include <limits.h>

Options options;

typedef struct Verb {
    const char *name;
    int (*run)(char **names);
    unsigned min, max;
    bool reads; /* prints what can be long, or JSON */
    bool root;  /* takes --root= */
} Verb;

static const Verb verbs[] = {
    {"status", ctl_status, 0, UINT_MAX, true, true},
    {"plan", ctl_plan, 1, 1, true, true},
    {"check", ctl_check, 0, UINT_MAX, true, true},
    {"enable", ctl_enable, 1, 2, false, false},
    {"adopt", ctl_adopt, 2, 2, false, true},
    {"approve", ctl_approve, 1, 1, false, false},
    {"defer", ctl_defer, 1, 2, false, false},
    {"resume", ctl_resume, 1, 1, false, false},
    {"rehearse", ctl_rehearse, 0, UINT_MAX, false, false},
    {"start", ctl_start, 1, UINT_MAX, false, false},
    {"retry", ctl_retry, 1, UINT_MAX, false, false},
    {"history", ctl_history, 0, UINT_MAX, true, true},
    {"backups", ctl_backups, 0, UINT_MAX, true, true},
    {"restore", ctl_restore, 2, 2, false, false},
    {"forget", ctl_forget, 1, 1, false, false},
    {"prune", ctl_prune, 0, UINT_MAX, true, false},
};

/* With this command line. */
static bool verb_reads(const Verb *verb)
{
    return verb->reads && (verb->run != ctl_prune || options.dry_run);
}

static void help(void)
{
    printf("migratectl [OPTIONS...] [COMMAND ...]\n\n"
           "Look at and take care of the state versions of services.\n\n"
           "%1$sCommands:%2$s\n"
           "  status [NAME...]         Show at which version each state is, and what is pending\n"
           "  plan NAME                Show the migrations that are pending, step by step\n"
           "  check [NAME...]          Check the declarations; as root also whether what is\n"
           "                           pending can run\n"
           "  enable NAME [VERSION]    Record the version of a state and declare it (or VERSION),\n"
           "                           while the service runs\n"
           "  adopt NAME VERSION       Record VERSION as the version that a state has\n"
           "  approve NAME             Show the plan that waits for approval, and approve it\n"
           "  defer NAME [UNTIL]       Migrate nothing for the time being, or until then\n"
           "  resume NAME              End that\n"
           "  rehearse NAME...         Try on a clone what is pending, and change nothing\n"
           "  start NAME...            Stop the service, migrate its state, start it again\n"
           "  retry NAME...            The same after a failure\n"
           "  history [NAME...]        Show what was done\n"
           "  backups [NAME...]        Show the backups that there are\n"
           "  restore NAME ID          Bring a backup back; what is there becomes one\n"
           "  forget NAME              Forget a state that is gone: the next start is a first one\n"
           "  prune [NAME...]          Remove backups that nobody needs any more\n\n"
           "Without a command: the status of everything, and what to type.\n\n"
           "%1$sOptions:%2$s\n"
           "  -h --help                Show this help\n"
           "     --version             Show the version\n"
           "     --root=DIR            Work on the system below DIR (status, plan, check, adopt,\n"
           "                           history, backups)\n"
           "  -H --host=[USER@]HOST    Do all of it on another host, by ssh\n"
           "  -M --machine=CONTAINER   Do all of it in a local container\n"
           "     --json=MODE           Print JSON: short, pretty or off (status, plan, check,\n"
           "                           history, backups, rehearse, prune --dry-run)\n"
           "     --from=VERSION        With plan and approve: from this version instead of the\n"
           "                           state's\n"
           "     --reason=TEXT         With defer: why\n"
           "     --revoke              With approve: nothing is approved any more\n"
           "  -a --all                 With status: show declarations that are not enabled, too; with\n"
           "                           rehearse: all that is pending\n"
           "     --keep                With rehearse: keep what it has made of the state\n"
           "     --stop                With rehearse: stop the service meanwhile\n"
           "     --force               With adopt: replace the version that is recorded; with\n"
           "                           restore: also a version that the software does not take\n"
           "     --yes                 With approve, restore, forget and rehearse --stop: do not ask\n"
           "     --dry-run             With prune: show what would go, and why the others stay\n"
           "  -n --lines=N             With history: the newest N entries only\n"
           "  -l --full                Cut nothing off, and leave no column out\n"
           "     --no-pager            Do not pipe output into a pager\n"
           "     --no-legend           Do not print headings and hints\n"
           "  -q --quiet               Print problems only\n\n"
           "%1$sExit status:%2$s 0 done or nothing to do, 1 failed and the state is unchanged,\n"
           "2 usage, 3 needs attention, 4 waits for approval, 5 deferred, 6 refused, 7 busy,\n"
           "8 invalid declaration, 130 interrupted by Ctrl-C.\n\n"
           "See migratectl(1) and migrate.d(5).\n",
           colour(COLOUR_BOLD), colour(COLOUR_NONE));
}

/* An absolute path without a slash at the end; "/" is no root at all. */
static int parse_root(const char *path)
{
    free(options.root);
    options.root = realpath(path, NULL);
    if (!options.root) {
        complain("--root=%s: %s", path, strerror(errno));
        return RESULT_USAGE;
    }
    if (streq(options.root, "/")) {
        free(options.root);
        options.root = NULL;
    }
    return RESULT_DONE;
}

static int parse_json(const char *mode)
{
    static const char *const modes[] = {
        [JSON_OFF] = "off", [JSON_SHORT] = "short", [JSON_PRETTY] = "pretty"};

    for (size_t i = 0; i < ELEMENTSOF(modes); i++)
        if (streq(mode, modes[i])) {
            options.json = (JsonMode)i;
            return RESULT_DONE;
        }
    complain("--json=%s: short, pretty or off is possible", mode);
    return RESULT_USAGE;
}

static int parse_lines(const char *text)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);

    options.lines = 0;
    if (streq(text, "all"))
        return RESULT_DONE;
    if (*end || end == text || text[0] == '-' || n == 0) {
        complain("--lines=%s is no number of lines, nor \"all\"", text);
        return RESULT_USAGE;
    }
    options.lines = n;
    return RESULT_DONE;
}

enum {
    ARG_VERSION = 256,
    ARG_ROOT,
    ARG_JSON,
    ARG_FROM,
    ARG_REASON,
    ARG_REVOKE,
    ARG_FORCE,
    ARG_DRY_RUN,
    ARG_YES,
    ARG_KEEP,
    ARG_STOP,
    ARG_NO_PAGER,
    ARG_NO_LEGEND
};

/* For another side, as one word whichever way it was written. */
static int remember(const struct option *known, int c)
{
    for (; known->name && c != 'H' && c != 'M'; known++)
        if (known->val == c)
            return strv_consume(&options.given,
                                strprintf("--%s%s%s", known->name, known->has_arg ? "=" : "",
                                          known->has_arg ? optarg : "")) < 0
                       ? complain_memory()
                       : RESULT_DONE;
    return RESULT_DONE;
}

/* -1: go on, else the exit status. */
static int parse_options(int argc, char **argv)
{
    static const struct option known[] = {{"help", no_argument, NULL, 'h'},
                                          {"version", no_argument, NULL, ARG_VERSION},
                                          {"root", required_argument, NULL, ARG_ROOT},
                                          {"json", required_argument, NULL, ARG_JSON},
                                          {"from", required_argument, NULL, ARG_FROM},
                                          {"reason", required_argument, NULL, ARG_REASON},
                                          {"revoke", no_argument, NULL, ARG_REVOKE},
                                          {"force", no_argument, NULL, ARG_FORCE},
                                          {"dry-run", no_argument, NULL, ARG_DRY_RUN},
                                          {"yes", no_argument, NULL, ARG_YES},
                                          {"keep", no_argument, NULL, ARG_KEEP},
                                          {"stop", no_argument, NULL, ARG_STOP},
                                          {"all", no_argument, NULL, 'a'},
                                          {"full", no_argument, NULL, 'l'},
                                          {"lines", required_argument, NULL, 'n'},
                                          {"host", required_argument, NULL, 'H'},
                                          {"machine", required_argument, NULL, 'M'},
                                          {"quiet", no_argument, NULL, 'q'},
                                          {"no-pager", no_argument, NULL, ARG_NO_PAGER},
                                          {"no-legend", no_argument, NULL, ARG_NO_LEGEND},
                                          {}};
    int r = RESULT_DONE;
    bool wants_help = false;

    for (int c;
         r == RESULT_DONE && (c = getopt_long(argc, argv, "haH:ln:M:q", known, NULL)) >= 0;) {
        r = remember(known, c);
        if (r != RESULT_DONE)
            break;
        switch (c) {
        case 'h':
            wants_help = true;
            break;
        case ARG_VERSION:
            puts("migratectl " VERSION);
            return RESULT_DONE;
        case ARG_ROOT:
            r = parse_root(optarg);
            break;
        case ARG_JSON:
            r = parse_json(optarg);
            break;
        case ARG_FROM:
            options.from = optarg;
            break;
        case ARG_REASON:
            options.reason = optarg;
            break;
        case ARG_REVOKE:
            options.revoke = true;
            break;
        case ARG_FORCE:
            options.force = true;
            break;
        case ARG_YES:
            options.yes = true;
            break;
        case ARG_KEEP:
            options.keep = true;
            break;
        case ARG_STOP:
            options.stop = true;
            break;
        case ARG_DRY_RUN:
            options.dry_run = true;
            break;
        case 'a':
            options.all = true;
            break;
        case 'l':
            options.full = true;
            break;
        case 'H':
            options.host = optarg;
            break;
        case 'M':
            options.machine = optarg;
            break;
        case 'n':
            r = parse_lines(optarg);
            break;
        case 'q':
            options.quiet = true;
            break;
        case ARG_NO_PAGER:
            options.no_pager = true;
            break;
        case ARG_NO_LEGEND:
            options.no_legend = true;
            break;
        default:
            return RESULT_USAGE; /* getopt_long() has said why */
        }
    }
    if (r != RESULT_DONE)
        return r;
    if (!wants_help)
        return -1;
    output_init();
    help();
    return RESULT_DONE;
}

/* What goes with what: an option that would be ignored is refused. */
static int check_usage(const Verb *verb, char **names)
{
    size_t n = strv_length(names);

    if (n < verb->min || n > verb->max) {
        complain(n < verb->min ? "'%s' needs more arguments: see migratectl --help"
                               : "'%s' takes fewer arguments: see migratectl --help",
                 verb->name);
        return RESULT_USAGE;
    }
    if (options.root && !verb->root) {
        complain("'%s' works on the running system only, so --root= is not possible", verb->name);
        return RESULT_USAGE;
    }
    if (options.from && verb->run != ctl_plan && verb->run != ctl_approve) {
        complain("--from=%s goes with plan and approve only", options.from);
        return RESULT_USAGE;
    }
    if (options.from && !version_is_valid(options.from)) {
        complain("--from=%s is no version", options.from);
        return RESULT_USAGE;
    }
    if (options.revoke && (verb->run != ctl_approve || options.from || options.yes)) {
        complain("--revoke goes with approve only, and alone");
        return RESULT_USAGE;
    }
    if (options.reason && verb->run != ctl_defer) {
        complain("--reason= goes with defer only");
        return RESULT_USAGE;
    }
    if (options.dry_run && verb->run != ctl_prune) {
        complain("--dry-run goes with prune only");
        return RESULT_USAGE;
    }
    if (options.json != JSON_OFF && !verb_reads(verb) && verb->run != ctl_rehearse) {
        complain("'%s' prints no JSON", verb->name);
        return RESULT_USAGE;
    }
    if (options.all && verb->run != ctl_status && verb->run != ctl_overview &&
        verb->run != ctl_rehearse) {
        complain("--all goes with status and rehearse only");
        return RESULT_USAGE;
    }
    if (options.lines > 0 && verb->run != ctl_history) {
        complain("--lines= goes with history only");
        return RESULT_USAGE;
    }
    if (options.yes && verb->run != ctl_restore && verb->run != ctl_forget &&
        verb->run != ctl_approve && !options.stop) {
        complain("--yes goes with approve, restore, forget and rehearse --stop only");
        return RESULT_USAGE;
    }
    if ((options.keep || options.stop) && verb->run != ctl_rehearse) {
        complain("--keep and --stop go with rehearse only");
        return RESULT_USAGE;
    }
    if (options.force && verb->run != ctl_adopt && verb->run != ctl_restore) {
        complain("--force goes with adopt and restore only");
        return RESULT_USAGE;
    }
    for (char **name = names; *name && (verb->max == UINT_MAX || name == names); name++)
        if (!declaration_name_is_valid(*name)) {
            complain("'%s' is no name for a declaration", *name);
            return RESULT_USAGE;
        }
    return RESULT_DONE;
}

static int run_elsewhere(char **arguments)
{
    if (options.host && options.machine) {
        complain("--host= and --machine= together are not possible");
        return RESULT_USAGE;
    }
    if (options.root) {
        complain("--root= is of this system: not possible with --host= and --machine=");
        return RESULT_USAGE;
    }
    if (isempty(options.host ? options.host : options.machine)) {
        complain("--host= and --machine= take a name");
        return RESULT_USAGE;
    }
    /* so that no name can become an option there */
    if (strv_append(&options.given, "--") < 0)
        return complain_memory();
    STRV_FOREACH (argument, arguments)
        if (strv_append(&options.given, *argument) < 0)
            return complain_memory();
    return remote_run(options.host, options.machine, options.given);
}

static int run(char **arguments)
{
    static const Verb overview = {"", ctl_overview, 0, 0, true, true};
    const Verb *verb = *arguments ? NULL : &overview;
    char **names = *arguments ? arguments + 1 : arguments;
    int r;

    for (size_t i = 0; !verb && i < ELEMENTSOF(verbs); i++)
        if (streq(verbs[i].name, *arguments))
            verb = verbs + i;
    if (!verb) {
        complain("there is no command '%s': see migratectl --help", *arguments);
        return RESULT_USAGE;
    }
    r = check_usage(verb, names);
    if (r != RESULT_DONE)
        return r;
    if (verb_reads(verb) && verb->run != ctl_check) /* whose findings are errors */
        pager_open();
    r = verb->run(names);
    pager_close();
    return r;
}

int main(int argc, char **argv)
{
    int r = parse_options(argc, argv);

    if (r < 0) {
        output_init();
        r = options.host || options.machine ? run_elsewhere(argv + optind) : run(argv + optind);
    }
    strv_free(options.given);
    free(options.root);
    return r;
}
