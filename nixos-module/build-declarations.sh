#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks rendered declarations, and lays them out with their gates as a package for the system.
#
#   build-declarations.sh DECLARATIONS OUTPUT MIGRATECTL GENERATOR [BUILT INSTALLED]
#
# When a system is built for another architecture, MIGRATECTL and GENERATOR are of the package BUILT, which runs here, and
# the gates name the package INSTALLED, which runs there.
#
# OUTPUT/etc/migrate.d is a copy of DECLARATIONS. OUTPUT/lib/systemd/system has the gates, so that a
# generator that cannot run does not open them: as it makes them with migrate=manual, which means that
# they want nothing but migrate-settle@NAME.service, and that is there as well. So they hold back and,
# after a crash, settle. What begins a migration is the generator's own drop-in beside theirs, which
# knows the kernel's command line.
set -eu

declarations=$1 output=$2 migratectl=$3 generator=$4 built=${5-} installed=${6-}
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

mkdir -p "$root/etc/systemd/system" "$output/etc" "$output/lib/systemd/system"
cp -rL --no-preserve=mode "$declarations" "$root/etc/migrate.d"
cp -r "$root/etc/migrate.d" "$output/etc/"

# migratectl looks for programs below the root: those that exist are there, as placeholders.
status=0
grep -rnE --include='*.ini' '^(Script|Check|Backup|Restore|Verify|Post|FreshCheck|Init|Detect)=' "$root/etc/migrate.d" |
        sed -n -E "s,^$root/etc/migrate.d/([^:]*):([0-9]+):([A-Za-z]+)=\"?(/[^\" ]*).*,\1 \2 \3 \4,p" >"$root/programs" || :
while read -r file line key path; do
        if ! [ -x "$path" ] || [ -d "$path" ]; then
                name=${file%%/*}
                echo "migrations.services.${name%.ini}: $file:$line: $key=$path is no program" >&2
                status=1
        else
                mkdir -p "$root$(dirname "$path")"
                install -m 755 /dev/null "$root$path"
        fi
done <"$root/programs"
[ "$status" = 0 ] || exit 1

mkdir "$root/units"
SYSTEMD_PROC_CMDLINE=migrate=manual "$generator" --root="$root" "$root/units" 2>/dev/null # migratectl says the same below
# Which units there are is seen on the system.
for drop_ins in "$root/units"/*.d; do
        [ ! -d "$drop_ins" ] || touch "$root/etc/systemd/system/$(basename "$drop_ins" .d)"
done
for unit in $(sed -n 's/^Unit=//p' "$root"/etc/migrate.d/*.ini); do # sockets, timers and paths have no drop-in
        touch "$root/etc/systemd/system/$unit"
done
"$migratectl" --root="$root" check >"$root/said" 2>&1 || status=$?
# by the option to change, not by a file of this build
sed -E "s,^$root/etc/migrate.d/([^/:]*)(\.ini|/[^:]*):,migrations.services.\1: \1\2:,; s,$root/etc/migrate.d/,,g" "$root/said" >&2
[ "$status" = 0 ] || exit "$status"

# A switch starts every active target anew and stops those that went: a gate is neither's business.
units=$output/lib/systemd/system
for gate in "$root/units"/migrated@*.target "$root/units"/migrate-mounted@*.target; do
        [ -e "$gate" ] || continue
        { cat "$gate"; printf '%s\n' X-OnlyManualStart=yes X-StopOnRemoval=no; } >"$units/$(basename "$gate")"
done
for settling in "$root/units"/migrate-settle@*.service; do
        [ ! -e "$settling" ] || cp "$settling" "$units/"
done
for drop_in in "$root/units"/*.d/50-migrate-*.conf; do
        [ -e "$drop_in" ] || continue
        directory=$units/$(basename "$(dirname "$drop_in")")
        mkdir -p "$directory"
        # beside the generator's, not in its place
        cp "$drop_in" "$directory/45-${drop_in##*/50-}"
done
[ "$built" = "$installed" ] || find "$units" -type f -exec sed -i "s,$built/,$installed/,g" {} +
