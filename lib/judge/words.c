/* SPDX-License-Identifier: MIT */
/* Makes the sentences of a verdict. Each sentence is one literal, so that a search for its text
 * finds it. */
#include "judge/words.h"

#include "basic/time.h"
#include "judge/agree.h"
#include "judge/words-private.h"
#include "store/operator.h"

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

static const char *or_unknown(const char *s)
{
    return s ? s : "?";
}

/* Returns the first directory of the state, or the store if there is none. */
static const char *where(const Facts *facts)
{
    return facts->n_directories > 0 ? facts->directories[0].directory : facts->store.path;
}

/* Returns a directory of the last-seen record that is not declared any more. Borrowed; NULL: there
 * is none. */
static const char *left_directory(const Facts *facts)
{
    STRV_FOREACH (directory, facts->known.directories) {
        bool declared = false;

        for (size_t i = 0; i < facts->declaration->directories.n_items; i++)
            declared =
                declared || streq(facts->declaration->directories.items[i].value, *directory);
        if (!declared)
            return *directory;
    }
    return NULL;
}

/* Starts with the reason, which the operator has to fix. */
static char *say_failed(const Facts *facts, const Verdict *v)
{
    _cleanup_free_ char *when = time_local_short(facts->failed.finished);
    const char *reason = or_unknown(facts->failed.reason);

    if (v->outcome == OUTCOME_ACCEPTED_FAILED)
        return strprintf("%s (the migration to %s failed on %s, and nothing has changed since; the "
                         "software runs on version %s as it is)",
                         reason, v->route.plan.to, or_unknown(when), v->version);
    return strprintf("%s (it failed on %s, and nothing has changed since)", reason,
                     or_unknown(when));
}

static char *say_approval(const Verdict *v)
{
    _cleanup_free_ char *reasons = strv_join(v->reasons, "; ");

    if (!reasons)
        return NULL;
    if (v->outcome == OUTCOME_APPROVAL_RESTORE)
        return strprintf("the state would go back from %s to %s, which waits for approval: %s",
                         v->route.plan.from, v->route.plan.to, reasons);
    if (v->extra)
        return strprintf("the migration from %s to %s waits for approval: %s", v->route.plan.from,
                         v->route.plan.to, reasons);
    return strprintf("the migration from %s to %s waits for approval, or for Approved=%s:%s in the "
                     "declaration: %s",
                     v->route.plan.from, v->route.plan.to, v->route.plan.from, v->route.plan.to,
                     reasons);
}

/* Suggests "migratectl adopt" last, and never alone: a wrong version damages the data. */
static char *say_disagree(const Facts *facts, const Verdict *v)
{
    _cleanup_free_ char *found = directories_describe(facts->directories, facts->n_directories);
    const char *name = facts->declaration->name,
               *host = v->directory && v->directory->host ? v->directory->host : "?";

    if (!found)
        return NULL;
    switch (v->outcome) {
    case OUTCOME_BETWEEN:
        return strprintf("%s is stamped %s: the data is between these two versions, and no record "
                         "says more. Put a whole copy from the backups in its place, or, if you "
                         "know which version the data has, run: migratectl adopt --force %s "
                         "VERSION",
                         v->directory->directory, v->text, name);
    case OUTCOME_MOVED_HOST:
        if (!v->directory->stamps.versions)
            return strprintf(
                "the directories of the state do not agree: %s. The one that it lives in was "
                "restored to before there was such a part, or Within= is new. Bring the data of %s "
                "back that goes with version %s; or, if all of it really has one version, say so: "
                "migratectl adopt --force %s VERSION",
                found, host, facts->directories[0].stamps.versions[0], name);
        return strprintf(
            "the directories of the state do not agree: %s. The one that it lives in was restored, "
            "or exchanged, without it. Bring the data of %s back that goes with version %s, or of "
            "%s what goes with the other (migratectl backups %s); or, if all of it really has one "
            "version, say so: migratectl adopt --force %s VERSION",
            found, host, facts->directories[0].stamps.versions[0], name, name, name);
    case OUTCOME_LEFT_HOST:
        return strprintf("nothing is left of the state but the part that lives in %s: %s. If the "
                         "rest is on a disk that is not mounted, mount it; if it is lost, bring a "
                         "backup back. To begin anew, remove what it has in %s, then run: "
                         "migratectl forget %s",
                         host, found, host, name);
    default:
        return strprintf("the directories of the state do not agree: %s. Bring back what is "
                         "missing, or say which version all of it has: migratectl adopt --force %s "
                         "VERSION",
                         found, name);
    }
}

static char *say_missing(const Facts *facts)
{
    const char *left = left_directory(facts), *name = facts->declaration->name,
               *version = or_unknown(facts->known.version);

    if (left)
        return strprintf("%s is empty or missing, but the state was at version %s once. It was in "
                         "%s then: to have it moved here, declare FormerDirectory=%s. If it is on "
                         "a disk that is not mounted, mount it; if it is lost, bring a backup "
                         "back; to begin anew: migratectl forget %s",
                         where(facts), version, left, left, name);
    return strprintf("%s is empty or missing, but the state was at version %s once: is a disk not "
                     "mounted? Then mount it; if it is lost, bring a backup back; to begin anew: "
                     "migratectl forget %s",
                     where(facts), version, name);
}

static char *say_unknown_now(const Facts *facts)
{
    const char *left = left_directory(facts), *version = or_unknown(facts->known.version);

    if (left)
        return strprintf("there is no stamp in %s; the state was at version %s once. It was in %s "
                         "then: to have it moved here, declare FormerDirectory=%s. If this is it, "
                         "and it still has that version, say so",
                         where(facts), version, left, left);
    return strprintf("there is no stamp in %s; the state was at version %s once. If this is it, "
                     "and it still has that version, say so",
                     where(facts), version);
}

static char *say_self(const Facts *facts, const Verdict *v)
{
    const char *to = or_unknown(version_self_target(v->version));
    int length = (int)strcspn(v->version, ":");

    switch (v->outcome) {
    case OUTCOME_SELF_UP:
        return strprintf("%s is up: that its state is at version %s is being recorded",
                         facts->units[0].unit, to);
    case OUTCOME_SELF:
        return strprintf("the software migrates its state itself, from %.*s to %s, when it starts",
                         length, v->version, to);
    default:
        return strprintf("software of version %s was to migrate the state itself, from version "
                         "%.*s, and has not started successfully since, so how far it came is not "
                         "known: install that software again, or go back",
                         to, length, v->version);
    }
}

static char *say_former(const Facts *facts, const Verdict *v)
{
    const char *name = or_unknown(v->former.name), *own = facts->declaration->name,
               *directory = or_unknown(v->former.directory), *other = or_unknown(v->text);
    _cleanup_free_ char *known =
        strv_join(v->former.known ? v->former.known->directories : NULL, ", ");
    const char *in = v->former.directory ? v->former.directory
                     : isempty(known)    ? where(facts)
                                         : known;

    switch (v->outcome) {
    case OUTCOME_TAKEN_NAME:
        return strprintf("its state is still called %s (in %s): the next start takes it over, with "
                         "records and backups",
                         name, in);
    case OUTCOME_TAKEN_BACK:
        return strprintf("its state is now called %s (in %s): the next start takes it back, with "
                         "records and backups",
                         name, in);
    case OUTCOME_TAKEN_FROM:
        return strprintf("its state is in %s: the next start moves it to %s, with backups",
                         directory, where(facts));
    case OUTCOME_FORMER_BESIDE:
        return strprintf(STORE_DIRECTORY "/%s/" RECORD_MOVED " says that its state is called %s "
                                         "now, but there are other records in " STORE_DIRECTORY
                                         "/%s: move those that are wrong out of the way",
                         own, name, own);
    case OUTCOME_FORMER_NOW:
        return strprintf(
            "its state is called %s now, which is declared, too: remove one of the two "
            "declarations, or, if this is another state, remove " STORE_DIRECTORY
            "/%s/" RECORD_MOVED,
            name, own);
    case OUTCOME_FORMER_LOST:
        return strprintf("its state was renamed to %s, but " STORE_DIRECTORY
                         "/%s has no records of it: bring them back, or, to begin anew, "
                         "remove " STORE_DIRECTORY "/%s/" RECORD_MOVED,
                         name, name, own);
    case OUTCOME_FORMER_NAMES:
        return strprintf("there are records of FormerName=%s and of FormerName=%s, and only "
                         "one can be this state: remove the other",
                         name, other);
    case OUTCOME_FORMER_BOTH:
        return strprintf("there are records of FormerName=%s in " STORE_DIRECTORY
                         "/%s, and others of %s itself in " STORE_DIRECTORY
                         "/%s: move those that are wrong out of the way, or, if both are right, "
                         "remove the FormerName=",
                         name, name, own, own);
    case OUTCOME_FORMER_DECLARED:
        return strprintf(
            "FormerName=%s names a service that is still declared: remove its declaration, "
            "or the FormerName=",
            name);
    case OUTCOME_FORMER_PLACES:
        return strprintf("the state is in %s as well as in %s: move the wrong one away", directory,
                         other);
    case OUTCOME_FORMER_REFUSED:
        return strprintf("FormerDirectory=%s cannot be taken care of: %s", directory, other);
    default:
        return strprintf("cannot read what there is of %s, which may be this state: %s", other,
                         strerror(-v->error));
    }
}

/* Names the script: Detect= may be wrong, too. */
static char *say_contradicted(const Facts *facts, const Verdict *v)
{
    const Declaration *declaration = facts->declaration;

    return strprintf("the record of %s says version %s, but the data is at version %s by "
                     "Detect=%s. If the data is right (it was brought back without its stamp): "
                     "migratectl adopt --force %s %s. If it is not the data that belongs there, "
                     "bring that back. If Detect= is wrong, fix it: where it cannot tell, it has "
                     "to fail",
                     where(facts), v->version, facts->confirm.version, declaration->detect.argv[0],
                     declaration->name, facts->confirm.version);
}

static char *say_directory(const Facts *facts, const Verdict *v)
{
    const StateDirectory *directory = v->directory;
    const char *path = directory->directory, *host = or_unknown(directory->host);
    const Items *declared = &facts->declaration->directories;
    size_t i = (size_t)(directory - facts->directories);

    switch (v->outcome) {
    case OUTCOME_UNLINKED: {
        _cleanup_free_ char *private = facts_private_path(path);

        return strprintf("%s %s, but there is data in %s: the link of DynamicUser= is lost", path,
                         directory->error ? "is missing" : "is empty", or_unknown(private));
    }
    case OUTCOME_OTHER_STAMP:
        return strprintf("the data in %s has the stamp of another declaration (%s) and none of %s. "
                         "If the state was renamed, declare FormerName= in [State]. If it is a "
                         "copy, record its version",
                         path, or_unknown(v->text), facts->declaration->name);
    case OUTCOME_GUESTS: {
        _cleanup_free_ char *guests = strv_join(directory->stamps.others, ", ");

        return strprintf("there is no data in %s, but others have stamped what lived in it (%s): "
                         "bring the data back, or, if it is gone for good, remove these stamps to "
                         "begin anew",
                         path, or_unknown(guests));
    }
    case OUTCOME_MISSING_ONE:
        if (declared->n_items == 1)
            return strprintf("'%s' is missing, although its stamp is in the store: is a disk not "
                             "mounted? Mount it, or make an empty directory if there never was one",
                             path);
        return strprintf("'%s' is missing, although there is data in other directories of the "
                         "state: is a disk not mounted? Mount it, or make an empty directory if "
                         "there never was one",
                         path);
    case OUTCOME_HOST_LATER:
        return strprintf("a part of it lives in the state of %s, which has no stamp yet: the "
                         "version is recorded later",
                         host);
    case OUTCOME_HOST_UNREADY:
        if (directory->error == -ENOENT)
            return strprintf("a part of it lives in the state of %s, whose version is not known "
                             "yet (%s is missing): start the service of %s first",
                             host, path, host);
        return strprintf("a part of it lives in the state of %s, whose version is not known yet "
                         "(%s has no stamp): start the service of %s first",
                         host, path, host);
    case OUTCOME_HOST_BUSY:
        return strprintf("a part of it lives in the state of %s, which is being migrated or "
                         "restored, or was cut off in that",
                         host);
    case OUTCOME_HOST_REFUSED:
        return strprintf("a part of it lives in the state of %s, which cannot be taken care of: %s",
                         host, directory->refused);
    case OUTCOME_DIRECTORY_REFUSED:
        return strprintf("%s:%u: Directory=%s cannot be taken care of: %s",
                         or_unknown(declared->items[i].origin.file), declared->items[i].origin.line,
                         path, directory->refused);
    default:
        return strprintf("%s cannot be read: %s", path, strerror(-directory->error));
    }
}

static char *say_fresh(const Facts *facts, const Verdict *v)
{
    const Declaration *declaration = facts->declaration;
    const StateDirectory *first = facts->directories;
    const char *state = facts->n_directories == 0 || !first->stamps.empty ? "without data"
                        : first->error == -ENOENT                         ? "missing"
                                                                          : "empty";

    if (v->outcome == OUTCOME_INIT)
        return strprintf("%s is %s: Init=%s makes the state at the next start, at version %s",
                         where(facts), state, declaration->init.script.argv[0],
                         declaration->version.value);
    return strprintf("%s is %s: the software makes its own state, at version %s", where(facts),
                     state, declaration->version.value);
}

static char *say_refused(const Facts *facts)
{
    _cleanup_free_ char *when = time_local(facts->refusal.when);

    return strprintf("the last start, on %s, was refused: %s", or_unknown(when),
                     facts->refusal.sentence);
}

static char *say(const Facts *facts, const Verdict *v)
{
    const Declaration *declaration = facts->declaration;
    const char *declared = declaration->version.value, *version = or_unknown(v->version);

    switch (v->outcome) {
    case OUTCOME_CURRENT:
        return strprintf("the state is at version %s: nothing to do", version);
    case OUTCOME_ACCEPTED:
        return strprintf("the software runs on version %s as it is; it is migrated to %s when "
                         "somebody asks for it",
                         version, declared);
    case OUTCOME_ACCEPTED_STUCK:
        return strprintf("the software runs on version %s as it is, and cannot be migrated to %s: "
                         "%s",
                         version, declared, v->text);
    case OUTCOME_READABLE:
        return strprintf("the state is at version %s, on which software of version %s may run, too "
                         "(ReadableBy=): nothing to do",
                         version, declared);
    case OUTCOME_SELF:
    case OUTCOME_SELF_UP:
    case OUTCOME_SELF_OTHER:
        return say_self(facts, v);
    case OUTCOME_FRESH:
    case OUTCOME_INIT:
        return say_fresh(facts, v);
    case OUTCOME_INERT:
        return strdup("no Version= is declared, so the declaration does nothing yet");
    case OUTCOME_PENDING:
        return strprintf("the state is at version %s, and is migrated to %s when the service "
                         "starts",
                         version, declared);
    case OUTCOME_ASSUMED:
        return strprintf("the state has no stamp and is taken to be at version %s; it is migrated "
                         "to %s when the service starts",
                         version, declared);
    case OUTCOME_MANUAL:
        return strprintf(
            "the state is at version %s, and is migrated to %s only when somebody asks "
            "for it (Policy=manual)",
            version, declared);
    case OUTCOME_MANUAL_BOOT:
        return strprintf(
            "the state is at version %s, and is migrated to %s only when somebody asks "
            "for it ('migrate=manual' is on the kernel command line)",
            version, declared);
    case OUTCOME_RECORDED:
    case OUTCOME_RECORDED_OLDER:
        return strprintf("the state has no stamp and is taken to be at version %s, which is "
                         "recorded when the service starts",
                         version);
    case OUTCOME_SPELLING:
        return strprintf("%s is another spelling of %s: the stamp is renamed when the service "
                         "starts",
                         version, declared);
    case OUTCOME_UNDONE:
        return strprintf("nothing has been written to it since it was brought to %s, so what it "
                         "was before, at %s, is simply swapped in again when the service starts",
                         version, v->route.version);
    case OUTCOME_REDONE:
        return strprintf("nothing has been written to it since it was taken back from %s to %s, so "
                         "the newer data is simply swapped in again when the service starts",
                         v->route.version, version);
    case OUTCOME_RESTORED:
        return strprintf("the backup %s, at version %s, becomes the state when the service starts; "
                         "what is there now, at %s, becomes a backup",
                         v->route.backup, v->route.version, version);
    case OUTCOME_ASKS_FRESH:
        return strprintf("no stamp yet; FreshCheck=%s finds out whether there is data, when the "
                         "service starts",
                         declaration->fresh_check.argv[0]);
    case OUTCOME_ASKS_VERSION:
        return strprintf("no stamp yet; Detect=%s finds out the version when the service starts",
                         declaration->detect.argv[0]);
    case OUTCOME_MOVING:
        return strdup("giving the state another name or directory was cut off: the next start goes "
                      "on");
    case OUTCOME_TAKEN_NAME:
    case OUTCOME_TAKEN_BACK:
    case OUTCOME_TAKEN_FROM:
    case OUTCOME_FORMER_BESIDE:
    case OUTCOME_FORMER_NOW:
    case OUTCOME_FORMER_LOST:
    case OUTCOME_FORMER_NAMES:
    case OUTCOME_FORMER_BOTH:
    case OUTCOME_FORMER_DECLARED:
    case OUTCOME_FORMER_PLACES:
    case OUTCOME_FORMER_REFUSED:
    case OUTCOME_FORMER_UNREADABLE:
        return say_former(facts, v);
    case OUTCOME_RUNNING:
        return isempty(facts->migration_status)
                   ? strdup("a migration is running")
                   : strprintf("a migration is running: %s", facts->migration_status);
    case OUTCOME_CUT_OFF:
        return strdup("a migration was cut off: the next start recovers from that, and tries it "
                      "again");
    case OUTCOME_ATTENTION:
        return strdup(or_unknown(facts->refusal.sentence));
    case OUTCOME_APPROVAL:
    case OUTCOME_APPROVAL_RESTORE:
        return say_approval(v);
    case OUTCOME_FAILED:
    case OUTCOME_FAILED_INIT:
        return say_failed(facts, v);
    case OUTCOME_ACCEPTED_FAILED:
        return facts->has_failed
                   ? say_failed(facts, v)
                   : strprintf("the software runs on version %s as it is; the migration "
                               "to %s was interrupted three times in a row",
                               version, declared);
    case OUTCOME_INTERRUPTED:
        return v->route.plan.from
                   ? strprintf("the migration from %s to %s was interrupted three times in a row",
                               v->route.plan.from, v->route.plan.to)
                   : strdup("Init= was interrupted three times in a row");
    case OUTCOME_DEFERRED:
        return deferral_describe(&facts->deferral);
    case OUTCOME_MASKED:
        return strprintf("%s is masked, so nothing is migrated and the service stays down",
                         facts->migration_unit);
    case OUTCOME_OFF:
        return strdup("'migrate=off' is on the kernel command line, so nothing is migrated before "
                      "the next boot without it");
    case OUTCOME_INVALID:
        return declaration->problems.n_items > 0 ? problem_format(declaration->problems.items)
                                                 : strdup("out of memory");
    case OUTCOME_GAP:
        return strprintf("%s: declare the migration that is missing, or Gaps=allow", v->text);
    case OUTCOME_SKIP:
        return strprintf("%s: install the versions in between, one after another", v->text);
    case OUTCOME_NEWER:
        return strprintf("%s: install the newer software again, or bring back data that this "
                         "software takes",
                         v->text);
    case OUTCOME_BETWEEN:
    case OUTCOME_MOVED_HOST:
    case OUTCOME_LEFT_HOST:
    case OUTCOME_DISAGREE:
        return say_disagree(facts, v);
    case OUTCOME_UNKNOWN:
        return strprintf("there is data in %s but nothing says which version it has: say it once, "
                         "or declare Detect= or Unversioned=",
                         where(facts));
    case OUTCOME_UNKNOWN_NOW:
        return say_unknown_now(facts);
    case OUTCOME_MISSING:
        return say_missing(facts);
    case OUTCOME_HOST_LATER:
    case OUTCOME_UNLINKED:
    case OUTCOME_OTHER_STAMP:
    case OUTCOME_GUESTS:
    case OUTCOME_MISSING_ONE:
    case OUTCOME_HOST_UNREADY:
    case OUTCOME_HOST_BUSY:
    case OUTCOME_HOST_REFUSED:
    case OUTCOME_DIRECTORY_REFUSED:
    case OUTCOME_UNREADABLE:
        return say_directory(facts, v);
    case OUTCOME_STORE_FOREIGN:
        return strprintf("users other than root own %s or can write to it", facts->store.path);
    case OUTCOME_STORE_UNREADABLE:
        return strprintf("%s cannot be read: %s", facts->store.path, strerror(-v->error));
    case OUTCOME_RECORD_UNREADABLE:
        return strprintf("%s/%s cannot be read: %s", facts->store.path, v->text,
                         strerror(-v->error));
    case OUTCOME_KEPT_UNREADABLE:
        return strprintf("the way back that was kept in %s/applied cannot be read: %s",
                         facts->store.path, strerror(-v->error));
    case OUTCOME_CONTRADICTED:
        return say_contradicted(facts, v);
    case OUTCOME_EXCHANGEABLE:
    case OUTCOME_OWNER:
    case OUTCOME_FRESH_UNKNOWN:
    case OUTCOME_UNDETECTED:
    case OUTCOME_NO_ROOM:
    case OUTCOME_IN_USE:
    case OUTCOME_CHECK_FAILED:
        return strdup(or_unknown(v->text));
    case OUTCOME_STOPPED:
        return strdup("it was interrupted");
    case OUTCOME_REFUSED:
        return say_refused(facts);
    case OUTCOMES:
        break;
    }
    return strdup("?");
}

int words_find(const Facts *facts, const Verdict *verdict, Words *ret)
{
    _cleanup_(words_free) Words words = {.sentence = say(facts, verdict)};

    if (!words.sentence)
        return -ENOMEM;
    words_find_command(facts, verdict, &words);
    *ret = words;
    words = (Words){};
    return 0;
}

/* --- a reload of systemd --------------------------------------------------------------------- */

int words_reload(const Facts *facts, Words *words, char **ret)
{
    const UnitFact *unit = NULL;
    char *sentence;

    *ret = NULL;
    for (size_t i = 0; !unit && i < facts->n_units; i++)
        if (facts->units[i].gate != GATE_UNKNOWN && facts->units[i].gate != GATE_LOADED)
            unit = facts->units + i;
    if (!unit)
        return 0;
    if (unit->gate == GATE_MISSING)
        sentence = strprintf("systemd has not read the declaration yet, so nothing guards %s: run "
                             "systemctl daemon-reload",
                             unit->unit);
    else if (unit->gate == GATE_OTHER)
        sentence = strprintf("systemd has not read this declaration yet, and guards %s as an "
                             "earlier one says: run systemctl daemon-reload",
                             unit->unit);
    else
        sentence = strprintf("systemd has not read yet that no Version= is declared any more, and "
                             "still guards %s: run systemctl daemon-reload",
                             unit->unit);
    if (!sentence)
        return -ENOMEM;
    if (words->command && words->then &&
        strreplacef(&words->then, "%s, then: %s", words->command, words->then) < 0) {
        free(sentence);
        return -ENOMEM;
    }
    if (!words->then)
        words->then = TAKE_PTR(words->command);
    free(words->command);
    words->command = strdup("systemctl daemon-reload");
    *ret = sentence;
    return words->command ? 0 : -ENOMEM;
}
