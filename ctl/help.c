/* SPDX-License-Identifier: MIT */
/* migratectl --help, printed from the tables of verbs and options. */
#include "help.h"

#include "terminal/output.h"
#include "terminal/wrap.h"

#define COLUMN  27 /* the column where explanations begin */
#define NARROW  60 /* below this width, explanations begin on a line of their own */
#define COLUMNS 80 /* the width in a pipe, too */

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

/* Prints the options in takes (Takes), without the options that every verb takes. */
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

void help_print(const Verb *verbs)
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

void help_print_verb(const Verb *verb)
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
