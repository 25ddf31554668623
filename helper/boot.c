/* SPDX-License-Identifier: MIT */
/* Hearing that the boot is good. */
#include "store/provisional.h"
#include "verbs.h"

#include <dirent.h>
#include <fcntl.h>

static int forget(const char *name)
{
    _cleanup_store_ Store store = STORE_NONE;
    int r = store_open(NULL, name, false, &store);

    if (r < 0 || !store_has(&store, RECORD_PROVISIONAL))
        return r;
    return provisional_write(&store, NULL);
}

int verb_boot_complete(void)
{
    _cleanup_closedir_ DIR *dir = opendir(STORE_DIRECTORY);
    struct dirent *de;
    int result = RESULT_DONE;

    while (dir && (de = readdir(dir))) {
        int r = declaration_name_is_valid(de->d_name) ? forget(de->d_name) : 0;

        if (r == 0 || r == -ENOENT || r == -ENOTDIR)
            continue;
        log_error(&(LogContext){.service = de->d_name},
                  "Cannot forget that the migration of %s was provisional: %s", de->d_name,
                  strerror(-r));
        result = RESULT_FAILED;
    }
    return result;
}
