/* SPDX-License-Identifier: MIT */
/* Recording a version without migrating: what was detected, adopted, or begins fresh. */
#include "adopt.h"

#include "contact.h"
#include "stamp.h"
#include "verbs.h"

static void log_history(const Run *run, const char *from, const char *to, const char *how)
{
    _cleanup_json_ json_object *entry = json_object_new_object();
    _cleanup_free_ char *now = time_format(time_now());
    int r = -ENOMEM;

    if (entry && now) {
        json_add_string(entry, "service", run->declaration->name);
        json_add_string(entry, "from", from);
        json_add_string(entry, "to", to);
        json_add_string(entry, "started", now);
        json_add_string(entry, "finished", now);
        json_add_string(entry, "declaration", run->declaration->file);
        json_add_string(entry, "action", how);
        json_add_string(entry, "result", result_name(RESULT_DONE));
        r = history_append(run->store, entry);
    }
    if (r < 0)
        log_warning(&run->log, "The history could not be written in %s: %s", run->store->path,
                    strerror(-r));
}

/* Records a version on the live state: the only thing that is ever changed there without a swap. */
int state_record(const Run *run, const char *from, const char *version, const char *how)
{
    for (size_t i = 0; i < run->n_places; i++) {
        int r = run->places[i].fd < 0
                    ? -ENOENT
                    : stamp_write(run->places[i].fd, run->declaration->name, version);

        if (r == 0 && fsync(run->places[i].fd) < 0)
            r = -errno;
        if (r < 0) {
            log_event(&run->log, LOG_ERR, MESSAGE_FAILED, RESULT_FAILED,
                      "Cannot record version %s in %s: %s", version, run->places[i].directory,
                      strerror(-r));
            return RESULT_FAILED;
        }
    }
    if (fresh_write(run->store, NULL) < 0)
        log_warning(&run->log, "Cannot remove the marker of a fresh installation in %s",
                    run->store->path);
    log_event(&run->log, LOG_NOTICE, MESSAGE_STAMPED, RESULT_DONE,
              "The state of %s is recorded as version %s (%s)", run->declaration->name, version,
              how);
    log_history(run, from, version, how);
    return RESULT_DONE;
}

/* No state yet: the software makes its own. The stamp stays out of the empty directory until it
 * has, since some refuse a directory that is not empty. */
int state_start_fresh(const Run *run)
{
    int r = fresh_write(run->store, run->declaration->version.value);

    if (r < 0) {
        log_event(&run->log, LOG_ERR, MESSAGE_FAILED, RESULT_FAILED, "Cannot write %s/fresh=%s: %s",
                  run->store->path, run->declaration->version.value, strerror(-r));
        return RESULT_FAILED;
    }
    log_event(&run->log, LOG_NOTICE, MESSAGE_FRESH, RESULT_DONE,
              "A fresh installation: %s is missing or empty, and begins at version %s",
              run->places[0].directory, run->declaration->version.value);
    return RESULT_DONE;
}

int verb_adopt(const char *name, const char *version)
{
    _cleanup_(session_close) Session session;
    _cleanup_free_ char *found = NULL, *what = NULL;
    Run *run = &session.run;
    int r = session_open(&session, name);

    run->check_only = true;
    if (r == RESULT_DONE)
        r = session_find_places(&session);
    if (r != RESULT_DONE)
        return r;
    for (size_t i = 0; i < run->n_places; i++)
        if (run->places[i].fd < 0)
            return run_refuse(run, RESULT_REFUSED, MESSAGE_REFUSED,
                              "a directory of the state is missing", "");
    r = contact_find(run, &found, &what);
    if (!version && (r == CONTACT_KNOWN || r == CONTACT_DETECTED))
        version = found;
    if (!version)
        return run_refuse(run, RESULT_REFUSED, MESSAGE_REFUSED,
                          what ? what : "there is no state yet, so there is no version to detect",
                          "");
    if (r == CONTACT_KNOWN && streq(found, version)) {
        log_info(&run->log, "The state of %s is recorded as version %s already", name, version);
        return RESULT_DONE;
    }
    return state_record(run, r == CONTACT_KNOWN ? found : NULL, version, "adopted");
}
