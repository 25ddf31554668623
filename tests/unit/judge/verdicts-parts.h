/* SPDX-License-Identifier: MIT */
/* Rows of verdicts.h: several directories, states within others, gates, former names, damaged declarations. */
/* clang-format off */
    {"Version=3", "app=1+2", "disagree",
     .sentence = "the directories of the state do not agree: /var/lib/app is at 1 and 2. Bring "
                "back what is missing, or say which version all of it has: migratectl adopt "
                "--force app VERSION", .command = "migratectl backups app",
     .then = "systemctl start app.service"},
    {"Version=3", "app=1+3", "disagree",
     .sentence = "the directories of the state do not agree: /var/lib/app is at 1 and 3. The "
                "service can start all the same, since systemd finds an accepted stamp in each. "
                "Stop it, bring back what is missing, or say which version all of it has: "
                "migratectl adopt --force app VERSION", .command = "migratectl backups app",
     .then = "systemctl start app.service"},
    {"Version=3 Directory=/var/lib/app Directory=/srv/app", "app=1+3 srv=1", "disagree",
     .sentence = "the directories of the state do not agree: /var/lib/app is at 1 and 3, /srv/app is "
                "at 1. Bring back what is missing, or say which version all of it has: "
                "migratectl adopt --force app VERSION", .command = "migratectl backups app",
     .then = "systemctl start app.service"},
    {"Version=3", "app=1:3", "between",
     .sentence = "/var/lib/app is stamped 1:3: the data is between these two versions, and no record "
                "says more. Put a whole copy from the backups in its place, or, if you know which "
                "version the data has, run: migratectl adopt --force app VERSION",
     .command = "migratectl backups app",
     .then = "systemctl start app.service"},
    {"Version=3", "app=x!", "disagree",
     .sentence = "the directories of the state do not agree: /var/lib/app is at no version at "
                "all. Bring back what is missing, or say which version all of it has: migratectl "
                "adopt --force app VERSION", .command = "migratectl backups app",
     .then = "systemctl start app.service"},
    {"Version=3 Directory=/var/lib/app Directory=/srv/app", "app=1 srv=1", "pending",
     .command = "systemctl start app.service", .asks = "room use"},
    {"Version=3 Directory=/var/lib/app Directory=/srv/app", "app=1 srv=2", "disagree",
     .sentence = "the directories of the state do not agree: /var/lib/app is at 1, /srv/app is "
                "at 2. Bring back what is missing, or say which version all of it has: "
                "migratectl adopt --force app VERSION", .command = "migratectl backups app",
     .then = "systemctl start app.service"},
    {"Version=3 Directory=/var/lib/app Directory=/srv/app", "app=1 srv=data", "disagree",
     .sentence = "the directories of the state do not agree: /var/lib/app is at 1, /srv/app has "
                "no stamp. Bring back what is missing, or say which version all of it has: "
                "migratectl adopt --force app VERSION", .command = "migratectl backups app",
     .then = "systemctl start app.service"},
    {"Version=3 Directory=/var/lib/app Directory=/srv/app", "app=1 srv=empty", "disagree",
     .sentence = "the directories of the state do not agree: /var/lib/app is at 1, /srv/app is "
                "empty. Is the disk of /srv/app not mounted? Mount it; if what was in /srv/app is "
                "lost, bring a backup back (migratectl backups app); if there never was anything in it, run: migratectl "
                "adopt --force app VERSION",
     .command = "systemctl start app.service"},
    {"Version=3 Directory=/var/lib/app Directory=/srv/app", "app=1 srv=missing", "disagree",
     .sentence = "the directories of the state do not agree: /var/lib/app is at 1, /srv/app is "
                "missing. Is the disk of /srv/app not mounted? Mount it; if what was in /srv/app is "
                "lost, bring a backup back (migratectl backups app); if there never was anything in it, run: migratectl "
                "adopt --force app VERSION",
     .command = "systemctl start app.service"},
    {"Version=3 Directory=/var/lib/app Directory=/srv/app", "app=1 srv=2 root", "disagree",
     .command = "migratectl --root=/mnt backups app"},
    {"Version=3 Directory=/var/lib/app Directory=/srv/app", "app=1:2 srv=1", "between",
     .command = "migratectl backups app", .then = "systemctl start app.service"},
    {"Version=3 Directory=/var/lib/app Directory=/srv/app", "app=missing srv=missing", "fresh",
     .command = "systemctl start app.service", .asks = "use"},
    {"Version=3 Directory=/var/lib/app Directory=/srv/app", "app=missing srv=empty known=2", "missing",
     .command = "migratectl backups app",
     .then = "systemctl start app.service"},
    {"Version=3 Directory=/var/lib/app Directory=/srv/app Unversioned=1", "app=data srv=missing", "missing-one",
     .sentence = "'/srv/app' is missing, although there is data in other directories of the "
                "state: is a disk not mounted? Mount it, or make an empty directory if there "
                "never was one", .command = "systemctl start app.service"},
    {"Version=3 Directory=/var/lib/app Directory=/srv/app Detect=/d", "app=data srv=missing", "missing-one",
     .command = "systemctl start app.service", .asks = "detect"},
    {"Version=3 Directory=/var/lib/app Directory=/srv/app Detect=/d", "app=data srv=missing detect=1", "missing-one",
     .command = "systemctl start app.service"},
    {"Version=3 Directory=/var/lib/app Exclude=/var/lib/app/media", "app=3 known=3 unmounted=/var/lib/app/media", "missing-one",
     .sentence = "'/var/lib/app/media' was a mount point when the state was last seen, and nothing "
                "is mounted there now: mount the disk. If its data is somewhere else by now, run: "
                "migratectl adopt --force app 3",
     .command = "systemctl start app.service"},
    {"Version=3 Directory=/var/lib/app Exclude=/var/lib/app/media", "app=2 known=2 unmounted=/var/lib/app/media", "missing-one",
     .command = "systemctl start app.service"},
    /* The version is that of the stamp, also if an older copy is below the disk. */
    {"Version=3 Directory=/var/lib/app Exclude=/var/lib/app/media", "app=1 known=3 unmounted=/var/lib/app/media", "missing-one",
     .sentence = "'/var/lib/app/media' was a mount point when the state was last seen, and nothing "
                "is mounted there now: mount the disk. If its data is somewhere else by now, run: "
                "migratectl adopt --force app 1",
     .command = "systemctl start app.service"},
    {"Version=3 Directory=/var/lib/app Exclude=/var/lib/app/media", "app=data known=3 unmounted=/var/lib/app/media", "missing-one",
     .sentence = "'/var/lib/app/media' was a mount point when the state was last seen, and nothing "
                "is mounted there now: mount the disk. If its data is somewhere else by now, run: "
                "migratectl adopt --force app 3",
     .command = "systemctl start app.service"},
    {"Version=3 SelfMigrating=yes Directory=/var/lib/app Exclude=/var/lib/app/media", "app=1::3 known=1 unmounted=/var/lib/app/media", "missing-one",
     .sentence = "'/var/lib/app/media' was a mount point when the state was last seen, and nothing "
                "is mounted there now: mount the disk. If its data is somewhere else by now, run: "
                "migratectl adopt --force app 1::3",
     .command = "systemctl start app.service"},
    {"Version=3 Directory=/var/lib/app Directory=/srv/app Exclude=/var/lib/app/media", "app=3 srv=2 known=3 unmounted=/var/lib/app/media", "missing-one",
     .sentence = "'/var/lib/app/media' was a mount point when the state was last seen, and nothing "
                "is mounted there now: mount the disk. If its data is somewhere else by now, run: "
                "migratectl adopt --force app VERSION",
     .command = "systemctl start app.service"},
    /* A directory that is bare has no stamp, so the sentences about lost data hold. */
    {"Version=3 Directory=/var/lib/app", "app=missing known=2 unmounted=/var/lib/app", "missing",
     .command = "migratectl backups app", .then = "systemctl start app.service"},
    {"Version=3 Directory=/var/lib/app", "app=empty known=2 unmounted=/var/lib/app", "missing",
     .command = "migratectl backups app", .then = "systemctl start app.service"},
    {"Version=3 Directory=/var/lib/app Exclude=/var/lib/app/media", "app=missing known=2 unmounted=/var/lib/app/media", "missing",
     .command = "migratectl backups app", .then = "systemctl start app.service"},
    {"Version=3 Directory=/var/lib/app Directory=/srv/app", "app=3 srv=missing known=3 unmounted=/srv/app", "disagree",
     .command = "systemctl start app.service"},
    {"Version=3 Directory=/var/lib/app", "app=3 known=3 unmounted=/var/lib/app", "missing-one",
     .command = "systemctl start app.service"},
    {"Version=3 Directory=/var/lib/app Directory=/srv/app", "app=unreadable srv=1", "unreadable",
     .sentence = "/var/lib/app cannot be read: Input/output error. Fix this first",
     .command = "systemctl start app.service"},
    {"Version=3 Directory=/var/lib/app Directory=/srv/app", "app=unreadable srv=1 user", "unreadable",
     .command = "sudo migratectl status app"},
    {"Version=3 Directory=/var/lib/app Directory=/srv/app", "app=1 srv=refused", "directory-refused",
     .sentence = "…/etc/migrate.d/app.ini:4: Directory=/srv/app cannot be taken care of: it is "
                "no directory", .command = "migratectl start app"},
    {"Version=3 Stamp=store", "app=1", "pending", .command = "systemctl start app.service",
     .asks = "room use"},
    {"Version=3 +nowhere +warn Unit=app.service Stamp=store User=root", "store=1", "approval",
     .command = "migratectl approve app", .then = "systemctl start app.service", .asks = "room"},
    {"Version=3", "app=refused", "directory-refused",
     .sentence = "…/etc/migrate.d/app.ini:2: Directory=/var/lib/app cannot be taken care of: it "
                "is no directory", .command = "migratectl start app"},
    {"Version=3", "app=unreadable", "unreadable", .command = "systemctl start app.service"},
    {"Version=3", "app=unreadable user", "unreadable", .command = "sudo migratectl status app"},
    {"Version=3", "app=1 unread=store", "store-unreadable",
     .sentence = "/var/lib/migrate/app cannot be read: Input/output error. Fix this first",
     .command = "systemctl start app.service"},
    {"Version=3", "app=1 unread=foreign", "store-foreign",
     .sentence = "/var/lib/migrate/app is not a directory that only root owns and can write to: find "
                "out who changed it, then make it one",
     .command = "systemctl start app.service"},
    {"Version=3 Within=db +db", "app=1 db=1", "pending", .command = "systemctl start app.service",
     .asks = "room use"},
    {"Version=3 Within=db +db", "app=3 db=3", "current"},
    {"Version=3 Within=db +db", "app=1 db=2", "moved-host",
     .sentence = "the directories of the state do not agree: /var/lib/app is at 1, the part in "
                "db, /srv/db is at 2. The one that it lives in was restored, or exchanged, "
                "without it. Bring the data of db back that goes with version 1, or of app what "
                "goes with the other (migratectl backups app); or, if all of it really has one "
                "version, say so: migratectl adopt --force app VERSION",
     .command = "migratectl backups db", .then = "systemctl start app.service"},
    {"Version=3 Within=db +db", "app=1 db=none", "moved-host",
     .sentence = "the directories of the state do not agree: /var/lib/app is at 1, the part in "
                "db, /srv/db has no stamp. The one that it lives in was restored to before there "
                "was such a part, or Within= is new. Bring the data of db back that goes with "
                "version 1; or, if all of it really has one version, say so: migratectl adopt "
                "--force app VERSION", .command = "migratectl backups db",
     .then = "systemctl start app.service"},
    {"Version=3 Within=db +db", "app=1 db=missing", "moved-host",
     .sentence = "the directories of the state do not agree: /var/lib/app is at 1, the part in "
                "db, /srv/db is missing. The one that it lives in was restored to before there "
                "was such a part, or Within= is new. Bring the data of db back that goes with "
                "version 1; or, if all of it really has one version, say so: migratectl adopt "
                "--force app VERSION", .command = "migratectl backups db",
     .then = "systemctl start app.service"},
    {"Version=3 Within=db +db", "app=1 db=unready", "moved-host",
     .command = "migratectl backups db", .then = "systemctl start app.service"},
    {"Version=3 Within=db +db", "app=empty db=1", "left-host",
     .sentence = "nothing is left of the state but the part that lives in db: /var/lib/app is "
                "empty, the part in db, /srv/db is at 1. If the rest is on a disk that is not "
                "mounted, mount it first. If it is lost, bring a backup back: migratectl restore "
                "app ID. To begin anew, remove what it has in db, then run: migratectl forget app",
     .command = "migratectl backups app", .then = "systemctl start app.service"},
    {"Version=3 Within=db +db", "app=data db=unready", "unknown",
     .command = "migratectl adopt app VERSION", .then = "systemctl start app.service"},
    {"Version=3 Within=db +db Unversioned=1", "app=data db=none", "assumed",
     .command = "systemctl start app.service", .asks = "room use"},
    {"Version=3 Within=db +db Unversioned=1", "app=data db=unready", "host-unready",
     .sentence = "a part of it lives in the state of db, whose version is not known yet (/srv/db has "
                "no stamp): start the service of db first",
     .command = "systemctl start db.service", .then = "systemctl start app.service"},
    {"Version=3 Within=db +db Unversioned=1", "app=data db=missing", "host-unready",
     .sentence = "a part of it lives in the state of db, whose version is not known yet (/srv/db is "
                "missing): start the service of db first",
     .command = "systemctl start db.service", .then = "systemctl start app.service"},
    {"Version=3 Within=db +db", "app=data db=unready fresh=3", "host-later",
     .sentence = "a part of it lives in the state of db, which has no stamp yet: the version is "
                "recorded later"},
    {"Version=3 Within=db +db", "app=data db=none fresh=3", "recorded",
     .command = "systemctl start app.service"},
    {"Version=3 Within=db +db", "app=empty db=unready", "fresh",
     .command = "systemctl start app.service", .asks = "use"},
    {"Version=3 Within=db +db Init=/init", "app=empty db=unready", "host-unready",
     .command = "systemctl start db.service", .then = "systemctl start app.service"},
    {"Version=3 Within=db +db", "app=1 db=busy", "host-busy",
     .sentence = "a part of it lives in the state of db, which is being migrated or restored, or "
                "was cut off in that: the migration of db has to end first",
     .command = "systemctl start migrate@db.service", .then = "systemctl start app.service"},
    {"Version=3 Within=db +db", "app=1 db=refused", "host-refused",
     .sentence = "a part of it lives in the state of db, which cannot be taken care of: it is no "
                "directory", .command = "systemctl start app.service"},
    {"Version=1 Within=db +db", "app=3 db=3 backup=ID:1:3 done=1:3:ID untouched", "newer",
     .command = "migratectl backups app"},
    {"Version=3", "app=1 gate=loaded", "pending", .command = "systemctl start app.service",
     .asks = "room use"},
    {"Version=3", "app=1 moving", "moving",
     .sentence = "giving the state another name or directory was cut off: the next start goes on",
     .command = "systemctl start migrate@app.service", .then = "systemctl start app.service"},
    {"Version=3", "app=empty moved", "taken-back",
     .sentence = "its state is now called web (in /srv/web): the next start takes it back, with "
                "records and backups", .command = "systemctl start app.service"},
    {"Version=3", "app=empty moved-lost", "former-lost",
     .sentence = "its state was renamed to web, but /var/lib/migrate/web has no records of it: "
                "bring them back, or, to begin anew, remove /var/lib/migrate/app/moved"},
    {"Version=3", "app=empty moved-declared", "former-now",
     .sentence = "its state is called web now, which is declared, too: remove one of the two "
                "declarations, or, if this is another state, remove /var/lib/migrate/app/moved"},
    {"Version=3", "app=empty moved own-records", "former-beside",
     .sentence = "/var/lib/migrate/app/moved says that its state is called web now, but there "
                "are other records in /var/lib/migrate/app: move those that are wrong out of the "
                "way"},
    {"Version=3", "app=1 moved", "taken-back", .command = "systemctl start app.service"},
    {"Version=3 FormerName=old", "app=empty old=records", "taken-name",
     .sentence = "its state is still called old (in /var/lib/app): the next start takes it over, "
                "with records and backups", .command = "systemctl start app.service"},
    {"Version=3 FormerName=old", "app=1 old=records", "taken-name",
     .command = "systemctl start app.service"},
    {"Version=3 FormerName=old", "app=empty old=records own-records", "former-both",
     .sentence = "there are records of FormerName=old in /var/lib/migrate/old, and others of app "
                "itself in /var/lib/migrate/app: move those that are wrong out of the way, or, "
                "if both are right, remove the FormerName="},
    {"Version=3 FormerName=old", "app=empty old=stamp", "taken-name",
     .command = "systemctl start app.service"},
    {"Version=3 FormerName=old", "app=1 old=stamp", "pending",
     .command = "systemctl start app.service", .asks = "room use"},
    {"Version=3 FormerName=old", "app=empty old=nothing", "fresh",
     .command = "systemctl start app.service", .asks = "use"},
    {"Version=3 FormerName=old", "app=empty old=declared", "former-declared",
     .sentence = "FormerName=old names a service that is still declared: remove its declaration, or "
                "the FormerName="},
    {"Version=3 FormerName=old", "app=empty old=hidden user", "former-unreadable",
     .sentence = "cannot read what there is of old, which may be this state: Permission denied",
     .command = "sudo migratectl status app"},
    {"Version=3 FormerName=old", "app=empty old=unreadable", "former-unreadable",
     .sentence = "cannot read what there is of old, which may be this state: Input/output error",
     .command = "systemctl start app.service"},
    {"Version=3 FormerName=old FormerName=older", "app=empty old=records old=records", "former-names",
     .sentence = "there are records of FormerName=old and of FormerName=older, and only one can be "
                "this state: remove the other"},
    {"Version=3 FormerName=old FormerName=older", "app=empty old=nothing old=records", "taken-name",
     .sentence = "its state is still called older (in /var/lib/app): the next start takes it "
                "over, with records and backups", .command = "systemctl start app.service"},
    {"Version=3 FormerDirectory=/old", "app=empty olddir=app", "taken-from",
     .sentence = "its state is in /old: the next start moves it to /var/lib/app, with backups",
     .command = "systemctl start app.service"},
    {"Version=3 FormerDirectory=/old", "app=1 olddir=app", "pending",
     .command = "systemctl start app.service", .asks = "room use"},
    {"Version=3 FormerDirectory=/old", "app=data olddir=app", "unknown",
     .command = "migratectl adopt app VERSION", .then = "systemctl start app.service"},
    {"Version=3 FormerDirectory=/old", "app=empty olddir=nothing", "fresh",
     .command = "systemctl start app.service", .asks = "use"},
    {"Version=3 FormerDirectory=/old", "app=empty olddir=refused", "former-refused",
     .sentence = "FormerDirectory=/old cannot be taken care of: others can write there",
     .command = "systemctl start app.service"},
    {"Version=3 FormerDirectory=/old", "app=empty olddir=unreadable", "former-unreadable",
     .sentence = "cannot read what there is of /old, which may be this state: Input/output error",
     .command = "systemctl start app.service"},
    {"Version=3 FormerDirectory=/old FormerDirectory=/older", "app=empty olddir=app olddir=app", "former-places",
     .sentence = "the state is in /old as well as in /older: move the wrong one away"},
    {"Version=3 FormerDirectory=/old FormerName=old", "app=empty old=nothing olddir=old", "taken-name",
     .sentence = "its state is still called old (in /old): the next start takes it over, with "
                "records and backups", .command = "systemctl start app.service"},
    {"Version=3 FormerDirectory=/old FormerName=old", "app=missing old=records olddir=old", "taken-name",
     .command = "systemctl start app.service"},
    {"Version=3 FormerName=old", "app=empty old=records masked", "masked",
     .command = "systemctl unmask migrate@app.service", .then = "systemctl start app.service"},
    {"Version=3 FormerName=old", "app=empty old=records refused=:3:somebody_uses_it", "refused",
     .sentence = "the last start, on Sun 2026-11-22 09:17:38 UTC, was refused. Fix the cause first: somebody uses it",
     .command = "systemctl start app.service"},
    {"+none", "app=1", "inert",
     .sentence = "no Version= is declared, so the declaration does nothing yet",
     .command = "migratectl enable app"},
    {"Version=3 +broken", "app=1", "invalid",
     .sentence = "…/etc/migrate.d/app.ini:4: unknown key 'Versio=' in [State]: see "
                 "migrate.d(5)",
     .command = "migratectl start app"},
    {"Version=3 +broken", "app=1 up", "invalid", .command = "migratectl start app"},
    {"Version=3 +broken", "app=1 root", "invalid", .command = "migratectl --root=/mnt check app"},
    {"Version=3 +broken Policy=manual", "app=1", "invalid", .command = "migratectl start app"},
    {"Version=1", "app=3~1", "readable",
     .sentence = "the state is at version 3, on which software of version 1 may run, too "
                "(ReadableBy=): nothing to do"},
    {"Version=2", "app=3~1", "newer", .command = "migratectl backups app"},
    {"Version=1 Accepts=3", "app=3~1", "accepted-stuck",
     .sentence = "the software runs on version 3 as it is, and cannot be migrated to 1: the "
                "state is at 3, newer than the 1 that is declared"},
    {"Version=1", "app=3~1 requested", "readable"},
    {"Version=1", "app=3~1 masked", "readable"},
    {"Version=1 Directory=/var/lib/app Directory=/srv/app", "app=3~1 srv=3", "newer",
     .command = "migratectl backups app"},
