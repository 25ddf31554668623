# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The whole life of a service's state on a real systemd, from nothing over five releases and back: what is migrated,
# refused, kept, brought back. To be sourced by a test, with the root as its argument.

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

# release YEAR [LINE…]: the system is switched to it; it knows of nothing that came later
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

refused() {
        fails "$1: refused" restart
        is "$1: its exit status" "$(status)" 6
        like "$1: it is said why" "$(said)" "$2"
        is "$1: not a byte has changed" "$(contents "$state")" "$kept"
}

### there is nothing

release 2020
machine_boot m
machine_settle m
is 'no data, no stamp: the software makes it' "$(cat "$state/format")" 2020
is_at 'which is recorded once it is up' 2020

### up

release 2023
ok 'an upgrade over three steps' restart
machine_settle m
is_at 'is at the newest' 2023
is 'each step ran once, in order' "$(paste -sd ';' "$state/steps")" 'up 2020 2021;up 2021 2022;up 2022 2023'
before=$(runs)
ok 'started again' restart
is 'nothing runs' "$(runs)" "$before"
release 2024
ok 'the next upgrade' restart
machine_settle m
is 'skips what is done' "$(tail -n +4 "$state/steps" | paste -sd ';')" 'up 2023 2024'

### what is refused

echo 'written in 2024' >"$state/new"
kept=$(contents "$state")
release 2021
refused 'the redeployed older release' 'at 2024, newer than the 2021 that is declared'
release 2021 Downgrade=restore
rm -r "$store/backups"
refused 'a downgrade without any backup' 'there is no backup of a version'
release 2024
ok 'the newer again' restart
sed -i 's/2024$/30/' "$root/opt/software"
printf '%s\n' '[State]' Directory=/var/lib/app Version=2026.1 MaxSkip=major Gaps=allow >"$root/etc/migrate.d/app.ini"
machine_run m systemctl daemon-reload
refused 'an upgrade that leaves out a series' 'leaves out a whole series'
printf '%s\n' '[State]' Directory=/var/lib/app Version=2025 >"$root/etc/migrate.d/app.ini"
machine_run m systemctl daemon-reload
fails 'a release without its migration: refused' restart
like 'a release without its migration: it is said why' "$(machine_run m systemctl show -P Description app)" \
        'Held back: .*Version=2025: no migration leads to it'
is 'a release without its migration: not a byte has changed' "$(contents "$state")" "$kept"
release 2024
machine_run m systemctl stop app
mv "$state/.stateversion.app=2024" "$root/opt/stamp"
kept=$(contents "$state")
refused 'data without a stamp' 'there is no stamp in .*the state was at version 2024 once'
like 'data without a stamp: the ways out are named' "$(said)" 'migratectl adopt app 2024'
ok 'it is said by hand' machine_run m migratectl adopt app 2024
ok 'and starts' machine_run m systemctl start app

### failing

rm -r "$store" "$state"
release 2021
mkdir "$state"
echo 2020 >"$state/format"
touch "$state/.stateversion.app=2020" "$state/bad"
kept=$(contents "$state")
fails 'a step that fails' restart
is 'its exit status' "$(status)" 1
is 'not a byte has changed' "$(contents "$state")" "$kept"
like 'the last lines say what happened, where the data is and what to type' "$(said)" \
        'untouched.*migratectl retry app'
rm "$state/bad"
fails 'it is not repeated blindly' restart
ok 'but when somebody says so' machine_run m migratectl retry app
ok 'it starts' machine_run m systemctl start app
is_at 'migrated' 2021

### up over two releases, and back with one that has never heard of them

machine_settle m
echo 'written in 2021' >"$state/new-2021"
first=$(contents "$state")
release 2023
ok 'two steps up' restart
machine_settle m
echo 'written in 2023' >"$state/new-2023"
newest=$(contents "$state")
release 2021 Downgrade=script
is 'the older system has no script of the newer' "$(ls "$root/opt/releases")" 2021
ok 'by scripts: it starts' restart
machine_settle m
is_at 'by scripts: at the older' 2021
is 'by scripts: both kept ones ran, in reverse' "$(tail -n 2 "$state/steps" | paste -sd ';')" 'down 2023 2022;down 2022 2021'
ok 'by scripts: what was written came along' test -e "$state/new-2023"
backup=$(cd "$store/backups" && printf '%s\n' * | sort | tail -n 1)
is 'by scripts: the newer data is kept, to the byte' \
        "$(contents "$store/backups/$backup/app" | grep -v "  ./.stateversion\|^.stateversion")" \
        "$(grep -v "  ./.stateversion\|^.stateversion" <<<"$newest")"

rm -r "$store" "$state"
mkdir "$state"
echo 2021 >"$state/format"
touch "$state/.stateversion.app=2021"
echo 'written in 2021' >"$state/new-2021"
release 2021
ok 'once more from the older' restart
first=$(contents "$state")
release 2023
ok 'up' restart
machine_settle m
echo 'written in 2023' >"$state/new-2023"
newest=$(contents "$state")
release 2021 Downgrade=restore
fails 'by a backup: it waits for approval' restart
is 'by a backup: its exit status' "$(status)" 4
ok 'by a backup: approved' machine_run m migratectl approve --yes app
ok 'by a backup: it starts' restart
machine_settle m
is 'by a backup: the data of the older release, to the byte' "$(contents "$state")" "$first"
release 2023
ok 'forward again, nothing was written: the newer data comes back' restart
machine_settle m
is 'it is that, to the byte' "$(contents "$state")" "$newest"
release 2021 Downgrade=restore
ok 'back once more, nothing was written: nobody is asked' restart
machine_settle m
echo 'written in 2021, later' >"$state/new-2021"
older=$(contents "$state")
release 2023
fails 'forward again, both were written to: somebody has to choose' restart
is 'its exit status' "$(status)" 4
ok 'to migrate the older data anew' machine_run m migratectl approve --yes app
ok 'it starts' restart
machine_settle m
is_at 'migrated' 2023
like 'the older data was' "$(cat "$state/new-2021")" 'later'
for data in newest older first; do
        found=
        for tree in "$store"/backups/*/app "$state"; do
                [[ $(contents "$tree") == "${!data}" ]] && found=$tree
        done
        [[ $data == first ]] || ok "the $data data is there, to the byte" test -n "$found"
done

machine_poweroff m
done_testing
