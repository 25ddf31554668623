/* SPDX-License-Identifier: MIT */
/* Makes the commands of a verdict: what to run next, and what to run after that. */
#include "judge/words.h"

/* Makes a command of migratectl for this root. NULL: the verb works only on the running system. */
static char *migratectl(const Facts *facts, const char *verb, const char *more)
{
    static const char *const offline[] = {"plan", "check", "adopt", "backups"};
    bool works = !facts->root;

    for (size_t i = 0; i < ELEMENTSOF(offline); i++)
        works = works || streq(verb, offline[i]);
    if (!works)
        return NULL;
    return strprintf("migratectl %s%s%s%s %s%s", facts->root ? "--root=" : "",
                     facts->root ? facts->root : "", facts->root ? " " : "", verb,
                     facts->declaration->name, more);
}

static char *systemctl(const Facts *facts, const char *verb, const Items *units)
{
    _cleanup_string_ String s = {};
    char *text;

    if (facts->root || units->n_items == 0)
        return NULL;
    string_appendf(&s, "systemctl %s", verb);
    for (size_t i = 0; i < units->n_items; i++)
        string_appendf(&s, " %s", units->items[i].value);
    return string_finish(&s, &text) < 0 ? NULL : text;
}

static char *start_units(const Facts *facts)
{
    return systemctl(facts, "start", &facts->declaration->units);
}

/* Chooses "migratectl start", which stops, migrates and starts the service, if the service is up or
 * the migration runs only on request. Otherwise a start of the units is enough. */
static void start(const Facts *facts, const Verdict *v, char **ret, char **ret_then)
{
    bool up = facts_are_up(facts), runs = v->accepted && facts->requested,
         by_hand = facts->manual || facts->declaration->policy == POLICY_MANUAL;

    *ret = up || runs || by_hand ? migratectl(facts, "start", "") : start_units(facts);
    if (ret_then && *ret && by_hand && !up && !runs)
        *ret_then = start_units(facts);
}

/* Makes one text of both commands of start(). */
static char *start_line(const Facts *facts, const Verdict *v)
{
    _cleanup_free_ char *first = NULL, *second = NULL;

    start(facts, v, &first, &second);
    return first && second ? strprintf("%s, then: %s", first, second) : TAKE_PTR(first);
}

/* Returns the command that starts the units after "migratectl retry". NULL: retry starts them
 * itself, because one is up, enabled or failed. */
static char *then_after_retry(const Facts *facts)
{
    bool starts = facts_are_up(facts);

    for (size_t i = 0; i < facts->n_units; i++)
        starts = starts || streq_null(facts->units[i].active, "failed") ||
                 (facts->units[i].enable && (startswith(facts->units[i].enable, "enabled") ||
                                             streq(facts->units[i].enable, "generated")));
    return starts ? NULL : start_units(facts);
}

static char *migration(const Facts *facts, const char *verb)
{
    return facts->root
               ? NULL
               : strprintf("systemctl %s migrate@%s.service", verb, facts->declaration->name);
}

/* Makes the command that starts the host's service, or its migration if the host is busy. */
static char *host(const Facts *facts, const Verdict *v)
{
    const char *name = v->directory->host;
    const Declaration *declaration =
        facts->declarations ? declarations_find(facts->declarations, name) : NULL;

    if (facts->root)
        return NULL;
    return v->outcome != OUTCOME_HOST_BUSY && declaration && declaration->units.n_items > 0
               ? systemctl(facts, "start", &declaration->units)
               : strprintf("systemctl start migrate@%s.service", name);
}

static char *restore_line(const Facts *facts, const Verdict *v)
{
    _cleanup_free_ char *restore = migratectl(facts, "restore", " ID"),
                        *line = start_line(facts, v);

    return restore && line ? strprintf("%s, then: %s", restore, line) : NULL;
}

static char *reload_line(const Facts *facts, const Verdict *v)
{
    _cleanup_free_ char *line = start_line(facts, v);

    return line ? strprintf("systemctl daemon-reload, then: %s", line) : NULL;
}

/* Makes the command that restores the backup from before an unfinished self-migration. */
static void go_back(const Facts *facts, const Verdict *v, Words *words)
{
    const char *to = version_self_target(v->version), *id = NULL;
    _cleanup_free_ char *more = NULL;

    if (facts->has_post && streq_null(facts->post.to, to))
        id = facts->post.id;
    more = id ? strprintf(" %s", id) : NULL;
    words->command = more ? migratectl(facts, "restore", more) : migratectl(facts, "backups", "");
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
    string_appendf(&s, "ln -s ");
    for (const char *p = strchr(rest, '/') + 1; (p = strchr(p, '/')); p++)
        string_appendf(&s, "../");
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

void words_find_command(const Facts *facts, const Verdict *v, Words *words)
{
    _cleanup_free_ char *more = NULL;

    switch (outcome_next(v->outcome)) {
    case NEXT_NOTHING:
        return;
    case NEXT_REST:
        words->command = facts_are_up(facts) ? NULL : start_units(facts);
        return;
    case NEXT_MIGRATE:
        words->command = migratectl(facts, "start", "");
        return;
    case NEXT_RECOVER:
        words->command = migration(facts, "start");
        words->then = words->command ? start_units(facts) : NULL;
        return;
    case NEXT_ENABLE:
        words->command = migratectl(facts, "enable", "");
        return;
    case NEXT_APPROVE:
        more = v->assumed ? strprintf(" --from=%s", v->version) : NULL;
        words->command = facts->root ? migratectl(facts, "plan", "")
                                     : migratectl(facts, "approve", more ? more : "");
        break;
    case NEXT_RETRY:
        words->command = migratectl(facts, "retry", "");
        words->then = v->accepted ? NULL : then_after_retry(facts);
        return;
    case NEXT_RESUME:
        words->command = migratectl(facts, "resume", "");
        break;
    case NEXT_UNMASK:
        words->command = migration(facts, "unmask");
        break;
    case NEXT_CHECK:
        words->command = migratectl(facts, "check", "");
        words->then = reload_line(facts, v);
        return;
    case NEXT_RELOAD:
        words->command = facts->root ? NULL : strdup("systemctl daemon-reload");
        break;
    case NEXT_PLAN:
        words->command = migratectl(facts, "plan", "");
        return;
    case NEXT_BACKUPS:
        words->command = migratectl(facts, "backups", "");
        break;
    case NEXT_RESTORE:
        words->command = migratectl(facts, "backups", "");
        words->then = restore_line(facts, v);
        return;
    case NEXT_GO_BACK:
        go_back(facts, v, words);
        break;
    case NEXT_HOST_BACKUPS:
        words->command =
            facts->root ? NULL : strprintf("migratectl backups %s", v->directory->host);
        break;
    case NEXT_ADOPT:
        more = strprintf(" %s", adopted_version(facts, v));
        words->command = more ? migratectl(facts, "adopt", more) : NULL;
        break;
    case NEXT_LINK:
        words->command = link_private(facts, v);
        break;
    case NEXT_HOST:
        words->command = host(facts, v);
        break;
    case NEXT_OWN:
        words->command = own(facts);
        break;
    case NEXT_ROOT:
        if (!facts->unprivileged) {
            start(facts, v, &words->command, &words->then);
            return;
        }
        words->command = strprintf("sudo migratectl status %s", facts->declaration->name);
        return;
    case NEXT_REFUSAL:
        words->command = facts->refusal.command ? strdup(facts->refusal.command) : NULL;
        words->then = facts->refusal.then ? strdup(facts->refusal.then) : NULL;
        return;
    case NEXT_START:
        start(facts, v, &words->command, &words->then);
        return;
    }
    words->then = start_line(facts, v);
}
