/* SPDX-License-Identifier: MIT */
/* Reads and writes the last-seen record, and the records of a move. */
#include "store/known.h"

#include "basic/directory.h"
#include "basic/mountinfo.h"
#include "declare/unit-file.h"
#include "store/history.h"
#include "store/record-table.h"

#include <fcntl.h>
#include <limits.h>

#define RECORD Known
static const RecordField fields[] = {
    STRING("version", version, 0),
    STRINGS("directories", directories, 0),
    STRINGS("former", former, 0),
};
RECORD_TYPE(known_record_type, fields);
#undef RECORD

int known_read(const Store *store, Known *ret)
{
    _cleanup_(history_free) History history = {};
    _cleanup_(known_record_free) Known known = {};
    int found = known_record_read(store, RECORD_KNOWN, &known), r;

    if (found < 0 && found != -EBADMSG)
        return found;
    r = history_read(store, &history);
    if (r < 0)
        return r;
    /* Even a damaged record shows that there was a state. */
    if (found == 1 && !history_last_version(&history))
        return 1;
    if (!known.version)
        r = strreplace(&known.version, history_last_version(&history));
    if (r < 0)
        return r;
    *ret = TAKE_STRUCT(known);
    return 0;
}

static bool strv_equal(char *const *a, char *const *b)
{
    for (; a && b && *a && *b && streq(*a, *b); a++, b++)
        ;
    return (!a || !*a) && (!b || !*b);
}

/* --- mount points ---------------------------------------------------------------------------- */

static char *mount_link(const char *path)
{
    _cleanup_free_ char *unit = unit_of_mount(path);

    return unit ? strprintf(RECORD_MOUNTED "%s", unit) : NULL;
}

int known_mount_read(const Store *store, const char *path)
{
    _cleanup_free_ char *link = mount_link(path);

    if (!link)
        return -ENOMEM;
    if (faccessat(store->fd, link, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
        return 1;
    return errno == ENOENT || errno == ENAMETOOLONG ? 0 : -errno;
}

int known_mount_write(const Store *store, const char *path, bool mounted)
{
    _cleanup_free_ char *link = mount_link(path);

    if (!link)
        return -ENOMEM;
    if ((mounted ? symlinkat(path, store->fd, link) : unlinkat(store->fd, link, 0)) == 0)
        return 1;
    return errno == (mounted ? EEXIST : ENOENT) || errno == ENAMETOOLONG ? 0 : -errno;
}

int known_mount_is_missing(const Store *store, const char *path)
{
    _cleanup_free_ char *resolved = NULL;
    MountKind kind;
    int r = known_mount_read(store, path);

    if (r <= 0)
        return r;
    resolved = realpath(path, NULL); /* PID 1 follows links, too */
    r = mount_find(resolved ? resolved : path, &kind);
    return r < 0 ? r : kind == MOUNT_NONE;
}

static const char *mount_target(const Store *store, const char *link, char *ret)
{
    ssize_t n = readlinkat(store->fd, link, ret, PATH_MAX - 1);

    ret[MAX(n, 0)] = '\0';
    return ret;
}

/* Renames the mount points below a directory that was moved. The directory itself was none. */
static int move_mounts(const Store *store, const char *from, const char *to)
{
    _cleanup_strv_ char **links = NULL;
    char target[PATH_MAX];
    int r = directory_list(store->fd, ".", RECORD_MOUNTED, &links);

    STRV_FOREACH (link, links) {
        const char *rest = path_below(mount_target(store, *link, target), from);
        _cleanup_free_ char *moved = rest && *rest ? strprintf("%s%s", to, rest) : NULL;

        if (r < 0 || !rest || !*rest)
            continue;
        r = moved ? known_mount_write(store, moved, true) : -ENOMEM;
        if (r >= 0)
            r = known_mount_write(store, target, false);
    }
    return MIN(r, 0);
}

int known_mounts_prune(const Store *store, char *const *declared)
{
    _cleanup_strv_ char **links = NULL;
    char target[PATH_MAX];
    bool changed = false;
    int r = directory_list(store->fd, ".", RECORD_MOUNTED, &links);

    STRV_FOREACH (link, links) {
        if (r < 0 || strv_contains(declared, mount_target(store, *link, target)))
            continue;
        r = known_mount_is_missing(store, target);
        if (r > 0)
            r = known_mount_write(store, target, false);
        changed = changed || r > 0;
    }
    return r < 0 ? r : changed;
}

int known_mounts_forget(const Store *store)
{
    _cleanup_strv_ char **links = NULL;
    int r = directory_list(store->fd, ".", RECORD_MOUNTED, &links);

    STRV_FOREACH (link, links)
        if (r == 0 && unlinkat(store->fd, *link, 0) < 0)
            r = -errno;
    return r;
}

/* --- the last-seen record -------------------------------------------------------------------- */

static bool is_written(const Store *store, const char *version, char *const *directories)
{
    _cleanup_(known_record_free) Known known = {};

    return known_record_read(store, RECORD_KNOWN, &known) == 0 &&
           streq_null(known.version, version) && strv_equal(known.directories, directories);
}

/* Keeps fields of the earlier record that this program does not know. */
static int write_known(const Store *store, const Known *earlier, const char *version,
                       char *const *directories, char **former)
{
    return known_record_write(store, RECORD_KNOWN,
                              &(Known){.rest = earlier->rest,
                                       .version = (char *)version,
                                       .directories = (char **)directories,
                                       .former = former});
}

int known_write(const Store *store, const char *version, char *const *directories)
{
    _cleanup_(known_record_free) Known known = {};
    int r;

    if (is_written(store, version, directories))
        return 0;
    r = known_read(store, &known);
    return r < 0 ? r : write_known(store, &known, version, directories, known.former);
}

int known_write_moved(const Store *store, const char *version, char *const *directories,
                      const char *former)
{
    _cleanup_(known_record_free) Known known = {};
    _cleanup_strv_ char **all = NULL;
    int r = known_read(store, &known);

    if (r >= 0 && former)
        r = strv_append(&all, former);
    STRV_FOREACH (one, known.former)
        if (r >= 0 && !strv_contains(directories, *one) && !strv_contains(all, *one))
            r = strv_append(&all, *one);
    if (r >= 0 && former && directories)
        r = move_mounts(store, former, directories[0]);
    return r < 0 ? r : write_known(store, &known, version, directories, all);
}

/* --- moves ----------------------------------------------------------------------------------- */

#define RECORD MovingRecord
static const RecordField moving_fields[] = {
    STRINGS("names", names, 0),
    STRINGS("directories", directories, 0),
};
RECORD_TYPE(moving_record_type, moving_fields);
#undef RECORD

#define RECORD MovedRecord
static const RecordField moved_fields[] = {
    STRING("to", to, FIELD_REQUIRED),
    STRINGS("directories", directories, 0),
};
RECORD_TYPE(moved_record_type, moved_fields);

int moved_read(const Store *store, char **ret)
{
    _cleanup_(moved_record_free) MovedRecord record = {};
    int r = moved_record_read(store, RECORD_MOVED, &record);

    if (r != 0)
        return r;
    if (!declaration_name_is_valid(record.to))
        return -EBADMSG;
    *ret = TAKE_PTR(record.to);
    return 0;
}
