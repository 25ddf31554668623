/* SPDX-License-Identifier: MIT */
/* migratectl cat: prints the files of declarations, as systemctl cat does. */
#include "look/common.h"
#include "show/verbs.h"
#include "terminal/wrap.h"

#include <fcntl.h>

#define FILE_MAX (16U << 20) /* longer files are no declarations */

/* Prints the text of a file. On a terminal its control characters do nothing. */
static Result print_text(char *text)
{
    char *rest = text, *line;

    if (!output_is_terminal()) {
        fputs(text, stdout);
        return RESULT_DONE;
    }
    while ((line = strsep(&rest, "\n")) && (rest || *line)) {
        _cleanup_free_ char *plain = cell_text(line);

        if (!plain)
            return complain_memory();
        puts(plain);
    }
    return RESULT_DONE;
}

static Result print_file(const char *path)
{
    _cleanup_free_ char *text = NULL;
    size_t size = 0;
    int r = read_file_at(AT_FDCWD, path, FILE_MAX, &text, &size);

    printf("%s# %s%s\n", colour(COLOUR_BOLD), path, colour(COLOUR_NONE));
    if (r == -EBADFD) { /* a link to /dev/null masks a file */
        puts("# is masked");
        return RESULT_DONE;
    }
    if (r < 0)
        return fail(RESULT_FAILED, "cannot read %s: %s", path, strerror(-r));
    r = print_text(text);
    if (size > 0 && text[size - 1] != '\n')
        putchar('\n');
    return (Result)r;
}

int ctl_cat(char **names)
{
    _cleanup_(declarations_free) Declarations declarations = {};
    Result result = read_declarations(&declarations);
    bool first = true;

    STRV_FOREACH (name, names) {
        const Declaration *declaration;

        if (result == RESULT_FAILED)
            break;
        declaration = declarations_find(&declarations, *name);
        if (!declaration)
            result = refuse_undeclared(*name);
        STRV_FOREACH (file, declaration ? declaration->files : NULL) {
            Result r;

            if (!first)
                putchar('\n');
            first = false;
            r = print_file(*file);
            result = result ? result : r;
        }
    }
    return result;
}
