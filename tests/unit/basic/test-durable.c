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
       "replace: makes what is not there");
    OK(durable_replace(dir, "record", "longer than that", 16) == 0 &&
           scratch_holds(dir, "record", "longer than that"),
       "replace: a longer one");
    OK(durable_replace(dir, "record", "two", 3) == 0 && scratch_holds(dir, "record", "two"),
       "replace: a shorter one");
    OK(durable_replace(dir, "empty", "", 0) == 0 && scratch_holds(dir, "empty", ""),
       "replace: with nothing");
    OK(fstatat(dir, "record", &st, 0) == 0 && (st.st_mode & 07777) == 0600,
       "replace: nobody else reads it");
    OK(scratch_count(dir) == 2, "replace: no temporary file is left");

    scratch_text(dir, ".record.new", "torn by a cra");
    OK(durable_replace(dir, "record", "three", 5) == 0 && scratch_holds(dir, "record", "three") &&
           scratch_count(dir) == 2,
       "replace: what a crash left is no obstacle");

    scratch_text(dir, "elsewhere", "precious");
    MUST(symlinkat("elsewhere", dir, ".record.new") == 0);
    OK(durable_replace(dir, "record", "four", 4) == 0 && scratch_holds(dir, "record", "four") &&
           scratch_holds(dir, "elsewhere", "precious"),
       "replace: no link is followed to write");
    MUST(symlinkat("elsewhere", dir, "link") == 0);
    OK(durable_replace(dir, "link", "five", 4) == 0 && scratch_holds(dir, "link", "five") &&
           scratch_holds(dir, "elsewhere", "precious"),
       "replace: a link is replaced, not what it leads to");

    MUST(mkdirat(dir, "directory", 0700) == 0);
    OK(durable_replace(dir, "directory", "six", 3) < 0 && !scratch_has(dir, ".directory.new"),
       "replace: a directory is none");

    limit_files(4);
    r = durable_replace(dir, "record", "too much for the disk", 21);
    limit_files(RLIM_INFINITY);
    OK(r == -EFBIG && scratch_holds(dir, "record", "four") && !scratch_has(dir, ".record.new"),
       "replace: what does not fit leaves the old content and nothing else");
}

static void test_unlink(void)
{
    _cleanup_close_ int dir = scratch_dir("unlink");

    OK(durable_unlink(dir, "nothing") == 0, "unlink: what is not there");
    scratch_text(dir, "record", "x");
    OK(durable_unlink(dir, "record") == 0 && !scratch_has(dir, "record"), "unlink: what is");
    MUST(mkdirat(dir, "directory", 0700) == 0);
    OK(durable_unlink(dir, "directory") < 0 && scratch_has(dir, "directory"),
       "unlink: a directory is none");
}

static void test_append(void)
{
    _cleanup_close_ int dir = scratch_dir("append");
    int r;

    OK(durable_append(dir, "history", "{}\n") == 0 && scratch_holds(dir, "history", "{}\n"),
       "append: makes what is not there");
    OK(durable_append(dir, "history", "two\n") == 0 && scratch_holds(dir, "history", "{}\ntwo\n"),
       "append: a line");
    scratch_text(dir, "history", "one\ntorn by a cra");
    OK(durable_append(dir, "history", "two\n") == 0 &&
           scratch_holds(dir, "history", "one\ntorn by a cra\ntwo\n"),
       "append: a torn line stays one by itself");

    scratch_text(dir, "history", "one\n");
    limit_files(8);
    r = durable_append(dir, "history", "too much for the disk\n");
    limit_files(RLIM_INFINITY);
    OK(r == -EFBIG && scratch_holds(dir, "history", "one\n"),
       "append: what does not fit leaves no part of it");
    scratch_text(dir, "history", "one\ntorn");
    limit_files(12);
    r = durable_append(dir, "history", "too much for the disk\n");
    limit_files(RLIM_INFINITY);
    OK(r == -EFBIG && scratch_holds(dir, "history", "one\ntorn"), "append: nor behind a torn line");

    scratch_text(dir, "elsewhere", "precious\n");
    MUST(symlinkat("elsewhere", dir, "link") == 0);
    OK(durable_append(dir, "link", "x\n") < 0 && scratch_holds(dir, "elsewhere", "precious\n"),
       "append: no link is followed");
}

static void test_mkdir(void)
{
    _cleanup_close_ int dir = scratch_dir("mkdir"), fd = -1, again = -1;
    struct stat st;

    (void)umask(0);
    fd = durable_mkdir(dir, "own");
    OK(fd >= 0 && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode) && (st.st_mode & 07777) == 0700,
       "mkdir: for oneself alone");
    again = durable_mkdir(dir, "own");
    OK(again >= 0, "mkdir: once more");
    MUST(fchmod(fd, 0720) == 0);
    OK(durable_mkdir(dir, "own") == -EPERM, "mkdir: one that a group can write is none");
    MUST(fchmod(fd, 0702) == 0);
    OK(durable_mkdir(dir, "own") == -EPERM, "mkdir: nor one that everybody can");
    scratch_text(dir, "file", "");
    OK(durable_mkdir(dir, "file") == -EPERM, "mkdir: nor a file");
    MUST(mkdirat(dir, "elsewhere", 0700) == 0 && symlinkat("elsewhere", dir, "link") == 0);
    OK(durable_mkdir(dir, "link") < 0, "mkdir: nor a link to one");
    if (geteuid() == 0) {
        MUST(mkdirat(dir, "foreign", 0700) == 0 && fchownat(dir, "foreign", 1, 1, 0) == 0);
        OK(durable_mkdir(dir, "foreign") == -EPERM, "mkdir: nor somebody else's");
    } else
        SKIP("mkdir: only root can give a directory away");
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
