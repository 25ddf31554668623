#!/bin/sh
# SPDX-License-Identifier: MIT
# Before a switch stops anything: can the services of the incoming system migrate their state? Changes nothing. Exit
# status 1 aborts the switch; the output says why, and which command to run.
#
#   [helper=HELPER rehearse='NAME...' on_refusal=abort|back|warn] pre-switch.sh MIGRATECTL INCOMING [ACTION]
#
# A service that is refused aborts the switch; with on_refusal=warn it is held back alone; with "back" so is a service
# whose state is newer than the incoming system declares, unless a person at a terminal can decide: an automatic
# rollback, of deploy-rs for one, must reach its end, since the host may be unreachable without it.
#
# MIGRATECTL and HELPER are the incoming system's, INCOMING is its toplevel. Declarations come from there, the state from
# this machine: a mount namespace has the incoming declarations at /etc/migrate.d, for programs and scripts alike. The
# services of rehearse are tried on a clone of their state. All knowledge of a service is migratectl's JSON, and all
# sentences and commands about a state are in there.
set -eu

# status NAME or --all: an array of services
status() {
        "$migratectl" --json=short status "$1"
}

# --- inside of the namespace ----------------------------------------------------------------------

# rehearsed NAME: which rehearsal is on record
rehearsed() {
        status "$1" | jq -r '.[0].rehearsal | .transaction // .started'
}

# rehearse NAME: the helper's exit status in a file; the helper's output goes to the terminal
rehearse() {
        former=$(rehearsed "$1")
        { "${helper:?}" rehearse "$1" && echo 0 >"$directory/rehearsed/$1" || echo "$?" >"$directory/rehearsed/$1"; } 2>&1 |
                sed -u "s/^/migrations: $1: rehearsal: /" >&2
        [ "$(rehearsed "$1")" != "$former" ] || return 0
        # is the clone as after a crash, or are its files of different moments?
        status "$1" | jq -r '.[0].rehearsal | if .live then .method elif .changed then "changed" else "" end' \
                >"$directory/rehearsed/$1.worth"
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
        status --all >"$directory/incoming"
        mkdir "$directory/found"
        for name in $(jq -r '.[].name' "$directory/incoming"); do # names have no spaces
                "$migratectl" --json=short check "$name" >"$directory/found/$name" 2>"$directory/found/$name.output" ||
                        : >"$directory/found/$name.refused"
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

# Files that an administrator has put beside those of the system stay in force.
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
        status --all >"$directory/running" || echo '[]' >"$directory/running"
else
        echo '[]' >"$directory/running"
fi

result=0

# say NAME TEXT
say() {
        printf 'migrations: %s: %s\n' "$1" "$(printf '%s' "$2" | tr '[:cntrl:]' '?')" >&2
}

# get running|incoming NAME EXPRESSION: of the service; nothing if the system does not have the service
get() {
        jq -r --arg name "$2" ".[] | select(.name == \$name) | $3" "$directory/$1"
}

# with_incoming [NAME...]: looks at the incoming declarations, or rehearses these services
with_incoming() {
        unshare --mount --propagation slave "$(readlink -f /proc/$$/exe)" "$0" --inside "$migratectl" "$directory" \
                "$incoming/etc/systemd/system" "$@"
}

if ! unshare --mount true 2>/dev/null; then
        # The gates hold back after the switch what cannot start.
        echo "migrations: warning: nothing is checked before this switch, since a container without CAP_SYS_ADMIN cannot look at \
the services of the incoming system. After it, run: migratectl" >&2
        exit 0
fi
if ! with_incoming; then
        echo 'migrations: cannot look at the services of the incoming system: see above' >&2
        result=1
        echo '[]' >"$directory/incoming"
fi

# masked DIRECTORY NAME: do the units of this system mask the migration?
masked() {
        [ "$(readlink -f "$1/migrate@$2.service")" = /dev/null ]
}

# guarded NAME: does the running system declare a version?
guarded() {
        case $(get running "$1" .condition) in
        ''|inert) return 1 ;;
        esac
}

# is_newer NAME: is the state newer than the incoming system declares?
is_newer() {
        at=$(get incoming "$1" '.state // empty') declared=$(get incoming "$1" '.declared // empty')
        [ -n "$at" ] && [ -n "$declared" ] && [ "$at" != "$declared" ] &&
                [ "$(printf '%s\n' "$at" "$declared" | sort -V | tail -n 1)" = "$at" ]
}

# held NAME: is a refusal a matter of this service alone?
held() {
        case ${on_refusal-abort} in
        warn) return 0 ;;
        back) [ ! -t 0 ] && is_newer "$1" ;;
        *) return 1 ;;
        esac
}

# refused NAME WHY: a switch that would take a service down does not begin. A service that is down already, and guarded,
# must not keep all others from being upgraded: its gate holds it back.
refused() {
        if held "$1"; then
                say "$1" "warning: $2 (the switch goes on, this service is held back, its data stays as it is)"
        elif guarded "$1" &&
           [ "$(get running "$1" 'any(.units[]; .active == ("active", "activating", "reloading"))')" = false ]; then
                say "$1" "warning: $2 (its units are down, and stay down)"
        else
                say "$1" "$2"
                result=1
        fi
}

# The switch reloads systemd.
# say_next NAME
say_next() {
        next=$(get incoming "$1" '[if .reload then empty else .next end, .then | values] | join(", then: ")')
        [ -z "$next" ] || say "$1" "after the switch, run: $next"
}

# deferred NAME: does the incoming system's configuration keep the migration from running? Then nothing can refuse it.
deferred() {
        masked "$incoming/etc/systemd/system" "$1" || return
        say "$1" "deferred by migrations.services.$1.defer: its units stay down"
}

# say_refused NAME: by the findings of check
say_refused() {
        case $(get incoming "$1" .condition) in
        invalid|unreadable) ;;
        *) deferred "$1" && return ;;
        esac
        sed 's/^/migrations: /' "$directory/found/$1.output" >&2
        jq -r '.[] | select(.severity != "warning" or .condition == "approval") |
               if .severity == "error" and .file then "\(.file):\(.line): \(.text)"
               else .text | ltrimstr("'"$1"': ") end' "$directory/found/$1" >"$directory/why"
        [ -s "$directory/why" ] || echo 'see above' >"$directory/why"
        while IFS= read -r why; do
                refused "$1" "$why"
        done <"$directory/why"
        [ "$(get incoming "$1" .verdict)" != approval ] ||
                say "$1" "to approve it in the configuration: $(get incoming "$1" \
                        '"migrations.services.\(.name).approved = [ \"\(.from):\(.to)\" ];"')"
        say_next "$1"
}

# say_pending NAME
say_pending() {
        case $(get incoming "$1" .condition) in
        pending|unstamped|deferred|self-migrating) ;;
        in-flight)
                [ "$(get incoming "$1" .verdict)" != running ] ||
                        say "$1" "a migration is running, and the switch waits for its end. To watch it, run: journalctl -fu migrate@$1"
                return 0
                ;;
        *) return 0 ;;
        esac
        if deferred "$1"; then
                return
        elif [ "$(get incoming "$1" .verdict)" = masked ] && masked /etc/systemd/system "$1"; then
                say "$1" 'the incoming system does not defer its migration any more'
        else
                say "$1" "$(get incoming "$1" .what)"
        fi
        case "$(get incoming "$1" .condition): ${rehearse-} " in
        pending:*" $1 "*|deferred:*" $1 "*) echo "$1" >>"$directory/to-rehearse" ;;
        esac
        if [ -e /run/current-system ] && ! guarded "$1"; then
                for unit in $(get incoming "$1" '.units[].unit'); do
                        [ ! -e "/etc/systemd/system/$unit" ] ||
                                say "$1" "warning: the running system does not declare it. After a rollback nothing keeps $unit from \
starting on $(get incoming "$1" .declared). Before a rollback, run: migratectl backups $1, and restore one"
                done
        fi
}

for name in $(jq -r '.[].name' "$directory/incoming"); do
        if [ -e "$directory/found/$name.refused" ]; then
                say_refused "$name"
        elif [ "$(get incoming "$name" .condition)" = unreadable ]; then
                refused "$name" "$(get incoming "$name" .what)"
        else
                say_pending "$name"
        fi
done

# Services that the running system guards, and that the incoming one would start without a look.
for name in $(jq -r '.[] | select(.state and .condition != "inert").name' "$directory/running"); do
        case $(get incoming "$name" .condition) in
        ''|inert) ;;
        *) continue ;;
        esac
        for unit in $(get running "$name" '.units[].unit'); do
                [ -e "$incoming/etc/systemd/system/$unit" ] || continue
                state=$(get running "$name" .state)
                say "$name" "the incoming system has $unit but does not declare the version of its state, which is at $state: \
nothing would keep older software from starting on it. If you want that, remove the stamp, run: \
rm DIRECTORY/.stateversion.$name=$state"
                result=1
        done
done

# judge_rehearsal NAME
judge_rehearsal() {
        went=$(cat "$directory/rehearsed/$1" 2>/dev/null) || went=nowhere
        between=$(get incoming "$1" '"\(.from) to \(.to)"')
        case $went in
        0) return ;;
        6)
                say "$1" 'not rehearsed: see above'
                return
                ;;
        7)
                refused "$1" 'it cannot be rehearsed now: see above. Switch again once that is over'
                return
                ;;
        1) hint="the rehearsal of its migration from $between failed: see above. Its state is untouched" ;;
        *) hint="the rehearsal of its migration from $between did not come to its end ($went). Its state is untouched" ;;
        esac
        case $(cat "$directory/rehearsed/$1.worth" 2>/dev/null) in
        ''|snapshot) ;;
        changed)
                hint="$hint. Somebody changed it meanwhile, so that alone may be why: switch again"
                ;;
        *)
                hint="$hint. It was a copy made while the service ran, of files of different moments, so that alone may be why:"
                hint="$hint systemctl stop $(get incoming "$1" '[.units[].unit] | join(" ")'), then switch again"
                ;;
        esac
        refused "$1" "$hint"
}

if [ "$result" = 0 ] && [ "$action" != dry-activate ] && [ -s "$directory/to-rehearse" ]; then
        # shellcheck disable=SC2046 # names have no spaces
        set -- $(cat "$directory/to-rehearse")
        for name; do
                shift
                if [ "$(get incoming "$name" .credentials)" = true ]; then
                        say "$name" "not rehearsed: its scripts get credentials, which only migrate@$name.service has"
                else
                        set -- "$@" "$name"
                fi
        done
        [ $# = 0 ] || echo "migrations: rehearsing $*, on a clone of the state; nothing has been stopped" >&2
        [ $# = 0 ] || with_incoming "$@" || :
        for name; do
                judge_rehearsal "$name"
        done
fi

if [ "$result" != 0 ] && [ "$action" = dry-activate ]; then
        echo "migrations: a switch would not be begun" >&2
        exit 0
elif [ "$result" != 0 ]; then
        echo "migrations: $action is not begun: nothing has been stopped or changed (NIXOS_NO_CHECK=1 passes over this)" >&2
fi
exit "$result"
