/* SPDX-License-Identifier: MIT */
/* Decides which version the state has: by its stamps, a script, a marker, or the software that
 * migrates it itself. */
#include "judge/agree.h"
#include "judge/verdict-private.h"

int verdict_take_version(Verdict *v, const char *version, bool assumed)
{
    v->version = strdup(version);
    v->assumed = assumed;
    return v->version ? 0 : -ENOMEM;
}

static int decide_assumed(const Facts *facts, Verdict *v, const char *version)
{
    int r = verdict_take_version(v, version, true);

    return r < 0 ? r : verdict_version(facts, v);
}

static int decide_fresh(const Facts *facts, Verdict *v)
{
    /* The guests' stamps would claim that a newly made state has the guests' data. */
    for (size_t i = 0; i < facts->n_directories; i++)
        if (!facts->directories[i].host && facts->directories[i].stamps.others)
            return conclude_at(v, OUTCOME_GUESTS, facts->directories + i);
    if (facts->known_error < 0)
        return conclude_text(v, OUTCOME_RECORD_UNREADABLE, RECORD_KNOWN, facts->known_error);
    if (facts->has_known)
        return conclude(v, OUTCOME_MISSING);
    if (facts->declaration->init.script.argv && facts->declaration->version.value)
        return verdict_init(facts, v);
    return verdict_in_use(facts, v) > 0 ? 0 : conclude(v, OUTCOME_FRESH);
}

/* Says whether the stamp belongs to a guest of this service (Within=). */
static bool is_guest(const Facts *facts, const char *stamp)
{
    for (size_t i = 0; facts->declarations && i < facts->declarations->n_items; i++) {
        const Declaration *guest = facts->declarations->items + i;

        if (stamp_is_of(stamp, guest->name) &&
            items_contain(&guest->within, facts->declaration->name))
            return true;
    }
    return false;
}

/* Returns a directory with another declaration's stamp: its data was copied or renamed, so
 * Unversioned= and the marker of a fresh start do not describe it. NULL: there is none. */
static const StateDirectory *find_stamped(const Facts *facts, const char **ret_stamp)
{
    for (size_t i = 0; i < facts_n_own(facts); i++)
        STRV_FOREACH (stamp, facts->directories[i].stamps.others)
            if (!is_guest(facts, *stamp)) {
                *ret_stamp = *stamp;
                return facts->directories + i;
            }
    return NULL;
}

/* Decides for data without a stamp, if neither a script nor a marker tells the version. */
static int decide_unknown(const Facts *facts, Verdict *v)
{
    const char *unversioned = facts->declaration->unversioned.value;

    if (facts->known_error < 0)
        return conclude_text(v, OUTCOME_RECORD_UNREADABLE, RECORD_KNOWN, facts->known_error);
    if (facts->has_known && !streq_null(facts->known.version, unversioned))
        return conclude(v, OUTCOME_UNKNOWN_NOW);
    if (!unversioned)
        return conclude(v, OUTCOME_UNKNOWN);
    return decide_assumed(facts, v, unversioned);
}

static int decide_unstamped(const Facts *facts, Verdict *v)
{
    const Declaration *declaration = facts->declaration;
    const char *marked = facts->fresh && version_is_valid(facts->fresh) ? facts->fresh : NULL;
    const Answer *detect = &facts->detect;
    const StateDirectory *other;
    bool fresh = facts_are_empty(facts);

    if (!fresh && declaration->fresh_check.argv) {
        if (!facts->fresh_check.asked) {
            v->asks |= ASKS_FRESH_CHECK;
            return conclude(v, OUTCOME_ASKS_FRESH);
        }
        if (facts->fresh_check.text || facts->fresh_check.interrupted)
            return conclude_answer(v, OUTCOME_FRESH_UNKNOWN, &facts->fresh_check);
        fresh = facts->fresh_check.holds;
    }
    if (fresh)
        return decide_fresh(facts, v);
    /* Detect= comes before the marker: somebody may have restored older data. */
    if (declaration->detect.argv && !detect->asked) {
        v->asks |= ASKS_DETECT;
        if (!marked)
            return find_missing(facts) ? conclude_at(v, OUTCOME_MISSING_ONE, find_missing(facts))
                                       : conclude(v, OUTCOME_ASKS_VERSION);
    } else if (declaration->detect.argv && detect->holds)
        return decide_assumed(facts, v, detect->version);
    else if (declaration->detect.argv && (detect->interrupted || !marked))
        return conclude_answer(v, OUTCOME_UNDETECTED, detect);
    other = find_stamped(facts, &v->text);
    if (other)
        return conclude_at(v, OUTCOME_OTHER_STAMP, other);
    /* The marker names the version of the software that made the state after a fresh start. */
    return marked ? decide_assumed(facts, v, marked) : decide_unknown(facts, v);
}

/* Decides for a state that the declared software migrates itself. A run of the helper does not know
 * the units, and does not have to: the gate is open. */
static int decide_own_migration(const Facts *facts, Verdict *v)
{
    const UnitFact *unit = facts->n_units > 0 ? facts->units : NULL;
    uint64_t swapped = 0;

    if (unit && (streq_null(unit->active, "active") || streq_null(unit->active, "reloading")))
        return conclude(v, OUTCOME_SELF_UP);
    if (!unit ||
        ((streq_null(unit->active, "activating") || streq_null(unit->active, "deactivating")) &&
         !(unit->sub && startswith(unit->sub, "auto-restart"))))
        return conclude(v, OUTCOME_SELF);
    if (!facts->has_written)
        v->asks |= ASKS_WRITTEN;
    if (!facts->has_written || facts->written != WRITTEN_SINCE)
        return conclude(v, OUTCOME_SELF);
    if (facts->history.n_items > 0 &&
        time_parse(facts->history.items[facts->history.n_items - 1].finished, &swapped) < 0)
        swapped = 0;
    return conclude_text(
        v, OUTCOME_SELF_BEGUN,
        unit->ended && unit->began_usec >= swapped ? unit->ended : "it was interrupted", 0);
}

/* Decides for a state with the stamp FROM::TO. */
static int decide_self(const Facts *facts, Verdict *v, const char *stamp)
{
    const Declaration *declaration = facts->declaration;
    int r = verdict_take_version(v, stamp, false);

    if (r < 0)
        return r;
    if (declaration->self_migrating &&
        streq_null(declaration->version.value, version_self_target(stamp)))
        return decide_own_migration(facts, v);
    if (!declaration->version.value)
        return conclude(v, OUTCOME_INERT);
    if (find_missing(facts))
        return conclude_at(v, OUTCOME_MISSING_ONE, find_missing(facts));
    r = verdict_route(facts, v);
    if (r == 0 && facts->ways.known && v->route.kind != ROUTE_RESTORE) {
        v->has_plan = false;
        return conclude(v, OUTCOME_SELF_OTHER);
    }
    return r;
}

int verdict_stamps(const Facts *facts, Verdict *v)
{
    const char *stamp = NULL;
    Agreement agreement;
    int r;

    for (size_t i = 0; i < facts->n_directories; i++)
        if (facts->directories[i].error && facts->directories[i].error != -ENOENT)
            return conclude_at(v, OUTCOME_UNREADABLE, facts->directories + i);
    agreement = stamps_agree(facts->directories, facts->n_directories, &v->directory, &stamp);
    v->text = stamp;
    switch (agreement) {
    case AGREEMENT_NONE:
        return decide_unstamped(facts, v);
    case AGREEMENT_VERSION:
        r = verdict_take_version(v, stamp, false);
        return r < 0 ? r : verdict_version(facts, v);
    case AGREEMENT_SELF:
        return decide_self(facts, v, stamp);
    case AGREEMENT_BETWEEN:
        return conclude(v, OUTCOME_BETWEEN);
    case AGREEMENT_MOVED:
        return conclude(v, OUTCOME_MOVED_HOST);
    case AGREEMENT_LEFT:
        return conclude(v, OUTCOME_LEFT_HOST);
    case AGREEMENT_BROKEN:
        break;
    }
    return conclude(v, OUTCOME_DISAGREE);
}
