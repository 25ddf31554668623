/* SPDX-License-Identifier: MIT */
/* Reads the kernel command line like systemd: see proc_cmdline() in systemd's
 * src/basic/proc-cmdline.c. */
#include "declare/kernel-command-line.h"

#include <fcntl.h>

#define SIZE_MAX_READ (1U << 20)

bool kernel_command_line_contains(char *text, size_t size, const char *word)
{
    /* The arguments of PID 1 are separated by NULs. */
    for (size_t i = 0; i < size; i++)
        if (text[i] == '\0' || text[i] == '\t' || text[i] == '\n')
            text[i] = ' ';
    return words_contain(text, word, strlen(word));
}

bool kernel_command_line_has(const char *word, bool live)
{
    const char *given = getenv("SYSTEMD_PROC_CMDLINE");
    bool container = access("/run/systemd/container", F_OK) == 0;
    _cleanup_free_ char *text = given ? strdup(given) : NULL;
    size_t size = given ? strlen(given) : 0;

    if (!given && live &&
        read_file_at(AT_FDCWD, container ? "/proc/1/cmdline" : "/proc/cmdline", SIZE_MAX_READ,
                     &text, &size) < 0)
        return false;
    return text && kernel_command_line_contains(text, size, word);
}
