/* SPDX-License-Identifier: MIT */
/* Slots are files in /run that are locked with flock(2), so that a lock ends with its process. */
#include "script/slots.h"

#include "basic/directory.h"
#include "script/progress.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PARENT "/run/migrate"
#define SLOTS  "slots"

/* The interval at which slots are polled, as no system call waits for one of several locks. Two
 * hundred waiting processes need less than a hundredth of a processor. */
#define ASK_AGAIN_MSEC 100

static int held_fd = -1;

static size_t count_slots(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);

    return n > 2 ? (size_t)n : 2;
}

static int open_directory(int parent_fd, const char *path)
{
    if (mkdirat(parent_fd, path, 0700) < 0 && errno != EEXIST)
        return -errno;
    return directory_fd(parent_fd, path);
}

static int open_slots(void)
{
    _cleanup_close_ int parent_fd = open_directory(AT_FDCWD, PARENT);

    return parent_fd < 0 ? parent_fd : open_directory(parent_fd, SLOTS);
}

/* Tries to take one slot. 0, 1 if another process has it, or a negative errno. */
static int try_one(int slots_fd, size_t number)
{
    char name[24];
    _cleanup_close_ int fd = -1;

    snprintf(name, sizeof(name), "%zu", number);
    fd = openat(slots_fd, name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    if (flock(fd, LOCK_EX | LOCK_NB) < 0)
        return errno == EWOULDBLOCK ? 1 : -errno;
    held_fd = TAKE_FD(fd);
    return 0;
}

int slots_try(const LogContext *log)
{
    _cleanup_close_ int slots_fd = -1;
    int r;

    if (held_fd >= 0)
        return 0;
    slots_fd = open_slots();
    r = slots_fd < 0 ? slots_fd : 1;
    for (size_t i = 0, n = count_slots(); r == 1 && i < n; i++)
        r = try_one(slots_fd, i);
    if (r < 0)
        log_warning(log,
                    "The number of migrations at the same time is not limited: cannot use " PARENT
                    "/" SLOTS ": %s",
                    strerror(-r));
    return r == 1;
}

int slots_take(const LogContext *log, const volatile sig_atomic_t *cancel)
{
    if (slots_try(log) == 0)
        return 0;
    progress_wait("%zu other migrations are running, which is the limit", count_slots());
    do {
        if (cancel && *cancel)
            return -ECANCELED;
        poll(NULL, 0, ASK_AGAIN_MSEC);
    } while (slots_try(log) == 1);
    progress_wait("a slot is free now");
    return 0;
}

void slots_give(void)
{
    if (held_fd < 0)
        return;
    /* close() alone is not enough: a child may have a copy of the descriptor. */
    flock(held_fd, LOCK_UN);
    close(held_fd);
    held_fd = -1;
}
