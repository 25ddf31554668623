/* SPDX-License-Identifier: MIT */
/* Which directories are accepted, how each is swapped, and where its clone is made. In a mount
 * namespace of its own; skipped without root. */
#include "place/place.h"

#include "scratch.h"
#include "test.h"

#include <sched.h>
#include <sys/mount.h>

static Place place;
static char *what;

static const char *in(const char *name)
{
    static char *path;

    free(path);
    path = strprintf("%s/%s", scratch_path, name);
    MUST(path);
    return path;
}

static void make(const char *name)
{
    MUST(mkdirat(scratch_fd, name, 0755) == 0);
}

/* Finds a directory; excluded may be NULL. path must stay valid. */
static int find(const char *path, const char *excluded)
{
    Item item = {.value = (char *)excluded};
    const Items excludes = {.items = &item, .n_items = 1};
    _cleanup_free_ char *store = strdup(in("store"));

    place_close(&place);
    free(TAKE_PTR(what));
    return place_find_without(path, excluded ? &excludes : NULL, store, "app", &place, &what);
}

static bool based(const char *base)
{
    return streq(place.base, in(base));
}

static void check_methods(void)
{
    _cleanup_free_ char *plain = strdup(in("plain")), *part = strdup(in("plain/part")),
                        *mounted = strdup(in("mounted")), *below = strdup(in("mounted/below")),
                        *missing = strdup(in("missing"));

    make("plain");
    make("mounted");
    MUST(mount("test", mounted, "tmpfs", 0, "mode=755") == 0);
    make("mounted/below");
    OK(find(plain, NULL) == PLACE_FOUND && place.method == PLACE_EXCHANGE && based("store") &&
           !place.exclude,
       "a plain directory is exchanged, and its clone is in the store");
    OK(find(plain, part) == PLACE_FOUND && place.method == PLACE_ENTRIES && based("store") &&
           streq(place.exclude[0], "part") && place.n_declared == 1,
       "a directory with an excluded path is swapped by entries");
    OK(find(mounted, NULL) == PLACE_FOUND && place.method == PLACE_ENTRIES &&
           place.base_is_inside && based("mounted/.migrate/app") &&
           strv_contains(place.exclude, ".migrate") && place.n_declared == 0,
       "a mount point is swapped by entries, and its clone is inside");
    OK(find(below, NULL) == PLACE_FOUND && place.method == PLACE_EXCHANGE &&
           !place.base_is_inside && based("mounted/.migrate/app"),
       "a directory below a mount point is exchanged, and its clone is on the mount");
    OK(find(missing, NULL) == PLACE_FOUND && place.fd < 0,
       "a directory that does not exist is found without a descriptor");
}

static void check_links(void)
{
    _cleanup_free_ char *link = strdup(in("link")), *loop = strdup(in("loop")),
                        *through = strdup(in("way/below")), *real = strdup(in("plain")),
                        *root = strdup(in("root")), *exchangeable = strdup(in("user/root/link"));

    MUST(symlinkat("./store/../plain", scratch_fd, "link") == 0);
    MUST(symlinkat(in("mounted"), scratch_fd, "way") == 0);
    MUST(symlinkat("loop", scratch_fd, "loop") == 0);
    MUST(symlinkat("/..", scratch_fd, "root") == 0);
    OK(find(link, NULL) == PLACE_FOUND && streq(place.path, real) && streq(place.name, "plain") &&
           streq(place.directory, link),
       "a relative link is followed");
    OK(find(through, NULL) == PLACE_FOUND && streq(place.path, in("mounted/below")),
       "an absolute link on the way is followed");
    OK(find(loop, NULL) == PLACE_REFUSED && strstr(what, "more than 8"),
       "a link to itself is refused");
    OK(find(root, NULL) == PLACE_REFUSED && strstr(what, "leads to /"), "a link to / is refused");
    MUST(fchownat(scratch_fd, "link", 1234, 1234, AT_SYMLINK_NOFOLLOW) == 0);
    OK(find(link, NULL) == PLACE_REFUSED && strstr(what, "can change where the symbolic link"),
       "a link that a user owns is refused");
    MUST(fchownat(scratch_fd, "link", 0, 0, AT_SYMLINK_NOFOLLOW) == 0 &&
         fchmod(scratch_fd, 0777) == 0);
    OK(find(link, NULL) == PLACE_REFUSED, "a link in a directory that a user can write is refused");
    MUST(fchmod(scratch_fd, 0755) == 0);
    make("user");
    make("user/root");
    MUST(symlinkat("../../plain", scratch_fd, "user/root/link") == 0 &&
         fchownat(scratch_fd, "user", 1234, 1234, 0) == 0);
    OK(find(exchangeable, NULL) == PLACE_REFUSED &&
           strstr(what, "can change where the symbolic link"),
       "a link of root in a directory that the user can exchange is refused");
}

static void check_again(void)
{
    const Store store = {.name = (char *)"app", .path = strdup(in("store")), .fd = -1};
    _cleanup_free_ char *mounted = strdup(in("mounted")),
                        *base = strdup(in("mounted/.migrate/app")), *plain = strdup(in("plain"));

    place_close(&place);
    free(TAKE_PTR(what));
    DirectoryRecord record = {.directory = mounted,
                              .path = mounted,
                              .method = PLACE_ENTRIES,
                              .base = base,
                              .entry = (char *)"mounted",
                              .n_declared = -1};

    OK(place_find_again(&record, &store, &place, &what) == PLACE_FOUND &&
           place.method == PLACE_ENTRIES && place.base_is_inside,
       "a directory is found again from its record");
    place_close(&place);
    record.path = plain;
    OK(place_find_again(&record, &store, &place, &what) == PLACE_REFUSED,
       "a directory is refused if its link has been changed to lead elsewhere");
    free(TAKE_PTR(what));
    record.path = mounted;
    record.base = (char *)"/etc";
    OK(place_find_again(&record, &store, &place, &what) == -EBADMSG,
       "a record with a base outside of the store is refused");
    record.base = base;
    record.n_declared = 1;
    OK(place_find_again(&record, &store, &place, &what) == -EBADMSG,
       "a record that declares more exclusions than it has is refused");
    record.n_declared = -1;
    MUST(umount2(mounted, MNT_DETACH) == 0);
    OK(place_find_again(&record, &store, &place, &what) == -ENOENT &&
           strstr(what, "is a disk not mounted?"),
       "a directory on a disk that is not mounted is reported as such");
    free(store.path);
}

static void check_mounts(void)
{
    _cleanup_free_ char *plain = strdup(in("plain")), *part = strdup(in("plain/a b"));

    make("plain/a b");
    MUST(mount("test", part, "tmpfs", 0, NULL) == 0);
    OK(find(plain, NULL) == PLACE_FOUND && place_check_mounts(&place, &what) == PLACE_REFUSED &&
           strstr(what, part) && strstr(what, "Exclude="),
       "a directory with a mount below it is refused");
    OK(find(plain, part) == PLACE_FOUND && place_check_mounts(&place, &what) == PLACE_FOUND,
       "a directory is accepted if the mount below it is excluded");
    MUST(umount(part) == 0);
    OK(find(plain, NULL) == PLACE_FOUND && place_check_mounts(&place, &what) == PLACE_FOUND,
       "a directory is accepted once the mount below it is gone");
}

int main(void)
{
    if (geteuid() != 0 || unshare(CLONE_NEWNS) < 0 ||
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0) {
        printf("1..0 # SKIP this test needs root to mount\n");
        return EXIT_SUCCESS;
    }
    setenv("TMPDIR", "/var/lib", 1); /* where only root can write, on the whole path */
    scratch_make();
    MUST(chmod(scratch_path, 0755) == 0);
    place = (Place)PLACE_NONE;
    make("store");
    check_methods();
    check_links();
    check_again();
    check_mounts();
    place_close(&place);
    free(what);
    return tests_done();
}
