/* SPDX-License-Identifier: MIT */
/* What the names in a directory say of versions. */
#include "scratch.h"
#include "store/stamp.h"
#include "test.h"

static void touch(int dir, const char *name)
{
    scratch_text(dir, name, "");
}

/* "1 and 2 ~ +": the versions found, with a tilde if there are stamps of others beside them, and a
 * plus if there is data. */
static bool says(int dir, const char *name, const char *wanted)
{
    _cleanup_(stamps_free) Stamps stamps = {};
    _cleanup_free_ char *joined = NULL, *text = NULL;

    MUST(stamps_read(dir, name, &stamps) == 0);
    joined = strv_join(stamps.versions, " and ");
    text = strprintf("%s%s%s", joined ? joined : "", stamps.others ? " ~" : "",
                     stamps.empty ? "" : " +");
    if (streq(text, wanted))
        return true;
    printf("# '%s' instead of '%s'\n", text, wanted);
    return false;
}

static void test_read(void)
{
    _cleanup_close_ int dir = scratch_dir("read");

    OK(says(dir, "app", ""), "read: an empty directory");
    MUST(mkdirat(dir, "lost+found", 0700) == 0 && mkdirat(dir, ".migrate", 0700) == 0);
    OK(says(dir, "app", ""), "read: a mount point with nothing of anybody's in it is empty");
    MUST(unlinkat(dir, "lost+found", AT_REMOVEDIR) == 0 &&
         unlinkat(dir, ".migrate", AT_REMOVEDIR) == 0);
    touch(dir, ".stateversion.app=1");
    OK(says(dir, "app", "1"), "read: a stamp alone is no data");
    touch(dir, "data");
    OK(says(dir, "app", "1 +"), "read: data beside it is");
    touch(dir, ".stateversion.app=1.0");
    OK(says(dir, "app", "1 and 1.0 +"), "read: two spellings are both named");
    touch(dir, ".stateversion.app=1:2");
    OK(says(dir, "app", "1 and 1.0 and 1:2 +"), "read: what is no version, as it is");
    touch(dir, ".stateversion.app=");
    OK(says(dir, "app", " and 1 and 1.0 and 1:2 +"), "read: nor is the empty one passed over");
}

static void test_names(void)
{
    _cleanup_close_ int dir = scratch_dir("names");

    touch(dir, ".stateversion.app=1");
    touch(dir, ".stateversion.app2=2");
    touch(dir, ".stateversion.app.x=3");
    touch(dir, ".stateversion.ap=4");
    touch(dir, ".stateversion.app-x=5=6");
    OK(says(dir, "app", "1 ~"), "names: app is neither app2, app.x nor ap");
    OK(says(dir, "app2", "2 ~"), "names: app2");
    OK(says(dir, "app.x", "3 ~"), "names: app.x");
    OK(says(dir, "ap", "4 ~"), "names: ap");
    OK(says(dir, "app-x", "5=6 ~"), "names: what follows the first = is the version");
    OK(says(dir, "a", " ~"), "names: a has none");
    touch(dir, ".stateversion.=1");
    OK(says(dir, "a", " ~ +"), "names: one of nobody's is something else");
    MUST(unlinkat(dir, ".stateversion.=1", 0) == 0);
    touch(dir, ".stateversion.c=1\n2");
    OK(says(dir, "a", " ~ +"), "names: and so is what would not fit on a line");
    MUST(unlinkat(dir, ".stateversion.c=1\n2", 0) == 0);
    OK(says(dir, "a", " ~"), "names: stamps of others are no data");
    touch(dir, "stateversion.b=1");
    touch(dir, ".stateversionXb=1");
    touch(dir, ".stateversion.b");
    touch(dir, "x.stateversion.b=1");
    OK(says(dir, "b", " ~ +"), "names: what only resembles a stamp");
}

static void test_kinds(void)
{
    _cleanup_close_ int dir = scratch_dir("kinds");

    MUST(mkdirat(dir, ".stateversion.app=1", 0700) == 0);
    OK(says(dir, "app", "1"), "kinds: a directory of that name, as PID 1 sees it, is one");
    OK(stamp_write(dir, "app", "2") < 0 && says(dir, "app", "1"),
       "kinds: it cannot give way, so nothing is changed");
    MUST(unlinkat(dir, ".stateversion.app=1", AT_REMOVEDIR) == 0);
    scratch_text(dir, "precious", "content");
    MUST(symlinkat("precious", dir, ".stateversion.app=1") == 0);
    OK(stamp_write(dir, "app", "2") == 0 && says(dir, "app", "2 +") &&
           scratch_holds(dir, "precious", "content"),
       "kinds: a link is removed, what it leads to is not");
    MUST(mkfifoat(dir, ".stateversion.app=3", 0600) == 0);
    OK(says(dir, "app", "2 and 3 +"), "kinds: a FIFO is not waited for");
    OK(stamp_write(dir, "app", "3") == 0 && says(dir, "app", "3 +"),
       "kinds: what has the name already has it");
}

/* "1>3 2>3": who reads what. */
static bool reads(int dir, const char *wanted)
{
    _cleanup_(stamps_free) Stamps stamps = {};
    _cleanup_string_ String s = {};
    _cleanup_strv_ char **words = NULL;
    _cleanup_free_ char *text = NULL;

    MUST(stamps_read(dir, "app", &stamps) == 0);
    for (size_t i = 0; stamps.readers && stamps.readers[i]; i++)
        MUST(strv_consume(&words, strprintf("%s>%s", stamps.readers[i], stamps.targets[i])) == 0);
    strv_sort(words);
    text = strv_join(words, " ");
    MUST(text);
    if (streq(text, wanted))
        return true;
    printf("# '%s' instead of '%s'\n", text, wanted);
    return false;
}

static void test_links(void)
{
    _cleanup_close_ int dir = scratch_dir("links");
    char *const two[] = {(char *)"1", (char *)"2", NULL}, *const one[] = {(char *)"2", NULL};
    _cleanup_(stamps_free) Stamps stamps = {};
    struct stat st;

    if (geteuid() == 0)
        MUST(fchown(dir, 12, 34) == 0);
    OK(stamp_link(dir, "app", "3", two) == -ESTALE && says(dir, "app", ""),
       "links: none without a stamp");
    MUST(stamp_write(dir, "app", "3") == 0);
    OK(stamp_link(dir, "app", "3", two) == 0 && says(dir, "app", "3") && reads(dir, "1>3 2>3"),
       "links: two, and the version is the one that they lead to");
    OK(fstatat(dir, ".stateversion.app=1", &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode) &&
           (geteuid() != 0 || (st.st_uid == 12 && st.st_gid == 34)),
       "links: of the directory's owner");
    OK(stamp_link(dir, "app", "3", two) == 0 && reads(dir, "1>3 2>3"), "links: the same again");
    OK(stamp_write(dir, "app", "3") == 0 && reads(dir, "1>3 2>3"),
       "links: the same stamp again keeps them");
    MUST(stamps_read(dir, "app", &stamps) == 0);
    OK(stamps_readable_by(&stamps, "1") && stamps_readable_by(&stamps, "02") &&
           !stamps_readable_by(&stamps, "3") && !stamps_readable_by(&stamps, "4"),
       "links: whom they let run");
    OK(stamp_link(dir, "app", "3", one) == 0 && reads(dir, "2>3") && says(dir, "app", "3"),
       "links: what is not wanted any more goes");
    OK(stamp_write(dir, "app", "2") == 0 && says(dir, "app", "2") && reads(dir, ""),
       "links: another stamp takes the place of a link");
    OK(fstatat(dir, ".stateversion.app=2", &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode),
       "links: and is a file");
    MUST(stamp_link(dir, "app", "2", (char *const[]){(char *)"1", NULL}) == 0);
    MUST(unlinkat(dir, ".stateversion.app=2", 0) == 0);
    OK(says(dir, "app", "1 -> 2"), "links: one that leads nowhere is a contradiction");
    touch(dir, ".stateversion.app=3");
    OK(says(dir, "app", "1 -> 2 and 3"), "links: beside another stamp, too");
    OK(stamp_link(dir, "app", "3", one) == 0 && says(dir, "app", "3") && reads(dir, "2>3"),
       "links: it is mended");
    OK(stamp_clear(dir, "app") == 0 && says(dir, "app", "") && reads(dir, ""), "links: cleared");
    MUST(symlinkat(".stateversion.app=1", dir, ".stateversion.app=1") == 0);
    OK(stamp_write(dir, "app", "1") == 0 && says(dir, "app", "1") && reads(dir, ""),
       "links: one to itself gives way");
    MUST(symlinkat("../.stateversion.app=1", dir, ".stateversion.app=0") == 0);
    OK(says(dir, "app", "0 and 1") && reads(dir, ""), "links: elsewhere is no link of ours");
}

static void test_write(void)
{
    _cleanup_close_ int dir = scratch_dir("write");
    struct stat st;

    if (geteuid() == 0)
        MUST(fchown(dir, 12, 34) == 0);
    OK(stamp_write(dir, "app", "1") == 0 && says(dir, "app", "1"), "write: the first");
    OK(fstatat(dir, ".stateversion.app=1", &st, 0) == 0 && (st.st_mode & 07777) == 0644 &&
           st.st_size == 0,
       "write: an empty file");
    if (geteuid() == 0)
        OK(st.st_uid == 12 && st.st_gid == 34, "write: of the directory's owner");
    else
        SKIP("write: only root can give files away");
    OK(stamp_write(dir, "app", "1") == 0 && says(dir, "app", "1"), "write: the same again");
    touch(dir, ".stateversion.app2=1");
    touch(dir, ".stateversion.app.x=1");
    OK(stamp_write(dir, "app", "2") == 0 && says(dir, "app", "2 ~") && says(dir, "app2", "1 ~") &&
           says(dir, "app.x", "1 ~"),
       "write: another, and those of others stay");
    touch(dir, ".stateversion.app=1:2");
    touch(dir, ".stateversion.app=");
    OK(stamp_write(dir, "app", "2.0") == 0 && says(dir, "app", "2.0 ~"),
       "write: all others of that name go");
    if (geteuid() != 0) {
        MUST(fchmod(dir, 0500) == 0);
        OK(stamp_write(dir, "app", "3") == -EACCES && says(dir, "app", "2.0 ~"),
           "write: what cannot be written changes nothing");
        MUST(fchmod(dir, 0700) == 0);
    }
}

static void test_name(void)
{
    _cleanup_free_ char *name = stamp_name("app", "1.2~rc1");

    OK(streq_null(name, ".stateversion.app=1.2~rc1"), "name: %s", name);
}

int main(void)
{
    (void)umask(0);
    scratch_make();
    test_name();
    test_read();
    test_names();
    test_kinds();
    test_links();
    test_write();
    return tests_done();
}
