# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Units of every shape on a real systemd. Each one goes through the same: a first start without data, an upgrade whose
# migration fails (the service stays down, and its alarm is raised), the same upgrade with a migration that works, and a
# boot with a pending migration. A suite sources this file, with the root as its argument.

. "${BASH_SOURCE[0]%/*}/../../machine/machine.sh"
. "${BASH_SOURCE[0]%/*}/../../machine/tap.sh"
. "${BASH_SOURCE[0]%/*}/../../gates/gate/services.sh"

machine=$1

property() {
        m systemctl show --value --property="$2" "$1"
}

helper_runs() {
        grep -c " $1\$" "$(machine_path "$machine" /var/log/gate-helper)"
}

ok 'the machine is made' machine_create "$machine" "$machine"
ok 'the programs are installed' machine_install "$machine"
(( tap_failed == 0 )) || { echo 'Bail out! there is nothing to test'; exit 1; }
gate_prepare

# the alarms that were raised
write /etc/systemd/system/alarm@.service <<'END'
[Unit]
DefaultDependencies=no
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'echo %i >>/var/log/alarms'
END
# a migration that can be fixed without a change of its files
program /usr/local/lib/gate/migrate-if-allowed <<'END'
#!/bin/sh
read -r format <"$STATE/data"
echo half >"$STATE/data"
[ -e "/etc/gate/allowed-$SERVICE" ] || { echo 'this migration fails'; exit 1; }
echo "$TO" >"$STATE/data"
END

# shape NAME [LINE…]: a service that makes its data if it has none, then says on which data its main process starts. The
# lines go to [Service], or begin sections of their own.
shape() {
        write "/etc/systemd/system/$1.service" <<END
[Unit]
OnFailure=alarm@$1.service
[Service]
Type=exec
ExecStartPre=/usr/local/lib/gate/make-state $1 1
ExecStartPre=/usr/local/lib/gate/say-start $1
ExecStart=/bin/sleep infinity
$(lines "${@:2}")
END
        declare_state "$1" 1 "${declared[@]}"
        declared=()
}
declared=()

### the shapes

# several units on one state
declared=(Unit=several.service Unit=several-worker.service)
shape several
service several-worker
drop_in several-worker.service order <<<$'[Unit]\nAfter=several.service'

# an instance of a template, and one that is not declared
write /etc/systemd/system/app@.service <<'END'
[Unit]
OnFailure=alarm@app-%i.service
[Service]
Type=exec
ExecStartPre=/usr/local/lib/gate/make-state app-%i 1
ExecStartPre=/usr/local/lib/gate/say-start app-%i
ExecStart=/bin/sleep infinity
END
declare_state app-a 1 Unit=app@a.service

# activated by a socket, a timer, a path that changes, a name on the bus
shape socket Type=exec
drop_in socket.service serve <<'END'
[Service]
ExecStart=
ExecStart=/usr/bin/perl -e 'open S, "+<&=3"; while (accept C, S) { open D, "/var/lib/socket/data"; print C <D>; close D; close C }'
END
write /etc/systemd/system/socket.socket <<<$'[Socket]\nListenStream=127.0.0.1:7001'
program /usr/local/lib/gate/ask <<'END'
#!/bin/bash
exec 3<>"/dev/tcp/127.0.0.1/$1" && read -r -t 30 answer <&3
echo "${answer:-no answer}"
END
shape timer Type=oneshot ExecStart= ExecStart=/bin/true
write /etc/systemd/system/timer.timer <<<$'[Timer]\nOnActiveSec=1ms\nAccuracySec=1ms'
shape path Type=oneshot ExecStart= ExecStart=/bin/true
write /etc/systemd/system/path.path <<<$'[Path]\nPathChanged=/run/path-changed'
shape systemd-localed Type=dbus BusName=org.freedesktop.locale1 ExecStart= ExecStart=/lib/systemd/systemd-localed

# units that end, start slowly, have an ExecStartPre=, or are in a slice
shape oneshot Type=oneshot RemainAfterExit=yes ExecStart= ExecStart=/bin/true
shape notify Type=notify NotifyAccess=all ExecStart= \
        'ExecStart=/bin/sh -c "sleep 2; ls -A /var/lib/notify >/var/log/before-ready; systemd-notify --ready; exec sleep infinity"'
shape before 'ExecStartPre=/bin/sh -c "test \"$(cat /var/lib/before/data)\" = \"$(cat /etc/gate/software-before)\""'
echo 1 | write /etc/gate/software-before
shape sliced Slice=workload.slice
shape sliced-both Slice=workload.slice

# units that run when their declaration is installed, and that systemd restarts
shape always Restart=always RestartSec=100ms
shape retried Restart=always RestartSec=100ms
migration retried migrate-if-allowed
service earlier
mkdir -p "$(machine_path "$machine" /var/lib/earlier)"
echo 1 | write /var/lib/earlier/data

### how each is started, and how it ends

ask_the_bus() {
        m busctl --timeout=60 get-property org.freedesktop.locale1 /org/freedesktop/locale1 \
                org.freedesktop.locale1 VConsoleKeymap
}
# trigger NAME: starts the service in its way, and prints the outcome
trigger() {
        local first
        case $1 in
        socket)
                local answer
                m systemctl restart socket.socket
                answer=$(m /usr/local/lib/gate/ask 7001 2>/dev/null)
                [[ $answer == [12] ]] && outcome socket 'done' || outcome socket dependency
                ;;
        timer) outcome timer "$(await timer.service systemctl restart timer.timer)" ;;
        path)
                m systemctl restart path.path
                outcome path "$(await path.service sh -c 'date >>/run/path-changed')"
                ;;
        systemd-localed) ask_the_bus >/dev/null 2>&1 && outcome "$1" 'done' || outcome "$1" dependency ;;
        several)
                first=$(by_hand several)
                [[ $(by_hand several-worker) == "${first%%,*}"* ]] || first+=', the other not'
                echo "$first"
                ;;
        app-a)
                first=$(by_hand app@a)
                outcome app-a "${first%%,*}"
                ;;
        *) by_hand "$1" ;;
        esac
}

# found NAME: the data and the stamp
found() {
        (cd "$(machine_path "$machine" "/var/lib/$1")" && echo "$(<data) $(echo .stateversion.*)")
}

# stamped NAME: found, after the stamp of a first start was written
stamped() {
        m systemctl start "migrate-post@$1.service"
        found "$1"
}

# declared_at NAME VERSION: declares another version
declared_at() {
        sed -i "s/^Version=.*/Version=$2/" "$(machine_path "$machine" "/etc/migrate.d/$1.ini")"
}

# alarmed NAME: waits for the alarm
alarmed() {
        m timeout 120 sh -c 'until grep -qx "$1" /var/log/alarms; do sleep 0.05; done' - "$1"
}

units_of() {
        case $1 in
        several) echo several.service several-worker.service ;;
        app-a) echo app@a.service ;;
        *) echo "$1.service" ;;
        esac
}

names=(several app-a socket timer path systemd-localed oneshot notify before sliced sliced-both)

### a first start without data

ok 'the machine boots' gate_boot
echo 1 | write /var/lib/several-worker/data # what its say-start looks at
write /var/log/alarms </dev/null
for name in "${names[@]}"; do
        first=$(trigger "$name")
        is "$name: a first start succeeds" "${first%, state *}" 'done, ran on 1'
        is "$name: the stamp is at version 1" "$(stamped "$name")" "1 .stateversion.$name=1"
done
is 'a service that starts slowly gets its stamp only once the service is up' \
        "$(grep -c stateversion "$(machine_path "$machine" /var/log/before-ready)")" 0
first=$(by_hand app@b)
is 'an undeclared instance of a declared template starts' "${first%%,*}" 'done'
ok 'the undeclared instance runs' m systemctl is-active app@b

### an upgrade whose migration fails

for name in "${names[@]}"; do
        declared_at "$name" 2
        migration "$name" fail
        # shellcheck disable=SC2046 # words
        m systemctl stop $(units_of "$name") 2>/dev/null
        remember "$name"
done
echo '[MigrateService]' | tee -a "$(machine_path "$machine" /etc/migrate.d/sliced-both.ini)" >/dev/null
echo 'Slice=maintenance.slice' >>"$(machine_path "$machine" /etc/migrate.d/sliced-both.ini)"
echo 2 | write /etc/gate/software-before
m systemctl daemon-reload
for name in "${names[@]}"; do
        is "$name: the service does not start when its migration fails" "$(trigger "$name")" "$refused"
        ok "$name: the OnFailure= of the service is triggered" alarmed "$name"
        is "$name: no unit of the service runs" \
                "$(m systemctl is-active $(units_of "$name") | sort -u | grep -v -e inactive -e failed)" ''
done
first=$(by_hand app@b)
is 'the undeclared instance starts again' "${first%%,*}" 'done'

### the same upgrade with a migration that works

for name in "${names[@]}"; do
        migration "$name" migrate
done
m systemctl daemon-reload
for name in "${names[@]}"; do
        is "$name: the service starts after the migration was fixed" "$(trigger "$name")" "$migrated"
done
like 'a migration is in system-migrate.slice' "$(property migrate@sliced Slice)" '^system-migrate\.slice$'
is '[MigrateService] puts a migration into another slice' "$(property migrate@sliced-both Slice)" maintenance.slice
is 'the services are in their own slices' \
        "$(property sliced Slice) $(property sliced-both Slice)" 'workload.slice workload.slice'
is 'a oneshot with RemainAfterExit= stays active, and another start does nothing' \
        "$(m systemctl is-active oneshot) $(by_hand oneshot)" 'active done, did not run, state at 2'

### a service that runs when its declaration is installed

ok 'a service without a declaration starts' m systemctl start earlier
outcome earlier '' >/dev/null
remember earlier
process=$(property earlier MainPID)
declare_state earlier 2 Unversioned=1
m systemctl daemon-reload
is 'a running service is declared: another start is refused and changes nothing' "$(by_hand earlier)" "$refused"
is 'a running service is declared: the service still runs with the same process' \
        "$(property earlier MainPID) $(property earlier ActiveState)" "$process active"
is 'a running service is declared: a restart migrates the state' "$(by_hand earlier restart)" "$migrated"

### services that systemd restarts

for name in always retried; do
        first=$(by_hand "$name")
        is "$name: a first start succeeds" "${first%, state *}" 'done, ran on 1'
        stamped "$name" >/dev/null
        remember "$name"
        declared_at "$name" 2
done
m systemctl daemon-reload
is 'after a kill the automatic restart of a service migrates the state' "$(after_kill always)" "$migrated"
is 'after a kill the service stays down if the migration fails' "$(after_kill retried)" "$refused"
is 'after a failed migration a start by hand is refused as well' "$(by_hand retried)" "$refused"
is 'after a failed migration the state is unchanged' "$(found retried)" '1 .stateversion.retried=1'
write /etc/gate/allowed-retried </dev/null
is 'after the cause is fixed a start does not try the migration again' "$(by_hand retried)" "$refused"
ok 'migratectl retry succeeds' m migratectl retry retried
is 'migratectl retry has migrated the state' "$(found retried)" '2 .stateversion.retried=2'
is 'after the retry the service starts' "$(m systemctl start retried; m systemctl is-active retried)" active
is 'the service runs on the migrated state' "$(xargs <"$(machine_path "$machine" /var/log/gate/retried)")" 2
rm -f "$(machine_path "$machine" /var/log/gate/retried)"
is 'after another kill the service restarts on the migrated state' "$(after_kill retried)" 'done, ran on 2, state at 2'

### a path unit that triggers all the time, and gives up during the migration

shape spool Type=oneshot ExecStart= 'ExecStart=/bin/rm -f /run/spool'
write /etc/systemd/system/spool.path <<<$'[Path]\nPathExists=/run/spool'
state spool 1
declared_at spool 2
migration spool fail
m systemctl daemon-reload
m systemctl start spool.path
m touch /run/spool
if (( $(m systemctl --version | awk 'NR == 1 { print int($2) }') >= 250 )); then
        # shellcheck disable=SC2016 # expanded inside
        ok 'the path unit gives up' m timeout 60 sh -c 'until systemctl is-failed -q spool.path; do sleep 0.1; done'
else
        # shellcheck disable=SC2016 # expanded inside
        m timeout 60 sh -c 'until [ "$(grep -c " spool\$" /var/log/gate-helper)" -ge 30 ]; do sleep 0.1; done'
        skip 'the path unit gives up' 'before systemd 250 path units have no limit'
fi
diag "$(property spool.path Result), after $(helper_runs spool) runs of the helper"
is 'the triggered service did not run' "$(outcome spool '')" ', did not run, state untouched'
migration spool migrate
m systemctl daemon-reload
# before 250 the path starts it again and again, and whoever comes meanwhile is told so
# shellcheck disable=SC2016 # expanded inside
ok 'migratectl retry succeeds after the migration was fixed' \
        m timeout 60 sh -c 'while migratectl retry spool; s=$?; [ $s = 7 ]; do sleep 0.1; done; exit $s'
# shellcheck disable=SC2016 # expanded inside
ok 'the triggered service runs without a start by hand' m timeout 60 sh -c 'while [ -e /run/spool ]; do sleep 0.1; done'
m sh -c 'while systemctl list-jobs --no-legend | grep -q spool; do sleep 0.1; done'
is 'the triggered service has run on the migrated state' "$(outcome spool '')" ', ran on 2, state at 2'

### pending migrations at boot

names=(several oneshot notify before sliced always)
wanted_by multi-user.target "${names[@]}" app@a
wanted_by sockets.target socket
rm "$(machine_path "$machine" /etc/systemd/system/sockets.target.wants/socket.service)"
ln -s ../socket.socket "$(machine_path "$machine" /etc/systemd/system/sockets.target.wants/)"
ok 'the machine powers off' machine_poweroff "$machine"
rm -f "$(machine_path "$machine" /var/log/gate)"/*
for name in "${names[@]}" app-a socket; do
        state "$name" 1
done
ok 'the machine boots again' gate_boot
for name in "${names[@]}"; do
        is "$name: at boot the state is migrated and the service starts" "$(at_boot "$name")" "$migrated"
done
is 'app-a: at boot the state is migrated and the service starts' "$(outcome app-a '')" ', ran on 2, state at 2'
is 'socket: at boot the service does not run before a connection' \
        "$(outcome socket '')" ', did not run, state untouched'
is 'socket: a connection starts the service on the migrated state' "$(m /usr/local/lib/gate/ask 7001)" 2

ok 'the machine powers off' machine_poweroff "$machine"
done_testing
