/* SPDX-License-Identifier: MIT */
/* Rows of verdicts.h: the plan and the way back: gaps, newer states, backups, [Down]. */
/* clang-format off */
    {"Version=3 -2", "app=1", "gap", .command = "migratectl plan app"},
    {"Version=3 -3", "app=1", "invalid",
     .sentence = "…/etc/migrate.d/app.ini:3: Version=3: no migration leads to this version: "
                 "correct it, add a migration, or set Gaps=allow", .command = "migratectl start app"},
    {"Version=3 -2 -3", "app=1", "gap",
     .sentence = "no migrations are declared, so none leads from 1 to 3: declare the migration "
                "that is missing, or Gaps=allow", .command = "migratectl plan app"},
    {"Version=3 -2 Gaps=allow", "app=1", "pending", .command = "systemctl start app.service",
     .asks = "room use"},
    {"Version=3 MaxSkip=major -2 -3 Gaps=allow", "app=1", "skip",
     .sentence = "the step from 1 to 3 skips a whole series (MaxSkip=major): install the "
                "versions in between, one after another", .command = "migratectl plan app"},
    {"Version=3 -2", "app=1 deferred", "gap", .command = "migratectl plan app"},
    {"Version=3 -2", "app=1 transaction", "cut-off", .command = "systemctl start app.service"},
    {"Version=3 -2", "app=1 root", "gap", .command = "migratectl --root=/mnt plan app"},
    {"Version=1", "app=3", "newer", .command = "migratectl backups app"},
    {"Version=1", "app=3 backup=ID:1:3 done=1:3:ID incomplete", "newer",
     .sentence = "the state is at 3, newer than the 1 that is declared: install the newer software again, or bring back data "
                 "that this software takes. The backup ID is such data, but a part of it is missing: is a disk not mounted? "
                 "Mount it first", .command = "migratectl backups app"},
    {"Version=1", "app=3 backup=ID:2:3 done=2:3:ID incomplete", "newer",
     .sentence = "the state is at 3, newer than the 1 that is declared: install the newer software again, or bring back data "
                 "that this software takes", .command = "migratectl backups app"},
    {"Version=1", "app=3 root", "newer", .command = "migratectl --root=/mnt backups app"},
    {"Version=1 Downgrade=script", "app=3", "newer",
     .sentence = "the state is at 3, newer than the 1 that is declared, and no [Down] script "
                "leads back from 3: install the newer software again, or bring back data that "
                "this software takes", .command = "migratectl backups app"},
    {"Version=1 Downgrade=script +down", "app=3 done=1:2:A done=2:3:B", "pending",
     .command = "systemctl start app.service", .asks = "room use"},
    {"Version=2 Downgrade=script +down", "app=3", "pending",
     .command = "systemctl start app.service", .asks = "room use"},
    {"Version=2 Downgrade=script +down Policy=confirm", "app=3", "approval",
     .command = "migratectl approve app", .then = "systemctl start app.service", .asks = "room"},
    {"Version=1", "app=3 backup=ID:1:3 done=1:3:ID", "newer",
     .sentence = "the state is at 3, newer than the 1 that is declared: install the newer "
                "software again, or bring back the backup ID, at version 1, of 2026-11-22 "
                "09:17:38; the newer data then becomes a backup",
     .command = "migratectl restore app latest", .then = "systemctl start app.service"},
    {"Version=1", "app=3 backup=ID:1:3 done=1:3:ID up", "newer",
     .command = "migratectl restore app latest", .then = "migratectl start app"},
    {"Version=1 Policy=manual", "app=3 backup=ID:1:3 done=1:3:ID", "newer",
     .command = "migratectl restore app latest",
     .then = "migratectl start app"},
    {"Version=1", "app=3 backup=ID:2:3 done=2:3:ID", "newer", .command = "migratectl backups app"},
    {"Version=1", "app=3 backup=ID:1:3 done=1:3:ID root", "newer",
     .command = "migratectl --root=/mnt backups app"},
    {"Version=1", "app=3 backup=ID:1:3 done=1:3:ID untouched", "undone",
     .sentence = "nothing has been written to it since it was brought to 3, so what it was "
                "before, at 1, is simply swapped in again when the service starts",
     .command = "systemctl start app.service"},
    {"Version=1", "app=3 backup=ID:1:3 done=1:3:ID untouched lasting", "newer",
     .command = "migratectl restore app latest", .then = "systemctl start app.service"},
    {"Version=1", "app=3 backup=ID:1:3 done=1:3:ID untouched deferred", "deferred",
     .command = "migratectl resume app", .then = "systemctl start app.service"},
    {"Version=1", "app=3 backup=ID:1:3 done=1:3:ID untouched masked", "masked",
     .command = "systemctl unmask migrate@app.service", .then = "systemctl start app.service"},
    {"Version=1 Policy=confirm", "app=3 backup=ID:1:3 done=1:3:ID untouched", "undone",
     .command = "systemctl start app.service"},
    {"Version=1 Policy=manual", "app=3 backup=ID:1:3 done=1:3:ID untouched", "undone",
     .command = "migratectl start app"},
    {"Version=1 Downgrade=restore", "app=3 backup=ID:1:3 done=1:3:ID", "approval-restore",
     .sentence = "the state would go back from 3 to 1, which waits for approval: the backup ID, "
                "at version 1, comes back as it was on 2026-11-22T09:17:38Z; what was written "
                "since is not in it, and is kept as a backup in turn",
     .command = "migratectl approve app", .then = "systemctl start app.service"},
    {"Version=1 Downgrade=restore", "app=3 backup=ID:1:3 done=1:3:ID up", "approval-restore",
     .command = "migratectl approve app", .then = "migratectl start app"},
    {"Version=1 Downgrade=restore", "app=3 backup=ID:1:3 done=1:3:ID agreed", "restored",
     .sentence = "the backup ID, at version 1, becomes the state when the service starts; what "
                "is there now, at 3, becomes a backup",
     .command = "systemctl start app.service"},
    {"Version=1 Downgrade=restore", "app=3 backup=ID:1:3 done=1:3:ID deferred", "deferred",
     .command = "migratectl resume app", .then = "systemctl start app.service"},
    {"Version=1 Downgrade=restore", "app=3 backup=ID:1:3 done=1:3:ID provisional=ID", "restored",
     .command = "systemctl start app.service"},
    {"Version=1 Downgrade=restore", "app=3 backup=ID:1:3 done=1:3:ID provisional=OTHER", "approval-restore",
     .command = "migratectl approve app", .then = "systemctl start app.service"},
    {"Version=1 Downgrade=restore", "app=3 backup=ID:2:3 done=2:3:ID", "newer",
     .sentence = "the state is at 3, newer than the 1 that is declared, and there is no backup "
                "of a version that the software takes: install the newer software again, or "
                "bring back data that this software takes",
     .command = "migratectl backups app"},
    {"Version=1 Downgrade=restore", "app=3", "newer", .command = "migratectl backups app"},
    {"Version=1 Downgrade=script-or-restore", "app=3 backup=ID:1:3 done=1:3:ID", "approval-restore",
     .command = "migratectl approve app", .then = "systemctl start app.service"},
    {"Version=2 Downgrade=script-or-restore +down", "app=3 backup=ID:1:3 done=1:3:ID", "pending",
     .command = "systemctl start app.service", .asks = "room use"},
    {"Version=3", "app=1 backup=NEW:3:1 done=1:3:ID restored=3:1:NEW:ID", "approval",
     .sentence = "the migration from 1 to 3 waits for approval: newer data, at 3, was set aside "
                "on 2026-11-22T09:17:38Z as the backup NEW, when the state was taken back to 1: "
                "migrating leaves it there. To bring it back instead, and keep what is there "
                "now: migratectl restore app NEW", .command = "migratectl approve app",
     .then = "systemctl start app.service", .asks = "room"},
    {"Version=3", "app=1 backup=NEW:3:1 done=1:3:ID restored=3:1:NEW:ID untouched", "redone",
     .sentence = "nothing has been written to it since it was taken back from 3 to 1, so the "
                "newer data is simply swapped in again when the service starts",
     .command = "systemctl start app.service"},
    {"Version=3", "app=1 backup=NEW:3:1 done=1:3:ID restored=3:1:NEW:ID agreed", "pending",
     .command = "systemctl start app.service", .asks = "room use"},
    {"Version=3", "app=1 backup=NEW:2:1 done=1:2:ID restored=2:1:NEW:ID", "approval",
     .sentence = "the migration from 1 to 3 waits for approval: newer data, at 2, was set aside "
                "on 2026-11-22T09:17:38Z as the backup NEW, when the state was taken back to 1: "
                "migrating leaves it there. To bring it back instead, and keep what is there "
                "now: migratectl restore app NEW --force (it is migrated on at the next start)",
     .command = "migratectl approve app", .then = "systemctl start app.service", .asks = "room"},
    {"Version=3", "app=1 backup=NEW:3:1 done=1:3:ID restored=3:1:NEW:ID anew untouched", "pending",
     .command = "systemctl start app.service", .asks = "room use"},
    {"Version=3", "app=1 backup=NEW:3:1 done=1:3:ID restored=3:1:NEW:ID anew", "pending",
     .command = "systemctl start app.service", .asks = "room use"},
    {"Version=3", "app=1 backup=NEW:3:1 done=1:3:ID restored=3:1:NEW:ID unasked untouched", "pending",
     .command = "systemctl start app.service", .asks = "room use"},
    {"Version=3", "app=1 backup=NEW:3:1 done=1:3:ID restored=3:1:NEW:ID unasked", "pending",
     .command = "systemctl start app.service", .asks = "room use"},
    {"Version=3", "app=1 from=2", "pending", .command = "systemctl start app.service",
     .asks = "room use"},
    {"Version=3", "app=1 from=3", "current"},
    {"Version=3", "app=1 from=4", "newer", .command = "migratectl backups app"},
    {"Version=3 -2", "app=2 from=1", "gap", .command = "migratectl plan app"},
    {"Version=3 Policy=confirm", "app=data from=1", "approval",
     .command = "migratectl approve app", .then = "systemctl start app.service", .asks = "room"},
