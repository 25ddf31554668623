/* SPDX-License-Identifier: MIT */
/* An approval is for one plan: what makes it another, and what does not. */
#include "approval.h"
#include "attempt.h"
#include "scratch.h"
#include "test.h"

#define BIG ((2U << 20) + 17)

static Declaration declaration = {.name = (char *)"app", .fingerprint = 7};
static Hooks hooks = {.present = true};
static Migration migration = {.id = (char *)"one"};
static Step step = {
    .migration = &migration, .hooks = &hooks, .from = (char *)"1", .to = (char *)"2"};
static Plan plan = {.from = (char *)"1", .to = (char *)"2", .steps = &step, .n_steps = 1};

static uint64_t now(void)
{
    return attempt_fingerprint(&declaration, &plan);
}

static char *in_scratch(const char *name)
{
    char *path = strprintf("%s/%s", scratch_path, name);

    MUST(path);
    return path;
}

/* Changes one byte, and nothing else that stat(2) tells but the time of the change. */
static void change_byte(const char *name, off_t offset)
{
    _cleanup_close_ int fd = openat(scratch_fd, name, O_RDWR | O_CLOEXEC);
    struct stat st;
    char byte;

    MUST(fd >= 0 && fstat(fd, &st) == 0 && pread(fd, &byte, 1, offset) == 1);
    byte ^= 1;
    MUST(pwrite(fd, &byte, 1, offset) == 1);
    MUST(futimens(fd, (struct timespec[]){st.st_atim, st.st_mtim}) == 0);
}

static void test_program(void)
{
    _cleanup_free_ char *big = calloc(1, BIG), *script = in_scratch("script");
    char *argv[] = {script, NULL};
    uint64_t before;

    MUST(big);
    scratch_write(scratch_fd, "script", big, BIG);
    hooks.script.argv = argv;
    before = now();
    OK(before == now(), "the same files, the same fingerprint");
    change_byte("script", 0);
    OK(before != now(), "the first byte of the script");
    before = now();
    change_byte("script", BIG - 1);
    OK(before != now(), "its last byte, far behind, size and time kept");
    before = now();
    MUST(utimensat(scratch_fd, "script", (struct timespec[]){{1, 0}, {1, 0}}, 0) == 0);
    OK(before == now(), "another time alone is no change");
    scratch_write(scratch_fd, "script", big, BIG - 1);
    OK(before != now(), "a shorter one");
    before = now();
    MUST(unlinkat(scratch_fd, "script", 0) == 0);
    OK(before != now(), "none");
    before = now();
    MUST(mkfifoat(scratch_fd, "script", 0600) == 0);
    OK(before == now(), "a FIFO is none, and keeps nobody waiting");
    MUST(unlinkat(scratch_fd, "script", 0) == 0);
    hooks.script.argv = NULL;
}

/* prefix: what stands in front of the path. */
static void test_argument(const char *prefix)
{
    _cleanup_free_ char *path = in_scratch("argument"), *word = strprintf("%s%s", prefix, path);
    char shell[] = "/bin/sh", *argv[] = {shell, word, NULL};
    uint64_t before;

    scratch_text(scratch_fd, "argument", "#!/bin/sh\n");
    hooks.script.argv = argv;
    before = now();
    change_byte("argument", 3);
    OK(before != now(), "'%sSCRIPT' behind an interpreter", prefix);
    declaration.directories = (Items){&(Item){.value = scratch_path}, 1};
    before = now();
    change_byte("argument", 3);
    OK(before == now(), "'%sFILE' within the state is data", prefix);
    declaration.directories = (Items){};
    declaration.read_write_paths = (Items){&(Item){.value = scratch_path}, 1};
    change_byte("argument", 3);
    OK(before == now(), "'%sFILE' within ReadWritePaths= is data", prefix);
    declaration.read_write_paths = (Items){};
    hooks.script.argv = NULL;
}

static void test_plan(void)
{
    char *warnings[] = {(char *)"it takes long", NULL}, *others[] = {(char *)"it takes ages", NULL};
    uint64_t before;

    hooks.warnings = warnings;
    before = now();
    hooks.warnings = others;
    OK(before != now(), "another warning");
    hooks.warnings = NULL;
    before = now();
    declaration.fingerprint++;
    OK(before != now(), "another declaration");
    before = now();
    plan.to = (char *)"3";
    OK(before != now(), "another version to go to");
    before = now();
    step.to = (char *)"3";
    OK(before != now(), "another way there");
    before = now();
    migration.id = (char *)"two";
    OK(before != now(), "another migration");
    OK(approval_fingerprint(now(), NULL) == now(), "nothing that the caller adds");
    OK(approval_fingerprint(now(), "backup 1") != now(), "what the caller adds");
    OK(approval_fingerprint(now(), "backup 2") != approval_fingerprint(now(), "backup 1"),
       "another of these");
}

static void test_record(const Store *store)
{
    char *what[] = {(char *)"Policy=confirm", (char *)"1 to 2: it takes long", NULL};
    _cleanup_(approval_free) Approval approval = {};

    OK(approval_read(store, &approval) == 1, "there is none");
    OK(!approval_holds(store, "1", "2", 5), "so none holds");
    OK(approval_remove(store) == 0, "and removing it is no error");
    OK(approval_write(store, "1", "2", UINT64_MAX - 5, what) == 0, "one is written");
    OK(approval_holds(store, "1", "2", UINT64_MAX - 5), "it holds for its plan");
    OK(!approval_holds(store, "1", "2", UINT64_MAX - 4), "not for another fingerprint");
    OK(!approval_holds(store, "1", "3", UINT64_MAX - 5), "not for another version");
    OK(!approval_holds(store, "0", "2", UINT64_MAX - 5), "not from another version");
    OK(!approval_holds(store, NULL, "2", UINT64_MAX - 5), "not for a first start");
    OK(!approval_holds(store, "2", "1", UINT64_MAX - 5), "not for the way back");
    OK(approval_read(store, &approval) == 0 && streq(approval.from, "1") &&
           streq(approval.to, "2") && approval.when &&
           json_object_array_length(json_array(approval.record, "what")) == 2,
       "it is read as it was written");
    OK(approval_write(store, "2", "3", 1, NULL) == 0 && approval_holds(store, "2", "3", 1) &&
           !approval_holds(store, "1", "2", UINT64_MAX - 5),
       "another takes its place");
    scratch_text(store->fd, RECORD_APPROVED, "{\"from\":\"2\",\"to\":\"3\",\"when\":\"now\"}");
    OK(!approval_holds(store, "2", "3", 0), "one without a fingerprint holds for nothing");
    scratch_text(store->fd, RECORD_APPROVED, "{\"from\":\"2\",\"to\"");
    OK(!approval_holds(store, "2", "3", 1), "a damaged one holds for nothing");
    OK(approval_remove(store) == 0 && !scratch_has(store->fd, RECORD_APPROVED), "it is removed");
}

int main(void)
{
    _cleanup_store_ Store store = STORE_NONE;

    /* Not below /tmp, where files are data. */
    setenv("TMPDIR", "/var/cache", 0);
    if (access(getenv("TMPDIR"), W_OK) < 0 || startswith(getenv("TMPDIR"), "/tmp"))
        setenv("TMPDIR", ".", 1);
    scratch_make();
    if (scratch_path[0] != '/') {
        char *path = realpath(scratch_path, NULL);

        MUST(path);
        free(scratch_path);
        scratch_path = path;
    }
    MUST(mkdirat(scratch_fd, "var", 0755) == 0 && mkdirat(scratch_fd, "var/lib", 0755) == 0);
    MUST(store_open(scratch_path, "app", true, &store) == 0);
    test_program();
    test_argument("");
    test_argument("--file=");
    test_plan();
    test_record(&store);
    return tests_done();
}
