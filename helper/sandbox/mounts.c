/* SPDX-License-Identifier: MIT */
/* Builds the mount tree of the sandbox: the host's mounts, read-only; over them, private
 * directories; and over these, the state's directories. The first process of the sandbox builds the
 * tree before it drops privileges.
 *
 * Nothing is ever unmounted: paths that must not be seen are covered, and no process in the sandbox
 * can uncover them. The host sees none of these mounts, which are only in the sandbox's
 * namespace. */
#include "sandbox/internal.h"
#include "tree/tree.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

/* One mount that the caller asked for, over the read-only tree. */
typedef struct Cover {
    const char *path;
    enum { COVER_HIDDEN, COVER_BIND, COVER_TREE, COVER_EXCLUDED, COVER_CREDENTIALS } kind;
    int fd; /* the detached mount; for credentials: the directory to copy */
    /* For an excluded directory: the tree, and the path in the tree. The user's scripts may have
     * replaced components, so path alone is not safe. */
    const char *tree, *below;
    char *own_path;
} Cover;

/* Says whether an overlay would not show the tree as it is. The reason is printed as the script's
 * own output, so that it appears next to the failure of a script that cannot write. */
static bool would_be_misread(const Setup *setup, const char *path, int tree)
{
    _cleanup_free_ char *what = NULL;
    int r = overlay_misreads(tree, NULL, NULL, &what);

    if (r == 1)
        dprintf(setup->error_fd,
                "In '%s', %s: over that no throwaway overlay can be laid, so it is read-only\n",
                path, what ? what : "something is of an overlay");
    else if (r < 0)
        dprintf(setup->error_fd, "'%s' cannot be read: %s. So it is read-only\n", path,
                strerror(-r));
    return r != 0;
}

/* Lays an overlay over the tree, which is mounted at path read-only. Changes go to a tmpfs between
 * the tree and the overlay, which no process can reach. If an overlay is not possible, or would not
 * show the state as it is, the tree stays read-only.
 *
 * The lower layer is read through a private read-only mount without access times, and overlayfs
 * marks upper layers only. Paths are given as descriptors, because colons and commas have a meaning
 * for overlayfs. */
static void lay_overlay(const Setup *setup, const char *path, int tree)
{
    _cleanup_close_ int scratch = -1;
    _cleanup_free_ char *options = NULL, *rich = NULL, *plain = NULL;
    struct stat st;

    if (would_be_misread(setup, path, tree))
        return;
    scratch = mount_make_tmpfs(setup, "0700", MEMORY_LARGE);
    /* The root of the overlay takes owner and mode from the upper directory. */
    if (fstat(tree, &st) < 0 || mkdirat(scratch, "work", 0700) < 0 ||
        mkdirat(scratch, "upper", 0700) < 0 ||
        fchownat(scratch, "upper", st.st_uid, st.st_gid, 0) < 0 ||
        fchmodat(scratch, "upper", st.st_mode & 07777, 0) < 0)
        sandbox_fail(setup, errno, "cannot prepare an overlay for '%s'", path);
    mount_attach(setup, scratch, path);

    options = strprintf("lowerdir=/proc/self/fd/%d,upperdir=/proc/self/fd/%d/upper,"
                        "workdir=/proc/self/fd/%d/work,index=off,",
                        tree, scratch, scratch);
    /* Without redirect_dir, directories cannot be renamed. The second try, without redirect_dir, is
     * for containers in a user namespace, which cannot use that option. */
    rich = strprintf("%sredirect_dir=on,metacopy=on", options);
    plain = strprintf("%suserxattr", options);
    if (!options || !rich || !plain)
        sandbox_fail(setup, ENOMEM, "cannot prepare an overlay for '%s'", path);
    /* An overlay may be impossible because there are too many layers, or because the kernel or the
     * file system does not support overlays; the errno varies. */
    if (mount("sandbox", path, "overlay", MS_NOSUID | MS_NODEV, rich) < 0 &&
        mount("sandbox", path, "overlay", MS_NOSUID | MS_NODEV, plain) < 0 &&
        umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) < 0)
        sandbox_fail(setup, errno, "cannot take the overlay for '%s' back", path);
}

static void copy_credential(const Setup *setup, int from, int to, const char *name)
{
    _cleanup_free_ char *data = NULL;
    _cleanup_close_ int fd = -1;
    size_t size;
    int r;

    r = read_file_at(from, name, 16 * 1024 * 1024, &data, &size);
    if (r < 0)
        sandbox_fail(setup, -r, "cannot read the credential '%s'", name);
    fd = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400);
    if (fd < 0)
        sandbox_fail(setup, errno, "cannot make the credential '%s'", name);
    r = write_all(fd, data, size);
    explicit_bzero(data, size);
    if (r < 0 || fchown(fd, setup->identity.uid, setup->identity.gid) < 0)
        sandbox_fail(setup, r < 0 ? -r : errno, "cannot copy the credential '%s'", name);
}

/* Copies the credentials to a ramfs, which is never swapped out. */
static void lay_credentials(const Setup *setup, const Cover *cover)
{
    _cleanup_close_ int fd = mount_make(setup, "ramfs", NULL, NO_TRUST | MOUNT_ATTR_NOEXEC);
    _cleanup_closedir_ DIR *directory = fdopendir(cover->fd);
    struct stat st;

    if (!directory)
        sandbox_fail(setup, errno, "cannot read the credentials in '%s'", cover->path);
    for (struct dirent *entry; (entry = readdir(directory));)
        if (fstatat(cover->fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) >= 0 && S_ISREG(st.st_mode))
            copy_credential(setup, cover->fd, fd, entry->d_name);
    if (fchownat(fd, ".", setup->identity.uid, setup->identity.gid, 0) < 0 ||
        fchmodat(fd, ".", 0500, 0) < 0)
        sandbox_fail(setup, errno, "cannot prepare '%s'", cover->path);
    mount_attach(setup, fd, cover->path);
    mount_seal(setup, fd, cover->path);
}

static int compare_covers(const void *a, const void *b)
{
    return strcmp(((const Cover *)a)->path, ((const Cover *)b)->path);
}

/* Opens the directory at path below fd, following no links. Returns a descriptor or a negative
 * errno. */
static int open_below(int fd, const char *path)
{
    struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
                           .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH};
    int below = (int)syscall(SYS_openat2, fd, path, &how, sizeof(how));

    return below < 0 ? -errno : below;
}

static void lay_excluded(const Setup *setup, const Cover *cover)
{
    _cleanup_close_ int tree = open(cover->tree, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    _cleanup_close_ int place = tree < 0 ? -errno : open_below(tree, cover->below);

    if (place == -ENOENT || place == -ENOTDIR || place == -ELOOP)
        sandbox_fail(setup, 0,
                     "'%s', which is excluded, was removed or replaced by an earlier step",
                     cover->path);
    if (place < 0)
        sandbox_fail(setup, -place, "cannot open '%s'", cover->path);
    if (syscall(SYS_move_mount, cover->fd, "", place, "",
                MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
        sandbox_fail(setup, errno, "cannot mount onto '%s'", cover->path);
}

/* Lays all covers, parents first: a hidden directory may be in a tree, and a tree in a hidden
 * directory. Hidden directories become read-only at the end, when all mount points in them
 * exist. */
static void lay_covers(const Setup *setup, Cover *covers, size_t n)
{
    qsort(covers, n, sizeof(*covers), compare_covers);
    for (size_t i = 0; i < n; i++) {
        Cover *cover = &covers[i];

        if (cover->kind == COVER_CREDENTIALS) {
            lay_credentials(setup, cover);
            continue;
        }
        if (cover->kind == COVER_EXCLUDED) {
            lay_excluded(setup, cover);
            continue;
        }
        if (cover->kind == COVER_HIDDEN) {
            if (access(cover->path, F_OK) < 0 && errno == ENOENT)
                continue;
            cover->fd = mount_make_tmpfs(setup, "0555", MEMORY_SMALL);
        }
        mount_attach(setup, cover->fd, cover->path);
        if (cover->kind == COVER_TREE && setup->sandbox->access == SANDBOX_THROWAWAY)
            lay_overlay(setup, cover->path, cover->fd);
    }
    for (size_t i = 0; i < n; i++)
        if (covers[i].kind == COVER_HIDDEN && covers[i].fd >= 0)
            mount_seal(setup, covers[i].fd, covers[i].path);
}

/* Fails unless a path is absolute and normalized. Mounts are sorted by path, which puts parents
 * first only for such paths. */
static void check_path(const Setup *setup, const char *path)
{
    _cleanup_free_ char *slashed = strprintf("%s/", path);

    if (!slashed)
        sandbox_fail(setup, ENOMEM, "cannot look at '%s'", path);
    if (path[0] != '/' || !path[1] || strstr(slashed, "//") || strstr(slashed, "/./") ||
        strstr(slashed, "/../"))
        sandbox_fail(setup, 0, "'%s' is no absolute, normalized path", path);
}

static const char *tree_path(const SandboxTree *tree)
{
    return tree->real_path ? tree->real_path : tree->path;
}

/* Copies the mounts of a tree's excluded directories, with mounts below them. A directory that does
 * not exist in the original needs no cover. */
static Cover *take_excluded(const Setup *setup, const SandboxTree *tree, Cover *cover)
{
    for (size_t i = 0; i < tree->n_exclude; i++) {
        const char *below = tree->exclude[i];
        _cleanup_close_ int fd = open_below(tree->original_fd, below);

        if (fd == -ENOENT)
            continue;
        *cover = (Cover){.kind = COVER_EXCLUDED, .tree = tree_path(tree), .below = below};
        cover->own_path = strprintf("%s/%s", cover->tree, below);
        if (!cover->own_path)
            sandbox_fail(setup, ENOMEM, "cannot plan the mounts");
        cover->path = cover->own_path;
        if (fd < 0)
            sandbox_fail(setup, -fd, "cannot open '%s'", cover->path);
        cover->fd =
            mount_take(setup, fd, "", AT_EMPTY_PATH | AT_RECURSIVE, NO_TRUST | MOUNT_ATTR_RDONLY);
        if (cover->fd < 0)
            sandbox_fail(setup, -cover->fd, "cannot copy the mount at '%s'", cover->path);
        cover++;
    }
    return cover;
}

static Cover *take_tree(const Setup *setup, const SandboxTree *tree, Cover *cover)
{
    bool writable = setup->sandbox->access == SANDBOX_WRITABLE && !tree->read_only;

    if (tree->cover)
        *cover++ = (Cover){.path = tree->cover, .kind = COVER_HIDDEN, .fd = -1};
    *cover = (Cover){.path = tree_path(tree), .kind = tree->read_only ? COVER_BIND : COVER_TREE};
    cover->fd = mount_take(setup, tree->fd, "", AT_EMPTY_PATH,
                           NO_TRUST | (writable ? 0 : MOUNT_ATTR_RDONLY));
    if (cover->fd < 0)
        sandbox_fail(setup, -cover->fd, "cannot copy the mount for '%s'", tree->path);
    return take_excluded(setup, tree, cover + 1);
}

static size_t count_covers(const Sandbox *sandbox)
{
    size_t n = strv_length(sandbox->read_write_paths) + strv_length(sandbox->hidden_paths) + 1;

    for (size_t i = 0; i < sandbox->n_trees; i++)
        n += 2 + sandbox->trees[i].n_exclude;
    return n;
}

/* Copies the host's mounts that the sandbox shows, before everything becomes read-only. */
static Cover *take_covers(const Setup *setup, size_t *ret_n)
{
    const Sandbox *sandbox = setup->sandbox;
    Cover *covers, *cover;

    covers = calloc(count_covers(sandbox), sizeof(Cover));
    if (!covers)
        sandbox_fail(setup, ENOMEM, "cannot plan the mounts");

    cover = covers;
    for (size_t i = 0; i < sandbox->n_trees; i++)
        cover = take_tree(setup, &sandbox->trees[i], cover);
    STRV_FOREACH (path, (char **)sandbox->read_write_paths) {
        bool writable = sandbox->access == SANDBOX_WRITABLE;

        if (!writable &&
            (!sandbox->open || !path_is_within(*path, "/run") || access(*path, F_OK) < 0))
            continue;
        *cover = (Cover){.path = *path, .kind = COVER_BIND};
        cover->fd = mount_take(setup, AT_FDCWD, *path, AT_SYMLINK_NOFOLLOW | AT_RECURSIVE,
                               NO_TRUST | (writable ? 0 : MOUNT_ATTR_RDONLY));
        if (cover->fd < 0)
            sandbox_fail(setup, -cover->fd, "cannot copy the mount at '%s'", *path);
        cover++;
    }
    STRV_FOREACH (path, (char **)sandbox->hidden_paths)
        *cover++ = (Cover){.path = *path, .kind = COVER_HIDDEN, .fd = -1};
    if (setup->credentials) {
        *cover = (Cover){.path = setup->credentials, .kind = COVER_CREDENTIALS};
        cover->fd = open(cover->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (cover->fd < 0)
            sandbox_fail(setup, errno, "cannot open the credentials in '%s'", cover->path);
        cover++;
    }

    *ret_n = (size_t)(cover - covers);
    for (size_t i = 0; i < *ret_n; i++)
        check_path(setup, covers[i].path);
    return covers;
}

void sandbox_mount_all(const Setup *setup)
{
    _cleanup_free_ Cover *covers = NULL;
    HostPlaces host;
    size_t n_covers;
    int r;

    covers = take_covers(setup, &n_covers);
    places_take(setup, &host);

    if (unshare(CLONE_NEWNS) < 0)
        sandbox_fail(setup, errno, "cannot make a mount namespace");
    /* With MS_SLAVE instead, later mounts of the host would appear in the sandbox, and would be
     * writable there. */
    r = mount_set(AT_FDCWD, "/", AT_RECURSIVE, 0, MS_PRIVATE);
    if (r < 0)
        sandbox_fail(setup, -r, "cannot make the mounts private");
    r = mount_set(AT_FDCWD, "/", AT_RECURSIVE, MOUNT_ATTR_RDONLY | NO_TRUST, 0);
    if (r < 0)
        sandbox_fail(setup, -r, "cannot make the mounts read-only");

    places_make(setup, &host);
    lay_covers(setup, covers, n_covers);
}
