/* SPDX-License-Identifier: MIT */
/* Checks that the kept copies of scripts are unchanged, because only the original was approved. */
#include "wayback/keep-file.h"
#include "wayback/private.h"

#include <inttypes.h>

static char *describe(int dir_fd, const char *name, int *ret)
{
    uint64_t size, hash;

    *ret = keep_file_hash(dir_fd, name, &size, &hash);
    return *ret == 0 ? strprintf("%" PRIu64 ":%016" PRIx64, size, hash) : NULL;
}

int applied_describe_copy(int dir_fd, const char *name, char **ret)
{
    int r;
    _cleanup_free_ char *content = describe(dir_fd, name, &r);

    if (r < 0 || !content)
        return r < 0 ? r : -ENOMEM;
    *ret = TAKE_PTR(content);
    return 0;
}

const char *applied_copy_is_bad(int dir_fd, const WaybackFile *file)
{
    int r;
    _cleanup_free_ char *content = describe(dir_fd, file->copy, &r);

    if (r == -ENOENT)
        return "is gone";
    if (r < 0)
        return "cannot be read";
    /* Records of earlier versions have no hash. */
    return file->content && !streq_null(content, file->content) ? "has changed since it was made"
                                                                : NULL;
}
