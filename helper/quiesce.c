/* SPDX-License-Identifier: MIT */
/* Quiescence: asks PID 1 about units and /proc about everybody else. Changes nothing. */
#include "quiesce.h"

#include "bus.h"

#include <ctype.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <systemd/sd-daemon.h>

static int busy(char **reterr_what, char *what)
{
    *reterr_what = what;
    return what ? QUIESCE_BUSY : -ENOMEM;
}

static int check_unit(sd_bus *bus, const Declaration *declaration, const char *unit, bool old,
                      char **reterr_what)
{
    _cleanup_(unit_state_free) UnitState state = {};
    int r;

    r = bus_unit_state(bus, unit, &state);
    if (r < 0)
        return busy(reterr_what, strprintf("cannot ask systemd about %s: %s", unit, strerror(-r)));
    r = unit_is_live(&state);
    /* The service's own unit waits for the gate, which waits for us. Older software that waits for
     * its restart has its gate still up, and 254 and later would let it start on what we leave. */
    if (r == 0 && old && streq(state.active, "activating"))
        r = 1;
    if (r <= 0)
        return r;
    if (old)
        return busy(
            reterr_what,
            strprintf("%s, which runs older software on the same state, is %s: stop it with "
                      "'systemctl stop %s', or let 'migratectl start %s' do all of it",
                      unit, state.active, unit, declaration->name));
    return busy(reterr_what,
                strprintf("%s is %s: 'systemctl restart %s' migrates between stop and start, "
                          "'migratectl start %s' does too",
                          unit, state.active, unit, declaration->name));
}

static int check_units(const Declaration *declaration, char **reterr_what)
{
    sd_bus *bus = NULL;
    int r;

    if (sd_booted() <= 0)
        return QUIESCE_IDLE; /* no manager, so no units */
    r = bus_open(&bus);
    if (r < 0)
        return busy(reterr_what,
                    strprintf("cannot reach systemd to ask whether the service is running: %s",
                              strerror(-r)));
    for (size_t i = 0; r == 0 && i < declaration->units.n_items; i++)
        r = check_unit(bus, declaration, declaration->units.items[i].value, false, reterr_what);
    for (size_t i = 0; r == 0 && i < declaration->old_units.n_items; i++)
        r = check_unit(bus, declaration, declaration->old_units.items[i].value, true, reterr_what);
    sd_bus_flush_close_unref(bus);
    return r;
}

/* --- everybody else ------------------------------------------------------------------------ */

/* What a process is called in a message: its command, its pid and its unit. */
static char *describe_process(int proc_fd, const char *pid)
{
    _cleanup_free_ char *comm_path = strprintf("%s/comm", pid),
                        *cgroup_path = strprintf("%s/cgroup", pid);
    _cleanup_free_ char *comm = NULL, *cgroup = NULL;
    const char *unit = NULL;
    char *state = NULL;

    if (!comm_path || !cgroup_path)
        return NULL;
    if (read_file_at(proc_fd, comm_path, 256, &comm, NULL) == 0)
        comm[strcspn(comm, "\n")] = '\0';
    /* A line a hierarchy, of which only systemd's own knows of units. */
    if (read_file_at(proc_fd, cgroup_path, 16384, &cgroup, NULL) == 0)
        for (char *line = strtok_r(cgroup, "\n", &state); line && !unit;
             line = strtok_r(NULL, "\n", &state))
            if (endswith(line, ".service") || endswith(line, ".scope"))
                unit = strrchr(line, '/');
    return strprintf("process %s (%s)%s%s", pid, comm ? comm : "?", unit ? " of " : "",
                     unit ? unit + 1 : "");
}

static const Place *place_of_path(const char *path, const Place *places, size_t n_places)
{
    for (size_t i = 0; i < n_places; i++)
        if (path_is_within(path, places[i].directory))
            return places + i;
    return NULL;
}

/* A path read from /proc is one of that process's mount namespace: a container has a /var/lib of
 * its own. It is ours when it leads us to the same file. A file that was deleted has no path to
 * compare. */
static bool is_same_file(int dir_fd, const char *name, const char *path)
{
    struct stat theirs, ours;

    if (endswith(path, " (deleted)"))
        return true;
    return fstatat(dir_fd, name, &theirs, 0) == 0 && lstat(path, &ours) == 0 &&
           theirs.st_dev == ours.st_dev && theirs.st_ino == ours.st_ino;
}

/* "flags:	0100002" in octal: is the access mode more than reading? */
static bool fd_is_writable(int process_fd, const char *fd_name)
{
    _cleanup_free_ char *path = strprintf("fdinfo/%s", fd_name), *text = NULL;
    const char *flags;

    if (!path || read_file_at(process_fd, path, 4096, &text, NULL) < 0)
        return false;
    flags = strstr(text, "flags:");
    return flags && (strtoul(flags + strlen("flags:"), NULL, 8) & O_ACCMODE) != O_RDONLY;
}

/* Does the process have a file of the state open for writing? 1, 0 or -ENOMEM; a process that ended
 * meanwhile has none. */
static int process_writes(int process_fd, const Place *places, size_t n_places, char **ret_path)
{
    int fd = openat(process_fd, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    _cleanup_closedir_ DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *de;

    if (!dir) {
        if (fd >= 0)
            close(fd);
        return 0;
    }
    while ((de = readdir(dir))) {
        char target[4096];
        ssize_t n;

        if (!isdigit((unsigned char)de->d_name[0]))
            continue;
        n = readlinkat(dirfd(dir), de->d_name, target, sizeof(target) - 1);
        if (n <= 0)
            continue;
        target[n] = '\0';
        if (target[0] == '/' && place_of_path(target, places, n_places) &&
            fd_is_writable(process_fd, de->d_name) &&
            is_same_file(dirfd(dir), de->d_name, target)) {
            *ret_path = strdup(target);
            return *ret_path ? 1 : -ENOMEM;
        }
    }
    return 0;
}

/* Does the process map a file of the state, shared and writable? */
static int process_maps(int process_fd, const Place *places, size_t n_places, char **ret_path)
{
    int fd = openat(process_fd, "maps", O_RDONLY | O_CLOEXEC);
    _cleanup_fclose_ FILE *f = fd < 0 ? NULL : fdopen(fd, "re");
    _cleanup_free_ char *line = NULL;
    size_t size = 0;

    if (!f) {
        if (fd >= 0)
            close(fd);
        return 0;
    }
    while (getline(&line, &size, f) > 0) {
        char *path = strchr(line, '/'), *mode = strchr(line, ' ');
        unsigned long inode;
        struct stat st;

        if (!path || !mode || mode[2] != 'w' || mode[4] != 's')
            continue;
        path[strcspn(path, "\n")] = '\0';
        if (!place_of_path(path, places, n_places) ||
            sscanf(mode, "%*s %*s %*s %lu", &inode) != 1 || lstat(path, &st) < 0 ||
            st.st_ino != inode)
            continue;
        *ret_path = strdup(path);
        return *ret_path ? 1 : -ENOMEM;
    }
    return 0;
}

static int check_process(int proc_fd, const char *pid, const Place *places, size_t n_places,
                         char **reterr_what)
{
    _cleanup_close_ int process_fd = openat(proc_fd, pid, O_PATH | O_DIRECTORY | O_CLOEXEC);
    _cleanup_free_ char *path = NULL, *who = NULL;
    int r;

    if (process_fd < 0)
        return 0;
    r = process_writes(process_fd, places, n_places, &path);
    if (r == 0)
        r = process_maps(process_fd, places, n_places, &path);
    if (r <= 0)
        return r;
    who = describe_process(proc_fd, pid);
    return busy(reterr_what,
                strprintf("%s has '%s' open for writing: stop it first", who ? who : pid, path));
}

/* One line of mountinfo, proc_pid_mountinfo(5). */
typedef struct Mount {
    char device[32];
    char root[4096];  /* what of the file system is mounted */
    char point[4096]; /* where, in that process's eyes */
} Mount;

static bool mount_parse(const char *line, Mount *ret)
{
    return sscanf(line, "%*u %*u %31s %4095s %4095s", ret->device, ret->root, ret->point) == 3;
}

/* Where a directory lies on its file system, whatever that is mounted at. */
typedef struct OnDisk {
    char *device, *path;
} OnDisk;

static void on_disk_free(OnDisk *on_disk)
{
    free(on_disk->device);
    free(on_disk->path);
}

/* From our own mountinfo: the last mount whose point is above the directory is the one that counts.
 */
static int on_disk_find(const char *directory, OnDisk *ret)
{
    _cleanup_free_ char *text = NULL;
    _cleanup_free_ Mount *best = calloc(1, sizeof(Mount)), *mount = calloc(1, sizeof(Mount));
    char *state = NULL;
    size_t length;
    int r;

    if (!best || !mount)
        return -ENOMEM;
    r = read_file_at(AT_FDCWD, "/proc/self/mountinfo", 16U << 20, &text, NULL);
    if (r < 0)
        return r;
    for (char *line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state))
        if (mount_parse(line, mount) &&
            (streq(mount->point, "/") || path_is_within(directory, mount->point)) &&
            strlen(mount->point) >= strlen(best->point))
            *best = *mount;
    length = streq(best->point, "/") ? 0 : strlen(best->point);
    ret->device = strdup(best->device);
    ret->path = strprintf("%s%s", streq(best->root, "/") ? "" : best->root, directory + length);
    return ret->device && ret->path ? 0 : -ENOMEM;
}

/* A mount of the state, or of a part of it, stays on the old directory after the swap, and what is
 * written through it lands in the backup; a mount below it in our own namespace moves into the
 * backup. */
static int check_namespace(int proc_fd, const char *pid, bool own, const Place *place,
                           const OnDisk *on_disk, char **reterr_what)
{
    _cleanup_free_ char *path = strprintf("%s/mountinfo", pid), *text = NULL, *who = NULL;
    _cleanup_free_ Mount *mount = calloc(1, sizeof(Mount));
    char *state = NULL;

    if (!path || !mount)
        return -ENOMEM;
    if (read_file_at(proc_fd, path, 16U << 20, &text, NULL) < 0)
        return 0; /* it ended meanwhile */
    for (char *line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state)) {
        if (!mount_parse(line, mount))
            continue;
        if (!(streq(mount->device, on_disk->device) &&
              path_is_within(mount->root, on_disk->path)) &&
            !(own && path_is_within(mount->point, place->directory)))
            continue;
        who = describe_process(proc_fd, pid);
        return busy(reterr_what,
                    strprintf("'%s', or a part of it, is mounted at '%s' for %s: what is written "
                              "there would miss the swap",
                              place->directory, mount->point, who ? who : pid));
    }
    return 0;
}

/* Each mount namespace once, in the eyes of one of its processes. */
static int check_mounts(int proc_fd, const char *pid, const Place *places, size_t n_places,
                        const OnDisk *on_disk, char ***seen, char **reterr_what)
{
    _cleanup_free_ char *ns_path = strprintf("%s/ns/mnt", pid);
    char ns[64] = "", own[64] = "";
    int r = 0;

    if (!ns_path)
        return -ENOMEM;
    if (readlinkat(proc_fd, ns_path, ns, sizeof(ns) - 1) <= 0 ||
        readlinkat(proc_fd, "self/ns/mnt", own, sizeof(own) - 1) <= 0 || strv_contains(*seen, ns))
        return 0;
    r = strv_append(seen, ns);
    for (size_t i = 0; r == 0 && i < n_places; i++)
        r = check_namespace(proc_fd, pid, streq(ns, own), places + i, on_disk + i, reterr_what);
    return r;
}

static int check_all_processes(const Place *places, size_t n_places, const OnDisk *on_disk,
                               char **reterr_what)
{
    _cleanup_closedir_ DIR *proc = opendir("/proc");
    _cleanup_strv_ char **seen = NULL;
    struct dirent *de;

    if (!proc)
        return -errno;
    while (errno = 0, de = readdir(proc)) {
        int r = 0;

        if (!isdigit((unsigned char)de->d_name[0]))
            continue;
        if (atol(de->d_name) != getpid())
            r = check_process(dirfd(proc), de->d_name, places, n_places, reterr_what);
        if (r == 0)
            r = check_mounts(dirfd(proc), de->d_name, places, n_places, on_disk, &seen,
                             reterr_what);
        if (r != 0)
            return r;
    }
    return -errno;
}

static int check_processes(const Place *places, size_t n_places, char **reterr_what)
{
    OnDisk *on_disk = calloc(n_places + 1, sizeof(OnDisk));
    int r = on_disk ? 0 : -ENOMEM;

    for (size_t i = 0; r == 0 && i < n_places; i++)
        r = on_disk_find(places[i].directory, on_disk + i);
    if (r == 0)
        r = check_all_processes(places, n_places, on_disk, reterr_what);
    for (size_t i = 0; on_disk && i < n_places; i++)
        on_disk_free(on_disk + i);
    free(on_disk);
    return r;
}

int quiesce_check(const Declaration *declaration, const Place *places, size_t n_places,
                  char **reterr_what)
{
    int r = check_units(declaration, reterr_what);

    return r == 0 ? check_processes(places, n_places, reterr_what) : r;
}
