# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# shellcheck disable=SC2154 # lib.sh sets or uses them
# What upgrade and verify share: describing what a cluster holds, so that two descriptions of the
# same content by two majors are the same. Needs lib.sh, a running server, and client set to the
# programs of the newer major.

# Rows are counted in tables of up to count_table bytes, smallest first, until they come to
# count_database bytes in a database. Of all tables the files' sizes are compared, which pg_upgrade
# keeps.
count_table=${POSTGRESQL_COUNT_TABLE:-33554432}
count_database=${POSTGRESQL_COUNT_DATABASE:-536870912}

# describe DIRECTORY: databases, globals, and for each database .rows and .schema
describe() {
        description=$1
        mkdir -p "$description"
        query template1 '
                SELECT datname, pg_catalog.pg_encoding_to_char(encoding), datcollate, datctype,
                       pg_catalog.pg_get_userbyid(datdba), datallowconn, datistemplate
                FROM pg_catalog.pg_database ORDER BY datname' >"$description/databases"
        PGDATABASE=template1 "$client/psql" -XAtq0 -v ON_ERROR_STOP=1 -c "
                SELECT unnest(ARRAY[kind, datname::text])
                FROM pg_catalog.pg_database, unnest(ARRAY['schema', 'rows']) AS kind
                WHERE datallowconn AND datname <> 'template0'
                " >"$work/databases"
        export work client description STATE POSTGRESQL_COUNT_TABLE="$count_table" POSTGRESQL_COUNT_DATABASE="$count_database"
        describe_globals &
        globals=$!
        # shellcheck disable=SC2016 # for that shell
        xargs -0 -r -n 2 -P "$jobs" sh -c '. "$0/lib.sh"; . "$0/describe.sh"; "describe_$1" "$2"' \
                "${0%/*}" <"$work/databases" || return 1
        wait "$globals"
}

# file_of DATABASE SUFFIX: names of databases may hold anything
file_of() {
        set -- "$2" "$(printf %s "$1" | md5sum)"
        say "$description/${2%% *}.$1"
}

# Without what majors word differently: the options of memberships.
describe_globals() {
        PGDATABASE=template1 "$client/pg_dumpall" --globals-only --no-sync >"$work/globals" || return 1
        sed -e '/^--/d; /^$/d; /^SET /d; /^\\/d' \
            -e '/^GRANT /s/ GRANTED BY .*;$/;/; /^GRANT /s/ WITH INHERIT [A-Z]*;$/;/' \
            -e '/^GRANT /s/, INHERIT [A-Z]*//' "$work/globals" | sort >"$description/globals"
}

# A line each: what it is, a tab, name, a tab, the value. The first says the database's name.
describe_rows() {
        relations="
                SELECT c.oid, relkind, format('%I.%I', nspname, relname) AS name,
                       pg_catalog.pg_relation_size(c.oid) AS size,
                       coalesce(pg_catalog.pg_relation_size(nullif(reltoastrelid, 0)), 0) AS toast,
                       sum(pg_catalog.pg_relation_size(c.oid)) OVER (
                               ORDER BY pg_catalog.pg_relation_size(c.oid), nspname, relname) AS total
                FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = relnamespace
                WHERE relkind IN ('r', 'm') AND relpersistence <> 't' AND relispopulated
                      AND nspname NOT IN ('pg_catalog', 'information_schema')"
        PGDATABASE=$1 "$client/psql" -XAtq -v ON_ERROR_STOP=1 -F '	' >"$(file_of "$1" rows)" <<SQL
SELECT 'database', current_database();
SELECT 'bytes of', name, size, toast FROM ($relations) r ORDER BY name;
SELECT format('SELECT ''rows of'', %L, count(*) FROM ONLY %s', name, name) FROM ($relations) r
WHERE size <= $count_table AND total <= $count_database ORDER BY name \gexec
SELECT 'sequence', format('%I.%I', schemaname, sequencename), last_value FROM pg_catalog.pg_sequences ORDER BY 2;
SELECT 'large objects', '', count(*) FROM pg_catalog.pg_largeobject_metadata;
SQL
}

# A line for each object: pg_dump's heading, a tab, the definition. Without what differs between
# two runs. Majors word views and the like differently (whether a column says which table it is
# of, which words are quoted): for those, without that.
describe_schema() {
        schema=$(file_of "$1" schema)
        PGDATABASE=$1 "$client/pg_dump" --schema-only --create --no-sync >"$schema.dump" || return 1
        sed -e '/^\\/d; /^--$/d; /^$/d; /^-- Dumped /d; /^-- PostgreSQL database/d; /^SET /d' \
            -e '/^SELECT pg_catalog.set_config/d' "$schema.dump" |
                sed -n -e '/^-- Name: /{x;b out' -e '}' -e 'H;$!d;x' -e ':out' -e 's/\n/	/;s/\n/ /g;p' |
                sed -e '/^[^	]*; Type: \(\(MATERIALIZED \)\{0,1\}VIEW\|RULE\|POLICY\);/b reword' \
                    -e '/BEGIN ATOMIC/b reword' -e b -e ':reword' \
                    -e 's/[A-Za-z0-9_$]*\.//g; s/[()"]//g; s/  */ /g; s/^/worded	/' |
                grep . | sort >"$schema"
        rm "$schema.dump"
}

# description_differs BEFORE AFTER: whether they do. $work/differences then has what is in one only,
# a line each, those of AFTER after a tab.
description_differs() {
        : >"$work/differences"
        for described in $(find "$1" "$2" -type f -printf '%f\n' | sort -u); do
                : >"$work/before"
                : >"$work/after"
                [ ! -e "$1/$described" ] || schema_strict "$1/$described" >"$work/before"
                [ ! -e "$2/$described" ] || schema_strict "$2/$described" >"$work/after"
                comm -3 "$work/before" "$work/after" >>"$work/differences" || say "$described" >>"$work/differences"
        done
        [ -s "$work/differences" ]
}

# Of objects that majors word differently, the headings alone: that they are there.
schema_strict() {
        sed 's/^\(worded	[^	]*\).*$/\1/' "$1" | sort
}

# description_worded BEFORE AFTER: how many such objects read differently nevertheless
description_worded() {
        for before in "$1"/*.schema; do
                [ ! -e "$before" ] || comm -13 "$before" "$2/${before##*/}"
        done | grep -c . || :
}
