/* SPDX-License-Identifier: MIT */
/* migratectl: the operator's command. Its verbs, and which options go with which. */
#include "act/verbs.h"
#include "basic/result.h"
#include "declare/declaration.h"
#include "remote.h"
#include "show/verbs.h"
#include "terminal/options.h"
#include "terminal/output.h"

#include <getopt.h>
#include <limits.h>

/* What a verb takes, and does. */
enum {
    READS = 1 << 0, /* prints what can be long: a pager, and JSON */
    ROOT = 1 << 1,
    JSON = 1 << 2, /* without a pager */
    FROM = 1 << 3,
    REVOKE = 1 << 4,
    REASON = 1 << 5,
    DRY_RUN = 1 << 6, /* with which it reads */
    ALL = 1 << 7,
    LINES = 1 << 8,
    YES = 1 << 9,
    REHEARSAL = 1 << 10, /* --keep and --stop, and with that --yes */
    FORCE = 1 << 11,
};

typedef struct Verb {
    const char *name;
    int (*run)(char **names);
    unsigned min, max; /* arguments */
    unsigned takes;
} Verb;

static const Verb verbs[] = {
    {"status", ctl_status, 0, UINT_MAX, READS | ROOT | ALL},
    {"plan", ctl_plan, 1, 1, READS | ROOT | FROM},
    {"check", ctl_check, 0, UINT_MAX, READS | ROOT},
    {"enable", ctl_enable, 1, 2, 0},
    {"adopt", ctl_adopt, 2, 2, ROOT | FORCE},
    {"approve", ctl_approve, 1, 1, FROM | REVOKE | YES},
    {"defer", ctl_defer, 1, 2, REASON},
    {"resume", ctl_resume, 1, 1, 0},
    {"rehearse", ctl_rehearse, 0, UINT_MAX, JSON | ALL | REHEARSAL},
    {"start", ctl_start, 1, UINT_MAX, 0},
    {"retry", ctl_retry, 1, UINT_MAX, 0},
    {"history", ctl_history, 0, UINT_MAX, READS | ROOT | LINES},
    {"backups", ctl_backups, 0, UINT_MAX, READS | ROOT},
    {"restore", ctl_restore, 2, 2, YES | FORCE},
    {"forget", ctl_forget, 1, 1, YES},
    {"prune", ctl_prune, 0, UINT_MAX, DRY_RUN},
};

/* With this command line. */
static bool verb_reads(const Verb *verb)
{
    return verb->takes & READS || (verb->takes & DRY_RUN && options.dry_run);
}

static bool verb_takes_yes(const Verb *verb)
{
    return verb->takes & YES || (verb->takes & REHEARSAL && options.stop);
}

/* Why the options do not go together with the verb; NULL: they do. */
static const char *find_misplaced(const Verb *verb)
{
    const struct {
        bool given;
        bool taken;
        const char *message;
    } rules[] = {
        {options.revoke, verb->takes & REVOKE && !options.from && !options.yes,
         "--revoke goes with approve only, and alone"},
        {options.reason, verb->takes & REASON, "--reason= goes with defer only"},
        {options.dry_run, verb->takes & DRY_RUN, "--dry-run goes with prune only"},
        {options.all, verb->takes & ALL, "--all goes with status and rehearse only"},
        {options.lines > 0, verb->takes & LINES, "--lines= goes with history only"},
        {options.keep || options.stop, verb->takes & REHEARSAL,
         "--keep and --stop go with rehearse only"},
        {options.yes, verb_takes_yes(verb),
         "--yes goes with approve, restore, forget and rehearse --stop only"},
        {options.force, verb->takes & FORCE, "--force goes with adopt and restore only"},
    };

    for (size_t i = 0; i < ELEMENTSOF(rules); i++)
        if (rules[i].given && !rules[i].taken)
            return rules[i].message;
    return NULL;
}

/* What goes with what: an option that would be ignored is refused. */
static int check_usage(const Verb *verb, char **names)
{
    size_t n = strv_length(names);
    const char *misplaced = find_misplaced(verb);

    if (n < verb->min || n > verb->max) {
        complain(n < verb->min ? "'%s' needs more arguments: see migratectl --help"
                               : "'%s' takes fewer arguments: see migratectl --help",
                 verb->name);
        return RESULT_USAGE;
    }
    if (options.root && !(verb->takes & ROOT)) {
        complain("'%s' works on the running system only, so --root= is not possible", verb->name);
        return RESULT_USAGE;
    }
    if (misplaced) {
        complain("%s", misplaced);
        return RESULT_USAGE;
    }
    if (options.json != JSON_OFF && !verb_reads(verb) && !(verb->takes & JSON)) {
        complain("'%s' prints no JSON", verb->name);
        return RESULT_USAGE;
    }
    if (options.from && !(verb->takes & FROM)) {
        complain("--from=%s goes with plan and approve only", options.from);
        return RESULT_USAGE;
    }
    if (options.from && !version_is_valid(options.from)) {
        complain("--from=%s is no version", options.from);
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
    static const Verb overview = {"", ctl_overview, 0, 0, READS | ROOT | ALL};
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
    int r = options_parse(argc, argv);

    if (r < 0) {
        output_init();
        r = options.host || options.machine ? run_elsewhere(argv + optind) : run(argv + optind);
    }
    options_free();
    return r;
}
