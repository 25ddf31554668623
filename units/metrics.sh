#!/bin/sh
# SPDX-License-Identifier: MIT
# Writes the conditions of all services for the textfile collector of Prometheus' node exporter: replaces
# DIRECTORY/migrate.prom in one step, or leaves it as it was. Names and conditions have no character to be escaped.
set -euC # the directory may belong to another user, so no redirection may follow a link
umask 022
status=$(migratectl --json=pretty status)
new=$1/.migrate.prom.$$
rm -f "$new"
trap 'rm -f "$new"' EXIT
{
        echo "# HELP migrate_condition The condition of a service's state, as in migratectl status."
        echo '# TYPE migrate_condition gauge'
        sed -n -e 's/^    "name": *"\([^"]*\)".*/\1/p' -e 's/^    "condition": *"\([^"]*\)".*/\1/p' <<END |
$status
END
                while read -r name && read -r condition; do
                        printf 'migrate_condition{service="%s",condition="%s"} 1\n' "$name" "$condition"
                done
} >"$new"
mv "$new" "$1/migrate.prom"
