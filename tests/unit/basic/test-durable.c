/* SPDX-License-Identifier: MIT */
/* A record is complete or not there. */
#include "basic/durable.h"
#include "scratch.h"
#include "test.h"

#include <signal.h>
#include <sys/resource.h>

/* As on a disk that is nearly full: a write of more is cut short, and the next one fails. To be
 * lifted before anything is printed. */
static void limit_files(rlim_t bytes)
{
    struct rlimit limit;

    MUST(getrlimit(RLIMIT_FSIZE, &limit) == 0);
    limit.rlim_cur = bytes;
    MUST(setrlimit(RLIMIT_FSIZE, &limit) == 0);
}

static void test_replace(void)
{
    _cleanup_close_ int dir = scratch_dir("replace");
    struct stat st;
    int r;

    OK(durable_replace(dir, "record", "one", 3) == 0 && scratch_holds(dir, "record", "one"),
       "durable_replace() makes a new file");
    OK(durable_replace(dir, "record", "longer than that", 16) == 0 &&
           scratch_holds(dir, "record", "longer than that"),
       "durable_replace() writes a longer content");
    OK(durable_replace(dir, "record", "two", 3) == 0 && scratch_holds(dir, "record", "two"),
       "durable_replace() writes a shorter content");
    OK(durable_replace(dir, "empty", "", 0) == 0 && scratch_holds(dir, "empty", ""),
       "durable_replace() writes an empty file");
    OK(fstatat(dir, "record", &st, 0) == 0 && (st.st_mode & 07777) == 0600,
       "only the owner can read the file");
    OK(scratch_count(dir) == 2, "durable_replace() leaves no temporary file");

    scratch_text(dir, ".record.new", "torn by a cra");
    OK(durable_replace(dir, "record", "three", 5) == 0 && scratch_holds(dir, "record", "three") &&
           scratch_count(dir) == 2,
       "durable_replace() ignores the temporary file of a crash");

    scratch_text(dir, "elsewhere", "precious");
    MUST(symlinkat("elsewhere", dir, ".record.new") == 0);
    OK(durable_replace(dir, "record", "four", 4) == 0 && scratch_holds(dir, "record", "four") &&
           scratch_holds(dir, "elsewhere", "precious"),
       "durable_replace() does not write through a link");
    MUST(symlinkat("elsewhere", dir, "link") == 0);
    OK(durable_replace(dir, "link", "five", 4) == 0 && scratch_holds(dir, "link", "five") &&
           scratch_holds(dir, "elsewhere", "precious"),
       "durable_replace() replaces a link, not its target");

    MUST(mkdirat(dir, "directory", 0700) == 0);
    OK(durable_replace(dir, "directory", "six", 3) < 0 && !scratch_has(dir, ".directory.new"),
       "durable_replace() does not replace a directory");

    limit_files(4);
    r = durable_replace(dir, "record", "too much for the disk", 21);
    limit_files(RLIM_INFINITY);
    OK(r == -EFBIG && scratch_holds(dir, "record", "four") && !scratch_has(dir, ".record.new"),
       "durable_replace() leaves only the old content if the new one does not fit");
}

static void test_unlink(void)
{
    _cleanup_close_ int dir = scratch_dir("unlink");

    OK(durable_unlink(dir, "nothing") == 0, "durable_unlink() accepts a missing file");
    scratch_text(dir, "record", "x");
    OK(durable_unlink(dir, "record") == 0 && !scratch_has(dir, "record"),
       "durable_unlink() removes a file");
    MUST(mkdirat(dir, "directory", 0700) == 0);
    OK(durable_unlink(dir, "directory") < 0 && scratch_has(dir, "directory"),
       "durable_unlink() does not remove a directory");
}

static void test_append(void)
{
    _cleanup_close_ int dir = scratch_dir("append");
    int r;

    OK(durable_append(dir, "history", "{}\n") == 0 && scratch_holds(dir, "history", "{}\n"),
       "durable_append() makes a new file");
    OK(durable_append(dir, "history", "two\n") == 0 && scratch_holds(dir, "history", "{}\ntwo\n"),
       "durable_append() appends a line");
    scratch_text(dir, "history", "one\ntorn by a cra");
    OK(durable_append(dir, "history", "two\n") == 0 &&
           scratch_holds(dir, "history", "one\ntorn by a cra\ntwo\n"),
       "durable_append() ends a torn line first");

    scratch_text(dir, "history", "one\n");
    limit_files(8);
    r = durable_append(dir, "history", "too much for the disk\n");
    limit_files(RLIM_INFINITY);
    OK(r == -EFBIG && scratch_holds(dir, "history", "one\n"),
       "durable_append() leaves no part of a line that does not fit");
    scratch_text(dir, "history", "one\ntorn");
    limit_files(12);
    r = durable_append(dir, "history", "too much for the disk\n");
    limit_files(RLIM_INFINITY);
    OK(r == -EFBIG && scratch_holds(dir, "history", "one\ntorn"),
       "durable_append() leaves a torn line as it was if the new line does not fit");

    scratch_text(dir, "elsewhere", "precious\n");
    MUST(symlinkat("elsewhere", dir, "link") == 0);
    OK(durable_append(dir, "link", "x\n") < 0 && scratch_holds(dir, "elsewhere", "precious\n"),
       "durable_append() does not follow a link");
}

static void test_mkdir(void)
{
    _cleanup_close_ int dir = scratch_dir("mkdir"), fd = -1, again = -1;
    struct stat st;

    (void)umask(0);
    fd = durable_mkdir(dir, "own");
    OK(fd >= 0 && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode) && (st.st_mode & 07777) == 0700,
       "durable_mkdir() makes a directory that only its owner can use");
    again = durable_mkdir(dir, "own");
    OK(again >= 0, "durable_mkdir() opens a directory that exists");
    MUST(fchmod(fd, 0720) == 0);
    OK(durable_mkdir(dir, "own") == -EPERM,
       "durable_mkdir() refuses a directory that a group can write");
    MUST(fchmod(fd, 0702) == 0);
    OK(durable_mkdir(dir, "own") == -EPERM,
       "durable_mkdir() refuses a directory that everybody can write");
    scratch_text(dir, "file", "");
    OK(durable_mkdir(dir, "file") == -EPERM, "durable_mkdir() refuses a file");
    MUST(mkdirat(dir, "elsewhere", 0700) == 0 && symlinkat("elsewhere", dir, "link") == 0);
    OK(durable_mkdir(dir, "link") < 0, "durable_mkdir() refuses a link to a directory");
    if (geteuid() == 0) {
        MUST(mkdirat(dir, "foreign", 0700) == 0 && fchownat(dir, "foreign", 1, 1, 0) == 0);
        OK(durable_mkdir(dir, "foreign") == -EPERM,
           "durable_mkdir() refuses a directory of another user");
    } else
        SKIP("durable_mkdir(): only root can change the owner of a directory");
}

int main(void)
{
    signal(SIGXFSZ, SIG_IGN);
    scratch_make();
    test_replace();
    test_unlink();
    test_append();
    test_mkdir();
    return tests_done();
}
