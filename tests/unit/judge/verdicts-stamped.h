/* SPDX-License-Identifier: MIT */
/* Rows of verdicts.h: states with a stamp: current, accepted, pending, migrated by the software itself. */
/* clang-format off */
    {"Version=3", "app=3", "current", .sentence = "the state is at version 3: nothing to do"},
    {"Version=3", "app=3 up", "current"},
    {"Version=3", "app=3 thorough", "current"},
    {"Version=3 Detect=/d", "app=3 thorough", "current", .asks = "confirm"},
    {"Version=3 Detect=/d", "app=3 thorough confirm=same", "current"},
    {"Version=3 Detect=/d", "app=3 thorough confirm=2", "contradicted",
     .sentence = "the record of /var/lib/app says version 3, but the data is at version 2 by "
                "Detect=/d. If the data is right (it was brought back without its stamp): "
                "migratectl adopt --force app 2. If it is not the data that belongs there, bring "
                "that back. If Detect= is wrong, fix it: where it cannot tell, it has to fail",
     .command = "migratectl backups app", .then = "systemctl start app.service"},
    {"Version=3 Detect=/d", "app=3 thorough confirm=fails", "undetected",
     .sentence = "Detect=/detect exited with status 1", .command = "systemctl start app.service"},
    {"Version=3 Detect=/d", "app=3 confirm=2", "current"},
    {"Version=3 Detect=/d", "app=3 declared=3", "current"},
    {"Version=3 Detect=/d", "app=3 declared=2", "current"},
    {"Version=3 Detect=/d", "app=3 declared=:3", "current"},
    {"Version=3", "app=3 declared=4", "current"},
    {"Version=3 Detect=/d", "app=3 declared=4", "asks-again", .asks = "confirm",
     .sentence = "the stamp says version 3, but software of version 4 was declared since: Detect=/d "
                "finds out whether it has changed the data, when the service starts",
     .command = "systemctl start app.service"},
    {"Version=3 Detect=/d", "app=3 declared=:4", "asks-again", .asks = "confirm",
     .command = "systemctl start app.service"},
    {"Version=3 Detect=/d", "app=3 declared=:4 masked", "masked", .asks = "confirm",
     .command = "systemctl unmask migrate@app.service", .then = "systemctl start app.service"},
    {"Version=3 Detect=/d", "app=3 declared=:4 confirm=same", "current"},
    {"Version=3 Detect=/d", "app=3 declared=:4 confirm=4", "overtaken",
     .sentence = "the record of /var/lib/app says version 3, but the data is at version 4 by "
                "Detect=/d: newer software (4 was declared) has changed it, which the next start "
                "records. Install the newer software again, or bring back data that this software "
                "takes",
     .command = "systemctl start app.service"},
    {"Version=3 Detect=/d", "app=3 declared=:4 confirm=4 thorough", "overtaken",
     .command = "systemctl start app.service"},
    {"Version=3 Detect=/d", "app=3 declared=:4 confirm=2", "contradicted",
     .command = "migratectl backups app", .then = "systemctl start app.service"},
    {"Version=3 Detect=/d", "app=3 declared=:4 confirm=stopped", "stopped",
     .command = "systemctl start app.service"},
    {"Version=3 Accepts=2 Detect=/d", "app=2 declared=:4 confirm=3", "overtaken",
     .command = "systemctl start app.service"},
    {"Version=3 Accepts=2 Detect=/d", "app=2 declared=:4 confirm=same", "accepted",
     .command = "migratectl start app"},
    {"Version=3 Detect=/d", "app=1 declared=:4", "pending", .command = "systemctl start app.service",
     .asks = "confirm room use"},
    {"Version=3", "app=1", "pending",
     .sentence = "the state is at version 1, and is migrated to 3 when the service starts",
     .command = "systemctl start app.service", .asks = "room use"},
    {"Version=3", "app=1 up", "pending", .command = "migratectl start app", .asks = "room use"},
    {"Version=3", "app=1 failing", "pending", .command = "systemctl start app.service",
     .asks = "room use"},
    {"Version=3", "app=1 manual", "manual-boot",
     .sentence = "the state is at version 1, and is migrated to 3 only when somebody asks for it "
                "('migrate=manual' is on the kernel command line)",
     .command = "migratectl start app", .then = "systemctl start app.service", .asks = "room use"},
    {"Version=3", "app=1 manual up", "manual-boot", .command = "migratectl start app",
     .asks = "room use"},
    {"Version=3", "app=1 root", "pending", .asks = "room use"},
    {"Version=3 Policy=manual", "app=1", "manual",
     .sentence = "the state is at version 1, and is migrated to 3 only when somebody asks for it "
                "(Policy=manual)", .command = "migratectl start app",
     .then = "systemctl start app.service", .asks = "room use"},
    {"Version=3 Policy=manual", "app=1 up", "manual", .command = "migratectl start app",
     .asks = "room use"},
    {"Version=3 Policy=manual", "app=1 requested", "pending", .command = "migratectl start app",
     .then = "systemctl start app.service", .asks = "room use"},
    {"Version=3 Policy=manual", "app=1 deferred", "deferred",
     .sentence = "deferred by jo on Sun 2026-11-22 09:17:38 UTC",
     .command = "migratectl resume app",
     .then = "migratectl start app, then: systemctl start app.service"},
    {"Version=3 Policy=manual", "app=1 failed=1:3", "failed",
     .sentence = "Script=/up failed (it failed on 2026-11-22 09:17:38, and has not changed "
                "since: fix the cause first)", .command = "migratectl retry app",
     .then = "systemctl start app.service"},
    {"Version=3 Unit=a.service Unit=b.service", "app=1", "pending",
     .command = "systemctl start a.service b.service", .asks = "room use"},
    {"Version=3.00 Gaps=allow", "app=3.0", "spelling",
     .sentence = "3.0 is another spelling of 3.00: the stamp is renamed when the service starts",
     .command = "systemctl start app.service"},
    {"Version=3.00 Gaps=allow", "app=3.0 up", "spelling", .command = "migratectl start app"},
    {"Version=3.00 Detect=/d Gaps=allow", "app=3.0 confirm=2", "contradicted",
     .sentence = "the record of /var/lib/app says version 3.0, but the data is at version 2 by "
                "Detect=/d. If the data is right (it was brought back without its stamp): "
                "migratectl adopt --force app 2. If it is not the data that belongs there, bring "
                "that back. If Detect= is wrong, fix it: where it cannot tell, it has to fail",
     .command = "migratectl backups app", .then = "systemctl start app.service"},
    {"Version=3.00 Detect=/d Gaps=allow", "app=3.0", "spelling",
     .command = "systemctl start app.service", .asks = "confirm"},
    {"Version=3 Accepts=2", "app=2", "accepted",
     .sentence = "the software runs on version 2 as it is; it is migrated to 3 when somebody "
                "asks for it", .command = "migratectl start app"},
    {"Version=3 Accepts=2", "app=2 up", "accepted", .command = "migratectl start app"},
    {"Version=3 Accepts=2", "app=2 root", "accepted"},
    {"Version=3 Accepts=1 -2", "app=1", "accepted-stuck",
     .sentence = "the software runs on version 1 as it is, and cannot be migrated to 3: no "
                "migration leads from 1 towards 3"},
    {"Version=3 Accepts=2", "app=2 requested", "pending", .command = "migratectl start app",
     .asks = "room use"},
    {"Version=3 Accepts=2", "app=2 requested up", "pending", .command = "migratectl start app",
     .asks = "room use"},
    {"Version=3 Accepts=2", "app=2 requested deferred", "deferred",
     .command = "migratectl resume app", .then = "migratectl start app"},
    {"Version=3 Accepts=2", "app=2 deferred", "accepted", .command = "migratectl start app"},
    {"Version=3 Accepts=2", "app=2 failed=2:3", "accepted-failed",
     .sentence = "Script=/up failed (the migration to 3 failed on 2026-11-22 09:17:38, and "
                "no declaration or script has changed since; the software runs on version 2 as it is)",
     .command = "migratectl retry app"},
    {"Version=3 Accepts=2", "app=2 failed=2:3 requested", "failed",
     .command = "migratectl retry app"},
    {"Version=3 Accepts=2", "app=2 interrupted=2:3", "accepted-failed",
     .sentence = "the software runs on version 2 as it is; the migration to 3 was interrupted "
                "three times in a row", .command = "migratectl retry app"},
    {"Version=3 Accepts=1 -2", "app=1 requested", "gap",
     .sentence = "no migration leads from 1 towards 3: declare the migration that is missing, or "
                "Gaps=allow", .command = "migratectl plan app"},
    {"Version=3 Accepts=2 Policy=confirm", "app=2", "accepted", .command = "migratectl start app"},
    {"Version=3 Accepts=2 Policy=confirm", "app=2 requested", "approval",
     .sentence = "the migration from 2 to 3 waits for approval, or for Approved=2:3 in the "
                "declaration: Policy=confirm", .command = "migratectl approve app",
     .then = "migratectl start app", .asks = "room"},
    {"Version=3 Accepts=2 Policy=confirm", "app=2 requested approved=2:3", "pending",
     .command = "migratectl start app", .asks = "room use"},
    {"Version=3 Accepts=2", "app=2 requested masked", "masked",
     .sentence = "migrate@app.service is masked, so nothing is migrated and the service stays "
                "down", .command = "systemctl unmask migrate@app.service",
     .then = "migratectl start app", .asks = "room use"},
    {"Version=3 Accepts=2", "app=2 masked", "accepted", .command = "migratectl start app"},
    {"Version=2", "app=3", "newer",
     .sentence = "the state is at 3, newer than the 2 that is declared: install the newer "
                "software again, or bring back data that this software takes",
     .command = "migratectl backups app"},
    {"Version=3 SelfMigrating=yes", "app=1::3 written=never", "self-migrating",
     .sentence = "the software migrates its state itself, from 1 to 3, when it starts",
     .command = "systemctl start app.service"},
    {"Version=3 SelfMigrating=yes", "app=1::3 starting", "self-migrating",
     .sentence = "the software is migrating its state itself, from 1 to 3: app.service is starting, "
                 "with a timeout of 1 min 30 s"},
    {"Version=3 SelfMigrating=yes", "app=1::3 written=since", "self-begun",
     .sentence = "the software has begun to migrate its state itself, from 1 to 3, and did not come "
                 "up (it was interrupted): the next start goes on with it. To go back instead, "
                 "install software of version 1 and run: migratectl enable app 1 --yes",
     .command = "systemctl start app.service"},
    {"Version=3 SelfMigrating=yes", "app=1::3 ended=timeout_after_90_s written=since", "self-begun",
     .sentence = "the software has begun to migrate its state itself, from 1 to 3, and did not come "
                 "up (timeout after 90 s): the next start goes on with it. If it needs more time, "
                 "raise TimeoutStartSec= of app.service first. To go back instead, install software "
                 "of version 1 and run: migratectl enable app 1 --yes",
     .command = "systemctl start app.service"},
    {"Version=3 SelfMigrating=yes", "app=1::3 ended=oom-kill written=never", "self-migrating",
     .command = "systemctl start app.service"},
    {"Version=3 SelfMigrating=yes", "app=1::3 up", "self-migrated",
     .sentence = "app.service is up: that its state is at version 3 is being recorded"},
    {"Version=2", "app=1::3", "self-other",
     .sentence = "software of version 3 was to migrate the state itself, from version 1, and has "
                "not started successfully since, so how far it came is not known: install that "
                "software again, or go back", .command = "migratectl backups app",
     .then = "systemctl start app.service"},
    {"Version=2", "app=1::3 post=ID:3", "self-other", .command = "migratectl restore app ID",
     .then = "systemctl start app.service"},
    {"Version=1", "app=1::3 backup=ID:1:1::3 untouched", "undone",
     .sentence = "nothing has been written to it since it was brought to 1::3, so what it was "
                "before, at 1, is simply swapped in again when the service starts",
     .command = "systemctl start app.service"},
