/* SPDX-License-Identifier: MIT */
/* Copies the attributes of an inode: owner, extended attributes, mode, flags, times. */
#include "tree/copy.h"

#include "tree/inode.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/xattr.h>

/* Flags that are set before the content, because they decide how content is stored. */
#define FLAGS_FIRST (FS_NOCOW_FL | FS_COMPR_FL | FS_NOCOMP_FL | FS_CASEFOLD_FL)
/* Flags that are set after the content: a synchronous directory is slow to fill, and new entries
 * would inherit these flags. */
#define FLAGS_LATER (FS_NODUMP_FL | FS_NOATIME_FL | FS_SYNC_FL | FS_DIRSYNC_FL)
/* Flags that are set last, because they forbid all changes of the inode, even of its times. */
#define FLAGS_LAST (FS_APPEND_FL | FS_IMMUTABLE_FL)

/* Copies the quota project, and the flag with which new entries inherit the project. A symbolic
 * link or special file, which cannot be opened, can only inherit its project. */
static int copy_project(Scratch *scratch, int source, int target)
{
    Copy *copy = scratch->copy;
    struct fsxattr from, to;

    if (copy && atomic_load(&copy->no_projects))
        return 0;
    if (ioctl(source, FS_IOC_FSGETXATTR, &from) < 0) {
        if (errno != ENOTTY && errno != EOPNOTSUPP && errno != EINVAL && errno != ENOSYS)
            return -errno;
        if (copy)
            atomic_store(&copy->no_projects, true);
        return 0;
    }
    if (copy && (from.fsx_xflags & FS_XFLAG_PROJINHERIT))
        atomic_store(&copy->projects_inherited, true);
    if (copy && from.fsx_projid == 0 && !atomic_load(&copy->projects_inherited))
        return 0;
    if (ioctl(target, FS_IOC_FSGETXATTR, &to) < 0)
        return -errno;
    if (to.fsx_projid == from.fsx_projid &&
        !((to.fsx_xflags ^ from.fsx_xflags) & FS_XFLAG_PROJINHERIT))
        return 0;
    to.fsx_projid = from.fsx_projid;
    to.fsx_xflags =
        (to.fsx_xflags & ~FS_XFLAG_PROJINHERIT) | (from.fsx_xflags & FS_XFLAG_PROJINHERIT);
    return ioctl(target, FS_IOC_FSSETXATTR, &to) < 0 ? -errno : 0;
}

/* Tests on the clone's root whether the file system has quota projects. Without projects, this
 * saves two system calls for each file. */
static void probe_projects(Copy *copy, int target)
{
    struct fsxattr attributes;

    if (!copy || ioctl(target, FS_IOC_FSGETXATTR, &attributes) < 0)
        return; /* copy_project() will find out */
    /* The root may have inherited a project. */
    atomic_store(&copy->projects_inherited,
                 attributes.fsx_projid != 0 || (attributes.fsx_xflags & FS_XFLAG_PROJINHERIT));
    attributes.fsx_projid ^= 1;
    if (ioctl(target, FS_IOC_FSSETXATTR, &attributes) >= 0) {
        attributes.fsx_projid ^= 1;
        (void)ioctl(target, FS_IOC_FSSETXATTR,
                    &attributes); /* if this fails, copy_project() sets the project */
    } else if (errno == EOPNOTSUPP)
        atomic_store(&copy->no_projects, true);
}

/* Sets inode flags. If the change is invalid, clears the flags first, because the kernel refuses to
 * replace compression by NOCOW, or NOCOW by compression, in one call. */
static int set_first_flags(int target, unsigned mask, unsigned flags)
{
    int r = inode_flags_set(target, mask, flags);

    if (r != -EINVAL)
        return r;
    r = inode_flags_set(target, mask, 0);
    return r < 0 ? r : inode_flags_set(target, mask, flags);
}

int prepare_file(Scratch *scratch, int source, int target, unsigned flags)
{
    int r;

    scratch->problem = "has inode flags that cannot be kept";
    r = set_first_flags(target, FLAGS_FIRST & ~FS_CASEFOLD_FL, flags);
    if (r < 0)
        return r;
    scratch->problem = "belongs to a quota project that the copy cannot join";
    r = copy_project(scratch, source, target);
    if (r == 0)
        scratch->problem = NULL;
    return r;
}

int prepare_directory(Scratch *scratch, int source, int target, bool root)
{
    static const char *const acls[] = {"system.posix_acl_default", "system.posix_acl_access"};
    unsigned flags;
    int r;

    scratch->problem = "has inode flags that cannot be kept";
    r = inode_flags(source, &flags);
    if (r >= 0)
        r = set_first_flags(target, FLAGS_FIRST | FLAGS_LATER, flags & FLAGS_FIRST);
    if (r < 0)
        return r;
    if (root)
        probe_projects(scratch->copy, target);
    scratch->problem = "belongs to a quota project that the copy cannot join";
    r = copy_project(scratch, source, target);
    if (r < 0)
        return r;

    /* Only the root can have inherited a default ACL, from the directory of the caller. */
    if (root) {
        scratch->problem = "gets an ACL that cannot be removed";
        for (size_t i = 0; i < ELEMENTSOF(acls); i++)
            if (fremovexattr(target, acls[i]) < 0 && errno != ENODATA && errno != EOPNOTSUPP)
                return -errno;
        if (fchmod(target, 0700) < 0)
            return -errno;
    }
    scratch->problem = NULL;
    return 0;
}

/* --- extended attributes: of fd or, if path is not NULL, of path ----------------------------- */

static ssize_t xattr_list(int fd, const char *path, char *list, size_t size)
{
    return path ? listxattr(path, list, size) : flistxattr(fd, list, size);
}

static ssize_t xattr_get(int fd, const char *path, const char *name, void *value, size_t size)
{
    return path ? getxattr(path, name, value, size) : fgetxattr(fd, name, value, size);
}

static int xattr_set(int fd, const char *path, const char *name, const void *value, size_t size)
{
    return path ? setxattr(path, name, value, size, 0) : fsetxattr(fd, name, value, size, 0);
}

/* Does the inode already have this attribute? The kernel may have set the right security label,
 * which the caller may not set. */
static bool xattr_is(int fd, const char *path, const char *name, const void *value, size_t size)
{
    _cleanup_free_ char *is = malloc(MAX(size, (size_t)1));

    return is && xattr_get(fd, path, name, is, size) == (ssize_t)size &&
           memcmp(is, value, size) == 0;
}

/* Copies extended attributes. Returns 1, 0 if there are none, or a negative errno. */
static int copy_xattrs(Scratch *scratch, int source, int target, bool by_path, const char *mark)
{
    FdPath source_path, target_path;
    const char *from = NULL, *to = NULL;
    ssize_t length;
    int found = 0;

    if (by_path) {
        source_path = fd_path(source);
        target_path = fd_path(target);
        from = source_path.path;
        to = target_path.path;
    }
    scratch->problem = "has extended attributes that cannot be kept";
    /* Most files have no attributes; asking for the size first saves the kernel a buffer of 64 KiB. */
    length = xattr_list(source, from, NULL, 0);
    if (length > 0)
        length = xattr_list(source, from, scratch->list, sizeof(scratch->list));
    if (length < 0 && errno != EOPNOTSUPP)
        return -errno;
    for (const char *name = scratch->list, *end = name + MAX(length, (ssize_t)0); name < end;
         name += strlen(name) + 1) {
        ssize_t size;

        /* An EVM signature is valid for one inode only, and only the kernel can make one. */
        if (streq(name, "security.evm") || (mark && streq(name, mark)))
            continue;
        size = xattr_get(source, from, name, scratch->value, sizeof(scratch->value));
        if (size < 0 && errno == ENODATA && scratch->copy && scratch->copy->live)
            continue;
        if (size < 0)
            return errno == ENODATA ? -ESTALE : -errno;
        if (xattr_set(target, to, name, scratch->value, size) < 0) {
            int r = -errno;

            if (!xattr_is(target, to, name, scratch->value, size))
                return r;
        }
        found = 1;
    }
    scratch->problem = NULL;
    return found;
}

/* The owner comes first, because fchown() clears setuid bits and capabilities; the mode comes after
 * the ACLs, which change it. Skipping fchown() and fchmod() if nothing changes saves a tenth of the
 * time for small files. */
int copy_attributes(Scratch *scratch, int source, int target, const struct statx *st,
                    unsigned inode, const char *mark, CopyFlags flags)
{
    const struct timespec times[] = {statx_time(&st->stx_atime), statx_time(&st->stx_mtime)};
    struct statx now;
    bool same_owner;
    int r, xattrs;

    r = stat_at(target, "", &now);
    if (r < 0)
        return r;
    same_owner = now.stx_uid == st->stx_uid && now.stx_gid == st->stx_gid;
    if (!same_owner && fchown(target, st->stx_uid, st->stx_gid) < 0) {
        scratch->problem = "has an owner that cannot be kept";
        return -errno;
    }
    xattrs = copy_xattrs(scratch, source, target, false, mark);
    if (xattrs < 0)
        return xattrs;
    if ((now.stx_mode != st->stx_mode || xattrs > 0 || (!same_owner && (st->stx_mode & 07000))) &&
        fchmod(target, st->stx_mode & 07777) < 0)
        return -errno;
    if (inode & FLAGS_LATER) {
        scratch->problem = "has inode flags that cannot be kept";
        r = inode_flags_set(target, FLAGS_LATER, inode);
        if (r < 0)
            return r;
    }
    if (futimens(target, times) < 0)
        return -errno;
    if ((inode & FLAGS_LAST) && !(flags & COPY_UNSEALED)) {
        scratch->problem = "has inode flags that cannot be kept";
        r = inode_flags_set(target, FLAGS_LAST, inode);
        if (r < 0)
            return r;
    }
    scratch->problem = NULL;
    return 0;
}

int copy_special_attributes(Scratch *scratch, int source, int target, int target_dir,
                            const char *name, const struct statx *st)
{
    const struct timespec times[] = {statx_time(&st->stx_atime), statx_time(&st->stx_mtime)};
    int r;

    if (fchownat(target, "", st->stx_uid, st->stx_gid, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) < 0) {
        scratch->problem = "has an owner that cannot be kept";
        return -errno;
    }
    r = copy_xattrs(scratch, source, target, true, NULL);
    if (r < 0)
        return r;
    if (!S_ISLNK(st->stx_mode) && chmod(fd_path(target).path, st->stx_mode & 07777) < 0)
        return -errno;
    return utimensat(target_dir, name, times, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}
