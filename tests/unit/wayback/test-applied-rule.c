/* SPDX-License-Identifier: MIT */
/* Which ways back stay, and which roots of the collector. */
#include "scratch.h"
#include "system/gcroot.h"
#include "test.h"
#include "wayback/rule.h"

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
    {"young", {"2 5 rw"}, "young", 0, 10, {"2"}},
    {"old, and wanted by nobody", {"2 20 rw"}, "remove", 0, 10, {"2"}},
    {"old, by somebody who goes back", {"2 20 rw"}, "version", 0, 10, {"2", "1"}},
    {"old, by somebody who is newer", {"2 20 rw"}, "remove", 0, 10, {"3"}},
    {"old, and it cannot be told by whom", {"2 20 rw"}, "unsure", 0, 10, {}, true},
    {"of several the newest", {"4 20 rw", "3 30 rw", "2 40 rw"}, "newest newest remove", 2, 10, {}},
    {"what is not on the way does not count",
     {"4 20 r", "3 30 rw", "2 40 rw"},
     "remove newest remove",
     1,
     10,
     {}},
    {"not on the way, as far as is known, and young", {"4 5 r"}, "young", 1, 10, {"1"}},
    {"not on the way, and old", {"4 20 r"}, "remove", 1, 10, {"1"}},
    {"a line of the history that was lost", {"4 5 "}, "young", 0, 10, {"1"}},
    {"and that was long ago", {"4 50 "}, "remove", 0, 10, {"1"}},
    {"a hook that has to run yet", {"4 50 p"}, "awaited", 0, 10, {}},
    {"damaged", {"- 50 r"}, "damaged", 0, 10, {}},
    {"its removal has begun", {"x 50 rw"}, "finish", 9, 100, {"1"}},
    {"a clock that was set back", {"4 -7 rw"}, "young", 0, 0, {}},
    {"a time that is not known", {"4 100 rw"}, "remove", 0, 50, {}},
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

/* The state went from 1 over 2 to 3 (A), was taken back to 2, and went to 3 again (B). */
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
    OK(items[0].on_the_way && items[1].on_the_way && items[2].on_the_way, "all that led there");
    items[0].on_the_way = items[1].on_the_way = items[2].on_the_way = false;
    applied_mark_lineage(items, 3, "3", &first);
    OK(items[0].on_the_way && !items[1].on_the_way, "not what was superseded");
    items[0].on_the_way = false;
    applied_mark_lineage(items, 3, "2", &lineage);
    OK(!items[0].on_the_way && items[1].on_the_way, "nor what was gone back over");
}

#define H1 "0123456789abcdfghijklmnpqrsvwxyz"
#define H2 "zyxwvsrqpnmlkjihgfdcba9876543210"

static void test_find(void)
{
    static const struct {
        const char *what, *text, *expected;
    } finds[] = {
        {"none", "/usr/bin/app /nix/store", ""},
        {"nothing", NULL, ""},
        {"a file of one", "/nix/store/" H1 "-app-1.0/bin/app", "/nix/store/" H1 "-app-1.0"},
        {"itself", "/nix/store/" H1 "-app", "/nix/store/" H1 "-app"},
        {"in an option", "--with=/nix/store/" H1 "-app:/nix/store/" H2 "-lib/lib\"",
         "/nix/store/" H1 "-app /nix/store/" H2 "-lib"},
        {"one twice", "/nix/store/" H1 "-a /nix/store/" H1 "-a/b", "/nix/store/" H1 "-a"},
        {"no hash", "/nix/store/app-1.0", ""},
        {"a hash of other letters", "/nix/store/e123456789abcdfghijklmnpqrsvwxyz-app", ""},
        {"no name", "/nix/store/" H1 "-", ""},
        {"the way up", "/nix/store/../etc", ""},
        {"a hidden one", "/nix/store/.links/" H1 "-app", ""},
    };

    for (size_t i = 0; i < ELEMENTSOF(finds); i++) {
        _cleanup_strv_ char **paths = NULL;
        _cleanup_free_ char *found = NULL;

        MUST(gcroot_find(finds[i].text, &paths) == 0);
        found = paths ? strv_join(paths, " ") : strdup("");
        OK(streq_null(found, finds[i].expected), "found: %s", finds[i].what);
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
       "roots: where there is no Nix, nothing is done");
    MUST(mkdirat(scratch_fd, "nix", 0755) == 0 && mkdirat(scratch_fd, "nix/var", 0755) == 0 &&
         mkdirat(scratch_fd, "nix/var/nix", 0755) == 0 && mkdir(directory, 0755) == 0);
    OK(gcroot_add(scratch_path, "app", NULL) == 0 &&
           !scratch_has(scratch_fd, "nix/var/nix/gcroots/systemd-migrate"),
       "roots: nor for nothing");
    OK(gcroot_add(scratch_path, "app", both) == 0 && gcroot_add(scratch_path, "app", both) == 0,
       "roots: are made, repeatably");
    fd = openat(scratch_fd, "nix/var/nix/gcroots/systemd-migrate/app", O_RDONLY | O_DIRECTORY);
    MUST(fd >= 0);
    OK(scratch_count(fd) == 2 && leads_to(fd, H1 "-a", both[0]) && leads_to(fd, H2 "-b", both[1]),
       "roots: of the names that they lead to");
    OK(fstat(fd, &st) == 0 && (st.st_mode & 0777) == 0700, "roots: nobody else makes any");
    MUST(unlinkat(fd, H1 "-a", 0) == 0 && symlinkat("/nix/store/elsewhere", fd, H1 "-a") == 0);
    OK(gcroot_add(scratch_path, "app", both) == 0 && leads_to(fd, H1 "-a", both[0]),
       "roots: one that leads elsewhere is mended");
    OK(gcroot_add(scratch_path, "other", both) == 0 &&
           gcroot_keep_only(scratch_path, "app", both + 1) == 0 && scratch_count(fd) == 1 &&
           leads_to(fd, H2 "-b", both[1]),
       "roots: others go");
    OK(gcroot_keep_only(scratch_path, "app", NULL) == 0 && scratch_count(fd) == 0, "roots: all go");
    close(fd);
    fd = openat(scratch_fd, "nix/var/nix/gcroots/systemd-migrate/other", O_RDONLY | O_DIRECTORY);
    OK(fd >= 0 && scratch_count(fd) == 2, "roots: those of other services stay");
    MUST(gcroot_add(scratch_path, "app", both) == 0 &&
         gcroot_keep_only(scratch_path, "other", both + 1) == 0 && scratch_count(fd) == 1);
    OK(gcroot_move(scratch_path, "app", "other") == 0 && scratch_count(fd) == 2 &&
           leads_to(fd, H1 "-a", both[0]),
       "roots: become another's, beside his");
    close(fd);
    fd = openat(scratch_fd, "nix/var/nix/gcroots/systemd-migrate/app", O_RDONLY | O_DIRECTORY);
    OK(fd >= 0 && scratch_count(fd) == 0 && gcroot_move(scratch_path, "app", "other") == 0 &&
           gcroot_move(scratch_path, "nobody", "other") == 0,
       "roots: and are gone where they were, repeatably");
}

/* The first line that a command prints, the caller's; "" where it prints none. */
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

/* The real one, on a store of its own. */
static void test_collector(void)
{
    _cleanup_free_ char *root = strprintf("%s/collected", scratch_path);
    _cleanup_free_ char *a = NULL, *b = NULL, *add_a = NULL, *add_b = NULL, *list = NULL,
                        *collect = NULL, *roots = NULL, *line = NULL, *there = NULL, *gone = NULL;
    char *paths[] = {NULL, NULL};

    if (system("command -v nix-store >/dev/null 2>&1") != 0) {
        SKIP("the collector of Nix: there is no nix-store here");
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
        SKIP("the collector of Nix: it makes no store here");
        return;
    }
    paths[0] = a;
    MUST(gcroot_add(root, "app", paths) == 0);
    line = first_line(list);
    roots = strprintf("%s/nix/var/nix/gcroots/systemd-migrate/app/%s -> %s", root,
                      strrchr(a, '/') + 1, a);
    OK(streq_null(line, roots), "the collector of Nix takes it for a root");
    MUST(system(collect) == 0);
    there = strprintf("%s%s", root, a);
    gone = strprintf("%s%s", root, b);
    OK(access(there, F_OK) == 0 && access(gone, F_OK) < 0, "and leaves alone what it leads to");
    MUST(gcroot_keep_only(root, "app", NULL) == 0 && system(collect) == 0);
    OK(access(there, F_OK) < 0, "until it is released");
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
