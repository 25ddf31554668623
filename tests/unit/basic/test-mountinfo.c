/* SPDX-License-Identifier: MIT */
/* What is mounted at a path, by the text of mountinfo. */
#include "basic/mountinfo.h"

#include "test.h"

#define ROOT  "20 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n"
#define DISK  "30 20 8:17 / /srv/app rw,noatime shared:2 master:3 - ext4 /dev/sdb1 rw\n"
#define OTHER "31 20 8:33 / /srv rw - xfs /dev/sdc1 rw\n"
#define AUTO  "32 20 0:40 / /srv/app rw - autofs systemd-1 rw,fd=42\n"

static const struct {
    const char *label, *text;
    MountKind kind;
} rows[] = {
    {"nothing is mounted at the path", ROOT, MOUNT_NONE},
    {"something is mounted above the path", ROOT OTHER, MOUNT_NONE},
    {"something is mounted below the path",
     ROOT "30 20 8:17 / /srv/app/data rw - ext4 /dev/sdb1 rw\n", MOUNT_NONE},
    {"something is mounted at a longer name",
     ROOT "30 20 8:17 / /srv/app2 rw - ext4 /dev/sdb1 rw\n", MOUNT_NONE},
    {"a disk is mounted at the path", ROOT DISK, MOUNT_DISK},
    {"a disk is mounted at the path, and another one above it before", ROOT OTHER DISK, MOUNT_DISK},
    {"a later mount above the path hides the disk", ROOT DISK OTHER, MOUNT_NONE},
    {"the line of the root comes last", DISK ROOT, MOUNT_DISK},
    {"the line has no optional fields", ROOT "30 20 8:17 / /srv/app rw - ext4 /dev/sdb1 rw\n",
     MOUNT_DISK},
    {"btrfs has no device number", ROOT "30 20 0:33 /@app /srv/app rw - btrfs /dev/sdb1 rw\n",
     MOUNT_DISK},
    {"ZFS has no device number", ROOT "30 20 0:33 / /srv/app rw - zfs pool/app rw\n", MOUNT_DISK},
    {"another directory of the same disk is mounted",
     ROOT "30 20 8:1 /data/app /srv/app rw - ext4 /dev/sda1 rw\n", MOUNT_DISK},
    {"the directory is mounted over itself",
     ROOT "30 20 8:1 /srv/app /srv/app rw - ext4 /dev/sda1 rw\n", MOUNT_OTHER},
    {"a directory of a mounted disk is mounted over itself",
     ROOT OTHER "30 20 8:33 /app /srv/app rw - xfs /dev/sdc1 rw\n", MOUNT_OTHER},
    {"an automount is idle", ROOT AUTO, MOUNT_IDLE},
    {"an automount has mounted its disk", ROOT AUTO DISK, MOUNT_DISK},
    {"an automount has mounted a network file system",
     ROOT AUTO "33 32 0:50 / /srv/app rw - nfs4 server:/ rw\n", MOUNT_OTHER},
    {"NFS", ROOT "30 20 0:50 / /srv/app rw - nfs server:/ rw\n", MOUNT_OTHER},
    {"CIFS", ROOT "30 20 0:50 / /srv/app rw - cifs //server/x rw\n", MOUNT_OTHER},
    {"9p", ROOT "30 20 0:50 / /srv/app rw - 9p tag rw\n", MOUNT_OTHER},
    {"Ceph", ROOT "30 20 0:50 / /srv/app rw - ceph host:/ rw\n", MOUNT_OTHER},
    {"FUSE", ROOT "30 20 0:50 / /srv/app rw - fuse.sshfs host:/ rw\n", MOUNT_OTHER},
    {"FUSE with a device", ROOT "30 20 8:17 / /srv/app rw - fuseblk /dev/sdb1 rw\n", MOUNT_OTHER},
    {"memory", ROOT "30 20 0:50 / /srv/app rw - tmpfs tmpfs rw\n", MOUNT_OTHER},
    {"an overlay", ROOT "30 20 0:50 / /srv/app rw - overlay overlay rw,lowerdir=/x\n", MOUNT_OTHER},
    {"pseudo-terminals", ROOT "30 20 0:50 / /srv/app rw - devpts devpts rw\n", MOUNT_OTHER},
    {"no line can be read", "30 20 8:17\n", MOUNT_NONE},
};

int main(void)
{
    for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
        _cleanup_free_ char *text = strdup(rows[i].text);

        OK(text && mount_kind(text, "/srv/app") == rows[i].kind, "%s", rows[i].label);
    }
    return tests_done();
}
