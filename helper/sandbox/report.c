/* SPDX-License-Identifier: MIT */
/* Reports the result of the sandbox's processes to the helper. */
#include "sandbox/internal.h"

void sandbox_report(const Setup *setup, const Report *what)
{
    ssize_t n;

    do
        n = write(setup->report_fd, what, sizeof(*what));
    while (n < 0 && errno == EINTR);
}

void sandbox_fail(const Setup *setup, int error, const char *step, ...)
{
    Report what = {.failed = 1};
    va_list arguments;
    size_t n;

    va_start(arguments, step);
    (void)vsnprintf(what.text, sizeof(what.text), step, arguments);
    va_end(arguments);
    n = strlen(what.text);
    if (error)
        (void)snprintf(what.text + n, sizeof(what.text) - n, ": %s", strerror(error));
    sandbox_report(setup, &what);
    _exit(EXIT_FAILURE);
}
