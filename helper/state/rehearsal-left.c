/* SPDX-License-Identifier: MIT */
/* STORE/rehearsing is on disk from before the first clone until all clones are removed, so after a
 * crash the record names each base that may have a clone. Only rehearsals use the name
 * REHEARSAL_DIRECTORY in a base, so anything with that name can be removed. */
#include "state/rehearsal-left.h"

#include "basic/directory.h"
#include "place/place.h"
#include "store/base.h"
#include "tree/tree.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>

#define LOCK_FILE "rehearsal.lock"

#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif

/* --- the lock ------------------------------------------------------------------------------ */

/* Unlike a lock of flock(2), a lock of fcntl(2) tells who has the lock, and is not inherited by
 * child processes. */
static struct flock whole_file(short type)
{
    return (struct flock){.l_type = type, .l_whence = SEEK_SET};
}

int rehearsal_lock(const Store *store, int *ret_fd)
{
    _cleanup_close_ int fd =
        openat(store->fd, LOCK_FILE, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    struct flock lock = whole_file(F_WRLCK);

    if (fd < 0)
        return -errno;
    if (fcntl(fd, F_SETLK, &lock) < 0)
        return errno == EACCES || errno == EAGAIN ? 1 : -errno;
    *ret_fd = TAKE_FD(fd);
    return 0;
}

/* Returns the process that has the lock. 0: none, or none that this process can see. */
static pid_t find_holder(int fd)
{
    struct flock lock = whole_file(F_WRLCK);

    return fcntl(fd, F_GETLK, &lock) < 0 || lock.l_type == F_UNLCK ? 0 : lock.l_pid;
}

void rehearsal_give_way(const Store *store)
{
    _cleanup_close_ int fd = openat(store->fd, LOCK_FILE, O_RDWR | O_NOFOLLOW | O_CLOEXEC),
                        pidfd = -1;
    pid_t pid = fd < 0 ? 0 : find_holder(fd);

    if (pid <= 0)
        return;
    pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
    /* Looks for the holder again, since the pid may have become another process's before pidfd was
     * open. */
    if (pidfd >= 0 && find_holder(fd) == pid)
        syscall(SYS_pidfd_send_signal, pidfd, SIGUSR1, NULL, 0);
}

/* --- clones that are left ------------------------------------------------------------------ */

/* Removes the clone of a rehearsal in one base. 0, REHEARSAL_AWAY if the base's disk is not
 * mounted, or a negative errno. */
static int drop_in(const Store *store, const char *base)
{
    _cleanup_close_ int fd = streq(base, store->path)             ? directory_fd(store->fd, ".")
                             : base_is_outside(base, store->name) ? base_open(NULL, base)
                                                                  : -EBADMSG;
    int r;

    if (fd == -ENOENT)
        return place_base_is_mounted(base) ? 0 : REHEARSAL_AWAY;
    if (fd < 0)
        return fd;
    r = tree_remove(fd, REHEARSAL_DIRECTORY);
    return r == 0 && fsync(fd) < 0 ? -errno : r;
}

int rehearsal_drop_locked(const Store *store, bool kept)
{
    _cleanup_(rehearsing_record_free) RehearsingRecord record = {};
    int r = rehearsing_record_read(store, RECORD_REHEARSING, &record), away = 0;

    if (r == 1 || (r == 0 && !kept && record.kept))
        return 0;
    /* A damaged record names no bases, so only the store is cleaned up. */
    if (r == -EBADMSG)
        r = drop_in(store, store->path);
    /* mutation: remove-rehearsal */
    for (char **base = record.bases; r >= 0 && base && *base; base++) {
        r = drop_in(store, *base);
        away = MAX(away, r);
    }
    if (r < 0 || away > 0)
        return r < 0 ? r : away;
    return record_remove(store, RECORD_REHEARSING);
}

int rehearsal_drop(const Store *store, bool kept)
{
    _cleanup_close_ int lock_fd = -1;
    int r;

    if (!store_has(store, RECORD_REHEARSING))
        return 0;
    r = rehearsal_lock(store, &lock_fd);
    return r == 0 ? rehearsal_drop_locked(store, kept) : r < 0 ? r : REHEARSAL_AT_WORK;
}

void rehearsal_make_room(const Store *store)
{
    rehearsal_give_way(store);
    for (int i = 0; i < 300 && rehearsal_drop(store, true) == REHEARSAL_AT_WORK; i++)
        poll(NULL, 0, 100);
}
