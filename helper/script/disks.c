/* SPDX-License-Identifier: MIT */
/* Watches the file systems that a script writes to. Measures free space only: what other programs
 * write counts, too. */
#include "script/disks.h"

#include "basic/text.h"
#include "place/space.h"

#include <sys/stat.h>

#define NEARLY_FULL (UINT64_C(1) << 20)
#define NOISE       (UINT64_C(1) << 20) /* writes of other programs, and of the file system */

void disks_free(Disks *disks)
{
    free(disks->items);
}

static bool is_same(int a, int b)
{
    struct stat x, y;

    return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev;
}

/* Returns false if the disk has less than its reserve. */
static bool look(const Disks *disks, Disk *disk)
{
    struct statvfs fs;

    if (fstatvfs(disk->fd, &fs) < 0)
        return true;
    disk->last = (uint64_t)(disks->reserved ? fs.f_bfree : fs.f_bavail) * fs.f_frsize;
    disk->least = MIN(disk->least, disk->last);
    disk->no_inodes = disk->no_inodes || (fs.f_files > 0 && fs.f_favail == 0);
    return (uint64_t)fs.f_bavail * fs.f_frsize >= disk->reserve;
}

int disks_add(Disks *disks, int fd, const char *path)
{
    struct statvfs fs;
    Disk *disk;

    ITEMS_FOREACH (other, disks)
        if (is_same(other->fd, fd))
            return 0;
    if (fstatvfs(fd, &fs) < 0)
        return -errno;
    disk = ARRAY_GROW(disks->items, disks->n_items);
    if (!disk)
        return -ENOMEM;
    *disk = (Disk){.fd = fd, .path = path, .least = UINT64_MAX, .reserve = space_reserve(&fs)};
    (void)look(disks, disk);
    disk->before = disk->last;
    return 0;
}

bool disks_look(Disks *disks)
{
    ITEMS_FOREACH (disk, disks)
        if (!look(disks, disk) && !disks->low)
            disks->low = disk;
    return disks->low;
}

char *disks_describe_full(const Disks *disks, const char *said)
{
    bool told = said && strstr(said, strerror(ENOSPC));
    char peak[32], before[32];
    const Disk *full = NULL;

    /* A script may remove its files before the next look, so its own words count, too. */
    ITEMS_FOREACH (disk, disks) {
        uint64_t limit = told ? MAX(NEARLY_FULL, disk->before / 10) : NEARLY_FULL;

        if ((disk->no_inodes || disk->least < limit) && (!full || disk->least < full->least))
            full = disk;
    }
    if (!full)
        return strdup("");
    if (full->no_inodes)
        return strprintf(" while the file system of '%s' had no inodes left", full->path);
    text_size(peak, sizeof(peak), full->before - MIN(full->before, full->least));
    text_size(before, sizeof(before), full->before);
    return strprintf(" while the file system of '%s' was full: the script used %s there at its "
                     "peak, and needs more than the %s that were free beside the clone",
                     full->path, peak, before);
}

char *disks_describe_low(const Disks *disks)
{
    const Disk *low = disks->low;
    char left[32], peak[32], reserve[32];

    text_size(left, sizeof(left), low->least);
    text_size(peak, sizeof(peak), low->before - MIN(low->before, low->least));
    text_size(reserve, sizeof(reserve), low->reserve);
    return strprintf("it left only %s on the file system of '%s', where a rehearsal leaves %s to "
                     "the services that run: it had used %s. Free more space there",
                     left, low->path, reserve, peak);
}

uint64_t disks_temporary(const Disks *disks)
{
    uint64_t most = 0;

    ITEMS_FOREACH (disk, disks)
        most = MAX(most, disk->last - MIN(disk->last, disk->least));
    return most < NOISE ? 0 : most;
}
