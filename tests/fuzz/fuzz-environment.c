/* SPDX-License-Identifier: MIT */
/* Any bytes for the variables of scripts: an EnvironmentFile=, which others may write, and the values
 * of Environment= and UnsetEnvironment=.
 *
 * The input is the file; after a line "@environment" and "@unset" the values, one a line. */
#include "declare/private.h"
#include "fuzz.h"
#include "script/environment.h"

enum { PART_FILE, PART_ENVIRONMENT, PART_UNSET, N_PARTS };

#define LINES_MAX 16

static size_t add_lines(UnitLine *lines, size_t n, const char *key, FuzzPart *part)
{
    char *line;

    while (n < LINES_MAX && (line = fuzz_line(part)))
        if (unit_line_refused(true, key, line)) /* the declaration is refused */
            free(line);
        else
            lines[n++] = (UnitLine){.key = (char *)key, .value = line};
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    FuzzPart parts[N_PARTS] = {
        [PART_ENVIRONMENT] = {.word = "@environment"}, [PART_UNSET] = {.word = "@unset"}};
    UnitLine lines[LINES_MAX + 1];
    Declaration declaration = {.service_lines = {.items = lines}};
    _cleanup_strv_ char **environment = NULL;
    const char *path;
    size_t n = 0;
    int r;

    fuzz_enter();
    fuzz_clear(fuzz_fd);
    fuzz_split(data, size, parts, N_PARTS);
    fuzz_write(fuzz_fd, "file", parts[PART_FILE].data, parts[PART_FILE].size);
    n = add_lines(lines, n, "Environment", parts + PART_ENVIRONMENT);
    n = add_lines(lines, n, "UnsetEnvironment", parts + PART_UNSET);
    lines[n] =
        (UnitLine){.key = (char *)"EnvironmentFile", .value = strprintf("%s/file", fuzz_path)};
    declaration.service_lines.n_items = n + 1;
    r = environment_add_declared(&declaration, &environment, &path);
    MUST(r == 0 || r == -EINVAL);
    STRV_FOREACH (variable, environment) {
        const char *equals = strchr(*variable, '=');

        MUST(r < 0 || (equals && equals > *variable));
        STRV_FOREACH (other, variable + 1) /* each once */
            MUST(strncmp(*variable, *other, (size_t)(equals + 1 - *variable)) != 0);
    }
    for (size_t i = 0; i <= n; i++)
        free(lines[i].value);
    return 0;
}
