/* SPDX-License-Identifier: MIT */
/* The last attempt, where it failed, and what it has left. */
#include "permit/failed.h"

#include "backup/backup.h"
#include "state/refuse.h"
#include "store/attempt.h"
#include "tree/remove.h"

static int drop_from_base(const Run *run, const char *base, const char *id)
{
    _cleanup_close_ int fd = backup_open_base(NULL, run->store, base);
    int r;

    if (fd < 0)
        return fd == -ENOENT ? 0 : fd;
    r = tree_remove(fd, id);
    return r == 0 && fsync(fd) < 0 ? -errno : r; /* mutation: sync-removed-clone */
}

/* Wherever that was: what is declared may be another by now. */
int failed_drop(const Run *run, const TransactionRecord *failed)
{
    size_t n = failed->n_places;
    int r = 0;

    if (!place_name_is_valid(failed->id))
        return record_remove(run->store, RECORD_FAILED);
    for (size_t i = 0; r == 0 && i <= n; i++) {
        const char *base = i == n ? run->store->path : failed->places[i].base;

        if (place_base_is_valid(base, run->store))
            r = drop_from_base(run, base, failed->id);
    }
    return r < 0 ? r : record_remove(run->store, RECORD_FAILED);
}

int failed_check(const Run *run)
{
    _cleanup_(transaction_record_free) TransactionRecord failed = {};
    int r;

    r = transaction_record_read(run->store, RECORD_FAILED, &failed);
    if (r == 1) {
        if (interruption_count(run->store, run->fingerprint.hex) < INTERRUPTIONS_MAX)
            return RESULT_DONE;
        _cleanup_free_ char *next = strprintf("See the journal why, then type: migratectl retry %s",
                                              run->declaration->name);

        return run_refuse(run, RESULT_FAILED, MESSAGE_FAILED,
                          "it was interrupted three times in a row", next ? next : "");
    }
    /* Not knowing whether it has failed is no reason to repeat it. */
    if (r < 0 && r != -EBADMSG)
        return run_refuse_errno(run,
                                strprintf("the record of the last attempt, %s/" RECORD_FAILED
                                          ", cannot be read",
                                          run->store->path),
                                r);
    if (r == 0 && failed.retry <= 0 && fingerprint_is(&run->fingerprint, failed.fingerprint)) {
        _cleanup_free_ char *what =
            strprintf("it failed on %s and nothing has changed since: %s",
                      failed.finished ? failed.finished : "?", failed.reason ? failed.reason : "?");
        _cleanup_free_ char *next =
            strprintf("Mend the cause, then type: migratectl retry %s", run->declaration->name);

        return run_refuse(run, RESULT_FAILED, MESSAGE_FAILED, what ? what : "it failed before",
                          next ? next : "");
    }
    r = r == 0 ? failed_drop(run, &failed) : record_remove(run->store, RECORD_FAILED);
    if (r < 0)
        log_warning(&run->log, "The clone of the last attempt could not be removed: %s",
                    strerror(-r));
    return RESULT_DONE;
}
