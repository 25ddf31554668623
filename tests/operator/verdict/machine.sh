# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Inside of the machine: a service called app, the situations that it can be in, and a look at all that is said of it.
#
#   begin                      nothing is declared, there is no state, no record, no unit runs
#   declare_app LINE…          lines for [State]; the directory is /var/lib/app if none of them says another. Migrations
#                              lead from 1 to 2 and from 2 to 3, by /opt/up
#   migration FROM TO [LINE…]  another one, or the same with more lines for [Up]
#   script NAME CODE           /opt/NAME
#   stamp VERSION [DIRECTORY]  with data
#   data [DIRECTORY]           without a stamp
#   record NAME FILE TEXT      in the store of NAME
#   reload                     systemd reads the declarations
#   attempt [restart]          a start of app, whatever comes of it
#   typed OUTPUT               types the commands that status printed, after before_typed if that is defined; in OUTPUT,
#                              how many they are, and what app is then
#   look OUTPUT [start]        all outputs, after one more attempt to start app; in OUTPUT, a directory

begin() {
        systemctl stop app.service db.service holder.service migrate@app.service migrate-post@app.service 2>/dev/null
        rm -f /etc/systemd/system/app.service
        [ -e /opt/app.service ] && mv /opt/app.service /usr/lib/systemd/system/
        mountpoint -q /small && umount /small
        chattr -i /srv 2>/dev/null
        rm -rf /opt/up /opt/closed /var/lib/migrate /var/lib/app /var/lib/.migrate /srv/* /etc/migrate.d /opt/go \
                /etc/systemd/system/migrate@app.service /etc/systemd/system/multi-user.target.wants/app.service
        mkdir -p /etc/migrate.d/app
        mkdir -m 700 /var/lib/migrate
        script up 'true'
        script no 'echo no words found; exit 2'
        systemctl reset-failed
} 2>/dev/null

declare_app() {
        local line directory=Directory=/var/lib/app
        for line; do
                [[ $line != Directory=* ]] || directory=
        done
        printf '%s\n' '[State]' $directory "$@" >/etc/migrate.d/app.ini
        migration 1 2
        migration 2 3
}

migration() {
        printf '%s\n' '[Migration]' "From=$1" "To=$2" '[Up]' Script=/opt/up "${@:3}" >"/etc/migrate.d/app/to-$2.ini"
}

script() {
        rm -f "/opt/$1"
        printf '#!/bin/sh\n%s\n' "$2" >"/opt/$1"
        chmod +x "/opt/$1"
}

stamp() {
        data "${2-/var/lib/app}"
        : >"${2-/var/lib/app}/.stateversion.app=$1"
}

data() {
        mkdir -p "${1-/var/lib/app}"
        echo letters >"${1-/var/lib/app}/data"
}

record() {
        mkdir -p -m 700 "/var/lib/migrate/$1"
        (umask 077; printf '%s\n' "$3" >"/var/lib/migrate/$1/$2")
}

reload() {
        systemctl daemon-reload
}

attempt() {
        timeout 30 systemctl "${1-start}" app.service 2>/dev/null || :
        systemctl reset-failed app.service 2>/dev/null || :
}

# waits COMMAND…: until it succeeds
waits() {
        local _
        for _ in {1..600}; do
                "$@" 2>/dev/null && return
                sleep 0.05
        done
        return 1
}

typed() {
        local n=0 line
        : >"$1/commands"
        if declare -F before_typed >/dev/null; then
                before_typed
        fi
        while IFS= read -r line; do
                (( ++n ))
                [[ $line != 'migratectl '@(approve|restore)' '* ]] || line+=' --yes'
                echo "$line" >>"$1/commands"
                timeout 60 bash -c "$line" </dev/null
        done < <(jq -r '.[0] | .next, .then | select(.)' "$1/status.json" | sed 's/, then: /\n/g')
        echo "$n commands: $(systemctl is-active app)" >"$1/typed"
        migratectl --json=short status app >"$1/after.json" 2>/dev/null
}

look() {
        local cursor
        mkdir -p "$1"
        if [[ ${2-} == start ]]; then
                cursor=$(journalctl -n 0 --show-cursor | sed -n 's/^-- cursor: //p')
                attempt
                journalctl --sync
                journalctl --after-cursor="$cursor" -o cat MIGRATE_SERVICE=app >"$1/journal"
        fi
        # not beside the others, whose trial of the file system is a file in the state for an instant
        migratectl check app >"$1/check" 2>&1
        migratectl --json=short check app >"$1/check.json" 2>/dev/null
        migratectl >"$1/overview" 2>&1
        migratectl status --all >"$1/table" 2>&1
        migratectl status app >"$1/status" 2>&1
        migratectl plan app >"$1/plan" 2>&1
        migratectl --json=short status app >"$1/status.json" 2>/dev/null
        migratectl --json=short plan app >"$1/plan.json" 2>/dev/null
}
