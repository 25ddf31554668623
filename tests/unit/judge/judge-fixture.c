/* SPDX-License-Identifier: MIT */
#include "judge-fixture.h"

#include "../scratch.h"
#include "wayback/wayback.h"

/* --- declarations ---------------------------------------------------------------------------- */

typedef struct Declared {
    char *words;
    Declarations declarations;
} Declared;

static Declared **declared;
static size_t n_declared;

static bool has(const char *words, const char *word)
{
    size_t length = strlen(word);

    for (const char *p = words; (p = strstr(p, word)); p += length)
        if ((p == words || p[-1] == ' ') && (!p[length] || p[length] == ' '))
            return true;
    return false;
}

static void write_migration(int dir_fd, const char *words, const char *from, const char *to)
{
    _cleanup_free_ char *leave_out = strprintf("-%s", to), *name = strprintf("to-%s.ini", to),
                        *text = NULL;

    MUST(leave_out && name);
    if (has(words, leave_out))
        return;
    text = strprintf("[Migration]\nFrom=%s\nTo=%s\n[Up]\nScript=/usr/bin/true\n%s%s%s", from, to,
                     has(words, "+check") ? "Check=/usr/bin/true\n" : "",
                     has(words, "+warn") ? "Warn=Look out\n" : "",
                     has(words, "+down") ? "[Down]\nScript=/usr/bin/true\n" : "");
    MUST(text);
    scratch_text(dir_fd, name, text);
}

static char *state_section(const char *words)
{
    _cleanup_free_ char *copy = strdup(words);
    _cleanup_string_ String s = {};
    char *rest = copy, *text;

    MUST(copy);
    string_append(&s, "[State]\n");
    if (!startswith(words, "Directory=/") && !strstr(words, " Directory=/") &&
        !has(words, "+nowhere"))
        string_append(&s, "Directory=/var/lib/app\n");
    for (char *word; (word = strsep(&rest, " "));)
        if (strchr(word, '='))
            string_appendf(&s, "%s\n", word);
    if (has(words, "+broken"))
        string_append(&s, "Versio=3\n");
    MUST(string_finish(&s, &text) == 0);
    return text;
}

/* Beside app's, so that Within= has a host, or a former name is still there. */
static void write_others(int dir_fd, const char *words)
{
    static const char *const others[] = {"db", "web", "old"};

    for (size_t i = 0; i < ELEMENTSOF(others); i++) {
        _cleanup_free_ char *word = strprintf("+%s", others[i]),
                            *file = strprintf("%s.ini", others[i]),
                            *text = strprintf("[State]\nVersion=1\nDirectory=/srv/%s\n", others[i]);

        MUST(word && file && text);
        if (has(words, word))
            scratch_text(dir_fd, file, text);
    }
}

static void read_declared(const char *words, Declarations *ret)
{
    _cleanup_free_ char *name = strprintf("%zu", n_declared), *text = state_section(words),
                        *root = strprintf("%s/%zu", scratch_path, n_declared);
    _cleanup_close_ int root_fd = scratch_dir(name), dir_fd = -1, app_fd = -1;

    MUST(root && mkdirat(root_fd, "etc", 0755) == 0 &&
         mkdirat(root_fd, "etc/migrate.d", 0755) == 0 &&
         mkdirat(root_fd, "etc/migrate.d/app", 0755) == 0);
    dir_fd = openat(root_fd, "etc/migrate.d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    app_fd = openat(dir_fd, "app", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    MUST(dir_fd >= 0 && app_fd >= 0);
    scratch_text(dir_fd, "app.ini", text);
    write_migration(app_fd, words, "1", "2");
    write_migration(app_fd, words, "2", "3");
    write_others(dir_fd, words);
    MUST(declarations_read(root, ret) == 0);
}

Declarations *judge_declare(const char *words)
{
    Declared *one;

    for (size_t i = 0; i < n_declared; i++)
        if (streq(declared[i]->words, words))
            return &declared[i]->declarations;
    if (!scratch_path)
        scratch_make();
    one = calloc(1, sizeof(Declared));
    MUST(one);
    read_declared(words, &one->declarations);
    one->words = strdup(words);
    MUST(one->words && ARRAY_GROW(declared, n_declared));
    declared[n_declared - 1] = one;
    return &one->declarations;
}

void judge_done(void)
{
    for (size_t i = 0; i < n_declared; i++) {
        declarations_free(&declared[i]->declarations);
        free(declared[i]->words);
        free(declared[i]);
    }
    free(declared);
}

/* --- facts ----------------------------------------------------------------------------------- */

static char *copy_of(const char *text)
{
    char *copy = strdup(text);

    MUST(copy);
    for (char *p = copy; *p; p++)
        *p = *p == '_' ? ' ' : *p;
    return copy;
}

/* The next of fields that are separated by colons; "" after the last. */
static const char *field(char **rest)
{
    const char *text = *rest ? strsep(rest, ":") : NULL;

    return text ? text : "";
}

static void add_stamps(Stamps *stamps, const char *text)
{
    _cleanup_free_ char *copy = strdup(text);
    char *rest = copy;

    stamps->empty = streq(text, "empty") || streq(text, "missing");
    if (stamps->empty || streq(text, "data"))
        return;
    for (char *version; (version = strsep(&rest, "+"));) {
        char *reader = strchr(version, '~');

        if (reader) {
            *reader = '\0';
            MUST(strv_append(&stamps->readers, reader + 1) == 0 &&
                 strv_append(&stamps->targets, version) == 0);
        }
        MUST(strv_append(&stamps->versions, version) == 0);
    }
}

static void add_directory(Facts *facts, const char *path, const char *host, const char *text)
{
    StateDirectory *directory = ARRAY_GROW(facts->directories, facts->n_directories);

    MUST(directory);
    *directory = (StateDirectory){.directory = path, .host = host, .stamps = {.empty = true}};
    if (streq(text, "missing"))
        directory->error = -ENOENT;
    else if (streq(text, "unreadable"))
        directory->error = -EIO;
    else if (streq(text, "refused"))
        directory->refused = copy_of("it_is_no_directory");
    else if (host && streq(text, "busy"))
        directory->busy = true;
    else if (host && streq(text, "none"))
        directory->ready = true;
    else if (!host || !streq(text, "unready"))
        add_stamps(&directory->stamps, text);
    if (host) {
        directory->ready = directory->ready || directory->stamps.versions;
        directory->stamps.empty = true;
    }
}

static void take_failed(Facts *facts, char *fields, bool retried)
{
    facts->has_failed = true;
    facts->failed = (TransactionRecord)TRANSACTION_RECORD_NEW;
    facts->failed.from = copy_of(field(&fields));
    facts->failed.to = copy_of(field(&fields));
    facts->failed.fingerprint = copy_of("same");
    facts->failed.finished = copy_of("2026-11-22T09:17:38Z");
    facts->failed.reason = copy_of("Script=/up failed");
    facts->failed.retry = retried;
}

static void add_history(Facts *facts, char *fields, Action action)
{
    TransactionRecord *entry = ARRAY_GROW(facts->ways.history.items, facts->ways.history.n_items);
    const char *restored;

    MUST(entry);
    *entry = (TransactionRecord)TRANSACTION_RECORD_NEW;
    entry->from = copy_of(field(&fields));
    entry->to = copy_of(field(&fields));
    entry->id = copy_of(field(&fields));
    entry->result = RESULT_DONE;
    entry->action = action;
    restored = field(&fields);
    entry->restored = *restored ? copy_of(restored) : NULL;
}

static void add_backup(Facts *facts, char *fields)
{
    Backup *backup = ARRAY_GROW(facts->ways.backups.items, facts->ways.backups.n_items);

    MUST(backup);
    *backup = (Backup){.id = copy_of(field(&fields)), .state = BACKUP_WHOLE};
    backup->version = backup->manifest.from = copy_of(field(&fields));
    backup->to = backup->manifest.to = copy_of(fields ? fields : "");
    backup->finished = backup->manifest.finished = copy_of("2026-11-22T09:17:38Z");
}

static void add_refusal(Facts *facts, Result result, const char *from, const char *to,
                        const char *text)
{
    facts->refusal = (Refusal){.result = result,
                               .when = copy_of("2026-11-22T09:17:38Z"),
                               .from = from ? copy_of(from) : NULL,
                               .to = copy_of(to),
                               .sentence = copy_of(text),
                               .command = copy_of("systemctl start app.service")};
}

/* "good" is what it takes to hold; "stopped", or the sentence. */
static void answer(Answer *ret, const char *text, const char *good)
{
    ret->asked = true;
    ret->holds = streq(text, good);
    ret->interrupted = streq(text, "stopped");
    if (!ret->holds && !ret->interrupted)
        ret->text = copy_of(text);
}

static void answer_version(Answer *ret, const char *text)
{
    ret->asked = true;
    ret->interrupted = streq(text, "stopped");
    if (streq(text, "fails"))
        ret->text = copy_of("Detect=/detect_exited_with_status_1");
    else if (!ret->interrupted && !streq(text, "same"))
        ret->version = copy_of(text);
}

static FormerName *add_former(Facts *facts)
{
    FormerName *name = ARRAY_GROW(facts->former.names, facts->former.n_names);

    MUST(name);
    name->name = copy_of(facts->declaration->former_names.items[facts->former.n_names - 1].value);
    return name;
}

static void add_former_directory(Facts *facts, const char *text)
{
    FormerDirectory *directory = ARRAY_GROW(facts->former.directories, facts->former.n_directories);
    size_t i = facts->former.n_directories - 1;

    MUST(directory && i < facts->declaration->former_directories.n_items);
    *directory = (FormerDirectory){
        .directory = copy_of(facts->declaration->former_directories.items[i].value),
        .error = streq(text, "unreadable") ? -EIO : 0,
        .stamps = {.empty = false}};
    if (streq(text, "refused"))
        directory->refused = copy_of("others_can_write_there");
    else if (streq(text, "app"))
        MUST(strv_append(&directory->stamps.versions, "1") == 0);
    else if (streq(text, "old"))
        MUST(strv_append(&directory->stamps.others, ".stateversion.old=1") == 0);
}

static void add_unit(Facts *facts, const char *active)
{
    UnitFact *unit = facts->units;

    free(unit->active);
    unit->active = copy_of(active);
}

static bool take_former(Facts *facts, const char *key, const char *value)
{
    FormerFacts *former = &facts->former;

    if (streq(key, "moving"))
        former->moving = true;
    else if (streq(key, "own-records"))
        former->own_records = 1;
    else if (startswith(key, "moved")) {
        former->moved.name = copy_of("web");
        former->moved.records = !streq(key, "moved-lost");
        former->moved.declared = streq(key, "moved-declared");
        if (former->moved.records)
            MUST(strv_append(&former->moved.known.directories, "/srv/web") == 0);
    } else if (streq(key, "old")) {
        FormerName *name = add_former(facts);

        name->records = streq(value, "hidden")                                ? -EACCES
                        : streq(value, "records") || streq(value, "declared") ? 1
                        : streq(value, "unreadable")                          ? -EIO
                                                                              : 0;
        name->declared = streq(value, "declared");
        if (streq(value, "stamp"))
            MUST(strv_append(&facts->directories[0].stamps.others, ".stateversion.old=1") == 0);
    } else if (streq(key, "olddir"))
        add_former_directory(facts, value);
    else
        return false;
    return true;
}

static bool take_answer(Facts *facts, const char *key, const char *value)
{
    if (streq(key, "freshcheck"))
        answer(&facts->fresh_check, streq(value, "data") ? "fresh" : value, "fresh");
    else if (streq(key, "detect"))
        answer_version(&facts->detect, value);
    else if (streq(key, "confirm"))
        answer_version(&facts->confirm, value);
    else if (streq(key, "room"))
        answer(&facts->space.answer, streq(value, "limit") ? "yes" : value, "yes");
    else if (streq(key, "use"))
        answer(&facts->in_use, value, "none");
    else if (streq(key, "checks"))
        answer(&facts->checks, value, "good");
    else
        return false;
    if (streq(key, "freshcheck") && streq(value, "data"))
        facts->fresh_check.holds = false;
    facts->detect.holds = facts->detect.version != NULL;
    facts->confirm.holds = facts->confirm.asked && !facts->confirm.text &&
                           !facts->confirm.version && !facts->confirm.interrupted;
    if (streq(key, "room") && streq(value, "limit"))
        facts->space.report.over_limit = copy_of("cloning must copy much");
    return true;
}

static bool take_way(Facts *facts, const char *key, char *value)
{
    Ways *ways = &facts->ways;

    if (streq(key, "backup"))
        add_backup(facts, value);
    else if (streq(key, "incomplete")) /* the last backup, whose disk is not mounted */
        facts->ways.backups.items[facts->ways.backups.n_items - 1].state = BACKUP_INCOMPLETE;
    else if (streq(key, "done"))
        add_history(facts, value, ACTION_NONE);
    else if (streq(key, "restored"))
        add_history(facts, value, ACTION_RESTORED);
    else if (streq(key, "anew"))
        ways->history.items[ways->history.n_items - 1].anew = true;
    else if (streq(key, "unasked"))
        ways->history.items[ways->history.n_items - 1].unasked = true;
    else if (streq(key, "untouched"))
        ways->candidate.untouched = true;
    else if (streq(key, "lasting"))
        ways->candidate.lasting = true;
    else if (streq(key, "provisional"))
        ways->provisional = copy_of(value);
    else
        return false;
    return true;
}

static bool take_error(Facts *facts, const char *value)
{
    if (streq(value, "store"))
        facts->store_error = -EIO;
    else if (streq(value, "foreign"))
        facts->store_error = -EPERM;
    else if (streq(value, "failed"))
        facts->failed_error = -EIO;
    else if (streq(value, "known"))
        facts->known_error = -EIO;
    else if (streq(value, "ways"))
        facts->ways.error = -EIO;
    else if (streq(value, "commands"))
        facts->command = strdup("Script=/up is not used");
    else if (streq(value, "owner")) {
        facts->owner = copy_of("/var/lib/app_belongs_to_another_user");
        MUST(strreplace(&facts->declaration->user, "new") == 0);
        facts->may_be_given = true;
    } else if (streq(value, "kept"))
        facts->kept_error = -EIO;
    else
        return false;
    return true;
}

static bool take_system(Facts *facts, const char *key, const char *value)
{
    if (streq(key, "up"))
        add_unit(facts, "active");
    else if (streq(key, "failing"))
        add_unit(facts, "failed");
    else if (streq(key, "starting") || streq(key, "ended")) {
        add_unit(facts, streq(key, "starting") ? "activating" : "failed");
        free(facts->units[0].sub);
        facts->units[0].sub = copy_of(streq(key, "starting") ? "start" : "failed");
        facts->units[0].ended = streq(key, "ended") ? copy_of(value) : NULL;
        facts->units[0].timeout = copy_of("1_min_30_s");
    } else if (streq(key, "written")) {
        facts->has_written = true;
        facts->written = streq(value, "since") ? WRITTEN_SINCE : WRITTEN_NEVER;
    } else if (streq(key, "enabled"))
        facts->units[0].enable = copy_of("enabled");
    else if (streq(key, "running"))
        facts->migration.active = copy_of("activating");
    else if (streq(key, "load"))
        facts->units[0].load = copy_of(value);
    else if (streq(key, "masked"))
        facts->migration.load = copy_of("masked");
    else if (streq(key, "off"))
        facts->off = true;
    else if (streq(key, "manual"))
        facts->manual = true;
    else if (streq(key, "gate"))
        facts->units[0].gate = streq(value, "missing") ? GATE_MISSING
                               : streq(value, "other") ? GATE_OTHER
                               : streq(value, "left")  ? GATE_LEFT
                                                       : GATE_LOADED;
    else if (streq(key, "requested"))
        facts->requested = true;
    else if (streq(key, "agreed"))
        facts->agreed = true;
    else if (streq(key, "thorough"))
        facts->thorough = true;
    else if (streq(key, "root"))
        facts->root = "/mnt";
    else if (streq(key, "user"))
        facts->unprivileged = true;
    else
        return false;
    return true;
}

static bool take_record(Facts *facts, const char *key, char *value)
{
    if (streq(key, "transaction"))
        facts->has_transaction = true;
    else if (streq(key, "failed") || streq(key, "retried"))
        take_failed(facts, value, streq(key, "retried"));
    else if (streq(key, "interrupted")) {
        facts->has_interrupted = true;
        facts->interrupted.fingerprint = copy_of("same");
        facts->interrupted.count = 3;
    } else if (streq(key, "post")) {
        facts->has_post = true;
        facts->post.id = copy_of(field(&value));
        facts->post.to = copy_of(field(&value));
    } else if (streq(key, "fresh"))
        facts->fresh = copy_of(value);
    else if (streq(key, "declared"))
        facts->declared = copy_of(value);
    else if (streq(key, "known")) {
        char *directory = strchr(value, '@');

        facts->has_known = true;
        if (directory) {
            *directory = '\0';
            MUST(strv_append(&facts->known.directories, directory + 1) == 0);
        }
        facts->known.version = copy_of(value);
    } else if (streq(key, "unmounted")) {
        ITEMS_FOREACH (item, &facts->declaration->directories)
            if (streq(item->value, value))
                facts->unmounted = item->value;
        ITEMS_FOREACH (item, &facts->declaration->excludes)
            if (streq(item->value, value))
                facts->unmounted = item->value;
        MUST(facts->unmounted);
    } else if (startswith(key, "deferred") || streq(key, "over")) {
        facts->has_deferral = true;
        facts->deferred = !streq(key, "over");
        facts->deferral.damaged = streq(key, "deferred-badly");
        if (facts->deferral.damaged)
            return true;
        facts->deferral.operator.name = copy_of("jo");
        facts->deferral.operator.when = copy_of("2026-11-22T09:17:38Z");
    } else if (streq(key, "approved")) {
        Fingerprint agreed = approval_fingerprint(&facts->fingerprint, NULL);

        facts->approval.from = copy_of(field(&value));
        facts->approval.to = copy_of(field(&value));
        facts->approval.fingerprint = copy_of(agreed.hex);
    } else if (streq(key, "refused")) {
        const char *from = field(&value), *to = field(&value);

        add_refusal(facts, RESULT_REFUSED, *from ? from : NULL, to, field(&value));
    } else if (streq(key, "attention"))
        add_refusal(facts, RESULT_ATTENTION, NULL, "3", value);
    else
        return false;
    return true;
}

static void take(Facts *facts, char *word)
{
    char *value = strchr(word, '=');
    char nothing[] = "";

    if (value)
        *value++ = '\0';
    else
        value = nothing;
    if (streq(word, "app"))
        add_directory(facts, "/var/lib/app", NULL, value);
    else if (streq(word, "srv"))
        add_directory(facts, "/srv/app", NULL, value);
    else if (streq(word, "store"))
        add_directory(facts, "/var/lib/migrate/app", NULL, value);
    else if (streq(word, "db"))
        add_directory(facts, "/srv/db", "db", value);
    else if (streq(word, "others"))
        MUST(strv_consume(&facts->directories[0].stamps.others, stamp_name(value, "1")) == 0);
    else if (streq(word, "unlinked"))
        facts->directories[0].unlinked = true;
    else if (streq(word, "from"))
        facts->from = facts->fresh = copy_of(value);
    else if (streq(word, "unread"))
        MUST(take_error(facts, value));
    else if (!take_record(facts, word, value) && !take_system(facts, word, value) &&
             !take_answer(facts, word, value) && !take_way(facts, word, value) &&
             !take_former(facts, word, value)) {
        printf("Bail out! '%s' is not a word of judge_facts()\n", word);
        exit(EXIT_FAILURE);
    }
}

/* As facts_answer() would. */
static void read_ways(Facts *facts)
{
    _cleanup_(verdict_free) Verdict verdict = {};
    const Backup *backup;

    MUST(verdict_decide(facts, &verdict) == 0);
    facts->ways.known = true;
    if (!(verdict.asks & ASKS_WAYS) || facts->ways.error)
        return;
    MUST(lineage_find(&facts->ways.history, NULL, verdict.version, &facts->ways.lineage) == 0);
    backup = facts->from ? NULL : route_candidate(facts, verdict.version);
    facts->ways.candidate.id = backup ? copy_of(backup->id) : NULL;
}

void judge_facts(Facts *facts, const Declarations *declarations, const char *words)
{
    _cleanup_free_ char *copy = strdup(words);
    char *rest = copy;

    *facts = (Facts){.declaration = declarations_find(declarations, "app"),
                     .declarations = declarations,
                     .store = {.fd = -1, .path = copy_of("/var/lib/migrate/app")},
                     .migration_unit = copy_of("migrate@app.service"),
                     .has_fingerprint = true,
                     .fingerprint = {"same"}};
    MUST(facts->declaration && copy && ARRAY_GROW(facts->units, facts->n_units));
    facts->units[0].unit = "app.service";
    for (char *word; (word = strsep(&rest, " "));)
        if (*word)
            take(facts, word);
    read_ways(facts);
}
