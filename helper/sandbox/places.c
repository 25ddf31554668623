/* SPDX-License-Identifier: MIT */
/* Makes the sandbox's own /dev, /proc, /run and /tmp. Does not know the state or the trees. */
#include "sandbox/internal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

/* Says whether path itself is a directory. A symbolic link needs no cover, because its target is
 * covered. */
static bool is_directory(const char *path)
{
    struct stat st;

    return lstat(path, &st) >= 0 && S_ISDIR(st.st_mode);
}

static void cover(const Setup *setup, const char *path, const char *mode)
{
    _cleanup_close_ int fd = -1;

    if (!is_directory(path))
        return;
    fd = mount_make_tmpfs(setup, mode, MEMORY_SMALL);
    mount_attach(setup, fd, path);
    if (streq(mode, "0555"))
        mount_seal(setup, fd, path);
}

/* --- /dev, /proc, /run ----------------------------------------------------------------------- */

static const char *const device_nodes[] = {"null", "zero", "full", "random", "urandom", "tty"};

static char *node_path(const Setup *setup, size_t i)
{
    char *path = strprintf("/dev/%s", device_nodes[i]);

    if (!path)
        sandbox_fail(setup, ENOMEM, "cannot plan /dev");
    return path;
}

static void make_dev(const Setup *setup, const HostPlaces *host)
{
    static const char *const links[][2] = {
        {"/proc/self/fd", "fd"},       {"/proc/self/fd/0", "stdin"}, {"/proc/self/fd/1", "stdout"},
        {"/proc/self/fd/2", "stderr"}, {"pts/ptmx", "ptmx"},
    };
    _cleanup_close_ int dev = mount_make_tmpfs(setup, "0755", MEMORY_SMALL);
    _cleanup_close_ int pts = -1, shm = -1;

    for (size_t i = 0; i < ELEMENTSOF(links); i++)
        if (symlinkat(links[i][0], dev, links[i][1]) < 0)
            sandbox_fail(setup, errno, "cannot make /dev/%s", links[i][1]);
    if (mkdirat(dev, "pts", 0755) < 0 || mkdirat(dev, "shm", 0755) < 0)
        sandbox_fail(setup, errno, "cannot make the directories of /dev");
    mount_attach(setup, dev, "/dev");

    for (size_t i = 0; i < ELEMENTSOF(device_nodes); i++)
        if (host->nodes[i] >= 0) {
            _cleanup_free_ char *path = node_path(setup, i);

            mount_attach(setup, host->nodes[i], path);
        }

    /* expect(1), script(1) and ssh(1) need terminals, but must not get the host's terminals. */
    pts =
        mount_make(setup, "devpts", (const char *const[]){"ptmxmode", "0666", "mode", "0620", NULL},
                   MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
    mount_attach(setup, pts, "/dev/pts");
    shm = mount_make_tmpfs(setup, "1777", MEMORY_LARGE);
    mount_attach(setup, shm, "/dev/shm");
    mount_seal(setup, dev, "/dev");
}

/* Mounts a new procfs, which shows only the processes of the sandbox. The procfs is read-only,
 * because otherwise uid 0 could write to /proc/sys and /proc/sysrq-trigger, where the kernel checks
 * only file modes, and no capability.
 *
 * Processes cannot write their own entries either (oom_score_adj, the names of other threads), but
 * programs treat these as optional. Opening /proc/self/fd/N and /dev/stdout for writing still
 * works. */
static void make_proc(const Setup *setup)
{
    static const char *const covered[] = {"/proc/kcore", "/proc/keys", "/proc/key-users",
                                          "/proc/kmsg", "/proc/timer_list"};
    _cleanup_close_ int proc =
        mount_make(setup, "proc", NULL, MOUNT_ATTR_RDONLY | NO_TRUST | MOUNT_ATTR_NOEXEC);

    mount_attach(setup, proc, "/proc");
    for (size_t i = 0; i < ELEMENTSOF(covered); i++) {
        _cleanup_close_ int fd = -1;

        if (access(covered[i], F_OK) < 0)
            continue;
        /* A device node is a good cover, because it cannot be opened on a mount with nodev. */
        fd = mount_take(setup, AT_FDCWD, "/dev/null", 0, MOUNT_ATTR_RDONLY | NO_TRUST);
        if (fd < 0)
            sandbox_fail(setup, -fd, "cannot copy the mount of /dev/null");
        mount_attach(setup, fd, covered[i]);
    }
}

/* Copies links into the Nix store. On NixOS, /run has the links to the whole system (current-system
 * and others). */
static void copy_store_links(const Setup *setup, int from, int to)
{
    _cleanup_closedir_ DIR *directory = NULL;
    int copy = fcntl(from, F_DUPFD_CLOEXEC, 3);
    char target[PATH_MAX];

    directory = copy < 0 ? NULL : fdopendir(copy);
    if (!directory)
        sandbox_fail(setup, errno, "cannot read the host's /run");
    for (struct dirent *entry; (entry = readdir(directory));) {
        ssize_t n = readlinkat(from, entry->d_name, target, sizeof(target) - 1);

        if (n < 0)
            continue; /* not a link */
        target[n] = '\0';
        if (startswith(target, "/nix/store/") && symlinkat(target, to, entry->d_name) < 0)
            sandbox_fail(setup, errno, "cannot make the link /run/%s", entry->d_name);
    }
}

static void take_shown(const Setup *setup, HostPlaces *host, const char *path)
{
    int fd = mount_take(setup, AT_FDCWD, path, AT_SYMLINK_NOFOLLOW | AT_RECURSIVE,
                        MOUNT_ATTR_RDONLY | NO_TRUST);

    if (fd < 0)
        return; /* the host has no such file */
    if (!ARRAY_GROW(host->shown, host->n_shown) ||
        !(host->shown[host->n_shown - 1].path = strdup(path)))
        sandbox_fail(setup, ENOMEM, "cannot show '%s'", path);
    host->shown[host->n_shown - 1].fd = fd;
}

/* Says whether name is in the list, or begins with a name of the list and one of ".-@", as
 * "app.sock" begins with "app". */
static bool is_named(char *const *names, const char *name)
{
    STRV_FOREACH (prefix, (char **)names) {
        const char *rest = startswith(name, *prefix) ? name + strlen(*prefix) : NULL;

        if (rest && (!*rest || strchr(".-@", *rest)))
            return true;
    }
    return false;
}

/* Copies the mounts of the parts of the host's /run that an open sandbox shows. Of root's files,
 * only the service's own and those of name services are shown: through other sockets and FIFOs of
 * root, a script as root could command daemons, which check the uid of the peer but not its
 * capabilities. */
static void take_run(const Setup *setup, HostPlaces *host)
{
    static const char *const never[] = {"systemd", "credentials", "user"};
    _cleanup_closedir_ DIR *directory = opendir("/run");
    _cleanup_free_ char *resolver = realpath("/etc/resolv.conf", NULL);
    struct stat st;

    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        _cleanup_free_ char *path = strprintf("/run/%s", entry->d_name);
        bool hidden = entry->d_name[0] == '.';

        if (!path)
            sandbox_fail(setup, ENOMEM, "cannot show '/run'");
        for (size_t i = 0; i < ELEMENTSOF(never); i++)
            hidden = hidden || streq(entry->d_name, never[i]);
        if (hidden || lstat(path, &st) < 0 || S_ISLNK(st.st_mode))
            continue;
        if (st.st_uid != 0 || is_named(setup->sandbox->run_names, entry->d_name))
            take_shown(setup, host, path);
    }
    take_shown(setup, host, "/run/nscd");
    take_shown(setup, host, "/run/systemd/resolve");
    if (resolver && startswith(resolver, "/run/") && !startswith(resolver, "/run/systemd/resolve/"))
        take_shown(setup, host, resolver);
}

static void make_run(const Setup *setup, const char *path)
{
    _cleanup_close_ int host = -1, run = -1;

    if (!is_directory(path))
        return;
    host = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (host < 0)
        sandbox_fail(setup, errno, "cannot open '%s'", path);
    run = mount_make_tmpfs(setup, "0755", MEMORY_SMALL);
    copy_store_links(setup, host, run);
    if (mkdirat(run, "lock", 0755) < 0 || fchmodat(run, "lock", 01777, 0) < 0)
        sandbox_fail(setup, errno, "cannot make /run/lock");
    mount_attach(setup, run, path);
}

/* Covers a socket or FIFO with a device node, which cannot be opened on a mount with nodev. */
static void cover_special(const Setup *setup, const char *path)
{
    _cleanup_close_ int fd = -1;
    struct stat st;

    if (lstat(path, &st) < 0 || !(S_ISSOCK(st.st_mode) || S_ISFIFO(st.st_mode)))
        return;
    fd = mount_take(setup, AT_FDCWD, "/dev/null", 0, MOUNT_ATTR_RDONLY | NO_TRUST);
    if (fd < 0)
        sandbox_fail(setup, -fd, "cannot copy the mount of /dev/null");
    mount_attach(setup, fd, path);
}

/* Covers the host's sockets and FIFOs, such as those of databases and container managers. A
 * read-only mount does not prevent a connection, and the network namespace separates abstract
 * sockets only. */
static void cover_specials(const Setup *setup)
{
    const char *end = setup->specials + setup->specials_size;

    for (const char *path = setup->specials; path < end; path += strlen(path) + 1)
        if (*path)
            cover_special(setup, path);
}

/* --- all together ---------------------------------------------------------------------------- */

static const char *const temporary[] = {"/tmp", "/var/tmp"};

static bool is_full(const char *path)
{
    struct statvfs fs;

    return statvfs(path, &fs) == 0 && fs.f_blocks > 0 && !(fs.f_flag & ST_RDONLY) &&
           fs.f_bavail < fs.f_blocks / 100;
}

const char *places_full(const Sandbox *sandbox)
{
    if (is_full("/dev/shm"))
        return "/dev/shm";
    for (size_t i = 0; !sandbox->temporary_fd && i < ELEMENTSOF(temporary); i++)
        if (is_full(temporary[i]))
            return temporary[i];
    /* An overlay has the free space of its upper layer. */
    for (size_t i = 0; sandbox->access == SANDBOX_THROWAWAY && i < sandbox->n_trees; i++)
        if (is_full(sandbox->trees[i].path))
            return sandbox->trees[i].path;
    return NULL;
}

void places_take(const Setup *setup, HostPlaces *ret)
{
    _Static_assert(ELEMENTSOF(ret->nodes) == ELEMENTSOF(device_nodes), "one for each");

    for (size_t i = 0; i < ELEMENTSOF(device_nodes); i++) {
        _cleanup_free_ char *path = node_path(setup, i);

        /* Root in the sandbox must not change the mode of the host's node. Writing to the device
         * still works. */
        ret->nodes[i] = mount_take(setup, AT_FDCWD, path, 0,
                                   MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
    }
    for (size_t i = 0; i < ELEMENTSOF(temporary); i++) {
        const int *fd = setup->sandbox->temporary_fd;

        ret->temporary[i] = fd ? mount_take(setup, *fd, "", AT_EMPTY_PATH, NO_TRUST) : -1;
        if (fd && ret->temporary[i] < 0)
            sandbox_fail(setup, -ret->temporary[i], "cannot copy the mount for '%s'", temporary[i]);
        if (fd) /* programs execute from /tmp, although a disk of data may be mounted noexec */
            (void)!mount_allow_execution(ret->temporary[i]);
    }
    ret->shown = NULL;
    ret->n_shown = 0;
    if (setup->sandbox->open)
        take_run(setup, ret);
}

void places_make(const Setup *setup, const HostPlaces *host)
{
    static const char *const hidden[] = {"/sys/kernel/debug", "/sys/kernel/tracing"};

    make_dev(setup, host);
    make_proc(setup);
    for (size_t i = 0; i < ELEMENTSOF(temporary); i++)
        if (host->temporary[i] < 0)
            cover(setup, temporary[i], "1777");
        else if (is_directory(temporary[i]))
            mount_attach(setup, host->temporary[i], temporary[i]);
    for (size_t i = 0; i < ELEMENTSOF(hidden); i++)
        cover(setup, hidden[i], "0555");
    /* /var/run is a link to /run, except on the oldest systems. */
    make_run(setup, "/run");
    make_run(setup, "/var/run");
    for (size_t i = 0; i < host->n_shown; i++)
        mount_attach(setup, host->shown[i].fd, host->shown[i].path);
    if (!setup->sandbox->open)
        cover_specials(setup);
}
