# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The gate on a real systemd: whatever keeps a migration from happening, the service does not run on the old state; and
# the start of a service whose state is current executes nothing. To be sourced by a test, with the root as its argument.

. "${BASH_SOURCE[0]%/*}/../../machine/machine.sh"
. "${BASH_SOURCE[0]%/*}/../../machine/tap.sh"
. "${BASH_SOURCE[0]%/*}/services.sh"

machine=$1

# what stands between a pending migration and its service
declare -A what=(
        [masked]='the migration masked'
        [runtime]='the migration masked until the next boot'
        [commandline]='the migration masked on the kernel command line'
        [missing]='no migration unit'
        [failing]='a migration that fails'
        [condition]='a false condition of the migration'
        [cycle]='an ordering cycle'
        [manual]='Policy=manual'
        [vendor]="the migration masked and the vendor's own assertions true"
        [static]='no generator but the gates in a package'
        [off]='migrate=off'
)
obstacles=(masked missing failing condition cycle manual vendor static)

property() {
        m systemctl show --value --property="$2" "$1"
}

# held_back SITUATION OUTCOME, runs_migrated …, runs_unchanged …
held_back() {
        is "$1: the service does not run and its state is untouched" "$2" "$refused"
}

runs_migrated() {
        is "$1: the service runs on the migrated state" "$2" "$migrated"
}

runs_unchanged() {
        is "$1: the service runs and its state is untouched" "$2" "$current"
}

# helper_runs NAME: what the helper was started for since the machine was booted
helper_runs() {
        local log
        log=$(machine_path "$machine" /var/log/gate-helper)
        sed -n "s/ $1\$//p" "$log" | xargs
}

### before the machine is booted

ok 'the machine is made' machine_create "$machine" "$machine"
ok 'the programs are installed' machine_install "$machine"
(( tap_failed == 0 )) || { echo 'Bail out! there is nothing to test'; exit 1; }
gate_prepare

# each obstacle twice: before the service is started, and while it runs
for how in "${obstacles[@]}" commandline; do
        pending "$how"
        obstruct "$how" "$how"
        enabled "$how"
done
for how in "${obstacles[@]}" runtime off nothing running back; do
        up_to_date "up-$how"
        enabled "up-$how"
done
pending runtime
pending pending
up_to_date masked-current
mask masked-current
up_to_date manual-current Policy=manual
up_to_date flight
mask flight
mkdir -p "$(machine_path "$machine" /var/lib/migrate/flight)"
write /var/lib/migrate/flight/transaction </dev/null
up_to_date accepted
# newer software has allowed this one to run on its state
# newer software has said that this one may run on its state
for name in readable readable-dangling; do
        up_to_date "$name"
        state "$name" 2
        ln -s ".stateversion.$name=2" "$(machine_path "$machine" "/var/lib/$name/.stateversion.$name=1")"
done
remove "/var/lib/readable-dangling/.stateversion.readable-dangling=2"
remember readable
remember readable-dangling
# two directories whose versions differ
up_to_date halves Directory=/var/lib/halves-second
mask halves
write /var/lib/halves-second/.stateversion.halves=0 </dev/null
enabled pending masked-current manual-current accepted flight halves readable readable-dangling

# a service mounts the file systems, as with ZFS; RequiresMountsFor= does not know of them
for name in late-masked late-manual; do
        up_to_date "$name"
        enabled "$name"
        mv "$(machine_path "$machine" "/var/lib/$name")" "$(machine_path "$machine" "/var/lib/$name.away")"
done
mask late-masked
declare_state late-manual 1 Policy=manual
write /etc/systemd/system/late-mount.service <<'END'
[Unit]
DefaultDependencies=no
After=systemd-remount-fs.service systemd-journald.service
Before=local-fs.target
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'cd /var/lib && for n in late-masked late-manual; do [ -e $n ] || mv $n.away $n; done'
END
wanted_by local-fs.target late-mount

# before sysinit.target
early_lines=(DefaultDependencies=no Before=sysinit.target Conflicts=shutdown.target
             Before=shutdown.target)
for name in early early-masked early-current; do
        service "$name" "${early_lines[@]}"
        state "$name" 1
        declare_state "$name" 2 '[MigrateUnit]' DefaultDependencies=no
        wanted_by sysinit.target "$name"
done
write /var/lib/migrate/early-current/known <<<'{"version":"1"}'
declare_state early-current 1 '[MigrateUnit]' DefaultDependencies=no
mask early-masked

# the migration of an application needs the database, which is migrated itself
pending database
pending application '[MigrateUnit]' Requires=database.service After=database.service
pending application-of-failing '[MigrateUnit]' Requires=failing.service After=failing.service
enabled application application-of-failing

# software that was renamed
for name in new new-failing; do
        pending "$name" "OldUnit=$name-old.service"
        service "$name-old"
        enabled "$name" "$name-old"
done
migration new-failing fail
pending new-waiting OldUnit=new-waiting-old.service
service new-waiting-old
drop_in new-waiting-old.service wait <<<$'[Service]\nRestartSec=3'

# no state yet
for name in fresh fresh-state-directory fresh-idle; do
        service "$name"
        declare_state "$name" 2
        enabled "$name"
done
drop_in fresh.service make <<<$'[Service]\nExecStartPre=/usr/local/lib/gate/make-state fresh 2'
drop_in fresh-state-directory.service make <<'END'
[Service]
StateDirectory=fresh-state-directory
ExecStartPre=/usr/local/lib/gate/make-state fresh-state-directory 2
END

# wrong declarations
up_to_date broken
echo Versoin=2 >>"$(machine_path "$machine" /etc/migrate.d/broken.ini)"
up_to_date claimed
up_to_date another 'Unit=another.service' 'Unit=claimed.service'
up_to_date neighbour
enabled broken claimed another neighbour

# started through a socket; the migration of listener waits until the test lets it go
pending listener '[MigrateUnit]' Requires=let-go.service After=let-go.service
pending listener-masked
for name in listener listener-masked; do
        drop_in "$name.service" serve <<END
[Service]
ExecStart=
ExecStart=/usr/bin/perl -e 'open S, "+<&=3"; while (accept C, S) { open D, "/var/lib/$name/data"; print C <D>; close D; close C }'
END
done
write /etc/systemd/system/listener.socket <<<$'[Socket]\nListenStream=127.0.0.1:7001'
write /etc/systemd/system/listener-masked.socket <<<$'[Socket]\nListenStream=127.0.0.1:7002'
mask listener-masked
write /etc/systemd/system/let-go.service <<<$'[Service]\nType=oneshot\nExecStart=/bin/cat /run/let-go'
program /usr/local/lib/gate/ask <<'END'
#!/bin/bash
exec 3<>"/dev/tcp/127.0.0.1/$1" && read -r -t 30 answer <&3
echo "${answer:-no answer}"
END

# two units on one state; a migration that needs approval
up_to_date pair Unit=pair.service Unit=pair-worker.service
service pair-worker
drop_in pair.service vendor <<<$'[Unit]\nAssertPathExists=|/usr'
pending confirm Policy=confirm

# a service without a declaration, to compare with
service undeclared
state undeclared 1

### at boot

ok 'the machine boots' gate_boot systemd.mask=migrate@commandline.service
for how in "${obstacles[@]}" commandline; do
        [[ $how == cycle ]] || held_back "at boot with ${what[$how]}" "$(at_boot "$how")"
done
# systemd may as well break the cycle by dropping the start of the service
like 'at boot with an ordering cycle: the service does not run' "$(at_boot cycle)" \
        '^(dependency|no job), did not run, state (untouched|at 2)$'
state cycle 1
runs_migrated 'at boot with a pending migration' "$(at_boot pending)"
runs_unchanged 'at boot with a current state and the migration masked' "$(at_boot masked-current)"
runs_unchanged 'at boot with a current state and Policy=manual' "$(at_boot manual-current)"
runs_unchanged 'at boot with a state at an accepted version' "$(at_boot accepted)"
is 'at boot with a state that newer software lets this version read: the service runs and its state is untouched' \
        "$(at_boot readable)" \
        'done, ran on 2, state untouched'
# so no such link is ever left
is 'at boot with a dangling link as the stamp: the service runs and its state is untouched' \
        "$(at_boot readable-dangling)" 'done, ran on 2, state untouched'
held_back 'at boot with a current state and a transaction on record' "$(at_boot flight)"
held_back 'at boot with two directories whose versions differ' "$(at_boot halves)"
for how in "${obstacles[@]}" runtime off nothing running back; do
        runs_unchanged "at boot with a current state (service up-$how)" "$(at_boot "up-$how")"
done
runs_unchanged 'at boot with a current state, the migration masked, and a file system that a service mounts' \
        "$(at_boot late-masked)"
runs_unchanged 'at boot with a current state, Policy=manual, and a file system that a service mounts' \
        "$(at_boot late-manual)"
runs_migrated 'at boot before sysinit.target with a pending migration' "$(at_boot early)"
runs_unchanged 'at boot before sysinit.target with a current state' "$(at_boot early-current)"
held_back 'at boot before sysinit.target with the migration masked' "$(at_boot early-masked)"
runs_migrated 'at boot, a database that an application needs' "$(at_boot database)"
runs_migrated 'at boot, an application that needs a database' "$(at_boot application)"
ok 'at boot, the migration of the application began when the database was up' \
        test "$(property database ActiveEnterTimestampMonotonic)" \
        -lt "$(property migrate@application ExecMainStartTimestampMonotonic)"
held_back 'at boot, a service whose migration needs a service that is held back' "$(at_boot application-of-failing)"
runs_migrated 'at boot with old and new software enabled, the new software' "$(at_boot new)"
is 'at boot with old and new software enabled, the old software: the service does not run on the migrated state' \
        "$(at_boot new-old)" 'dependency, did not run, state at 2'
held_back 'at boot, new software whose migration fails' "$(at_boot new-failing)"
runs_unchanged 'at boot, old software beside new software whose migration fails' "$(at_boot new-failing-old)"
for name in fresh fresh-state-directory; do
        is "at boot, $name: the service makes its state, and the state is stamped with version 2" \
                "$(at_boot $name)" 'done, ran on nothing, state at 2'
done
is 'at boot with no state: a service that makes no state runs' \
        "$(at_boot fresh-idle)" 'done, ran on nothing, state at nothing'
held_back 'at boot with an invalid declaration' "$(at_boot broken)"
held_back 'at boot, a unit that two declarations claim' "$(at_boot claimed)"
held_back 'at boot, a unit whose declaration claims a unit of another declaration' "$(at_boot another)"
runs_unchanged 'at boot, a service beside invalid declarations' "$(at_boot neighbour)"
is 'at boot, systemd finds only the ordering cycle that the test has made' \
        "$(grep -i 'ordering cycle' "$MACHINE_DIRECTORY/boot.json" |
           grep -v '"MESSAGE" *: *"\(cycle\.\|migrated\?@cycle[-.]\)')" ''
ok 'at boot, a service that is held back triggers its OnFailure=' \
        grep -q '"UNIT" *: *"alarm@masked.service"' "$MACHINE_DIRECTORY/boot.json"

# a script stands in for the helper and counts its runs
is 'at boot, the helper runs for a pending migration' "$(helper_runs pending)" 'run post'
is 'at boot, the helper runs for a pending migration before sysinit.target' "$(helper_runs early)" 'run post'
is 'at boot, the helper runs for a fresh installation' "$(helper_runs fresh)" 'run post'
for name in early-current up-nothing accepted readable masked-current manual-current; do
        is "at boot, the helper does not run for a current state (service $name)" "$(helper_runs $name)" ''
done

### by hand

for how in "${obstacles[@]}" commandline; do
        held_back "started by hand with ${what[$how]}" "$(by_hand "$how")"
done
obstruct runtime runtime
held_back "started by hand with ${what[runtime]}" "$(by_hand runtime)"
held_back 'started by hand before sysinit.target with the migration masked' "$(by_hand early-masked)"
held_back 'started by hand, a service whose migration needs a service that is held back' "$(by_hand application-of-failing)"
held_back 'started by hand with an invalid declaration' "$(by_hand broken)"
like 'systemctl status names the invalid line of the declaration' \
        "$(m systemctl status broken)" '/etc/migrate\.d/broken\.ini:[0-9]+: unknown key'
held_back 'started by hand, a unit that two declarations claim' "$(by_hand claimed)"
like 'systemctl status names a declaration that claims the unit' \
        "$(m systemctl status claimed)" '/etc/migrate\.d/(claimed|another)\.ini'
is 'started by hand, a service that is held back triggers its OnFailure=' \
        "$(await alarm@masked.service systemctl --quiet start masked.service 2>/dev/null)" 'done'
held_back 'started by hand without the approval that the migration needs' "$(by_hand confirm)"
is 'started by hand without the approval that the migration needs: the exit status of the helper is 4' "$(property migrate@confirm ExecMainStatus)" 4
for name in up-nothing masked-current manual-current accepted early-current neighbour; do
        m systemctl stop "$name"
        runs_unchanged "started by hand with a current state (service $name)" "$(by_hand "$name")"
done
held_back 'started by hand with a current state and a transaction on record' "$(by_hand flight)"
held_back 'started by hand with two directories whose versions differ' "$(by_hand halves)"
mv "$(machine_path "$machine" /var/lib/halves-second/.stateversion.halves=0)" \
   "$(machine_path "$machine" /var/lib/halves-second/.stateversion.halves=1)"
runs_unchanged 'started by hand with two directories at the same version' "$(by_hand halves)"

# restamp NAME FROM TO: as when somebody brings back older data
restamp() {
        local stamp
        stamp=$(machine_path "$machine" "/var/lib/$1/.stateversion.$1")
        mv "$stamp=$2" "$stamp=$3"
}
m systemctl stop manual-current
restamp manual-current 1 0
is 'started by hand after older data was brought back: the service does not run' \
        "$(by_hand manual-current)" "dependency, did not run, state with data '1' and stamp '0'"
restamp manual-current 0 1
remember manual-current
runs_unchanged 'started by hand after the current data was brought back' "$(by_hand manual-current)"

# the obstacles are removed
for how in "${obstacles[@]}" runtime; do
        unobstruct "$how" "$how"
done
declare_state claimed 1
declare_state another 1
declare_state broken 1
declare_state confirm 2 Policy=confirm Approved=1:2
m systemctl daemon-reload
for how in masked missing failing; do
        ok "after the removal of ${what[$how]}: the migration can be started" m systemctl start "migrate@$how.service"
        is "after the removal of ${what[$how]}: the state is migrated" "$(state_of "$how")" 'at 2'
        runs_migrated "started by hand after the removal of ${what[$how]}" "$(by_hand "$how")"
done
for how in condition cycle manual vendor static runtime; do
        runs_migrated "started by hand after the removal of ${what[$how]}" "$(by_hand "$how")"
done
runs_unchanged 'started by hand after the second claim was dropped, the unit with two claims' "$(by_hand claimed)"
runs_unchanged 'started by hand after the second claim was dropped, the other unit' "$(by_hand another)"
runs_unchanged 'started by hand after the declaration was corrected' "$(by_hand broken)"
runs_migrated 'started by hand after the needed service was fixed' "$(by_hand application-of-failing)"
runs_migrated 'started by hand after approval' "$(by_hand confirm)"

### restarted by systemd after a kill

for name in masked-current manual-current accepted up-running; do
        runs_unchanged "restarted by systemd with a current state (service $name)" "$(after_kill "$name")"
done
for how in "${obstacles[@]}" runtime; do
        declare_state "up-$how" 2
        obstruct "$how" "up-$how"
done
declare_state up-nothing 2
declare_state up-running 2
declare_state up-back 2
m systemctl daemon-reload
for how in "${obstacles[@]}" runtime; do
        [[ $how == cycle ]] || held_back "restarted by systemd with ${what[$how]}" "$(after_kill "up-$how")"
done
# before 254 systemd does not see the cycle, and its jobs wait for each other forever
like 'restarted by systemd with an ordering cycle: the service does not run and its state is untouched' \
        "$(AWAIT_SECONDS=2 after_kill up-cycle)" \
        '^(dependency|nothing), did not run, state untouched$'
runs_migrated 'restarted by systemd with a pending migration' "$(after_kill up-nothing)"

# pending while the service runs
process=$(property up-running MainPID)
is 'started by hand while the service runs: the state is untouched' "$(by_hand up-running)" "$refused"
is 'the helper declines to migrate a running service' "$(property migrate@up-running ExecMainStatus)" 7
like 'the journal names the command that restarts a running service and migrates its state' "$(machine_journal "$machine" -u migrate@up-running)" \
        'run: systemctl restart up-running.service'
is 'the service keeps running after the helper declined the migration' \
        "$(property up-running MainPID) $(property up-running ActiveState)" "$process active"
runs_migrated 'systemctl restart with a pending migration' "$(by_hand up-running restart)"

# the declaration as it was before
declare_state up-back 1
declare_state up-failing 1
unobstruct masked up-masked
unobstruct static up-static
m systemctl daemon-reload
runs_unchanged 'restarted by systemd after the new declaration was taken back' "$(after_kill up-back)"
runs_unchanged 'started by hand after the new declaration was taken back, a service that was held back' "$(by_hand up-failing)"
runs_migrated "started by hand after the removal of ${what[masked]}, a service that was held back" "$(by_hand up-masked)"
runs_migrated "started by hand after the removal of ${what[static]}, a service that was held back" "$(by_hand up-static)"

### units that share a state

ok 'one of two units that share a state starts' m systemctl start pair-worker
restamp pair 1 0
is 'the second of two units does not start on another version, although the first keeps the gate unit active' \
        "$(by_hand pair)" "assert, did not run, state with data '1' and stamp '0'"
restamp pair 0 1
is 'the second of two units starts on the declared version' "$(by_hand pair)" 'done, ran on 1, state at 1'

migration new-failing migrate
held_back 'new software while the old software runs' "$(by_hand new-failing)"
is 'the helper declines to migrate while the old software runs' "$(property migrate@new-failing ExecMainStatus)" 7
is 'the old software keeps running' "$(property new-failing-old ActiveState)" active
runs_unchanged 'old software that systemd restarts before the state is migrated' "$(after_kill new-failing-old)"
ok 'the old software can be stopped' m systemctl stop new-failing-old
runs_migrated 'new software after the old software was stopped' "$(by_hand new-failing)"
is 'the old software does not run on the migrated state' \
        "$(by_hand new-failing-old)" 'dependency, did not run, state at 2'

# the old software is killed and waits for its restart
ok 'the old software starts' m systemctl start new-waiting-old
outcome new-waiting-old '' >/dev/null
result=$(await new-waiting-old.service sh -c '
        systemctl kill --signal=KILL new-waiting-old
        systemctl start new-waiting' 2>/dev/null)
result=$(outcome new-waiting-old "$result")
unlike 'old software that waits for its restart does not run on a state that is migrated during the wait' \
        "$result" 'ran on 2'

### through a socket

answer=$MACHINE_DIRECTORY/answer
ok 'a socket with a pending migration starts' m sh -c 'mkfifo /run/let-go && systemctl start listener.socket'
m /usr/local/lib/gate/ask 7001 >"$answer" &
client=$!
# shellcheck disable=SC2016 # expanded inside
like 'a connection to the socket waits for the migration' "$(m timeout 120 bash -c '
        exec 9>/run/let-go # opened when the unit that the migration waits for reads it
        systemctl list-jobs --no-legend |
                awk '\''$2 ~ /^(migrate@)?listener/ { print $2, $4 }'\'' | sort | xargs')" \
        '^listener.service waiting migrate@listener.service waiting$'
wait "$client"
is 'the service answers the waiting connection after the migration' "$(<"$answer")" 2
is 'the service behind the socket runs on the migrated state' \
        "$(outcome listener served)" 'served, ran on 2, state at 2'

ok 'a socket with a masked migration starts' m systemctl start listener-masked.socket
is 'a connection to a service that is held back gets no answer' "$(m /usr/local/lib/gate/ask 7002)" 'no answer'
is 'the service behind the socket does not run and its state is untouched' \
        "$(outcome listener-masked refused)" 'refused, did not run, state untouched'
unobstruct masked listener-masked
# shellcheck disable=SC2016 # expanded inside
# the socket fails again until its trigger limit has run out
ok 'the service answers a connection once the migration is unmasked and the socket started again' m timeout 120 sh -c '
        until [ "$(/usr/local/lib/gate/ask 7002 2>/dev/null)" = 2 ]; do
                systemctl start listener-masked.socket
        done'

### what is executed

# trace COMMAND…: the programs that PID 1 and its children execute meanwhile, seen from outside
trace() {
        local log=$MACHINE_DIRECTORY/trace tracer
        coproc strace -f -e trace=execve -o "$log" -p "$(machine_leader "$machine")" 2>&1
        tracer=$COPROC_PID
        grep -q -m 1 attached <&"${COPROC[0]}"
        m "$@"
        kill -s INT "$tracer"
        wait "$tracer"
        # neither systemd's own executor, which is started through a descriptor, nor the alarms
        sed -n '/ = -1 /d; s/.* execve("\([^"]*\)".*/\1/p' "$log" |
                grep -v -e '^/proc/self/fd/' -e '/true$' | xargs
}

up_to_date traced
pending traced-pending
m systemctl daemon-reload
undeclared=$(trace systemctl start undeclared)
like 'a service without a declaration executes only its own programs' "$undeclared" \
        '^/usr/local/lib/gate/say-start (/usr)?/bin/cat (/usr)?/bin/sleep$'
is 'a service whose state is current executes only its own programs' "$(trace systemctl start traced)" "$undeclared"
is 'a migrated service executes only its own programs at its next start' \
        "$(m systemctl stop pending; trace systemctl start pending)" "$undeclared"
like 'a fresh installation executes only its own programs at its next start' \
        "$(m systemctl stop fresh; trace systemctl start fresh)" \
        '^/usr/local/lib/gate/say-start [a-z/]*/cat /usr/local/lib/gate/make-state [a-z/]*/mkdir [a-z/]*/sleep$'
like 'a service with a pending migration executes the helper' "$(trace systemctl start traced-pending)" \
        '/usr/lib/systemd/systemd-migrate.*/usr/local/lib/gate/migrate.*/usr/local/lib/gate/say-start'
for unit in migrate@traced migrate-post@traced; do
        is "systemd skips $unit by a condition and starts no process" \
                "$(property $unit ConditionResult) $(property $unit ExecMainPID)" 'no 0'
done

### the next boot, with migrate=off

for name in early fresh fresh-state-directory pending; do
        remember "$name"
done
pending off
enabled off
touch "$(machine_path "$machine" /var/log/gate-helper)"
ok 'the machine powers off' machine_poweroff "$machine"
find "$(machine_path "$machine" /var/log/gate)" -type f -delete
ok 'the machine boots with migrate=off' gate_boot migrate=off
held_back 'at boot with migrate=off' "$(at_boot off)"
held_back 'started by hand with migrate=off' "$(by_hand off)"
runs_unchanged 'at boot with migrate=off and a current state' "$(at_boot up-off)"
runs_unchanged 'at boot with migrate=off before sysinit.target with a current state' "$(at_boot early-current)"
for name in early fresh fresh-state-directory pending; do
        is "at boot with migrate=off: the service $name, current since the last boot, runs and its state is untouched" \
                "$(at_boot $name)" 'done, ran on 2, state untouched'
        is "at boot with migrate=off: the helper does not run for the service $name" "$(helper_runs $name)" ''
done
is 'at boot with migrate=off: the old software does not run on the migrated state' \
        "$(at_boot new-old)" 'dependency, did not run, state at 2'
is 'at boot with migrate=off: a fresh installation without a state runs' \
        "$(at_boot fresh-idle)" 'done, ran on nothing, state at nothing'
declare_state up-off 2
m systemctl daemon-reload
held_back 'restarted by systemd with migrate=off' "$(after_kill up-off)"

# without a generator only the gates that a package contains hold a service back
pending carried
obstruct static carried
pending not-carried
write /etc/gate/generator-fails </dev/null
m systemctl daemon-reload
held_back 'started by hand while the generator fails, with gates in a package' "$(by_hand carried)"
runs_unchanged 'started by hand while the generator fails, without gates in a package' "$(by_hand not-carried)"

ok 'the machine powers off again' machine_poweroff "$machine"
done_testing
