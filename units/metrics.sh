#!/bin/sh
# SPDX-License-Identifier: MIT
# Writes the conditions of all services for the textfile collector of Prometheus' node exporter: replaces
# DIRECTORY/migrate.prom in one step, or leaves it as it was. Names and conditions have no character to be escaped.
set -eu
file=$1/migrate.prom
trap 'rm -f "$file.new"' EXIT
migratectl --json=pretty status >"$file.json"
{
        echo "# HELP migrate_condition The condition of a service's state, as in migratectl status."
        echo '# TYPE migrate_condition gauge'
        sed -n -e 's/^    "name": *"\([^"]*\)".*/\1/p' -e 's/^    "condition": *"\([^"]*\)".*/\1/p' "$file.json" |
                while read -r name && read -r condition; do
                        printf 'migrate_condition{service="%s",condition="%s"} 1\n' "$name" "$condition"
                done
} >"$file.new"
rm "$file.json"
chmod 644 "$file.new"
mv "$file.new" "$file"
