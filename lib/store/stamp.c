/* SPDX-License-Identifier: MIT */
/* Reads and writes stamps. Follows no link in the directory, because a service's user owns it. */
#include "store/stamp.h"

#include "basic/directory.h"
#include "declare/declaration.h"
#include "store/base.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

/* Limits memory: the service's user can make many stamps, but two are a contradiction already. */
#define STAMPS_MAX 1000

char *stamp_name(const char *name, const char *version)
{
    return strprintf(STAMP_PREFIX "%s=%s", name, version);
}

void stamps_free(Stamps *stamps)
{
    strv_free(stamps->versions);
    strv_free(stamps->others);
    strv_free(stamps->readers);
    strv_free(stamps->targets);
    *stamps = (Stamps){};
}

/* Returns the version of a stamp of NAME. NULL: entry is not a stamp of NAME. */
static const char *stamp_version(const char *entry, const char *name)
{
    size_t length = strlen(name);

    if (!startswith(entry, STAMP_PREFIX))
        return NULL;
    entry += strlen(STAMP_PREFIX);
    return strncmp(entry, name, length) == 0 && entry[length] == '=' ? entry + length + 1 : NULL;
}

/* Says whether this is a stamp of any service. */
static bool is_stamp(const char *entry)
{
    _cleanup_free_ char *name = NULL;
    const char *equals;

    if (!startswith(entry, STAMP_PREFIX))
        return false;
    entry += strlen(STAMP_PREFIX);
    equals = strchr(entry, '=');
    name = equals ? strndup(entry, (size_t)(equals - entry)) : NULL;
    if (!name || !declaration_name_is_valid(name))
        return false;
    for (entry = equals + 1; *entry; entry++)
        if (*entry <= ' ' || *entry > '~')
            return false;
    return true;
}

/* Is the entry a directory of root with the name .migrate or lost+found? Such a directory is not
 * data, but any other entry with this name is. */
static bool is_foreign(int dir_fd, const char *name)
{
    struct stat st;

    return (streq(name, "lost+found") || streq(name, BASE_DIRECTORY)) &&
           fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) >= 0 && S_ISDIR(st.st_mode) &&
           st.st_uid == geteuid();
}

/* Adds a stamp to the versions, or a link to a stamp to the readers. Any file type except a link is
 * a stamp, because PID 1 only tests whether the path exists. */
static int note_stamp(int dir_fd, const struct dirent *entry, const char *name, const char *version,
                      Stamps *stamps)
{
    bool may_be_link = entry->d_type == DT_LNK || entry->d_type == DT_UNKNOWN;
    char target[NAME_MAX + 1];
    ssize_t n = may_be_link ? readlinkat(dir_fd, entry->d_name, target, sizeof(target)) : 0;
    const char *to;
    int r;

    if (n < 0 && errno != EINVAL && errno != ENOENT)
        return -errno;
    n = n < 0 || (size_t)n == sizeof(target) ? 0 : n;
    target[n] = '\0';
    to = stamp_version(target, name);
    if (!to || strchr(to, '/'))
        return strv_append(&stamps->versions, version);
    r = strv_append(&stamps->readers, version);
    return r < 0 ? r : strv_append(&stamps->targets, to);
}

/* Adds dangling links to the versions: they open gates of older systems like stamps. */
static int note_dangling(Stamps *stamps)
{
    for (size_t i = 0; stamps->readers && stamps->readers[i]; i++) {
        int r = strv_contains(stamps->versions, stamps->targets[i])
                    ? 0
                    : strv_consume(&stamps->versions,
                                   strprintf("%s -> %s", stamps->readers[i], stamps->targets[i]));

        if (r < 0)
            return r;
    }
    return 0;
}

bool stamps_readable_by(const Stamps *stamps, const char *version)
{
    if (strv_length(stamps->versions) != 1)
        return false;
    STRV_FOREACH (reader, stamps->readers)
        if (version_is_valid(*reader) && version_compare(*reader, version) == 0)
            return true;
    return false;
}

bool stamp_is_of(const char *file, const char *name)
{
    return stamp_version(file, name) != NULL;
}

bool stamps_have_other(const Stamps *stamps, const char *name)
{
    STRV_FOREACH (file, stamps->others)
        if (stamp_version(*file, name))
            return true;
    return false;
}

int stamps_read(int dir_fd, const char *name, Stamps *ret)
{
    _cleanup_(stamps_free) Stamps stamps = {.empty = true};
    _cleanup_closedir_ DIR *dir = NULL;
    struct dirent *de;
    int r;

    r = directory_open(dir_fd, ".", &dir);
    if (r < 0)
        return r;
    while ((r = directory_next(dir, &de)) > 0) {
        const char *version = stamp_version(de->d_name, name);

        if (!version && !is_stamp(de->d_name))
            stamps.empty = stamps.empty && is_foreign(dir_fd, de->d_name);
        else if (!version && strv_length(stamps.others) < STAMPS_MAX)
            r = strv_append(&stamps.others, de->d_name);
        else if (version && strv_length(stamps.versions) + strv_length(stamps.readers) < STAMPS_MAX)
            r = note_stamp(dir_fd, de, name, version, &stamps);
        if (r < 0)
            return r;
    }
    if (r == 0)
        r = note_dangling(&stamps);
    if (r < 0)
        return r;
    strv_sort(stamps.versions);
    strv_sort(stamps.others);
    *ret = TAKE_STRUCT(stamps);
    return 0;
}

char *stamps_describe(const Stamps *stamps)
{
    _cleanup_string_ String s = {};
    char *text;

    for (char **version = stamps->versions; version && *version; version++)
        string_appendf(&s, "%s%s", version == stamps->versions ? "" : " and ",
                       version_is_valid(*version) || version_self_target(*version)
                           ? *version
                           : "no version at all");
    return string_finish(&s, &text) < 0 ? NULL : text;
}

int stamp_add(int dir_fd, const char *name, const char *version)
{
    _cleanup_free_ char *stamp = stamp_name(name, version);
    _cleanup_close_ int fd = -1;
    struct stat st;

    if (!stamp)
        return -ENOMEM;
    if (fstatat(dir_fd, stamp, &st, AT_SYMLINK_NOFOLLOW) >= 0)
        return 0;
    if (errno != ENOENT || fstat(dir_fd, &st) < 0)
        return -errno;
    fd = openat(dir_fd, stamp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0)
        return -errno;
    /* The stamp gets the directory's owner and is writable, so that the user's chmod -R, chown -R
     * or cp does not fail. */
    if (fchown(fd, st.st_uid, st.st_gid) < 0 || fchmod(fd, 0644) < 0) {
        int r = -errno;

        unlinkat(dir_fd, stamp, 0);
        return r;
    }
    return 0;
}

/* Removes links. Keeps links to version (NULL: none) whose reader is in keep, or with keep_all
 * every link to version. 0, 1 if a link was removed, or a negative errno. */
static int remove_links(int dir_fd, const char *name, const Stamps *stamps, const char *version,
                        char *const *keep, bool keep_all)
{
    int removed = 0;

    for (size_t i = 0; stamps->readers && stamps->readers[i]; i++) {
        _cleanup_free_ char *link = NULL;

        if (version && streq(stamps->targets[i], version) &&
            strv_contains(stamps->versions, version) &&
            (keep_all || strv_contains(keep, stamps->readers[i])))
            continue;
        link = stamp_name(name, stamps->readers[i]);
        if (!link)
            return -ENOMEM;
        if (unlinkat(dir_fd, link, 0) < 0 && errno != ENOENT)
            return -errno;
        removed = 1;
    }
    /* Links must be gone from the disk before their target is removed. */
    return removed && fsync(dir_fd) < 0 ? -errno : removed;
}

/* Changes the owner of a link that was just made. The user of the state may have replaced the link,
 * for example by a hard link to a file of root, so the file is checked first. */
static int give_link(int dir_fd, const char *link, uid_t uid, gid_t gid)
{
    _cleanup_close_ int fd = openat(dir_fd, link, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0)
        return -errno;
    if (!S_ISLNK(st.st_mode) || st.st_nlink != 1)
        return -EEXIST;
    return fchownat(fd, "", uid, gid, AT_EMPTY_PATH) < 0 ? -errno : 0;
}

static int add_link(int dir_fd, const char *name, const char *version, const char *reader)
{
    _cleanup_free_ char *link = stamp_name(name, reader), *target = stamp_name(name, version);
    struct stat st;
    int r;

    if (!link || !target)
        return -ENOMEM;
    if (fstat(dir_fd, &st) < 0 || symlinkat(target, dir_fd, link) < 0)
        return -errno;
    r = give_link(dir_fd, link, st.st_uid, st.st_gid);
    if (r < 0)
        unlinkat(dir_fd, link, 0);
    return r;
}

int stamp_link(int dir_fd, const char *name, const char *version, char *const *readers)
{
    _cleanup_(stamps_free) Stamps stamps = {};
    bool made = false;
    int r;

    r = stamps_read(dir_fd, name, &stamps);
    if (r == 0)
        r = remove_links(dir_fd, name, &stamps, version, readers, false);
    if (r == 1) {
        stamps_free(&stamps);
        r = stamps_read(dir_fd, name, &stamps);
    }
    if (r < 0)
        return r;
    if (strv_length(stamps.versions) != 1 || !streq(stamps.versions[0], version))
        return -ESTALE; /* another process makes stamps at the same time */
    for (; readers && *readers; readers++) {
        bool there = false;

        for (size_t i = 0; stamps.readers && stamps.readers[i]; i++)
            there =
                there || (streq(stamps.readers[i], *readers) && streq(stamps.targets[i], version));
        if (there)
            continue;
        /* The stamp must be on disk before its links. */
        if (!made && fsync(dir_fd) < 0)
            return -errno;
        made = true;
        r = add_link(dir_fd, name, version, *readers);
        if (r < 0)
            return r;
    }
    return made && fsync(dir_fd) < 0 ? -errno : 0;
}

/* Removes all stamps except the stamp of version (NULL: no exception). */
static int remove_stamps(int dir_fd, const char *name, const Stamps *stamps, const char *version)
{
    STRV_FOREACH (other, stamps->versions) {
        _cleanup_free_ char *stamp = stamp_name(name, *other);

        if (!stamp)
            return -ENOMEM;
        if (!streq_null(*other, version) && unlinkat(dir_fd, stamp, 0) < 0 && errno != ENOENT &&
            errno != ENAMETOOLONG)
            return -errno;
    }
    return 0;
}

/* Makes the new stamp before it removes old stamps: two stamps are noticed as a contradiction, but
 * without a stamp the version would be lost. */
int stamp_write(int dir_fd, const char *name, const char *version)
{
    _cleanup_(stamps_free) Stamps stamps = {};
    _cleanup_free_ char *stamp = stamp_name(name, version);
    int r;

    if (!stamp)
        return -ENOMEM;
    r = stamps_read(dir_fd, name, &stamps);
    if (r == 0)
        r = remove_links(dir_fd, name, &stamps, version, NULL, true);
    if (r >= 0)
        r = stamp_add(dir_fd, name, version);
    if (r < 0)
        return r;
    r = remove_stamps(dir_fd, name, &stamps, version);
    /* With several old stamps, the new stamp stays, so that the contradiction remains. */
    if (r < 0 && strv_length(stamps.versions) == 1 && !strv_contains(stamps.versions, version))
        unlinkat(dir_fd, stamp, 0);
    return r;
}

int stamp_clear(int dir_fd, const char *name)
{
    _cleanup_(stamps_free) Stamps stamps = {};
    int r = stamps_read(dir_fd, name, &stamps);

    if (r == 0)
        r = remove_links(dir_fd, name, &stamps, NULL, NULL, false);
    return r < 0 ? r : remove_stamps(dir_fd, name, &stamps, NULL);
}

static int rename_one(int dir_fd, const char *from, const char *to, const char *version)
{
    _cleanup_free_ char *old = stamp_name(from, version), *new = stamp_name(to, version);

    if (!old || !new)
        return -ENOMEM;
    /* A dangling link "OLDER -> VERSION" is not a file name: stamp_rename() makes new links. */
    return renameat(dir_fd, old, dir_fd, new) < 0 && errno != ENOENT && errno != ENAMETOOLONG
               ? -errno
               : 0;
}

/* Renames the stamp first, then makes new links. The old links dangle meanwhile and are removed
 * last, so that a crash does not lose them. */
int stamp_rename(int dir_fd, const char *from, const char *to)
{
    _cleanup_(stamps_free) Stamps before = {}, after = {};
    _cleanup_strv_ char **readers = NULL;
    int r = stamps_read(dir_fd, from, &before);

    if (r < 0)
        return r;
    if (!before.versions && !before.readers)
        return fsync(dir_fd) < 0 ? -errno : 0;
    STRV_FOREACH (version, before.versions)
        if (r == 0)
            r = rename_one(dir_fd, from, to, *version);
    if (r == 0)
        r = stamps_read(dir_fd, to, &after);
    if (r == 0 && strv_length(after.versions) == 1 && version_is_valid(after.versions[0])) {
        r = strv_copy(after.readers, &readers);
        for (size_t i = 0; r == 0 && before.readers && before.readers[i]; i++)
            if (streq(before.targets[i], after.versions[0]) &&
                !strv_contains(readers, before.readers[i]))
                r = strv_append(&readers, before.readers[i]);
        if (r == 0 && readers)
            r = stamp_link(dir_fd, to, after.versions[0], readers);
    }
    if (r == 0)
        r = stamp_clear(dir_fd, from);
    return r == 0 && fsync(dir_fd) < 0 ? -errno : r;
}
