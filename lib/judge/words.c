/* SPDX-License-Identifier: MIT */
/* Makes the sentences of a verdict. Each sentence is one literal, so that a search finds it. */
#include "judge/words.h"

#include "judge/agree.h"

#include <assert.h>

void words_free(Words *words)
{
    free(words->sentence);
    free(words->command);
    free(words->then);
    *words = (Words){};
}

char *words_line(const Words *words)
{
    if (!words->command)
        return NULL;
    return words->then ? strprintf("run: %s, then: %s", words->command, words->then)
                       : strprintf("run: %s", words->command);
}

char *words_consent(const Facts *facts, const Route *route)
{
    if (route->kind == ROUTE_RESTORE)
        return strprintf("the backup %s, at version %s, comes back as it was on %s; what was "
                         "written since is not in it, and is kept as a backup in turn",
                         route->backup, route->version, route->finished);
    return strprintf("newer data, at %s, was set aside on %s as the backup %s, when the state was "
                     "taken back to %s: migrating leaves it there. To bring it back instead, and "
                     "keep what is there now: migratectl restore %s %s%s",
                     route->version, route->finished, route->backup, route->aside_to,
                     facts->declaration->name, route->backup,
                     declaration_accepts(facts->declaration, route->version)
                         ? ""
                         : " --force (it is migrated on at the next start)");
}

char *words_expired(const Facts *facts, const Verdict *verdict)
{
    const Approval *approval = &facts->approval;
    const Plan *plan = &verdict->route.plan;
    _cleanup_free_ char *who = NULL;

    if (verdict->approved || !verdict->has_plan || facts->root)
        return NULL;
    if (facts->approval_error)
        return strprintf(
            "%s/" RECORD_APPROVED " cannot be read, so it approves nothing: %s", facts->store.path,
            facts->approval_error == -EBADMSG ? "it is damaged" : strerror(-facts->approval_error));
    who = approval->from ? operator_describe(&approval->operator) : NULL;
    if (!who)
        return NULL;
    if (streq(approval->from, plan->from) && streq(approval->to, plan->to))
        return strprintf("the approval by %s has expired: the declaration or a script that it "
                         "names has changed since",
                         who);
    return strprintf("the approval by %s is for another plan, from %s to %s", who, approval->from,
                     approval->to);
}

/* --- the sentence ---------------------------------------------------------------------------- */

/* A word in braces is replaced by find_value(). */
static const char *const sentences[OUTCOMES] = {
    [OUTCOME_CURRENT] = "the state is at version {version}: nothing to do",
    [OUTCOME_ACCEPTED] = "the software runs on version {version} as it is; it is migrated to "
                         "{declared} when somebody asks for it",
    [OUTCOME_ACCEPTED_STUCK] = "the software runs on version {version} as it is, and cannot be "
                               "migrated to {declared}: {text}",
    [OUTCOME_ACCEPTED_FAILED] =
        "{reason} (the migration to {to} failed on {failed-on}, and no declaration or script has changed since; the "
        "software runs on version {version} as it is)",
    [OUTCOME_READABLE] = "the state is at version {version}, on which software of version "
                         "{declared} may run, too (ReadableBy=): nothing to do",
    [OUTCOME_SELF] = "the software migrates its state itself, from {self-from} to {self-to}, when "
                     "it starts",
    [OUTCOME_SELF_BEGUN] =
        "the software has begun to migrate its state itself, from {self-from} to {self-to}, and did "
        "not come up ({text}): the next start goes on with it. To go back instead, install software "
        "of version {self-from} and run: migratectl enable {name} {self-from} --yes",
    [OUTCOME_SELF_UP] = "{unit} is up: that its state is at version {self-to} is being recorded",
    [OUTCOME_FRESH] = "{where} is {empty}: the software makes its own state, at version {declared}",
    [OUTCOME_HOST_LATER] = "a part of it lives in the state of {host}, which has no stamp yet: the "
                           "version is recorded later",
    [OUTCOME_INERT] = "no Version= is declared, so the declaration does nothing yet",

    [OUTCOME_PENDING] =
        "the state is at version {version}, and is migrated to {declared} when the service starts",
    [OUTCOME_ASSUMED] = "the state has no stamp and is taken to be at version {version}; it is "
                        "migrated to {declared} when the service starts",
    [OUTCOME_MANUAL] = "the state is at version {version}, and is migrated to {declared} only when "
                       "somebody asks for it (Policy=manual)",
    [OUTCOME_MANUAL_BOOT] =
        "the state is at version {version}, and is migrated to {declared} only when somebody asks "
        "for it ('migrate=manual' is on the kernel command line)",
    [OUTCOME_INIT] =
        "{where} is {empty}: Init={init} makes the state at the next start, at version {declared}",
    [OUTCOME_RECORDED] = "the state has no stamp and is taken to be at version {version}, which is "
                         "recorded when the service starts",
    [OUTCOME_RECORDED_OLDER] = "the state has no stamp and is taken to be at version {version}, "
                               "which is recorded when the service starts",
    [OUTCOME_SPELLING] = "{version} is another spelling of {declared}: the stamp is renamed when "
                         "the service starts",
    [OUTCOME_UNDONE] =
        "nothing has been written to it since it was brought to {version}, so what it was before, "
        "at {backup-version}, is simply swapped in again when the service starts",
    [OUTCOME_REDONE] =
        "nothing has been written to it since it was taken back from {backup-version} to {version}, "
        "so the newer data is simply swapped in again when the service starts",
    [OUTCOME_RESTORED] =
        "the backup {backup}, at version {backup-version}, becomes the state when the service "
        "starts; what is there now, at {version}, becomes a backup",
    [OUTCOME_ASKS_FRESH] =
        "no stamp yet; FreshCheck={fresh-check} finds out whether there is data, "
        "when the service starts",
    [OUTCOME_ASKS_VERSION] =
        "no stamp yet; Detect={detect} finds out the version when the service starts",
    [OUTCOME_ASKS_AGAIN] =
        "the stamp says version {version}, but software of version {newest} was declared since: "
        "Detect={detect} finds out whether it has changed the data, when the service starts",
    [OUTCOME_TAKEN_NAME] = "its state is still called {former} (in {former-place}): the next start "
                           "takes it over, with records and backups",
    [OUTCOME_TAKEN_BACK] = "its state is now called {former} (in {former-place}): the next start "
                           "takes it back, with records and backups",
    [OUTCOME_TAKEN_FROM] =
        "its state is in {former-directory}: the next start moves it to {where}, "
        "with backups",
    [OUTCOME_MOVING] =
        "giving the state another name or directory was cut off: the next start goes on",

    [OUTCOME_RUNNING] = "a migration is running: {status}. migratectl start only watches it",
    [OUTCOME_CUT_OFF] =
        "a migration was cut off: the next start recovers from that, and tries it again",
    [OUTCOME_ATTENTION] = "{refusal}",

    [OUTCOME_APPROVAL] = "the migration from {from} to {to} waits for approval, or for "
                         "Approved={from}:{to} in the declaration: {reasons}",
    [OUTCOME_APPROVAL_RESTORE] =
        "the state would go back from {from} to {to}, which waits for approval: {reasons}",
    [OUTCOME_FAILED] =
        "{reason} (it failed on {failed-on}, and has not changed since: fix the cause first)",
    [OUTCOME_FAILED_INIT] =
        "{reason} (it failed on {failed-on}, and has not changed since: fix the cause first)",
    [OUTCOME_INTERRUPTED] =
        "the migration from {from} to {to} was interrupted three times in a row",
    [OUTCOME_DEFERRED] = "{deferral}",
    [OUTCOME_MASKED] = "{migration} is masked, so nothing is migrated and the service stays down",
    [OUTCOME_OFF] = "'migrate=off' is on the kernel command line, so nothing is migrated before "
                    "the next boot without it",

    [OUTCOME_INVALID] = "{problem}",
    [OUTCOME_GAP] = "{text}: declare the migration that is missing, or Gaps=allow",
    [OUTCOME_SKIP] = "{text}: install the versions in between, one after another",
    [OUTCOME_NEWER] = "{text}: install the newer software again, or bring back data that this "
                      "software takes",
    [OUTCOME_SELF_OTHER] =
        "software of version {self-to} was to migrate the state itself, from version {self-from}, "
        "and has not started successfully since, so how far it came is not known: install that "
        "software again, or go back",
    /* "migratectl adopt" comes last, and never alone: a wrong version damages the data. */
    [OUTCOME_BETWEEN] =
        "{directory} is stamped {text}: the data is between these two versions, and no record says "
        "more. Put a whole copy from the backups in its place, or, if you know which version the "
        "data has, run: migratectl adopt --force {name} VERSION",
    [OUTCOME_MOVED_HOST] =
        "the directories of the state do not agree: {found}. The one that it lives in was "
        "restored, or exchanged, without it. Bring the data of {host} back that goes with version "
        "{first-version}, or of {name} what goes with the other (migratectl backups {name}); or, "
        "if all of it really has one version, say so: migratectl adopt --force {name} VERSION",
    [OUTCOME_LEFT_HOST] =
        "nothing is left of the state but the part that lives in {host}: {found}. If the rest is "
        "on a disk that is not mounted, mount it first. If it is lost, bring a backup back: "
        "migratectl restore {name} ID. To begin anew, remove what it has in {host}, then run: "
        "migratectl forget {name}",
    [OUTCOME_DISAGREE] =
        "the directories of the state do not agree: {found}. Bring back what is missing, or say "
        "which version all of it has: migratectl adopt --force {name} VERSION",
    [OUTCOME_UNKNOWN] = "there is data in {where} but nothing says which version it has: say it "
                        "once, or declare Detect= or Unversioned=",
    [OUTCOME_UNKNOWN_NOW] =
        "there is no stamp in {where}; the state was at version {known} once. If this is it, and "
        "it still has that version, say so",
    [OUTCOME_UNLINKED] = "{directory} is empty, but there is data in {private}: the link of "
                         "DynamicUser= is lost",
    [OUTCOME_OTHER_STAMP] =
        "the data in {directory} has the stamp of another declaration ({text}) and none of {name}. "
        "If the state was renamed, declare FormerName= in [State]. If it is a copy, record its "
        "version",
    [OUTCOME_GUESTS] =
        "there is no data in {directory}, but others have stamped what lived in it ({guests}). "
        "Bring the data back: mount its disk, or migratectl restore {name} ID. If it is gone for "
        "good, remove these stamps to begin anew",
    [OUTCOME_MISSING] =
        "{where} is empty or missing, but the state was at version {known} once: is a disk not "
        "mounted? Mount it first. If the data is lost, bring a backup back: migratectl restore "
        "{name} ID. To begin anew: migratectl forget {name}",
    [OUTCOME_MISSING_ONE] =
        "'{directory}' is missing, although there is data in other directories of the state: is a "
        "disk not mounted? Mount it, or make an empty directory if there never was one",
    [OUTCOME_HOST_UNREADY] =
        "a part of it lives in the state of {host}, whose version is not known yet ({directory} "
        "has no stamp): start the service of {host} first",
    [OUTCOME_HOST_BUSY] = "a part of it lives in the state of {host}, which is being migrated or "
                          "restored, or was cut off in that: the "
                          "migration of {host} has to end first",
    [OUTCOME_HOST_REFUSED] =
        "a part of it lives in the state of {host}, which cannot be taken care of: {refused}",
    [OUTCOME_DIRECTORY_REFUSED] =
        "{origin}: Directory={directory} cannot be taken care of: {refused}",
    [OUTCOME_UNREADABLE] = "{directory} cannot be read: {directory-error}. Fix this first",
    [OUTCOME_STORE_FOREIGN] =
        "{store} is not a directory that only root owns and can write to: find out who changed it, "
        "then make it one",
    [OUTCOME_STORE_UNREADABLE] = "{store} cannot be read: {error}. Fix this first",
    [OUTCOME_RECORD_UNREADABLE] = "{store}/{text} cannot be read: {error}. Fix this first",
    [OUTCOME_KEPT_UNREADABLE] =
        "the way back that was kept in {store}/applied cannot be read: {error}. Fix this first",
    [OUTCOME_OWNER] = "{text}",
    [OUTCOME_COMMAND] = "{text}. Fix this first",
    [OUTCOME_FORMER_BESIDE] =
        STORE_DIRECTORY "/{name}/" RECORD_MOVED " says that its state is called {former} now, but "
                        "there are other records in " STORE_DIRECTORY
                        "/{name}: move those that are wrong out of the way",
    [OUTCOME_FORMER_NOW] =
        "its state is called {former} now, which is declared, too: remove one of the two "
        "declarations, or, if this is another state, remove " STORE_DIRECTORY
        "/{name}/" RECORD_MOVED,
    [OUTCOME_FORMER_LOST] =
        "its state was renamed to {former}, but " STORE_DIRECTORY
        "/{former} has no records of it: bring them back, or, to begin anew, remove " STORE_DIRECTORY
        "/{name}/" RECORD_MOVED,
    [OUTCOME_FORMER_NAMES] = "there are records of FormerName={former} and of FormerName={text}, "
                             "and only one can be this state: remove the other",
    [OUTCOME_FORMER_BOTH] =
        "there are records of FormerName={former} in " STORE_DIRECTORY
        "/{former}, and others of {name} itself in " STORE_DIRECTORY
        "/{name}: move those that are wrong out of the way, or, if both are right, remove the "
        "FormerName=",
    [OUTCOME_FORMER_DECLARED] = "FormerName={former} names a service that is still declared: "
                                "remove its declaration, or the FormerName=",
    [OUTCOME_FORMER_PLACES] =
        "the state is in {former-directory} as well as in {text}: move the wrong one away",
    [OUTCOME_FORMER_REFUSED] = "FormerDirectory={former-directory} cannot be taken care of: {text}",
    [OUTCOME_FORMER_UNREADABLE] =
        "cannot read what there is of {text}, which may be this state: {error}",

    [OUTCOME_FRESH_UNKNOWN] = "{text}",
    [OUTCOME_UNDETECTED] = "{text}",
    /* Names the script, since Detect= may be wrong, too. */
    [OUTCOME_CONTRADICTED] =
        "the record of {where} says version {version}, but the data is at version {detected} by "
        "Detect={detect}. If the data is right (it was brought back without its stamp): migratectl "
        "adopt --force {name} {detected}. If it is not the data that belongs there, bring that "
        "back. If Detect= is wrong, fix it: where it cannot tell, it has to fail",
    [OUTCOME_OVERTAKEN] =
        "the record of {where} says version {version}, but the data is at version {detected} by "
        "Detect={detect}: newer software ({newest} was declared) has changed it, which the next start "
        "records. Install the newer software again, or bring back data that this software takes",
    [OUTCOME_NO_ROOM] = "{text}",
    [OUTCOME_IN_USE] = "{text}",
    [OUTCOME_CHECK_FAILED] = "{text}",
    [OUTCOME_STOPPED] = "it was interrupted",
    [OUTCOME_REFUSED] =
        "the last start, on {refused-on}, was refused. Fix the cause first: {refusal}",
};

const char *words_seen(const Facts *facts)
{
    const StateDirectory *directory;
    const char *stamp = NULL;

    switch (stamps_agree(facts->directories, facts->n_directories, &directory, &stamp)) {
    case AGREEMENT_VERSION:
    case AGREEMENT_SELF:
        return stamp;
    case AGREEMENT_NONE:
        if (facts->known.version || facts->fresh)
            return facts->known.version ? facts->known.version : facts->fresh;
        break;
    default:
        break;
    }
    return "VERSION";
}

/* Returns a directory of the last-seen record that is not declared any more. */
static const char *left_directory(const Facts *facts)
{
    STRV_FOREACH (directory, facts->known.directories) {
        bool declared = false;

        ARRAY_FOREACH (item, facts->declaration->directories.items,
                       facts->declaration->directories.n_items)
            declared = declared || path_is_within(item->value, *directory) ||
                       path_is_within(*directory, item->value); /* no state moves into itself */
        if (!declared)
            return *directory;
    }
    return NULL;
}

const char *words_bare_directory(const Facts *facts)
{
    for (size_t i = 0; i < facts_n_own(facts); i++)
        if (facts->directories[i].stamps.empty && !facts->directories[i].stamps.versions)
            return facts->directories[i].directory;
    return NULL;
}

/* Says whether each directory has an accepted stamp among others: the gate does not see the others. */
static bool has_open_gate(const Facts *facts)
{
    for (size_t i = 0; i < facts->n_directories; i++) {
        bool accepted = false;

        STRV_FOREACH (version, facts->directories[i].stamps.versions)
            accepted = accepted || (version_is_valid(*version) &&
                                    declaration_accepts(facts->declaration, *version));
        if (!accepted)
            return false;
    }
    return facts->declaration->version.value;
}

/* Returns the newest backup of a version that the software accepts whose disk may not be mounted. */
static const Backup *incomplete_backup(const Facts *facts)
{
    for (size_t i = 0; i < facts->ways.backups.n_items; i++) {
        const Backup *backup = facts->ways.backups.items + i;

        if (backup->state == BACKUP_INCOMPLETE && backup->version &&
            version_is_valid(backup->version) &&
            declaration_accepts(facts->declaration, backup->version))
            return backup;
    }
    return NULL;
}

const Backup *words_way_down(const Facts *facts, const Verdict *verdict)
{
    if (verdict->outcome != OUTCOME_NEWER || facts->declaration->within.n_items > 0)
        return NULL;
    return route_newest_accepted(&facts->ways.backups, facts->declaration);
}

/* Some outcomes have two sentences. */
static const char *find_sentence(const Facts *facts, const Verdict *v)
{
    switch (v->outcome) {
    case OUTCOME_ACCEPTED_FAILED:
        if (!facts->has_failed)
            return "the software runs on version {version} as it is; the migration to {declared} "
                   "was interrupted three times in a row";
        break;
    case OUTCOME_SELF:
        if (facts->n_units > 0 && facts->units[0].sub && startswith(facts->units[0].sub, "start"))
            return facts->units[0].timeout
                       ? "the software is migrating its state itself, from {self-from} to "
                         "{self-to}: {unit} is starting, with a timeout of {timeout}"
                       : "the software is migrating its state itself, from {self-from} to "
                         "{self-to}: {unit} is starting";
        break;
    case OUTCOME_SELF_BEGUN:
        if (facts->units && facts->units[0].timeout && startswith(v->text, "timeout"))
            return "the software has begun to migrate its state itself, from {self-from} to "
                   "{self-to}, and did not come up ({text}): the next start goes on with it. If it "
                   "needs more time, raise TimeoutStartSec= of {unit} first. To go back instead, "
                   "install software of version {self-from} and run: migratectl enable {name} "
                   "{self-from} --yes";
        break;
    case OUTCOME_RUNNING:
        if (isempty(facts->migration_status))
            return "a migration is running";
        break;
    case OUTCOME_APPROVAL:
        if (v->extra)
            return "the migration from {from} to {to} waits for approval: {reasons}";
        break;
    case OUTCOME_INTERRUPTED:
        if (!v->route.plan.from)
            return "Init= was interrupted three times in a row";
        break;
    case OUTCOME_MOVED_HOST:
        if (!v->directory->stamps.versions)
            return "the directories of the state do not agree: {found}. The one that it lives in "
                   "was restored to before there was such a part, or Within= is new. Bring the "
                   "data of {host} back that goes with version {first-version}; or, if all of it "
                   "really has one version, say so: migratectl adopt --force {name} VERSION";
        break;
    case OUTCOME_UNKNOWN_NOW:
        if (left_directory(facts))
            return "there is no stamp in {where}; the state was at version {known} once. It was in "
                   "{left} then: to have it moved here, declare FormerDirectory={left}. If this is "
                   "it, and it still has that version, say so";
        break;
    case OUTCOME_UNLINKED:
        if (v->directory->error)
            return "{directory} is missing, but there is data in {private}: the link of "
                   "DynamicUser= is lost";
        break;
    case OUTCOME_MISSING:
        if (left_directory(facts))
            return "{where} is empty or missing, but the state was at version {known} once. It was "
                   "in {left} then: to have it moved here, declare FormerDirectory={left}. If it "
                   "is on a disk that is not mounted, mount it first. If the data is lost, bring a "
                   "backup back: migratectl restore {name} ID. To begin anew: migratectl forget "
                   "{name}";
        break;
    case OUTCOME_MISSING_ONE:
        if (!v->directory)
            return "'{unmounted}' was a mount point when the state was last seen, and nothing is "
                   "mounted there now: mount the disk. If its data is somewhere else by now, run: "
                   "migratectl adopt --force {name} {seen}";
        if (facts->declaration->directories.n_items == 1)
            return "'{directory}' is missing, although its stamp is in the store: is a disk not "
                   "mounted? Mount it, or make an empty directory if there never was one";
        break;
    case OUTCOME_DISAGREE:
        if (has_open_gate(facts))
            return "the directories of the state do not agree: {found}. The service can start all "
                   "the same, since systemd finds an accepted stamp in each. Stop it, bring back "
                   "what is missing, or say which version all of it has: migratectl adopt --force "
                   "{name} VERSION";
        if (words_bare_directory(facts))
            return "the directories of the state do not agree: {found}. Is the disk of {bare} not "
                   "mounted? Mount it; if what was in {bare} is lost, bring a backup back "
                   "(migratectl backups {name}); if there never was anything in it, run: "
                   "migratectl adopt --force {name} VERSION";
        break;
    case OUTCOME_NEWER:
        if (words_way_down(facts, v))
            return "{text}: install the newer software again, or bring back the backup {latest}, at "
                   "version {latest-version}, of {latest-on}; the newer data then becomes a backup";
        if (incomplete_backup(facts))
            return "{text}: install the newer software again, or bring back data that this "
                   "software takes. The backup {incomplete} is such data, but a part of it is "
                   "missing: is a disk not mounted? Mount it first";
        break;
    case OUTCOME_HOST_UNREADY:
        if (v->directory->error == -ENOENT)
            return "a part of it lives in the state of {host}, whose version is not known yet "
                   "({directory} is missing): start the service of {host} first";
        break;
    default:
        break;
    }
    return sentences[v->outcome];
}

/* Returns a copy of the text, or of "?" if the text is NULL. */
static char *copy(const char *text)
{
    return strdup(text ? text : "?");
}

/* Returns the value of a word in a sentence. The caller owns the text; NULL: out of memory. */
static char *find_value(const Facts *facts, const Verdict *v, const char *word)
{
    const Declaration *declaration = facts->declaration;
    const StateDirectory *first = facts->n_directories > 0 ? facts->directories : NULL,
                         *directory = v->directory;
    const char *where = first ? first->directory : facts->store.path;
    const Backup *latest = words_way_down(facts, v), *incomplete = incomplete_backup(facts);
    const Origin *origin;
    _cleanup_free_ char *latest_on = latest ? time_local_short(latest->finished) : NULL,
                        *failed_on = time_local_short(facts->failed.finished),
                        *refused_on = time_local(facts->refusal.when),
                        *known =
                            strv_join(v->former.known ? v->former.known->directories : NULL, ", ");
    const struct {
        const char *word, *text;
    } texts[] = {
        {"name", declaration->name},
        {"declared", declaration->version.value},
        {"init", declaration->init.script.argv ? declaration->init.script.argv[0] : NULL},
        {"detect", declaration->detect.argv ? declaration->detect.argv[0] : NULL},
        {"fresh-check", declaration->fresh_check.argv ? declaration->fresh_check.argv[0] : NULL},
        {"version", v->version},
        {"detected", facts->confirm.version},
        {"known", facts->known.version},
        {"first-version", first && first->stamps.versions ? first->stamps.versions[0] : NULL},
        {"self-to", v->version ? version_self_target(v->version) : NULL},
        {"newest", facts_newer_before(facts)},
        {"from", v->route.plan.from},
        {"to", v->route.plan.to},
        {"backup", v->route.backup},
        {"backup-version", v->route.version},
        {"bare", words_bare_directory(facts)},
        {"incomplete", incomplete ? incomplete->id : NULL},
        {"latest", latest ? latest->id : NULL},
        {"latest-version", latest ? latest->version : NULL},
        {"latest-on", latest_on},
        {"where", where},
        {"empty", !first || !first->stamps.empty ? "without data"
                  : first->error == -ENOENT      ? "missing"
                                                 : "empty"},
        {"store", facts->store.path},
        {"unmounted", facts->unmounted},
        {"seen", words_seen(facts)},
        {"left", left_directory(facts)},
        {"directory", directory ? directory->directory : NULL},
        {"host", directory ? directory->host : NULL},
        {"refused", directory ? directory->refused : NULL},
        {"directory-error", directory ? strerror(-directory->error) : NULL},
        {"former", v->former.name},
        {"former-directory", v->former.directory},
        {"former-place", v->former.directory ? v->former.directory
                         : isempty(known)    ? where
                                             : known},
        {"timeout", facts->n_units > 0 ? facts->units[0].timeout : NULL},
        {"unit", facts->n_units > 0 ? facts->units[0].unit : NULL},
        {"migration", facts->migration_unit},
        {"status", facts->migration_status},
        {"reason", facts->failed.reason},
        {"failed-on", failed_on},
        {"refusal", facts->refusal.sentence},
        {"refused-on", refused_on},
        {"text", v->text},
        {"error", strerror(-v->error)},
    };

    for (size_t i = 0; i < ELEMENTSOF(texts); i++)
        if (streq(texts[i].word, word))
            return copy(texts[i].text);
    if (streq(word, "found"))
        return directories_describe(facts->directories, facts->n_directories);
    if (streq(word, "reasons"))
        return strv_join(v->reasons, "; ");
    if (streq(word, "guests"))
        return strv_join(directory->stamps.others, ", ");
    if (streq(word, "private"))
        return facts_private_path(directory->directory);
    if (streq(word, "deferral"))
        return deferral_describe(&facts->deferral);
    if (streq(word, "problem"))
        return declaration->problems.n_items > 0 ? problem_format(declaration->problems.items)
                                                 : strdup("out of memory");
    if (streq(word, "self-from"))
        return strndup(v->version, strcspn(v->version, ":"));
    assert(streq(word, "origin"));
    origin = &declaration->directories.items[directory - facts->directories].origin;
    return strprintf("%s:%u", origin->file ? origin->file : "?", origin->line);
}

static char *say(const Facts *facts, const Verdict *v)
{
    const char *rest = find_sentence(facts, v), *brace;
    _cleanup_string_ String s = {};
    char *text;

    while ((brace = strchr(rest, '{'))) {
        size_t length = strcspn(brace + 1, "}");
        _cleanup_free_ char *word = strndup(brace + 1, length),
                            *value = word ? find_value(facts, v, word) : NULL;

        if (!value)
            return NULL;
        string_appendf(&s, "%.*s%s", (int)(brace - rest), rest, value);
        rest = brace + 1 + length + 1;
    }
    string_append(&s, rest);
    return string_finish(&s, &text) < 0 ? NULL : text;
}

int words_find(const Facts *facts, const Verdict *verdict, Words *ret)
{
    _cleanup_(words_free) Words words = {.sentence = say(facts, verdict)};

    if (!words.sentence)
        return -ENOMEM;
    words_find_command(facts, verdict, &words);
    if (outcome_is_pending(verdict->outcome) && facts_lack_units(facts) &&
        strreplacef(&words.sentence,
                    "%s. There is no unit %s: if it has another name now, declare Unit= in %s",
                    words.sentence, facts->units[0].unit, facts->declaration->file) < 0)
        return -ENOMEM;
    *ret = TAKE_STRUCT(words);
    return 0;
}
