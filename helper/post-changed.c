/* SPDX-License-Identifier: MIT */
/* Telling a changed Post= hook, by the fingerprint that the record of the migration has of it. */
#include "post-changed.h"

#include "attempt.h"

#define FIELD_FINGERPRINT "fingerprint"
#define FIELD_AGREED      "agreed"

void post_describe_files(json_object *hook, const Run *run, char *const *argv)
{
    Fingerprint fingerprint = command_fingerprint(run->declaration, argv);

    json_add_string(hook, FIELD_FINGERPRINT, fingerprint.hex);
    if (run->approved)
        json_object_object_add(hook, FIELD_AGREED, json_object_new_boolean(true));
}

static bool is_agreed(json_object *hook)
{
    json_object *agreed;

    return json_object_object_get_ex(hook, FIELD_AGREED, &agreed) &&
           json_object_get_boolean(agreed);
}

bool post_may_run(const Run *run, json_object *hook, char *const *argv)
{
    const char *noted = json_string(hook, FIELD_FINGERPRINT), *name = run->declaration->name;
    Fingerprint now = command_fingerprint(run->declaration, argv);

    if (!noted || fingerprint_is(&now, noted))
        return true;
    if (!is_agreed(hook)) {
        log_warning(&run->log,
                    "Post=%s, or a file that it names, was changed since the migration: it runs as "
                    "it is now",
                    argv[0]);
        return true;
    }
    log_event(&run->log, LOG_ERR, MESSAGE_POST_FAILED, RESULT_FAILED,
              "Post=%s is not run: it, or a file that it names, is another than when the migration "
              "was agreed to",
              argv[0]);
    log_error(
        &run->log,
        "%s goes on. Put back what was there, then type: systemctl start migrate-post@%s; or, "
        "once what it had to do is done otherwise: rm %s/" RECORD_POST,
        run->units[0], name, run->store->path);
    return false;
}
