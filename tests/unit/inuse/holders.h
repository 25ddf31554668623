/* SPDX-License-Identifier: MIT */
/* What processes of test-inuse.c do that may hold the state. Each function begins in the directory of
 * the ground. Included there only, after its helper functions. */
#pragma once

static void nothing(void)
{
}
static void writes(void)
{
    open_file("var/state/data/file", O_WRONLY);
}
static void appends(void)
{
    open_file("var/state/data/file", O_RDWR | O_APPEND);
}
static void reads(void)
{
    open_file("var/state/data/file", O_RDONLY);
}
static void path_only(void)
{
    must(open("var/state/data/file", O_PATH) >= 0, "O_PATH");
}
static void writes_beside(void)
{
    open_file("var/state-of-another/file", O_WRONLY);
}
static void deleted(void)
{
    open_file("var/state/data/deleted", O_WRONLY);
    must(unlink("var/state/data/deleted") == 0, "unlink");
}
static void deleted_beside(void)
{
    open_file("var/other/deleted", O_WRONLY);
    must(unlink("var/other/deleted") == 0, "unlink");
}
static void hard_link(void)
{
    must(open("var/other/link", O_WRONLY) >= 0, "link"); /* none leads into a subvolume */
}
static void hard_links_beside(void)
{
    open_file("var/other/one", O_WRONLY);
    must(link("var/other/one", "var/other/two") == 0 || errno == EEXIST, "link");
}
/* The name that was opened is gone, and another name is in the state. */
static void former_link(void)
{
    must(link("var/state/data/file", "var/other/former") == 0, "link");
    open_file("var/other/former", O_WRONLY);
    must(unlink("var/other/former") == 0, "unlink");
}
static void hostile_name(void)
{
    prctl(PR_SET_NAME, "a\nb\033[2J");
    open_file("var/state/data/new\nline", O_WRONLY);
}
static void long_path(void)
{
    char name[201];

    memset(name, 'n', 200);
    name[200] = '\0';
    must(chdir("var/state/data") == 0, "chdir");
    for (int i = 0; i < 30; i++) {
        must(mkdir(name, 0700) == 0 || errno == EEXIST, "mkdir");
        must(chdir(name) == 0, "chdir");
    }
    open_file("deep", O_WRONLY);
}
static void *thread(void *unused)
{
    for (;;)
        pause();
    return NULL;
}
static void maps(int flags, int protection, int type)
{
    int fd = open_file("var/state/data/file", flags);

    must(ftruncate(fd, 4096) == 0 || (flags & O_ACCMODE) == O_RDONLY, "ftruncate");
    must(mmap(NULL, 4096, protection, type, fd, 0) != MAP_FAILED, "mmap");
    close(fd);
}
static void maps_writable(void)
{
    maps(O_RDWR, PROT_READ | PROT_WRITE, MAP_SHARED);
}
static void maps_not_yet_writable(void)
{
    maps(O_RDWR, PROT_READ, MAP_SHARED);
}
static void maps_reading(void)
{
    maps(O_RDONLY, PROT_READ, MAP_SHARED);
}
static void maps_privately(void)
{
    maps(O_RDONLY, PROT_READ | PROT_WRITE, MAP_PRIVATE);
}
static void stands_in(void)
{
    must(chdir("var/state/data") == 0, "chdir");
}
static void rooted(void)
{
    must(chroot("var/state/data") == 0, "chroot");
}
static void rooted_elsewhere(void)
{
    must(chroot("var/other") == 0, "chroot");
}
static void rooted_after_opening(void)
{
    private_namespace(); /* with no other process in it */
    open_file("var/state/data/file", O_WRONLY);
    must(chroot("var/other") == 0, "chroot");
}
static void sandboxed(void)
{
    private_namespace();
}
static void sandboxed_beside(void)
{
    private_namespace();
    bind("var/other", "mnt", false);
    open_file("mnt/file", O_WRONLY);
}
static void ancestor(void)
{
    private_namespace();
    bind("var", "mnt", false);
}
static void ancestor_writes(void)
{
    private_namespace();
    bind("var", "mnt", false);
    open_file("mnt/state/data/file", O_WRONLY);
}
static void ancestor_at_an_odd_point(void)
{
    private_namespace();
    must(mkdir("m \t\\n", 0700) == 0 || errno == EEXIST, "mkdir");
    bind("var", "m \t\\n", false);
    open_file("m \t\\n/state/data/file", O_WRONLY);
}
static void ancestor_reads(void)
{
    private_namespace();
    bind("var", "mnt", false);
    open_file("mnt/state/data/file", O_RDONLY);
}
static void ancestor_maps(void)
{
    int fd;

    private_namespace();
    bind("var", "mnt", false);
    fd = open_file("mnt/state/data/file", O_RDWR);
    must(ftruncate(fd, 4096) == 0, "ftruncate");
    must(mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, fd, 0) != MAP_FAILED, "mmap");
    close(fd);
}
static void container(void)
{
    private_namespace();
    bind("var", "mnt", false);
    must(chdir("mnt") == 0 && mkdir("old", 0700) + 1 >= 0, "old");
    must(syscall(SYS_pivot_root, ".", "old") == 0, "pivot_root");
    must(umount2("/old", MNT_DETACH) == 0, "umount");
    open_file("/state/data/file", O_WRONLY);
}
static void container_of_another(void)
{
    private_namespace();
    must(mount("tmpfs", "mnt", "tmpfs", 0, NULL) == 0, "tmpfs");
    must(mount("tmpfs", "var", "tmpfs", 0, NULL) == 0, "tmpfs");
    must(mkdir("var/state", 0700) == 0 && mkdir("var/state/data", 0700) == 0, "mkdir");
    open_file("var/state/data/file", O_WRONLY);
}
static void out_of_sight(void)
{
    private_namespace();
    bind("var", "mnt", false);
    open_file("mnt/state/data/file", O_WRONLY);
    must(umount2("mnt", MNT_DETACH) == 0, "umount");
}
static void out_of_sight_beside(void)
{
    private_namespace();
    bind("var", "mnt", false);
    open_file("mnt/other/file", O_WRONLY);
    must(umount2("mnt", MNT_DETACH) == 0, "umount");
}
static void binds(void)
{
    private_namespace();
    bind("var/state", "mnt", false);
}
static void binds_part(void)
{
    private_namespace();
    bind("var/state/data", "mnt", false);
}
static void binds_read_only(void)
{
    private_namespace();
    bind("var/state", "mnt", true);
}
/* On another file system with the same paths. */
static void binds_likeness(void)
{
    private_namespace();
    must(mount("tmpfs", "mnt", "tmpfs", 0, NULL) == 0, "tmpfs");
    must(mkdir("mnt/var", 0700) == 0 && mkdir("mnt/var/state", 0700) == 0, "mkdir");
    bind("mnt/var/state", "var/other", false);
}
static void binds_over(void)
{
    private_namespace();
    bind("var/other", "var/state", false);
}

static void registers(void)
{
    struct io_uring_params parameters = {};
    int ring = (int)syscall(SYS_io_uring_setup, 4, &parameters);
    int fd = open_file("var/state/data/file", O_WRONLY);

    if (ring < 0)
        _exit(77);
    must(syscall(SYS_io_uring_register, ring, IORING_REGISTER_FILES, &fd, 1) == 0, "register");
    close(fd);
}

/* --- a local user who cannot write to the state ---------------------------------------------- */

#define STRANGER 4321

static void write_map(const char *name, const char *text)
{
    _cleanup_free_ char *path = strprintf("/proc/self/%s", name);
    _cleanup_close_ int fd = path ? open(path, O_WRONLY) : -1;

    must(fd >= 0 && write(fd, text, strlen(text)) > 0, name);
}
/* In namespaces of its own, where it is root. */
static void become_stranger(uid_t uid, int namespaces)
{
    char one[32];

    snprintf(one, sizeof(one), "0 %u 1", (unsigned)uid);
    must(setgroups(0, NULL) == 0 && setresgid(uid, uid, uid) == 0 && setresuid(uid, uid, uid) == 0,
         "setresuid");
    must(prctl(PR_SET_DUMPABLE, 1) == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0, "prctl");
    must(unshare(CLONE_NEWUSER | namespaces) == 0, "unshare");
    write_map("setgroups", "deny");
    write_map("uid_map", one);
    write_map("gid_map", one);
}
static void stranger_binds(void)
{
    become_stranger(STRANGER, CLONE_NEWNS);
    bind("var/state", "mnt", false);
}
static void stranger_roots(void)
{
    become_stranger(STRANGER, 0);
    must(chroot("var/state") == 0, "chroot");
}
static void stranger_registers(void)
{
    struct io_uring_params parameters = {};
    int ring, fd;

    become_stranger(STRANGER, 0);
    ring = (int)syscall(SYS_io_uring_setup, 4, &parameters);
    fd = open("var/state/data/public", O_RDONLY);
    if (ring < 0)
        _exit(77);
    must(fd >= 0 && syscall(SYS_io_uring_register, ring, IORING_REGISTER_FILES, &fd, 1) == 0,
         "register");
    close(fd);
}
/* More mounts than mountinfo is read of. */
static void stranger_floods(void)
{
    char name[201], to[PATH_MAX] = "/tmp";

    become_stranger(STRANGER, CLONE_NEWNS);
    must(mount("tmpfs", "/tmp", "tmpfs", 0, NULL) == 0, "tmpfs");
    memset(name, 'n', 200);
    name[200] = '\0';
    for (int i = 0; i < 15; i++) {
        snprintf(to + strlen(to), sizeof(to) - strlen(to), "/%s", name);
        must(mkdir(to, 0700) == 0, "mkdir");
    }
    for (int i = 0; i < 700; i++)
        must(mount(to, to, NULL, MS_BIND, NULL) == 0, "bind");
}
/* The same with a part of the state that this user can write. */
static void owner_binds(void)
{
    become_stranger(STRANGER + 1, CLONE_NEWNS);
    bind("var/state", "mnt", false);
}
static void owner_roots(void)
{
    become_stranger(STRANGER + 1, 0);
    must(chroot("var/state") == 0, "chroot");
}
