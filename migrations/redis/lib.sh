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
        installed=$("$server" --version)
        installed=$product-$(say "$installed" | sed -n 's/.* v=\([0-9]*\.[0-9]*\)\..*/\1/p')
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

# setting NAME [DEFAULT]: as the file of the service has it. The last line counts.
setting() {
        value=$(sed -n "s/^[[:blank:]]*$1[[:blank:]][[:blank:]]*//Ip" "$config" | tail -n 1 |
                sed "s/[[:blank:]]*\$//; s/^\([\"']\)\(.*\)\1\$/\2/")
        say "${value:-${2:-}}"
}

# Whether the service loads append-only files, and not the dump.
appends() {
        case $(setting appendonly) in [Yy][Ee][Ss]) ;; *) return 1 ;; esac
}

# The settings of the service say which files there are and which modules are needed; all others are private.
server_start() {
        for name in dbfilename appendonly appendfilename appenddirname aof-load-truncated databases loadmodule rdbcompression; do
                sed -n "s/^[[:blank:]]*\(${name}[[:blank:]].*\)/\1/Ip" "$config"
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

# describe FILE: writes there, for each database, how many keys do not expire; the code of functions; if no key and no
# field expires, a digest of all data. An error of the server is a reply, with status 0.
describe() {
        ask INFO keyspace >"$work/info"
        grep -q '^# Keyspace' "$work/info" || die "$TO does not say which keys it has"
        sed -n 's/^\(db[0-9]*\):keys=\([0-9]*\),expires=\([0-9]*\)\(.*,subexpiry=\([0-9]*\)\)\{0,1\}.*/\1 \2 \3 \5/p' \
                "$work/info" >"$work/keyspace"
        expiring=0
        while read -r database keys expires fields; do
                [ "$keys" = "$expires" ] || say "$database $((keys - expires)) keys that do not expire"
                expiring=$((expiring + expires + ${fields:-0}))
        done <"$work/keyspace" >"$1"
        if [ "$expiring" -eq 0 ]; then
                digest=$(ask DEBUG DIGEST)
                say "$digest" | grep -qx '[0-9a-f]\{40\}' || die "$TO makes no digest of its data: $digest"
                say "digest $digest" >>"$1"
        fi
        # since 7.0; their order is another one in each process
        case $TO in redis-6.*) return ;; esac
        ask FUNCTION LIST WITHCODE >"$work/functions"
        case $(head -n 1 "$work/functions") in ERR*) die "$TO does not list its functions" ;; esac
        sort "$work/functions" >"$work/sorted"
        say "functions $(cksum <"$work/sorted")" >>"$1"
}
