/* SPDX-License-Identifier: MIT */
/* Stamps: the versions that the names in a directory say. */
#include "scratch.h"
#include "store/stamp.h"
#include "test.h"

static void touch(int dir, const char *name)
{
    scratch_text(dir, name, "");
}

/* "1 and 2 ~ +": the versions that were found; a tilde: there are stamps of others; a plus: there
 * is data. */
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

    OK(says(dir, "app", ""), "an empty directory has no stamp");
    MUST(mkdirat(dir, "lost+found", 0700) == 0 && mkdirat(dir, ".migrate", 0700) == 0);
    OK(says(dir, "app", ""), "a mount point that has only lost+found and .migrate counts as empty");
    if (geteuid() == 0) {
        MUST(fchownat(dir, "lost+found", 1234, 1234, 0) == 0);
        OK(says(dir, "app", " +"), "a directory lost+found that a user owns counts as data");
        MUST(fchownat(dir, "lost+found", 0, 0, 0) == 0);
    }
    MUST(unlinkat(dir, ".migrate", AT_REMOVEDIR) == 0 &&
         close(openat(dir, ".migrate", O_WRONLY | O_CREAT, 0600)) == 0);
    OK(says(dir, "app", " +"), "a file named .migrate counts as data");
    MUST(unlinkat(dir, ".migrate", 0) == 0 && mkdirat(dir, ".migrate", 0700) == 0);
    MUST(unlinkat(dir, "lost+found", AT_REMOVEDIR) == 0 &&
         unlinkat(dir, ".migrate", AT_REMOVEDIR) == 0);
    touch(dir, ".stateversion.app=1");
    OK(says(dir, "app", "1"), "a directory with only a stamp has no data");
    touch(dir, "data");
    OK(says(dir, "app", "1 +"), "a file beside a stamp counts as data");
    touch(dir, ".stateversion.app=1.0");
    OK(says(dir, "app", "1 and 1.0 +"), "stamps with two spellings of a version are both found");
    touch(dir, ".stateversion.app=1:2");
    OK(says(dir, "app", "1 and 1.0 and 1:2 +"),
       "a stamp without a valid version is found as it is");
    touch(dir, ".stateversion.app=");
    OK(says(dir, "app", " and 1 and 1.0 and 1:2 +"), "a stamp with an empty version is found");
}

static void test_names(void)
{
    _cleanup_close_ int dir = scratch_dir("names");

    touch(dir, ".stateversion.app=1");
    touch(dir, ".stateversion.app2=2");
    touch(dir, ".stateversion.app.x=3");
    touch(dir, ".stateversion.ap=4");
    touch(dir, ".stateversion.app-x=5=6");
    OK(says(dir, "app", "1 ~"), "the stamp of app is found among stamps of similar names");
    OK(says(dir, "app2", "2 ~"), "the stamp of app2 is found beside the stamp of app");
    OK(says(dir, "app.x", "3 ~"), "the stamp of app.x is found beside the stamp of app");
    OK(says(dir, "ap", "4 ~"), "the stamp of ap is found beside the stamp of app");
    OK(says(dir, "app-x", "5=6 ~"), "the version of a stamp begins after the first =");
    OK(says(dir, "a", " ~"),
       "a service without a stamp does not get the stamp of a service with a longer name");
    touch(dir, ".stateversion.=1");
    OK(says(dir, "a", " ~ +"), "a stamp that names no service counts as data");
    MUST(unlinkat(dir, ".stateversion.=1", 0) == 0);
    touch(dir, ".stateversion.c=1\n2");
    OK(says(dir, "a", " ~ +"), "a stamp with a newline counts as data");
    MUST(unlinkat(dir, ".stateversion.c=1\n2", 0) == 0);
    OK(says(dir, "a", " ~"), "stamps of other services do not count as data");
    touch(dir, "stateversion.b=1");
    touch(dir, ".stateversionXb=1");
    touch(dir, ".stateversion.b");
    touch(dir, "x.stateversion.b=1");
    OK(says(dir, "b", " ~ +"), "files that only resemble stamps count as data");
}

static void test_kinds(void)
{
    _cleanup_close_ int dir = scratch_dir("kinds");

    MUST(mkdirat(dir, ".stateversion.app=1", 0700) == 0);
    OK(says(dir, "app", "1"),
       "a directory with the name of a stamp is a stamp, because PID 1 takes it for one");
    OK(stamp_write(dir, "app", "2") < 0 && says(dir, "app", "1"),
       "a stamp that is a directory is not replaced");
    MUST(unlinkat(dir, ".stateversion.app=1", AT_REMOVEDIR) == 0);
    scratch_text(dir, "precious", "content");
    MUST(symlinkat("precious", dir, ".stateversion.app=1") == 0);
    OK(stamp_write(dir, "app", "2") == 0 && says(dir, "app", "2 +") &&
           scratch_holds(dir, "precious", "content"),
       "a new stamp replaces a stamp that is a link, and leaves the link's target");
    MUST(mkfifoat(dir, ".stateversion.app=3", 0600) == 0);
    OK(says(dir, "app", "2 and 3 +"), "a stamp that is a FIFO is read without waiting");
    OK(stamp_write(dir, "app", "3") == 0 && says(dir, "app", "3 +"),
       "a FIFO that already has the name of the new stamp stays");
}

/* "1>3 2>3": the versions that may read another version. */
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
       "reader links are refused if there is no stamp to lead to");
    MUST(stamp_write(dir, "app", "3") == 0);
    OK(stamp_link(dir, "app", "3", two) == 0 && says(dir, "app", "3") && reads(dir, "1>3 2>3"),
       "reader links do not change the version that their stamp records");
    OK(fstatat(dir, ".stateversion.app=1", &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(st.st_mode) &&
           (geteuid() != 0 || (st.st_uid == 12 && st.st_gid == 34)),
       "a reader link has the owner of the directory");
    OK(stamp_link(dir, "app", "3", two) == 0 && reads(dir, "1>3 2>3"),
       "the same reader links can be made again");
    OK(stamp_write(dir, "app", "3") == 0 && reads(dir, "1>3 2>3"),
       "writing the same stamp again keeps the reader links");
    MUST(stamps_read(dir, "app", &stamps) == 0);
    OK(stamps_readable_by(&stamps, "1") && stamps_readable_by(&stamps, "02") &&
           !stamps_readable_by(&stamps, "3") && !stamps_readable_by(&stamps, "4"),
       "reader links accept the versions that they name");
    OK(stamp_link(dir, "app", "3", one) == 0 && reads(dir, "2>3") && says(dir, "app", "3"),
       "a reader link that is no longer requested is removed");
    OK(stamp_write(dir, "app", "2") == 0 && says(dir, "app", "2") && reads(dir, ""),
       "a new stamp replaces a reader link with its name");
    OK(fstatat(dir, ".stateversion.app=2", &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode),
       "a stamp that replaced a reader link is a file");
    MUST(stamp_link(dir, "app", "2", (char *const[]){(char *)"1", NULL}) == 0);
    MUST(unlinkat(dir, ".stateversion.app=2", 0) == 0);
    OK(says(dir, "app", "1 -> 2"), "a reader link without its stamp is shown with its target");
    touch(dir, ".stateversion.app=3");
    OK(says(dir, "app", "1 -> 2 and 3"),
       "a reader link without its stamp is shown beside another stamp");
    OK(stamp_link(dir, "app", "3", one) == 0 && says(dir, "app", "3") && reads(dir, "2>3"),
       "making reader links removes reader links without a stamp");
    OK(stamp_clear(dir, "app") == 0 && says(dir, "app", "") && reads(dir, ""),
       "clearing stamps removes the reader links");
    MUST(symlinkat(".stateversion.app=1", dir, ".stateversion.app=1") == 0);
    OK(stamp_write(dir, "app", "1") == 0 && says(dir, "app", "1") && reads(dir, ""),
       "a stamp replaces a symbolic link of the same name that leads to itself");
    MUST(symlinkat("../.stateversion.app=1", dir, ".stateversion.app=0") == 0);
    OK(says(dir, "app", "0 and 1") && reads(dir, ""),
       "a link out of the directory is not a reader link");
}

static void test_write(void)
{
    _cleanup_close_ int dir = scratch_dir("write");
    struct stat st;

    if (geteuid() == 0)
        MUST(fchown(dir, 12, 34) == 0);
    OK(stamp_write(dir, "app", "1") == 0 && says(dir, "app", "1"), "a first stamp is written");
    OK(fstatat(dir, ".stateversion.app=1", &st, 0) == 0 && (st.st_mode & 07777) == 0644 &&
           st.st_size == 0,
       "a stamp is an empty file that everybody can read");
    if (geteuid() == 0)
        OK(st.st_uid == 12 && st.st_gid == 34, "a stamp has the owner of the directory");
    else
        SKIP("only root can change the owner of a file");
    OK(stamp_write(dir, "app", "1") == 0 && says(dir, "app", "1"),
       "the same stamp can be written again");
    touch(dir, ".stateversion.app2=1");
    touch(dir, ".stateversion.app.x=1");
    OK(stamp_write(dir, "app", "2") == 0 && says(dir, "app", "2 ~") && says(dir, "app2", "1 ~") &&
           says(dir, "app.x", "1 ~"),
       "a new stamp replaces the service's old stamp and leaves the stamps of other services");
    touch(dir, ".stateversion.app=1:2");
    touch(dir, ".stateversion.app=");
    OK(stamp_write(dir, "app", "2.0") == 0 && says(dir, "app", "2.0 ~"),
       "a new stamp replaces all stamps of the service");
    if (geteuid() != 0) {
        MUST(fchmod(dir, 0500) == 0);
        OK(stamp_write(dir, "app", "3") == -EACCES && says(dir, "app", "2.0 ~"),
           "a stamp that cannot be written changes nothing");
        MUST(fchmod(dir, 0700) == 0);
    }
}

static void test_name(void)
{
    _cleanup_free_ char *name = stamp_name("app", "1.2~rc1");

    OK(streq_null(name, ".stateversion.app=1.2~rc1"), "the name of a stamp is %s", name);
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
