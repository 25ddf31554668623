/* SPDX-License-Identifier: MIT */
/* Any bytes for mountinfo and fdinfo, in which users choose paths. */
#include "basic/mountinfo.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    _cleanup_free_ char *text = strndup((const char *)data, size), *escaped = NULL;
    size_t lines = 1, n = 0;
    char *next = text;
    uint64_t id;
    Mount mount;
    int r;

    MUST(text && (escaped = strdup(text)));
    for (const char *p = text; *p; p++)
        lines += *p == '\n';
    path_unescape(escaped);
    MUST(strlen(escaped) <= strlen(text));
    r = fdinfo_mount_id(text, &id);
    MUST(r == (strstr(text, "mnt_id:") ? 0 : -ENODATA));
    for (; mount_next(&next, &mount); n++) {
        MUST(mount.device && mount.root && mount.point);
        MUST(!streq(mount.root, "/") && !streq(mount.point, "/"));
        MUST(!strpbrk(mount.device, " \n"));
        MUST(mount.device >= text && mount.point + strlen(mount.point) <= text + size);
    }
    MUST(n <= lines && !next);
    return 0;
}
