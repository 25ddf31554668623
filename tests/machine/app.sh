# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# A machine called "app" with a service called app, whose state is at version 1 and whose software
# wants 2, and what can be asked about them. To be sourced after machine.sh and tap.sh.
#
#   app_create [machine_create's options]   the machine, of $app_debian (trixie), not booted yet
#   app_boot                                 boots it
#   app_reset [KEY=VALUE…]                   the service is down, its state and the store as they were
#                                            in the beginning; further lines for [State]. Variables:
#     app_directories     the state's directories
#     app_stamp           the stamp that they have; empty: none
#   app_declare [KEY=VALUE…]                 the declaration alone
#   app_migration [KEY=VALUE…]               the migration, with further lines for [Up]
#   app_script [NAME] <CODE                  /opt/up, or /opt/NAME
#   app_good_script                          one that works
#   app_start                                systemctl start app
#   app_begin                                the same, and returns once the script says "waiting"
#   app_go                                   lets the script go on, and waits for the migration's end
#   app_wait                                 for the migration's end
#   app_status                               what systemctl status shows of the migration
#   app_exit                                 the helper's last exit status
#   app_manifest [DIRECTORY…]                all that can be said of the state's files but the atime
#   app_stamps, app_version                  of all directories, on one line
#   app_backups                              transactions of which there is a clone or a backup
#   app_retry                                as somebody who types migratectl retry app

app_directories=(/var/lib/app)
app_stamp=1

# shellcheck disable=SC2119,SC2120 # most are called without arguments
app() {
        machine_run app "$@"
}

app_create() {
        machine_create app "${app_debian:-trixie}" "$@"
        machine_install app
        app_root=$(machine_path app)
        cat >"$app_root/etc/systemd/system/app.service" <<'END'
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
        # a new file: one that runs cannot be written to
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

# One that says so, and goes on when it is let.
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

app_begin() {
        app_waiting_script
        app systemctl start --no-block app
        # shellcheck disable=SC2016 # expanded inside
        app timeout 60 sh -c 'until grep -qs waiting /var/lib/migrate/app/log; do sleep 0.05; done'
}

app_wait() {
        # shellcheck disable=SC2016 # expanded inside
        app timeout 60 sh -c 'while [ -n "$(systemctl list-jobs --no-legend "migrate@app.service")" ] ||
                                    [ "$(systemctl is-active migrate@app)" = activating ]; do
                        sleep 0.05
                done
                # and the service behind it
                while [ -n "$(systemctl list-jobs --no-legend app.service)" ]; do sleep 0.05; done'
}

app_go() {
        app touch /opt/go
        app_wait
}

# With the manager's own last line, which under load comes later than its job ends.
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

# app_unharmed NAME STATUS CLONES PHRASE…: after an attempt that did not go through: nothing of the
# original has changed since $before was taken, its service is down, CLONES are kept, and the last
# lines say all this and what to type. STATUS is the helper's.
app_unharmed() {
        local name=$1 status=$2 clones=$3 said phrase missing=''
        shift 3
        is "$name: not a byte, a time or an attribute of the original is another" \
                "$(app_manifest)" "$before"
        is "$name: exit status" "$(app_exit)" "$status"
        is "$name: app is down" "$(app systemctl is-active app)" inactive
        fails "$name: no transaction is left" app test -e /var/lib/migrate/app/transaction
        is "$name: clones that are kept" "$(app_backups | wc -l)" "$clones"
        said=$(app_status | tail -n 10)
        for phrase in "$@"; do
                [[ $said == *"$phrase"* ]] || missing+="$phrase"$'\n'
        done
        is "$name: systemctl status says what happened, where the data is, what to type" \
                "${missing:+$missing in $said}" ''
}

# app_migrated NAME: it went through, once.
app_migrated() {
        local name=$1 wanted=2 directory
        for directory in "${app_directories[@]:1}"; do
                wanted+=' 2'
        done
        is "$name: the state is at version 2" "$(app_version) $(app_stamps)" "$wanted $wanted"
        is "$name: app runs" "$(app systemctl is-active app)" active
        is "$name: the original is the only backup" "$(app_backups | wc -l)" 1
        fails "$name: nothing is in flight" app sh -c 'ls /var/lib/migrate/app/transaction'
}
