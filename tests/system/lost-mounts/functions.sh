# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Functions for the suites about lost mounts.

# shellcheck disable=SC2034,SC2119,SC2120 # the suites use the variables; most functions are called without arguments
. "${BASH_SOURCE[0]%/*}/../../machine/machine.sh"
. "${BASH_SOURCE[0]%/*}/../../machine/tap.sh"
. "${BASH_SOURCE[0]%/*}/../../machine/app.sh"

# helpers: how often the helper was started in this boot
helpers() {
        app journalctl --sync
        machine_journal app -b -o cat _PID=1 | grep -cE '^Starting (migrate@app|Migrate the state)' || :
}

# bind DISK POINT: mounts the disk, which has a film, at POINT in the machine
bind() {
        machine_shell app "$@" <<'END'
mkdir -p "/disks/$1" "$2"
echo film >"/disks/$1/film"
mount --bind "/disks/$1" "$2"
END
}

# mutable: lets .migrate be removed; there is no chattr in the machine
mutable() {
        chattr -R -f -i "$app_root/disks" "$app_root/srv/app" "$app_root/var/lib/app" || :
}

# reset [KEY=VALUE…]: as app_reset, with nothing mounted in the state
reset() {
        app sh -c 'systemctl stop app migrate@app migrate-post@app; rm -rf /etc/systemd/system/app.service.d
                umount -q -R /srv/app; grep -o "/var/lib/app/[^ ]*" /proc/self/mountinfo | tac | xargs -r -n1 umount
                grep -q " /var/lib/app " /proc/self/mountinfo && umount -q /var/lib/app' 2>/dev/null
        mutable
        app sh -c 'rm -rf /srv/app /disks/*'
        sed -i 's,/srv/app,/var/lib/app,' "$app_root/opt/app"
        app_directories=(/var/lib/app)
        app_reset "$@"
}

# links: where the store's links lead
links() {
        app sh -c "for link in $app_store/mounted-*; do readlink \$link; done" 2>/dev/null | paste -sd ' '
}

# started SITUATION: the service starts, and the work after the start is done
started() {
        ok "$1: the service starts" app_start
        app systemctl start migrate-post@app
}

# held SITUATION POINT [VERSION]: the service does not start, and POINT is named with the command that settles it
held() {
        fails "$1: the service does not start" app_start
        is "$1: the service is down" "$(app systemctl is-active app)" inactive
        like "$1: migratectl names the mount point and the command" "$(app migratectl status app | tr -s '\n ' ' ')" \
                "'$2' was a mount point when the state was last seen, .*migratectl adopt --force app ${3-2}"
}

# lost SITUATION WORDS: the service does not start, and migratectl says what to do about data that is gone
lost() {
        fails "$1: the service does not start" app_start
        is "$1: the service is down" "$(app systemctl is-active app)" inactive
        like "$1: migratectl says what to do" "$(app migratectl status app | tr -s '\n ' ' ')" "$2"
}

# refused SITUATION WORDS: adopt --force is refused, with WORDS
refused() {
        fails "$1" app migratectl adopt --force app 2
        like "$1, and says why" "$(app migratectl adopt --force app 2 2>&1 | tr -s '\n ' ' ')" "$2"
}

media=/var/lib/app/media

# own: starts the service with its state on a disk at /srv/app, stops it, and takes the disk away
own() {
        reset
        app sh -c 'mkdir -p /disks/own /srv/app; cp -a /var/lib/app/. /disks/own; mount --bind /disks/own /srv/app'
        app_directories=(/srv/app)
        app sed -i s,/var/lib/app,/srv/app, /opt/app
        app_declare
        started 'the state is a mount point'
        app systemctl stop app
        app umount /srv/app
}
