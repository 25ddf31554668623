#!/bin/sh
# SPDX-License-Identifier: MIT
# Before a switch stops anything: can what it will bring be migrated? Changes nothing. Exit status 1
# aborts the switch, having said why, where the data is, and what to type.
#
#   pre-switch.sh MIGRATECTL INCOMING [ACTION]
#
# MIGRATECTL is the incoming system's, INCOMING its toplevel. Declarations come from there, the state
# from this machine: the two meet in a mount namespace in which /etc/migrate.d is the incoming one.
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

if [ "$1" = --inside ]; then
        migratectl=$2 directory=$3 units=$4
        if [ -d /etc/migrate.d ]; then
                mount --bind "$directory/migrate.d" "$(readlink -f /etc/migrate.d)"
        else # which may be on a read-only file system
                mkdir "$directory/etc"
                mv "$directory/migrate.d" "$directory/etc/"
                mount -t overlay -o "lowerdir=$directory/etc:/etc" overlay /etc
        fi
        if [ -d "$units" ] && [ -d /etc/systemd/system ]; then
                mount --bind "$units" "$(readlink -f /etc/systemd/system)"
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

if ! unshare --mount --propagation private "$(readlink -f /proc/$$/exe)" "$0" --inside "$migratectl" "$directory" \
        "$incoming/etc/systemd/system"; then
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
                ;;
        pending)
                echo "migrations: $name: the state will be migrated from $state to $declared" >&2
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

if [ "$status" != 0 ]; then
        echo "migrations: $action is not begun: nothing has been stopped or changed (NIXOS_NO_CHECK=1 passes over this)" >&2
fi
exit "$status"
