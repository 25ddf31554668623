/* SPDX-License-Identifier: MIT */
/* Links beside stamps, where nothing is migrated. */
#include "version/readers.h"

#include "transaction/remember.h"
#include "version/contact.h"

/* What older software needs to start on it is no reason to hold up this one. */
void readers_link(const Run *run, const char *version)
{
    int r = 0;

    if (streq(version, run->declaration->version.value))
        r = contact_link(run, version);
    if (r < 0)
        log_warning(&run->log,
                    "The stamps for ReadableBy= cannot be written in %s, so older software would "
                    "not start there: %s",
                    run->where, strerror(-r));
}

bool readers_allow(const Run *run, const char *version)
{
    const char *declared = run->declaration->version.value;

    if (version_compare(version, declared) <= 0 || contact_readable(run) <= 0)
        return false;
    log_info(&run->log, "The state of %s is at version %s, on which %s may run, too: nothing to do",
             run->declaration->name, version, declared);
    remember_run(run, version);
    return true;
}
