/* SPDX-License-Identifier: MIT */
/* The rule that says which waybacks stay, and which roots of the collector. */
#include "scratch.h"
#include "system/gcroot.h"
#include "test.h"
#include "wayback/wayback.h"

#define DAY UINT64_C(86400000000)
#define NOW (100 * DAY)

static const char *const fate_names[] = {
    [APPLIED_REMOVE] = "remove", [APPLIED_FINISH] = "finish",   [APPLIED_NEWEST] = "newest",
    [APPLIED_YOUNG] = "young",   [APPLIED_VERSION] = "version", [APPLIED_AWAITED] = "awaited",
    [APPLIED_UNSURE] = "unsure", [APPLIED_DAMAGED] = "damaged",
};

#define ITEMS_MAX 5

/* "TO AGE[FLAGS]", newest first: AGE in days, w: on the way, r: recorded, p: awaited; TO "-":
 * damaged; "x": being removed. */
static const struct {
    const char *what, *items[ITEMS_MAX], *expected;
    unsigned keep, keep_for;
    const char *versions[3];
    bool unsure;
} cases[] = {
    {"a young wayback stays", {"2 5 rw"}, "young", 0, 10, {"2"}},
    {"an old wayback that no version needs is removed", {"2 20 rw"}, "remove", 0, 10, {"2"}},
    {"an old wayback stays for a declared version that is older",
     {"2 20 rw"},
     "version",
     0,
     10,
     {"2", "1"}},
    {"an old wayback is removed if only a newer version is declared",
     {"2 20 rw"},
     "remove",
     0,
     10,
     {"3"}},
    {"an old wayback stays if the declared versions are not known",
     {"2 20 rw"},
     "unsure",
     0,
     10,
     {},
     true},
    {"the newest waybacks stay, as many as Keep= says",
     {"4 20 rw", "3 30 rw", "2 40 rw"},
     "newest newest remove",
     2,
     10,
     {}},
    {"a wayback outside of the lineage does not count for Keep=",
     {"4 20 r", "3 30 rw", "2 40 rw"},
     "remove newest remove",
     1,
     10,
     {}},
    {"a young wayback outside of the lineage stays", {"4 5 r"}, "young", 1, 10, {"1"}},
    {"an old wayback outside of the lineage is removed", {"4 20 r"}, "remove", 1, 10, {"1"}},
    {"a young wayback that the history does not name stays", {"4 5 "}, "young", 0, 10, {"1"}},
    {"an old wayback that the history does not name is removed", {"4 50 "}, "remove", 0, 10, {"1"}},
    {"a wayback stays while a hook of its transaction has to run",
     {"4 50 p"},
     "awaited",
     0,
     10,
     {}},
    {"a damaged wayback stays", {"- 50 r"}, "damaged", 0, 10, {}},
    {"a removal that has begun is finished", {"x 50 rw"}, "finish", 9, 100, {"1"}},
    {"a wayback from the future counts as young", {"4 -7 rw"}, "young", 0, 0, {}},
    {"a wayback whose time is not known counts as old", {"4 100 rw"}, "remove", 0, 50, {}},
};

static void test_rule(void)
{
    for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
        Applied items[ITEMS_MAX] = {};
        AppliedFate fates[ITEMS_MAX];
        char to[ITEMS_MAX][16];
        _cleanup_string_ String s = {};
        size_t n = 0;

        for (; n < ITEMS_MAX && cases[i].items[n]; n++) {
            char flags[16] = "";
            int age;

            MUST(sscanf(cases[i].items[n], "%15s %d %15s", to[n], &age, flags) >= 2);
            items[n] = (Applied){.id = (char *)(to[n][0] == 'x' ? ".removing-1" : "1"),
                                 .to = to[n][0] == '-' ? NULL : to[n],
                                 .time = (uint64_t)((int64_t)NOW - age * (int64_t)DAY),
                                 .recorded = strchr(flags, 'r'),
                                 .on_the_way = strchr(flags, 'w'),
                                 .is_awaited = strchr(flags, 'p')};
        }
        applied_judge(items, n,
                      &(BackupRule){.keep = cases[i].keep,
                                    .keep_for_usec = cases[i].keep_for * DAY,
                                    .versions = (char *const *)cases[i].versions,
                                    .unsure = cases[i].unsure,
                                    .now = NOW},
                      fates);
        for (size_t j = 0; j < n; j++)
            string_appendf(&s, "%s%s", j > 0 ? " " : "", fate_names[fates[j]]);
        OK(streq_null(s.text, cases[i].expected), "%s: %s", cases[i].what, s.text);
    }
}

/* The state went from 1 to 2 and 3 (A), back to 2, and to 3 again (B). */
static void test_way(void)
{
    Arrival arrivals[] = {{.from = (char *)"2", .to = (char *)"3", .id = (char *)"B"},
                          {.from = (char *)"2", .to = (char *)"3", .id = (char *)"A"},
                          {.from = (char *)"1", .to = (char *)"2", .id = (char *)"A"},
                          {.from = (char *)"0", .to = (char *)"1", .id = (char *)"Z"}};
    const Lineage lineage = {.items = arrivals, .n_items = ELEMENTSOF(arrivals)};
    Applied items[] = {{.id = (char *)"B"}, {.id = (char *)"A"}, {.id = (char *)"Z"}};
    const Lineage first = {.items = arrivals, .n_items = 2};

    applied_mark_lineage(items, 3, "3", &lineage);
    OK(items[0].on_the_way && items[1].on_the_way && items[2].on_the_way,
       "every transaction that led to the version is on the way");
    items[0].on_the_way = items[1].on_the_way = items[2].on_the_way = false;
    applied_mark_lineage(items, 3, "3", &first);
    OK(items[0].on_the_way && !items[1].on_the_way,
       "a transaction that a later one supersedes is not on the way");
    items[0].on_the_way = false;
    applied_mark_lineage(items, 3, "2", &lineage);
    OK(!items[0].on_the_way && items[1].on_the_way,
       "a transaction that was undone is not on the way");
}

#define H1 "0123456789abcdfghijklmnpqrsvwxyz"
#define H2 "zyxwvsrqpnmlkjihgfdcba9876543210"

static void test_find(void)
{
    static const struct {
        const char *what, *text, *expected;
    } finds[] = {
        {"without a store path gives none", "/usr/bin/app /nix/store", ""},
        {"that is missing gives none", NULL, ""},
        {"with a file of a store path gives the store path", "/nix/store/" H1 "-app-1.0/bin/app",
         "/nix/store/" H1 "-app-1.0"},
        {"with a store path gives the store path", "/nix/store/" H1 "-app",
         "/nix/store/" H1 "-app"},
        {"with store paths in an option gives both",
         "--with=/nix/store/" H1 "-app:/nix/store/" H2 "-lib/lib\"",
         "/nix/store/" H1 "-app /nix/store/" H2 "-lib"},
        {"with a store path twice gives the store path once",
         "/nix/store/" H1 "-a /nix/store/" H1 "-a/b", "/nix/store/" H1 "-a"},
        {"with a name without a hash gives none", "/nix/store/app-1.0", ""},
        {"with a hash of invalid letters gives none",
         "/nix/store/e123456789abcdfghijklmnpqrsvwxyz-app", ""},
        {"with a hash without a name gives none", "/nix/store/" H1 "-", ""},
        {"that leads out of the Nix store gives none", "/nix/store/../etc", ""},
        {"with a hidden store path gives none", "/nix/store/.links/" H1 "-app", ""},
    };

    for (size_t i = 0; i < ELEMENTSOF(finds); i++) {
        _cleanup_strv_ char **paths = NULL;
        _cleanup_free_ char *found = NULL;

        MUST(gcroot_find(finds[i].text, &paths) == 0);
        found = paths ? strv_join(paths, " ") : strdup("");
        OK(streq_null(found, finds[i].expected), "searching a text %s", finds[i].what);
    }
}

static bool leads_to(int fd, const char *name, const char *target)
{
    char text[256];
    ssize_t n = readlinkat(fd, name, text, sizeof(text) - 1);

    text[MAX(n, 0)] = '\0';
    return n > 0 && streq(text, target);
}

static void test_roots(void)
{
    char *both[] = {(char *)"/nix/store/" H1 "-a", (char *)"/nix/store/" H2 "-b", NULL};
    _cleanup_free_ char *directory = strprintf("%s/nix/var/nix/gcroots", scratch_path);
    _cleanup_close_ int fd = -1;
    struct stat st;

    OK(gcroot_add(scratch_path, "app", both) == 0 && !scratch_has(scratch_fd, "nix") &&
           gcroot_keep_only(scratch_path, "app", NULL) == 0,
       "without Nix no root of the collector is made");
    MUST(mkdirat(scratch_fd, "nix", 0755) == 0 && mkdirat(scratch_fd, "nix/var", 0755) == 0 &&
         mkdirat(scratch_fd, "nix/var/nix", 0755) == 0 && mkdir(directory, 0755) == 0);
    OK(gcroot_add(scratch_path, "app", NULL) == 0 &&
           !scratch_has(scratch_fd, "nix/var/nix/gcroots/systemd-migrate"),
       "without store paths no directory for roots is made");
    OK(gcroot_add(scratch_path, "app", both) == 0 && gcroot_add(scratch_path, "app", both) == 0,
       "roots can be added twice");
    fd = openat(scratch_fd, "nix/var/nix/gcroots/systemd-migrate/app", O_RDONLY | O_DIRECTORY);
    MUST(fd >= 0);
    OK(scratch_count(fd) == 2 && leads_to(fd, H1 "-a", both[0]) && leads_to(fd, H2 "-b", both[1]),
       "a root has the name of its store path and leads there");
    OK(fstat(fd, &st) == 0 && (st.st_mode & 0777) == 0700,
       "only root can write the directory of the roots");
    MUST(unlinkat(fd, H1 "-a", 0) == 0 && symlinkat("/nix/store/elsewhere", fd, H1 "-a") == 0);
    OK(gcroot_add(scratch_path, "app", both) == 0 && leads_to(fd, H1 "-a", both[0]),
       "a root that leads elsewhere is made anew");
    OK(gcroot_add(scratch_path, "other", both) == 0 &&
           gcroot_keep_only(scratch_path, "app", both + 1) == 0 && scratch_count(fd) == 1 &&
           leads_to(fd, H2 "-b", both[1]),
       "gcroot_keep_only() removes the other roots of the service");
    OK(gcroot_keep_only(scratch_path, "app", NULL) == 0 && scratch_count(fd) == 0,
       "gcroot_keep_only() without paths removes all roots of the service");
    close(fd);
    fd = openat(scratch_fd, "nix/var/nix/gcroots/systemd-migrate/other", O_RDONLY | O_DIRECTORY);
    OK(fd >= 0 && scratch_count(fd) == 2, "gcroot_keep_only() leaves the roots of other services");
    MUST(gcroot_add(scratch_path, "app", both) == 0 &&
         gcroot_keep_only(scratch_path, "other", both + 1) == 0 && scratch_count(fd) == 1);
    OK(gcroot_move(scratch_path, "app", "other") == 0 && scratch_count(fd) == 2 &&
           leads_to(fd, H1 "-a", both[0]),
       "gcroot_move() adds the roots to the roots of the other service");
    close(fd);
    fd = openat(scratch_fd, "nix/var/nix/gcroots/systemd-migrate/app", O_RDONLY | O_DIRECTORY);
    OK(fd >= 0 && scratch_count(fd) == 0 && gcroot_move(scratch_path, "app", "other") == 0 &&
           gcroot_move(scratch_path, "nobody", "other") == 0,
       "gcroot_move() leaves no root, and can be repeated");
}

/* The first line that a command prints, or ""; the caller frees it. */
static char *first_line(const char *command)
{
    FILE *f = popen(command, "r");
    char line[512] = "";

    MUST(f);
    if (!fgets(line, sizeof(line), f))
        line[0] = '\0';
    while (fgetc(f) != EOF)
        ;
    pclose(f);
    line[strcspn(line, "\n")] = '\0';
    return strdup(line);
}

/* The real collector, on a Nix store of its own. */
static void test_collector(void)
{
    _cleanup_free_ char *root = strprintf("%s/collected", scratch_path);
    _cleanup_free_ char *a = NULL, *b = NULL, *add_a = NULL, *add_b = NULL, *list = NULL,
                        *collect = NULL, *roots = NULL, *line = NULL, *there = NULL, *gone = NULL;
    char *paths[] = {NULL, NULL};

    if (system("command -v nix-store >/dev/null 2>&1") != 0) {
        SKIP("nix-store is not installed");
        return;
    }
    MUST(mkdir(root, 0755) == 0);
    scratch_text(scratch_fd, "app-1", "one\n");
    scratch_text(scratch_fd, "app-2", "two\n");
    add_a = strprintf("nix-store --store '%s' --add '%s/app-1' 2>/dev/null", root, scratch_path);
    add_b = strprintf("nix-store --store '%s' --add '%s/app-2' 2>/dev/null", root, scratch_path);
    list = strprintf("nix-store --store '%s' --gc --print-roots 2>/dev/null", root);
    collect = strprintf("nix-store --store '%s' --gc >/dev/null 2>&1", root);
    a = first_line(add_a);
    b = first_line(add_b);
    if (!startswith(a, "/nix/store/") || !startswith(b, "/nix/store/")) {
        SKIP("nix-store cannot make a store here");
        return;
    }
    paths[0] = a;
    MUST(gcroot_add(root, "app", paths) == 0);
    line = first_line(list);
    roots = strprintf("%s/nix/var/nix/gcroots/systemd-migrate/app/%s -> %s", root,
                      strrchr(a, '/') + 1, a);
    OK(streq_null(line, roots), "the collector of Nix finds the root");
    MUST(system(collect) == 0);
    there = strprintf("%s%s", root, a);
    gone = strprintf("%s%s", root, b);
    OK(access(there, F_OK) == 0 && access(gone, F_OK) < 0,
       "the collector keeps only the store path that has a root");
    MUST(gcroot_keep_only(root, "app", NULL) == 0 && system(collect) == 0);
    OK(access(there, F_OK) < 0, "the collector removes a store path whose root was removed");
}

int main(void)
{
    scratch_make();
    test_rule();
    test_way();
    test_find();
    test_roots();
    test_collector();
    return tests_done();
}
