/* SPDX-License-Identifier: MIT */
/* Progress: sizes, times, output of scripts, the line on a terminal, and the record. */
#include "act/follow.h"
#include "basic/text.h"

#include <locale.h>

#include "test.h"

#define SECOND UINT64_C(1000000)
#define MIB    (UINT64_C(1) << 20)
#define GIB    (UINT64_C(1) << 30)

static void check(const char *got, const char *wanted, const char *what)
{
    OK(streq(got, wanted), "%s", what);
    if (!streq(got, wanted))
        printf("# got    '%s'\n# wanted '%s'\n", got, wanted);
}

/* --- amounts and times ------------------------------------------------------------------------ */

static void test_sizes(void)
{
    static const struct {
        uint64_t bytes;
        const char *text;
    } cases[] = {
        {0, "0 B"},
        {1023, "1023 B"},
        {1024, "1.0 KiB"},
        {1536, "1.5 KiB"},
        {MIB - 1, "1.0 MiB"}, /* not 1024.0 KiB */
        {MIB, "1.0 MiB"},
        {GIB - 1, "1.0 GiB"},
        {1023 * GIB, "1023.0 GiB"},
        {UINT64_MAX, "16384.0 PiB"},
    };
    char text[64];

    for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
        text_size(text, sizeof(text), cases[i].bytes);
        check(text, cases[i].text, "a size has at most one decimal");
    }
    text_part(text, sizeof(text), 300 * MIB, 3 * GIB / 2);
    check(text, "0.3 of 1.5 GiB", "a partial size is shown in the unit of the total");
    text_part(text, sizeof(text), 5, 100);
    check(text, "5 of 100 B", "a partial size in bytes has no decimals");
}

static void test_times(void)
{
    static const struct {
        uint64_t usec;
        const char *elapsed, *left, *duration;
    } cases[] = {
        {1, "0:00", "1 s", "0 ms"},
        {SECOND - 1, "0:00", "1 s", "999 ms"},
        {SECOND, "0:01", "1 s", "1.0 s"},
        {12 * SECOND, "0:12", "12 s", "12.0 s"},
        {89 * SECOND, "1:29", "89 s", "1 min 29 s"},
        {90 * SECOND, "1:30", "2 min", "1 min 30 s"},
        {3599 * SECOND, "59:59", "1 h 0 min", "59 min 59 s"},
        {3723 * SECOND, "1:02:03", "1 h 2 min", "1 h 2 min"},
        {360000 * SECOND, "100:00:00", "100 h 0 min", "100 h 0 min"},
    };
    char text[64];

    for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
        text_elapsed(text, sizeof(text), cases[i].usec);
        check(text, cases[i].elapsed, "an elapsed time is shown in minutes and seconds");
        text_left(text, sizeof(text), cases[i].usec);
        check(text, cases[i].left, "the remaining time is rounded up");
        text_duration(text, sizeof(text), cases[i].usec);
        check(text, cases[i].duration, "a duration has at most two units");
    }
}

/* --- what scripts print ----------------------------------------------------------------------- */

static void test_plain(void)
{
    static const struct {
        const char *in, *utf8, *ascii, *what;
    } cases[] = {
        {"plain", "plain", "plain", "plain text is unchanged"},
        {"", "", "", "an empty text is unchanged"},
        {"a\tb", "a b", "a b", "a control character becomes a blank"},
        {"end \n", "end", "end", "blanks at the end are removed"},
        {"\033[31mred\033[0m", "red", "red", "colours are removed"},
        {"\033[2J\033[1;1Hx", "x", "x", "a sequence that clears the screen is removed"},
        {"\033]0;title\ax", "x", "x", "a title that ends with BEL is removed"},
        {"\033]8;;http://x\033\\link", "link", "link", "a link that ends with ST is removed"},
        {"\033Pdevice\033\\x", "x", "x", "a device control string is removed"},
        {"\033(Bx", "x", "x", "a sequence that selects a character set is removed"},
        {"\033cx", "x", "x", "a reset is removed"},
        {"\033[31", "", "", "a sequence that is cut off is removed"},
        {"\033]0;never ended", "", "", "a control string that never ends is removed"},
        {"x\033", "x", "x", "a lone escape is removed"},
        {"\302\23331mred", "red", "red", "a sequence that begins with C1 CSI is removed"},
        {"a\302\205b", "a b", "a b", "a control character above 127 becomes a blank"},
        {"a\177b", "a b", "a b", "DEL becomes a blank"},
        {"\303\244\342\202\254\360\237\230\200", "\303\244\342\202\254\360\237\230\200", "???",
         "characters of two, three and four bytes are kept in UTF-8"},
        {"\344x", "?x", "?x", "a byte of Latin 1 becomes a question mark"},
        {"a\255b\255", "a?b?", "a?b?", "a soft hyphen of Latin 1 becomes a question mark"},
        {"a\23331m", "a?31m", "a?31m", "a single byte of CSI becomes a question mark"},
        {"\300\257", "??", "??", "an over-long form becomes question marks"},
        {"\355\240\200", "???", "???", "half a surrogate pair becomes question marks"},
        {"\342\202", "??", "??", "a character that is cut off becomes question marks"},
        {"\342\200\256gpj.exe", "gpj.exe", "gpj.exe",
         "a character that changes the direction is removed"},
        {"10%\r20%\r30%", "30%", "30%", "a line that was rewritten shows its last text"},
        {"30%\r", "30%", "30%", "a carriage return at the end is removed"},
        {"30%\r\r\n", "30%", "30%", "several carriage returns at the end are removed"},
    };
    char text[256];

    for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
        text_plain(text, sizeof(text), cases[i].in, true);
        check(text, cases[i].utf8, cases[i].what);
        text_plain(text, sizeof(text), cases[i].in, false);
        check(text, cases[i].ascii, cases[i].what);
    }
    text_plain(text, 4, "a\303\244\303\244", true);
    check(text, "a\303\244", "a text is never cut within a character");
}

static void test_cut(void)
{
    static const struct {
        const char *in;
        size_t columns;
        const char *out;
    } cases[] = {
        {"abc", 3, "abc"},
        {"abc", 2, "ab"},
        {"abc", 0, ""},
        {"\303\244\303\266\303\274", 2, "\303\244\303\266"},
        {"\346\274\242\345\255\227", 3, "\346\274\242"},             /* two columns each */
        {"e\314\201x", 1, "e\314\201"},                              /* combining */
        {"\360\237\230\200\360\237\230\200", 2, "\360\237\230\200"}, /* an emoji */
    };
    char text[64];

    for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
        strcpy(text, cases[i].in);
        text_cut(text, cases[i].columns);
        check(text, cases[i].out, "a text is cut to the columns of the terminal");
        OK(text_columns(text) <= cases[i].columns,
           "a text that was cut is not wider than its columns");
    }
}

/* --- the line ----------------------------------------------------------------------------------
 */

static const Progress staging = {.phase = PROGRESS_STAGING,
                                 .begun = SECOND,
                                 .bytes = 3 * GIB / 2,
                                 .files = 12000,
                                 .total_bytes = 3 * GIB,
                                 .total_files = 24000,
                                 .rate = 512 * MIB,
                                 .left = 3 * SECOND};
static const Progress uncounted = {.phase = PROGRESS_STAGING,
                                   .begun = SECOND,
                                   .bytes = 3 * GIB / 2,
                                   .files = 12000,
                                   .rate = 512 * MIB};
static const Progress running = {.phase = PROGRESS_STEP,
                                 .begun = SECOND,
                                 .step = 2,
                                 .n_steps = 3,
                                 .from = "14",
                                 .to = "15",
                                 .hook = "Script"};
static const Progress verifying = {.phase = PROGRESS_STEP,
                                   .begun = SECOND,
                                   .step = 2,
                                   .n_steps = 3,
                                   .from = "14",
                                   .to = "15",
                                   .hook = "Verify"};
static const Progress making = {.phase = PROGRESS_STEP, .begun = SECOND, .hook = "Init"};
static const Progress waiting = {
    .phase = PROGRESS_WAITING, .begun = SECOND, .what = "2 others migrate"};
static const Progress syncing = {.phase = PROGRESS_SYNCING, .begun = SECOND};

static void test_line(void)
{
    static const struct {
        const Progress *progress;
        const char *last;
        size_t columns;
        bool utf8;
        const char *line;
    } cases[] = {
        {&staging, NULL, 99, false,
         "  Cloning  ##########..........   50 %  1.5 of 3.0 GiB  12000 of 24000 files  512.0 MiB/s"
         "  3 s left"},
        {&staging, NULL, 79, false,
         "  Cloning  ####.....   50 %  1.5 of 3.0 GiB  12000 files  512.0 MiB/s  3 s left"},
        {&staging, NULL, 60, false, "  ######......   50 %  1.5 of 3.0 GiB  12000 files  3 s left"},
        {&staging, NULL, 40, false, "  ##########...........   50 %  3 s left"},
        {&staging, NULL, 20, false, "   50 %  3 s left"},
        {&staging, NULL, 5, false, "   50"},
        {&staging, NULL, 30, true, "  █████░░░░░░   50 %  3 s left"},
        {&uncounted, NULL, 79, true, "  Cloning  1.5 GiB  12000 files  512.0 MiB/s  0:12"},
        {&running, NULL, 79, true, "  Step 2 of 3, 14 to 15 … 0:12"},
        {&running, NULL, 79, false, "  Step 2 of 3, 14 to 15 ... 0:12"},
        {&running, "\033[1mtable\033[0m 7\n", 79, true, "  Step 2 of 3, 14 to 15 … 0:12  table 7"},
        {&running, "10\r20", 79, true, "  Step 2 of 3, 14 to 15 … 0:12  20"},
        {&running, "0123456789", 40, true, "  Step 2 of 3, 14 to 15 … 0:12  01234567"},
        {&running, "\303\244\303\266\303\274", 34, true,
         "  Step 2 of 3, 14 to 15 … 0:12  \303\244\303\266"},
        {&running, "\303\244", 79, false, "  Step 2 of 3, 14 to 15 ... 0:12  ?"},
        {&verifying, "ok", 79, true, "  Step 2 of 3, 14 to 15, verifying … 0:12  ok"},
        {&making, NULL, 79, true, "  Creating the state … 0:12"},
        {&waiting, "not ours", 79, true, "  Waiting: 2 others migrate … 0:12"},
        {&syncing, "old", 79, true, "  Writing everything to disk … 0:12"},
    };
    char line[1024];

    for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
        live_line(line, sizeof(line), cases[i].progress, 13 * SECOND, cases[i].last,
                  cases[i].columns, cases[i].utf8);
        check(line, cases[i].line, "a line of progress fits the terminal");
    }
    for (size_t columns = 0; columns < 200; columns++) {
        bool fits;

        live_line(line, sizeof(line), &staging, 13 * SECOND, NULL, columns, columns % 2 == 0);
        fits = text_columns(line) <= columns;
        live_line(line, sizeof(line), &running, 13 * SECOND, "some script's line of some length",
                  columns, columns % 2 == 0);
        if (!fits || text_columns(line) > columns)
            OK(false, "a line for %zu columns is not wider than that", columns);
    }
    OK(true, "no line of progress is wider than the terminal");
}

/* --- the record --------------------------------------------------------------------------------
 */

static void test_record(void)
{
    char text[PROGRESS_MAX], *long_path;
    Progress progress = staging, read = {};
    uint64_t started;

    progress.pid = getpid();
    OK(progress_process(getpid(), &progress.started) == 0 && progress.started > 0,
       "the start time of this process is found");
    OK(progress_process(999999999, &started) == -ENOENT, "a missing process gives ENOENT");
    progress.what = "/var/lib/a=b";
    OK(progress_print(&progress, text) == strlen(text), "a progress record is written");
    OK(progress_parse(text, &read), "a progress record is read");
    OK(read.phase == PROGRESS_STAGING && read.pid == getpid() && read.started == progress.started &&
           read.begun == SECOND && read.bytes == progress.bytes && read.files == 12000 &&
           read.total_bytes == 3 * GIB && read.total_files == 24000 && read.left == 3 * SECOND &&
           read.rate == 512 * MIB && streq(read.what, "/var/lib/a=b") && !read.from,
       "a progress record is read as it was written");

    long_path = malloc(3 * PROGRESS_MAX);
    memset(long_path, 'x', 3 * PROGRESS_MAX - 1);
    long_path[3 * PROGRESS_MAX - 1] = '\0';
    progress.what = long_path;
    OK(progress_print(&progress, text) < PROGRESS_MAX,
       "a progress record with a path that is too long still fits");
    OK(progress_parse(text, &read) && !read.what && read.files == 12000,
       "only the path is left out if it is too long");
    free(long_path);

    strcpy(text, "phase=juggling\npid=7\nstarted=9\nfuture=1\nbytes=18446744073709551615\n=\nx");
    OK(progress_parse(text, &read) && read.phase == PROGRESS_NONE && read.bytes == UINT64_MAX,
       "unknown fields and phases of a progress record are ignored");
    strcpy(text, "phase=step\n");
    OK(!progress_parse(text, &read), "a progress record without a process is not valid");
    strcpy(text, "");
    OK(!progress_parse(text, &read), "an empty progress record is not valid");
}

static void test_permille(void)
{
    Progress progress = {};

    OK(progress_permille(&progress) == -1, "progress without a total is not known");
    progress.total_bytes = 1000;
    OK(progress_permille(&progress) == 0, "progress begins at 0");
    progress.bytes = 2000;
    OK(progress_permille(&progress) == 1000, "progress is never more than 1000");
    progress = (Progress){.files = 5, .total_files = 10};
    OK(progress_permille(&progress) == 500, "progress is counted in files if bytes are not known");
    progress = (Progress){.bytes = UINT64_C(1) << 62, .total_bytes = UINT64_C(1) << 63};
    OK(progress_permille(&progress) == 500, "progress does not overflow with 2^63 bytes");
}

int main(void)
{
    if (!setlocale(LC_ALL, "C.UTF-8") && !setlocale(LC_ALL, "C.utf8")) {
        puts("1..0 # SKIP the locale C.UTF-8 is missing");
        return 0;
    }
    test_sizes();
    test_times();
    test_plain();
    test_cut();
    test_line();
    test_record();
    test_permille();
    return tests_done();
}
