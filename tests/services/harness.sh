# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# A ready-made migration with the real service of two Debian suites. Machine "old" makes data with the old program,
# through its own unit. Machine "new" finds the state as an image-based system does: the same directories, newer
# software. All looks at data go through the service's own client. Versions are those of the packages.
# Never looks into the files of a service.
# shellcheck disable=SC2154 # what a suite sets
#
# A suite sets old_root and new_root, sources the file of its service, and calls service_suite. The file of a service
# says, for machines that it gets as $1:
#
#   service, unit            the name of the declaration, the unit that is started
#   states=(…)               the directories of the state
#   product                  the name of the product, for the table
#   holds                    a line of the output of the script of [Up], in whose middle the helper is killed
#   room                     bytes that a full disk has left when that script begins
#   service_version M        prints the version of the installed software, as the declaration writes it
#   service_prepare M        configures it before the first start; may be missing
#   service_fill M           makes data; the service runs
#   service_add M            adds data, and makes sure that it is committed
#   service_ask M            prints all that a client sees, the same for the same data of any version
#   service_without          checks what happens without a migration on "new", which has the state of "old" and no
#                            version declared; sets without to a few words about it
#   service_without_back     the same on "old", with the state that "new" left; adds to without
#   killed                   recovered (by the new software), or a pattern of the refusal
#   way_back                 restore, or script
#   service_more             further checks on "new", with the function lay; may be missing

services=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=../machine/machine.sh
. "$services/../machine/machine.sh"
# shellcheck source=../machine/tap.sh
. "$services/../machine/tap.sh"

on() {
        machine_run "$@"
}

# until_true MACHINE TEST: waits until the shell command TEST succeeds; fails after two minutes
until_true() {
        on "$1" timeout 120 sh -c "until $2; do sleep 0.05; done"
}

# keep MACHINE NAME: the state and its records, as they are now
keep() {
        local directory
        rm -rf "${MACHINE_DIRECTORY:?}/.kept/$2"
        for directory in "${states[@]}" /var/lib/migrate; do
                mkdir -p "$MACHINE_DIRECTORY/.kept/$2${directory%/*}"
                [[ ! -e $(machine_path "$1" "$directory") ]] ||
                        cp -a --reflink=auto "$(machine_path "$1" "$directory")" "$MACHINE_DIRECTORY/.kept/$2${directory%/*}/"
        done
}

# lay MACHINE NAME [VERSION [KEY=VALUE…]]: stops the service, puts back what was kept, and declares the version, if any
lay() {
        local machine=$1 name=$2 directory
        on "$machine" sh -c "systemctl stop $unit migrate@$service migrate-post@$service; systemctl reset-failed" 2>/dev/null
        for directory in "${states[@]}" /var/lib/migrate; do
                rm -rf --one-file-system "$(machine_path "$machine" "$directory")"
                [[ ! -e $MACHINE_DIRECTORY/.kept/$name$directory ]] ||
                        cp -a --reflink=auto "$MACHINE_DIRECTORY/.kept/$name$directory" "$(machine_path "$machine" "${directory%/*}/")"
        done
        rm -rf "$(machine_path "$machine" "/etc/migrate.d/$service")" "$(machine_path "$machine" "/etc/migrate.d/$service.ini.d")"
        if (( $# > 2 )); then
                mkdir -p "$(machine_path "$machine" "/etc/migrate.d/$service.ini.d")"
                # the file of migratectl enable
                printf '%s\n' '[State]' "Version=$3" "${@:4}" >"$(machine_path "$machine" "/etc/migrate.d/$service.ini.d/50-version.ini")"
        else
                # a state that nobody has declared has no records
                rm -rf "$(machine_path "$machine" /var/lib/migrate)"
                for directory in "${states[@]}"; do
                        rm -f "$(machine_path "$machine" "$directory")"/.stateversion.*
                done
        fi
        on "$machine" systemctl daemon-reload
}

# around PROGRAM [WORD…]: the script of [Up] on "new" runs by this program, which gets the words and the script
around() {
        local file
        mkdir -p "$(machine_path new "/etc/migrate.d/$service")"
        for file in "$(machine_path new "/usr/lib/migrate.d/$service")"/*.ini; do
                sed "/^\[Up\]/,/^\[Down\]/s,^Script=,Script=$*\ ," "$file" >"$(machine_path new "/etc/migrate.d/$service/${file##*/}")"
        done
        on new systemctl daemon-reload
}

not_around() {
        rm -rf "$(machine_path new "/etc/migrate.d/$service")"
        on new systemctl daemon-reload
}

started() {
        on "$1" systemctl start "$unit"
}

# migrations: how many migrations the records of "new" tell of
migrations() {
        on new migratectl history "$service" | grep -c ", done,"
}

# end_of_start MACHINE: waits for the end of the migration, and of the start of the service
end_of_start() {
        until_true "$1" "[ -z \"\$(systemctl list-jobs --no-legend 'migrate@*' $unit)\" ] &&
                [ \"\$(systemctl is-active migrate@$service)\" != activating ]"
}

# refusal MACHINE: what the last start told about the migration
refusal() {
        machine_journal "$1" -b -o cat -u "migrate@$service" -n 40
}

service_suite() {
        local machine root old_version new_version before added more began seconds back
        for machine in old new; do
                root=${machine}_root
                machine_create "$machine" "${!root}" && machine_install "$machine" && machine_boot "$machine" || exit
                [[ $(type -t service_prepare) != function ]] || service_prepare "$machine"
        done
        cat >"$(machine_path new /opt/held)" <<'END'
#!/bin/bash
# held PATTERN SCRIPT: stops the script once it has printed PATTERN
coproc script { exec "$2" 2>&1; }
while read -r line <&"${script[0]}"; do
        echo "$line"
        [[ $line != *$1* ]] || { kill -STOP -1; echo "held in the middle"; exec sleep infinity; }
done
exit 1
END
        cat >"$(machine_path new /opt/full)" <<'END'
#!/bin/sh
# full ROOM SCRIPT: runs the script on a disk that has this room
free=$(($(stat -f -c "%a * %S" /tmp)))
fallocate -l $((free - $1)) /tmp/filler
exec "$2"
END
        chmod +x "$(machine_path new /opt/held)" "$(machine_path new /opt/full)"
        old_version=$(service_version old)
        new_version=$(service_version new)
        ok "the software of $new_root is newer: $product $old_version and $new_version" \
                on new systemd-analyze compare-versions "$old_version" lt "$new_version"

        # the old system
        ok "$product $old_version: its own unit starts" started old
        ok "$product $old_version: data is written" service_fill old
        before=$(service_ask old)
        ok "$product $old_version: the declaration finds the version" on old migratectl enable "$service"
        like "$product $old_version: the version of the software was found" "$(on old migratectl status "$service")" "$old_version"
        ok "$product $old_version: migratectl check accepts the declaration as installed" on old migratectl check "$service"
        on old systemctl stop "$unit"
        keep old clean
        started old
        ok "$product $old_version: more data is written" service_add old
        added=$(service_ask old)
        fails "$product $old_version: a client sees the difference" test "$added" = "$before"
        machine_kill old
        keep old killed
        machine_boot old

        # (a) without a migration
        lay new clean
        service_without
        on new systemctl stop "$unit"
        keep new without
        lay old without
        service_without_back

        # (b) up
        lay new clean "$new_version"
        began=$EPOCHREALTIME
        ok "$old_version to $new_version: the service starts" started new
        seconds=$(awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.0f", b - a }')
        is "$old_version to $new_version: a client sees the same data" "$(service_ask new)" "$before"
        is "$old_version to $new_version: one migration was made" "$(migrations)" 1
        ok "$old_version to $new_version: migratectl check is content" on new migratectl check "$service"

        # (e) a second start
        ok 'a second start: the service starts' on new systemctl restart "$unit"
        is 'a second start: no further migration was made' "$(migrations)" 1
        is 'a second start: a client sees the same data' "$(service_ask new)" "$before"

        # (d) the way back, after the new software has written
        ok "$product $new_version: more data is written" service_add new
        more=$(service_ask new)
        on new systemctl stop "$unit"
        keep new written
        lay old written "$old_version" "Downgrade=$way_back"
        if [[ $way_back = restore ]]; then
                fails "$new_version to $old_version: the start waits for approval, since newer data would be lost" started old
                ok "$new_version to $old_version: the backup is approved" on old migratectl approve --yes "$service"
                more=$before
        fi
        ok "$new_version to $old_version: the older service starts" started old
        is "$new_version to $old_version: a client sees the data of $([[ $way_back = restore ]] && echo 'the backup' || echo both)" \
                "$(service_ask old)" "$more"
        on old systemctl stop "$unit"

        # (c) stopped in the middle
        lay new clean "$new_version"
        around /opt/held "\"$holds\""
        on new systemctl start --no-block "$unit"
        ok 'the helper is killed: the script is in the middle' until_true new "grep -qs 'held in the middle' /var/lib/migrate/$service/log"
        on new systemctl kill --kill-whom=main --signal=KILL "migrate@$service"
        end_of_start new
        fails 'the helper is killed: the service is down' on new systemctl is-active --quiet "$unit"
        not_around
        ok 'the helper is killed: the next start migrates' started new
        is 'the helper is killed: a client sees the same data' "$(service_ask new)" "$before"

        # (c) full disk
        lay new clean "$new_version"
        around /opt/full "$room"
        fails 'the disk is full: the service does not start' started new
        like 'the disk is full: the message says so' "$(refusal new)" '(is|was) full'
        not_around
        ok 'the disk has room again: the next start migrates' started new
        is 'the disk has room again: a client sees the same data' "$(service_ask new)" "$before"

        # (c) the old software was killed
        lay new killed "$new_version"
        if [[ $killed = recovered ]]; then
                ok "$product $old_version was killed: the service starts" started new
                back="recovers"
        else
                fails "$product $old_version was killed: the service does not start" started new
                like "$product $old_version was killed: the message says what to do" "$(refusal new)" "$killed"
                ok "$product $old_version was killed: the refusal comes before anything is cloned" \
                        on new sh -c "! ls -d /var/lib/migrate/$service/backups/*/"
                keep new refused
                lay old refused "$new_version"
                fails "$product $old_version was killed: the older software does not start as long as $new_version is declared" started old
                ok "$product $old_version was killed: the older version is declared again" on old migratectl enable "$service" "$old_version"
                ok "$product $old_version was killed: the older software recovers" started old
                on old systemctl stop "$unit"
                keep old recovered
                lay new recovered "$new_version"
                ok "$product $old_version has recovered: the service starts" started new
                back="refused: start and stop the old server once"
        fi
        is "$product $old_version was killed: what was committed before is there" "$(service_ask new)" "$added"

        [[ $(type -t service_more) != function ]] || service_more

        diag "| $product $old_version | $new_version | $without | migrated, killed server $back | $seconds s | $way_back |"
        done_testing
}
