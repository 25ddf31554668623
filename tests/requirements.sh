# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# What has to be installed to build and to test, and installing it. To be sourced by ./try and ./check.
#
#   install_missing [machines]   what a build needs, and with "machines" what test machines need as well;
#                                1 if it cannot be had, having said what to install

# lack PACKAGE COMMAND…: is needed unless the command succeeds
requirements_missing=()
requirements_no_nix= # not all releases have it; tests/nixos is skipped without
lack() {
        "${@:2}" >/dev/null 2>&1 || requirements_missing+=("$1")
}

find_missing() {
        requirements_missing=()
        lack gcc command -v gcc
        lack libc6-dev test -e /usr/include/stdio.h
        lack meson command -v meson
        lack ninja-build command -v ninja
        lack pkg-config command -v pkg-config
        lack libsystemd-dev pkg-config --exists libsystemd
        lack libinih-dev pkg-config --exists inih
        lack libjson-c-dev pkg-config --exists json-c
        lack libseccomp-dev pkg-config --exists libseccomp
        lack systemd command -v systemd-analyze
        # part of the package systemd until Debian 13
        lack systemd-dev pkg-config --exists systemd
        [[ ${1-} == machines ]] || return 0
        lack mmdebstrap command -v mmdebstrap
        lack debian-archive-keyring test -e /usr/share/keyrings/debian-archive-keyring.gpg
        lack systemd-container command -v systemd-nspawn
        lack e2fsprogs command -v mkfs.ext4
        lack xfsprogs command -v mkfs.xfs
        lack btrfs-progs command -v mkfs.btrfs
        lack fuse2fs command -v fuse2fs
        lack procps command -v pgrep
        lack jq command -v jq
        lack man-db command -v man
        lack python3-jsonschema python3 -c 'import jsonschema'
        lack zsh command -v zsh
        lack bash-completion test -e /usr/share/bash-completion/bash_completion
        lack strace command -v strace
        lack mount command -v losetup
        [[ -n $requirements_no_nix ]] || lack nix-bin command -v nix-instantiate
}

install_missing() {
        local package log
        find_missing "$@"
        (( ${#requirements_missing[@]} )) || return 0
        if (( EUID != 0 )) || ! grep -qsE '^ID(_LIKE)?=.*debian' /etc/os-release; then
                echo "please install these packages (Debian's names): ${requirements_missing[*]}" >&2
                return 1
        fi
        export DEBIAN_FRONTEND=noninteractive
        echo "installing ${requirements_missing[*]}"
        log=$(mktemp)
        apt-get update -q >"$log" 2>&1
        for package in "${!requirements_missing[@]}"; do
                if [[ ${requirements_missing[package]} == systemd-dev ]] && ! apt-cache show systemd-dev >/dev/null 2>&1; then
                        requirements_missing[package]=systemd
                elif [[ ${requirements_missing[package]} == nix-bin ]] && ! apt-cache show nix-bin >/dev/null 2>&1; then
                        requirements_no_nix=yes
                        unset 'requirements_missing[package]'
                fi
        done
        if ! apt-get install -qy --no-install-recommends "${requirements_missing[@]}" >>"$log" 2>&1; then
                cat "$log" >&2
                rm "$log"
                return 1
        fi
        rm "$log"
        find_missing "$@"
        (( ${#requirements_missing[@]} == 0 )) && return
        echo "still not found after installation: ${requirements_missing[*]}" >&2
        return 1
}
