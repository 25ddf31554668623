# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Machines that are switched from system to system as NixOS does it. To be sourced after machine.sh and tap.sh; without a
# Nix evaluator the suite is skipped.
#
#   nixos_create NAME ROOT [--fs=…]         a machine with the programs and no declarations
#   nixos_system NAME SYSTEM SERVICES UNIT  builds a system: the output of render-system for SERVICES (or "none"), and
#                                           UNIT.service, whose text is standard input; $systems, if set, is a file
#                                           with more systems
#   nixos_switch NAME SYSTEM [ACTION]       prints what NixOS would print, and has its exit status; with no_check=1
#                                           without the pre-switch check, which otherwise rehearses $rehearse and, by
#                                           $on_refusal, goes on

command -v nix-instantiate >/dev/null || skip_all 'nix-instantiate is not here: install nix-bin'

NIXOS_SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

nixos_create() {
        machine_create "$@" && machine_install "$1" || return
        cp "$NIXOS_SOURCE"/../../nixos-module/{pre-switch,build-declarations}.sh "$NIXOS_SOURCE/switch" \
                "$(machine_path "$1" /opt)/"
        # a NixOS system has declarations in /etc only
        rm -rf "$(machine_path "$1" /usr/lib/migrate.d)"
}

nixos_system() {
        local machine=$1 name=$2 services=$3 unit=$4 directory deferred
        directory=$(machine_path "$machine" "/systems/$name")
        mkdir -p "$directory/etc/systemd/system"
        if [[ $services != none ]]; then
                "$NIXOS_SOURCE/render-system" "$services" "$directory" "/systems/$name" ${systems:+"$systems"} || return
                machine_run "$machine" sh /opt/build-declarations.sh "/systems/$name/migrate.d" "/systems/$name/checked" \
                        /usr/bin/migratectl /usr/lib/systemd/system-generators/systemd-migrate-generator || return
                cp -r "$directory/checked/etc/migrate.d" "$directory/etc/"
                cp -r "$directory"/checked/lib/systemd/system/. "$directory/etc/systemd/system/"
                while read -r deferred; do
                        ln -s /dev/null "$directory/etc/systemd/system/migrate@$deferred.service"
                done <"$directory/deferred"
        fi
        {
                echo '[Unit]'
                echo "X-Restart-Triggers=$(cat "$directory"/migrate.d/*.ini "$directory"/migrate.d/*/*.ini 2>/dev/null | sha256sum)"
                cat
        } >"$directory/etc/systemd/system/$unit.service"
}

nixos_switch() {
        machine_run "$1" env ${no_check:+NIXOS_NO_CHECK=1} rehearse="${rehearse-}" \
                on_refusal="${on_refusal-abort}" /opt/switch "/systems/$2" "${@:3}" 2>&1
}
