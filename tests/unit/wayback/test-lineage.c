/* SPDX-License-Identifier: MIT */
/* Lineages: from a history, one entry a line, to the migrations that led to the state. */
#include "read-lineage.h"
#include "scratch.h"
#include "test.h"

#define STEP(migration, from, to)                                                                  \
    "{\"migration\":\"" migration "\",\"from\":\"" from "\",\"to\":\"" to "\"}"
#define MIGRATED(from, to, steps)                                                                  \
    "{\"from\":\"" from "\",\"to\":\"" to "\",\"result\":\"done\",\"steps\":[" steps "]}\n"
#define RECORDED(from, to, action)                                                                 \
    "{" from "\"to\":\"" to "\",\"result\":\"done\",\"action\":\"" action "\"}\n"

#define WITH_ID(id, from, to, steps)                                                               \
    "{\"id\":\"" id "\",\"from\":\"" from "\",\"to\":\"" to                                        \
    "\",\"result\":\"done\",\"steps\":[" steps "]}\n"
#define RESTORED(id, from, to, backup)                                                             \
    "{\"id\":\"" id "\",\"from\":\"" from "\",\"to\":\"" to                                        \
    "\",\"action\":\"restored\",\"restored\":\"" backup "\",\"result\":\"done\"}\n"

#define UP_TO_3 MIGRATED("1", "3", STEP("a", "1", "2") "," STEP("b", "2", "3"))

static const struct {
    const char *what, *history, *version, *expected;
} cases[] = {
    {"an empty history has no lineage", "", "3", ""},
    {"one migration is one step", MIGRATED("1", "2", STEP("a", "1", "2")), "2", "a:1:2"},
    {"the last step comes first", UP_TO_3, "3", "b:2:3 a:1:2"},
    {"earlier migrations come after later migrations",
     MIGRATED("0", "1", STEP("z", "0", "1")) UP_TO_3, "3", "b:2:3 a:1:2 z:0:1"},
    {"a version that no migration led to has no lineage", UP_TO_3, "2", ""},
    {"the version may have another spelling", UP_TO_3, "03", "b:2:3 a:1:2"},
    {"the newer of two migrations to a version counts",
     MIGRATED("5", "9", STEP("a", "5", "9")) MIGRATED("6", "9", STEP("a", "6", "9")), "9", "a:6:9"},
    {"a step without a migration is left out", MIGRATED("1", "4", STEP("a", "1", "2")), "4",
     "a:1:2"},
    {"after a migration back the steps to the version count again",
     MIGRATED("0", "1", STEP("z", "0", "1")) UP_TO_3 MIGRATED("3", "2", STEP("b", "3", "2")), "2",
     "b:2:3 a:1:2 z:0:1"},
    {"an adopted version ends the lineage",
     MIGRATED("1", "2", STEP("a", "1", "2")) RECORDED("\"from\":\"2\",", "3", "adopted"), "3", ""},
    {"a version that was detected again keeps the lineage",
     MIGRATED("1", "2", STEP("a", "1", "2")) RECORDED("", "2", "detected"), "2", ""},
    {"a version that was respelt keeps the lineage",
     MIGRATED("1", "02", STEP("a", "1", "02"))
         RECORDED("\"from\":\"02\",", "2", "another spelling"),
     "2", "a:1:02"},
    {"a version that the software migrated to itself keeps the steps to that version",
     MIGRATED("0", "1", STEP("z", "0", "1")) MIGRATED("1", "2", STEP("a", "1", "2"))
         RECORDED("\"from\":\"1\",", "2", "self-migrated"),
     "2", "a:1:2 z:0:1"},
    {"software that migrated itself from another version ends the lineage",
     MIGRATED("1", "2", STEP("a", "1", "2")) RECORDED("\"from\":\"1.5\",", "2", "self-migrated"),
     "2", ""},
    {"a restored backup that the software migrated itself has the steps of the backup",
     WITH_ID("A", "1", "2", STEP("a", "1", "2")) WITH_ID("B", "1::2", "1", "")
         RESTORED("C", "1", "1::2", "B") RECORDED("\"from\":\"1\",", "2", "self-migrated"),
     "2", "a:1:2@A"},
    {"a migration that failed is not in the lineage",
     "{\"from\":\"1\",\"to\":\"2\",\"result\":\"failed\",\"steps\":[" STEP("a", "1", "2") "]}\n",
     "2", ""},
    {"a migration without steps has no lineage",
     "{\"from\":\"1\",\"to\":\"2\",\"result\":\"done\"}\n", "2", ""},
    {"a restored backup has the steps that led to the backup",
     WITH_ID("A", "0", "1", STEP("z", "0", "1")) WITH_ID("B", "1", "2", STEP("a", "1", "2"))
         WITH_ID("C", "2", "3", STEP("b", "2", "3")) RESTORED("D", "3", "2", "C"),
     "2", "a:1:2@B z:0:1@A"},
    {"a restored backup does not get the steps of later migrations to its version",
     WITH_ID("A", "0", "2", STEP("z", "0", "2")) WITH_ID("B", "2", "3", STEP("b", "2", "3"))
         WITH_ID("C", "3", "1", "") WITH_ID("D", "1", "2", STEP("a", "1", "2"))
             RESTORED("E", "2", "2", "B"),
     "2", "z:0:2@A"},
    {"restoring the state that a restore had replaced brings the steps of that state back",
     WITH_ID("B", "1", "2", STEP("a", "1", "2")) WITH_ID("C", "2", "3", STEP("b", "2", "3"))
         RESTORED("D", "3", "2", "C") RESTORED("E", "2", "3", "D"),
     "3", "b:2:3@C a:1:2@B"},
    {"a migration after a restore replaces the steps that were undone",
     WITH_ID("B", "1", "2", STEP("a", "1", "2")) WITH_ID("C", "2", "3", STEP("b", "2", "3"))
         RESTORED("D", "3", "2", "C") WITH_ID("F", "2", "3", STEP("b", "2", "3")),
     "3", "b:2:3@F a:1:2@B"},
    {"a restored backup that the history does not name has no lineage",
     WITH_ID("B", "1", "2", STEP("a", "1", "2")) RESTORED("D", "3", "2", "X"), "2", ""},
    {"a history that is a circle has no lineage",
     RESTORED("D", "3", "2", "E") WITH_ID("E", "1", "2", STEP("a", "1", "2"))
         RESTORED("F", "2", "2", "D"),
     "2", ""},
    {"steps that are not valid are left out",
     MIGRATED("1", "2", "7,{},[],{\"migration\":\"a\",\"from\":\"/\",\"to\":\"2\"}"), "2", ""},
};

static char *lineage_text(const Lineage *lineage)
{
    _cleanup_string_ String s = {};
    char *text;

    string_append(&s, "");
    for (size_t i = 0; i < lineage->n_items; i++)
        string_appendf(&s, "%s%s:%s:%s%s%s", i > 0 ? " " : "", lineage->items[i].migration,
                       lineage->items[i].from, lineage->items[i].to,
                       lineage->items[i].id ? "@" : "",
                       lineage->items[i].id ? lineage->items[i].id : "");
    return string_finish(&s, &text) < 0 ? NULL : text;
}

/* The history has lost a line, but the backup of that transaction is there. */
static void test_manifests(const Store *store)
{
    static const struct {
        const char *what, *history, *id, *manifest, *expected;
    } lost[] = {
        {"a manifest stands in for a lost last line", WITH_ID("A", "0", "1", STEP("z", "0", "1")),
         "B", WITH_ID("B", "1", "2", STEP("a", "1", "2")), "a:1:2@B z:0:1@A"},
        {"a manifest stands in for a lost first line", WITH_ID("B", "1", "2", STEP("a", "1", "2")),
         "A", WITH_ID("A", "0", "1", STEP("z", "0", "1")), "a:1:2@B z:0:1@A"},
        {"a manifest stands in for a lost line in between",
         WITH_ID("A", "0", "2", STEP("y", "0", "2")) WITH_ID("C", "1", "2", STEP("a", "1", "2")),
         "B", WITH_ID("B", "2", "1", ""), "a:1:2@C y:0:2@A"},
        {"a manifest stands in for the lost line of a restore",
         WITH_ID("B", "1", "2", STEP("a", "1", "2")) WITH_ID("C", "2", "3", STEP("b", "2", "3")),
         "D", RESTORED("D", "3", "2", "C"), "a:1:2@B"},
        {"a manifest with the id of another is not used", "", "B",
         WITH_ID("X", "1", "2", STEP("a", "1", "2")), ""},
        {"a damaged manifest is not used", "", "B", "{", ""},
    };

    MUST(mkdirat(store->fd, "backups", 0755) == 0);
    for (size_t i = 0; i < ELEMENTSOF(lost); i++) {
        _cleanup_(lineage_free) Lineage lineage = {};
        _cleanup_free_ char *found = NULL, *path = strprintf("backups/%s", lost[i].id),
                            *manifest = strprintf("%s/manifest", path);

        scratch_text(store->fd, RECORD_HISTORY, lost[i].history);
        MUST(mkdirat(store->fd, path, 0755) == 0);
        scratch_text(store->fd, manifest, lost[i].manifest);
        MUST(lineage_read(store, "2", &lineage) == 0);
        found = lineage_text(&lineage);
        OK(streq_null(found, lost[i].expected), "%s: %s", lost[i].what, found);
        MUST(unlinkat(store->fd, manifest, 0) == 0 && unlinkat(store->fd, path, AT_REMOVEDIR) == 0);
    }
}

int main(void)
{
    _cleanup_store_ Store store = STORE_NONE;
    _cleanup_(lineage_free) Lineage none = {};

    scratch_make();
    MUST(mkdirat(scratch_fd, "var", 0755) == 0 && mkdirat(scratch_fd, "var/lib", 0755) == 0);
    MUST(store_open(scratch_path, "app", true, &store) == 0);
    for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
        _cleanup_(lineage_free) Lineage lineage = {};
        _cleanup_free_ char *found = NULL;

        scratch_text(store.fd, RECORD_HISTORY, cases[i].history);
        MUST(lineage_read(&store, cases[i].version, &lineage) == 0);
        found = lineage_text(&lineage);
        OK(streq_null(found, cases[i].expected), "%s", cases[i].what);
        if (!streq_null(found, cases[i].expected))
            printf("# expected %s\n# found    %s\n", cases[i].expected, found);
    }
    test_manifests(&store);
    OK(lineage_find(&(History){}, NULL, "1", &none) == 0 && none.n_items == 0,
       "an empty history has no lineage at any version");
    return tests_done();
}
