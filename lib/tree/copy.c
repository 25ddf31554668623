/* SPDX-License-Identifier: MIT */
/* Copies the content of one entry. Makes no file larger on disk than the original. */
#include "tree/copy.h"

#include "tree/inode.h"
#include "tree/tree.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>

/* The result of checking an entry again. */
typedef enum Look {
    LOOK_SAME = 0,
    LOOK_GONE = 1, /* nothing to copy */
} Look;

/* The amount to copy between two checks of the cancel flag. */
#define CHUNK ((uint64_t)4 << 20)
/* The amount to copy before the kernel starts writing, so that the device is busy during the copy
 * and the caller's syncfs(2) has less to do. */
#define WRITE_BEHIND ((uint64_t)16 << 20)
/* For smaller files, a buffer is faster than the kernel's copy, which sets up a pipe. */
#define SMALL ((uint64_t)64 << 10)

static bool is_unsupported(int error)
{
    return error == EOPNOTSUPP || error == ENOTTY || error == ENOSYS || error == EXDEV;
}

/* Shares the content of a file. Returns 1, 0 if the content must be copied, or a negative errno. */
static int reflink(Scratch *scratch, int in, int out)
{
    Copy *copy = scratch->copy;

    if (atomic_load(&copy->no_reflink))
        return 0;
    if (ioctl(out, FICLONE, in) >= 0)
        return 1;
    if (is_unsupported(errno))
        atomic_store(&copy->no_reflink, true);
    else if (errno != EINVAL &&
             errno != ETXTBSY) /* these errors concern only this file, for instance a swap file */
        return -errno;
    return 0;
}

static ssize_t copy_by_buffer(Scratch *scratch, int in, int out, off_t at, size_t size)
{
    ssize_t n = pread(in, scratch->buffer, MIN(size, sizeof(scratch->buffer)), at);

    for (ssize_t done = 0; done < n;) {
        ssize_t written = pwrite(out, scratch->buffer + done, n - done, at + done);

        if (written < 0 && errno != EINTR)
            return -errno;
        done += MAX(written, (ssize_t)0);
    }
    return n < 0 ? -errno : n;
}

static ssize_t copy_some(Scratch *scratch, int in, int out, off_t at, size_t size)
{
    Copy *copy = scratch->copy;

    if (size > SMALL && !atomic_load(&copy->no_kernel_copy)) {
        off_t from = at, to = at;
        ssize_t n = copy_file_range(in, &from, out, &to, size, 0);

        if (n > 0 || (n < 0 && errno == EINTR))
            return n < 0 ? -EINTR : n;
        /* Some file systems return 0 instead of an error; the read below finds the real end. */
        if (n < 0 && !is_unsupported(errno) && errno != EINVAL)
            return -errno;
        if (n < 0)
            atomic_store(&copy->no_kernel_copy, true);
    }
    return copy_by_buffer(scratch, in, out, at, size);
}

static int copy_extent(Scratch *scratch, int in, int out, uint64_t at, uint64_t end)
{
    Copy *copy = scratch->copy;
    uint64_t written = at;

    while (at < end) {
        uint64_t chunk = MIN(end - at, CHUNK);

        if (copy_stopped(copy))
            return -ECANCELED;
        if (atomic_fetch_add(&copy->copied, chunk) + chunk > copy->limit)
            return CLONE_OVER_LIMIT;
        while (chunk > 0) {
            ssize_t n = copy_some(scratch, in, out, at, chunk);

            if (n == -EINTR)
                continue;
            if (n <= 0)
                return n < 0 ? n : copy->live ? 0 : -ESTALE; /* the file has become shorter */
            at += n;
            chunk -= n;
            atomic_fetch_add(&copy->bytes, n);
        }
        if (at - written >= WRITE_BEHIND) {
            sync_file_range(out, written, at - written, SYNC_FILE_RANGE_WRITE);
            written = at;
        }
    }
    return 0;
}

static int copy_content(Scratch *scratch, int in, int out, const struct statx *st)
{
    uint64_t size = st->stx_size, at = 0, end = 0;
    int r;

    if (size == 0)
        return 0;
    r = reflink(scratch, in, out);
    if (r < 0)
        return r;
    if (r > 0) {
        atomic_fetch_add(&scratch->copy->bytes, statx_content(st));
        return 0;
    }

    if (lseek(in, 0, SEEK_HOLE) >= (off_t)size) /* most files have no hole; this saves a call */
        return copy_extent(scratch, in, out, 0, size);
    while (at < size) {
        off_t data = lseek(in, at, SEEK_DATA), hole;

        if (data < 0 && errno == ENXIO) /* the hole reaches to the end */
            break;
        if (data < 0 && errno != EINVAL)
            return -errno;
        hole = data < 0 ? -1 : lseek(in, data, SEEK_HOLE);
        if (data < 0)
            data = at;
        if (hole < 0)
            hole = size;
        end = MIN((uint64_t)hole, size);
        r = copy_extent(scratch, in, out, data, end);
        if (r != 0)
            return r;
        at = hole;
    }
    return end < size && ftruncate(out, size) < 0 ? -errno : 0;
}

/* Checks the opened entry again; fd may be the negative errno of the open. Returns a Look, or a
 * negative errno. */
static int look_again(const Copy *copy, int fd, const struct statx *seen, struct statx *ret)
{
    int r = fd < 0 ? fd : stat_at(fd, "", ret);

    if (!copy->live)
        return r < 0 ? r : entry_unchanged(ret, seen) ? 0 : -ESTALE;
    if (r == -ESTALE || (r == 0 && (ret->stx_mode & S_IFMT) != (seen->stx_mode & S_IFMT)))
        return LOOK_GONE;
    return r;
}

int copy_file(Scratch *scratch, int source_dir, int target_dir, const char *name,
              const struct statx *seen, CopyFlags flags)
{
    _cleanup_close_ int in = -1, out = -1;
    struct statx now;
    unsigned inode;
    int r;

    in = open_quietly(source_dir, name, 0);
    r = look_again(scratch->copy, changed_is_stale(in), seen, &now);
    /* If the file has further names, its target exists already, and must not remain as an empty
     * file. */
    if (r == LOOK_GONE)
        return flags & COPY_EXISTS ? -ESTALE : 0;
    if (r != 0)
        return r;
    seen = &now;

    out = openat(target_dir, name,
                 O_WRONLY | O_NOFOLLOW | O_CLOEXEC | (flags & COPY_EXISTS ? 0 : O_CREAT | O_EXCL),
                 seen->stx_mode & 0777);
    if (out < 0)
        return -errno;
    r = inode_flags(in, &inode);
    if (r >= 0)
        r = prepare_file(scratch, in, out, inode);
    if (r < 0)
        return r;
    r = copy_content(scratch, in, out, seen);
    if (r != 0)
        return r;
    r = copy_attributes(scratch, in, out, seen, inode, NULL, flags);
    if (r >= 0 && !scratch->copy->live)
        r = check_unchanged(in, seen);
    if (r >= 0)
        atomic_fetch_add(&scratch->copy->files, 1);
    return r;
}

int copy_special(Scratch *scratch, int source_dir, int target_dir, const char *name,
                 const struct statx *seen)
{
    _cleanup_close_ int in = -1, out = -1;
    struct statx now;
    int r;

    in = openat(source_dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    r = look_again(scratch->copy, in < 0 ? changed_is_stale(-errno) : in, seen, &now);
    if (r != 0)
        return r == LOOK_GONE ? 0 : r;
    seen = &now;

    if (S_ISLNK(seen->stx_mode)) {
        ssize_t n = readlinkat(in, "", scratch->value, sizeof(scratch->value) - 1);

        if (n < 0)
            return -errno;
        scratch->value[n] = 0;
        r = symlinkat(scratch->value, target_dir, name);
    } else
        r = mknodat(target_dir, name, (seen->stx_mode & S_IFMT) | 0600,
                    makedev(seen->stx_rdev_major, seen->stx_rdev_minor));
    if (r < 0)
        return -errno;

    out = openat(target_dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (out < 0)
        return -errno;
    r = copy_special_attributes(scratch, in, out, target_dir, name, seen);
    if (r >= 0 && !scratch->copy->live)
        r = check_unchanged(in, seen);
    if (r >= 0)
        atomic_fetch_add(&scratch->copy->files, 1);
    return r;
}
