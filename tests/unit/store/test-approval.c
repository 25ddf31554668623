/* SPDX-License-Identifier: MIT */
/* An approval is for one plan: which changes make another plan, and which do not. */
#include "scratch.h"
#include "store/attempt.h"
#include "store/consent.h"
#include "test.h"

#define BIG ((2U << 20) + 17)

static Declaration declaration = {.name = (char *)"app", .fingerprint = {"7"}};
static Hooks hooks = {.present = true};
static Migration migration = {.id = (char *)"one"};
static Step step = {
    .migration = &migration, .hooks = &hooks, .from = (char *)"1", .to = (char *)"2"};
static Plan plan = {.from = (char *)"1", .to = (char *)"2", .steps = &step, .n_steps = 1};

static const Fingerprint first = {"f1"}, second = {"f2"};

static Fingerprint now(void)
{
    return attempt_fingerprint(&declaration, &plan);
}

/* Whether the plan still has this fingerprint. */
static bool is_as(Fingerprint before)
{
    return fingerprint_is(&before, now().hex);
}

static Fingerprint with(const char *extra)
{
    Fingerprint attempt = now();

    return approval_fingerprint(&attempt, extra);
}

/* Is the approval in the store for that plan? */
static bool approval_holds(const Store *store, const char *from, const char *to,
                           const Fingerprint *fingerprint)
{
    _cleanup_(approval_free) Approval approval = {};

    return approval_read(store, RECORD_APPROVED, &approval) == 0 &&
           approval_is_for(&approval, from, to, fingerprint);
}

static char *in_scratch(const char *name)
{
    char *path = strprintf("%s/%s", scratch_path, name);

    MUST(path);
    return path;
}

/* Changes one byte, and of stat(2) only the time of the change. */
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
    Fingerprint before;

    MUST(big);
    scratch_write(scratch_fd, "script", big, BIG);
    hooks.script.argv = argv;
    before = now();
    OK(is_as(before), "the same files have the same fingerprint");
    change_byte("script", 0);
    OK(!is_as(before), "changing the first byte of a script changes the fingerprint");
    before = now();
    change_byte("script", BIG - 1);
    OK(!is_as(before), "changing the last byte of a large script changes the fingerprint");
    before = now();
    MUST(utimensat(scratch_fd, "script", (struct timespec[]){{1, 0}, {1, 0}}, 0) == 0);
    OK(is_as(before), "another modification time does not change the fingerprint");
    scratch_write(scratch_fd, "script", big, BIG - 1);
    OK(!is_as(before), "making a script shorter changes the fingerprint");
    before = now();
    MUST(unlinkat(scratch_fd, "script", 0) == 0);
    OK(!is_as(before), "removing a script changes the fingerprint");
    before = now();
    MUST(mkfifoat(scratch_fd, "script", 0600) == 0);
    OK(is_as(before), "a FIFO counts as a missing script, and nothing waits for it");
    MUST(unlinkat(scratch_fd, "script", 0) == 0);
    hooks.script.argv = NULL;
}

/* prefix: the beginning of the word that has the path. */
static void test_argument(const char *prefix)
{
    _cleanup_free_ char *path = in_scratch("argument"), *word = strprintf("%s%s", prefix, path);
    char shell[] = "/bin/sh", *argv[] = {shell, word, NULL};
    Fingerprint before;

    scratch_text(scratch_fd, "argument", "#!/bin/sh\n");
    hooks.script.argv = argv;
    before = now();
    change_byte("argument", 3);
    OK(!is_as(before),
       "changing the script in '%sSCRIPT' after an interpreter changes the fingerprint", prefix);
    declaration.directories = (Items){&(Item){.value = scratch_path}, 1};
    before = now();
    change_byte("argument", 3);
    OK(is_as(before), "changing '%sFILE' in the state does not change the fingerprint", prefix);
    declaration.directories = (Items){};
    declaration.read_write_paths = (Items){&(Item){.value = scratch_path}, 1};
    change_byte("argument", 3);
    OK(is_as(before), "changing '%sFILE' in ReadWritePaths= does not change the fingerprint",
       prefix);
    declaration.read_write_paths = (Items){};
    hooks.script.argv = NULL;
}

/* Two scripts with the same 64-bit FNV-1a: such a script is found within a second. */
static void test_forged(void)
{
    static const char good[] = "#!/bin/sh\nset -e\ncp -a /var/lib/app/v1 /var/lib/app/v2\nsync\n";
    static const char evil[] = "#!/bin/sh\nrm -r /var/lib/app\n#ahpkkcjvef\264T\321sk\007,1\032z"
                               "\257\222Z\33013<\035qe";
    _cleanup_free_ char *script = in_scratch("script");
    char *argv[] = {script, NULL};
    Fingerprint before;

    OK(sizeof(good) == sizeof(evil) && hash_string(HASH_INIT, good) == hash_string(HASH_INIT, evil),
       "the two scripts have the same length and the same quick hash");
    hooks.script.argv = argv;
    scratch_text(scratch_fd, "script", good);
    before = now();
    scratch_text(scratch_fd, "script", evil);
    OK(!is_as(before), "a script with the same quick hash changes the fingerprint");
    MUST(unlinkat(scratch_fd, "script", 0) == 0);
    hooks.script.argv = NULL;
}

static void test_command(void)
{
    _cleanup_free_ char *path = in_scratch("command");
    char shell[] = "/bin/sh", *argv[] = {shell, path, NULL}, *fewer[] = {shell, NULL};
    Fingerprint before;

    scratch_text(scratch_fd, "command", "#!/bin/sh\n");
    before = command_fingerprint(&declaration, argv);
    OK(fingerprint_is(&before, command_fingerprint(&declaration, argv).hex),
       "the same command has the same fingerprint again");
    OK(!fingerprint_is(&before, command_fingerprint(&declaration, fewer).hex),
       "a command with fewer words has another fingerprint");
    change_byte("command", 3);
    OK(!fingerprint_is(&before, command_fingerprint(&declaration, argv).hex),
       "a command with another script has another fingerprint");
    MUST(unlinkat(scratch_fd, "command", 0) == 0);
}

static void test_plan(void)
{
    char *warnings[] = {(char *)"it takes long", NULL}, *others[] = {(char *)"it takes ages", NULL};
    Fingerprint before;

    hooks.warnings = warnings;
    before = now();
    hooks.warnings = others;
    OK(!is_as(before), "another warning changes the fingerprint");
    hooks.warnings = NULL;
    before = now();
    *declaration.fingerprint.hex = '8';
    OK(!is_as(before), "another declaration changes the fingerprint");
    before = now();
    plan.to = (char *)"3";
    OK(!is_as(before), "another target version changes the fingerprint");
    before = now();
    step.to = (char *)"3";
    OK(!is_as(before), "another version after a step changes the fingerprint");
    before = now();
    migration.id = (char *)"two";
    OK(!is_as(before), "another id of a migration changes the fingerprint");
    OK(is_as(with(NULL)), "an approval without an extra text has the fingerprint of the attempt");
    OK(!is_as(with("backup 1")),
       "an approval with an extra text has another fingerprint than the attempt");
    OK(!streq(with("backup 2").hex, with("backup 1").hex),
       "approvals with different extra texts have different fingerprints");
}

static void test_record(const Store *store)
{
    char *what[] = {(char *)"Policy=confirm", (char *)"1 to 2: it takes long", NULL};
    _cleanup_(approval_free) Approval approval = {};

    OK(approval_read(store, RECORD_APPROVED, &approval) == 1, "a new store has no approval");
    OK(!approval_holds(store, "1", "2", &first), "without an approval none holds");
    OK(record_remove(store, RECORD_APPROVED) == 0, "removing a missing approval succeeds");
    OK(approval_give(store, "1", "2", &first, what) == 0, "an approval is written");
    OK(approval_holds(store, "1", "2", &first), "an approval holds for its plan");
    OK(!approval_holds(store, "1", "2", &second),
       "an approval does not hold for another fingerprint");
    OK(!approval_holds(store, "1", "3", &first),
       "an approval does not hold for another target version");
    OK(!approval_holds(store, "0", "2", &first), "an approval does not hold from another version");
    OK(!approval_holds(store, NULL, "2", &first), "an approval does not hold for a first start");
    OK(!approval_holds(store, "2", "1", &first),
       "an approval does not hold for a migration in the other direction");
    OK(approval_read(store, RECORD_APPROVED, &approval) == 0 && streq(approval.from, "1") &&
           streq(approval.to, "2") && approval.operator.when && strv_length(approval.what) == 2,
       "an approval is read as it was written");
    OK(approval_give(store, "2", "3", &second, NULL) == 0 &&
           approval_holds(store, "2", "3", &second) && !approval_holds(store, "1", "2", &first),
       "another approval replaces the first");
    scratch_text(store->fd, RECORD_APPROVED, "{\"from\":\"2\",\"to\":\"3\",\"when\":\"now\"}");
    OK(!approval_holds(store, "2", "3", &(Fingerprint){}),
       "an approval without a fingerprint does not hold");
    scratch_text(store->fd, RECORD_APPROVED, "{\"from\":\"2\",\"to\"");
    OK(!approval_holds(store, "2", "3", &second), "a damaged approval does not hold");
    OK(record_remove(store, RECORD_APPROVED) == 0 && !scratch_has(store->fd, RECORD_APPROVED),
       "an approval is removed");
}

int main(void)
{
    _cleanup_store_ Store store = STORE_NONE;

    /* Not in /tmp, whose files count as data. */
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
    test_forged();
    test_command();
    test_plan();
    test_record(&store);
    return tests_done();
}
