/* SPDX-License-Identifier: MIT */
/* Finds directories, and chooses how each can be swapped. Looks up names in a state, which its
 * owner controls, only to leave them out. */
#include "place/private.h"

#include "store/base.h"
#include "tree/tree.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#define OVERLAY_MAGIC 0x794c7630
/* The longest entry name, to which swap-entries.c appends suffixes. */
#define ENTRY_MAX 240

/* --- file systems ---------------------------------------------------------------------------- */

typedef enum FileSystem {
    FILE_SYSTEM_LOCAL,
    FILE_SYSTEM_OVERLAY,  /* local, but a directory of a lower layer cannot be renamed, and a
                           * probe would change the layer */
    FILE_SYSTEM_REMOTE,   /* a look-up can hang; has no trusted attributes to tell trees apart */
    FILE_SYSTEM_UNUSABLE, /* keeps no owners, or belongs to the kernel */
} FileSystem;

/* Finds the kind of file system. *ret_what describes a file system that is neither local nor an
 * overlay. Returns 0 or a negative errno. */
static int check_file_system(int fd, FileSystem *ret, const char **ret_what)
{
    static const struct {
        unsigned magic;
        FileSystem kind;
        const char *what;
    } known[] = {
        {OVERLAY_MAGIC, FILE_SYSTEM_OVERLAY, NULL},
        {NFS_SUPER_MAGIC, FILE_SYSTEM_REMOTE, "a network file system (NFS)"},
        {0xff534d42, FILE_SYSTEM_REMOTE, "a network file system (CIFS)"},
        {0xfe534d42, FILE_SYSTEM_REMOTE, "a network file system (SMB)"},
        {0x65735546, FILE_SYSTEM_REMOTE, "a FUSE file system"},
        {0x01021997, FILE_SYSTEM_REMOTE, "a network file system (9p)"},
        {0x00c36400, FILE_SYSTEM_REMOTE, "a network file system (Ceph)"},
        {PROC_SUPER_MAGIC, FILE_SYSTEM_UNUSABLE, "procfs"},
        {SYSFS_MAGIC, FILE_SYSTEM_UNUSABLE, "sysfs"},
        {0x4d44, FILE_SYSTEM_UNUSABLE,
         "a FAT file system, which keeps neither owners nor attributes"},
    };
    struct statfs sfs;

    if (fstatfs(fd, &sfs) < 0)
        return -errno;
    *ret = FILE_SYSTEM_LOCAL;
    for (size_t i = 0; i < ELEMENTSOF(known); i++)
        if ((unsigned)sfs.f_type == known[i].magic) {
            *ret = known[i].kind;
            *ret_what = known[i].what;
        }
    return 0;
}

int location_get(int fd, Location *ret, struct stat *ret_st)
{
    struct statx sx;
    struct stat st;

    if (fstat(fd, &st) < 0 ||
        statx(fd, "", AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW, STATX_MNT_ID, &sx) < 0)
        return -errno;
    *ret = (Location){.mount = sx.stx_mnt_id, .device = st.st_dev};
    if (ret_st)
        *ret_st = st;
    return 0;
}

/* --- the way there --------------------------------------------------------------------------- */

/* Facts that the walk from the root to a directory collects. */
typedef struct Way {
    Location parent;
    size_t top_length;    /* length of the path of the topmost ancestor on the parent's mount */
    size_t closed_length; /* length of the path of the topmost ancestor that only root can enter;
                           * 0: none */
} Way;

static int refuse_writable(const char *path, size_t length, char **reterr_what)
{
    length = MAX(length, (size_t)1);
    return because(PLACE_REFUSED, reterr_what,
                   "users other than root can write to '%.*s' and could exchange its entries. "
                   "Declare Directory=%.*s instead",
                   (int)length, path, (int)length, path);
}

/* Checks the ancestor fd, whose path is the first length bytes of path, and updates way. */
static int pass_ancestor(int fd, const char *path, size_t length, Way *way, Location *top,
                         char **reterr_what)
{
    struct stat st;
    int r;

    r = location_get(fd, &way->parent, &st);
    if (r < 0)
        return r;
    /* Users who can write to this directory could replace anything below it after the check. */
    if (others_can_write(&st))
        return refuse_writable(path, length, reterr_what);
    if (length == 0 || !location_equal(&way->parent, top)) {
        *top = way->parent;
        way->top_length = length;
    }
    if (way->closed_length == 0 && !(st.st_mode & S_IXOTH))
        way->closed_length = length;
    return PLACE_FOUND;
}

/* Walks from the root to the directory, one component at a time. Stores the descriptors of the
 * parent and of the directory in *place. */
static int walk(Place *place, Way *way, char **reterr_what)
{
    const char *path = place->path, *p = path;
    _cleanup_close_ int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    Location top = {};

    if (fd < 0)
        return -errno;
    for (;;) {
        size_t length = strcspn(++p, "/");
        _cleanup_free_ char *component = strndup(p, length);
        bool last = !p[length];
        int next, r;

        if (!component)
            return -ENOMEM;
        r = pass_ancestor(fd, path, (size_t)(p - path - 1), way, &top, reterr_what);
        if (r != PLACE_FOUND)
            return r;
        next = openat(fd, component,
                      (last ? O_RDONLY : O_PATH) | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (next < 0 && (errno == ELOOP || errno == ENOTDIR))
            return because(
                PLACE_REFUSED, reterr_what,
                last ? "'%.*s' is a file: declare its directory instead, which also has the "
                       "file's journals and locks"
                     : "'%.*s' is not a directory",
                (int)(p + length - path), path);
        if (next < 0 && !(errno == ENOENT && last))
            return -errno;
        if (last) {
            place->fd = next;
            /* fsync() needs a descriptor without O_PATH. */
            place->parent_fd = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
            place->name = TAKE_PTR(component);
            return place->parent_fd < 0 ? -errno : PLACE_FOUND;
        }
        close(fd);
        fd = next;
        p += length;
    }
}

/* --- what stays ------------------------------------------------------------------------------ */

static int exclude_declared(Place *place, const Items *excludes)
{
    size_t length = strlen(place->directory);

    for (size_t i = 0; excludes && i < excludes->n_items; i++) {
        const char *path = excludes->items[i].value;
        int r;

        if (!path_is_within(path, place->directory) || !path[length])
            continue;
        r = strv_append(&place->exclude, path + length + 1);
        if (r < 0)
            return r;
        place->n_declared++;
    }
    return 0;
}

/* Checks that all directories above an excluded path are in the same btrfs subvolume as the root.
 * These directories stay in place, and entries cannot be renamed from one subvolume to another. */
static int check_way_to(const Place *place, const char *excluded, char **reterr_what)
{
    _cleanup_close_ int fd = openat(place->fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct stat root, st;

    if (fd < 0 || fstat(fd, &root) < 0)
        return -errno;
    for (const char *p = excluded, *slash; (slash = strchr(p, '/')); p = slash + 1) {
        _cleanup_free_ char *component = strndup(p, (size_t)(slash - p));
        int next =
            component ? openat(fd, component, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;

        if (next < 0) /* cloning checks this again */
            return component ? PLACE_FOUND : -ENOMEM;
        close(fd);
        fd = next;
        if (fstat(fd, &st) < 0)
            return -errno;
        if (st.st_dev != root.st_dev)
            return because(PLACE_REFUSED, reterr_what,
                           "only a part of the subvolume '%s/%.*s' is excluded. Exclude all of it, "
                           "or declare it as a Directory= of its own",
                           place->directory, (int)(slash - excluded), excluded);
    }
    return PLACE_FOUND;
}

/* Excludes .migrate and lost+found, which belong to the file system and not to the state. */
static int exclude_foreign(Place *place, bool mounted)
{
    struct stat st;
    int r = 0;

    if (place->base_is_inside)
        r = strv_append(&place->exclude, BASE_DIRECTORY);
    if (r == 0 && mounted && fstatat(place->fd, "lost+found", &st, AT_SYMLINK_NOFOLLOW) == 0 &&
        S_ISDIR(st.st_mode) && st.st_uid == 0)
        r = strv_append(&place->exclude, "lost+found");
    return r;
}

/* --- finding --------------------------------------------------------------------------------- */

/* Chooses a base for which rename(2) works. An exchange needs renames to and from the parent;
 * PLACE_ENTRIES needs renames to and from the directory itself. */
static int choose_base(Place *place, const Way *way, const Location *own, const char *store_path,
                       const char *name)
{
    _cleanup_close_ int store_fd = open(store_path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    Location store = {};
    int r = store_fd < 0 ? -errno : location_get(store_fd, &store, NULL);

    if (r < 0 && (store_fd >= 0 || r != -ENOENT))
        return r;
    place->base_is_inside = place->method == PLACE_ENTRIES && !location_equal(own, &way->parent);
    if (place->base_is_inside)
        place->base = strprintf("%s/" BASE_DIRECTORY "/%s", place->path, name);
    else if (location_equal(&store, &way->parent))
        place->base = strdup(store_path);
    else
        place->base =
            strprintf("%.*s/" BASE_DIRECTORY "/%s", (int)way->top_length, place->path, name);
    return place->base ? 0 : -ENOMEM;
}

/* Sets cover to an ancestor that the user of scripts cannot enter, such as /var/lib/private. The
 * sandbox covers that ancestor and shows only the state in it. */
static int choose_cover(Place *place, const Way *way)
{
    struct stat st;

    if (place->fd < 0 || way->closed_length == 0)
        return 0;
    if (fstat(place->fd, &st) < 0)
        return -errno;
    if (st.st_uid == 0)
        return 0;
    place->cover = strndup(place->path, way->closed_length);
    return place->cover ? 0 : -ENOMEM;
}

static int look_at(Place *place, const Items *excludes, const Way *way, const char *store_path,
                   const char *name, char **reterr_what)
{
    Location own = way->parent;
    FileSystem file_system = FILE_SYSTEM_LOCAL;
    const char *what = NULL;
    int r;

    r = check_file_system(place->fd >= 0 ? place->fd : place->parent_fd, &file_system, &what);
    if (r == 0 && place->fd >= 0)
        r = location_get(place->fd, &own, NULL);
    if (r < 0)
        return r;
    if (file_system == FILE_SYSTEM_UNUSABLE)
        return because(PLACE_REFUSED, reterr_what, "'%s' lies on %s: move it to another",
                       place->directory, what);
    if (file_system == FILE_SYSTEM_REMOTE)
        place->remote = what;
    r = exclude_declared(place, excludes);
    for (size_t i = 0; r == PLACE_FOUND && place->fd >= 0 && i < place->n_declared; i++)
        r = check_way_to(place, place->exclude[i], reterr_what);
    if (r != PLACE_FOUND)
        return r;
    if (place->fd >= 0 &&
        (own.mount != way->parent.mount || place->exclude || file_system != FILE_SYSTEM_LOCAL))
        place->method = PLACE_ENTRIES;
    r = choose_base(place, way, &own, store_path, name);
    if (r == 0)
        r = exclude_foreign(place, own.mount != way->parent.mount);
    return r == 0 ? choose_cover(place, way) : r;
}

int place_find_without(const char *directory, const Items *excludes, const char *store_path,
                       const char *name, Place *ret, char **reterr_what)
{
    _cleanup_(place_close) Place place = PLACE_NONE;
    Way way = {};
    int r;

    place.directory = directory;
    r = place_resolve(directory, NULL, &place.path, reterr_what);
    if (r == PLACE_FOUND)
        r = walk(&place, &way, reterr_what);
    if (r == PLACE_FOUND)
        r = look_at(&place, excludes, &way, store_path, name, reterr_what);
    if (r != PLACE_FOUND)
        return r;
    place.entry = strndup(place.name, ENTRY_MAX);
    if (!place.entry)
        return -ENOMEM;
    *ret = place;
    place = (Place)PLACE_NONE;
    return PLACE_FOUND;
}

int place_find_bases(const Declaration *declaration, const char *store_path, char ***bases,
                     char ***visible)
{
    for (size_t i = 0; declaration && i < declaration->directories.n_items; i++) {
        _cleanup_(place_close) Place place = PLACE_NONE;
        _cleanup_free_ char *what = NULL;

        if (place_find_without(declaration->directories.items[i].value, &declaration->excludes,
                               store_path, declaration->name, &place, &what) != PLACE_FOUND)
            continue;
        if (bases && strv_append_once(bases, place.base) < 0)
            return -ENOMEM;
        if (visible && place.base_is_inside &&
            strv_consume(visible, strprintf("clones and backups will be kept in %s/" BASE_DIRECTORY
                                            ", which the software can see",
                                            place.path)) < 0)
            return -ENOMEM;
    }
    return 0;
}

int place_find_declared(const Declaration *declaration, const char *directory,
                        const char *store_path, Place *ret, char **reterr_what)
{
    int r = place_find_without(directory, &declaration->excludes, store_path, declaration->name,
                               ret, reterr_what);

    if (r == PLACE_FOUND && ret->fd >= 0 && !declaration->stamp_in_store &&
        tree_is_read_only(ret->fd))
        return because(PLACE_REFUSED, reterr_what,
                       "'%s' is a read-only subvolume. First run: btrfs property set '%s' ro false",
                       directory, directory);
    if (r != PLACE_FOUND || !ret->remote || declaration->stamp_in_store)
        return r;
    return because(PLACE_REFUSED, reterr_what,
                   "'%s' lies on %s, where a look-up may hang, and PID 1 with it: with Stamp=store "
                   "in [State] it does not look there",
                   directory, ret->remote);
}

int place_find(const char *directory, const char *store_path, const char *name, Place *ret,
               char **reterr_what)
{
    return place_find_without(directory, NULL, store_path, name, ret, reterr_what);
}

/* Checks that the directory has the recorded path, and is on the recorded mount. A base inside the
 * directory exists only if the directory is the root of a mount or a subvolume. */
static int check_again(Place *place, const char *path, char **reterr_what)
{
    Location own, parent;
    int r;

    if (path && !streq(path, place->path))
        return because(PLACE_REFUSED, reterr_what,
                       "'%s' leads to '%s', and led to '%s' when the migration began. Make the "
                       "symbolic link lead there again",
                       place->directory, place->path, path);
    if (!place->base_is_inside || place->fd < 0)
        return PLACE_FOUND;
    r = location_get(place->fd, &own, NULL);
    if (r == 0)
        r = location_get(place->parent_fd, &parent, NULL);
    if (r < 0)
        return r;
    return location_equal(&own, &parent) ? place_missing(place->base, reterr_what) : PLACE_FOUND;
}

/* Takes the excluded paths from the record, because the declaration may have changed since the
 * transaction began. */
static int take_excludes(Place *place, const DirectoryRecord *record)
{
    _cleanup_strv_ char **exclude = NULL;
    int r = strv_copy(record->exclude, &exclude);

    if (r < 0)
        return r;
    STRV_FOREACH (path, exclude) {
        _cleanup_free_ char *absolute = strprintf("/%s", *path);

        if (!absolute)
            return -ENOMEM;
        if (!place_path_is_canonical(absolute))
            return -EBADMSG;
    }
    if (record->n_declared > (int64_t)strv_length(exclude))
        return -EBADMSG;
    strv_free(place->exclude);
    place->exclude = TAKE_PTR(exclude);
    place->n_declared = (size_t)MAX(record->n_declared, 0);
    return 0;
}

int place_find_again(const DirectoryRecord *record, const Store *store, Place *ret,
                     char **reterr_what)
{
    _cleanup_(place_close) Place place = PLACE_NONE;
    int r;

    if (!place_path_is_canonical(record->directory) || !place_path_is_canonical(record->base) ||
        !place_base_is_valid(record->base, store) || !place_name_is_valid(record->entry) ||
        record->n_declared < -1)
        return -EBADMSG;
    r = place_find(record->directory, store->path, store->name, &place, reterr_what);
    if (r != PLACE_FOUND)
        return r;
    if (!path_is_within(record->base, place.path) && !streq(record->base, place.base))
        return place_missing(place.fd < 0 ? record->directory : record->base, reterr_what);
    if (strreplace(&place.base, record->base) < 0 || strreplace(&place.entry, record->entry) < 0)
        return -ENOMEM;
    place.method = record->method == PLACE_ENTRIES ? PLACE_ENTRIES : PLACE_EXCHANGE;
    place.base_is_inside = path_is_within(record->base, place.path);
    r = check_again(&place, record->path, reterr_what);
    if (r == PLACE_FOUND)
        r = take_excludes(&place, record);
    if (r != PLACE_FOUND)
        return r;
    *ret = place;
    place = (Place)PLACE_NONE;
    return PLACE_FOUND;
}
