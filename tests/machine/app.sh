# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# A machine called "app" with a service called app, whose state is at version 1 and whose software needs version 2, and
# functions that change them and read from them. To be sourced after machine.sh and tap.sh.
#
#   app_helper, app_store                    the helper's program, the store of app
#   app_create [machine_create's options]   the machine, of $app_debian (trixie), not booted yet
#   app_boot                                 boots it
#   app_reset [KEY=VALUE…]                   stops the service, makes its state and the store as they were in the
#                                            beginning; further lines for [State]. Variables:
#     app_directories     the directories of the state
#     app_stamp           the version in their stamps; empty: no stamps
#   app_declare [KEY=VALUE…]                 the declaration alone
#   app_migration [KEY=VALUE…]               the migration, with further lines for [Up]
#   app_script [NAME] <CODE                  /opt/up, or /opt/NAME
#   app_good_script                          one that works
#   app_start                                systemctl start app
#   app_restart                              systemctl stop app, then start app
#   app_begin                                the same, and returns once the script says "waiting"
#   app_go                                   lets the script go on, and waits for the end of the migration
#   app_wait                                 waits for the end of the migration, and of the start of the service
#   app_until TEST                           waits until the shell command TEST succeeds; fails after a minute
#   app_rehearse [WORD…]                     a rehearsal by the helper; sets $status and $said
#   app_rehearse_begin [WORD…]               the same, in the unit "rehearsing", which it does not wait for
#   app_rehearse_end                         waits for the end of "rehearsing"; sets $status
#   app_status                               what systemctl status shows of the migration
#   app_exit                                 the helper's last exit status
#   app_terminal [OPTION…] -- COMMAND…       in the machine on a terminal, with the options of machine/terminal; sets $status
#                                            and $screen, writes the files $app_frames and $app_raw. Variables:
#     app_environment     the environment of the command
#   app_manifest [DIRECTORY…]                everything about the files of the state but the atime
#   app_stamps, app_version                  of all directories, on one line
#   app_backups                              the ids of transactions that have a clone or a backup
#   app_retry                                migratectl retry app

# shellcheck disable=SC2034 # used by the scripts that source this
app_helper=/usr/lib/systemd/systemd-migrate
app_store=/var/lib/migrate/app
app_directories=(/var/lib/app)
app_stamp=1
app_environment=(TERM=xterm)
app_frames=$MACHINE_DIRECTORY/frames
app_raw=$MACHINE_DIRECTORY/raw

# shellcheck disable=SC2119,SC2120 # most are called without arguments
app() {
        machine_run app "$@"
}

app_create() {
        machine_create app "${app_debian:-trixie}" "$@"
        machine_install app
        app_root=$(machine_path app)
        # on a fast machine, a suite may start the service more often than systemd allows in ten seconds
        cat >"$app_root/etc/systemd/system/app.service" <<'END'
[Unit]
StartLimitIntervalSec=0
[Service]
ExecStart=/opt/app
[Install]
WantedBy=multi-user.target
END
        # the software: refuses data of another version
        cat >"$app_root/opt/app" <<'END'
#!/bin/sh
grep -qx "$(cat /opt/software)" /var/lib/app/version || exit 1
exec sleep infinity
END
        cat >"$app_root/opt/manifest" <<'END'
#!/bin/bash
# everything but the atime
for directory; do
        cd "$directory" || exit
        find . -print0 | LC_ALL=C sort -z | while IFS= read -r -d '' name; do
                stat -c '%n %F %i %h %a %u:%g %s %y %z %t:%T' "$name"
                getfattr -h -d -m - "$name"
                [[ -f $name && ! -L $name ]] && sha256sum <"$name"
                [[ -L $name ]] && readlink "$name"
        done
done 2>&1
exit 0
END
        chmod +x "$app_root/opt/app" "$app_root/opt/manifest"
        mkdir -p "$app_root/etc/migrate.d/app"
        app_good_script
        echo 2 >"$app_root/opt/software"
}

app_boot() {
        machine_boot app
}

app_declare() {
        {
                echo '[State]'
                printf 'Directory=%s\n' "${app_directories[@]}"
                echo 'Version=2'
                (( $# )) && printf '%s\n' "$@"
        } >"$app_root/etc/migrate.d/app.ini"
        app systemctl daemon-reload
}

app_migration() {
        {
                printf '[Migration]\nFrom=1\nTo=2\n\n[Up]\nScript=/opt/up\n'
                (( $# )) && printf '%s\n' "$@"
        } >"$app_root/etc/migrate.d/app/up.ini"
        app systemctl daemon-reload
}

app_script() {
        # a new file, since a program that runs cannot be written to
        rm -f "$app_root/opt/${1:-up}"
        { echo '#!/bin/bash -e'; cat; } >"$app_root/opt/${1:-up}"
        chmod +x "$app_root/opt/${1:-up}"
}

app_good_script() {
        app_script <<'END'
for place in "$STATE_1" ${STATE_2:+"$STATE_2"} ${STATE_3:+"$STATE_3"}; do
        echo "$TO" >"$place/version"
done
END
}

# A script that says "waiting" and goes on after app_go.
app_waiting_script() {
        rm -f "$app_root/opt/go"
        app_script <<'END'
for place in "$STATE_1" ${STATE_2:+"$STATE_2"} ${STATE_3:+"$STATE_3"}; do
        echo "$TO" >"$place/version"
done
echo waiting
until [ -e /opt/go ]; do sleep 0.05; done
END
}

app_reset() {
        machine_shell app "$app_stamp" "${app_directories[@]}" <<'END' >/dev/null
stamp=$1
shift
systemctl stop app.service 'migrate@app.service' 'migrate-post@app.service' 2>/dev/null || :
systemctl reset-failed
rm -rf /var/lib/migrate/app /opt/go /*/.migrate
for directory; do
        rm -rf "$directory"
        mkdir "$directory"
        cd "$directory"
        mkdir data
        echo 1 >version
        echo letters >data/letters
        ln data/letters data/same
        ln -s data/letters link
        truncate -s 1M data/sparse
        setfattr -n user.note -v kept data/letters
        [ -z "$stamp" ] || touch ".stateversion.app=$stamp"
        chown -R 1234:1235 .
        touch -d '2020-02-02 02:02:02.123456789' . data data/letters
        sync -f . # not all file systems of this host
done
END
        app_good_script
        app_declare "$@"
        app_migration
}

app_start() {
        app systemctl start app
}

app_restart() {
        app systemctl stop app
        app systemctl start app
}

app_begin() {
        app_waiting_script
        app rm -f "$app_store/log" # an earlier attempt may have written "waiting", too
        app systemctl start --no-block app
        app_until "grep -qs waiting $app_store/log"
}

app_until() {
        app timeout 60 sh -c "until $1; do sleep 0.05; done"
}

# shellcheck disable=SC2034 # both are for the scripts that source this
app_rehearse() {
        status=0
        said=$(app "$app_helper" rehearse app "$@" 2>&1) || status=$?
}

app_rehearse_begin() {
        app systemctl reset-failed rehearsing 2>/dev/null
        app systemd-run --quiet --unit=rehearsing --property=Type=exec --property=RemainAfterExit=yes \
                "$app_helper" rehearse app "$@"
}

# shellcheck disable=SC2034 # for the scripts that source this
app_rehearse_end() {
        # shellcheck disable=SC2016 # expanded inside
        app_until '[ "$(systemctl show -P MainPID rehearsing)" = 0 ]'
        status=$(app systemctl show -P ExecMainStatus rehearsing)
        app sh -c 'systemctl stop rehearsing; systemctl reset-failed rehearsing; :' 2>/dev/null
}

app_wait() {
        # shellcheck disable=SC2016 # expanded inside
        app timeout 60 sh -c 'while [ -n "$(systemctl list-jobs --no-legend "migrate@app.service")" ] ||
                                    [ "$(systemctl is-active migrate@app)" = activating ]; do
                        sleep 0.05
                done
                # and the start of the service
                while [ -n "$(systemctl list-jobs --no-legend app.service)" ]; do sleep 0.05; done'
}

app_go() {
        app touch /opt/go
        app_wait
}

# Waits for the manager's own last line, which under load comes after the end of the job.
app_status() {
        local said _
        for _ in {1..100}; do
                app journalctl --sync
                said=$(app systemctl status --no-pager --full -n10 migrate@app)
                [[ ${said##*$'\n'} =~ systemd\[1\]:\ (Failed\ to\ start|Finished|Stopped) ]] && break
                sleep 0.1
        done
        echo "$said"
}

app_exit() {
        app systemctl show -P ExecMainStatus migrate@app
}

# No process between the command and the terminal ends by Ctrl-C.
# shellcheck disable=SC2034 # status and screen are for the scripts that source this
app_terminal() {
        local options=()
        while [[ $1 != -- ]]; do options+=("$1"); shift; done
        shift
        rm -f "$app_frames" "$app_raw"
        status=0
        screen=$(
                echo "$BASHPID" >"$MACHINE_CGROUP/${MACHINE_DIRECTORY##*/}.app/payload/machine-run.scope/cgroup.procs"
                exec timeout --foreground 60 "$MACHINE_SOURCE/terminal" --frames "$app_frames" --raw "$app_raw" \
                        "${options[@]}" -- "$BASH" -c 'trap "" INT; exec "$@"' - \
                        nsenter --target "$(machine_leader app)" --all --root --wd -- \
                        env -i "${MACHINE_ENVIRONMENT[@]}" "${app_environment[@]}" "$@"
        ) || status=$?
}

app_manifest() {
        app /opt/manifest "${@:-${app_directories[@]}}"
}

app_stamps() {
        local directory
        for directory in "${app_directories[@]}"; do
                (cd "$app_root$directory" && echo .stateversion.app=*)
        done | sed 's/\.stateversion\.app=//g' | paste -sd ' '
}

app_version() {
        local directory
        for directory in "${app_directories[@]}"; do
                cat "$app_root$directory/version"
        done | paste -sd ' '
}

app_backups() {
        local directory
        for directory in /var/lib /srv /pool /small /mnt; do
                [[ -d $app_root$directory ]] || continue
                find "$app_root$directory" -maxdepth 5 -path '*/app/backups/*' -prune -printf '%f\n'
        done | sort -u
}

app_retry() {
        app migratectl retry app
}

# app_unharmed SITUATION STATUS CLONES PHRASE…: a migration has failed with the helper's exit status STATUS: the original
# is as it was when $before was taken, the service is down, CLONES are kept, and the last lines have every PHRASE.
app_unharmed() {
        local name=$1 status=$2 clones=$3 said phrase missing=''
        shift 3
        is "$name: every byte, time and attribute of the original is unchanged" "$(app_manifest)" "$before"
        is "$name: the exit status of the helper is $status" "$(app_exit)" "$status"
        is "$name: app is down" "$(app systemctl is-active app)" inactive
        fails "$name: no transaction is on record" app test -e /var/lib/migrate/app/transaction
        is "$name: the number of clones that are kept is $clones" "$(app_backups | wc -l)" "$clones"
        said=$(app_status | tail -n 10)
        for phrase in "$@"; do
                [[ $said == *"$phrase"* ]] || missing+="$phrase"$'\n'
        done
        is "$name: systemctl status says what happened, where the data is and which command to run" \
                "${missing:+$missing in $said}" ''
}

# app_migrated SITUATION: the migration has succeeded, once.
app_migrated() {
        local name=$1 wanted=2 directory
        for directory in "${app_directories[@]:1}"; do
                wanted+=' 2'
        done
        is "$name: the state is at version 2" "$(app_version) $(app_stamps)" "$wanted $wanted"
        is "$name: app runs" "$(app systemctl is-active app)" active
        is "$name: the original is the only backup" "$(app_backups | wc -l)" 1
        fails "$name: no transaction is on record" app sh -c 'ls /var/lib/migrate/app/transaction'
}
