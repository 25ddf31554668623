# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2154 # what it sets, others use, and the other way round
# What the scripts beside it share: finding the programs of a major, finding the cluster of a
# state, running a server that nobody else can reach.
# Names no major that has to be installed; compares with those at which an interface changed.
# Needs a POSIX shell, coreutils, findutils, grep and sed.

export LC_ALL=C
umask 077

say() {
        printf '%s\n' "$*"
}

die() {
        say "$*"
        exit 1
}

# What is wrong, on a line each, with what to do about it.
findings=0
finding() {
        findings=$((findings + 1))
        say "* $*"
}

newline='
'

: "${STATE:?is the directory of the state; the helper of systemd-migrate sets it}"

# 9.6 from 9.6.24, 15 from 15.14
major_of() {
        case $1 in
        9.*) set -- "${1#9.}" && say "9.${1%%[!0-9]*}" ;;
        *) say "${1%%[!0-9]*}" ;;
        esac
}

# For comparisons: 906 from 9.6, 1500 from 15
number_of() {
        case $1 in
        9.*) say "90${1#9.}" ;;
        *) say "${1}00" ;;
        esac
}

# For the left and the right hand side of s:::
quoted() {
        printf '%s' "$1" | sed 's/[][\\.*^$:]/\\&/g'
}

replacement() {
        printf '%s' "$1" | sed 's/[\\&:]/\\&/g'
}

# --- programs ---

# Where distributions keep the programs of one major.
bindirs_of() {
        say "${POSTGRESQL_BINDIRS:-}" | tr : '\n' | grep . || :
        for software in "${FROM_SOFTWARE:-}" "${TO_SOFTWARE:-}"; do
                [ -z "$software" ] || say "$software/bin"
        done
        say "/usr/lib/postgresql/$1/bin"                # Debian
        say "/usr/pgsql-$1/bin"                         # postgresql.org's RPMs
        say "/usr/lib64/pgsql/postgresql-$1/bin"        # Fedora, the older major
        say "/opt/pgsql-$1/bin"                         # Arch, the older major
        say "/usr/lib/postgresql$1/bin"                 # SUSE
        say "/usr/libexec/postgresql$1"                 # Alpine
        postgres=$(command -v postgres) || return 0
        say "${postgres%/*}"
}

# bindir_of MAJOR: where its server is; 1 if nowhere
bindir_of() {
        bindirs_of "$1" | while IFS= read -r bindir; do
                [ -x "$bindir/postgres" ] || continue
                version=$("$bindir/postgres" --version 2>/dev/null) || continue
                [ "$(major_of "${version#postgres (PostgreSQL) }")" = "$1" ] || continue
                say "$bindir"
                break
        done | grep .
}

# require_bindir MAJOR PROGRAM...: sets bindir; a finding and 1 if it or one of them is missing
require_bindir() {
        if ! bindir=$(bindir_of "$1"); then
                finding "PostgreSQL $1 is not installed: install it beside the other (Debian: postgresql-$1)," \
                        "or give the directory of its programs in POSTGRESQL_BINDIRS. Looked in:" \
                        "$(bindirs_of "$1" | tr '\n' ' ')"
                return 1
        fi
        major=$1
        shift
        for program; do
                if [ ! -x "$bindir/$program" ]; then
                        finding "$bindir has no $program: install all of PostgreSQL $major's programs" \
                                "(Fedora: postgresql-upgrade; SUSE: postgresql$major-contrib)"
                        return 1
                fi
        done
}

# shared_of BINDIR MAJOR: the directory that holds extension/*.control
shared_of() {
        for shared in "$("$1/pg_config" --sharedir 2>/dev/null || :)" "${1%/bin}/share/postgresql" \
                      "${1%/bin}/share" "${1%/bin}/share/pgsql" "/usr/share/postgresql/$2" \
                      /usr/share/postgresql "/usr/share/postgresql$2"; do
                [ ! -e "$shared/extension/plpgsql.control" ] || { say "$shared"; return; }
        done
        return 1
}

# libraries_of BINDIR: the directory that $libdir stands for
libraries_of() {
        for libraries in "$("$1/pg_config" --pkglibdir 2>/dev/null || :)" "${1%/bin}/lib" \
                         "${1%/bin}/lib64" "${1%/bin}/lib/postgresql" "${1%/bin}/lib64/pgsql"; do
                [ ! -e "$libraries/plpgsql.so" ] || { say "$libraries"; return; }
        done
        return 1
}

# --- clusters ---

# What a migration leaves where the old cluster was: see leave_tombstone() in upgrade.
is_tombstone() {
        [ ! -e "$1/global/pg_control" ] && grep -qs '^[0-9.]*--' "$1/PG_VERSION"
}

# clusters DIRECTORY: those with data in it or up to two levels below, a line each
clusters() {
        set -- "$1"
        [ -e "$1/PG_VERSION" ] || set -- "$1"/* "$1"/*/*
        for cluster; do
                if [ -e "$cluster/PG_VERSION" ] && ! is_tombstone "$cluster"; then
                        say "$cluster"
                fi
        done
}

# control DATA KEY: a value of pg_controldata; empty if that cannot be had
control() {
        if control_bin=$(bindir_of "$(head -n 1 "$1/PG_VERSION")"); then
                "$control_bin/pg_controldata" "$1" 2>/dev/null | sed -n "s/^$2: *//p"
        fi
}

# A cluster in which nobody has ever made anything; packages make such ones when they are
# installed. No object of a user's has a number below 16384.
is_pristine() {
        [ "$(control "$1" 'Database cluster state')" = 'shut down' ] || return 1
        oid=$(control "$1" "Latest checkpoint's NextOID")
        [ "${oid:-16384}" -lt 16384 ]
}

# The one cluster that is the state: sets old, old_major
find_cluster() {
        old=$(clusters "$STATE")
        case $old in
        '') die "$STATE holds no cluster: no PG_VERSION in it or up to two levels below" ;;
        *"$newline"*)
                old=$(say "$old" | while IFS= read -r cluster; do
                        is_pristine "$cluster" || say "$cluster"
                done)
                case $old in '' | *"$newline"*)
                        die "$STATE holds several clusters: $(clusters "$STATE" | tr '\n' ' ')- only one can be" \
                            "the state. Move the others out of $STATE (Debian: pg_dropcluster MAJOR NAME removes one)"
                        ;;
                esac
                ;;
        esac
        old_major=$(head -n 1 "$old/PG_VERSION")
        [ -e "$old/global/pg_control" ] || die "$old is no whole cluster: global/pg_control is missing"
}

# Where the cluster and its configuration are and will be. Sets from, to, from_number, to_number;
# old, old_conf, new, new_conf (the last and the second empty where the configuration is inside);
# relocated (yes, or no where every major uses one path)
find_paths() {
        from=$(major_of "${FROM:?}")
        to=$(major_of "${TO:?}")
        from_number=$(number_of "$from")
        to_number=$(number_of "$to")
        find_cluster
        [ "$old_major" = "$from" ] ||
                die "$old is of PostgreSQL $old_major, not $FROM as the state's stamp says:" \
                    "restore the right one, or migratectl adopt ${SERVICE:-postgresql} $old_major"
        new=$(with_major "$old")
        relocated=yes
        [ "$new" != "$old" ] || relocated=no
        find_conf "$old" "$from"
        old_conf=$conf
        new_conf=
        [ -z "$conf" ] || new_conf=${conf%"/$from/${old##*/}"}/$to/${old##*/}
        case $old$old_conf in
        *[\'\"\\\$\`\ ]*) die "$old $old_conf: blanks, quotes, \$ or \\ in a path are more than pg_upgrade can take" ;;
        esac
}

# with_major PATH: the component below the state that is the old major becomes the new one
with_major() {
        if [ "$1" = "$STATE" ]; then
                say "$1"
        else
                say "$STATE$(say "${1#"$STATE"}/" | sed "s:/$(quoted "$from")/:/$to/:; s:/\$::")"
        fi
}

# find_conf DATA MAJOR: sets conf to the directory with DATA's configuration if that is not inside
# but, as Debian has it, in a MAJOR/NAME of the state's other directories; else empty
find_conf() {
        conf=
        [ ! -e "$1/postgresql.conf" ] && [ ! -L "$1/postgresql.conf" ] || return 0
        place_number=1
        while eval "place=\${STATE_$place_number:-}" && [ -n "$place" ]; do
                if [ -e "$place/$2/${1##*/}/postgresql.conf" ]; then
                        conf=$place/$2/${1##*/}
                        return 0
                fi
                place_number=$((place_number + 1))
        done
        [ ! -e "/etc/postgresql/$2/${1##*/}/postgresql.conf" ] ||
                die "/etc/postgresql/$2/${1##*/} belongs to the state: declare Directory=/etc/postgresql as well"
}

# --- servers ---

# sandboxed MAJOR: what no server that a migration starts may do, whatever its configuration says:
# listen, run the jobs of extensions, archive, wait for standbys or a disk, log elsewhere. A word
# each on one line, without quotes, since pg_upgrade hands them to a shell.
sandboxed() {
        say "-c listen_addresses= -c ssl=off -c logging_collector=off -c log_destination=stderr" \
            "-c hba_file=$work/pg_hba.conf -c ident_file=$work/pg_ident.conf -c external_pid_file=" \
            "-c archive_mode=off -c synchronous_standby_names= -c synchronous_commit=off -c fsync=off" \
            "-c autovacuum=off -c max_worker_processes=0 -c huge_pages=off -c shared_buffers=128MB" \
            "-c log_statement=none -c log_min_duration_statement=-1 -c log_min_messages=warning" \
            "-c log_connections=off -c log_disconnections=off -c statement_timeout=0 -c lock_timeout=0" \
            "-c default_transaction_read_only=off -c lc_messages=C$(jit_off "$1")"
}

jit_off() {
        [ "$(number_of "$1")" -lt 1100 ] || say " -c jit=off"
}

# A private directory for sockets and noise; gone, with the server, when the script ends.
server=
make_work() {
        work=$(mktemp -d "${TMPDIR:-/tmp}/postgresql.XXXXXX")
        trap 'server_kill; rm -rf "$work"' EXIT
        trap 'exit 1' HUP INT TERM
        say 'local all all trust' >"$work/pg_hba.conf"
        : >"$work/pg_ident.conf"
        : >"$work/postgresql.conf"
        unset PGDATA PGDATABASE PGUSER PGOPTIONS PGSERVICE PGPASSFILE PGHOSTADDR PGSSLMODE
        export PGHOST="$work" PGPORT=50432
        jobs=$(nproc 2>/dev/null || say 1)
}

# config_of DATA CONF: the file to start with: in CONF if given, else in DATA, else defaults
config_of() {
        for config in "${2:-$1}/postgresql.conf" "$work/postgresql.conf"; do
                [ ! -e "$config" ] || { say "$config"; return; }
        done
}

# server_start BINDIR MAJOR DATA CONFIG: returns once it accepts connections; 1, and its noise in
# $work/server.log, if it does not. Looks at a file, since pg_ctl looks ten times a second only.
server_start() {
        rm -f "$3/postmaster.pid"
        # shellcheck disable=SC2046 # words by design
        "$1/postgres" -D "$3" -c config_file="$4" -c unix_socket_directories="$work" -p "$PGPORT" -b \
                $(sandboxed "$2") >"$work/server.log" 2>&1 </dev/null &
        server=$!
        while kill -0 "$server" 2>/dev/null; do
                if [ "$(number_of "$2")" -lt 1000 ]; then
                        ! "$1/pg_isready" -q || return 0
                elif sed -n 8p "$3/postmaster.pid" 2>/dev/null | grep -q '^ready'; then
                        return 0
                fi
                sleep 0.01
        done
        wait "$server" || :
        server=
        return 1
}

# A fast shutdown, which is a clean one.
server_stop() {
        kill -INT "$server"
        stopped=$server
        server=
        wait "$stopped"
}

server_kill() {
        [ -z "$server" ] || kill -QUIT "$server" 2>/dev/null || :
        wait
}

# query DATABASE SQL: rows as lines, columns separated by tabs
query() {
        PGDATABASE=$1 "$client/psql" -XAtq -v ON_ERROR_STOP=1 -F '	' -c "$2"
}

# server_superuser: sets PGUSER to the role that initdb made, whatever it is called. Few clusters
# call it anything but postgres; and a server that runs can be asked only by a role that it knows.
server_superuser() {
        for PGUSER in $(id -un) postgres ${superuser:+"$superuser"}; do
                export PGUSER
                if superuser=$(query template1 'SELECT rolname FROM pg_catalog.pg_authid WHERE oid = 10' 2>/dev/null); then
                        PGUSER=$superuser
                        return 0
                fi
        done
        return 1
}

# database_start BINDIR MAJOR DATA CONFIG: server_start() and server_superuser()
database_start() {
        superuser=
        server_start "$@" || return 1
        server_superuser && return 0
        server_stop
        superuser=$(say 'SELECT rolname FROM pg_catalog.pg_authid WHERE oid = 10' |
                    "$1/postgres" --single -D "$3" -c config_file="$4" -c archive_mode=off template1 2>/dev/null |
                    sed -n 's/^.*1: rolname = "\(.*\)".*(typeid.*$/\1/p' | head -n 1)
        server_start "$@" && server_superuser
}

# excerpt FILE LINES: the end of a file of noise, indented
excerpt() {
        [ ! -s "$1" ] || { say "  ${1##*/}:"; tail -n "$2" "$1" | sed 's/^/    /'; }
}
