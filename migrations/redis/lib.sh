# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # what it sets, others use, and the other way round
# What the scripts beside it share, for Redis and Valkey: finding the programs, running a server that nobody
# else can reach, and a digest of what it holds.
# Needs a POSIX shell, coreutils, grep and sed.

export LC_ALL=C
umask 077

say() {
        printf '%s\n' "$*"
}

die() {
        say "$*"
        exit 1
}

: "${STATE:?is the directory of the state; the helper of systemd-migrate sets it}"

# Sets product (redis or valkey), server and cli; ends if they are missing, or are not of version $TO.
find_programs() {
        product=${TO%%-*}
        for name in server cli; do
                for directory in "${TO_SOFTWARE:+$TO_SOFTWARE/bin}" "${REDIS_BINDIR:-}" /usr/bin /usr/local/bin; do
                        [ -z "$directory" ] || [ ! -x "$directory/$product-$name" ] || break
                done
                program=$directory/$product-$name
                [ -x "$program" ] ||
                        die "$product-$name is missing: install $product, or give the directory of the programs in REDIS_BINDIR"
                eval "$name=\$program"
        done
        installed=$product-$("$server" --version | sed -n 's/.* v=\([0-9]*\.[0-9]*\)\..*/\1/p')
        [ "$installed" = "$TO" ] ||
                die "$server is $installed, and Version=$TO is declared: install $TO, or run:" \
                    "migratectl enable ${SERVICE:-$product} $installed"
}

# A private directory for the socket and noise; gone, with the server, when the script ends.
running=
make_work() {
        work=$(mktemp -d "${TMPDIR:-/tmp}/redis.XXXXXX")
        trap 'server_kill; rm -rf "$work"' EXIT
        trap 'exit 1' HUP INT TERM
        unset REDISCLI_AUTH VALKEYCLI_AUTH
        config=${REDIS_CONFIG:-/etc/$product/$product.conf}
}

# setting NAME: as the file of the service has it, or nothing. The last line counts.
setting() {
        sed -n "s/^[[:blank:]]*$1[[:blank:]][[:blank:]]*//p" "$config" | tail -n 1 | sed 's/^"\(.*\)"$/\1/; s/[[:blank:]]*$//'
}

# The settings of the service say which files there are and which modules are needed; all others are private.
server_start() {
        for name in dbfilename appendonly appendfilename appenddirname databases loadmodule rdbcompression; do
                sed -n "s/^[[:blank:]]*\(${name}[[:blank:]].*\)/\1/p" "$config"
        done >"$work/config"
        cat >>"$work/config" <<SETTINGS
dir "$STATE"
port 0
unixsocket $work/socket
logfile $work/server.log
pidfile $work/pid
daemonize no
save ""
appendfsync no
auto-aof-rewrite-percentage 0
SETTINGS
        # since 7.0; before, everybody may ask for a digest
        case $TO in redis-6.*) ;; *) say 'enable-debug-command yes' >>"$work/config" ;; esac
        "$server" "$work/config" </dev/null >"$work/server.out" 2>&1 &
        running=$!
        until [ "$(ask PING 2>/dev/null)" = PONG ]; do
                kill -0 "$running" 2>/dev/null || {
                        wait "$running" || :
                        running=
                        return 1
                }
                sleep 0.1
        done
}

server_stop() {
        ask SHUTDOWN NOSAVE >/dev/null 2>&1 || :
        stopped=0
        wait "$running" || stopped=$?
        running=
        return "$stopped"
}

server_kill() {
        [ -z "$running" ] || {
                kill -KILL "$running"
                wait "$running" || :
        } 2>/dev/null
}

# server_failure: what the server said last
server_failure() {
        cat "$work/server.out" "$work/server.log" 2>/dev/null | tail -n 12 | sed 's/^/  /'
}

ask() {
        "$cli" -s "$work/socket" "$@"
}

# describe: for each database its keys without an expiry; if none expires, a digest of all data
describe() {
        ask INFO keyspace | tr -d '\r' | sed -n 's/^\(db[0-9]*\):keys=\([0-9]*\),expires=\([0-9]*\).*/\1 \2 \3/p' >"$work/keyspace"
        expiring=0
        while read -r database keys expires; do
                [ "$keys" = "$expires" ] || say "$database $((keys - expires)) keys that do not expire"
                expiring=$((expiring + expires))
        done <"$work/keyspace"
        [ "$expiring" -gt 0 ] || say "digest $(ask DEBUG DIGEST)"
        ask FUNCTION LIST 2>/dev/null | cksum | sed 's/^/functions /'
}
