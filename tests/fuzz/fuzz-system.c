/* SPDX-License-Identifier: MIT */
/* Any bytes for texts about the system: the progress of a run, os-release, and the kernel command
 * line. Each parser gets the whole input. */
#include "declare/kernel-command-line.h"
#include "fuzz.h"
#include "system/progress-record.h"
#include "system/system.h"

static void check_described(const Progress *progress)
{
    char text[512];
    CloneTexts texts;
    int permille = progress_permille(progress);

    MUST(progress->phase >= 0 && progress->phase < PROGRESS_PHASES);
    MUST(permille >= -1 && permille <= 1000);
    progress_describe(progress, text, sizeof(text));
    progress_describe_clone(progress, &texts);
}

/* A record that is read has the same content when it is written and read again. */
static void check_progress(const uint8_t *data, size_t size)
{
    char text[PROGRESS_MAX] = "", written[PROGRESS_MAX] = "", again[PROGRESS_MAX] = "";
    Progress progress, other;

    memcpy(text, data, MIN(size, sizeof(text) - 1));
    if (!progress_parse(text, &progress))
        return;
    check_described(&progress);
    MUST(progress_print(&progress, written) < sizeof(written));
    memcpy(again, written, sizeof(again));
    MUST(progress_parse(again, &other) && other.pid == progress.pid);
    MUST(other.phase == progress.phase && other.started == progress.started);
    MUST(progress_print(&other, again) == strlen(written) && streq(again, written));
}

static void check_os_release(const uint8_t *data, size_t size)
{
    static const char *const keys[] = {"IMAGE_VERSION", "VERSION_ID", "BUILD_ID", "ID"};

    for (size_t i = 0; i < ELEMENTSOF(keys); i++) {
        _cleanup_free_ char *text = strndup((const char *)data, size), *value = NULL;

        MUST(text);
        value = strstr(text, keys[i]) ? os_release_value(text, keys[i]) : NULL;
        MUST(!value || !strpbrk(value, "\"'\n"));
    }
}

static void check_command_line(const uint8_t *data, size_t size)
{
    static const char word[] = "migrate=off";
    char *text = calloc(1, size + 1);
    bool found = false;

    MUST(text);
    memcpy(text, data, size);
    for (size_t i = 0; i + strlen(word) <= size; i++)
        found = found || (memcmp(text + i, word, strlen(word)) == 0 &&
                          (i == 0 || memchr("\0\t\n ", text[i - 1], 4)) &&
                          memchr("\0\t\n ", text[i + strlen(word)], 4));
    MUST(kernel_command_line_contains(text, size, word) == found);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_progress(data, size);
    check_os_release(data, size);
    check_command_line(data, size);
    return 0;
}
