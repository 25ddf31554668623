# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# shellcheck disable=SC2034,SC2119,SC2120,SC2154 # what it sets, others use, and the other way round
# What the scripts beside it share: finding MariaDB's programs, running a server that nobody else can
# reach, and describing what it holds.
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

: "${STATE:?is the directory of the state; the helper of systemd-migrate sets it}"

# 11.8 from 11.8.9-MariaDB-0+deb13u1
series_of() {
        say "$1" | sed -n 's/^\([0-9][0-9]*\.[0-9][0-9]*\).*/\1/p'
}

# Only MySQL 8 and later have these. auto.cnf of MySQL 5 also stays in a directory that MariaDB has taken over.
refuse_mysql() {
        for file in mysql.ibd '#innodb_redo'; do
                [ ! -e "$STATE/$file" ] ||
                        die "$STATE is a data directory of MySQL, as it has $file. MariaDB cannot take it over:" \
                            "dump it with mysqldump of MySQL, and load the dump into an empty MariaDB"
        done
}

# --- programs ---

# program NAME: its path; 1 if it is nowhere
program() {
        for directory in "${TO_SOFTWARE:+$TO_SOFTWARE/bin}" "${MARIADB_BINDIR:-}" /usr/sbin /usr/libexec /usr/bin; do
                if [ -n "$directory" ] && [ -x "$directory/$1" ]; then
                        say "$directory/$1"
                        return
                fi
        done
        command -v "$1"
}

# Sets server, client, upgrader and checker; ends if a program is missing, or is not of series $TO.
find_programs() {
        for name in mariadbd mariadb mariadb-upgrade mariadb-check; do
                program "$name" >/dev/null ||
                        die "MariaDB $TO is not complete, $name is missing: install server and client," \
                            "or give the directory of the programs in MARIADB_BINDIR"
        done
        server=$(program mariadbd)
        client=$(program mariadb)
        upgrader=$(program mariadb-upgrade)
        checker=$(program mariadb-check)
        installed=$("$server" --no-defaults --version)
        installed=$(series_of "${installed#*Ver }")
        [ "$installed" = "$TO" ] ||
                die "$server is MariaDB $installed, and Version=$TO is declared: install MariaDB $TO, or run:" \
                    "migratectl enable ${SERVICE:-mariadb} $installed"
}

# --- a private server ---

# A private directory for the socket and noise; gone, with the server, when the script ends.
running=
make_work() {
        work=$(mktemp -d "${TMPDIR:-/tmp}/mariadb.XXXXXX")
        trap 'server_kill; rm -rf "$work"' EXIT
        trap 'exit 1' HUP INT TERM
        printf '%s\n' '[client]' "socket=$work/socket" user=root skip-ssl >"$work/client.cnf"
        unset MYSQL_HOST MYSQL_TCP_PORT MYSQL_UNIX_PORT MYSQL_PWD MYSQL_HOME MYSQL_GROUP_SUFFIX MARIADB_HOST
}

# server_options: the options of the service, a word each; they come before all others
server_options() {
        [ -z "${MARIADB_DEFAULTS:-}" ] || say "--defaults-file=$MARIADB_DEFAULTS"
}

# server_start [OPTION]: with the settings of the service, since they say how the files are laid out. The rest of the
# line keeps the server to itself: no network, no replication, no events, no files elsewhere. Nothing
# is synced, since the helper syncs the clone before the swap.
server_start() {
        rm -f "$work/server.log"
        # shellcheck disable=SC2046 # no word has a blank
        "$server" $(server_options) --datadir="$STATE" --tmpdir="$work" --socket="$work/socket" \
                --pid-file="$work/pid" --log-error="$work/server.log" --skip-networking \
                --skip-slave-start --skip-log-bin --event-scheduler=OFF --init-file= --general-log=OFF \
                --slow-query-log=OFF --skip-ssl --ignore-db-dirs=.migrate --innodb-fast-shutdown=1 \
                --loose-performance-schema=OFF --loose-wsrep-on=OFF --lc-messages=en_US \
                --debug-no-sync --innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=OFF \
                "${1:---skip-grant-tables}" </dev/null >"$work/server.out" 2>&1 &
        running=$!
        until grep -qs 'ready for connections' "$work/server.log"; do
                kill -0 "$running" 2>/dev/null || {
                        wait "$running" || :
                        running=
                        return 1
                }
                sleep 0.1
        done
}

# The last phase of mariadb-upgrade switches passwords on, so no client could ask the server to stop.
server_stop() {
        kill -TERM "$running"
        stopped=0
        wait "$running" || stopped=$?
        running=
        [ "$stopped" -eq 0 ] && grep -q 'Shutdown complete' "$work/server.log"
}

server_kill() {
        [ -z "$running" ] || {
                kill -KILL "$running"
                wait "$running" || :
        } 2>/dev/null
}

# server_failure: what the server said last, without its notes
server_failure() {
        cat "$work/server.out" "$work/server.log" 2>/dev/null | grep -v '\[Note\]' | tail -n 15 | sed 's/^/  /'
}

# Whether the old server was killed, and a new one without its binary log cannot recover what it left.
server_refuses_crash() {
        grep -q 'Upgrade after a crash is not supported\|prepared transactions!' "$work/server.log"
}

# query <SQL: rows, with tabs between columns. Ends at the first error.
query() {
        "$client" --defaults-file="$work/client.cnf" --batch --skip-column-names --raw --default-character-set=utf8mb4
}

# --- what a server holds ---

# Tables up to this size are counted, the smallest first, up to the other size in all.
count_table=${MARIADB_COUNT_TABLE:-33554432}
count_all=${MARIADB_COUNT_ALL:-536870912}

# counting: statements that count the rows of these tables. A table that cannot be opened has no engine and no size; its
# statement fails.
counting() {
        query <<SQL
SELECT CONCAT('SELECT ''rows of'', ', QUOTE(CONCAT(s, '.', t)), ', COUNT(*) FROM \`',
              REPLACE(s, '\`', '\`\`'), '\`.\`', REPLACE(t, '\`', '\`\`'), '\`', past, ';')
FROM (SELECT table_schema s, table_name t, data_length,
             IF(table_type = 'SYSTEM VERSIONED', ' FOR SYSTEM_TIME ALL', '') past,
             SUM(data_length) OVER (ORDER BY data_length, table_schema, table_name) total
      FROM information_schema.tables
      WHERE table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')
        AND (engine IS NULL OR engine IN ('InnoDB', 'MyISAM', 'Aria', 'ARCHIVE', 'CSV'))
        AND table_schema NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')) sizes
WHERE COALESCE(data_length, 0) <= $count_table AND COALESCE(total, 0) <= $count_all
SQL
}

# describe COUNTING: tables, routines, events, triggers, views, users and grants, and the rows of the tables
# that the file COUNTING names; sorted. The tables of the system are read as tables, since the new server
# cannot use those of an older one. Each global privilege is a line, since an upgrade may add privileges.
describe() {
        query >"$work/description" <<'SQL' || return
SELECT 'table', table_schema, table_name, table_type FROM information_schema.tables
WHERE table_schema NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')
  AND table_type NOT IN ('VIEW', 'SYSTEM VIEW');
SELECT 'view', table_schema, table_name FROM information_schema.tables
WHERE table_schema <> 'sys' AND table_type = 'VIEW' AND table_schema <> 'mysql';
SELECT 'trigger', trigger_schema, trigger_name, event_object_table, MD5(action_statement)
FROM information_schema.triggers WHERE trigger_schema NOT IN ('mysql', 'sys');
SELECT LOWER(type), db, name, MD5(body) FROM mysql.proc WHERE db NOT IN ('mysql', 'sys');
SELECT 'event', db, name, status, MD5(body) FROM mysql.event;
SELECT 'user', user, host, MD5(JSON_COMPACT(JSON_REMOVE(priv, '$.access', '$.version_id')))
FROM mysql.global_priv WHERE user NOT IN ('mariadb.sys', 'PUBLIC');
WITH RECURSIVE bits (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM bits WHERE n < 38)
SELECT 'global privilege', n, user, host FROM mysql.global_priv, bits
WHERE user NOT IN ('mariadb.sys', 'PUBLIC') AND CAST(JSON_VALUE(priv, '$.access') AS UNSIGNED) >> n & 1;
SELECT 'grant on database', db, user, host,
       CONCAT(select_priv, insert_priv, update_priv, delete_priv, create_priv, drop_priv, grant_priv, references_priv,
              index_priv, alter_priv, create_tmp_table_priv, lock_tables_priv, create_view_priv, show_view_priv,
              create_routine_priv, alter_routine_priv, execute_priv, event_priv, trigger_priv, delete_history_priv)
FROM mysql.db WHERE user <> 'PUBLIC';
SELECT 'grant on table', db, table_name, user, host, table_priv, column_priv
FROM mysql.tables_priv WHERE user <> 'mariadb.sys';
SELECT 'grant on column', db, table_name, column_name, user, host, column_priv FROM mysql.columns_priv;
SELECT 'grant on routine', db, routine_name, routine_type, user, host, proc_priv FROM mysql.procs_priv;
SELECT 'role', role, user, host FROM mysql.roles_mapping;
SELECT 'server', server_name, host, port FROM mysql.servers
SQL
        query <"$1" >>"$work/description" && sort "$work/description"
}
