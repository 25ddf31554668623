/* SPDX-License-Identifier: MIT */
/* Decides whether a Post= hook that has changed may run, and logs the change. */
#include "post-changed.h"

bool post_may_run(const Run *run, const PostHook *hook)
{
    const char *name = run->declaration->name;
    Fingerprint now;

    switch (post_hook_compare(hook, run->declaration, &now)) {
    case POST_SAME:
        return true;
    case POST_CHANGED:
        log_warning(&run->log,
                    "Post=%s, or a file that it names, was changed since the migration: it runs as "
                    "it is now",
                    hook->argv[0]);
        return true;
    case POST_REFUSED:
        break;
    }
    log_event(
        &run->log, LOG_ERR, MESSAGE_POST_FAILED, RESULT_FAILED,
        "Post=%s is not run: it, or a file that it names, has changed since the migration was "
        "approved",
        hook->argv[0]);
    log_error(&run->log,
              "%s goes on. Look at what it is now, then run: migratectl approve %s; or put back "
              "what was there; then run: systemctl start migrate-post@%s",
              run->units[0], name, name);
    return false;
}
