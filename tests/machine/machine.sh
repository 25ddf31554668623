# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Test machines: a Debian root on a file system of its own, real systemd as PID 1.
# A script that sources this runs again inside a mount and a PID namespace of its own: whatever it
# mounts and starts ends with it, however it ends. Never touches what it did not create.
#
#   machine_create NAME ROOT [--fs=ext4|xfs|btrfs] [--size=4G]
#                                     a copy of a root of `roots`, on a loop-mounted file system
#   machine_disk NAME PATH [--fs=…] [--size=…]
#                                     another file system, mounted at PATH; before the machine boots
#   machine_install NAME              our programs, as installed by `install.sh`
#   machine_boot NAME [WORD…]         returns when systemd says that the start-up is finished; the
#                                     words are the machine's kernel command line (migrate=off)
#   machine_start NAME [WORD…]        the same, but returns as soon as systemd takes commands
#   machine_settle NAME               waits until no job of systemd is left; fails after a minute
#   machine_run NAME COMMAND…         as root in the booted machine; its exit status
#   machine_shell NAME [ARGUMENT…]    a bash script from standard input, with -eu
#   machine_chroot NAME COMMAND…      as root in its files alone, before it is booted or after
#   machine_poweroff NAME             as `systemctl poweroff`; fails if that takes too long
#   machine_kill NAME                 at once, as by a power cut; what was written stays written
#   machine_reboot NAME [WORD…]       power off and boot
#   machine_destroy NAME              kill it and remove its file systems
#   machine_path NAME [PATH]          where the machine's PATH is, seen from outside, booted or not
#   machine_is_up NAME
#   machine_journal NAME [ARGUMENT…]  journalctl, synced; also after poweroff or kill
#   machine_console NAME              what the machine wrote to its console since it was booted
#
# Several machines may run at the same time. They have no network but their own loopback.
# Seconds to boot and to power off: MACHINE_TIMEOUT (default 180).

MACHINE_SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
MACHINE_CACHE=${SYSTEMD_MIGRATE_CACHE:-/var/cache/systemd-migrate-tests}

if [[ -z ${MACHINE_DIRECTORY-} ]]; then
        if [[ $0 == "${BASH_SOURCE[0]}" || ! -f $0 ]]; then
                echo 'machine.sh: to be sourced by a script' >&2
                # shellcheck disable=SC2317 # where it was not sourced
                return 1 2>/dev/null || exit 1
        fi
        if (( EUID != 0 )); then
                echo '1..0 # SKIP test machines need root'
                exit 0
        fi
        mkdir -p "$MACHINE_CACHE/machines"
        MACHINE_DIRECTORY=$(mktemp -d "$MACHINE_CACHE/machines/$(basename "$0" .test).XXXXXX")
        export MACHINE_DIRECTORY
        # inherited: it is held until the last process of this run is gone
        exec {MACHINE_LOCK}>"$MACHINE_DIRECTORY/locking"
        flock "$MACHINE_LOCK"
        mv "$MACHINE_DIRECTORY/locking" "$MACHINE_DIRECTORY/lock"
        exec unshare --mount --pid --fork --kill-child --mount-proc -- "$BASH" "$0" "$@"
fi

# Where systemd finds cgroups. A hierarchy of the host's that is in the way is hidden from us only.
MACHINE_CGROUP=/sys/fs/cgroup/systemd-migrate-tests
if [[ $(stat -f -c %T /sys/fs/cgroup 2>/dev/null) != cgroup2fs ]]; then
        mountpoint -q /sys || mount -t sysfs sysfs /sys
        mount -t cgroup2 cgroup2 /sys/fs/cgroup
fi
mkdir -p "$MACHINE_CGROUP"

# systemd-nspawn has directories by machine name here and removes them at its end, while another suite's machine of the
# same name starts.
mkdir -p /run/systemd/nspawn
mount -t tmpfs -o mode=0755 tmpfs /run/systemd/nspawn

# What runs that were killed have left: nobody holds the lock.
machine_clean() {
        local directory
        for directory in "$MACHINE_CACHE"/machines/*; do
                if [[ -e $directory/lock ]] && flock --nonblock "$directory/lock" true; then
                        find "$MACHINE_CGROUP" -depth -type d \
                                -path "$MACHINE_CGROUP/${directory##*/}.*" -delete
                        rm -rf --one-file-system "$directory"
                fi
        done
}
machine_clean

trap 'machine_end' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

machine_end() {
        local status=$? directory
        for directory in "$MACHINE_DIRECTORY"/*/; do
                [[ -d $directory ]] && machine_destroy "$(basename "$directory")"
        done
        rm -rf --one-file-system "$MACHINE_DIRECTORY"
        return "$status"
}

machine_error() {
        echo "machine.sh: $*" >&2
        return 1
}

# machine_file_system IMAGE DIRECTORY [--fs=TYPE] [--size=SIZE]: makes one and mounts it
machine_file_system() {
        local image=$1 directory=$2 type=ext4 size=4G option make
        shift 2
        for option; do
                case $option in
                --fs=*) type=${option#*=} ;;
                --size=*) size=${option#*=} ;;
                *) machine_error "unknown option $option"; return ;;
                esac
        done
        case $type in
        ext4) make='mkfs.ext4 -q -F -E nodiscard' ;;
        xfs) make='mkfs.xfs -q -K -m reflink=1' ;;
        btrfs) make='mkfs.btrfs -q -K' ;;
        *) machine_error "unknown file system $type"; return ;;
        esac
        truncate -s "$size" "$image" || return
        if ! $make "$image" >"$image.log" 2>&1; then
                cat "$image.log" >&2
                return 1
        fi
        mkdir -p "$directory" && mount -t "$type" -o loop "$image" "$directory"
}

machine_create() {
        local name=$1 directory=$MACHINE_DIRECTORY/$1 root
        root=$("$MACHINE_SOURCE/roots" path "$2") || return
        mkdir "$directory" &&
                machine_file_system "$directory/image" "$directory/root" "${@:3}" || return
        if ! cp -a "$root/." "$directory/root/" 2>"$directory/copy.log"; then
                tail -n 3 "$directory/copy.log" >&2
                return 1
        fi
        echo "$name" >"$directory/root/etc/hostname"
        tr -d - </proc/sys/kernel/random/uuid >"$directory/root/etc/machine-id"
}

machine_disk() {
        local directory=$MACHINE_DIRECTORY/$1 image
        machine_is_up "$1" && { machine_error "$1 is up already"; return; }
        image=$(mktemp "$directory/disk.XXXXXX") &&
                machine_file_system "$image" "$directory/root/$2" "${@:3}"
}

machine_install() {
        local root=$MACHINE_DIRECTORY/$1/root programs
        programs=$("$MACHINE_SOURCE/install.sh") || return
        # through the machine's own links, where /lib is one
        tar -C "$programs" -c . | tar -C "$root" -x --keep-directory-symlink || return
        machine_chroot "$1" journalctl --quiet --update-catalog
}

# The machine's PID 1, as seen from here.
machine_leader() {
        local supervisor
        supervisor=$(cat "$MACHINE_DIRECTORY/$1/supervisor" 2>/dev/null) &&
                pgrep --parent "$supervisor"
}

machine_is_up() {
        machine_leader "$1" >/dev/null
}

# Starts systemd-nspawn and waits for a message that it passes on, its end or the time limit.
# Arguments: the message's beginning, socket, console, file for the process id, seconds, command.
machine_starter='
import os, select, socket, subprocess, sys, time
awaited, path, console, pid_file, seconds, *command = sys.argv[1:]
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
if os.path.exists(path):
    os.unlink(path)
listener.bind(path)
with open(console, "wb") as output:
    machine = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                               start_new_session=True, env=dict(os.environ, NOTIFY_SOCKET=path))
with open(pid_file, "w") as output:
    output.write(str(machine.pid))
descriptor = os.pidfd_open(machine.pid)
deadline = time.monotonic() + float(seconds)
while True:
    ready = select.select([listener, descriptor], [], [], max(0, deadline - time.monotonic()))[0]
    if listener in ready:
        message = listener.recv(4096).decode().split("\n")
        if any(line.startswith(awaited) for line in message):
            os._exit(0)
    elif descriptor in ready:
        sys.exit("machine.sh: the machine ended while it started")
    else:
        sys.exit("machine.sh: the machine has not started up in %s seconds" % seconds)
'

# machine_launch MESSAGE NAME [WORD…]
machine_launch() {
        local name=$2 directory=$MACHINE_DIRECTORY/$2 cgroup=$MACHINE_CGROUP/${MACHINE_DIRECTORY##*/}.$2
        machine_is_up "$name" && { machine_error "$name is up already"; return; }
        mkdir -p "$cgroup"
        (
                echo "$BASHPID" >"$cgroup/cgroup.procs"
                SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 exec python3 -c "$machine_starter" "$1" \
                        "$directory/notify" "$directory/console" "$directory/supervisor" \
                        "${MACHINE_TIMEOUT:-180}" \
                        systemd-nspawn --quiet --directory="$directory/root" --machine="$name" \
                        --register=no --keep-unit --notify-ready=yes --private-network \
                        --link-journal=no --resolv-conf=off --timezone=off --console=read-only \
                        --boot "${@:3}"
        ) && return
        tail -n 50 "$directory/console" >&2
        machine_error "$name did not boot"
}

machine_boot() {
        machine_launch READY=1 "$@"
}

machine_start() {
        local leader
        machine_launch X_NSPAWN_LEADER_PID= "$@" || return
        while leader=$(machine_leader "$1"); do
                [[ -S /proc/$leader/root/run/systemd/private ]] && return
                sleep 0.02
        done
        machine_error "$1 ended while it started"
}

machine_settle() {
        # shellcheck disable=SC2016 # expanded inside
        machine_run "$1" timeout 60 sh -c 'while [ -n "$(systemctl list-jobs --no-legend)" ]; do sleep 0.05; done'
}

# Returns when the machine's last process is gone; fails after the time limit.
machine_wait_for_end() {
        local supervisor
        supervisor=$(cat "$MACHINE_DIRECTORY/$1/supervisor" 2>/dev/null) || return 0
        timeout "${MACHINE_TIMEOUT:-180}" tail --pid="$supervisor" --sleep-interval=0.02 -f /dev/null &&
                rm "$MACHINE_DIRECTORY/$1/supervisor"
}

machine_poweroff() {
        local leader
        leader=$(machine_leader "$1") || { machine_error "$1 is not up"; return; }
        # what the manual of systemd gives as the equivalent of starting poweroff.target
        kill -s RTMIN+4 "$leader" && machine_wait_for_end "$1" && return
        tail -n 50 "$MACHINE_DIRECTORY/$1/console" >&2
        machine_error "$1 did not power off in ${MACHINE_TIMEOUT:-180} s"
}

machine_kill() {
        local leader
        leader=$(machine_leader "$1") || { machine_error "$1 is not up"; return; }
        kill -s KILL "$leader"
        machine_wait_for_end "$1"
}

machine_reboot() {
        machine_poweroff "$1" && machine_boot "$@"
}

machine_destroy() {
        local directory=$MACHINE_DIRECTORY/$1
        machine_is_up "$1" && machine_kill "$1"
        if mountpoint -q "$directory/root"; then
                umount --recursive "$directory/root" || umount --recursive --lazy "$directory/root"
        fi
        rm -rf --one-file-system "$directory"
        find "$MACHINE_CGROUP/${MACHINE_DIRECTORY##*/}.$1" -depth -type d -delete 2>/dev/null || :
}

MACHINE_ENVIRONMENT=(PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
                     LANG=C.UTF-8 TERM=dumb SYSTEMD_PAGER='' SYSTEMD_COLORS=0)

machine_run() {
        local leader cgroup=$MACHINE_CGROUP/${MACHINE_DIRECTORY##*/}.$1/payload/machine-run.scope
        leader=$(machine_leader "$1") || { machine_error "$1 is not up"; return 125; }
        shift
        mkdir -p "$cgroup"
        (
                echo "$BASHPID" >"$cgroup/cgroup.procs"
                exec nsenter --target "$leader" --all --root --wd -- env -i "${MACHINE_ENVIRONMENT[@]}" "$@"
        )
}

machine_shell() {
        machine_run "$1" bash -eu -s -- "${@:2}"
}

machine_chroot() {
        local root=$MACHINE_DIRECTORY/$1/root
        machine_is_up "$1" && { machine_error "$1 is up"; return 125; }
        shift
        # shellcheck disable=SC2016 # expanded inside
        unshare --mount --pid --fork --kill-child sh -euc '
                root=$1
                shift
                mount -t proc proc "$root/proc"
                mount --bind /dev "$root/dev"
                mount -t tmpfs tmpfs "$root/run"
                exec chroot "$root" env -i "$@"
        ' - "$root" "${MACHINE_ENVIRONMENT[@]}" "$@"
}

machine_path() {
        echo "$MACHINE_DIRECTORY/$1/root${2-}"
}

machine_console() {
        cat "$MACHINE_DIRECTORY/$1/console"
}

machine_journal() {
        local name=$1
        shift
        if machine_is_up "$name"; then
                machine_run "$name" journalctl --sync
                machine_run "$name" journalctl --no-pager "$@"
        else
                machine_chroot "$name" journalctl --directory=/var/log/journal --no-pager "$@"
        fi
}
