/* SPDX-License-Identifier: MIT */
/* Asks the operator a question. */
#include "terminal/ask.h"

#include "basic/result.h"
#include "terminal/options.h"
#include "terminal/output.h"
#include "terminal/wrap.h"

bool ask_is_needed(void)
{
    return !options.yes && isatty(STDIN_FILENO);
}

Result ask_operator(const char *name, const char *question, const char *otherwise)
{
    _cleanup_free_ char *line = NULL;
    size_t size = 0;

    if (options.yes)
        return RESULT_DONE;
    if (!isatty(STDIN_FILENO))
        return fail(RESULT_APPROVAL, "%s: not a terminal, so %s. Use --yes to confirm", name,
                    otherwise);
    wrap_print(stdout, output_width(), 4, question);
    fputs(" [y/N] ", stdout);
    fflush(stdout);
    if (getline(&line, &size, stdin) >= 0) {
        const char *answer = strstrip_in_place(line);

        if (streq(answer, "y") || streq(answer, "Y") || streq(answer, "yes"))
            return RESULT_DONE;
    }
    return fail(RESULT_APPROVAL, "%s: %s", name, otherwise);
}
