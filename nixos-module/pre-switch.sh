#!/bin/sh
# SPDX-License-Identifier: MIT
# Before a switch stops anything: can what it will bring be migrated? Changes nothing. Exit status 1
# aborts the switch, having said why, where the data is, and what to type.
#
#   [helper=HELPER rehearse='NAME...'] pre-switch.sh MIGRATECTL INCOMING [ACTION]
#
# MIGRATECTL and HELPER are the incoming system's, INCOMING is its toplevel. Declarations come from there,
# the state from this machine: the two meet in a mount namespace in which /etc/migrate.d is the incoming
# one, for programs and scripts alike. The services of rehearse are tried on a clone of their state.
set -eu

# --- inside of the namespace ----------------------------------------------------------------------

# list: a line a service, fields separated by tabs: name, condition, declared version, version of the
# state, what there is to say, whether it runs (yes, no), its units
list() {
        "$migratectl" --json=pretty status --all | awk '
                function text(line) {
                        sub(/^[^:]*: /, "", line)
                        sub(/,$/, "", line)
                        if (line == "null") return "-"
                        gsub(/^"|"$/, "", line)
                        gsub(/\\"/, "\"", line)
                        return line
                }
                /^    "name": /          { name = text($0); units = ""; runs = "no" }
                /^    "declared": /      { declared = text($0) }
                /^    "state": /         { state = text($0) }
                /^    "condition": /     { condition = text($0) }
                /^    "what": /          { what = text($0) }
                /^        "unit": /      { units = units " " text($0) }
                /^        "active": "(active|activating|reloading)"/ { runs = "yes" }
                /^  }/ { print name "\t" condition "\t" declared "\t" state "\t" what "\t" runs "\t" units }'
}

# needs_its_unit NAME: what only systemd gives
needs_its_unit() {
        cat "/etc/migrate.d/$1.ini" "/etc/migrate.d/$1.ini.d"/*.ini 2>/dev/null | grep -qE '^[[:space:]]*(Load|Set|Import)Credential'
}

# record NAME: which file its record is; each is a new one, so one of an earlier rehearsal is told apart
record() {
        stat -c %i "/var/lib/migrate/$1/rehearsal" 2>/dev/null || :
}

# says NAME KEY: is it true in the record?
says() {
        grep -q "\"$2\": *true" "/var/lib/migrate/$1/rehearsal"
}

# rehearse NAME: what comes of it in a file, the helper's exit status; what it says goes to the terminal
rehearse() {
        if needs_its_unit "$1"; then
                echo credentials >"$directory/rehearsed/$1"
                return
        fi
        former=$(record "$1")
        { "${helper:?}" rehearse "$1" && echo 0 >"$directory/rehearsed/$1" || echo "$?" >"$directory/rehearsed/$1"; } 2>&1 |
                sed -u "s/^/migrations: $1: rehearsal: /" >&2
        [ "$(record "$1")" != "$former" ] || return 0
        # as after a crash, or files of different moments?
        if says "$1" live; then
                sed -n 's/.*"method": *"\([a-z]*\)".*/\1/p' "/var/lib/migrate/$1/rehearsal" >"$directory/rehearsed/$1.worth"
        elif says "$1" changed; then
                echo changed >"$directory/rehearsed/$1.worth"
        fi
}

if [ "$1" = --inside ]; then
        migratectl=$2 directory=$3 units=$4
        shift 4
        if [ -d /etc/migrate.d ]; then
                mount --bind "$directory/migrate.d" "$(readlink -f /etc/migrate.d)"
        else # which may be on a read-only file system
                mkdir -p "$directory/etc"
                [ -d "$directory/etc/migrate.d" ] || cp -r "$directory/migrate.d" "$directory/etc/"
                mount -t overlay -o "lowerdir=$directory/etc:/etc" overlay /etc
        fi
        if [ -d "$units" ] && [ -d /etc/systemd/system ]; then
                mount --bind "$units" "$(readlink -f /etc/systemd/system)"
        fi
        if [ $# -gt 0 ]; then
                mkdir "$directory/rehearsed"
                for name; do
                        rehearse "$name"
                done
                exit
        fi
        list >"$directory/incoming"
        mkdir "$directory/said"
        cut -f 1 "$directory/incoming" | while IFS= read -r name; do
                "$migratectl" check "$name" >"$directory/said/$name" 2>&1 || : >"$directory/said/$name.failed"
        done
        exit
fi

# --- outside --------------------------------------------------------------------------------------

migratectl=$1 incoming=$2 action=${3-switch}
[ -d /run/systemd/system ] || exit 0 # an installation: nothing runs here that could be stopped
directory=$(mktemp -d /run/migrate-pre-switch.XXXXXX)
trap 'rm -rf "$directory"' EXIT
# not every shell does that where a signal ends it
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

mkdir "$directory/migrate.d"
[ ! -d "$incoming/etc/migrate.d" ] || cp -rL --no-preserve=mode "$incoming/etc/migrate.d/." "$directory/migrate.d/"

# What an administrator has put beside what the system brings stays in force.
if [ -d /etc/migrate.d ]; then
        (
                cd /etc/migrate.d
                find . \( -type f -o -type l \) -print | while IFS= read -r file; do
                        case $(readlink "$file") in /etc/static/*|/nix/store/*) continue ;; esac
                        case $(readlink -f "$file") in /nix/store/*) continue ;; esac
                        [ ! -e "$directory/migrate.d/$file" ] || continue
                        mkdir -p "$directory/migrate.d/$(dirname "$file")"
                        cp -P "$file" "$directory/migrate.d/$file"
                done
        )
        list >"$directory/running" || :
else
        : >"$directory/running"
fi

tab=$(printf '\t')
status=0
abort() {
        printf 'migrations: %s\n' "$*" >&2
        status=1
}

# with_incoming [NAME...]: looks at what the incoming system declares, or rehearses these
with_incoming() {
        unshare --mount --propagation slave "$(readlink -f /proc/$$/exe)" "$0" --inside "$migratectl" "$directory" \
                "$incoming/etc/systemd/system" "$@"
}

if ! with_incoming; then
        abort 'it could not be looked at what is pending: see above'
        : >"$directory/incoming"
fi

# field FILE NAME NUMBER
field() {
        awk -F "$tab" -v name="$2" -v n="$3" '$1 == name { print $n; exit }' "$1"
}

# masked NAME: by the incoming system
masked() {
        [ "$(readlink -f "$incoming/etc/systemd/system/migrate@$1.service")" = /dev/null ]
}

# refused NAME WHY: a switch that would take a service down is not begun. One that is down already, and
# declared, must not keep all others from being upgraded: the gates hold it back.
refused() {
        before=$(field "$directory/running" "$1" 2)
        if [ "$(field "$directory/running" "$1" 6)" = no ] && [ -n "$before" ] && [ "$before" != inert ]; then
                echo "migrations: $1: warning: $2 (its units are down, and stay down)" >&2
        else
                abort "$1: $2"
        fi
}

while IFS="$tab" read -r name condition declared state what _ units; do
        if [ -e "$directory/said/$name.failed" ]; then
                sed 's/^/migrations: /' "$directory/said/$name" >&2
                hint='see above'
                [ "$condition" != approval ] ||
                        hint="it waits for approval, for a migration: migrations.services.$name.approved = [ \"$state:$declared\" ];"
                refused "$name" "$hint"
                continue
        fi
        # what the running system masks is the running system's
        [ "$condition" != deferred ] || condition=pending
        case $condition in
        pending|unstamped|newer)
                if masked "$name"; then
                        echo "migrations: $name: deferred by migrations.services.$name.defer: its units stay down" >&2
                        continue
                fi
                ;;
        esac
        case $condition in
        newer)
                echo "migrations: $name: the state goes back from $state to $declared" >&2
                case " ${rehearse-} " in *" $name "*) echo "$name" >>"$directory/to-rehearse" ;; esac
                ;;
        pending)
                echo "migrations: $name: the state will be migrated from $state to $declared" >&2
                case " ${rehearse-} " in *" $name "*) echo "$name" >>"$directory/to-rehearse" ;; esac
                before=$(field "$directory/running" "$name" 2)
                if [ -e /run/current-system ] && { [ -z "$before" ] || [ "$before" = inert ]; }; then
                        for unit in $units; do
                                [ -e "/etc/systemd/system/$unit" ] || continue
                                echo "migrations: $name: warning: the running system does not declare it, so after a rollback to it" \
                                        "nothing keeps $unit from starting on $declared: first type migratectl backups $name, and restore one" >&2
                        done
                fi
                ;;
        self-migrating)
                echo "migrations: $name: $what" >&2
                ;;
        unreadable)
                refused "$name" "$what"
                ;;
        esac
done <"$directory/incoming"

# What the running system guards and the incoming one would start without a look.
while IFS="$tab" read -r name condition declared state what _ units; do
        [ "$state" != - ] || continue
        [ "$condition" != inert ] || continue
        after=$(field "$directory/incoming" "$name" 2)
        [ -z "$after" ] || [ "$after" = inert ] || continue
        for unit in $units; do
                [ ! -e "$incoming/etc/systemd/system/$unit" ] ||
                        abort "$name: the incoming system has $unit but does not declare the version of its state, which is at $state:" \
                                "nothing would keep older software from starting on it. Where that is what you want, remove" \
                                "the stamp: rm DIRECTORY/.stateversion.$name=$state"
        done
done <"$directory/running"

# judge_rehearsal NAME
judge_rehearsal() {
        went=$(cat "$directory/rehearsed/$1" 2>/dev/null) || went=nowhere
        state=$(field "$directory/incoming" "$1" 4) declared=$(field "$directory/incoming" "$1" 3)
        case $went in
        0) return ;;
        credentials)
                echo "migrations: $1: not rehearsed: its scripts get credentials, which only migrate@$1.service has" >&2
                return
                ;;
        6)
                echo "migrations: $1: not rehearsed: see above" >&2
                return
                ;;
        7)
                refused "$1" "it cannot be rehearsed now: see above. Switch again once that is over"
                return
                ;;
        1) hint="the rehearsal of its migration from $state to $declared failed: see above. Its state is untouched" ;;
        *) hint="the rehearsal of its migration from $state to $declared did not come to its end ($went). Its state is untouched" ;;
        esac
        case $(cat "$directory/rehearsed/$1.worth" 2>/dev/null) in
        ''|snapshot) ;;
        changed)
                hint="$hint. Somebody changed it meanwhile, so that alone may be why: switch again"
                ;;
        *)
                hint="$hint. It was a copy made while the service ran, of files of different moments, so that alone may be why:"
                hint="$hint systemctl stop$(field "$directory/incoming" "$1" 7), then switch again"
                ;;
        esac
        refused "$1" "$hint"
}

if [ "$status" = 0 ] && [ "$action" != dry-activate ] && [ -s "$directory/to-rehearse" ]; then
        # shellcheck disable=SC2046 # names have no spaces
        set -- $(cat "$directory/to-rehearse")
        echo "migrations: rehearsing $*, on a clone of the state; nothing has been stopped" >&2
        with_incoming "$@" || :
        for name; do
                judge_rehearsal "$name"
        done
fi

if [ "$status" != 0 ] && [ "$action" = dry-activate ]; then
        echo "migrations: a switch would not be begun" >&2
        exit 0
elif [ "$status" != 0 ]; then
        echo "migrations: $action is not begun: nothing has been stopped or changed (NIXOS_NO_CHECK=1 passes over this)" >&2
fi
exit "$status"
