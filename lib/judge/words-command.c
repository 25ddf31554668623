/* SPDX-License-Identifier: MIT */
/* Makes the commands of a verdict: what to run next, and what to run after that. Each function
 * returns NULL if there is no command for this root, or if it is out of memory. */
#include "judge/words.h"

/* Makes a command of migratectl. argument may be NULL. */
static char *migratectl(const Facts *facts, const char *verb, const char *argument)
{
    static const char *const offline[] = {"plan", "check", "adopt", "backups"};
    bool works = !facts->root;

    for (size_t i = 0; i < ELEMENTSOF(offline); i++)
        works = works || streq(verb, offline[i]);
    if (!works)
        return NULL;
    return strprintf("migratectl %s%s%s%s %s%s%s", facts->root ? "--root=" : "",
                     facts->root ? facts->root : "", facts->root ? " " : "", verb,
                     facts->declaration->name, argument ? " " : "", argument ? argument : "");
}

/* An operator has masked the unit, so an operator must unmask it. */
static void append_unmask(String *s, const Facts *facts, const Declaration *declaration)
{
    ARRAY_FOREACH (unit, facts->units, facts->n_units)
        if (declaration == facts->declaration && !unit->old && streq_null(unit->load, "masked"))
            string_appendf(s, "systemctl unmask %s && ", unit->unit);
}

static char *systemctl_start(const Facts *facts, const Declaration *declaration)
{
    _cleanup_string_ String s = {};
    char *text;

    if (facts->root || declaration->units.n_items == 0 ||
        (declaration == facts->declaration && facts_lack_units(facts)))
        return NULL;
    append_unmask(&s, facts, declaration);
    string_append(&s, "systemctl start");
    for (size_t i = 0; i < declaration->units.n_items; i++)
        string_appendf(&s, " %s", declaration->units.items[i].value);
    return string_finish(&s, &text) < 0 ? NULL : text;
}

static char *start_units(const Facts *facts)
{
    return systemctl_start(facts, facts->declaration);
}

static char *migration(const Facts *facts, const char *verb, const char *name)
{
    return facts->root ? NULL : strprintf("systemctl %s migrate@%s.service", verb, name);
}

/* Says whether "migratectl start" is needed, which stops, migrates and starts the service. */
static bool needs_verb(const Facts *facts, const Verdict *v)
{
    return facts_are_up(facts) || (v->accepted && facts->requested);
}

static bool is_by_hand(const Facts *facts)
{
    return facts->manual || facts->declaration->policy == POLICY_MANUAL;
}

static char *start(const Facts *facts, const Verdict *v)
{
    return needs_verb(facts, v) || is_by_hand(facts) ? migratectl(facts, "start", NULL)
                                                     : start_units(facts);
}

/* Makes the command that starts the host's service, or its migration if the host is busy. */
static char *host(const Facts *facts, const Verdict *v)
{
    const char *name = v->directory->host;
    const Declaration *declaration =
        facts->declarations ? declarations_find(facts->declarations, name) : NULL;

    return v->outcome != OUTCOME_HOST_BUSY && declaration && declaration->units.n_items > 0
               ? systemctl_start(facts, declaration)
               : migration(facts, "start", name);
}

/* Makes the command that restores the backup from before an unfinished self-migration. */
static char *go_back(const Facts *facts, const Verdict *v)
{
    return facts->has_post && facts->post.id &&
                   streq_null(facts->post.to, version_self_target(v->version))
               ? migratectl(facts, "restore", facts->post.id)
               : migratectl(facts, "backups", NULL);
}

static char *approve(const Facts *facts, const Verdict *v)
{
    _cleanup_free_ char *from = v->assumed ? strprintf("--from=%s", v->version) : NULL;

    return facts->root ? migratectl(facts, "plan", NULL) : migratectl(facts, "approve", from);
}

/* Returns the version that the records suggest; "VERSION": a person has to know it. */
static const char *adopted_version(const Facts *facts, const Verdict *v)
{
    if (v->outcome == OUTCOME_UNKNOWN_NOW && facts->known.version)
        return facts->known.version;
    if (v->outcome == OUTCOME_OTHER_STAMP && version_is_valid(strrchr(v->text, '=') + 1))
        return strrchr(v->text, '=') + 1;
    return "VERSION";
}

/* Makes the command for a lost link of DynamicUser=. The link is relative, as systemd makes it. */
static char *link_private(const Facts *facts, const Verdict *v)
{
    const char *path = v->directory->directory;
    _cleanup_free_ char *private = facts_private_path(path);
    _cleanup_string_ String s = {};
    const char *rest;
    char *text;

    if (facts->root || !private)
        return NULL;
    rest = strstr(private, "/private/") + 1;
    if (!v->directory->error)
        string_appendf(&s, "rmdir %s && ", path);
    string_append(&s, "ln -s ");
    for (const char *p = strchr(rest, '/') + 1; (p = strchr(p, '/')); p++)
        string_append(&s, "../");
    string_appendf(&s, "%s %s", rest, path);
    return string_finish(&s, &text) < 0 ? NULL : text;
}

/* Makes the command that gives all directories of another owner to the unit's user. */
static char *own(const Facts *facts)
{
    const char *user = facts->declaration->user, *group = facts->declaration->group;
    _cleanup_string_ String s = {};
    char *text;

    if (facts->root || !facts->may_be_given)
        return NULL;
    string_appendf(&s, "chown -hR %s:%s", user, group ? group : "");
    for (size_t i = 0; i < facts_n_own(facts); i++)
        string_appendf(&s, " %s", facts->directories[i].directory);
    return string_finish(&s, &text) < 0 ? NULL : text;
}

/* Says whether a disk is to be mounted first, rather than a backup brought back. */
static bool can_be_mounted(const Facts *facts, const Verdict *v)
{
    return v->outcome == OUTCOME_DISAGREE && words_bare_directory(facts);
}

static char *first_command(const Facts *facts, const Verdict *v)
{
    const char *name = facts->declaration->name;

    switch (outcome_next(v->outcome)) {
    case NEXT_NOTHING:
        break;
    case NEXT_START:
        return start(facts, v);
    case NEXT_REST:
        return facts_are_up(facts) ? NULL : start_units(facts);
    case NEXT_MIGRATE:
        return migratectl(facts, "start", NULL);
    case NEXT_RECOVER:
        return migration(facts, "start", name);
    case NEXT_ENABLE:
        return migratectl(facts, "enable", NULL);
    case NEXT_APPROVE:
        return approve(facts, v);
    case NEXT_RETRY:
        return migratectl(facts, "retry", NULL);
    case NEXT_RESUME:
        return migratectl(facts, "resume", NULL);
    case NEXT_UNMASK:
        return migration(facts, "unmask", name);
    case NEXT_CORRECT:
        return migratectl(facts, facts->root ? "check" : "start", NULL);
    case NEXT_PLAN:
        return migratectl(facts, "plan", NULL);
    case NEXT_RESTORE:
        if (!facts->root && words_way_down(facts, v))
            return migratectl(facts, "restore", "latest");
        return migratectl(facts, "backups", NULL);
    case NEXT_BACKUPS:
        return can_be_mounted(facts, v) ? start(facts, v) : migratectl(facts, "backups", NULL);
    case NEXT_GO_BACK:
        return go_back(facts, v);
    case NEXT_HOST_BACKUPS:
        return facts->root ? NULL : strprintf("migratectl backups %s", v->directory->host);
    case NEXT_ADOPT:
        return migratectl(facts, "adopt", adopted_version(facts, v));
    case NEXT_LINK:
        return link_private(facts, v);
    case NEXT_OWN:
        return own(facts);
    case NEXT_HOST:
        return host(facts, v);
    case NEXT_ROOT:
        return facts->unprivileged ? strprintf("sudo migratectl status %s", name) : start(facts, v);
    case NEXT_REFUSAL:
        return facts->refusal.command ? strdup(facts->refusal.command) : NULL;
    }
    return NULL;
}

static char *second_command(const Facts *facts, const Verdict *v)
{
    switch (outcome_next(v->outcome)) {
    case NEXT_NOTHING:
    case NEXT_START:
    case NEXT_REST:
    case NEXT_MIGRATE:
    case NEXT_ENABLE:
    case NEXT_RETRY:
    case NEXT_CORRECT:
    case NEXT_PLAN:
    case NEXT_ROOT:
        return NULL;
    case NEXT_RECOVER:
        return start_units(facts);
    case NEXT_RESTORE:
        /* a list of backups brings nothing up */
        return words_way_down(facts, v) ? start(facts, v) : NULL;
    case NEXT_REFUSAL:
        return facts->refusal.then ? strdup(facts->refusal.then) : NULL;
    default:
        return can_be_mounted(facts, v) ? NULL : start(facts, v);
    }
}

void words_find_command(const Facts *facts, const Verdict *v, Words *words)
{
    words->command = first_command(facts, v);
    words->then = second_command(facts, v);
}
