/* SPDX-License-Identifier: MIT */
/* Any bytes for a unit file: what is read has no blanks around it, and specifiers are expanded. */
#include "declare/unit-file.h"
#include "fuzz.h"

static void check(const uint8_t *data, size_t size, const char *key)
{
    static const char *const units[] = {"app.socket", "app@one.socket", "a.b@.path"};
    _cleanup_free_ char *text = strndup((const char *)data, size);
    _cleanup_strv_ char **values = NULL;

    MUST(text && unit_file_parse(text, key, &values) == 1);
    STRV_FOREACH (value, values) {
        const char *last = *value + strlen(*value) - 1;

        MUST(!strchr(*value, '\n') && (key || (strchr(*value, '=') && !strchr("#;", **value))));
        MUST(isempty(*value) || !key || (!strchr(" \t", **value) && !strchr(" \t", *last)));
        for (size_t i = 0; i < ELEMENTSOF(units); i++) {
            _cleanup_free_ char *expanded = unit_expand(*value, units[i]);

            MUST(expanded && (strstr(*value, "%%") || !strstr(expanded, "%n")));
            MUST(strchr(*value, '%') || streq(expanded, *value));
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check(data, size, "Service");
    check(data, size, "Accept");
    check(data, size, NULL);
    return 0;
}
