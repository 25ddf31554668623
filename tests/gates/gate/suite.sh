# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# The gate on a real systemd: whatever keeps a migration from happening, the service does not run
# on the old state; and a service whose state is current pays nothing. To be sourced by a test, with
# the root as its argument.

. "${BASH_SOURCE[0]%/*}/../../machine/machine.sh"
. "${BASH_SOURCE[0]%/*}/../../machine/tap.sh"
. "${BASH_SOURCE[0]%/*}/services.sh"

machine=$1

declare -A what=(
        [masked]='migration masked'
        [runtime]='migration masked until the next boot'
        [commandline]='migration masked on the kernel command line'
        [missing]='no migration unit'
        [failing]='migration fails'
        [condition]="the migration's own condition is false"
        [cycle]='ordering cycle'
        [manual]='Policy=manual'
        [vendor]='migration masked, assertions of the vendor hold'
        [static]='no generator, but gates that a package carries'
        [off]='migrate=off'
)
obstacles=(masked missing failing condition cycle manual vendor static)

property() {
        m systemctl show --value --property="$2" "$1"
}

# What the helper was started for since the machine was booted.
helper_runs() {
        local log
        log=$(machine_path "$machine" /var/log/gate-helper)
        sed -n "s/ $1\$//p" "$log" | xargs
}

### before the machine is booted

ok 'a machine is made' machine_create "$machine" "$machine"
ok 'our programs are installed' machine_install "$machine"
(( tap_failed == 0 )) || { echo 'Bail out! there is nothing to test'; exit 1; }
gate_prepare

# each obstacle twice: before the service is started, and while it runs
for how in "${obstacles[@]}" commandline; do
        pending "$how"
        obstruct "$how" "$how"
        enabled "$how"
done
for how in "${obstacles[@]}" runtime off nothing running back; do
        settled "up-$how"
        enabled "up-$how"
done
pending runtime
pending pending
settled masked-current
mask masked-current
settled manual-current Policy=manual
settled flight
mask flight
mkdir -p "$(machine_path "$machine" /var/lib/migrate/flight)"
write /var/lib/migrate/flight/transaction </dev/null
settled accepted
declare_state accepted 2 Accepts=1
# newer software has said that this one may run on its state
for name in readable readable-dangling; do
        settled "$name"
        state "$name" 2
        ln -s ".stateversion.$name=2" "$(machine_path "$machine" "/var/lib/$name/.stateversion.$name=1")"
done
remove "/var/lib/readable-dangling/.stateversion.readable-dangling=2"
remember readable
remember readable-dangling
# of two directories one is not at the version of the other
settled halves Directory=/var/lib/halves-second
mask halves
write /var/lib/halves-second/.stateversion.halves=0 </dev/null
enabled pending masked-current manual-current accepted flight halves readable readable-dangling

# as ZFS mounts its file systems: by a service, of which RequiresMountsFor= knows nothing
for name in late-masked late-manual; do
        settled "$name"
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

# an application's migration needs the database up, which has a migration of its own
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

# nothing there yet
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
settled broken
echo Versoin=2 >>"$(machine_path "$machine" /etc/migrate.d/broken.ini)"
settled claimed
settled another 'Unit=another.service' 'Unit=claimed.service'
settled neighbour
enabled broken claimed another neighbour

# started through a socket; the migration of one waits until it is let go
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

# two units on one state; a migration that needs consent
settled pair Unit=pair.service Unit=pair-worker.service
service pair-worker
drop_in pair.service vendor <<<$'[Unit]\nAssertPathExists=|/usr'
pending confirm Policy=confirm

# nothing declared, to compare with
service undeclared
state undeclared 1

### at boot

ok 'boots' gate_boot systemd.mask=migrate@commandline.service
for how in "${obstacles[@]}" commandline; do
        [[ $how == cycle ]] || is "at boot, ${what[$how]}" "$(at_boot "$how")" "$refused"
done
# systemd may as well drop the start of the service
like 'at boot, ordering cycle' "$(at_boot cycle)" \
        '^(dependency|no job), did not run, state (untouched|at 2)$'
state cycle 1
is 'at boot, a migration that is pending' "$(at_boot pending)" "$migrated"
is 'at boot, current and masked' "$(at_boot masked-current)" "$current"
is 'at boot, current and Policy=manual' "$(at_boot manual-current)" "$current"
is 'at boot, at a version that is accepted' "$(at_boot accepted)" "$current"
is 'at boot, on the state of newer software, which allows it' "$(at_boot readable)" \
        'done, ran on 2, state untouched'
is 'at boot, a link that leads nowhere opens the gate: so none is ever left' \
        "$(at_boot readable-dangling)" 'done, ran on 2, state untouched'
is 'at boot, current, but a transaction is in flight' "$(at_boot flight)" "$refused"
is 'at boot, one of two directories is at another version' "$(at_boot halves)" "$refused"
for how in "${obstacles[@]}" runtime off nothing running back; do
        is "at boot, current (up-$how)" "$(at_boot "up-$how")" "$current"
done
is 'at boot, current and masked, on a file system that a service mounts' \
        "$(at_boot late-masked)" "$current"
is 'at boot, current and Policy=manual, on a file system that a service mounts' \
        "$(at_boot late-manual)" "$current"
is 'at boot, early and pending' "$(at_boot early)" "$migrated"
is 'at boot, early and current' "$(at_boot early-current)" "$current"
is 'at boot, early and masked' "$(at_boot early-masked)" "$refused"
is 'at boot, a database is migrated' "$(at_boot database)" "$migrated"
is 'at boot, and then an application in it' "$(at_boot application)" "$migrated"
ok "the application's migration began when the database was up" \
        test "$(property database ActiveEnterTimestampMonotonic)" \
        -lt "$(property migrate@application ExecMainStartTimestampMonotonic)"
is 'at boot, a migration that needs a service which is refused' \
        "$(at_boot application-of-failing)" "$refused"
is 'at boot, old and new software enabled: the new one' "$(at_boot new)" "$migrated"
is 'at boot, old and new software enabled: the old one' \
        "$(at_boot new-old)" 'dependency, did not run, state at 2'
is 'at boot, the migration to new software fails: the new one' "$(at_boot new-failing)" "$refused"
is 'at boot, the migration to new software fails: the old one' "$(at_boot new-failing-old)" "$current"
for name in fresh fresh-state-directory; do
        is "at boot, $name: nothing there yet" "$(at_boot $name)" 'done, ran on nothing, state at 2'
done
is 'at boot, nothing there yet, and nothing is made' \
        "$(at_boot fresh-idle)" 'done, ran on nothing, state at nothing'
is 'at boot, a declaration that is wrong' "$(at_boot broken)" "$refused"
is 'at boot, a unit that two declarations claim' "$(at_boot claimed)" "$refused"
is 'at boot, a unit of a declaration that claims too much' "$(at_boot another)" "$refused"
is 'at boot, their neighbour' "$(at_boot neighbour)" "$current"
is 'at boot, no ordering cycle but the one that was made' \
        "$(grep -i 'ordering cycle' "$MACHINE_DIRECTORY/boot.json" |
           grep -v '"MESSAGE" *: *"\(cycle\.\|migrated\?@cycle[-.]\)')" ''
ok 'at boot, a refusal triggers OnFailure=' \
        grep -q '"UNIT" *: *"alarm@masked.service"' "$MACHINE_DIRECTORY/boot.json"

# the helper is counted by what stands in its place
is 'at boot, the helper runs for a migration that is pending' "$(helper_runs pending)" 'run post'
is 'at boot, the helper runs for an early one' "$(helper_runs early)" 'run post'
is 'at boot, the helper runs for a fresh installation' "$(helper_runs fresh)" 'run post'
for name in early-current up-nothing accepted readable masked-current manual-current; do
        is "at boot, the helper does not run for what is current ($name)" "$(helper_runs $name)" ''
done

### by hand

for how in "${obstacles[@]}" commandline; do
        is "by hand, ${what[$how]}" "$(by_hand "$how")" "$refused"
done
obstruct runtime runtime
is "by hand, ${what[runtime]}" "$(by_hand runtime)" "$refused"
is 'by hand, early and masked' "$(by_hand early-masked)" "$refused"
is 'by hand, a migration that needs a service which is refused' \
        "$(by_hand application-of-failing)" "$refused"
is 'by hand, a declaration that is wrong' "$(by_hand broken)" "$refused"
like 'systemctl status says where' "$(m systemctl status broken)" '/etc/migrate\.d/broken\.ini:[0-9]+: unknown key'
is 'by hand, a unit that two declarations claim' "$(by_hand claimed)" "$refused"
like 'systemctl status says where' "$(m systemctl status claimed)" '/etc/migrate\.d/(claimed|another)\.ini'
is 'by hand, a refusal triggers OnFailure=' \
        "$(await alarm@masked.service systemctl --quiet start masked.service 2>/dev/null)" 'done'
is 'by hand, a migration that needs consent' "$(by_hand confirm)" "$refused"
is 'the helper says that it waits for that' "$(property migrate@confirm ExecMainStatus)" 4
for name in up-nothing masked-current manual-current accepted early-current neighbour; do
        m systemctl stop "$name"
        is "by hand, current ($name)" "$(by_hand "$name")" "$current"
done
is 'by hand, current, but a transaction is in flight' "$(by_hand flight)" "$refused"
is 'by hand, one of two directories is at another version' "$(by_hand halves)" "$refused"
mv "$(machine_path "$machine" /var/lib/halves-second/.stateversion.halves=0)" \
   "$(machine_path "$machine" /var/lib/halves-second/.stateversion.halves=1)"
is 'by hand, both are at the same version' "$(by_hand halves)" "$current"

# as when somebody brings back older data
restamp() {
        local stamp
        stamp=$(machine_path "$machine" "/var/lib/$1/.stateversion.$1")
        mv "$stamp=$2" "$stamp=$3"
}
m systemctl stop manual-current
restamp manual-current 1 0
is 'by hand, stopped, and no longer at the version that it ran on' \
        "$(by_hand manual-current)" "dependency, did not run, state with data '1' and stamp '0'"
restamp manual-current 0 1
remember manual-current
is 'by hand, at that version again' "$(by_hand manual-current)" "$current"

# what is mended
for how in "${obstacles[@]}" runtime; do
        mend "$how" "$how"
done
declare_state claimed 1
declare_state another 1
declare_state broken 1
declare_state confirm 2 Policy=confirm Approved=1:2
m systemctl daemon-reload
for how in masked missing failing; do
        ok "${what[$how]}, mended: the migration is started" m systemctl start "migrate@$how.service"
        is "${what[$how]}, mended: the state has moved" "$(state_of "$how")" 'at 2'
        is "${what[$how]}, mended, by hand" "$(by_hand "$how")" "$migrated"
done
for how in condition cycle manual vendor static runtime; do
        is "${what[$how]}, mended, by hand" "$(by_hand "$how")" "$migrated"
done
is 'the second claim dropped, by hand: the one' "$(by_hand claimed)" "$current"
is 'the second claim dropped, by hand: the other' "$(by_hand another)" "$current"
is 'the declaration corrected, by hand' "$(by_hand broken)" "$current"
is 'what it needs mended, by hand' "$(by_hand application-of-failing)" "$migrated"
is 'consent given, by hand' "$(by_hand confirm)" "$migrated"

### by itself

for name in masked-current manual-current accepted up-running; do
        is "by itself, current ($name)" "$(by_itself "$name")" "$current"
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
        [[ $how == cycle ]] || is "by itself, ${what[$how]}" "$(by_itself "up-$how")" "$refused"
done
# before 254 systemd does not see the cycle, and its jobs wait for each other for ever
like 'by itself, ordering cycle' "$(AWAIT_SECONDS=2 by_itself up-cycle)" \
        '^(dependency|nothing), did not run, state untouched$'
is 'by itself, a migration that is pending' "$(by_itself up-nothing)" "$migrated"

# pending while the service runs
process=$(property up-running MainPID)
is 'a start by hand of what runs already' "$(by_hand up-running)" "$refused"
is 'the helper has declined' "$(property migrate@up-running ExecMainStatus)" 7
like 'and says what would do it' "$(machine_journal "$machine" -u migrate@up-running)" \
        "'systemctl restart up-running.service' migrates"
is 'the service goes on' "$(property up-running MainPID) $(property up-running ActiveState)" "$process active"
is 'systemctl restart migrates in between' "$(by_hand up-running restart)" "$migrated"

# back to where it was
declare_state up-back 1
declare_state up-failing 1
mend masked up-masked
mend static up-static
m systemctl daemon-reload
is 'by itself, declared as before' "$(by_itself up-back)" "$current"
is 'refused on a restart, declared as before, by hand' "$(by_hand up-failing)" "$current"
is 'refused on a restart, mended, by hand (masked)' "$(by_hand up-masked)" "$migrated"
is 'refused on a restart, mended, by hand (static)' "$(by_hand up-static)" "$migrated"

### units that share a state

ok 'one of two units is started' m systemctl start pair-worker
restamp pair 1 0
is 'by hand, while the other keeps the gate up, on a state of another version' \
        "$(by_hand pair)" "assert, did not run, state with data '1' and stamp '0'"
restamp pair 0 1
is 'by hand, on the right one' "$(by_hand pair)" 'done, ran on 1, state at 1'

migration new-failing migrate
is 'old software runs: the new one' "$(by_hand new-failing)" "$refused"
is 'the helper has declined' "$(property migrate@new-failing ExecMainStatus)" 7
is 'old software goes on' "$(property new-failing-old ActiveState)" active
is 'by itself, old software before the state has moved on' "$(by_itself new-failing-old)" "$current"
ok 'old software is stopped' m systemctl stop new-failing-old
is 'old software is stopped: the new one' "$(by_hand new-failing)" "$migrated"
is 'the state has moved on: old software' \
        "$(by_hand new-failing-old)" 'dependency, did not run, state at 2'

# killed, and about to be started again
ok 'old software is started' m systemctl start new-waiting-old
outcome new-waiting-old '' >/dev/null
result=$(await new-waiting-old.service sh -c '
        systemctl kill --signal=KILL new-waiting-old
        systemctl start new-waiting' 2>/dev/null)
result=$(outcome new-waiting-old "$result")
unlike 'old software that waits for its restart does not run on a state that has moved on meanwhile' \
        "$result" 'ran on 2'

### through a socket

answer=$MACHINE_DIRECTORY/answer
ok 'a socket is opened' m sh -c 'mkfifo /run/let-go && systemctl start listener.socket'
m /usr/local/lib/gate/ask 7001 >"$answer" &
client=$!
# shellcheck disable=SC2016 # expanded inside
like 'a connection waits for the migration' "$(m timeout 30 bash -c '
        exec 9>/run/let-go # opened when the unit that the migration waits for reads it
        systemctl list-jobs --no-legend |
                awk '\''$2 ~ /^(migrate@)?listener/ { print $2, $4 }'\'' | sort | xargs')" \
        '^listener.service waiting migrate@listener.service waiting$'
wait "$client"
is 'and is served after it' "$(<"$answer")" 2
is 'through a socket, pending' "$(outcome listener served)" 'served, ran on 2, state at 2'

ok 'a socket is opened' m systemctl start listener-masked.socket
is 'a connection to what is refused is not served' "$(m /usr/local/lib/gate/ask 7002)" 'no answer'
is 'through a socket, masked' "$(outcome listener-masked refused)" 'refused, did not run, state untouched'
mend masked listener-masked
# shellcheck disable=SC2016 # expanded inside
# the socket gave up, and does so again until its trigger limit has forgotten
ok 'a connection is served after it was mended and the socket started' m timeout 30 sh -c '
        until [ "$(/usr/local/lib/gate/ask 7002 2>/dev/null)" = 2 ]; do
                systemctl start listener-masked.socket
        done'

### what is executed

# trace COMMAND…: what PID 1 and its children execute meanwhile, seen from outside
trace() {
        local log=$MACHINE_DIRECTORY/trace tracer
        coproc strace -f -e trace=execve -o "$log" -p "$(machine_leader "$machine")" 2>&1
        tracer=$COPROC_PID
        grep -q -m 1 attached <&"${COPROC[0]}"
        m "$@"
        kill -s INT "$tracer"
        wait "$tracer"
        # without systemd's own executor, which is started through a descriptor, and alarms
        sed -n '/ = -1 /d; s/.* execve("\([^"]*\)".*/\1/p' "$log" |
                grep -v -e '^/proc/self/fd/' -e '/true$' | xargs
}

settled traced
pending traced-pending
m systemctl daemon-reload
undeclared=$(trace systemctl start undeclared)
like 'a service without a declaration executes its own programs' "$undeclared" \
        '^/usr/local/lib/gate/say-start (/usr)?/bin/cat (/usr)?/bin/sleep$'
is 'a service whose state is current executes nothing else' "$(trace systemctl start traced)" "$undeclared"
is 'nor does one that was migrated, when it is started again' \
        "$(m systemctl stop pending; trace systemctl start pending)" "$undeclared"
like 'nor does one that was a fresh installation' \
        "$(m systemctl stop fresh; trace systemctl start fresh)" \
        '^/usr/local/lib/gate/say-start [a-z/]*/cat /usr/local/lib/gate/make-state [a-z/]*/mkdir [a-z/]*/sleep$'
like 'one whose state is not executes the helper' "$(trace systemctl start traced-pending)" \
        '/usr/lib/systemd/systemd-migrate.*/usr/local/lib/gate/migrate.*/usr/local/lib/gate/say-start'
for unit in migrate@traced migrate-post@traced; do
        is "$unit: skipped by its condition, without a process" \
                "$(property $unit ConditionResult) $(property $unit ExecMainPID)" 'no 0'
done

### the next boot, with migrate=off

for name in early fresh fresh-state-directory pending; do
        remember "$name"
done
pending off
enabled off
touch "$(machine_path "$machine" /var/log/gate-helper)"
ok 'powers off' machine_poweroff "$machine"
find "$(machine_path "$machine" /var/log/gate)" -type f -delete
ok 'boots with migrate=off' gate_boot migrate=off
is 'at boot, migrate=off' "$(at_boot off)" "$refused"
is 'by hand, migrate=off' "$(by_hand off)" "$refused"
is 'at boot, migrate=off and current' "$(at_boot up-off)" "$current"
is 'at boot, migrate=off, early and current' "$(at_boot early-current)" "$current"
for name in early fresh fresh-state-directory pending; do
        is "at boot, migrate=off, current since the last boot ($name)" \
                "$(at_boot $name)" 'done, ran on 2, state untouched'
        is "the helper does not run for it ($name)" "$(helper_runs $name)" ''
done
is 'at boot, old software whose state has moved on' \
        "$(at_boot new-old)" 'dependency, did not run, state at 2'
is 'at boot, nothing was made the last time' \
        "$(at_boot fresh-idle)" 'done, ran on nothing, state at nothing'
declare_state up-off 2
m systemctl daemon-reload
is 'by itself, migrate=off' "$(by_itself up-off)" "$refused"

# what is out of reach without a generator, unless a package carries the gates
pending carried
obstruct static carried
pending not-carried
write /etc/gate/generator-fails </dev/null
m systemctl daemon-reload
is 'by hand, the generator fails, with gates that a package carries' "$(by_hand carried)" "$refused"
is 'by hand, the generator fails, without: NOT refused' "$(by_hand not-carried)" "$current"

ok 'powers off' machine_poweroff "$machine"
done_testing
