#!/bin/bash
# SPDX-License-Identifier: MIT
# Builds this checkout in the `build` root and installs it into a directory tree, whose path is
# printed. Takes a second where nothing has changed. Never writes into the checkout.

set -euo pipefail

system=$(cd "$(dirname "$0")" && pwd)
source=$(cd "$system/../.." && pwd)
cache=${SYSTEMD_MIGRATE_CACHE:-/var/cache/systemd-migrate-tests}

# ./check builds once for all suites
if [[ -n ${MACHINE_PROGRAMS-} ]]; then
        echo "$MACHINE_PROGRAMS"
        exit
fi

root=$("$system/roots" path build)
key=$(printf '%s\0' "$source" "${root##*/}" | sha256sum)
output=$cache/builds/${key:0:12}
mkdir -p "$output"

exec {lock}>"$output/lock"
flock "$lock"

# In the root, with mounts that nobody else sees.
# shellcheck disable=SC2016 # expanded inside
if ! unshare --mount --pid --fork --kill-child bash -euc '
        root=$1 source=$2 output=$3
        mount --bind -o ro "$source" "$root/source"
        mount --bind "$output" "$root/output"
        mount -t proc proc "$root/proc"
        mount --bind /dev "$root/dev"
        exec chroot "$root" env -i PATH=/usr/bin:/bin:/usr/sbin:/sbin LANG=C.UTF-8 HOME=/output sh -euc "
                if ! [ -e /output/build/build.ninja ]; then
                        rm -rf /output/build
                        meson setup --prefix=/usr --sysconfdir=/etc --libexecdir=lib/systemd \
                                -Dtests=false /output/build /source
                fi
                ninja -C /output/build
                rm -rf /output/programs.new
                mkdir /output/programs.new
                DESTDIR=/output/programs.new meson install --no-rebuild -C /output/build
        "' - "$root" "$source" "$output" </dev/null >"$output/log" 2>&1; then
        tail -n 100 "$output/log" >&2
        echo 'install.sh: the programs could not be built' >&2
        exit 1
fi

# A tree is never changed once its path was printed.
content=$(cd "$output/programs.new" && find . -printf '%p %m %l\n' -type f -exec sha256sum {} + |
          sort | sha256sum)
programs=$output/programs-${content:0:12}
if [[ ! -d $programs ]]; then
        mv "$output/programs.new" "$programs"
fi
touch "$programs"
find "$output" -maxdepth 1 -name 'programs-*' -mmin +720 -exec rm -rf {} +
echo "$programs"
