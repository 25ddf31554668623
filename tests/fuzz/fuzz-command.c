/* SPDX-License-Identifier: MIT */
/* Any text for a command. The words that are read from it stay the same when they are quoted and
 * read again. */
#include "declare/command.h"
#include "fuzz.h"

static void check_again(char *const *words)
{
    _cleanup_string_ String s = {};
    _cleanup_strv_ char **again = NULL;
    _cleanup_free_ char *text = NULL;
    const char *what = NULL;
    size_t i = 0;

    for (i = 0; words[i]; i++) {
        _cleanup_free_ char *quoted = unit_quote(words[i]);

        MUST(quoted);
        string_appendf(&s, "%s%s", i > 0 ? " " : "", quoted);
    }
    MUST(string_finish(&s, &text) == 0 && command_parse(text, &again, &what) == 0);
    for (i = 0; words[i]; i++)
        MUST(streq_null(again[i], words[i]));
    MUST(!again[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    _cleanup_free_ char *text = strndup((const char *)data, size);
    _cleanup_strv_ char **words = NULL;
    const char *what = NULL;
    int r;

    MUST(text);
    r = command_parse(text, &words, &what);
    MUST(r == 0 ? words && words[0][0] == '/' && !what : r == -EINVAL && !words && what);
    if (r == 0)
        check_again(words);
    return 0;
}
