/* SPDX-License-Identifier: MIT */
/* Plans: from a declaration and a state version to the steps. A row is a case; test-plan-random.c
 * has random graphs. */
#include "declare/plan-fixture.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "test.h"

#define MIGRATIONS_MAX 8
#define ARRIVALS_MAX   3

/* A migration is "ID [FROM; FROM] TO", one without From= is "ID TO"; "down" behind it: it has
 * [Down] alone, "both": [Up] too, "warn": [Up], and a [Down] without script. What is expected:
 * "1 -ID-> 2", "1 ...> 2" over a gap, "+" for [EveryUp], or an outcome. What is known of where the
 * state came from is "ID FROM TO". */
static const struct {
    const char *what, *state;
    const char *migrations[MIGRATIONS_MAX];
    const char *from, *expected;
    const char *arrivals[ARRIVALS_MAX];
} plans[] = {
    {"the same version", "Version=2", {"a [1] 2"}, "2", "current"},
    {"the same version in another spelling", "Version=2", {"a [1] 2"}, "02", "current"},
    {"one step", "Version=2", {"a [1] 2"}, "1", "1 -a-> 2"},
    {"two steps", "Version=3", {"b [2] 3", "a [1] 2"}, "1", "1 -a-> 2 -b-> 3"},
    {"a state between two migrations", "Version=3", {"a [1] 2", "b [2] 3"}, "2", "2 -b-> 3"},
    {"a migration beyond the declared version",
     "Version=2",
     {"a [1] 2", "b [2] 3"},
     "1",
     "1 -a-> 2"},
    {"a state in another spelling", "Version=2", {"a [1] 2"}, "01", "01 -a-> 2"},
    {"a range that has the version of the state",
     "Version=17",
     {"a [>=9.2 <17] 17"},
     "13.1",
     "13.1 -a-> 17"},
    {"a state below a range",
     "Version=17",
     {"a [>=9.2 <17] 17"},
     "9.1",
     "skip: no migration leads from 9.1 towards 17: the next one takes version 9.2 or newer"},
    {"a state below two ranges",
     "Version=3",
     {"a [>=1.8 <2] 2", "b [>1.5 <1.8] 1.8", "c [2] 3"},
     "1",
     "skip: no migration leads from 1 towards 3: the next one takes version 1.5 or newer"},
    {"a state below a range that begins beyond the declared version",
     "Version=3",
     {"a [>=4] >=5"},
     "1",
     "gap: no migration leads from 1 towards 3"},
    {"a state at a version that a range excludes",
     "Version=17",
     {"a [>=9 !=12 <17] 17"},
     "12",
     "gap: no migration leads from 12 towards 17"},
    {"a From= with alternatives", "Version=17", {"a [14; >=15.2 <16] 17"}, "15.3", "15.3 -a-> 17"},
    {"a To= that is a range", "Version=17.2", {"a [>=9] >=13"}, "9.6", "9.6 -a-> 17.2"},
    {"a To= that is a range beyond the declared version",
     "Version=12",
     {"a [>=9] >=13", "b [10] 11"},
     "9.6",
     "gap: no migration leads from 9.6 towards 12"},
    {"a To= that is a range, after another step",
     "Version=17.2",
     {"a [1] 9", "b [>=9] >=13"},
     "1",
     "1 -a-> 9 -b-> 17.2"},

    /* RFC 0155: a list, each from the preceding one's version up to its own. */
    {"a list of migrations, and a state before the first",
     "Version=3",
     {"a 1", "b 2", "c 3"},
     "0",
     "0 -a-> 1 -b-> 2 -c-> 3"},
    {"a list of migrations, and a state in the middle",
     "Version=3",
     {"a 1", "b 2", "c 3"},
     "2",
     "2 -c-> 3"},
    {"a list of migrations, and a state between two",
     "Version=3",
     {"a 1", "b 2", "c 3"},
     "1.5",
     "1.5 -b-> 2 -c-> 3"},
    {"a list of migrations, with file names in another order",
     "Version=2024-03-01",
     {"x 2024-03-01", "y 2024-01-01", "z 2024-02-01"},
     "2023-05-05",
     "2023-05-05 -y-> 2024-01-01 -z-> 2024-02-01 -x-> 2024-03-01"},
    {"a list of migrations and a shortcut",
     "Version=3",
     {"a 1", "b 2", "c 3", "d [1] 3"},
     "1",
     "1 -d-> 3"},
    {"a list of migrations that ends before the declared version",
     "Version=4\nAccepts=3\nGaps=allow",
     {"a 1", "b 2", "c 3"},
     "1",
     "1 -b-> 2 -c-> 3 ...> 4"},

    {"the shortest way",
     "Version=4",
     {"a [1] 2", "b [2] 3", "c [3] 4", "d [1] 3"},
     "1",
     "1 -d-> 3 -c-> 4"},
    {"two ways of equal length whose files sort differently",
     "Version=2",
     {"b [1] 2", "a [1] 2", "c [1] 2"},
     "1",
     "1 -a-> 2"},
    {"two ways of two steps whose first files sort differently",
     "Version=4",
     {"z [1] 2", "a [2] 4", "b [1] 3", "c [3] 4"},
     "1",
     "1 -b-> 3 -c-> 4"},
    {"a shortest way whose file sorts last",
     "Version=3",
     {"a [1] 2", "b [2] 3", "c [1] 3"},
     "1",
     "1 -c-> 3"},
    {"a step that leads past the declared version",
     "Version=3",
     {"a [1] 4", "b [1] 2", "c [2] 3"},
     "1",
     "1 -b-> 2 -c-> 3"},
    {"a migration with only a way back",
     "Version=2",
     {"a [1] 2 down"},
     "1",
     "gap: no migration leads from 1 towards 2"},

    {"no migrations",
     "Version=2",
     {},
     "1",
     "gap: no migrations are declared, so none leads from 1 to 2"},
    {"a way that ends before the declared version",
     "Version=4",
     {"a [1] 2", "b [2] 3", "c [3.5] 4"},
     "1",
     "gap: migrations lead from 1 to 3, but none from there towards 4"},
    {"no migrations, gaps allowed", "Version=2\nGaps=allow", {}, "1", "1 ...> 2"},
    {"a gap before a step", "Version=4\nGaps=allow", {"a [3] 4"}, "1", "1 ...> 3 -a-> 4"},
    {"a gap after a step", "Version=4\nGaps=allow", {"a [1] 2"}, "1", "1 -a-> 2 ...> 4"},
    {"a gap between two steps, across a version with only a way back",
     "Version=6\nGaps=allow",
     {"a [1] 2", "b [5] 6", "c [3.5] 3.6 down"},
     "1",
     "1 -a-> 2 ...> 5 -b-> 6"},
    {"a gap where a range begins",
     "Version=17\nGaps=allow",
     {"a [>=13 <17] 17"},
     "9.6",
     "9.6 ...> 13 -a-> 17"},
    {"a long way without a gap, and Gaps=allow",
     "Version=5\nGaps=allow",
     {"a [1] 2", "b [2] 3", "c [3] 4", "d [4] 5"},
     "1",
     "1 -a-> 2 -b-> 3 -c-> 4 -d-> 5"},
    {"two ways before a gap, one of them shorter",
     "Version=4\nGaps=allow",
     {"a [1] 2", "b [2] 3", "c [1] 3.5"},
     "1",
     "1 -c-> 3.5 ...> 4"},

    {"[EveryUp] without migrations", "Version=2\n[EveryUp]\nScript=/x", {}, "1", "1 ...> 2 +"},
    {"[EveryUp] after the steps",
     "Version=2\n[EveryUp]\nScript=/x",
     {"a [1] 2"},
     "1",
     "1 -a-> 2 +"},
    {"[EveryUp] after a gap",
     "Version=3\n[EveryUp]\nScript=/x",
     {"a [1] 2"},
     "1",
     "1 -a-> 2 ...> 3 +"},
    {"[EveryUp] and a state that is current",
     "Version=2\n[EveryUp]\nScript=/x",
     {},
     "2",
     "current"},
    {"[EveryUp] and a downgrade",
     "Version=2\n[EveryUp]\nScript=/x",
     {},
     "3",
     "downgrade: the state is at 3, newer than the 2 that is declared"},

    {"a downgrade",
     "Version=2",
     {"a [1] 2"},
     "3",
     "downgrade: the state is at 3, newer than the 2 that is declared"},
    {"a downgrade to a release candidate",
     "Version=2~rc1",
     {"a [1] 2~rc1"},
     "2",
     "downgrade: the state is at 2, newer than the 2~rc1 that is declared"},
    {"a downgrade, gaps allowed",
     "Version=2\nGaps=allow",
     {},
     "3",
     "downgrade: the state is at 3, newer than the 2 that is declared"},

    {"back one step", "Version=1\nDowngrade=script", {"a [1] 2 both"}, "2", "2 -a-> 1"},
    {"back two steps",
     "Version=1\nDowngrade=script",
     {"a [1] 2 both", "b [2] 3 both"},
     "3",
     "3 -b-> 2 -a-> 1"},
    {"back by migrations without [Up]",
     "Version=1\nDowngrade=script",
     {"a [1] 2 down"},
     "2",
     "2 -a-> 1"},
    {"back, with versions in another spelling",
     "Version=1\nDowngrade=script",
     {"a [01] 2 both"},
     "02",
     "02 -a-> 1"},
    {"back, with a migration beyond the declared version",
     "Version=2\nDowngrade=script",
     {"a [1] 2 both", "b [2] 3 both"},
     "3",
     "3 -b-> 2"},
    {"the shortest way back",
     "Version=1\nDowngrade=script",
     {"a [1] 2 both", "b [2] 3 both", "c [1] 3 both"},
     "3",
     "3 -c-> 1"},
    {"two ways back of equal length whose files sort differently",
     "Version=1\nDowngrade=script",
     {"b [1] 2 both", "a [1] 2 both"},
     "2",
     "2 -a-> 1"},
    {"two ways back of two steps whose first files sort differently",
     "Version=1\nDowngrade=script",
     {"z [2] 4 both", "a [1] 2 both", "b [3] 4 both", "c [1] 3 both"},
     "4",
     "4 -b-> 3 -c-> 1"},
    {"a step back past the declared version",
     "Version=2\nDowngrade=script",
     {"a [1] 3 both", "b [2] 2.5 both", "c [2.5] 3 both"},
     "3",
     "3 -c-> 2.5 -b-> 2"},
    {"back, with only [Up]",
     "Version=1\nDowngrade=script",
     {"a [1] 2"},
     "2",
     "downgrade: the state is at 2, newer than the 1 that is declared, and no [Down] script leads "
     "back from 2"},
    {"back, with only Warn= in [Down]",
     "Version=1\nDowngrade=script",
     {"a [1] 2 warn"},
     "2",
     "downgrade: the state is at 2, newer than the 1 that is declared, and no [Down] script leads "
     "back from 2; 'a' has none, and says: gone"},
    {"back, with a [Down] script for the second step only",
     "Version=13\nDowngrade=script",
     {"a [13] 15 both"},
     "17",
     "downgrade: the state is at 17, newer than the 13 that is declared, and no [Down] script "
     "leads back from 17; there is a way to 13 only from 15"},
    {"back, with a [Down] script for the first step only",
     "Version=13\nDowngrade=script",
     {"a [15] 17 both", "b [13] 15"},
     "17",
     "downgrade: the state is at 17, newer than the 13 that is declared, and [Down] scripts lead "
     "back to 15, but none from there towards 13"},
    {"back, with a [Down] script missing in the middle",
     "Version=1\nDowngrade=script",
     {"a [1] 2 both", "b [2] 3 warn", "c [3] 4 both"},
     "4",
     "downgrade: the state is at 4, newer than the 1 that is declared, and [Down] scripts lead "
     "back to 3, but none from there towards 1; there is a way to 1 only from 2; 'b' has none, and "
     "says: gone"},
    {"back, without any migration",
     "Version=1\nDowngrade=script",
     {},
     "2",
     "downgrade: the state is at 2, newer than the 1 that is declared, and no [Down] script leads "
     "back from 2"},
    {"back, with gaps allowed",
     "Version=1\nGaps=allow\nDowngrade=script",
     {"a [2] 3 both"},
     "3",
     "downgrade: the state is at 3, newer than the 1 that is declared, and [Down] scripts lead "
     "back to 2, but none from there towards 1"},
    {"back, with [EveryUp]",
     "Version=1\n[EveryUp]\nScript=/x\n[State]\nDowngrade=script",
     {"a [1] 2 both"},
     "2",
     "2 -a-> 1"},
    {"back, with MaxSkip=",
     "Version=16.8\nMaxSkip=minor\nDowngrade=script",
     {"a [16.8] 17.3 both"},
     "17.3",
     "17.3 -a-> 16.8"},
    {"up, with Downgrade=script",
     "Version=3\nDowngrade=script",
     {"a [1] 2 both", "b [2] 3 both"},
     "1",
     "1 -a-> 2 -b-> 3"},
    {"back into a range, without a lineage",
     "Version=13\nDowngrade=script",
     {"a [>=9 <17] 17 both"},
     "17",
     "downgrade: the state is at 17, newer than the 13 that is declared, and no [Down] script "
     "leads back from 17; 'a' has one, but no record says from which version it migrated the "
     "state to 17"},
    {"back into a range, with a lineage",
     "Version=13\nDowngrade=script",
     {"a [>=9 <17] 17 both"},
     "17",
     "17 -a-> 13",
     {"a 13 17"}},
    {"back into a range, with a lineage of another version",
     "Version=13\nDowngrade=script",
     {"a [>=9 <17] 17 both"},
     "17",
     "downgrade: the state is at 17, newer than the 13 that is declared, and no [Down] script "
     "leads back from 17",
     {"a 12 17"}},
    {"back into a range, with a lineage of another migration",
     "Version=13\nDowngrade=script",
     {"a [>=9 <17] 17 both"},
     "17",
     "downgrade: the state is at 17, newer than the 13 that is declared, and no [Down] script "
     "leads back from 17; 'a' has one, but no record says from which version it migrated the "
     "state to 17",
     {"b 13 17"}},
    {"back to a version that From= no longer includes",
     "Version=13\nDowngrade=script",
     {"a [>=14 <17] 17 both"},
     "17",
     "downgrade: the state is at 17, newer than the 13 that is declared, and no [Down] script "
     "leads back from 17; 'a' has one, but no record says from which version it migrated the "
     "state to 17",
     {"a 13 17"}},
    {"back to one of several versions, with a lineage",
     "Version=1\nDowngrade=script",
     {"a [1; 2] 3 both"},
     "3",
     "3 -a-> 1",
     {"a 1 3"}},
    {"back to one of several versions, without a lineage",
     "Version=1\nDowngrade=script",
     {"a [1; 2] 3 both"},
     "3",
     "downgrade: the state is at 3, newer than the 1 that is declared, and no [Down] script "
     "leads back from 3; 'a' has one, but no record says from which version it migrated the "
     "state to 3"},
    {"back by a migration whose To= is a range, with a lineage",
     "Version=9.6\nDowngrade=script",
     {"a [>=9] >=13 both"},
     "17.2",
     "17.2 -a-> 9.6",
     {"a 9.6 17.2"}},
    {"back by a migration whose To= is a range, without a lineage",
     "Version=9.6\nDowngrade=script",
     {"a [9.6] >=13 both"},
     "17.2",
     "downgrade: the state is at 17.2, newer than the 9.6 that is declared, and no [Down] "
     "script leads back from 17.2; 'a' has one, but no record says from which version it "
     "migrated the state to 17.2"},
    {"back, with two lineage entries for one migration",
     "Version=9\nDowngrade=script",
     {"a [>=9] >=13 both"},
     "17",
     "17 -a-> 9",
     {"a 9 17", "a 10 17"}},
    {"back through a version that only the lineage names",
     "Version=1\nDowngrade=script",
     {"a [1] 9.4 both", "b [>=9] >=13 both"},
     "17",
     "17 -b-> 9.4 -a-> 1",
     {"b 9.4 17"}},
    {"back by a list of migrations",
     "Version=1\nDowngrade=script",
     {"a 1 both", "b 2 both", "c 3 both"},
     "3",
     "3 -c-> 2 -b-> 1"},
    {"back to before a list of migrations, without a lineage",
     "Version=0\nDowngrade=script",
     {"a 1 both", "b 2 both"},
     "2",
     "downgrade: the state is at 2, newer than the 0 that is declared, and [Down] scripts lead "
     "back to 1, but none from there towards 0; 'a' has one, but no record says from which "
     "version it migrated the state to 1"},
    {"back to before a list of migrations, with a lineage",
     "Version=0\nDowngrade=script",
     {"a 1 both", "b 2 both"},
     "2",
     "2 -b-> 1 -a-> 0",
     {"a 0 1"}},
    {"back to between two migrations of a list",
     "Version=1.5\nDowngrade=script",
     {"a 1 both", "b 2 both"},
     "2",
     "2 -b-> 1.5",
     {"b 1.5 2"}},

    /* What older software does not declare was kept when the state was migrated. */
    {"back by a kept [Down]",
     "Version=1\nDowngrade=script",
     {},
     "3",
     "3 -b, kept-> 2 -a, kept-> 1",
     {"b 2 3 kept", "a 1 2 kept"}},
    {"back by a kept [Down], without Downgrade=script",
     "Version=1",
     {},
     "2",
     "downgrade: the state is at 2, newer than the 1 that is declared",
     {"a 1 2 kept"}},
    {"back, partly by a kept [Down]",
     "Version=1\nDowngrade=script",
     {"a [1] 2 both"},
     "3",
     "3 -b, kept-> 2 -a-> 1",
     {"b 2 3 kept", "a 1 2"}},
    {"a kept [Down], and a declared [Down] for the same two versions",
     "Version=1\nDowngrade=script",
     {"z [1] 2 both"},
     "2",
     "2 -z-> 1",
     {"a 1 2 kept"}},
    {"a kept [Down], and a declared [Down] in a list of migrations",
     "Version=1\nDowngrade=script",
     {"y 1 both", "z 2 both"},
     "2",
     "2 -z-> 1",
     {"z 1 2 kept"}},
    {"a kept [Down], and a declared [Down] for a range",
     "Version=1\nDowngrade=script",
     {"a [>=1 <2] 2 both"},
     "2",
     "2 -a, kept-> 1",
     {"a 1 2 kept"}},
    {"a kept step without [Down], and a declared [Down] for a range",
     "Version=1\nDowngrade=script",
     {"a [>=1 <2] 2 both", "b [1] 2"},
     "2",
     "2 -a-> 1",
     {"a 1 2 warn"}},
    {"a short declared way back and a long kept way back",
     "Version=1\nDowngrade=script",
     {"c [1] 3 both"},
     "3",
     "3 -c-> 1",
     {"b 2 3 kept", "a 1 2 kept"}},
    {"back, with a kept [Down] for the second step only",
     "Version=13\nDowngrade=script",
     {},
     "17",
     "downgrade: the state is at 17, newer than the 13 that is declared, and no [Down] script "
     "leads "
     "back from 17; there is a way to 13 only from 15",
     {"b 15 17", "a 13 15 kept"}},
    {"back, with a kept [Down] for the first step only",
     "Version=13\nDowngrade=script",
     {},
     "17",
     "downgrade: the state is at 17, newer than the 13 that is declared, and [Down] scripts lead "
     "back to 15, but none from there towards 13",
     {"b 15 17 kept", "a 13 15"}},
    {"a kept Warn= without Script=",
     "Version=1\nDowngrade=script",
     {},
     "2",
     "downgrade: the state is at 2, newer than the 1 that is declared, and no [Down] script leads "
     "back from 2; 'a' has none, and says: lost",
     {"a 1 2 warn"}},
    {"a kept [Down] that no clone protects",
     "Version=1\nDowngrade=script",
     {},
     "2",
     "downgrade: the state is at 2, newer than the 1 that is declared, and no [Down] script leads "
     "back from 2; the one of 'a', kept in /kept/X, changes what no clone protects "
     "(External=yes), without both Backup= and Restore=",
     {"a 1 2 external"}},
    {"a damaged kept [Down]",
     "Version=1\nDowngrade=script",
     {},
     "2",
     "downgrade: the state is at 2, newer than the 1 that is declared, and no [Down] script leads "
     "back from 2; what was kept is of no use",
     {"a 1 2", "damaged"}},
    {"a kept [Down] to another version than the declared one",
     "Version=1.5\nDowngrade=script",
     {},
     "2",
     "downgrade: the state is at 2, newer than the 1.5 that is declared, and no [Down] script "
     "leads "
     "back from 2",
     {"a 1 2 kept"}},

    {"a step to the next major version",
     "Version=29.0\nMaxSkip=major",
     {"a [>=27] >=28"},
     "28.5",
     "28.5 -a-> 29.0"},
    {"a skipped major version",
     "Version=29.0\nMaxSkip=major",
     {"a [>=27] >=28"},
     "27.9",
     "skip: the step from 27.9 to 29.0 skips a whole series (MaxSkip=major)"},
    {"a skipped major version, with steps through it",
     "Version=29\nMaxSkip=major",
     {"a [27] 28", "b [28] 29"},
     "27",
     "27 -a-> 28 -b-> 29"},
    {"a major version skipped by a gap",
     "Version=29\nMaxSkip=major\nGaps=allow",
     {},
     "27",
     "skip: the step from 27 to 29 skips a whole series (MaxSkip=major)"},
    {"a step to the next minor version",
     "Version=16.3\nMaxSkip=minor",
     {"a [>=16] >=16"},
     "16.2",
     "16.2 -a-> 16.3"},
    {"a skipped minor version",
     "Version=16.5\nMaxSkip=minor",
     {"a [>=16] >=16"},
     "16.2",
     "skip: the step from 16.2 to 16.5 skips a whole series (MaxSkip=minor)"},
    {"skipped minor versions with MaxSkip=major",
     "Version=16.9\nMaxSkip=major",
     {"a [>=16] >=16"},
     "16.2",
     "16.2 -a-> 16.9"},
    {"a step to the first minor version of the next major version",
     "Version=17.0\nMaxSkip=minor",
     {"a [>=16] >=16"},
     "16.8",
     "16.8 -a-> 17.0"},
    {"a step past the first minor version of the next major version",
     "Version=17.1\nMaxSkip=minor",
     {"a [>=16] >=16"},
     "16.8",
     "skip: the step from 16.8 to 17.1 skips a whole series (MaxSkip=minor)"},
    {"a skipped patch version",
     "Version=16.2.9\nMaxSkip=minor",
     {"a [>=16] >=16"},
     "16.2.1",
     "16.2.1 -a-> 16.2.9"},
};

static void write_file(const char *directory, const char *name, const char *text)
{
    _cleanup_free_ char *path = strprintf("%s/%s", directory, name);
    FILE *f = path ? fopen(path, "we") : NULL;

    if (!f || fputs(text, f) < 0 || fclose(f) != 0) {
        printf("Bail out! cannot write %s\n", name);
        exit(EXIT_FAILURE);
    }
}

static char *migration_text(const char *line, char **ret_name)
{
    const char *open = strchr(line, '['), *close = strchr(line, ']');
    bool down = endswith(line, " down"), both = endswith(line, " both"),
         warn = endswith(line, " warn");
    const char *to = close ? close + 2 : strchr(line, ' ') + 1;
    size_t length = strlen(to) - (down || both || warn ? strlen(" down") : 0);
    _cleanup_string_ String s = {};
    char *text;

    *ret_name = strprintf("%.*s.ini", (int)strcspn(line, " "), line);
    string_append(&s, "[Migration]\n");
    for (const char *from = open ? open + 1 : NULL; from && from < close;) {
        size_t part = strcspn(from, ";]");

        string_appendf(&s, "From=%.*s\n", (int)part, from);
        from += part + 1;
    }
    string_appendf(&s, "To=%.*s\n", (int)length, to);
    if (!down)
        string_append(&s, "[Up]\nScript=/x\n");
    if (down || both || warn)
        string_append(&s, warn ? "[Down]\nWarn=gone\n" : "[Down]\nScript=/y\n");
    return string_finish(&s, &text) < 0 ? NULL : text;
}

static Migration *kept_migration(const char *id, const char *how)
{
    Migration *migration = calloc(1, sizeof(Migration));
    char ***list;

    if (!migration)
        abort();
    list = streq(how, "warn") ? &migration->down.warnings : &migration->down.script.argv;
    migration->id = strdup(id);
    migration->kept_in = strdup("/kept/X");
    migration->kept_on = strdup("2026-11-22T09:17:38Z");
    if (strv_append(list, streq(how, "warn") ? "lost" : "/kept/X/0-y") < 0)
        abort();
    migration->down.external = streq(how, "external");
    return migration;
}

static void lineage_parse(Lineage *lineage, const char *const *lines)
{
    char id[16], from[16], to[16], how[16];

    for (size_t i = 0; i < ARRIVALS_MAX && lines[i]; i++) {
        int n = sscanf(lines[i], "%15s %15s %15s %15s", id, from, to, how);

        if (streq(id, "damaged")) {
            if (strv_append(&lineage->damaged, "what was kept is of no use") < 0)
                abort();
            continue;
        }
        if (n < 3)
            abort();
        lineage_add(lineage, id, from, to);
        if (n == 4)
            lineage->items[lineage->n_items - 1].kept = kept_migration(id, how);
    }
}

static void test_table(const char *root)
{
    _cleanup_free_ char *top = strprintf("%s/etc/migrate.d", root);
    _cleanup_free_ char *sub = strprintf("%s/app", top);

    for (size_t i = 0; i < ELEMENTSOF(plans); i++) {
        _cleanup_free_ char *text = strprintf("[State]\nDirectory=/srv/app\n%s\n", plans[i].state);
        _cleanup_(declarations_free) Declarations declarations = {};
        _cleanup_(lineage_free) Lineage lineage = {};
        _cleanup_free_ char *found = NULL;
        char *names[MIGRATIONS_MAX] = {};

        lineage_parse(&lineage, plans[i].arrivals);
        write_file(top, "app.ini", text);
        for (size_t m = 0; m < MIGRATIONS_MAX && plans[i].migrations[m]; m++) {
            _cleanup_free_ char *migration = migration_text(plans[i].migrations[m], names + m);

            write_file(sub, names[m], migration);
        }
        if (declarations_read(root, &declarations) == 0 && declarations.n_items == 1) {
            Declaration *app = declarations.items;

            /* A declaration that leads nowhere is broken, and can still be planned for. */
            found = app->version.value ? outcome_text(app, plans[i].from, &lineage) : NULL;
        }
        OK(streq_null(found, plans[i].expected), "%s: the outcome is %s", plans[i].what,
           plans[i].expected);
        if (!streq_null(found, plans[i].expected))
            printf("# expected %s\n# found    %s\n", plans[i].expected, found);
        for (size_t m = 0; m < MIGRATIONS_MAX && names[m]; m++) {
            _cleanup_free_ char *path = strprintf("%s/%s", sub, names[m]);

            unlink(path);
            free(names[m]);
        }
    }
}

/* A first start: one step from nothing. */
static void test_init(void)
{
    static char *argv[] = {(char *)"/opt/init", NULL};
    const Declaration declaration = {.version.value = (char *)"2", .init.script.argv = argv};
    _cleanup_(plan_free) Plan plan = {};

    OK(plan_init(&declaration, &plan) == 0 && plan.n_steps == 1, "a plan of Init= has one step");
    OK(!plan.from && streq(plan.to, "2") && !plan.down,
       "a plan of Init= leads from nothing to the declared version");
    OK(!plan.steps[0].from && plan.steps[0].hooks->script.argv == argv,
       "the script of the step is Init=");
}

int main(void)
{
    char root[] = "/tmp/test-plan.XXXXXX";
    static const char *const directories[] = {"/etc/migrate.d/app", "/etc/migrate.d", "/etc", ""};

    if (!mkdtemp(root))
        return EXIT_FAILURE;
    for (size_t i = ELEMENTSOF(directories) - 1; i-- > 0;) {
        _cleanup_free_ char *path = strprintf("%s%s", root, directories[i]);

        mkdir(path, 0755);
    }
    test_table(root);
    test_init();
    for (size_t i = 0; i < ELEMENTSOF(directories); i++) {
        _cleanup_free_ char *path = strprintf("%s%s", root, directories[i]),
                            *file = strprintf("%s/app.ini", path);

        unlink(file);
        rmdir(path);
    }
    return tests_done();
}
