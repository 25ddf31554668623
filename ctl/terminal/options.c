/* SPDX-License-Identifier: MIT */
/* migratectl's command line: its options, and the --help that names them. */
#include "terminal/options.h"

#include "basic/result.h"
#include "terminal/output.h"

#include <getopt.h>

Options options;

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

static const struct option known[] = {
    {"help", no_argument, NULL, 'h'},
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
    {},
};

static void help(void)
{
    printf(
        "migratectl [OPTIONS...] [COMMAND ...]\n\n"
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
        "  -a --all                 With status: show declarations that are not enabled, too; "
        "with\n"
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

/* For another side, as one word whichever way it was written. */
static int remember(int c)
{
    const struct option *option = known;

    if (c == 'H' || c == 'M') /* which lead there, and are of no use there */
        return RESULT_DONE;
    while (option->name && option->val != c)
        option++;
    if (!option->name) /* getopt_long() does not know it, and says so */
        return RESULT_DONE;
    return strv_consume(&options.given,
                        strprintf("--%s%s%s", option->name, option->has_arg ? "=" : "",
                                  option->has_arg ? optarg : "")) < 0
               ? complain_memory()
               : RESULT_DONE;
}

/* What one option says, but --help and --version, which end the program. */
static int take(int c)
{
    switch (c) {
    case ARG_ROOT:
        return parse_root(optarg);
    case ARG_JSON:
        return parse_json(optarg);
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
        return parse_lines(optarg);
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
    return RESULT_DONE;
}

int options_parse(int argc, char **argv)
{
    bool wants_help = false;

    for (int c; (c = getopt_long(argc, argv, "haH:ln:M:q", known, NULL)) >= 0;) {
        int r = remember(c);

        if (r != RESULT_DONE)
            return r;
        if (c == 'h') {
            wants_help = true;
            continue;
        }
        if (c == ARG_VERSION) {
            puts("migratectl " VERSION);
            return RESULT_DONE;
        }
        r = take(c);
        if (r != RESULT_DONE)
            return r;
    }
    if (!wants_help)
        return -1;
    output_init();
    help();
    return RESULT_DONE;
}

void options_free(void)
{
    strv_free(options.given);
    free(options.root);
    options = (Options){};
}
