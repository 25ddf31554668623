/* SPDX-License-Identifier: MIT */
/* Formats the live line: a progress bar, or text while there is nothing to measure. */
#include "act/follow.h"

#include "basic/text.h"

#define BAR_MIN 8
#define BAR_MAX 40

/* The texts of the line for the cloning phase, in their order; the bar comes after the label. */
enum { LABEL, PERCENT, BYTES, FILES, RATE, LEFT, TEXTS };

static void add(String *s, const char *text)
{
    if (*text)
        string_appendf(s, "  %s", text);
}

static void add_bar(String *s, int permille, size_t columns, bool utf8)
{
    size_t full = columns * (size_t)MIN(permille, 1000) / 1000;

    string_append(s, "  ");
    for (size_t i = 0; i < columns; i++)
        string_append(s, i < full ? (utf8 ? "█" : "#") : (utf8 ? "░" : "."));
}

static size_t columns_of(const char *const *shown, bool bar)
{
    size_t columns = bar ? 2 + BAR_MIN : 0;

    for (size_t i = 0; i < TEXTS; i++)
        columns += *shown[i] ? 2 + strlen(shown[i]) : 0;
    return columns;
}

static void staging(String *s, const Progress *progress, uint64_t now, size_t columns, bool utf8)
{
    int permille = progress_permille(progress);
    bool bar = permille >= 0;
    CloneTexts texts;

    progress_describe_clone(progress, &texts);
    if (!*texts.left && now > progress->begun)
        text_elapsed(texts.left, sizeof(texts.left), now - progress->begun);

    const char *shown[TEXTS] = {"Cloning",   texts.percent,
                                texts.bytes, *texts.total_files ? texts.total_files : texts.files,
                                texts.rate,  texts.left};
    /* If there is not enough room, texts become shorter in this order, and at last the bar goes. */
    const struct {
        unsigned which;
        const char *shorter;
    } steps[] = {{FILES, texts.files}, {LABEL, ""}, {RATE, ""}, {FILES, ""}, {BYTES, ""}};

    for (size_t i = 0; i < ELEMENTSOF(steps) && columns_of(shown, bar) > columns; i++)
        shown[steps[i].which] = steps[i].shorter;
    bar = bar && columns_of(shown, bar) <= columns;
    add(s, shown[LABEL]);
    if (bar)
        add_bar(s, permille, MIN(BAR_MIN + columns - columns_of(shown, bar), BAR_MAX), utf8);
    for (size_t i = PERCENT; i < TEXTS; i++)
        add(s, shown[i]);
}

void live_line(char *out, size_t size, const Progress *progress, uint64_t now, const char *last,
               size_t columns, bool utf8)
{
    _cleanup_string_ String s = {};
    char elapsed[32] = "0:00", plain[512] = "", phase[512];

    if (progress->phase == PROGRESS_STAGING)
        staging(&s, progress, now, columns, utf8);
    else {
        progress_describe(progress, phase, sizeof(phase));
        if (progress->begun > 0 && now > progress->begun)
            text_elapsed(elapsed, sizeof(elapsed), now - progress->begun);
        string_appendf(&s, "  %s %s %s", phase, utf8 ? "…" : "...", elapsed);
        if (last && progress_runs_script(progress))
            text_plain(plain, sizeof(plain), last, utf8);
        add(&s, plain);
    }
    text_plain(out, size, !s.failed && s.text ? s.text : "", utf8);
    text_cut(out, columns);
}
