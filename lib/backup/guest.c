/* SPDX-License-Identifier: MIT */
/* Locks and lists guests. No link in a host's state is followed. */
#include "backup/guest.h"

#include "store/stamp.h"

#include <fcntl.h>
#include <sys/file.h>

#define GUESTS_LOCK "guests"

int guests_lock(const Store *host, bool shared, int *ret_fd)
{
    _cleanup_close_ int fd = openat(
        host->fd, GUESTS_LOCK, O_RDONLY | (shared ? O_CREAT : 0) | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd < 0 && (shared || errno != ENOENT))
        return -errno;
    if (fd >= 0 && flock(fd, (shared ? LOCK_SH : LOCK_EX) | LOCK_NB) < 0)
        return errno == EWOULDBLOCK ? 1 : -errno;
    *ret_fd = TAKE_FD(fd);
    return 0;
}

char *guests_describe_busy(const Declarations *declarations, const char *host)
{
    _cleanup_free_ const char **names = NULL;
    _cleanup_string_ String s = {};
    size_t n = 0;
    char *text;

    if (declarations && declarations_guests(declarations, host, &names, &n) < 0)
        return NULL;
    if (n == 1)
        return strprintf(
            "a part of %s lives in this state and is being migrated: systemctl status migrate@%s",
            names[0], names[0]);
    if (n == 0)
        return strdup("a service that keeps data in this state (Within=) is being migrated: "
                      "systemctl status 'migrate@*'");
    string_append(&s, "a service that keeps data in this state is being migrated (one of ");
    for (size_t i = 0; i < n; i++)
        string_appendf(&s, "%s%s", i > 0 ? ", " : "", names[i]);
    string_append(&s, "): systemctl status 'migrate@*'");
    return string_finish(&s, &text) < 0 ? NULL : text;
}

/* Reads the stamps of a service as text, "17" or "16 and 17". *ret stays NULL without stamps. */
static int read_version(int dir_fd, const char *name, char **ret)
{
    _cleanup_(stamps_free) Stamps stamps = {};
    int r = dir_fd < 0 ? 0 : stamps_read(dir_fd, name, &stamps);

    if (r < 0 || !stamps.versions)
        return r;
    *ret = stamps_describe(&stamps);
    return *ret ? 0 : -ENOMEM;
}

/* Opens the host's first directory. -1: it is missing. */
static int open_place(const char *root, const Declaration *host)
{
    _cleanup_free_ char *path = NULL;

    if (host->stamps.n_items == 0)
        return -1;
    path = strprintf("%s%s", root ? root : "", host->stamps.items[0].value);
    return path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
}

/* Opens the first directory in the backup. -1: it is missing. */
static int open_backup(const char *root, const Store *host, const Backup *backup)
{
    _cleanup_close_ int base_fd = -1, own_fd = -1;
    int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

    if (!backup || backup->n_places == 0 || !backup->places[0].base || !backup->places[0].entry)
        return -1;
    base_fd = backup_open_base(root, host, backup->places[0].base);
    own_fd = base_fd < 0 ? -1 : openat(base_fd, backup->id, flags);
    return own_fd < 0 ? -1 : openat(own_fd, backup->places[0].entry, flags);
}

int guests_read(const char *root, const Declarations *declarations, const Store *host,
                const Backup *backup, Guests *ret)
{
    const Declaration *declaration = declarations_find(declarations, host->name);
    _cleanup_(guests_free) Guests guests = {};
    _cleanup_free_ const char **names = NULL;
    _cleanup_close_ int now_fd = declaration ? open_place(root, declaration) : -1,
                        then_fd = open_backup(root, host, backup);
    size_t n;
    int r;

    r = declarations_guests(declarations, host->name, &names, &n);
    for (size_t i = 0; r == 0 && i < n; i++) {
        Guest *guest = ARRAY_GROW(guests.items, guests.n_items);

        if (!guest)
            return -ENOMEM;
        *guest = (Guest){.name = names[i],
                         .wanted = declarations_find(declarations, names[i])->version.value};
        r = read_version(now_fd, guest->name, &guest->now);
        if (r == 0)
            r = read_version(then_fd, guest->name, &guest->then);
    }
    if (r < 0)
        return r;
    *ret = TAKE_STRUCT(guests);
    return 0;
}

void guests_free(Guests *guests)
{
    ARRAY_FOREACH (guest, guests->items, guests->n_items) {
        free(guest->now);
        free(guest->then);
    }
    free(guests->items);
    *guests = (Guests){};
}

bool guest_is_set_back(const Guest *guest)
{
    return !streq_null(guest->now, guest->then ? guest->then : "");
}

static char *guest_describe_set_back(const Guest *guest)
{
    const char *now = guest->now ? guest->now : "none";

    return guest->then ? strprintf("a part of %s lives in it, at version %s now, in the backup at "
                                   "%s: %s stays down afterwards",
                                   guest->name, now, guest->then, guest->name)
                       : strprintf("a part of %s lives in it, at version %s now, not in the "
                                   "backup: %s stays down afterwards",
                                   guest->name, now, guest->name);
}

int guests_describe_set_back(const Declarations *declarations, const Store *host, const char *id,
                             char ***reasons)
{
    _cleanup_(backups_free) Backups backups = {};
    _cleanup_(guests_free) Guests guests = {};
    int r = backups_read(NULL, host, NULL, &backups);

    if (r == 0)
        r = guests_read(NULL, declarations, host, backups_find(&backups, id), &guests);
    ARRAY_FOREACH (guest, guests.items, guests.n_items)
        if (r == 0 && guest_is_set_back(guest))
            r = strv_consume(reasons, guest_describe_set_back(guest));
    return r;
}
