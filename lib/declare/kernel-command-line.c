/* SPDX-License-Identifier: MIT */
/* Reads the kernel command line like systemd: see proc_cmdline() in systemd's
 * src/basic/proc-cmdline.c. */
#include "declare/kernel-command-line.h"

#include <fcntl.h>

#define SIZE_MAX_READ (1U << 20)

static int read_live(char **ret, size_t *ret_size)
{
    bool container = access("/run/systemd/container", F_OK) == 0;

    return read_file_at(AT_FDCWD, container ? "/proc/1/cmdline" : "/proc/cmdline", SIZE_MAX_READ,
                        ret, ret_size);
}

bool kernel_command_line_has(const char *word, bool live)
{
    const char *given = getenv("SYSTEMD_PROC_CMDLINE");
    _cleanup_free_ char *text = given ? strdup(given) : NULL;
    size_t size = given ? strlen(given) : 0;
    char *state = NULL;

    if (given ? !text : !live || read_live(&text, &size) < 0)
        return false;
    /* The arguments of PID 1 are separated by NULs. */
    for (size_t i = 0; i < size; i++)
        if (text[i] == '\0')
            text[i] = ' ';
    for (char *w = strtok_r(text, " \t\n", &state); w; w = strtok_r(NULL, " \t\n", &state))
        if (streq(w, word))
            return true;
    return false;
}
