/* SPDX-License-Identifier: MIT */
/* The list of backups, whole and damaged, and the rule that says which backups stay. */
#include "backup/generation.h"
#include "backup/private.h"
#include "backup/pruning.h"
#include "basic/durable.h"
#include "scratch.h"
#include "test.h"

#define DAY (UINT64_C(24) * 60 * 60 * 1000000)

static Store store = STORE_NONE;
static int store_backups_fd, other_backups_fd;

/* --- the ground ---------------------------------------------------------------------------- */

static void make(int dir_fd, const char *path)
{
    _cleanup_free_ char *copy = strdup(path);

    for (char *slash = copy; slash; slash = strchr(slash + 1, '/')) {
        char *next = strchr(slash + 1, '/');

        if (next)
            *next = '\0';
        MUST(mkdirat(dir_fd, copy, 0755) == 0 || errno == EEXIST);
        if (next)
            *next = '/';
    }
}

static int open_dir(int dir_fd, const char *path)
{
    int fd = openat(dir_fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    MUST(fd >= 0);
    return fd;
}

/* STORE/backups/NAME/manifest with this text, if any, and the directories that it may name. */
static void add(const char *name, const char *manifest, bool app, bool srv)
{
    _cleanup_free_ char *path = strprintf("%s/app", name), *text = strprintf("%s/manifest", name);

    if (manifest || app)
        make(store_backups_fd, name);
    if (manifest)
        scratch_text(store_backups_fd, text, manifest);
    if (app)
        make(store_backups_fd, path);
    if (srv)
        make(other_backups_fd, path);
}

#define PLACE(base) "{\"directory\": \"/srv/app\", \"base\": \"" base "\", \"entry\": \"app\"}"
#define HERE        PLACE("/var/lib/migrate/app")
#define THERE       PLACE("/srv/.migrate/app")
#define TEXT_OF(id, from, finished, places)                                                        \
    "{\"id\": \"" id "\", \"from\": \"" from "\", \"to\": \"2\", \"finished\": \"" finished        \
    "\", \"bytes\": 4711, \"files\": 12, \"generation\": \"17\", \"boot\": \"b\", \"machine\": "   \
    "\"m\", \"places\": [" places "]}"

static const Backup *find(const Backups *backups, const char *id)
{
    const Backup *backup = backups_find(backups, id);

    MUST(backup);
    return backup;
}

static bool is(const Backups *backups, const char *id, BackupState state)
{
    const Backup *backup = backups_find(backups, id);

    if (backup && backup->state == state)
        return true;
    printf("# %s is %s: %s\n", id, backup ? backup_state_name(backup->state) : "not there",
           backup && backup->what ? backup->what : "");
    return false;
}

/* --- listing ------------------------------------------------------------------------------- */

static void test_none(void)
{
    _cleanup_(backups_free) Backups backups = {}, none = {};
    Store missing = STORE_NONE;

    OK(backups_read(scratch_path, &store, NULL, &backups) == 0 && backups.n_items == 0 &&
           !backups.in_flight && !backups.pending,
       "a store without backups has an empty list");
    OK(backups_read(scratch_path, &missing, NULL, &none) == 0 && none.n_items == 0,
       "a missing store has an empty list");
}

static void test_list(void)
{
    _cleanup_(backups_free) Backups backups = {};
    const Backup *one, *two;

    add("a1", TEXT_OF("a1", "1", "2026-01-01T00:00:00Z", HERE), true, false);
    add("a2", TEXT_OF("a2", "1.5", "2026-02-01T00:00:00Z", HERE ", " THERE), true, true);
    add("a0", TEXT_OF("a0", "0", "2026-01-01T00:00:00Z", THERE), false, true);
    MUST(backups_read(scratch_path, &store, NULL, &backups) == 0);
    OK(backups.n_items == 3 && streq(backups.items[0].id, "a2") &&
           streq(backups.items[1].id, "a1") && streq(backups.items[2].id, "a0"),
       "the newest backup comes first");
    one = find(&backups, "a1");
    two = find(&backups, "a2");
    OK(one->state == BACKUP_WHOLE && streq(one->version, "1") && streq(one->to, "2") &&
           streq(one->finished, "2026-01-01T00:00:00Z") &&
           one->time == UINT64_C(1767225600000000) && one->bytes == 4711 && one->files == 12 &&
           streq(one->generation, "17") && streq(one->boot, "b") && !one->what,
       "a backup has the fields of its manifest");
    OK(two->state == BACKUP_WHOLE && two->n_places == 2 && two->places[0].there &&
           two->places[1].there && streq(two->places[1].base, "/srv/.migrate/app") &&
           streq(two->places[1].entry, "app") && streq(two->places[1].directory, "/srv/app"),
       "a backup of two directories has both");
    OK(strv_length(two->bases) == 2 && streq(two->bases[0], "/var/lib/migrate/app") &&
           strv_length(one->bases) == 1,
       "a backup names the bases that its directories are in");
    OK(is(&backups, "a0", BACKUP_WHOLE), "a backup whose store has only the manifest is whole");
}

static void test_wrong_clock(void)
{
    _cleanup_(backups_free) Backups backups = {};
    const Backup *ahead;

    add("z9", TEXT_OF("z9", "1", "2936-01-01T00:00:00Z", HERE), true, false);
    MUST(backups_read(scratch_path, &store, NULL, &backups) == 0);
    ahead = find(&backups, "z9");
    OK(ahead == backups.items + backups.n_items - 1 && ahead->when == 0,
       "a backup that was made while the clock was ahead does not count as the newest");
    OK(find(&backups, "a1")->when == UINT64_C(1767225600000000),
       "a backup of the past has the right time");
}

/* BASE/backups/NAME with this manifest beside the tree, and nothing in the store. */
static void beside(const char *name, const char *manifest)
{
    _cleanup_free_ char *text = strprintf("%s/manifest", name);

    add(name, NULL, false, true);
    scratch_text(other_backups_fd, text, manifest);
}

static bool is_damaged(const Backups *backups, const char *id, const char *what)
{
    return is(backups, id, BACKUP_DAMAGED) && strstr(find(backups, id)->what, what);
}

/* Lists the backups as the system called machine, which declares /srv/app. */
static Backups look_as(const char *machine, const Store *in)
{
    static char *const bases[] = {(char *)"/srv/.migrate/app", NULL};
    Item items[] = {{.value = (char *)"/srv/app"}};
    const Items directories = {.items = items, .n_items = 1};
    Backups backups = {};

    MUST(backups_read_all(scratch_path, in, bases, &directories, machine, &backups) == 0);
    return backups;
}

static BackupFate fate_of(const Backups *backups, const char *id, const BackupRule *rule)
{
    BackupFate fates[64];

    MUST(backups->n_items <= ELEMENTSOF(fates));
    backups_judge(backups, rule, fates);
    return fates[find(backups, id) - backups->items];
}

/* Two systems use the disk, with a service of the same name and the same directory. */
static void test_foreign(void)
{
    const BackupRule rule = {.now = UINT64_MAX / 2};
    _cleanup_(backups_free) Backups own = look_as("m", &store), other = look_as("n", &store),
                                    nameless = look_as(NULL, &store);

    OK(is(&other, "f1", BACKUP_FOREIGN) && find(&other, "f1")->found &&
           strstr(find(&other, "f1")->what, "migratectl forget app f1"),
       "a backup that another system has made is found, and named as such");
    OK(is(&nameless, "f1", BACKUP_FOREIGN),
       "a system without an id takes no backup that was found for its own");
    OK(is(&other, "f2", BACKUP_INCOMPLETE), "an incomplete backup of another system is incomplete");
    OK(is(&other, "a1", BACKUP_WHOLE) && !find(&other, "a1")->found,
       "a backup in the store is one of this system, whatever its manifest says");
    OK(fate_of(&own, "f1", &rule) == FATE_REMOVE && fate_of(&other, "f1", &rule) == FATE_FOREIGN,
       "only the system that has made a backup removes it by the rule");
    OK(backup_is_restorable(find(&other, "f1")) && backup_is_forgettable(find(&other, "f1")) &&
           !backup_is_forgettable(find(&own, "f1")) && !backup_is_restorable(find(&other, "f2")),
       "an operator can bring back or remove a whole backup of another system");
}

static void test_found(void)
{
    static char *const bases[] = {(char *)"/srv/.migrate/app", NULL};
    static const char *const ids[] = {"f1", "f2", "f3", "f4", "f5", "f6", "f7", NULL};
    _cleanup_(backups_free) Backups backups = {}, alone = {}, adopted = {}, half = {}, unasked = {};
    Store lost = {.name = store.name, .path = store.path, .fd = -1};

    beside("f1", TEXT_OF("f1", "1", "2026-01-05T00:00:00Z", THERE));
    beside("f2", TEXT_OF("f2", "1", "2026-01-05T00:00:00Z", HERE ", " THERE));
    beside("f3", TEXT_OF("another", "1", "2026-01-05T00:00:00Z", THERE));
    beside("f4", TEXT_OF("f4", "1", "2026-01-05T00:00:00Z", THERE));
    MUST(fchmodat(other_backups_fd, "f4/manifest", 0666, 0) == 0);
    beside("f5", "{");
    add("f6", NULL, false, true);
    MUST(symlinkat("../f1/manifest", other_backups_fd, "f6/manifest") == 0);
    beside("f7", TEXT_OF("f7", "1", "2026-01-05T00:00:00Z", PLACE("/mnt/.migrate/app")));
    MUST(backups_read(scratch_path, &store, bases, &unasked) == 0);
    OK(is(&unasked, "f1", BACKUP_UNKNOWN) && !find(&unasked, "f1")->found &&
           strstr(find(&unasked, "f1")->what, "another directory: '/srv/app'"),
       "a backup of another system's directory on the same disk is left alone");
    backups = look_as("m", &store);
    OK(is(&backups, "f1", BACKUP_WHOLE) && find(&backups, "f1")->found &&
           strstr(find(&backups, "f1")->what, "the store does not know it"),
       "a backup that only its own manifest describes is found, and is whole");
    OK(is(&backups, "f2", BACKUP_INCOMPLETE) && find(&backups, "f2")->found &&
           strstr(find(&backups, "f2")->what, "migratectl forget app f2"),
       "a found backup that misses a directory is incomplete");
    OK(is_damaged(&backups, "f3", "belongs to another backup"),
       "a manifest beside the tree of another backup is not trusted");
    OK(is_damaged(&backups, "f4", "users other than root") &&
           is_damaged(&backups, "f6", "users other than root"),
       "a manifest that others can write, or that is a link, is not trusted");
    OK(is_damaged(&backups, "f5", "its manifest is damaged"),
       "a manifest beside the tree is parsed as foreign bytes");
    OK(is(&backups, "f7", BACKUP_UNKNOWN) &&
           strstr(find(&backups, "f7")->what, "'/mnt/.migrate/app'"),
       "a found backup whose disk was mounted elsewhere is not taken for one of this place");
    OK(!find(&backups, "a2")->found, "a backup that the store has was not found elsewhere");
    OK(backup_adopt(&store, find(&backups, "a2")) == 0 &&
           !scratch_has(other_backups_fd, "a2/manifest"),
       "a backup that the store has can come back, or go, without a write to its disk, which may be "
       "full");
    test_foreign();
    alone = look_as("m", &lost);
    OK(is(&alone, "f1", BACKUP_WHOLE) && !backups_find(&alone, "a1"),
       "backups on other disks are found without a store");
    MUST(backup_adopt(&store, find(&backups, "f1")) == 0);
    adopted = look_as("m", &store);
    OK(is(&adopted, "f1", BACKUP_WHOLE) && !find(&adopted, "f1")->found &&
           !find(&adopted, "f1")->what,
       "the store knows a backup that was adopted");
    MUST(unlinkat(store_backups_fd, "f1/manifest", 0) == 0);
    half = look_as("m", &store);
    OK(is(&half, "f1", BACKUP_WHOLE) && find(&half, "f1")->found && half.n_items == backups.n_items,
       "a backup whose adoption was cut off is found again");
    MUST(unlinkat(store_backups_fd, "f1", AT_REMOVEDIR) == 0);
    for (size_t i = 0; ids[i]; i++) {
        _cleanup_free_ char *manifest = strprintf("%s/manifest", ids[i]),
                            *app = strprintf("%s/app", ids[i]);

        MUST(unlinkat(other_backups_fd, manifest, 0) == 0 &&
             unlinkat(other_backups_fd, app, AT_REMOVEDIR) == 0 &&
             unlinkat(other_backups_fd, ids[i], AT_REMOVEDIR) == 0);
    }
}

static void test_hooks(void)
{
    _cleanup_(backups_free) Backups backups = {};

    add("h1",
        "{\"id\": \"h1\", \"from\": \"1\", \"to\": \"2\", \"protect\": \"hooks\", "
        "\"finished\": \"2026-01-03T00:00:00Z\", \"places\": [" THERE "]}",
        false, false);
    add("h2",
        "{\"id\": \"h2\", \"from\": \"1\", \"to\": \"2\", \"protect\": \"hooks\", "
        "\"finished\": \"2026-01-03T00:00:00Z\", \"places\": []}",
        false, false);
    MUST(backups_read(scratch_path, &store, NULL, &backups) == 0);
    OK(is(&backups, "h1", BACKUP_HOOKS) && is(&backups, "h2", BACKUP_HOOKS),
       "a backup of undo hooks misses no directory");
    for (const char *id = "h1"; id; id = streq(id, "h1") ? "h2" : NULL) {
        _cleanup_free_ char *manifest = strprintf("%s/manifest", id);

        MUST(unlinkat(store_backups_fd, manifest, 0) == 0 &&
             unlinkat(store_backups_fd, id, AT_REMOVEDIR) == 0);
    }
}

static void test_incomplete(void)
{
    _cleanup_(backups_free) Backups backups = {}, unmounted = {}, foreign = {};

    add("i1", TEXT_OF("i1", "1", "2026-01-02T00:00:00Z", HERE ", " THERE), true, false);
    MUST(backups_read(scratch_path, &store, NULL, &backups) == 0);
    OK(is(&backups, "i1", BACKUP_INCOMPLETE) && find(&backups, "i1")->places[0].there &&
           !find(&backups, "i1")->places[1].there &&
           strstr(find(&backups, "i1")->what, "'/srv/.migrate/app/backups/i1/app' is missing"),
       "a backup that misses a directory is incomplete, and names the directory");
    MUST(renameat(scratch_fd, "srv/.migrate", scratch_fd, "srv/unmounted") == 0);
    MUST(backups_read(scratch_path, &store, NULL, &unmounted) == 0);
    OK(is(&unmounted, "a2", BACKUP_INCOMPLETE) && is(&unmounted, "a0", BACKUP_INCOMPLETE) &&
           is(&unmounted, "a1", BACKUP_WHOLE),
       "backups on a disk that is not mounted are incomplete");
    MUST(symlinkat("unmounted", scratch_fd, "srv/.migrate") == 0);
    MUST(backups_read(scratch_path, &store, NULL, &foreign) == 0);
    OK(is(&foreign, "a2", BACKUP_INCOMPLETE) && strv_length(foreign.unreadable) == 1,
       "a link to a base is not followed, and is reported");
    MUST(unlinkat(scratch_fd, "srv/.migrate", 0) == 0 &&
         renameat(scratch_fd, "srv/unmounted", scratch_fd, "srv/.migrate") == 0);
}

static void test_foreign_base(void)
{
    _cleanup_(backups_free) Backups backups = {};

    MUST(fchmodat(scratch_fd, "srv/.migrate/app", 0777, 0) == 0);
    MUST(backups_read(scratch_path, &store, NULL, &backups) == 0);
    OK(is(&backups, "a2", BACKUP_INCOMPLETE) && strv_length(backups.unreadable) == 1 &&
           strstr(backups.unreadable[0], "users other than root own it"),
       "a base that others can write is not read");
    MUST(fchmodat(scratch_fd, "srv/.migrate/app", 0700, 0) == 0);
}

static void test_damaged(void)
{
    static const struct {
        const char *what, *manifest;
    } damaged[] = {
        {"without text", ""},
        {"that is cut short", "{\"id\": \"d1\""},
        {"with the id of another backup", TEXT_OF("a1", "1", "2026-01-01T00:00:00Z", HERE)},
        {"without a version", TEXT_OF("d1", "", "2026-01-01T00:00:00Z", HERE)},
        {"with a version that is not valid", TEXT_OF("d1", "1/2", "2026-01-01T00:00:00Z", HERE)},
        {"with a time that is not valid", TEXT_OF("d1", "1", "yesterday", HERE)},
        {"with a time before 1970", TEXT_OF("d1", "1", "1969-01-01T00:00:00Z", HERE)},
        {"with text after the time", TEXT_OF("d1", "1", "2026-01-01T00:00:00Z+1", HERE)},
        {"with a number as its time",
         "{\"id\": \"d1\", \"from\": \"1\", \"to\": \"2\", \"finished\": 12, \"places\": [" HERE
         "]}"},
        {"without directories", "{\"id\": \"d1\", \"from\": \"1\", \"to\": \"2\", \"finished\": "
                                "\"2026-01-01T00:00:00Z\"}"},
        {"with directories that are not objects",
         TEXT_OF("d1", "1", "2026-01-01T00:00:00Z", "7, null")},
        {"with a second directory that is not an object",
         TEXT_OF("d1", "1", "2026-01-01T00:00:00Z", HERE ", \"x\"")},
        {"with a base outside of the store",
         TEXT_OF("d1", "1", "2026-01-01T00:00:00Z", PLACE("/etc"))},
        {"with the store of another service",
         TEXT_OF("d1", "1", "2026-01-01T00:00:00Z", PLACE("/var/lib/migrate/application"))},
        {"with the base of another service",
         TEXT_OF("d1", "1", "2026-01-01T00:00:00Z", PLACE("/srv/.migrate/application"))},
        {"with a base that climbs out of its directory",
         TEXT_OF("d1", "1", "2026-01-01T00:00:00Z", PLACE("/srv/../home/.migrate/app"))},
        {"with a base that is relative",
         TEXT_OF("d1", "1", "2026-01-01T00:00:00Z", PLACE("srv/.migrate/app"))},
        {"with an entry that climbs out of its base",
         TEXT_OF("d1", "1", "2026-01-01T00:00:00Z",
                 "{\"directory\": \"/srv/app\", \"base\": \"/var/lib/migrate/app\", \"entry\": "
                 "\"..\"}")},
        {"with a slash in an entry",
         TEXT_OF("d1", "1", "2026-01-01T00:00:00Z",
                 "{\"directory\": \"/srv/app\", \"base\": \"/var/lib/migrate/app\", \"entry\": "
                 "\"../a1/app\"}")},
    };

    for (size_t i = 0; i < ELEMENTSOF(damaged); i++) {
        _cleanup_(backups_free) Backups backups = {};

        add("d1", damaged[i].manifest, true, false);
        MUST(backups_read(scratch_path, &store, NULL, &backups) == 0);
        OK(is(&backups, "d1", BACKUP_DAMAGED) && find(&backups, "d1")->what &&
               find(&backups, "d1")->n_places == 0 && is(&backups, "a1", BACKUP_WHOLE) &&
               is(&backups, "a2", BACKUP_WHOLE) && is(&backups, "i1", BACKUP_INCOMPLETE),
           "a manifest %s damages its own backup only", damaged[i].what);
    }
}

static void test_sizes(void)
{
    _cleanup_(backups_free) Backups backups = {};

    add("s1",
        "{\"id\": \"s1\", \"from\": \"1\", \"to\": \"2\", \"finished\": \"2026-01-01T00:00:00Z\", "
        "\"bytes\": -5, \"files\": \"many\", \"places\": [" HERE "]}",
        true, false);
    MUST(backups_read(scratch_path, &store, NULL, &backups) == 0);
    OK(is(&backups, "s1", BACKUP_WHOLE) && find(&backups, "s1")->bytes == -1 &&
           find(&backups, "s1")->files == -1 && !find(&backups, "s1")->generation,
       "invalid numbers in a manifest count as unknown");
}

static void test_started(void)
{
    _cleanup_(backups_free) Backups backups = {};

    add("w1",
        "{\"id\": \"w1\", \"from\": \"1\", \"to\": \"2\", \"started\": \"2026-01-01T00:00:00Z\", "
        "\"places\": [" HERE "]}",
        true, false);
    MUST(backups_read(scratch_path, &store, NULL, &backups) == 0);
    OK(is(&backups, "w1", BACKUP_WHOLE) && find(&backups, "w1")->time == UINT64_C(1767225600000000),
       "without an end time, a backup has the age of its start time");
    {
        _cleanup_(backups_free) Backups later = {};

        add("w1",
            "{\"id\": \"w1\", \"from\": \"1\", \"to\": \"2\", \"finished\": "
            "\"1970-01-02T00:00:00Z\", \"not-before\": 1767225600000000, \"places\": [" HERE "]}",
            true, false);
        MUST(backups_read(scratch_path, &store, NULL, &later) == 0);
        OK(find(&later, "w1")->time == UINT64_C(1767225600000000),
           "a backup of a clock that was behind is not older than the last note of the clock");
    }
}

static void test_placeless(void)
{
    _cleanup_(backups_free) Backups backups = {};

    add("p1", TEXT_OF("p1", "1", "2026-01-01T00:00:00Z", ""), false, false);
    MUST(backups_read(scratch_path, &store, NULL, &backups) == 0);
    OK(is(&backups, "p1", BACKUP_WHOLE) && find(&backups, "p1")->n_places == 0,
       "a backup of a state without directories is whole");
}

static void test_bare(void)
{
    static const char *const more[] = {"/srv/.migrate/app", "/etc", NULL};
    _cleanup_(backups_free) Backups backups = {};

    scratch_text(store.fd, RECORD_FAILED,
                 TEXT_OF("f1", "1", "2026-03-01T00:00:00Z", HERE ", " THERE));
    add("f1", NULL, true, true);
    add("u1", NULL, true, false);
    add("u2", NULL, false, true);
    scratch_text(store_backups_fd, "u3", "a file");
    MUST(symlinkat("a1", store_backups_fd, "u4") == 0);
    MUST(backups_read(scratch_path, &store, (char *const *)more, &backups) == 0);
    OK(is(&backups, "f1", BACKUP_FAILED) && streq(find(&backups, "f1")->version, "1") &&
           strv_length(find(&backups, "f1")->bases) == 2 && !find(&backups, "f1")->what,
       "the clone of a failed migration is a failed backup");
    OK(is(&backups, "u1", BACKUP_UNKNOWN) && is(&backups, "u2", BACKUP_UNKNOWN),
       "a directory without a manifest is unknown, in the store and elsewhere");
    OK(is(&backups, "u3", BACKUP_UNKNOWN) && is(&backups, "u4", BACKUP_UNKNOWN),
       "a file or a link among the backups is unknown, even if the link leads to a backup");
    OK(strv_length(backups.bases) == 2, "a path that is not a base is not read");
}

static void test_in_flight(void)
{
    _cleanup_(backups_free) Backups backups = {}, damaged = {}, pending = {};

    add("t1", TEXT_OF("t1", "1", "2026-03-01T00:00:00Z", HERE), true, false);
    scratch_text(store.fd, RECORD_TRANSACTION, TEXT_OF("t1", "1", "", HERE));
    MUST(backups_read(scratch_path, &store, NULL, &backups) == 0);
    OK(backups.in_flight && is(&backups, "t1", BACKUP_IN_FLIGHT),
       "the backup of a transaction in flight is in flight although it has a manifest");
    scratch_text(store.fd, RECORD_TRANSACTION, "{");
    MUST(backups_read(scratch_path, &store, NULL, &damaged) == 0);
    OK(damaged.in_flight, "a damaged transaction record counts as a transaction in flight");
    MUST(unlinkat(store.fd, RECORD_TRANSACTION, 0) == 0);
    scratch_text(store.fd, RECORD_POST, "{\"id\": \"t1\"}");
    MUST(backups_read(scratch_path, &store, NULL, &pending) == 0);
    OK(!pending.in_flight && streq_null(pending.pending, "t1") && is(&pending, "t1", BACKUP_WHOLE),
       "a backup of a concluded transaction is pending until the service has started");
    MUST(unlinkat(store.fd, RECORD_POST, 0) == 0);
}

static void test_removing(void)
{
    static const char *const more[] = {"/srv/.migrate/app", NULL};
    _cleanup_(backups_free) Backups backups = {};

    add(".removing-r1", TEXT_OF("r1", "1", "2026-01-01T00:00:00Z", HERE ", " THERE), true, false);
    add("r1", NULL, false, true);           /* not renamed there yet */
    add(".removing-r2", NULL, true, false); /* the manifest is gone already */
    add(".removing-r3", NULL, false, true); /* nothing is left in the store */
    add(".removing-r4", "{", true, false);  /* damaged meanwhile */
    add(".removing-a2", NULL, false, true); /* the store says that it stays */
    add(".removing-a1", NULL, true, false); /* a twin */
    add(".removing-", NULL, true, false);
    /* an operator has forgotten it, and its part elsewhere is back */
    add(".removing-r5.forgotten", TEXT_OF("r5", "1", "2026-01-01T00:00:00Z", HERE ", " THERE), true,
        false);
    beside("r5", TEXT_OF("r5", "1", "2026-01-01T00:00:00Z", THERE));
    MUST(backups_read(scratch_path, &store, (char *const *)more, &backups) == 0);
    OK(is(&backups, "r1", BACKUP_REMOVING) && strv_length(find(&backups, "r1")->bases) == 2 &&
           streq(find(&backups, "r1")->version, "1"),
       "a removal that was cut off between two directories continues with both");
    OK(is(&backups, "r2", BACKUP_REMOVING) && is(&backups, "r3", BACKUP_REMOVING),
       "a removal continues if only a part of the backup is left");
    OK(is(&backups, "r5.forgotten", BACKUP_REMOVING) &&
           find(&backups, "r5.forgotten")->n_places == 0 &&
           strv_length(find(&backups, "r5.forgotten")->bases) == 1 &&
           find(&backups, "r5")->state != BACKUP_REMOVING,
       "a backup whose removal an operator has asked for takes no part along that comes back");
    OK(is(&backups, "r4", BACKUP_DAMAGED),
       "a backup in removal whose manifest is damaged is damaged");
    OK(is(&backups, "a2", BACKUP_WHOLE),
       "a backup is whole if the store keeps it, even if its part elsewhere is being removed");
    OK(is(&backups, ".removing-", BACKUP_UNKNOWN), "a removal without an id is unknown");
    OK(is(&backups, "a1", BACKUP_WHOLE) || is(&backups, "a1", BACKUP_UNKNOWN),
       "a backup is listed although another backup with its id is being removed");
    for (size_t i = 0, n = 0; i < backups.n_items; i++)
        if (streq(backups.items[i].id, "a1"))
            OK(backups.items[i].state != BACKUP_REMOVING,
               "a backup does not count as being removed if another has the same id (%zu)", ++n);
}

/* --- the rule ------------------------------------------------------------------------------ */

typedef struct Case {
    const char *what;
    uint64_t keep, days;
    const char *versions; /* declared, separated by commas; NULL: not known */
    const char *list;     /* version@age in days of each, "!": incomplete, "?": unknown,
                             "-": being removed, "x": failed, "d": damaged, "o": of
                             another system; "~" after the version:
                             made in this boot, which is ten days long */
    const char *fates;
} Case;

static void judge(const Case *c)
{
    static const char letters[] = {
        [FATE_REMOVE] = 'R',     [FATE_FINISH] = 'R',  [FATE_NEWEST] = 'n',  [FATE_YOUNG] = 'y',
        [FATE_VERSION] = 'v',    [FATE_PENDING] = 'p', [FATE_UNSURE] = 'u',  [FATE_IN_FLIGHT] = 'f',
        [FATE_INCOMPLETE] = 'i', [FATE_DAMAGED] = 'd', [FATE_UNKNOWN] = '?', [FATE_FOREIGN] = 'o',
    };
    _cleanup_strv_ char **versions = NULL;
    _cleanup_free_ char *list = strdup(c->list), *declared = strdup(c->versions ? c->versions : "");
    char *save = NULL, got[32] = "";
    BackupFate fates[32];
    Backup items[32];
    Backups backups = {.items = items};
    BackupRule rule = {.keep = c->keep,
                       .keep_for_usec = c->days == UINT64_MAX ? UINT64_MAX : c->days * DAY,
                       .unsure = !c->versions,
                       .now = 10000 * DAY,
                       .gaps = &(ClockGaps){.boot = (char *)"now", .uptime = 10 * DAY}};

    for (char *word = strtok_r(declared, ",", &save); word; word = strtok_r(NULL, ",", &save))
        MUST(strv_append(&versions, word) == 0);
    rule.versions = versions;
    for (char *word = strtok_r(list, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
        Backup *backup = items + backups.n_items++;
        char *at = strchr(word, '@');

        *backup = (Backup){.id = word, .version = word};
        if (streq(word, "F")) {
            backups.in_flight = true;
            backups.n_items--;
            continue;
        }
        if (at) {
            *at = '\0';
            backup->time = rule.now - (uint64_t)atoi(at + 1) * DAY;
            if (at[-1] == '*') {
                at[-1] = '\0';
                backups.pending = word;
            } else if (at[-1] == '~') {
                at[-1] = '\0';
                backup->boot = "now";
            }
        }
        if (*word && strchr("!?-xdho", *word)) {
            backup->state = *word == '!'   ? BACKUP_INCOMPLETE
                            : *word == '?' ? BACKUP_UNKNOWN
                            : *word == '-' ? BACKUP_REMOVING
                            : *word == 'x' ? BACKUP_FAILED
                            : *word == 'h' ? BACKUP_HOOKS
                            : *word == 'o' ? BACKUP_FOREIGN
                                           : BACKUP_DAMAGED;
            backup->version++;
        }
    }
    backups_judge(&backups, &rule, fates);
    for (size_t i = 0; i < backups.n_items; i++)
        got[i] = letters[fates[i]];
    if (!streq(got, c->fates))
        printf("# %s instead of %s\n", got, c->fates);
    OK(streq(got, c->fates), "%s", c->what);
}

static void test_rule(void)
{
    static const Case cases[] = {
        {"an empty list has no backups to judge", 3, 30, "9", "", ""},
        {"Keep= keeps a few old backups", 3, 30, "9", "3@100 2@200 1@300", "nnn"},
        {"KeepFor= keeps many young backups", 1, 30, "9", "4@1 3@10 2@29 1@30", "nyyy"},
        {"many old backups are removed", 1, 30, "9", "4@1 3@10 2@31 1@400", "nyRR"},
        {"a backup that is exactly as old as KeepFor= stays", 0, 30, "9", "1@30", "y"},
        {"Keep=0 and KeepFor=0 keep nothing", 0, 0, "9", "2@1 1@2", "RR"},
        {"a backup of this instant is young", 0, 0, "9", "1@0", "y"},
        {"a backup from the future is young", 0, 0, "9", "1@-400", "y"},
        {"a backup of this boot is no older than the boot, whatever the clock says", 0, 30, "9",
         "x2~@400 1~@20000 1@400", "yyR"},
        {"a backup of this boot is old if the boot is longer than KeepFor=", 0, 5, "9", "1~@400", "R"},
        {"KeepFor=infinity keeps every backup", 0, UINT64_MAX, "9", "2@1 1@9999", "yy"},
        {"the newest backup of a declared version stays", 0, 30, "2", "3@40 2@50 2@60 1@70",
         "RvRR"},
        {"the newest backup of each declared version stays", 0, 30, "1,2", "3@40 2@50 1@60 2@70",
         "RvvR"},
        {"two spellings of a version count as the same version", 0, 30, "1.00", "1.0@50 1.00@60",
         "vR"},
        {"a backup that Keep= keeps counts as the newest of its version", 1, 30, "2",
         "2@50 2@60 1@70", "nRR"},
        {"a young backup counts as the newest of its version", 0, 30, "2", "2@5 2@60", "yR"},
        {"backups stay while the declared versions are not known", 1, 30, NULL, "3@40 2@50 x1@60",
         "nuu"},
        {"an incomplete backup does not count for Keep=", 1, 30, "2", "!2@40 2@50 2@60", "inR"},
        {"an incomplete backup is not the newest of its version", 0, 30, "2", "!2@40 2@50 2@60",
         "ivR"},
        {"a failed clone does not count for Keep= or a version", 1, 30, "2", "x2@40 2@50 x2@10",
         "Rny"},
        {"an old failed clone of a declared version is removed", 0, 30, "2", "x2@40", "R"},
        {"removals that have begun continue", 3, UINT64_MAX, NULL, "1@1 - -", "nRR"},
        {"unknown and damaged backups stay", 0, 0, "9", "2@9 ? d", "R?d"},
        {"a backup of another system stays, and does not count for Keep=", 1, 0, "9",
         "o2@5 2@9 o1@10 1@11", "onoR"},
        {"a backup of another system is not the newest of its version", 0, 30, "2",
         "o2@40 2@50 2@60", "ovR"},
        {"Keep= counts backups of undo hooks separately from others", 1, 30, "2",
         "h2@40 2@50 h2@60 2@70", "nnRR"},
        {"the newest backup of undo hooks of a declared version stays", 0, 30, "2",
         "2@40 h2@50 h2@60", "vvR"},
        {"a backup stays until the service has started", 0, 0, "9", "2@9 1*@9", "Rp"},
        {"every backup stays during a transaction", 0, 0, "9", "F 2@9 x1@9 - ? d", "fffff"},
    };

    for (size_t i = 0; i < ELEMENTSOF(cases); i++)
        judge(cases + i);
}

/* --- generations --------------------------------------------------------------------------- */

static void generation(const char *root, const char *name, const char *text)
{
    _cleanup_free_ char *directory = strprintf("%s/etc/migrate.d", root),
                        *path = strprintf("%s/%s", directory, name);

    make(scratch_fd, directory);
    scratch_text(scratch_fd, path, text);
}

/* The versions that are declared for app, joined; or "?", and the reason in *what. */
static char *versions_of(const char *root, char **what)
{
    _cleanup_(generations_free) Generations generations = {};
    _cleanup_strv_ char **versions = NULL;
    int r;

    MUST(generations_read(root, &generations) == 0);
    r = generations_versions(&generations, "app", &versions, what);
    MUST(r >= 0);
    strv_sort(versions);
    return r == 0 ? strv_join(versions, " ") : strdup("?");
}

#define DECLARE(lines) "[State]\nDirectory=/var/lib/app\n" lines

static void check_versions(const char *root, const char *wanted, const char *says, const char *name)
{
    _cleanup_free_ char *what = NULL, *found = versions_of(root, &what);
    bool good = streq(found, wanted) && (says ? what && strstr(what, says) : !what);

    if (!good)
        printf("# %s: %s\n", found, what ? what : "");
    OK(good, "%s", name);
}

static void test_generations(void)
{
    _cleanup_free_ char *root = strprintf("%s/system", scratch_path);

    MUST(mkdirat(scratch_fd, "system", 0755) == 0);
    check_versions(root, "", NULL, "no versions are found if nothing is declared");
    generation("system", "app.ini", DECLARE("Version=9\nAccepts=8\nKeep=1\n"));
    generation("system", "other.ini", "[State]\nDirectory=/srv/other\nVersion=77\n");
    check_versions(root, "8 9", NULL,
                   "the running system has the declared and the accepted versions");
    generation("system/nix/var/nix/profiles/system-1-link", "app.ini", DECLARE("Version=1\n"));
    generation("system/nix/var/nix/profiles/system-2-link", "x.ini", DECLARE("Version=2\n"));
    generation("system/nix/var/nix/profiles/system-3-link", "app.ini", DECLARE(""));
    generation("system/nix/var/nix/profiles/system-4-link/specialisation/slow", "app.ini",
               DECLARE("Version=4\n"));
    generation("system/nix/var/nix/profiles/system-profiles/test-1-link", "app.ini",
               DECLARE("Version=5\n"));
    generation("system/run/booted-system", "app.ini", DECLARE("Version=6\n"));
    generation("system/nix/var/nix/profiles/per-user", "app.ini", DECLARE("Version=666\n"));
    MUST(symlinkat("nowhere", scratch_fd, "system/nix/var/nix/profiles/system-5-link") == 0);
    generation("system/nix/var/nix/profiles/system-1-link", "gone.ini.d", "left behind");
    check_versions(root, "1 4 5 6 8 9", NULL,
                   "the versions of all systems that could be booted are found");
    generation("system/nix/var/nix/profiles/system-6-link", "app.ini", DECLARE("Version=1\nX=y\n"));
    check_versions(root, "?", "system-6-link/etc/migrate.d/app.ini' is invalid",
                   "a system with an invalid declaration could have any version");
    MUST(unlinkat(scratch_fd, "system/nix/var/nix/profiles/system-6-link/etc/migrate.d/app.ini",
                  0) == 0);
    MUST(symlinkat("system-7-link", scratch_fd, "system/nix/var/nix/profiles/system-7-link") == 0);
    check_versions(root, "?", "system-7-link': Too many levels of symbolic links",
                   "a system that cannot be read could have any version");
    MUST(unlinkat(scratch_fd, "system/nix/var/nix/profiles/system-7-link", 0) == 0);
    check_versions(root, "1 4 5 6 8 9", NULL,
                   "the versions are found again when every system can be read");
}

int main(void)
{
    scratch_make();
    make(scratch_fd, "var/lib/migrate");
    make(scratch_fd, "srv/.migrate/app/backups");
    other_backups_fd = open_dir(scratch_fd, "srv/.migrate/app/backups");
    MUST(store_open(scratch_path, "app", true, &store) == 0);
    test_none();
    make(store.fd, "backups");
    store_backups_fd = open_dir(store.fd, "backups");
    test_list();
    test_wrong_clock();
    test_found();
    test_hooks();
    test_incomplete();
    test_foreign_base();
    test_damaged();
    test_sizes();
    test_started();
    test_placeless();
    test_bare();
    test_in_flight();
    test_removing();
    test_rule();
    test_generations();
    store_close(&store);
    close(store_backups_fd);
    close(other_backups_fd);
    return tests_done();
}
