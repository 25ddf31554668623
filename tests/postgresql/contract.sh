# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck disable=SC2154 # what the test sets
# An emulation of what the helper promises to scripts, sourced by a test that has a mount namespace of its own. Uses
# root (a writable root directory with PostgreSQL) and scripts (the directory with the migration's scripts).

# in_root COMMAND...: runs it as postgres in the root
in_root() {
        chroot "$root" setpriv --reuid=postgres --regid=postgres --init-groups \
                env -i HOME=/var/lib/postgresql LANG=C.UTF-8 PATH=/usr/bin:/bin "$@"
}

# run_script NAME VARIABLE=VALUE...: runs it in a sandbox like the helper's. Each directory of $states is its copy below
# $clones, all else is read-only, /tmp, /run and /dev/shm are private and empty, there is no network, and processes that
# it leaves die. LIVE=yes: /run and the network stay. OVERLAY=yes: $states are overlays that are thrown away;
# OVERLAY=no: they are read-only.
run_script() {
        local name=$1
        shift
        local environment=("PATH=/usr/bin:/bin" HOME=/var/lib/postgresql TMPDIR=/tmp SERVICE=postgresql
                           DIRECTION=up "$@") number=0 state
        for state in "${states[@]}"; do
                number=$((number + 1))
                environment+=("STATE_$number=$state")
        done
        environment+=("STATE=${states[0]}")
        local network=--net live=no overlay=
        for state; do
                case $state in
                LIVE=yes) network='' live=yes ;;
                OVERLAY=*) overlay=${state#*=} ;;
                esac
        done
        # shellcheck disable=SC2086,SC2016 # no network option is no word; the inner shell expands
        unshare --mount --pid --ipc $network --fork --kill-child \
                env root="$root" clones="$clones" live="$live" overlay="$overlay" states="${states[*]}" bash -euc '
                mount --make-rprivate /
                mount -o bind,ro "$1" "$root/usr/lib/migrate/postgresql"
                shift
                mount --rbind "$root" "$root"
                mount -o remount,bind,ro "$root"
                number=0
                for state in $states; do
                        number=$((number + 1))
                        case $live$overlay in
                        yes*|nono) mount -o bind "$root$state" "$root$state"
                                   mount -o remount,bind,ro "$root$state" ;;
                        noyes)
                                mkdir -p "$clones/overlay$number"
                                mount -t tmpfs tmpfs "$clones/overlay$number"
                                mkdir "$clones/overlay$number/upper" "$clones/overlay$number/work"
                                chown --reference="$root$state" "$clones/overlay$number/upper"
                                chmod --reference="$root$state" "$clones/overlay$number/upper"
                                mount -t overlay overlay -o "lowerdir=$root$state,upperdir=$clones/overlay$number/upper,workdir=$clones/overlay$number/work" "$root$state"
                                ;;
                        *) mount --bind "$clones$state" "$root$state" ;;
                        esac
                done
                mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
                [ "$live" = yes ] || mount -t tmpfs -o mode=0755 tmpfs "$root/run"
                mount -t tmpfs -o mode=1777 tmpfs "$root/dev/shm"
                mount -t proc proc "$root/proc"
                mount --bind /proc/sys "$root/proc/sys"
                mount -o remount,bind,ro "$root/proc/sys"
                exec chroot "$root" setpriv --reuid=postgres --regid=postgres --init-groups --no-new-privs \
                        --bounding-set=-all --inh-caps=-all env -i "$@"' \
                bash "$scripts" "${environment[@]}" "/usr/lib/migrate/postgresql/$name"
}

# clone_states: as the helper clones
clone_states() {
        local state
        rm -rf "$clones"
        for state in "${states[@]}"; do
                mkdir -p "$clones${state%/*}"
                cp -a --reflink=auto "$root$state" "$clones$state"
        done
}

# swap_states: as the helper swaps
swap_states() {
        local state
        for state in "${states[@]}"; do
                rm -rf "$root$state.backup"
                mv "$root$state" "$root$state.backup"
                mv "$clones$state" "$root$state"
        done
}
