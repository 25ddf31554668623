# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Services with a state at a version, in the machine $machine, and the outcome of starting them. To be sourced after
# machine.sh and tap.sh.
#
# A service is a `sleep` that records, before it starts, which format of data it found: a file shows that the service
# did not run on the old data, rather than what systemd says. Its state is /var/lib/NAME, with the file `data` that
# holds the format, 1 or 2, and a stamp. NAME-old is other software on the state of NAME.
#
#   service NAME [LINE…]      its unit; lines go to [Unit]
#   enabled NAME…             to be started at boot
#   state NAME VERSION        its data and stamp
#   declare_state NAME VERSION [LINE…]
#                             its declaration, and a migration from 1 to 2; lines go to [State], or
#                             begin sections of their own
#   obstruct HOW NAME         its migration cannot happen
#   unobstruct HOW NAME       its migration can happen again
#
#   by_hand NAME [VERB]       systemctl start
#   at_boot NAME              its start at boot
#   after_kill NAME           kill -9 of the main process, and its restart by systemd
#                             each prints the result of the job, the data that the service ran on since the last such
#                             call, and its state, as in the three lines below
#
# Files are written from outside, also into a machine that is not booted.

# shellcheck disable=SC2034 # used by the scripts that source this
refused='dependency, did not run, state untouched'
# shellcheck disable=SC2034
migrated='done, ran on 2, state at 2'
# shellcheck disable=SC2034
current='done, ran on 1, state untouched'

m() {
        # shellcheck disable=SC2154 # set by the script that sources this
        machine_run "$machine" "$@"
}

# in_files COMMAND…: in the machine, or in its files alone where it is not booted
in_files() {
        if machine_is_up "$machine"; then
                m "$@"
        else
                machine_chroot "$machine" "$@"
        fi
}

# write PATH: from standard input
write() {
        local path
        path=$(machine_path "$machine" "$1")
        mkdir -p "${path%/*}" && cat >"$path"
}

remove() {
        rm -r "$(machine_path "$machine" "$1")"
}

# gate_prepare: once a machine, before it is booted
gate_prepare() {
        write /usr/local/lib/gate/say-start <<'END'
#!/bin/sh
cat "/var/lib/${1%-old}/data" >>"/var/log/gate/$1" 2>/dev/null || echo nothing >>"/var/log/gate/$1"
END
        # a service that makes its state where it has none
        write /usr/local/lib/gate/make-state <<'END'
#!/bin/sh
mkdir -p "/var/lib/$1"
[ -e "/var/lib/$1/data" ] || echo "$2" >"/var/lib/$1/data"
END
        write /usr/local/lib/gate/migrate <<'END'
#!/bin/sh
read -r format <"$STATE/data"
[ "$format" = "$FROM" ] && echo "$TO" >"$STATE/data"
END
        write /usr/local/lib/gate/fail <<'END'
#!/bin/sh
echo 2 >"$STATE/data"
echo 'this migration fails' >&2
exit 1
END
        # the OnFailure= of all services
        write /etc/systemd/system/alarm@.service <<'END'
[Unit]
DefaultDependencies=no
[Service]
Type=oneshot
ExecStart=/bin/true
END
        # records each run of the helper
        mv "$(machine_path "$machine" /usr/lib/systemd/systemd-migrate)" \
           "$(machine_path "$machine" /usr/local/lib/gate/helper)"
        write /usr/lib/systemd/systemd-migrate <<'END'
#!/bin/sh
echo "$*" >>/var/log/gate-helper
exec /usr/local/lib/gate/helper "$@"
END
        # leaves out migrations, as a generator that was killed after it had written the gates
        gate_generator=/lib/systemd/system-generators/systemd-migrate-generator
        mv "$(machine_path "$machine" "$gate_generator")" \
           "$(machine_path "$machine" /usr/local/lib/gate/generator)"
        write "$gate_generator" <<'END'
#!/bin/sh
[ ! -e /etc/gate/generator-fails ] || exit 127
/usr/local/lib/gate/generator "$@"
while read -r name; do
        rm "$1/migrate@$name.service"
done </etc/gate/missing
while read -r name; do
        rm -r "$1/migrate@$name.service" "$1/migrated@$name-"* "$1/$name.service.d"
done </etc/gate/not-generated
END
        write /etc/gate/missing </dev/null
        write /etc/gate/not-generated </dev/null
        chmod 755 "$(machine_path "$machine" /usr/lib/systemd/systemd-migrate)" \
                  "$(machine_path "$machine" "$gate_generator")" \
                  "$(machine_path "$machine" /usr/local/lib/gate)"/*
        mkdir -p "$(machine_path "$machine" /var/log/gate)"
}

# program PATH: a file from standard input that can be run
program() {
        write "$1" && chmod 755 "$(machine_path "$machine" "$1")"
}

lines() {
        (( $# == 0 )) || printf '%s\n' "$@"
}

service() {
        write "/etc/systemd/system/$1.service" <<END
[Unit]
OnFailure=alarm@$1.service
$(lines "${@:2}")
[Service]
Type=exec
ExecStartPre=/usr/local/lib/gate/say-start $1
ExecStart=/bin/sleep infinity
Restart=always
END
}

# wanted_by TARGET NAME…: as systemctl enable does it
wanted_by() {
        local name wants
        wants=$(machine_path "$machine" "/etc/systemd/system/$1.wants")
        mkdir -p "$wants"
        for name in "${@:2}"; do
                ln -sf "/etc/systemd/system/$name.service" "$wants/"
        done
}

enabled() {
        wanted_by multi-user.target "$@"
}

state() {
        local directory
        directory=$(machine_path "$machine" "/var/lib/$1")
        mkdir -p "$directory"
        echo "$2" >"$directory/data"
        rm -f "$directory/.stateversion.$1="*
        : >"$directory/.stateversion.$1=$2"
        remember "$1"
}

declare_state() {
        write "/etc/migrate.d/$1.ini" <<END
[State]
Version=$2
Directory=/var/lib/$1
$(lines "${@:3}")
END
        migration "$1" migrate
}

# pending NAME [LINE…]: a service at version 1 that is declared to be at 2
pending() {
        service "$1"
        state "$1" 1
        declare_state "$1" 2 "${@:2}"
}

# up_to_date NAME [LINE…]: a service at version 1 that is declared to be at 1
up_to_date() {
        service "$1"
        state "$1" 1
        write "/var/lib/migrate/$1/known" <<<'{"version":"1"}'
        declare_state "$1" 1 "${@:2}"
}

# migration NAME SCRIPT
migration() {
        write "/etc/migrate.d/$1/step.ini" <<END
[Migration]
From=1
To=2
[Up]
Script=/usr/local/lib/gate/$2
END
}

drop_in() {
        write "/etc/systemd/system/$1.d/$2.conf"
}

### what keeps a migration from happening

mask() {
        ln -s /dev/null "$(machine_path "$machine" "/etc/systemd/system/migrate@$1.service")"
}

# obstruct HOW NAME: changes files only, except `runtime`; the caller reloads systemd
obstruct() {
        case $1 in
        masked) mask "$2" ;;
        runtime) m systemctl mask --runtime --quiet "migrate@$2.service" ;;
        missing) echo "$2" >>"$(machine_path "$machine" /etc/gate/missing)" ;;
        failing) migration "$2" fail ;;
        condition)
                declare_state "$2" 2 '[MigrateUnit]' "ConditionPathExists=/etc/gate/$2-may-be-migrated"
                ;;
        cycle)
                drop_in "migrate@$2.service" cycle <<<$'[Unit]\nAfter='"$2.service"
                ;;
        manual) declare_state "$2" 2 'Policy=manual' ;;
        static)
                # gates in a package
                # shellcheck disable=SC2016 # expanded inside
                in_files /bin/sh -euc '
                        output=$(mktemp -d)
                        /usr/local/lib/gate/generator "$output"
                        mkdir -p "/etc/systemd/system/$1.service.d"
                        cp "$output/migrated@$1-"* /etc/systemd/system/
                        cp "$output/$1.service.d/"* "/etc/systemd/system/$1.service.d/"
                        echo "$1" >>/etc/gate/not-generated' - "$2"
                ;;
        vendor)
                # assertions with "|" that hold must not make up for the gate
                mask "$2"
                service "$2" 'AssertPathExists=|/usr/bin'
                drop_in "$2.service" vendor <<'END'
        [Unit]
        AssertPathExists=|/usr
        AssertPathIsDirectory=|/etc
END
                ;;
        esac
}

# unobstruct HOW NAME: in a running machine
unobstruct() {
        case $1 in
        masked|vendor) m systemctl unmask --quiet "migrate@$2.service" ;;
        runtime) m systemctl unmask --runtime --quiet "migrate@$2.service" ;;
        missing) sed -i "/^$2\$/d" "$(machine_path "$machine" /etc/gate/missing)" ;;
        static) sed -i "/^$2\$/d" "$(machine_path "$machine" /etc/gate/not-generated)" ;;
        failing) migration "$2" migrate ;;
        condition) write "/etc/gate/$2-may-be-migrated" </dev/null ;;
        cycle) remove "/etc/systemd/system/migrate@$2.service.d" ;;
        manual) m systemctl start "migrate@$2.service" ;;
        esac
}

### outcomes

# fingerprint NAME: every file of the state, with all that a write changes
fingerprint() {
        (cd "$(machine_path "$machine" "/var/lib/$1")" 2>/dev/null &&
         find . -printf '%P %i %m %U %s %T@\n' | sort)
}

# remember NAME: from here on `untouched` means the state as it is now
remember() {
        fingerprint "$1" >"$MACHINE_DIRECTORY/$1.fingerprint"
}

state_of() {
        local directory
        directory=$(machine_path "$machine" "/var/lib/$1")
        if [[ -s $MACHINE_DIRECTORY/$1.fingerprint &&
              $(fingerprint "$1") == "$(<"$MACHINE_DIRECTORY/$1.fingerprint")" ]]; then
                echo untouched
                return
        fi
        local data='' stamps
        [[ -e $directory/data ]] && data=$(<"$directory/data")
        stamps=$(find "$directory" -maxdepth 1 -name ".stateversion.$1=*" -printf '%f\n' 2>/dev/null |
                 sed 's/.*=//' | xargs)
        if [[ $data == "$stamps" ]]; then
                echo "at ${data:-nothing}"
        else
                echo "with data '$data' and stamp '$stamps'"
        fi
}

# outcome NAME RESULT
outcome() {
        local log ran=
        log=$(machine_path "$machine" "/var/log/gate/$1")
        [[ -e $log ]] && ran="ran on $(xargs <"$log")"
        rm -f "$log"
        echo "$2, ${ran:-did not run}, state $(state_of "${1%-old}")"
}

by_hand() {
        local said result
        if said=$(m systemctl "${2:-start}" "$1.service" 2>&1); then
                result='done'
        else
                case $said in
                *'A dependency job for'*) result=dependency ;;
                *'Assertion failed'*) result=assert ;;
                *) result=$said ;;
                esac
        fi
        outcome "$1" "$result"
}

# at_boot NAME: from the journal that gate_boot has read
at_boot() {
        local result
        result=$(sed -n "/\"UNIT\" *: *\"$1\.service\"/s/.*\"JOB_RESULT\" *: *\"\([a-z]*\)\".*/\1/p" \
                 "$MACHINE_DIRECTORY/boot.json" | sort -u | xargs)
        outcome "$1" "${result:-no job}"
}

# gate_boot [WORD…]
gate_boot() {
        rm -f "$(machine_path "$machine" /var/log/gate-helper)"
        machine_boot "$machine" "$@" || return
        machine_journal "$machine" --boot --output=json --output-fields=UNIT,JOB_RESULT,MESSAGE \
                _PID=1 >"$MACHINE_DIRECTORY/boot.json"
}

# await UNIT COMMAND…: runs it, waits for the end of the unit's next start, prints its result;
# "nothing" if there is none within AWAIT_SECONDS
await() {
        machine_shell "$machine" "$1" "${AWAIT_SECONDS:-30}" "${@:2}" <<'END'
unit=$1
patience=$2
shift 2
journalctl --sync
# not from a cursor: 247 misses a message that is there already
since=$(date +@%s.%6N)
# the messages "started" and "could not be started"
exec 3< <(exec journalctl --quiet --follow --no-tail --since="$since" \
        -o json --output-fields=JOB_RESULT \
        _PID=1 UNIT="$unit" MESSAGE_ID=39f53479d3a045ac8e11786248231fbf + \
        _PID=1 UNIT="$unit" MESSAGE_ID=be02cf6855d2428ba40df7e9d022f03d 2>/dev/null)
follower=$!
"$@" || :
read -r -t "$patience" record <&3 || record=nothing
kill "$follower"
sed 's/.*"JOB_RESULT" *: *"\([a-z]*\)".*/\1/' <<<"$record"
END
}

after_kill() {
        outcome "$1" "$(await "$1.service" systemctl kill --signal=KILL "$1.service")"
}
