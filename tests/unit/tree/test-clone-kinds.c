/* SPDX-License-Identifier: MIT */
/* Attributes that only some file systems or files have: projects, labels, flags of btrfs, sparse
 * terabytes, thousands of extents, names outside of the tree. */
#include "test.h"
#include "tree/sample-tree.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <time.h>

static int open_in(int dir_fd, const char *path)
{
    int fd = openat(dir_fd, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

    MUST(fd >= 0);
    return fd;
}

static void remove_both(const Ground *ground)
{
    MUST(tree_remove(ground->fd, "clone") == 0 && tree_remove(ground->fd, "tree") == 0);
}

static bool same_trees(const Ground *ground)
{
    _cleanup_free_ char *original = tree_dump(ground->fd, "tree", 0);
    _cleanup_free_ char *clone = tree_dump(ground->fd, "clone", 0);

    return dump_same(original, clone);
}

/* --- projects -------------------------------------------------------------------------------- */

static void set_project(int dir_fd, const char *path, unsigned project, bool inherit)
{
    _cleanup_close_ int fd = open_in(dir_fd, path);
    struct fsxattr attributes = {};

    MUST(ioctl(fd, FS_IOC_FSGETXATTR, &attributes) >= 0);
    attributes.fsx_projid = project;
    attributes.fsx_xflags =
        (attributes.fsx_xflags & ~FS_XFLAG_PROJINHERIT) | (inherit ? FS_XFLAG_PROJINHERIT : 0);
    MUST(ioctl(fd, FS_IOC_FSSETXATTR, &attributes) >= 0);
}

static bool has_project(int dir_fd, const char *path, unsigned project, bool inherit)
{
    _cleanup_close_ int fd = open_in(dir_fd, path);
    struct fsxattr attributes = {};
    bool has;

    MUST(ioctl(fd, FS_IOC_FSGETXATTR, &attributes) >= 0);
    has = attributes.fsx_projid == project &&
          !(attributes.fsx_xflags & FS_XFLAG_PROJINHERIT) == !inherit;
    if (!has)
        printf("# %s: project %u, flags %x\n", path, attributes.fsx_projid, attributes.fsx_xflags);
    return has;
}

static void test_projects(const Ground *ground)
{
    static const struct {
        const char *path;
        unsigned project;
        bool directory, inherit;
    } entries[] = {
        {"inheriting", 4711, true, true},         {"inheriting/below", 4711, true, true},
        {"inheriting/file", 4711, false, false},  {"inheriting/stranger", 12, false, false},
        {"inheriting/nobody's", 0, false, false}, {"plain", 5, true, false},
        {"plain/file", 0, false, false},          {"plain/member", 4711, false, false},
        {"plain/below", 0, true, false},
    };
    _cleanup_close_ int fd = make_dir(ground->fd, "tree", 0755), clone = -1;
    CloneResult result = {};
    unsigned kept = 0;

    for (size_t i = 0; i < ELEMENTSOF(entries); i++) {
        if (entries[i].directory)
            close(make_dir(fd, entries[i].path, 0755));
        else
            make_file(fd, entries[i].path, "counts for somebody");
        set_project(fd, entries[i].path, entries[i].project, entries[i].inherit);
    }
    OK(clone_simply(fd, ground->fd, "clone", &result) == 0,
       "%s: a tree with files of several projects is cloned", ground->kind);
    clone = open_in(ground->fd, "clone");
    for (size_t i = 0; i < ELEMENTSOF(entries); i++)
        kept += has_project(clone, entries[i].path, entries[i].project, entries[i].inherit);
    OK(kept == ELEMENTSOF(entries) && same_trees(ground),
       "%s: each entry of a clone has the project of the original", ground->kind);

    /* A clone does not join the project of its parent. */
    MUST(tree_remove(ground->fd, "clone") == 0);
    set_project(ground->fd, ".", 99, true);
    MUST(clone_simply(fd, ground->fd, "clone", &result) == 0);
    set_project(ground->fd, ".", 0, false);
    close(clone);
    clone = open_in(ground->fd, "clone");
    OK(has_project(clone, ".", 0, false) && has_project(clone, "plain/file", 0, false) &&
           has_project(clone, "inheriting", 4711, true),
       "%s: a clone does not inherit the project of its parent", ground->kind);
    remove_both(ground);
}

/* --- labels
 * ---------------------------------------------------------------------------------------- */

static void test_labels(const Ground *ground)
{
    static const char label[] = "system_u:object_r:var_lib_t:s0";
    _cleanup_close_ int fd = make_dir(ground->fd, "tree", 0755), file = -1;
    CloneResult result = {};
    char path[64];

    make_file(fd, "file", "");
    MUST(symlinkat("file", fd, "link") >= 0);
    file = open_in(fd, "file");
    if (fsetxattr(file, "security.selinux", label, sizeof(label), 0) < 0) {
        SKIP("%s: this system cannot set a label: %s", ground->kind, strerror(errno));
        MUST(tree_remove(ground->fd, "tree") == 0);
        return;
    }
    snprintf(path, sizeof(path), "/proc/self/fd/%d/link", fd);
    MUST(fsetxattr(fd, "security.selinux", label, sizeof(label), 0) >= 0 &&
         lsetxattr(path, "security.selinux", label, sizeof(label), 0) >= 0 &&
         fsetxattr(file, "security.test", "\0\xff", 2, 0) >= 0);
    OK(clone_simply(fd, ground->fd, "clone", &result) == 0 && same_trees(ground),
       "%s: the security labels of files, directories and links are kept", ground->kind);
    remove_both(ground);
}

/* --- sparse files
 * ------------------------------------------------------------------------------------ */

static uint64_t extents_hash(int fd, uint64_t *ret_data)
{
    uint64_t hash = HASH_INIT;
    char block[4096];

    *ret_data = 0;
    /* On xfs, unwritten blocks count as data while they are in the page cache, where read-ahead
     * would bring them (lseek(2)). */
    MUST(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED) == 0 &&
         posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM) == 0);
    for (off_t data = 0, hole; (data = lseek(fd, data, SEEK_DATA)) >= 0; data = hole) {
        hole = lseek(fd, data, SEEK_HOLE);
        MUST(hole > data);
        *ret_data += hole - data;
        for (off_t at = data; at < hole; at += sizeof(block)) {
            ssize_t n = pread(fd, block, MIN((off_t)sizeof(block), hole - at), at);

            MUST(n > 0);
            hash = hash_bytes(hash_bytes(hash, &at, sizeof(at)), block, n);
        }
    }
    return hash;
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static void test_terabyte(const Ground *ground)
{
    _cleanup_close_ int fd = make_dir(ground->fd, "tree", 0755), file = -1, copy = -1;
    const off_t size = (off_t)1 << 40;
    CloneResult result = {};
    struct stat a, b;
    uint64_t data[2];
    char block[8192];
    double took;

    memset(block, 'x', sizeof(block));
    make_file(fd, "file", "");
    file = openat(fd, "file", O_RDWR | O_CLOEXEC);
    if (ftruncate(file, size) < 0) {
        SKIP("%s: this file system has no files of a terabyte: %s", ground->kind, strerror(errno));
        MUST(tree_remove(ground->fd, "tree") == 0);
        return;
    }
    for (int i = 0; i < 200; i++)
        MUST(pwrite(file, block, sizeof(block), size / 200 * i / 65536 * 65536) == sizeof(block));
    MUST(fsync(file) >= 0);
    took = now();
    OK(clone_simply(fd, ground->fd, "clone", &result) == 0,
       "%s: a sparse file of a terabyte is cloned", ground->kind);
    took = now() - took;
    OK(took < 60, "%s: the holes of a sparse file are not read (%.3f s)", ground->kind, took);
    copy = openat(ground->fd, "clone/file", O_RDONLY | O_CLOEXEC);
    MUST(copy >= 0 && fsync(copy) >= 0 && fstat(file, &a) >= 0 && fstat(copy, &b) >= 0);
    /* With a margin for blocks that list the extents. */
    OK(a.st_size == b.st_size && b.st_blocks <= a.st_blocks + 16,
       "%s: the clone of a sparse file needs not more than the %ld blocks of the original: %ld",
       ground->kind, (long)a.st_blocks, (long)b.st_blocks);
    OK(extents_hash(file, data) == extents_hash(copy, data + 1) && data[0] == data[1] &&
           result.total.bytes < 100 << 20,
       "%s: the %lu bytes of a sparse file are at the same offsets in the clone", ground->kind,
       (unsigned long)data[1]);
    remove_both(ground);
}

/* --- extents
 * ------------------------------------------------------------------------------------------ */

#define EXTENTS 20000

static void test_extents(const Ground *ground)
{
    _cleanup_close_ int fd = make_dir(ground->fd, "tree", 0755), file = -1, copy = -1;
    CloneResult result = {};
    char block[4096] = {};
    uint64_t data[2];

    make_file(fd, "file", "");
    file = openat(fd, "file", O_RDWR | O_CLOEXEC);
    for (int i = 0; i < EXTENTS; i++) {
        memcpy(block, &i, sizeof(i));
        block[100] = 'x';
        MUST(pwrite(file, block, sizeof(block), (off_t)i * 2 * sizeof(block)) == sizeof(block));
    }
    /* For unwritten data, SEEK_HOLE reports the pieces of the page cache. */
    MUST(fsync(file) >= 0);
    OK(clone_simply(fd, ground->fd, "clone", &result) == 0 &&
           (ground->reflinks ? result.total.copied == 0 : result.total.copied > 0),
       "%s: a file of %d extents is %s", ground->kind, EXTENTS,
       ground->reflinks ? "shared" : "copied");
    copy = openat(ground->fd, "clone/file", O_RDONLY | O_CLOEXEC);
    MUST(copy >= 0 && fsync(copy) >= 0);
    OK(extents_hash(file, data) == extents_hash(copy, data + 1) && data[0] == data[1] &&
           data[0] == EXTENTS * sizeof(block),
       "%s: each extent of the clone has the contents of the original (%lu bytes and %lu)",
       ground->kind, (unsigned long)data[0], (unsigned long)data[1]);
    remove_both(ground);
}

/* --- flags of btrfs
 * -------------------------------------------------------------------------------------- */

static void set_flags(int dir_fd, const char *path, int set, int clear)
{
    _cleanup_close_ int fd = open_in(dir_fd, path);
    int flags;

    MUST(ioctl(fd, FS_IOC_GETFLAGS, &flags) >= 0);
    flags &= ~clear; /* first, since some exclude each other, also from one call to the next */
    MUST(ioctl(fd, FS_IOC_SETFLAGS, &flags) >= 0);
    flags |= set;
    MUST(ioctl(fd, FS_IOC_SETFLAGS, &flags) >= 0);
}

/* Entries inherit these flags from their directory, but can have others. */
static void test_btrfs_flags(const Ground *ground)
{
    static const struct {
        const char *name;
        int set, clear;
    } kinds[] = {
        {"nocow", FS_NOCOW_FL, 0},
        {"compressed", FS_COMPR_FL, FS_NOCOMP_FL},
        {"never-compressed", FS_NOCOMP_FL, FS_COMPR_FL},
        {"plain", 0, FS_NOCOW_FL | FS_COMPR_FL | FS_NOCOMP_FL},
    };
    _cleanup_close_ int fd = make_dir(ground->fd, "tree", 0755);
    CloneResult result = {};
    unsigned odd = 0;

    for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
        close(make_dir(fd, kinds[i].name, 0755));
        set_flags(fd, kinds[i].name, kinds[i].set, kinds[i].clear);
        for (size_t j = 0; j < ELEMENTSOF(kinds); j++) {
            _cleanup_free_ char *path = strprintf("%s/%s", kinds[i].name, kinds[j].name);
            _cleanup_free_ char *second = strprintf("%s/second-%s", kinds[j].name, kinds[i].name);
            _cleanup_close_ int file = -1;

            MUST(path && second);
            make_file(fd, path, "");
            set_flags(fd, path, kinds[j].set,
                      ~kinds[j].set & (FS_NOCOW_FL | FS_COMPR_FL | FS_NOCOMP_FL));
            file = openat(fd, path, O_WRONLY | O_CLOEXEC);
            MUST(file >= 0 && write_all(file, path, strlen(path)) >= 0 && fsync(file) >= 0);
            if (j < i) /* these have a name elsewhere, so that they are made before their turn */
                MUST(linkat(fd, path, fd, second, 0) >= 0);
        }
    }
    OK(clone_simply(fd, ground->fd, "clone", &result) == 0 && same_trees(ground) &&
           result.total.copied == 0,
       "%s: each file keeps its flags for copy on write and compression", ground->kind);
    for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
        _cleanup_free_ char *path = strprintf("clone/plain/%s", kinds[i].name);
        _cleanup_close_ int file = open_in(ground->fd, path);
        int flags = 0;

        MUST(ioctl(file, FS_IOC_GETFLAGS, &flags) >= 0);
        odd += (flags & (FS_NOCOW_FL | FS_COMPR_FL | FS_NOCOMP_FL)) != kinds[i].set;
    }
    OK(odd == 0, "%s: the files differ in their flags", ground->kind);
    remove_both(ground);
}

/* --- names elsewhere
 * ----------------------------------------------------------------------------------------- */

static void test_linked_outside(const Ground *ground)
{
    _cleanup_close_ int fd = make_dir(ground->fd, "tree", 0755);
    _cleanup_close_ int other = make_dir(ground->fd, "other", 0755);
    char *const exclude[] = {"media", NULL};
    const CloneOptions options = {.copy_limit = UINT64_MAX, .exclude = exclude};
    _cleanup_free_ char *what = NULL;
    CloneResult result = {};
    struct stat st;

    close(make_dir(fd, "media", 0755));
    make_file(fd, "within", "");
    MUST(linkat(fd, "within", fd, "too", 0) >= 0);
    make_file(fd, "outside", "content");
    MUST(linkat(fd, "outside", fd, "outside-too", 0) >= 0 &&
         linkat(fd, "outside", other, "name", 0) >= 0);
    make_file(fd, "excluded", "");
    MUST(linkat(fd, "excluded", fd, "media/name", 0) >= 0);
    MUST(clone_tree(fd, ground->fd, "clone", &options, &result, &what) == 0);
    OK(result.linked_outside == 2, "%s: files with names outside of the tree are counted (%lu)",
       ground->kind, (unsigned long)result.linked_outside);
    MUST(fstatat(ground->fd, "clone/outside-too", &st, 0) >= 0);
    OK(st.st_nlink == 2 && st.st_size == 7,
       "%s: a file with a name outside of the tree is a new file in the clone", ground->kind);
    MUST(tree_remove(ground->fd, "other") == 0);
    remove_both(ground);
}

int main(void)
{
    static const struct {
        const char *kind;
        unsigned megabytes;
    } kinds[] = {{"here", 0}, {"ext4", 256}, {"xfs", 400}, {"btrfs", 256}};

    const Ground *ground;
    const char *why = NULL;

    setvbuf(stdout, NULL, _IOLBF, 0);
    umask(022);
    ground_begin();
    for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
        ground = ground_make(kinds[i].kind, kinds[i].megabytes, &why);
        if (!ground) {
            SKIP("%s: %s", kinds[i].kind, why);
            continue;
        }
        test_linked_outside(ground);
        test_terabyte(ground);
        test_extents(ground);
        if (geteuid() == 0)
            test_labels(ground);
        if (streq(ground->kind, "xfs"))
            test_projects(ground);
        if (streq(ground->kind, "btrfs"))
            test_btrfs_flags(ground);
    }
    if ((ground = ground_make("ext4 -O project", 64, &why)))
        test_projects(ground);
    else
        SKIP("this system has no projects on ext4: %s (the kernel may lack quotas)", why);
    ground_end();
    return tests_done();
}
