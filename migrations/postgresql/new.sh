# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# shellcheck disable=SC2154 # lib.sh sets them
# What check and upgrade share: making the new cluster, and carrying the configuration over.
# Needs lib.sh, and old_bin and new_bin set.

# --- the new cluster ---

# With the old server running: what the new cluster takes from the old one, to $work/facts (a line
# each) and $work/settings (configuration that pg_upgrade or a library may need).
facts_read() {
        query template1 "
                SELECT pg_catalog.pg_encoding_to_char(encoding), datcollate, datctype,
                       coalesce(j->>'datlocprovider', 'c'),
                       coalesce(j->>'datlocale', j->>'daticulocale', ''), coalesce(j->>'daticurules', '')
                FROM (SELECT d.*, pg_catalog.to_jsonb(d) AS j
                      FROM pg_catalog.pg_database d WHERE datname = 'template0') d
                " | tr '\t' '\n' >"$work/facts"
        query template1 "
                SELECT name || ' = ''' || replace(replace(setting, chr(92), chr(92) || chr(92)), '''', '''''') || ''''
                FROM pg_catalog.pg_settings
                WHERE source = 'configuration file' AND (name LIKE '%.%' OR name IN (
                        'max_connections', 'max_prepared_transactions', 'max_locks_per_transaction',
                        'max_pred_locks_per_transaction', 'max_wal_senders', 'max_replication_slots',
                        'wal_level', 'shared_preload_libraries', 'dynamic_library_path',
                        'extension_control_path'))
                " >"$work/settings"
}

fact() {
        sed -n "$1p" "$work/facts"
}

# new_init DATA [WAL]: an empty cluster like the old one, ready for pg_upgrade. Noise in
# $work/initdb.log. Runs beside the old server.
new_init() {
        new_data=$1
        set -- ${2:+--waldir="$2"}
        case $(fact 4) in
        i)
                set -- "$@" --locale-provider=icu --icu-locale="$(fact 5)"
                [ -z "$(fact 6)" ] || set -- "$@" --icu-rules="$(fact 6)"
                ;;
        b) set -- "$@" --locale-provider=builtin --builtin-locale="$(fact 5)" ;;
        *) [ "$to_number" -lt 1500 ] || set -- "$@" --locale-provider=libc ;;
        esac
        if [ "$(control "$old" 'Data page checksum version')" != 0 ]; then
                set -- "$@" --data-checksums
        elif [ "$to_number" -ge 1800 ]; then
                set -- "$@" --no-data-checksums
        fi
        if [ "$to_number" -ge 1100 ]; then
                set -- "$@" --wal-segsize=$(($(control "$old" 'Bytes per WAL segment') / 1048576))
                [ "$(stat -c %a "$old")" != 750 ] || set -- "$@" --allow-group-access
        fi
        "$new_bin/initdb" -D "$new_data" -U "$PGUSER" --auth=trust --no-sync --encoding="$(fact 1)" \
                --lc-collate="$(fact 2)" --lc-ctype="$(fact 3)" "$@" >"$work/initdb.log" 2>&1 </dev/null &&
                cat "$work/settings" >>"$new_data/postgresql.conf"
}

# new_upgrade DATA ARGUMENT...: pg_upgrade from $old, with $old_config, into DATA. Noise in
# $work/pg_upgrade.log, $work/upgrade and DATA: new_failure() prints what counts.
new_upgrade() {
        new_data=$1
        shift
        mkdir -p "$work/upgrade"
        ! "$new_bin/pg_upgrade" --help | grep -q -e --no-sync || set -- "$@" --no-sync
        (
                cd "$work/upgrade" || exit
                unset PGHOST PGPORT PGUSER
                "$new_bin/pg_upgrade" -b "$old_bin" -B "$new_bin" -d "$old" -D "$new_data" -U "$superuser" \
                        -s "$work" -p 50432 -P 50433 -j "$jobs" -O "$(sandboxed "$to")" \
                        -o "-c config_file=$old_config $(sandboxed "$from")" "$@"
        ) >"$work/pg_upgrade.log" 2>&1 </dev/null
}

# Why pg_upgrade failed: its own words, the reports that it points to, the servers' last ones.
new_failure() {
        sed -n '/^\*failure\*/d; /fatal$/,$p' "$work/pg_upgrade.log" | grep . | head -n 30 | sed 's/^/  /' || :
        find "$work/upgrade" "$new_data/pg_upgrade_output.d" -name '*.txt' 2>/dev/null |
        while IFS= read -r report; do
                excerpt "$report" 30
        done
        find "$work/upgrade" "$new_data/pg_upgrade_output.d" -name '*.log' 2>/dev/null |
        while IFS= read -r log; do
                ! grep -q 'FATAL\|PANIC\|ERROR\|error:' "$log" || excerpt "$log" 12
        done
}

# --- the configuration ---

# config_rewrite FILE...: in place and line by line, so that line numbers stay: the paths of the old
# cluster and of its configuration, and the settings that Debian names after the cluster
config_rewrite() {
        set -- -e "s:$(quoted "$old")\(['/\"[:blank:]]\|\$\):$(replacement "$new")\1:g" \
               -e "$(config_obsolete)" "$@"
        [ -z "$old_conf" ] ||
                set -- -e "s:$(quoted "$old_conf")\(['/\"[:blank:]]\|\$\):$(replacement "$new_conf")\1:g" "$@"
        named='external_pid_file\|stats_temp_directory\|cluster_name\|log_directory\|log_filename'
        sed -i -e "/^[#[:blank:]]*\($named\)[[:blank:]=]/s:\(^\|[^0-9.]\)$(quoted "$from")\([-/]$(quoted "${old##*/}")\):\1$to\2:g" "$@"
}

# Settings that went without taking anything along are commented out: this one said where to keep
# scratch files.
config_obsolete() {
        [ "$to_number" -lt 1500 ] || say 's/^\([[:blank:]]*stats_temp_directory[[:blank:]=]\)/#\1/'
}

# What the new server does not accept of the old one's configuration, a line each. Starts nothing:
# a server that is asked for a value reads all of its configuration first.
config_probe() {
        probed=$(config_of "$old" "$old_conf")
        directory=$(readlink -f "$probed")
        directory=${directory%/*}
        mkdir -p "$work/probe"
        [ ! -e "$old/postgresql.auto.conf" ] ||
                sed "$(config_obsolete)" "$old/postgresql.auto.conf" >"$work/probe/postgresql.auto.conf"
        sed -e "s:^\([[:blank:]]*include\(_dir\|_if_exists\)\{0,1\}[[:blank:]=]*'\)\([^/']\):\1$(replacement "$directory")/\3:" \
            -e "$(config_obsolete)" "$probed" >"$work/probe.conf"
        ! config_value port >/dev/null 2>"$work/probe.log" || return 0
        sed -n -e "s:$(quoted "$work/probe.conf"):$(replacement "$probed"):g" \
               -e "s:$(quoted "$work/probe/"):$(replacement "$old/"):g" \
               -e '/configuration file .* contains errors/d' \
               -e 's/^.*unrecognized configuration parameter "\(.*\)" in file "\(.*\)" line \([0-9]*\).*$/\2:\3: PostgreSQL '"$to"' has no setting "\1"/' \
               -e 's/^.*\(LOG\|FATAL\|ERROR\|DETAIL\): *//' -e p "$work/probe.log"
}

# config_value SETTING: as the new server would have it, after config_probe()
config_value() {
        "$new_bin/postgres" -D "$work/probe" -c config_file="$work/probe.conf" \
                -c data_directory="$work/probe" -c hba_file="$work/pg_hba.conf" \
                -c ident_file="$work/pg_ident.conf" -C "$1" </dev/null
}

# config_foreign FILE: whether it lies outside of the state. NixOS links it to the store; what put
# it there writes the next one.
config_foreign() {
        [ -L "$1" ] || return 1
        case $(readlink -f "$1") in "$STATE"/*) return 1 ;; esac
}
