/* SPDX-License-Identifier: MIT */
/* Finds Unix sockets and FIFOs in the state on which somebody listens. After a swap, nobody would
 * listen on their copies in the clone.
 *
 * Also names the units for which PID 1 has a file open, since nobody can stop PID 1. */
#include "inuse/private.h"
#include "system/bus.h"

#include <fcntl.h>
#include <inttypes.h>
#include <linux/openat2.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>

#define SOCKETS_MAX (64U << 20)

/* --- units that listen ------------------------------------------------------------------------ */

static const char *below(const Target *target, const char *path)
{
    const char *directories[] = {target->shown, target->declared};

    for (size_t i = 0; i < ELEMENTSOF(directories); i++)
        if (directories[i] && path_is_within(path, directories[i]) && !streq(path, directories[i]))
            return path + strlen(directories[i]) + 1;
    return NULL;
}

static int look_at_unit(Survey *survey, sd_bus *bus, const char *unit)
{
    _cleanup_strv_ char **paths = NULL;
    int r = bus_socket_paths(bus, unit, &paths);

    STRV_FOREACH (path, paths)
        for (size_t i = 0; r == 0 && i < survey->n_targets; i++) {
            _cleanup_free_ char *printable = path_printable(*path, "");

            if (!below(survey->targets + i, *path))
                continue;
            r = strv_append(&survey->listened, *path);
            if (r == 0 && !strv_contains(survey->exempt, unit))
                r = survey_add(survey,
                               printable ? strprintf("%s listens on '%s'", unit, printable) : NULL,
                               strprintf("systemctl stop %s", unit));
            break;
        }
    return r;
}

static int look_at_units(Survey *survey)
{
    _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
    _cleanup_strv_ char **units = NULL;
    int r;

    if (sd_booted() <= 0)
        return 0;
    r = bus_open(&bus);
    if (r == 0)
        r = bus_list_units(bus, "active", "*.socket", &units);
    STRV_FOREACH (unit, units)
        if (r == 0)
            r = look_at_unit(survey, bus, *unit);
    return r;
}

/* --- other sockets ---------------------------------------------------------------------------- */

/* Tries to connect a datagram socket. A listener notices neither the connection nor the error about
 * a wrong type. */
bool listeners_are_at(const Target *target, const char *rest)
{
    const struct open_how how = {.flags = O_PATH | O_NOFOLLOW | O_CLOEXEC,
                                 .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS};
    /* SYS_openat2 is missing in glibc before 2.32. */
    _cleanup_close_ int fd = (int)syscall(__NR_openat2, target->fd, rest, &how, sizeof(how)),
                        socket_fd = -1;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISSOCK(st.st_mode))
        return false;
    socket_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d", fd);
    return socket_fd >= 0 &&
           (connect(socket_fd, (struct sockaddr *)&address, sizeof(address)) == 0 ||
            errno == EPROTOTYPE);
}

/* Notes the sockets to which clients can connect. Accepted connections, which have the name of their
 * listener, too, are left out. */
int sockets_parse(Survey *survey, char *text)
{
    char *lines = NULL;
    int r = 0;

    for (char *line = strtok_r(text, "\n", &lines); line && r == 0;
         line = strtok_r(NULL, "\n", &lines)) {
        unsigned flags, type;
        unsigned long inode;
        int at = 0;

        if (sscanf(line, "%*s %*s %*s %x %x %*x %lu %n", &flags, &type, &inode, &at) == 3 && at &&
            line[at] && line[at] != '@' && (type == SOCK_DGRAM || (flags & 1U << 16))) {
            Listener *listener = ARRAY_GROW(survey->sockets, survey->n_sockets);

            if (!listener)
                return -ENOMEM;
            *listener = (Listener){inode, strdup(line + at)};
            r = listener->path ? 0 : -ENOMEM;
        }
    }
    return r;
}

/* Reads the sockets of a network namespace. */
static int read_sockets(Survey *survey, const char *pid)
{
    _cleanup_free_ char *name = strprintf("%s/net/unix", pid), *text = NULL;
    int r = name ? proc_read(survey->proc_fd, name, SOCKETS_MAX, &text) : -ENOMEM;

    return r == 0 ? sockets_parse(survey, text) : r == -EINVAL ? 0 : unless_gone(r);
}

static int compare_inodes(const void *a, const void *b)
{
    const Listener *x = a, *y = b;

    return (x->inode > y->inode) - (x->inode < y->inode);
}

int listeners_read(Survey *survey)
{
    _cleanup_strv_ char **seen = NULL;
    int r = look_at_units(survey);

    for (size_t i = 0; r == 0 && i < survey->n_spaces; i++) {
        _cleanup_free_ char *ns = strprintf("%s/ns/net", survey->spaces[i].pid);
        char name[64];
        ssize_t n = ns ? readlinkat(survey->proc_fd, ns, name, sizeof(name) - 1) : 0;

        if (!ns)
            return -ENOMEM;
        if (n <= 0)
            continue;
        name[n] = '\0';
        if (strv_contains(seen, name))
            continue;
        r = strv_append(&seen, name);
        if (r == 0)
            r = read_sockets(survey, survey->spaces[i].pid);
    }
    if (survey->n_sockets > 0)
        qsort(survey->sockets, survey->n_sockets, sizeof(Listener), compare_inodes);
    return r;
}

const Listener *listeners_find(const Survey *survey, const char *link)
{
    Listener key = {};

    if (survey->n_sockets == 0 || sscanf(link, "socket:[%" SCNu64 "]", &key.inode) != 1)
        return NULL;
    return bsearch(&key, survey->sockets, survey->n_sockets, sizeof(Listener), compare_inodes);
}

/* --- descriptors that PID 1 keeps for units --------------------------------------------------- */

/* Says whether PID 1 keeps the file for the unit. True if PID 1 keeps any file but does not say
 * which, as before systemd 254. */
static bool is_stored(sd_bus *bus, const char *unit, const char *path)
{
    _cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
    const char *stored;
    uint32_t n = 0;

    if (unit_property(bus, unit, "Service", "NFileDescriptorStore", "u", &n) < 0 || n == 0)
        return false;
    if (!path || sd_bus_call_method(bus, BUS_MANAGER, "DumpUnitFileDescriptorStore", NULL, &reply,
                                    "s", unit) < 0 ||
        sd_bus_message_enter_container(reply, 'a', "(suuutuusu)") < 0)
        return true;
    while (sd_bus_message_read(reply, "(suuutuusu)", NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                               &stored, NULL) > 0)
        if (streq(stored, path))
            return true;
    return false;
}

char *manager_describe(const char *path, char **ret_remedy)
{
    _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
    _cleanup_strv_ char **units = NULL;
    const char *found = NULL;

    if (sd_booted() > 0 && bus_open(&bus) == 0 &&
        bus_list_units(bus, NULL, "*.service", &units) == 0)
        for (char **unit = units; unit && *unit && !found; unit++)
            found = is_stored(bus, *unit, path) ? *unit : NULL;
    if (found) {
        _cleanup_free_ char *preserve = NULL;
        bool stays = unit_property(bus, found, "Service", "FileDescriptorStorePreserve", "s",
                                   &preserve) == 0 &&
                     streq(preserve, "yes");

        *ret_remedy = stays ? strprintf("systemctl stop %s; systemctl clean --what=fdstore %s",
                                        found, found)
                            : strprintf("systemctl stop %s", found);
        return strprintf("systemd (pid 1, descriptor store of %s)", found);
    }
    *ret_remedy = strdup("systemctl list-sockets --all");
    return strdup("systemd (pid 1)");
}
