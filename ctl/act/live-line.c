/* SPDX-License-Identifier: MIT */
/* Formats the live line: a progress bar, or text while there is nothing to measure. */
#include "act/follow.h"

#include "basic/text.h"

#define BAR_MIN 8
#define BAR_MAX 40

/* The parts of the line for the cloning phase. If there is not enough room, the first parts are
 * left out first. */
typedef enum Part {
    PART_TOTAL_FILES,
    PART_LABEL,
    PART_RATE,
    PART_FILES,
    PART_BYTES,
    PART_BAR,
    PARTS,
} Part;

static const char *files_of(const CloneTexts *texts, unsigned parts)
{
    return !(parts & 1u << PART_FILES)                             ? ""
           : parts & 1u << PART_TOTAL_FILES && *texts->total_files ? texts->total_files
                                                                   : texts->files;
}

static size_t columns_of(const char *text)
{
    return *text ? strlen(text) + 2 : 0;
}

static size_t columns_of_all(const CloneTexts *texts, unsigned parts)
{
    return (parts & 1u << PART_LABEL ? strlen("  Cloning") : 0) +
           (parts & 1u << PART_BAR ? 2 + BAR_MIN : 0) + columns_of(texts->percent) +
           (parts & 1u << PART_BYTES ? columns_of(texts->bytes) : 0) +
           columns_of(files_of(texts, parts)) +
           (parts & 1u << PART_RATE ? columns_of(texts->rate) : 0) + columns_of(texts->left);
}

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

static void staging(String *s, const Progress *progress, uint64_t now, size_t columns, bool utf8)
{
    int permille = progress_permille(progress);
    unsigned parts = (1u << PARTS) - 1;
    size_t used;
    CloneTexts texts;

    progress_describe_clone(progress, &texts);
    if (!*texts.left && now > progress->begun)
        text_elapsed(texts.left, sizeof(texts.left), now - progress->begun);
    if (permille < 0)
        parts &= ~(1u << PART_BAR);
    for (Part part = 0; part < PARTS && columns_of_all(&texts, parts) > columns; part++)
        parts &= ~(1u << part);
    used = columns_of_all(&texts, parts);
    if (parts & 1u << PART_LABEL)
        add(s, "Cloning");
    if (parts & 1u << PART_BAR)
        add_bar(s, permille, MIN(BAR_MIN + columns - used, BAR_MAX), utf8);
    add(s, texts.percent);
    if (parts & 1u << PART_BYTES)
        add(s, texts.bytes);
    add(s, files_of(&texts, parts));
    if (parts & 1u << PART_RATE)
        add(s, texts.rate);
    add(s, texts.left);
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
