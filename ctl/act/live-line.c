/* SPDX-License-Identifier: MIT */
/* The progress bar, and what stands in its place while nothing can be measured. */
#include "act/live-line.h"

#include "basic/text.h"

#include <inttypes.h>

#define BAR_MIN 8
#define BAR_MAX 40

/* What the line of staging has, in the order in which it gives way where there is no room. */
typedef enum Part {
    PART_TOTAL_FILES,
    PART_LABEL,
    PART_RATE,
    PART_FILES,
    PART_BYTES,
    PART_BAR,
    PARTS,
} Part;

typedef struct Texts {
    char bytes[48], files[32], total_files[64], rate[32], percent[16], left[48];
} Texts;

static void describe(const Progress *progress, uint64_t now, Texts *ret)
{
    int permille = progress_permille(progress);

    *ret = (Texts){};
    if (permille >= 0)
        snprintf(ret->percent, sizeof(ret->percent), "%3d %%", permille / 10);
    if (progress->total_bytes > 0)
        text_part(ret->bytes, sizeof(ret->bytes), progress->bytes,
                  MAX(progress->total_bytes, progress->bytes));
    else
        text_size(ret->bytes, sizeof(ret->bytes), progress->bytes);
    snprintf(ret->files, sizeof(ret->files), "%" PRIu64 " files", progress->files);
    if (progress->total_files > 0)
        snprintf(ret->total_files, sizeof(ret->total_files), "%" PRIu64 " of %" PRIu64 " files",
                 progress->files, MAX(progress->total_files, progress->files));
    if (progress->rate > 0) {
        text_size(ret->rate, sizeof(ret->rate) - 2, progress->rate);
        strcat(ret->rate, "/s");
    }
    if (progress->left > 0) {
        text_left(ret->left, sizeof(ret->left) - 5, progress->left);
        strcat(ret->left, " left");
    } else if (now > progress->begun)
        text_elapsed(ret->left, sizeof(ret->left), now - progress->begun);
}

static const char *files_of(const Texts *texts, unsigned parts)
{
    return !(parts & 1u << PART_FILES)                             ? ""
           : parts & 1u << PART_TOTAL_FILES && *texts->total_files ? texts->total_files
                                                                   : texts->files;
}

/* With two blanks before each. */
static size_t columns_of(const char *text)
{
    return *text ? strlen(text) + 2 : 0;
}

static size_t columns_of_all(const Texts *texts, unsigned parts)
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
    Texts texts;

    describe(progress, now, &texts);
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

/* "Step 2 of 3, 14 to 15, verifying" */
static void step(String *s, const Progress *progress)
{
    if (progress->from)
        string_appendf(s, "  Step %" PRIu64 " of %" PRIu64 ", %s to %s", progress->step,
                       progress->n_steps, progress->from, progress->to ? progress->to : "?");
    else
        string_append(s, "  Making the state");
    if (progress->hook && streq(progress->hook, "Verify"))
        string_append(s, ", verifying");
    else if (progress->hook && streq(progress->hook, "Backup"))
        string_append(s, ", backing up");
}

static void phase(String *s, const Progress *progress)
{
    switch (progress->phase) {
    case PROGRESS_WAITING:
        string_appendf(s, "  Waiting: %s", progress->what ? progress->what : "?");
        break;
    case PROGRESS_CHECKING:
        string_appendf(s, "  Checking step %" PRIu64 " of %" PRIu64, progress->step,
                       progress->n_steps);
        break;
    case PROGRESS_STEP:
        step(s, progress);
        break;
    case PROGRESS_SYNCING:
        string_append(s, "  Writing everything to disk");
        break;
    case PROGRESS_PROVING:
        string_append(s, "  Verifying that nobody uses the state");
        break;
    case PROGRESS_SWAPPING:
        string_append(s, "  Exchanging the state and its clone");
        break;
    case PROGRESS_UNDOING:
        string_appendf(s, "  Undoing step %" PRIu64, progress->step);
        break;
    default:
        string_append(s, "  Looking");
        break;
    }
}

static bool runs_a_script(const Progress *progress)
{
    return progress->phase == PROGRESS_CHECKING || progress->phase == PROGRESS_STEP ||
           progress->phase == PROGRESS_UNDOING;
}

void live_line(char *out, size_t size, const Progress *progress, uint64_t now, const char *last,
               size_t columns, bool utf8)
{
    _cleanup_string_ String s = {};
    char elapsed[32] = "0:00", plain[512] = "";

    if (progress->phase == PROGRESS_STAGING)
        staging(&s, progress, now, columns, utf8);
    else {
        phase(&s, progress);
        if (progress->begun > 0 && now > progress->begun)
            text_elapsed(elapsed, sizeof(elapsed), now - progress->begun);
        string_appendf(&s, " %s %s", utf8 ? "…" : "...", elapsed);
        if (last && runs_a_script(progress))
            text_plain(plain, sizeof(plain), last, utf8);
        add(&s, plain);
    }
    text_plain(out, size, !s.failed && s.text ? s.text : "", utf8);
    text_cut(out, columns);
}
