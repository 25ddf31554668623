/* SPDX-License-Identifier: MIT */
/* Copies the [Down] scripts of the plan to STORE/applied/ID before the commit. Recovery drops the
 * copy if no commit followed. */
#include "transaction/keep-steps.h"

#include "basic/directory.h"
#include "tree/remove.h"
#include "wayback/wayback.h"

Result keep_steps(Transaction *t)
{
    const Run *run = t->run;
    _cleanup_strv_ char **notes = NULL;
    _cleanup_free_ char *what = NULL;
    int r = applied_write(run->store, t->flight.id, t->flight.record.started, run->declaration,
                          t->plan, &notes, &what);

    if (r < 0)
        return transaction_fail_errno(
            t, "cannot keep the [Down] scripts:", what ? what : run->store->path, r);
    STRV_FOREACH (note, notes)
        log_warning(&run->log, "%s", *note);
    return RESULT_DONE;
}

int keep_steps_drop(const Store *store, const char *id)
{
    _cleanup_close_ int fd = directory_fd(store->fd, APPLIED_DIRECTORY);
    int r;

    if (fd < 0)
        return fd == -ENOENT ? 0 : fd;
    r = tree_remove(fd, id);
    return r == 0 && fsync(fd) < 0 ? -errno : r;
}
