/* SPDX-License-Identifier: MIT */
/* Recovery: each row is a record and a disk as a crash can leave them, and the disk that recovery
 * must make of them. A second recovery changes nothing.
 *
 * The tests run in a root of their own, in memory. Without root, marks cannot be written, and rows
 * that need marks are skipped. */
#include "basic/durable.h"
#include "judge/live.h"
#include "store/base.h"
#include "store/history.h"
#include "store/provisional.h"
#include "store/stamp.h"
#include "transaction/transaction.h"
#include "tree/tree.h"

#include "scratch.h"
#include "test.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#define ID      "20260101T000000Z-00000001"
#define BACKUP  "20250101T000000Z-00000001"
#define STORE   STORE_DIRECTORY "/app"
#define MOUNTED STORE "/mounted-var-lib-app.mount"
#define FORMER  STORE "/mounted-srv-old.mount"
#define HISTORY "history known "

/* --- the disk -------------------------------------------------------------------------------- */

/* The trees of a row: "a=DATA@STAMP", with a "*" after it if the tree has the mark. */
static const struct {
    const char *path;
    char name;
} trees[] = {{"/var/lib/app", 'a'},
             {"/srv/b", 'b'},
             {STORE "/backups/" ID "/app", 'A'},
             {STORE "/backups/" ID "/b", 'B'},
             {STORE "/backups/" ID "/app.new", 'N'},
             {STORE "/backups/" BACKUP "/app", 'R'}};

static void make_directories(const char *path)
{
    _cleanup_free_ char *copy = strdup(path);

    MUST(copy);
    for (char *slash = copy; (slash = strchr(slash + 1, '/')); *slash = '/') {
        *slash = '\0';
        MUST(mkdir(copy, 0755) == 0 || errno == EEXIST);
    }
    MUST(mkdir(copy, 0755) == 0 || errno == EEXIST);
}

static void make_tree(const char *path, const char *data, const char *stamp, bool marked)
{
    _cleanup_close_ int fd = -1;

    make_directories(path);
    fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    MUST(fd >= 0);
    if (!streq(data, "none"))
        scratch_text(fd, "data", data);
    if (!streq(stamp, "none"))
        MUST(stamp_add(fd, "app", stamp) == 0);
    if (marked)
        MUST(fsetxattr(fd, TREE_MARK, ID, strlen(ID), 0) == 0);
}

static void make_disk(const char *before)
{
    _cleanup_free_ char *copy = strdup(before);

    MUST(copy);
    for (char *save, *word = strtok_r(copy, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
        char *at = strchr(word, '@'), *mark = strchr(word, '*');

        *at = '\0';
        if (mark)
            *mark = '\0';
        for (size_t i = 0; i < ELEMENTSOF(trees); i++)
            if (trees[i].name == word[0])
                make_tree(trees[i].path, word + 2, at + 1, mark);
    }
}

static void describe_tree(String *text, const char *path, char name)
{
    _cleanup_close_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    _cleanup_(stamps_free) Stamps stamps = {};
    _cleanup_free_ char *data = NULL, *stamp = NULL;
    char mark[sizeof(ID)];

    if (fd < 0)
        return;
    MUST(stamps_read(fd, "app", &stamps) == 0);
    stamp = strv_join(stamps.versions, "+");
    string_appendf(text, "%c=%s@%s%s ", name,
                   read_file_at(fd, "data", 100, &data, NULL) == 0 ? data : "none",
                   stamp && *stamp ? stamp : "none",
                   fgetxattr(fd, TREE_MARK, mark, sizeof(mark)) > 0 ? "*" : "");
}

/* The trees, then the records. */
static char *describe_disk(void)
{
    static const char *const records[] = {"failed", "history", "interrupted",
                                          "known",  "post",    "transaction"};
    String text = {};
    char *result;

    for (size_t i = 0; i < ELEMENTSOF(trees); i++)
        describe_tree(&text, trees[i].path, trees[i].name);
    if (access(STORE "/backups/" ID "/manifest", F_OK) == 0)
        string_append(&text, "manifest ");
    for (size_t i = 0; i < ELEMENTSOF(records); i++) {
        _cleanup_free_ char *path = strprintf(STORE "/%s", records[i]);

        if (access(path, F_OK) == 0)
            string_appendf(&text, "%s ", records[i]);
    }
    MUST(string_finish(&text, &result) == 0);
    return result;
}

static void clear_disk(void)
{
    int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    MUST(fd >= 0 && tree_remove(fd, "var") == 0 && tree_remove(fd, "srv") == 0);
    close(fd);
}

/* --- the table ------------------------------------------------------------------------------- */

typedef struct Row {
    const char *label;
    Phase phase;
    Action action;
    bool b;        /* the state has a second directory */
    bool entries;  /* the first directory is swapped by entries */
    bool hooks;    /* Protect=hooks */
    bool in_place; /* Protect=in-place */
    bool between;  /* stamps said FROM:TO */
    bool lost;     /* the restored state was lost */
    bool external; /* the script reached outside of its clone */
    bool changed;  /* and something outside has changed the live state */
    UndoState undo;
    const char *before, *after;
    int result;       /* RESULT_DONE where none is given */
    const char *text; /* part of the last event */
} Row;

static const Row rows[] = {
    {.label = "A clone that was cut off is dropped",
     .phase = PHASE_STAGING,
     .before = "a=1@1 A=half@1",
     .after = "a=1@1 interrupted ",
     .text = "Its clone was dropped"},
    {.label = "A missing clone counts as already dropped",
     .phase = PHASE_STAGING,
     .before = "a=1@1",
     .after = "a=1@1 interrupted "},
    {.label = "A clone stays if the stamp of the state differs from the record",
     .phase = PHASE_STAGING,
     .before = "a=3@3 A=1@1",
     .after = "a=3@3 A=1@1 transaction ",
     .result = RESULT_ATTENTION,
     .text = "Has the store come back from a backup?"},
    {.label = "Recovery changes nothing while a directory is missing",
     .phase = PHASE_STAGING,
     .b = true,
     .before = "a=1@1 A=1@1",
     .after = "a=1@1 A=1@1 transaction ",
     .result = RESULT_ATTENTION,
     .text = "/srv/b"},
    {.label = "A swap that had not exchanged anything is dropped",
     .phase = PHASE_SWAPPING,
     .before = "a=1@1 A=2@2*",
     .after = "a=1@1 interrupted ",
     .text = "Its clone was dropped"},
    {.label = "A swap of two directories is dropped even if one clone is already gone",
     .phase = PHASE_SWAPPING,
     .b = true,
     .before = "a=1@1 b=1@1 A=2@2*",
     .after = "a=1@1 b=1@1 interrupted "},
    {.label = "A swap that was cut off after its exchange is concluded",
     .phase = PHASE_SWAPPING,
     .before = "a=2@2* A=1@1",
     .after = "a=2@2* A=1@1 manifest " HISTORY "post ",
     .text = "the state is at 2"},
    {.label = "An original without a stamp gets one as a backup",
     .phase = PHASE_SWAPPING,
     .before = "a=2@2* A=1@none",
     .after = "a=2@2* A=1@1 manifest " HISTORY "post "},
    {.label = "A swap that has exchanged one of two directories exchanges the other",
     .phase = PHASE_SWAPPING,
     .b = true,
     .before = "a=1@1 A=2@2* b=2@2* B=1@1",
     .after = "a=2@2* b=2@2* A=1@1 B=1@1 manifest " HISTORY "post ",
     .text = "cut off in its swap, and has been finished"},
    {.label = "Recovery changes nothing if neither directory of a swap is the clone",
     .phase = PHASE_SWAPPING,
     .before = "a=1@1 A=1@1",
     .after = "a=1@1 A=1@1 transaction ",
     .result = RESULT_ATTENTION,
     .text = "is the clone of transaction " ID},
    {.label = "Recovery changes nothing if half a swap is done and the second clone is gone",
     .phase = PHASE_SWAPPING,
     .b = true,
     .before = "a=1@1 b=2@2* B=1@1",
     .after = "a=1@1 b=2@2* B=1@1 transaction ",
     .result = RESULT_ATTENTION,
     .text = "the clone of another is gone"},
    {.label = "A swap by entries that has not moved anything is dropped",
     .phase = PHASE_SWAPPING,
     .entries = true,
     .before = "a=1@1 N=2@2",
     .after = "a=1@1 interrupted "},
    {.label = "A swap by entries that was cut off after the last entry is concluded",
     .phase = PHASE_SWAPPING,
     .entries = true,
     .before = "a=2@2 A=1@1",
     .after = "a=2@2 A=1@1 manifest " HISTORY "post "},
    {.label = "A commit without an exchange is concluded",
     .phase = PHASE_CONCLUDING,
     .hooks = true,
     .between = true,
     .before = "a=2@1:2",
     .after = "a=2@2 manifest " HISTORY "post ",
     .text = "after its commit, and has been finished"},
    {.label = "Changes by scripts to the live state are undone",
     .phase = PHASE_IN_PLACE,
     .in_place = true,
     .between = true,
     .before = "a=half@1:2 A=1@1*",
     .after = "a=1@1* interrupted ",
     .text = "The state is as it was, at 1"},
    {.label = "A live state that had already been put back gets its stamp",
     .phase = PHASE_STAGING,
     .in_place = true,
     .between = true,
     .before = "a=1@1:2* A=half@1:2",
     .after = "a=1@1* interrupted "},
    {.label = "A script that had not begun leaves nothing to undo",
     .phase = PHASE_STAGING,
     .hooks = true,
     .between = true,
     .undo = UNDO_NONE,
     .before = "a=1@1:2",
     .after = "a=1@1 interrupted "},
    {.label = "A script without Restore= that was cut off is a failure",
     .phase = PHASE_STAGING,
     .hooks = true,
     .between = true,
     .undo = UNDO_BEGUN,
     .before = "a=half@1:2",
     .after = "a=half@1:2 failed ",
     .text = "was cut off"},
    {.label = "A step whose Restore= has succeeded is not undone again",
     .phase = PHASE_STAGING,
     .hooks = true,
     .between = true,
     .undo = UNDO_DONE,
     .before = "a=1@1:2",
     .after = "a=1@1 interrupted "},
    {.label = "The state is as it was once Restore= has undone effects outside of it",
     .phase = PHASE_STAGING,
     .between = true,
     .external = true,
     .undo = UNDO_DONE,
     .before = "a=1@1:2 A=2@2",
     .after = "a=1@1 interrupted "},
    {.label = "A live state that another service has changed gets no stamp, and the clone stays",
     .phase = PHASE_STAGING,
     .between = true,
     .external = true,
     .changed = true,
     .undo = UNDO_DONE,
     .before = "a=2@1:2 A=1@1",
     .after = "a=2@1:2 A=1@1 failed ",
     .text = "was cut off"},
    {.label = "A live state is not compared again once clones are dropped: .migrate may be gone",
     .phase = PHASE_STAGING,
     .between = true,
     .external = true,
     .changed = true,
     .undo = UNDO_DONE,
     .before = "a=2@1",
     .after = "a=2@1 interrupted "},
    {.label = "A version that was being recorded is recorded",
     .phase = PHASE_RECORDING,
     .action = ACTION_ADOPTED,
     .b = true,
     .before = "a=2@2 b=2@1",
     .after = "a=2@2 b=2@2 " HISTORY,
     .text = "The version is recorded now"},
    {.label = "A restore that was cut off before its exchange puts the backup back",
     .phase = PHASE_RESTORING,
     .action = ACTION_RESTORED,
     .before = "a=1@1 A=2@2*",
     .after = "a=1@1 R=2@2* ",
     .text = "the backup is unchanged"},
    {.label = "A restore that was cut off before moving its backup leaves the backup in place",
     .phase = PHASE_RESTORING,
     .action = ACTION_RESTORED,
     .before = "a=1@1 R=2@2*",
     .after = "a=1@1 R=2@2* "},
    {.label = "A restore that was cut off after its exchange is concluded",
     .phase = PHASE_RESTORING,
     .action = ACTION_RESTORED,
     .before = "a=2@2* A=1@1",
     .after = "a=2@2* A=1@1 manifest " HISTORY "post ",
     .text = "the earlier state, at 1, is kept"},
    {.label = "A restore of a lost state leaves no backup",
     .phase = PHASE_RESTORING,
     .action = ACTION_RESTORED,
     .lost = true,
     .before = "a=2@2* A=none@none",
     .after = "a=2@2* " HISTORY "post ",
     .text = "the state is at 2 again"},
    {.label = "A first state that Init= had not finished is dropped",
     .phase = PHASE_STAGING,
     .action = ACTION_INITIALIZED,
     .before = "a=none@none A=half@none",
     .after = "a=none@none interrupted ",
     .text = "the next start makes it"},
    {.label = "A first state that was exchanged is concluded, and has no backup",
     .phase = PHASE_SWAPPING,
     .action = ACTION_INITIALIZED,
     .before = "a=2@2* A=none@none",
     .after = "a=2@2* " HISTORY,
     .text = "and has been finished"},
    {.label = "A file that appeared in the directory at the last moment stays",
     .phase = PHASE_SWAPPING,
     .action = ACTION_INITIALIZED,
     .before = "a=2@2* A=late@none",
     .after = "a=2@2* A=late@none " HISTORY},
};

/* --- a row ----------------------------------------------------------------------------------- */

static char *ending;

static void add_place(TransactionRecord *record, const char *directory, const char *entry,
                      PlaceMethod method)
{
    DirectoryRecord *place = ARRAY_GROW(record->places, record->n_places);

    MUST(place);
    *place = (DirectoryRecord){.method = method, .n_declared = -1};
    MUST(strreplace(&place->directory, directory) == 0);
    MUST(strreplace(&place->path, directory) == 0);
    MUST(strreplace(&place->base, STORE) == 0);
    MUST(strreplace(&place->entry, entry) == 0);
}

static void add_undo(TransactionRecord *record, UndoState state)
{
    UndoRecord *undo = ARRAY_GROW(record->undo, record->n_undo);

    MUST(undo);
    *undo = (UndoRecord){.timeout_usec = UINT64_MAX, .state = state};
    MUST(strreplace(&undo->from, "1") == 0 && strreplace(&undo->to, "2") == 0);
    record->scripts = calloc(1, sizeof(ScriptsRecord));
    MUST(record->scripts);
}

static void write_record(const Store *store, const Row *row)
{
    _cleanup_(transaction_record_free) TransactionRecord record = TRANSACTION_RECORD_NEW;
    bool init = row->action == ACTION_INITIALIZED;

    MUST(strreplace(&record.id, ID) == 0 && strreplace(&record.service, "app") == 0);
    MUST(strreplace(&record.from, init ? NULL : "1") == 0 && strreplace(&record.to, "2") == 0);
    MUST(strreplace(&record.fingerprint, "f") == 0);
    MUST(strreplace(&record.started, "2026-01-01T00:00:00Z") == 0);
    record.phase = row->phase;
    record.action = row->action;
    record.between = row->between;
    record.lost = row->lost;
    record.protect = row->hooks ? PROTECT_HOOKS : row->in_place ? PROTECT_IN_PLACE : PROTECT_CLONE;
    if (row->action == ACTION_RESTORED)
        MUST(strreplace(&record.restored, BACKUP) == 0);
    add_place(&record, "/var/lib/app", "app", row->entries ? PLACE_ENTRIES : PLACE_EXCHANGE);
    if (row->b)
        add_place(&record, "/srv/b", "b", PLACE_EXCHANGE);
    if (row->hooks || row->external)
        add_undo(&record, row->undo);
    if (row->external) {
        live_note(&record, NULL, NULL);
        MUST(record.live);
        record.original = TAKE_PTR(record.live);
    }
    MUST(transaction_record_write(store, RECORD_TRANSACTION, &record) == 0);
}

static void keep_ending(int result, const char *text)
{
    MUST(strreplace(&ending, text) == 0);
}

static int recover(Store *store)
{
    LogContext log = {.service = "app", .ended = keep_ending};

    return transaction_settle(store, &log);
}

static void open_store(Store *ret)
{
    clear_disk();
    make_directories(STORE "/backups");
    MUST(chmod(STORE_DIRECTORY, 0700) == 0 && chmod(STORE, 0700) == 0);
    MUST(mkdir("/srv", 0755) == 0 || errno == EEXIST);
    MUST(store_open(NULL, "app", true, ret) == 0);
}

static void check_row(const Row *row)
{
    _cleanup_store_ Store store = STORE_NONE;
    _cleanup_free_ char *after = NULL, *again = NULL;
    char link[100];
    int result;

    open_store(&store);
    make_disk(row->before);
    if (row->undo == UNDO_BEGUN)
        make_directories(STORE "/backups/" ID); /* where its Backup= has put things */
    write_record(&store, row);
    MUST(symlink("/var/lib/app", MOUNTED) == 0 && symlink("/srv/old", FORMER) == 0);
    if (row->changed)
        MUST(mkdir("/var/lib/app/changed", 0755) == 0);
    MUST(strreplace(&ending, "") == 0);
    result = recover(&store);
    after = describe_disk();
    OK(result == row->result && streq(after, row->after), "%s", row->label);
    if (result != row->result || !streq(after, row->after))
        printf("# result %d, %s\n# disk: %s\n", result, ending, after);
    if (row->text)
        OK(strstr(ending, row->text), "%s: the journal says \"%s\"", row->label, row->text);
    if (row->text && !strstr(ending, row->text))
        printf("# said: %s\n", ending);
    result = recover(&store);
    again = describe_disk();
    OK(result == row->result && streq(again, after), "%s: a second recovery changes nothing",
       row->label);
    OK(readlink(MOUNTED, link, sizeof(link)) == strlen("/var/lib/app"),
       "%s: a disk that is missing during the recovery is still demanded", row->label);
    if (row->phase != PHASE_RECORDING) /* adopt has written the links before */
        OK((readlink(FORMER, link, sizeof(link)) < 0) == !!strstr(row->after, HISTORY),
           "%s: a missing disk that is not declared is forgotten with the record", row->label);
}

static bool needs_marks(const Row *row)
{
    return !row->entries && !row->hooks && row->phase != PHASE_RECORDING &&
           (row->phase != PHASE_STAGING || row->in_place);
}

/* --- records that cannot be followed --------------------------------------------------------- */

static void check_damaged(const char *label, const char *text)
{
    _cleanup_store_ Store store = STORE_NONE;
    _cleanup_free_ char *after = NULL;
    int result;

    open_store(&store);
    make_disk("a=1@1 A=2@2");
    scratch_text(store.fd, RECORD_TRANSACTION, text);
    result = recover(&store);
    after = describe_disk();
    OK(result == RESULT_ATTENTION && streq(after, "a=1@1 A=2@2 transaction "), "%s", label);
}

#define PLACES                                                                                     \
    "\"places\":[{\"directory\":\"/var/lib/app\",\"base\":\"" STORE "\",\"entry\":\"app\"}]"

static void check_records(void)
{
    _cleanup_store_ Store store = STORE_NONE;

    check_damaged("A record that is not JSON removes nothing", "{\"id\":");
    check_damaged("A record with an unknown phase removes nothing",
                  "{\"id\":\"" ID "\",\"from\":\"1\",\"to\":\"2\",\"phase\":\"dancing\"," PLACES
                  "}");
    check_damaged("A record without a phase removes nothing",
                  "{\"id\":\"" ID "\",\"from\":\"1\",\"to\":\"2\"," PLACES "}");
    check_damaged("A record whose id is a path removes nothing",
                  "{\"id\":\"../1\",\"from\":\"1\",\"to\":\"2\",\"phase\":\"staging\"," PLACES "}");
    check_damaged("A record without directories removes nothing",
                  "{\"id\":\"" ID "\",\"from\":\"1\",\"to\":\"2\",\"phase\":\"staging\"}");
    check_damaged("A record without the old version removes nothing",
                  "{\"id\":\"" ID "\",\"to\":\"2\",\"phase\":\"staging\"," PLACES "}");
    open_store(&store);
    make_disk("a=1@1");
    OK(recover(&store) == RESULT_DONE, "Recovery without a record does nothing");
}

/* --- the ground ------------------------------------------------------------------------------ */

static bool write_map(const char *path, const char *text)
{
    _cleanup_close_ int fd = open(path, O_WRONLY | O_CLOEXEC);

    return fd >= 0 && write_all(fd, text, strlen(text)) == 0;
}

/* Without root, as root of a user namespace. */
static bool become_root(void)
{
    _cleanup_free_ char *uids = strprintf("0 %u 1", getuid()),
                        *gids = strprintf("0 %u 1", getgid());

    if (getuid() == 0)
        return unshare(CLONE_NEWNS) == 0;
    return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 && write_map("/proc/self/setgroups", "deny") &&
           write_map("/proc/self/uid_map", uids) && write_map("/proc/self/gid_map", gids);
}

/* An empty root but for /proc, which sanitizers read. */
static bool enter_ground(void)
{
    return become_root() && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
           mount("tmpfs", "/tmp", "tmpfs", 0, "mode=755") == 0 && mkdir("/tmp/proc", 0755) == 0 &&
           mount("/proc", "/tmp/proc", NULL, MS_BIND | MS_REC, NULL) == 0 && chroot("/tmp") == 0 &&
           chdir("/") == 0;
}

int main(void)
{
    bool marks;

    umask(022);
    if (!enter_ground()) {
        SKIP("this test needs root or user namespaces");
        return tests_done();
    }
    marks = setxattr("/", TREE_MARK, "", 0, 0) == 0;
    for (size_t i = 0; i < ELEMENTSOF(rows); i++)
        if (marks || !needs_marks(rows + i))
            check_row(rows + i);
        else
            SKIP("%s: this check needs root to write marks", rows[i].label);
    check_records();
    free(ending);
    return tests_done();
}
