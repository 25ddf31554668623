# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The whole life of a service's state on a real systemd: nothing, five releases up and back down. The suite shows which
# states are migrated, refused, kept and restored. To be sourced by a test, with the root as its argument.

. "${BASH_SOURCE[0]%/*}/../../machine/machine.sh"
. "${BASH_SOURCE[0]%/*}/../../machine/tap.sh"

machine_create m "$1"
machine_install m || exit
root=$(machine_path m)
store=$root/var/lib/migrate/app
state=$root/var/lib/app

# The software: makes its state where there is none, and refuses data of another format. Formats are years.
cat >"$root/etc/systemd/system/app.service" <<'END'
[Service]
Type=oneshot
RemainAfterExit=yes
StateDirectory=app
ExecStart=/opt/app
[Install]
WantedBy=multi-user.target
END
cat >"$root/opt/app" <<'END'
#!/bin/sh -e
cd /var/lib/app
test -e format || cp /opt/software format
grep -qx "$(cat /opt/software)" format
END
cat >"$root/opt/step" <<'END'
#!/bin/sh -e
test "$(cat "$STATE/format")" = "$FROM"
test ! -e "$STATE/bad"
echo "$TO" >"$STATE/format"
echo "$DIRECTION $FROM $TO" >>"$STATE/steps"
END
chmod +x "$root/opt/app" "$root/opt/step"
chroot "$root" systemctl --quiet enable app
mkdir -p "$root/etc/migrate.d/app" "$root/opt/releases"

releases=(2020 2021 2022 2023 2024)

# release YEAR [LINE…]: installs this release, which knows nothing of later ones
release() {
        local from='' to
        echo "$1" >"$root/opt/software"
        printf '%s\n' '[State]' Directory=/var/lib/app "Version=$1" "${@:2}" >"$root/etc/migrate.d/app.ini"
        rm -f "$root"/etc/migrate.d/app/* "$root"/opt/releases/*
        for to in "${releases[@]}"; do
                (( to <= $1 )) || break
                if [[ -n $from ]]; then
                        ln "$root/opt/step" "$root/opt/releases/$to"
                        printf '[Migration]\nFrom=%s\nTo=%s\n[Up]\nScript=/opt/releases/%s\n[Down]\nScript=/opt/releases/%s\n' \
                                "$from" "$to" "$to" "$to" >"$root/etc/migrate.d/app/$to.ini"
                fi
                from=$to
        done
        if machine_is_up m; then
                machine_run m systemctl daemon-reload
                machine_run m systemctl reset-failed
        fi
}

restart() {
        machine_run m systemctl stop app
        machine_run m systemctl start app
}

is_at() {
        is "$1" "$(cat "$state/format") $(cd "$state" && echo .stateversion.*)" "$2 .stateversion.app=$2"
}

contents() {
        (cd "$1" && find . -mindepth 1 -printf '%P %y %m %U:%G %s %T@ %l\n' | LC_ALL=C sort
         cd "$1" && find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum)
}

status() {
        machine_run m systemctl show -P ExecMainStatus migrate@app
}

said() {
        machine_run m journalctl --sync
        machine_journal m -o cat -u migrate@app -n "${1:-10}"
}

runs() {
        machine_run m journalctl --sync
        machine_journal m -o cat -u migrate@app | grep -c '^Migrating the state'
}

# refused SITUATION REGEX: a restart is refused with this reason
refused() {
        fails "$1: the service does not start" restart
        is "$1: the exit status is 6" "$(status)" 6
        like "$1: the journal gives the reason" "$(said)" "$2"
        is "$1: the state is unchanged to the byte" "$(contents "$state")" "$kept"
}

### no state

release 2020
machine_boot m
machine_settle m
is 'a fresh installation: the software makes its state' "$(cat "$state/format")" 2020
is_at 'a fresh installation: the state is stamped with the version of the software' 2020

### upgrades

release 2023
ok 'an upgrade over three releases: the service starts' restart
machine_settle m
is_at 'an upgrade over three releases: the state is at the newest version' 2023
is 'an upgrade over three releases: each migration ran once and in order' \
        "$(paste -sd ';' "$state/steps")" 'up 2020 2021;up 2021 2022;up 2022 2023'
before=$(runs)
ok 'another restart: the service starts' restart
is 'another restart: no migration runs' "$(runs)" "$before"
release 2024
ok 'the next upgrade: the service starts' restart
machine_settle m
is 'the next upgrade: only the new migration runs' "$(tail -n +4 "$state/steps" | paste -sd ';')" 'up 2023 2024'

### refusals

echo 'written in 2024' >"$state/new"
kept=$(contents "$state")
release 2021
refused 'an older release without Downgrade=' 'at 2024, newer than the 2021 that is declared'
release 2021 Downgrade=restore
rm -r "$store/backups"
refused 'Downgrade=restore without any backup' 'there is no backup of a version'
release 2024
ok 'after the refusals: the newer release starts' restart
sed -i 's/2024$/30/' "$root/opt/software"
printf '%s\n' '[State]' Directory=/var/lib/app Version=2026.1 MaxSkip=major Gaps=allow >"$root/etc/migrate.d/app.ini"
machine_run m systemctl daemon-reload
refused 'an upgrade that skips a major version' 'skips a whole series'
printf '%s\n' '[State]' Directory=/var/lib/app Version=2025 >"$root/etc/migrate.d/app.ini"
machine_run m systemctl daemon-reload
fails 'a release without its migration: the service does not start' restart
like 'a release without its migration: the description of the unit gives the reason' \
        "$(machine_run m systemctl show -P Description app)" \
        'Held back: .*Version=2025: no migration leads to this version.*; correct it, then run: migratectl start app'
is 'a release without its migration: the state is unchanged to the byte' "$(contents "$state")" "$kept"
release 2024
machine_run m systemctl stop app
mv "$state/.stateversion.app=2024" "$root/opt/stamp"
kept=$(contents "$state")
refused 'data without a stamp' 'there is no stamp in .*the state was at version 2024 once'
like 'data without a stamp: the journal names the command that records the version' \
        "$(said)" 'migratectl adopt app 2024'
ok 'data without a stamp: migratectl adopt succeeds' machine_run m migratectl adopt app 2024
ok 'data without a stamp: the service starts after adopt' machine_run m systemctl start app

### a failure

rm -r "$store" "$state"
release 2021
mkdir "$state"
echo 2020 >"$state/format"
touch "$state/.stateversion.app=2020" "$state/bad"
kept=$(contents "$state")
fails 'a script that fails: the service does not start' restart
is 'a script that fails: the exit status is 1' "$(status)" 1
is 'a script that fails: the state is unchanged to the byte' "$(contents "$state")" "$kept"
like 'a script that fails: the journal says that the data is unchanged, and which command to run' "$(said)" \
        'unchanged.*migratectl retry app'
rm "$state/bad"
fails 'a script that fails: the next start does not repeat the migration' restart
ok 'a script that fails: migratectl retry succeeds after the cause was removed' machine_run m migratectl retry app
ok 'a script that fails: the service starts after the retry' machine_run m systemctl start app
is_at 'a script that fails: the state is migrated after the retry' 2021

### two releases up, and back to a release that does not know them

machine_settle m
echo 'written in 2021' >"$state/new-2021"
first=$(contents "$state")
release 2023
ok 'two releases up: the service starts' restart
machine_settle m
echo 'written in 2023' >"$state/new-2023"
newest=$(contents "$state")
release 2021 Downgrade=script
is 'Downgrade=script: the older release has no script of newer releases' "$(ls "$root/opt/releases")" 2021
ok 'Downgrade=script: the older release starts' restart
machine_settle m
is_at 'Downgrade=script: the state is at the older version' 2021
is 'Downgrade=script: the two kept scripts ran in reverse order' \
        "$(tail -n 2 "$state/steps" | paste -sd ';')" 'down 2023 2022;down 2022 2021'
ok 'Downgrade=script: the data that the newer release wrote is still there' test -e "$state/new-2023"
backup=$(cd "$store/backups" && printf '%s\n' * | sort | tail -n 1)
is 'Downgrade=script: the state of the newer release is kept to the byte' \
        "$(contents "$store/backups/$backup/app" | grep -v "  ./.stateversion\|^.stateversion")" \
        "$(grep -v "  ./.stateversion\|^.stateversion" <<<"$newest")"

rm -r "$store" "$state"
mkdir "$state"
echo 2021 >"$state/format"
touch "$state/.stateversion.app=2021"
echo 'written in 2021' >"$state/new-2021"
release 2021
ok 'the older release once more: the service starts' restart
first=$(contents "$state")
release 2023
ok 'two releases up once more: the service starts' restart
machine_settle m
echo 'written in 2023' >"$state/new-2023"
newest=$(contents "$state")
release 2021 Downgrade=restore
fails 'Downgrade=restore: the service does not start without approval' restart
is 'Downgrade=restore: the exit status says that approval is missing' "$(status)" 4
ok 'Downgrade=restore: migratectl approve succeeds' machine_run m migratectl approve --yes app
ok 'Downgrade=restore: the older release starts after the approval' restart
machine_settle m
is 'Downgrade=restore: the state is the same as in the older release to the byte' "$(contents "$state")" "$first"
release 2023
ok 'up again with an unchanged state: the service starts' restart
machine_settle m
is 'up again with an unchanged state: the state is the same as in the newer release to the byte' \
        "$(contents "$state")" "$newest"
release 2021 Downgrade=restore
ok 'back again with an unchanged state: the service starts without approval' restart
machine_settle m
echo 'written in 2021, later' >"$state/new-2021"
older=$(contents "$state")
release 2023
fails 'up again with both states changed: the service does not start without approval' restart
is 'up again with both states changed: the exit status says that approval is missing' "$(status)" 4
ok 'up again with both states changed: migratectl approve succeeds' machine_run m migratectl approve --yes app
ok 'up again with both states changed: the service starts after the approval' restart
machine_settle m
is_at 'up again with both states changed: the state is migrated' 2023
like 'up again with both states changed: the older data was migrated' "$(cat "$state/new-2021")" 'later'
for data in newest older first; do
        found=
        for tree in "$store"/backups/*/app "$state"; do
                [[ $(contents "$tree") == "${!data}" ]] && found=$tree
        done
        [[ $data == first ]] || ok "up again with both states changed: the $data data is kept to the byte" \
                test -n "$found"
done

machine_poweroff m
done_testing
