/* SPDX-License-Identifier: MIT */
/* Trees to clone, and the dump by which clone and original are compared. The dump is simple code on
 * purpose: one level of recursion, one system call after another. */
#include "tree/sample-tree.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/xattr.h>

/* --- the view
 * -------------------------------------------------------------------------------------- */

typedef struct Names {
    struct {
        dev_t dev;
        ino_t ino;
        char *path;
    } * seen;
    size_t n;
} Names;

static void append_quoted(String *out, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        string_appendf(out, text[i] > ' ' && text[i] < 0x7f ? "%c" : "\\%02x",
                       (unsigned char)text[i]);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void dump_xattrs(String *out, const char *path)
{
    static char list[65536], value[65536];
    _cleanup_strv_ char **names = NULL;
    ssize_t n = listxattr(path, list, sizeof(list));

    for (const char *name = list; n > 0 && name < list + n; name += strlen(name) + 1)
        MUST(strv_append(&names, name) >= 0);
    strv_sort(names);
    STRV_FOREACH (name, names) {
        n = getxattr(path, *name, value, sizeof(value));
        MUST(n >= 0);
        if (streq(*name, TREE_MARK))
            continue;
        string_appendf(out, " %s=", *name);
        append_quoted(out, value, n);
    }
}

static void dump_content(String *out, int fd, uint64_t size)
{
    static char buffer[1 << 16];
    uint64_t hash = HASH_INIT;
    ssize_t n;

    for (off_t at = 0; (uint64_t)at < size;) {
        off_t data = lseek(fd, at, SEEK_DATA);
        if (data < 0)
            break;
        at = lseek(fd, data, SEEK_HOLE);
        MUST(at > data);
        string_appendf(out, " data=%ld-%ld", (long)data, (long)at);
    }
    /* Zeroes are read, but not hashed, since a hole of a gigabyte takes long enough. */
    for (uint64_t at = 0; at < size; at += n) {
        n = pread(fd, buffer, sizeof(buffer), at);
        MUST(n > 0);
        if (n < (ssize_t)sizeof(buffer) || buffer[0] || memcmp(buffer, buffer + 1, n - 1) != 0)
            hash = hash_bytes(hash_bytes(hash, &at, sizeof(at)), buffer, n);
    }
    string_appendf(out, " content=%016lx", (unsigned long)hash);
}

static void dump_entry(String *out, Names *names, int dir_fd, const char *name, const char *path,
                       unsigned flags)
{
    _cleanup_close_ int fd = openat(dir_fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    char by_fd[64], target[4096];
    struct stat st;
    int inode_flags = 0;
    ssize_t n;

    MUST(fd >= 0 && fstat(fd, &st) >= 0);
    snprintf(by_fd, sizeof(by_fd), "/proc/self/fd/%d", fd);
    append_quoted(out, path, strlen(path));
    string_appendf(out, " mode=%o owner=%u:%u mtime=%ld.%09ld links=%lu", st.st_mode, st.st_uid,
                   st.st_gid, (long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
                   (unsigned long)st.st_nlink);
    /* Reading a symbolic link always changes its atime. */
    if (!S_ISLNK(st.st_mode))
        string_appendf(out, " atime=%ld.%09ld", (long)st.st_atim.tv_sec, st.st_atim.tv_nsec);
    if (!S_ISDIR(st.st_mode))
        string_appendf(out, " size=%ld", (long)st.st_size);
    if (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))
        string_appendf(out, " device=%u:%u", major(st.st_rdev), minor(st.st_rdev));
    if (flags & DUMP_IDENTITY)
        string_appendf(out, " inode=%lu ctime=%ld.%09ld", (unsigned long)st.st_ino,
                       (long)st.st_ctim.tv_sec, st.st_ctim.tv_nsec);
    dump_xattrs(out, by_fd);
    if (S_ISLNK(st.st_mode)) {
        n = readlinkat(fd, "", target, sizeof(target));
        MUST(n >= 0);
        string_append(out, " to=");
        append_quoted(out, target, n);
    }
    if (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)) {
        _cleanup_close_ int readable = open(by_fd, O_RDONLY | O_NOATIME | O_CLOEXEC);

        if (readable >= 0) {
            if (ioctl(readable, FS_IOC_GETFLAGS, &inode_flags) < 0)
                inode_flags = 0;
            string_appendf(out, " flags=%x", inode_flags & ~(FS_EXTENT_FL | FS_INDEX_FL));
            if (S_ISREG(st.st_mode))
                dump_content(out, readable, st.st_size);
        } else
            string_append(out, " unreadable");
    }
    if (!S_ISDIR(st.st_mode) && st.st_nlink > 1) {
        size_t i;

        for (i = 0; i < names->n; i++)
            if (names->seen[i].ino == st.st_ino && names->seen[i].dev == st.st_dev)
                break;
        if (i == names->n) {
            MUST(ARRAY_GROW(names->seen, names->n));
            names->seen[i].dev = st.st_dev;
            names->seen[i].ino = st.st_ino;
            names->seen[i].path = strdup(path);
            MUST(names->seen[i].path);
        }
        string_append(out, " same-as=");
        append_quoted(out, names->seen[i].path, strlen(names->seen[i].path));
    }
    string_append(out, "\n");
}

static void dump_dir(String *out, Names *names, int parent_fd, const char *name, const char *path,
                     unsigned flags)
{
    _cleanup_close_ int fd =
        openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NOATIME | O_CLOEXEC);
    _cleanup_strv_ char **entries = NULL;
    DIR *dir;

    dump_entry(out, names, parent_fd, name, path, flags);
    if (fd < 0 && errno == EACCES)
        return;
    MUST(fd >= 0);
    dir = fdopendir(openat(fd, ".", O_RDONLY | O_DIRECTORY | O_NOATIME | O_CLOEXEC));
    if (!dir && errno == EBADF) /* readable, but not searchable */
        return;
    for (struct dirent *entry; (entry = readdir(dir));)
        if (!streq(entry->d_name, ".") && !streq(entry->d_name, ".."))
            MUST(strv_append(&entries, entry->d_name) >= 0);
    closedir(dir);
    if (entries)
        qsort(entries, strv_length(entries), sizeof(char *), by_name);
    STRV_FOREACH (entry, entries) {
        _cleanup_free_ char *below = strprintf("%s/%s", path, *entry);
        struct stat st;

        /* Only the end of the path, since the paths of deep trees add up. */
        const char *shown = below + (strlen(below) > 120 ? strlen(below) - 120 : 0);

        MUST(fstatat(fd, *entry, &st, AT_SYMLINK_NOFOLLOW) >= 0);
        if (S_ISDIR(st.st_mode))
            dump_dir(out, names, fd, *entry, shown, flags);
        else
            dump_entry(out, names, fd, *entry, shown, flags);
    }
}

char *tree_dump(int dir_fd, const char *name, unsigned flags)
{
    struct rlimit limit;
    Names names = {};
    String out = {};
    char *text;

    MUST(getrlimit(RLIMIT_NOFILE, &limit) >= 0);
    limit.rlim_cur = limit.rlim_max;
    MUST(setrlimit(RLIMIT_NOFILE, &limit) >= 0);
    dump_dir(&out, &names, dir_fd, name, ".", flags);
    for (size_t i = 0; i < names.n; i++)
        free(names.seen[i].path);
    free(names.seen);
    MUST(string_finish(&out, &text) >= 0);
    return text;
}

bool dump_same(const char *a, const char *b)
{
    if (streq(a, b))
        return true;
    while (*a && *b) {
        size_t n = strcspn(a, "\n"), m = strcspn(b, "\n");

        if (n != m || memcmp(a, b, n) != 0)
            break;
        a += n + !!a[n];
        b += m + !!b[m];
    }
    printf("# - %.*s\n# + %.*s\n", (int)strcspn(a, "\n"), a, (int)strcspn(b, "\n"), b);
    return false;
}

size_t dump_lines(const char *dump)
{
    size_t n = 0;

    for (; *dump; dump++)
        n += *dump == '\n';
    return n;
}

/* --- trees
 * ----------------------------------------------------------------------------------------- */

bool exists(int dir_fd, const char *name)
{
    struct stat st;

    return fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) >= 0;
}

int make_dir(int dir_fd, const char *name, mode_t mode)
{
    int fd;

    MUST(mkdirat(dir_fd, name, 0700) >= 0);
    fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    MUST(fd >= 0 && fchmod(fd, mode) >= 0);
    return fd;
}

static int make(int dir_fd, const char *name, const char *content)
{
    int fd = openat(dir_fd, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

    MUST(fd >= 0 && write_all(fd, content, strlen(content)) >= 0);
    return fd;
}

void make_file(int dir_fd, const char *name, const char *content)
{
    close(make(dir_fd, name, content));
}

void make_large_file(int dir_fd, const char *name, size_t size)
{
    _cleanup_free_ uint64_t *block = malloc(1 << 20);
    _cleanup_close_ int fd = make(dir_fd, name, "");
    uint64_t value = size;

    MUST(block);
    for (size_t at = 0; at < size; at += 1 << 20) {
        for (size_t i = 0; i < (1 << 20) / sizeof(value); i++)
            block[i] = value = value * UINT64_C(6364136223846793005) + 1442695040888963407;
        MUST(write_all(fd, block, MIN((size_t)1 << 20, size - at)) >= 0);
    }
}

/* An ACL of the owner, user 12, the group, a mask and others: linux/posix_acl_xattr.h. Does nothing
 * without support for ACLs. */
void make_acl(int fd, const char *kind)
{
    static const struct {
        uint32_t version;
        struct {
            uint16_t tag, permissions;
            uint32_t id;
        } entries[5];
    } acl = {2, {{1, 7, -1}, {2, 5, 12}, {4, 4, -1}, {16, 5, -1}, {32, 0, -1}}};

    MUST(fsetxattr(fd, kind, &acl, sizeof(acl), 0) >= 0 || errno == EOPNOTSUPP);
}

static void set_flags(int fd, int flags)
{
    int now;

    if (ioctl(fd, FS_IOC_GETFLAGS, &now) < 0)
        return;
    now |= flags;
    if (ioctl(fd, FS_IOC_SETFLAGS, &now) < 0)
        MUST(errno == EOPNOTSUPP || errno == EINVAL || errno == EPERM);
}

static void make_sparse(int dir_fd)
{
    char block[65536];
    int fd;

    memset(block, 'x', sizeof(block));
    fd = make(dir_fd, "hole-in-front", "");
    MUST(pwrite(fd, block, sizeof(block), 1 << 20) > 0);
    close(fd);
    fd = make(dir_fd, "hole-at-the-end", "");
    MUST(pwrite(fd, block, sizeof(block), 0) > 0 && ftruncate(fd, (1 << 20) + 77) >= 0);
    close(fd);
    fd = make(dir_fd, "holes-between", "");
    for (int i = 0; i < 4; i++)
        MUST(pwrite(fd, block, sizeof(block), (off_t)i << 19) > 0);
    close(fd);
    fd = make(dir_fd, "nothing-but-hole", "");
    MUST(ftruncate(fd, (off_t)1 << 27) >= 0);
    close(fd);
}

static void make_names(int dir_fd)
{
    char name[256] = {}, byte[] = "?-byte";

    memset(name, 'n', 255);
    make_file(dir_fd, name, "255 bytes");
    for (int i = 1; i < 256; i++)
        if (i != '/') {
            byte[0] = i;
            make_file(dir_fd, byte, byte);
        }
    close(make_dir(dir_fd, "d\xff\n'\\", 0755));
}

static void make_links(int dir_fd, int other_fd)
{
    char target[1000] = {};

    make_file(dir_fd, "one", "one of three");
    MUST(linkat(dir_fd, "one", dir_fd, "two", 0) >= 0);
    MUST(linkat(dir_fd, "one", other_fd, "three", 0) >= 0);
    MUST(symlinkat("/nowhere/at/all", dir_fd, "dangling") >= 0);
    MUST(symlinkat("one", dir_fd, "to-one") >= 0);
    memset(target, 't', sizeof(target) - 1);
    MUST(symlinkat(target, dir_fd, "long") >= 0);
    MUST(linkat(dir_fd, "long", other_fd, "long-too", 0) >= 0);
    MUST(mkfifoat(dir_fd, "fifo", 0620) >= 0);
    MUST(linkat(dir_fd, "fifo", other_fd, "fifo-too", 0) >= 0);
}

static void make_socket(int dir_fd, const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    _cleanup_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s", dir_fd, name);
    MUST(fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof(address)) >= 0);
}

static void make_privileged(int dir_fd, int above_fd)
{
    static const uint32_t capability[] = {0x02000001, 1 << 10, 0, 0, 0}; /* net_bind_service */
    char path[64];
    int fd;

    MUST(mknodat(dir_fd, "null", S_IFCHR | 0640, makedev(1, 3)) >= 0);
    MUST(mknodat(dir_fd, "block", S_IFBLK | 0600, makedev(7, 200)) >= 0);
    snprintf(path, sizeof(path), "/proc/self/fd/%d/null", dir_fd);
    MUST(lsetxattr(path, "trusted.test", "device", 6, 0) >= 0);
    snprintf(path, sizeof(path), "/proc/self/fd/%d/link", dir_fd);
    MUST(symlinkat("to", dir_fd, "link") >= 0 &&
         fchownat(dir_fd, "link", 77, 78, AT_SYMLINK_NOFOLLOW) >= 0);
    MUST(lsetxattr(path, "trusted.test", "link", 4, 0) >= 0);

    fd = make(dir_fd, "set-id", "owned by others");
    MUST(fchown(fd, 1234, 70000) >= 0);
    MUST(fsetxattr(fd, "security.capability", capability, sizeof(capability), 0) >= 0);
    MUST(fsetxattr(fd, "trusted.test", "\0binary\0", 8, 0) >= 0 && fchmod(fd, 07751) >= 0);
    close(fd);

    fd = make(dir_fd, "immutable", "forever");
    set_flags(fd, FS_IMMUTABLE_FL);
    close(fd);
    fd = make(dir_fd, "log", "appended only");
    /* The walk comes to what is above first, and long before it comes to the other name. */
    MUST(linkat(dir_fd, "log", above_fd, "log-too", 0) >= 0);
    set_flags(fd, FS_APPEND_FL);
    close(fd);
    fd = make_dir(dir_fd, "immutable-dir", 02775);
    make_file(fd, "inside", "inside");
    set_flags(fd, FS_IMMUTABLE_FL);
    close(fd);
}

static void make_odd_dirs(int dir_fd)
{
    int fd = make_dir(dir_fd, "acl", 0750);

    make_acl(fd, "system.posix_acl_access");
    make_acl(fd, "system.posix_acl_default");
    make_file(fd, "inherits", "an ACL");
    close(fd);
    fd = make_dir(dir_fd, "no-acl", 03771);
    MUST(fsetxattr(fd, "user.empty", "", 0, 0) >= 0 || errno == EOPNOTSUPP);
    close(fd);
    fd = make_dir(dir_fd, "nocow", 0755);
    set_flags(fd, FS_NOCOW_FL);
    make_file(fd, "inherits", "no copy on write");
    close(fd);
    fd = make(dir_fd, "nocow-alone", "");
    set_flags(fd, FS_NOCOW_FL | FS_NODUMP_FL | FS_NOATIME_FL);
    MUST(write_all(fd, "data", 4) >= 0);
    close(fd);
    fd = make_dir(dir_fd, "read-only", 0755);
    make_file(fd, "inside", "inside");
    MUST(fchmod(fd, 0555) >= 0);
    close(fd);
    if (geteuid() == 0)
        close(make_dir(dir_fd, "mode-0", 0));
}

int tree_make(const Ground *ground, const char *name)
{
    const struct timespec times[] = {{1, 111111111}, {946684799, 987654321}};
    int root = make_dir(ground->fd, name, 0755), sub = make_dir(root, "sub", 0711);
    int links = make_dir(root, "links", 01777), fd;

    make_file(root, "empty", "");
    make_sparse(root);
    make_names(sub);
    make_links(links, root);
    make_socket(links, "socket");
    make_odd_dirs(root);
    make_large_file(sub, "large", ((size_t)9 << 20) + 5);
    fd = make(root, "attributes", "with");
    MUST(fsetxattr(fd, "user.test", "value", 5, 0) >= 0 || errno == EOPNOTSUPP);
    make_acl(fd, "system.posix_acl_access");
    close(fd);
    if (geteuid() == 0) {
        make_privileged(sub, root);
        MUST(fchown(root, 998, 997) >= 0 && fsetxattr(root, "trusted.test", "root", 4, 0) >= 0);
        MUST(fsetxattr(root, TREE_MARK, "this", 4, 0) >= 0);
    }
    MUST(futimens(root, times) >= 0 && futimens(links, times) >= 0 &&
         utimensat(root, "empty", times, 0) >= 0 &&
         utimensat(links, "dangling", times, AT_SYMLINK_NOFOLLOW) >= 0 &&
         utimensat(links, "fifo", times, AT_SYMLINK_NOFOLLOW) >= 0);
    close(links);
    close(sub);
    return root;
}
