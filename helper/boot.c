/* SPDX-License-Identifier: MIT */
/* Handles a boot that was found good: migrations are not provisional any more. */
#include "store/provisional.h"
#include "verbs.h"

#include <fcntl.h>

static int forget(const char *name)
{
    _cleanup_store_ Store store = STORE_NONE;
    int r = store_open(NULL, name, false, &store);

    if (r < 0 || !store_has(&store, RECORD_PROVISIONAL))
        return r;
    return provisional_write(&store, NULL);
}

int verb_boot_complete(char **arguments)
{
    _cleanup_strv_ char **names = NULL;
    int result = RESULT_DONE, r = stores_list(NULL, &names);

    if (r < 0) {
        fprintf(stderr, "cannot list " STORE_DIRECTORY ": %s\n", strerror(-r));
        return RESULT_FAILED;
    }
    STRV_FOREACH (name, names) {
        r = forget(*name);
        if (r == 0 || r == -ENOENT || r == -ENOTDIR)
            continue;
        log_error(&(LogContext){.service = *name},
                  "Cannot forget that the migration of %s was provisional: %s", *name,
                  strerror(-r));
        result = RESULT_FAILED;
    }
    return result;
}
