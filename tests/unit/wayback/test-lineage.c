/* SPDX-License-Identifier: MIT */
/* Where a state came from: from a history, one entry a line, to the migrations that led to it. */
#include "scratch.h"
#include "test.h"
#include "wayback/lineage.h"

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
    {"nothing was ever done", "", "3", ""},
    {"one migration", MIGRATED("1", "2", STEP("a", "1", "2")), "2", "a:1:2"},
    {"of several steps, the last first", UP_TO_3, "3", "b:2:3 a:1:2"},
    {"one after another", MIGRATED("0", "1", STEP("z", "0", "1")) UP_TO_3, "3",
     "b:2:3 a:1:2 z:0:1"},
    {"a version that it never led to", UP_TO_3, "2", ""},
    {"another spelling", UP_TO_3, "03", "b:2:3 a:1:2"},
    {"the newer of two ways",
     MIGRATED("5", "9", STEP("a", "5", "9")) MIGRATED("6", "9", STEP("a", "6", "9")), "9", "a:6:9"},
    {"a step that the plan made without a migration", MIGRATED("1", "4", STEP("a", "1", "2")), "4",
     "a:1:2"},
    {"there, back and what was before",
     MIGRATED("0", "1", STEP("z", "0", "1")) UP_TO_3 MIGRATED("3", "2", STEP("b", "3", "2")), "2",
     "b:2:3 a:1:2 z:0:1"},
    {"a version that somebody said",
     MIGRATED("1", "2", STEP("a", "1", "2")) RECORDED("\"from\":\"2\",", "3", "adopted"), "3", ""},
    {"the same version, said again",
     MIGRATED("1", "2", STEP("a", "1", "2")) RECORDED("", "2", "detected"), "2", ""},
    {"only spelt in another way",
     MIGRATED("1", "02", STEP("a", "1", "02"))
         RECORDED("\"from\":\"02\",", "2", "another spelling"),
     "2", "a:1:02"},
    {"the software itself did a part of it: what led there",
     MIGRATED("0", "1", STEP("z", "0", "1")) MIGRATED("1", "2", STEP("a", "1", "2"))
         RECORDED("\"from\":\"1\",", "2", "self-migrated"),
     "2", "a:1:2 z:0:1"},
    {"the software itself, from elsewhere",
     MIGRATED("1", "2", STEP("a", "1", "2")) RECORDED("\"from\":\"1.5\",", "2", "self-migrated"),
     "2", ""},
    {"the software itself, after a backup came back that waited for it",
     WITH_ID("A", "1", "2", STEP("a", "1", "2")) WITH_ID("B", "1::2", "1", "")
         RESTORED("C", "1", "1::2", "B") RECORDED("\"from\":\"1\",", "2", "self-migrated"),
     "2", "a:1:2@A"},
    {"not done",
     "{\"from\":\"1\",\"to\":\"2\",\"result\":\"failed\",\"steps\":[" STEP("a", "1", "2") "]}\n",
     "2", ""},
    {"without a record of steps", "{\"from\":\"1\",\"to\":\"2\",\"result\":\"done\"}\n", "2", ""},
    {"a backup that was brought back: what led to it",
     WITH_ID("A", "0", "1", STEP("z", "0", "1")) WITH_ID("B", "1", "2", STEP("a", "1", "2"))
         WITH_ID("C", "2", "3", STEP("b", "2", "3")) RESTORED("D", "3", "2", "C"),
     "2", "a:1:2@B z:0:1@A"},
    {"and not what led to the same version another time",
     WITH_ID("A", "0", "2", STEP("z", "0", "2")) WITH_ID("B", "2", "3", STEP("b", "2", "3"))
         WITH_ID("C", "3", "1", "") WITH_ID("D", "1", "2", STEP("a", "1", "2"))
             RESTORED("E", "2", "2", "B"),
     "2", "z:0:2@A"},
    {"and forward again to what was replaced",
     WITH_ID("B", "1", "2", STEP("a", "1", "2")) WITH_ID("C", "2", "3", STEP("b", "2", "3"))
         RESTORED("D", "3", "2", "C") RESTORED("E", "2", "3", "D"),
     "3", "b:2:3@C a:1:2@B"},
    {"migrated anew after it",
     WITH_ID("B", "1", "2", STEP("a", "1", "2")) WITH_ID("C", "2", "3", STEP("b", "2", "3"))
         RESTORED("D", "3", "2", "C") WITH_ID("F", "2", "3", STEP("b", "2", "3")),
     "3", "b:2:3@F a:1:2@B"},
    {"a backup of which the history does not tell",
     WITH_ID("B", "1", "2", STEP("a", "1", "2")) RESTORED("D", "3", "2", "X"), "2", ""},
    {"a backup that was brought back from the future",
     RESTORED("D", "3", "2", "E") WITH_ID("E", "1", "2", STEP("a", "1", "2"))
         RESTORED("F", "2", "2", "D"),
     "2", ""},
    {"of no sense", MIGRATED("1", "2", "7,{},[],{\"migration\":\"a\",\"from\":\"/\",\"to\":\"2\"}"),
     "2", ""},
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

/* A transaction of which the history tells nothing, but a backup that it has left. */
static void test_manifests(const Store *store)
{
    static const struct {
        const char *what, *history, *id, *manifest, *expected;
    } lost[] = {
        {"a line that was lost: the last", WITH_ID("A", "0", "1", STEP("z", "0", "1")), "B",
         WITH_ID("B", "1", "2", STEP("a", "1", "2")), "a:1:2@B z:0:1@A"},
        {"the first", WITH_ID("B", "1", "2", STEP("a", "1", "2")), "A",
         WITH_ID("A", "0", "1", STEP("z", "0", "1")), "a:1:2@B z:0:1@A"},
        {"one in between",
         WITH_ID("A", "0", "2", STEP("y", "0", "2")) WITH_ID("C", "1", "2", STEP("a", "1", "2")),
         "B", WITH_ID("B", "2", "1", ""), "a:1:2@C y:0:2@A"},
        {"a backup that was brought back",
         WITH_ID("B", "1", "2", STEP("a", "1", "2")) WITH_ID("C", "2", "3", STEP("b", "2", "3")),
         "D", RESTORED("D", "3", "2", "C"), "a:1:2@B"},
        {"of another", "", "B", WITH_ID("X", "1", "2", STEP("a", "1", "2")), ""},
        {"damaged", "", "B", "{", ""},
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
    OK(lineage_find(&(History){}, "1", &none) == 0 && none.n_items == 0, "no history to be read");
    return tests_done();
}
