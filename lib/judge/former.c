/* SPDX-License-Identifier: MIT */
/* Decides under which name, and in which directory, the state is. */
#include "judge/former.h"

#include "judge/facts.h"

static Former refuse(Outcome outcome, const char *name, const char *other)
{
    return (Former){.refused = true, .outcome = outcome, .name = name, .other = other};
}

static Former refuse_errno(const char *what, int error)
{
    return (Former){
        .refused = true, .outcome = OUTCOME_FORMER_UNREADABLE, .other = what, .error = error};
}

/* --- the name ------------------------------------------------------------------------------ */

/* Decides whether a newer system has renamed the state, and this older system has to take it
 * back. */
static Former find_moved_away(const Facts *facts)
{
    const FormerFacts *former = &facts->former;
    const FormerName *moved = &former->moved;

    if (former->moved_error < 0)
        return refuse_errno(moved->name ? moved->name : facts->declaration->name,
                            former->moved_error);
    if (!moved->name)
        return (Former){};
    if (former->own_records != 0)
        return refuse(OUTCOME_FORMER_BESIDE, moved->name, NULL);
    if (moved->declared)
        return refuse(OUTCOME_FORMER_NOW, moved->name, NULL);
    if (moved->records < 0)
        return refuse_errno(moved->name, moved->records);
    if (moved->records == 0)
        return refuse(OUTCOME_FORMER_LOST, moved->name, NULL);
    return (Former){.found = true,
                    .outcome = OUTCOME_TAKEN_BACK,
                    .name = moved->name,
                    .known = &moved->known,
                    .records_elsewhere = true};
}

/* Says whether a declared or former directory has stamps of that name: 1, 0, or a negative errno. A
 * directory that cannot be read does not count as empty. */
static int has_stamps(const Facts *facts, const char *name)
{
    for (size_t i = 0; i < facts->n_directories; i++) {
        const StateDirectory *directory = facts->directories + i;

        if (directory->host)
            continue;
        if (directory->error && directory->error != -ENOENT)
            return directory->error;
        if (stamps_have_other(&directory->stamps, name))
            return 1;
    }
    for (size_t i = 0; i < facts->declaration->former_directories.n_items; i++) {
        const FormerDirectory *directory = facts->former.directories + i;

        if (directory->error && directory->error != -ENOENT)
            return directory->error;
        if (stamps_have_other(&directory->stamps, name))
            return 1;
    }
    return 0;
}

static bool has_own_stamps(const Facts *facts)
{
    for (size_t i = 0; i < facts->n_directories; i++)
        if (!facts->directories[i].host && facts->directories[i].stamps.versions)
            return true;
    for (size_t i = 0; i < facts->declaration->former_directories.n_items; i++)
        if (facts->former.directories[i].stamps.versions)
            return true;
    return false;
}

static Former find_former_name(const Facts *facts)
{
    const FormerFacts *former = &facts->former;
    const FormerName *found = NULL, *stamped = NULL, *hidden = NULL, *any;

    for (size_t i = 0; i < former->n_names; i++) {
        const FormerName *name = former->names + i;
        int r = name->records <= 0 && !stamped ? has_stamps(facts, name->name) : 0;

        /* Only root can read records; everybody can read stamps. */
        hidden = name->records == -EACCES && !hidden ? name : hidden;
        if ((name->records < 0 && name->records != -EACCES) || r < 0)
            return refuse_errno(name->name, r < 0 ? r : name->records);
        if (name->records > 0 && found)
            return refuse(OUTCOME_FORMER_NAMES, found->name, name->name);
        found = name->records > 0 ? name : found;
        stamped = r > 0 ? name : stamped;
    }
    any = found ? found : stamped;
    if (!found && has_own_stamps(facts))
        return (Former){};
    if (!any && hidden)
        return refuse_errno(hidden->name, hidden->records);
    if (!any)
        return (Former){};
    if (former->own_records < 0 && former->own_records != -EACCES)
        return refuse_errno(facts->declaration->name, former->own_records);
    if (found && former->own_records > 0)
        return refuse(OUTCOME_FORMER_BOTH, found->name, NULL);
    if (any->declared)
        return refuse(OUTCOME_FORMER_DECLARED, any->name, NULL);
    /* The declared name already has the records if an earlier start took over the records while the
     * directory was missing. */
    return (Former){.found = true,
                    .outcome = OUTCOME_TAKEN_NAME,
                    .name = any->name,
                    .known = &any->known,
                    .records_elsewhere = former->own_records == 0};
}

/* --- the directory ------------------------------------------------------------------------- */

static Former refuse_directory(Outcome outcome, const char *directory, const char *other)
{
    return (Former){.refused = true, .outcome = outcome, .directory = directory, .other = other};
}

static bool is_there(const FormerDirectory *directory, const Former *former)
{
    return directory->stamps.versions ||
           (former->name && stamps_have_other(&directory->stamps, former->name));
}

/* Returns the directory to which a newer system has moved the state, by the last-seen record. NULL:
 * it was not moved from the declared directory. */
static const char *moved_to(const Facts *facts, const Former *former)
{
    const char *declared = facts->declaration->directories.items[0].value;
    const Known *known = former->known ? former->known : &facts->known;

    return strv_contains(known->former, declared) && strv_length(known->directories) == 1
               ? known->directories[0]
               : NULL;
}

static void find_former_directory(const Facts *facts, Former *former)
{
    const Declaration *declaration = facts->declaration;
    const char *moved, *declared;

    if (declaration->directories.n_items != 1 || facts->directories[0].refused ||
        (facts->directories[0].error && facts->directories[0].error != -ENOENT) ||
        facts->directories[0].stamps.versions || !facts->directories[0].stamps.empty)
        return;
    declared = declaration->directories.items[0].value;
    moved = moved_to(facts, former);
    for (size_t i = 0; i < facts->former.n_directories; i++) {
        const FormerDirectory *directory = facts->former.directories + i;
        bool counts =
            i < declaration->former_directories.n_items || streq_null(directory->directory, moved);

        if (!counts || streq(directory->directory, declared) ||
            streq_null(directory->directory, former->directory))
            continue;
        if (directory->refused)
            *former =
                refuse_directory(OUTCOME_FORMER_REFUSED, directory->directory, directory->refused);
        else if (directory->error && directory->error != -ENOENT)
            *former = refuse_errno(directory->directory, directory->error);
        else if (!is_there(directory, former))
            continue;
        else if (former->directory)
            *former =
                refuse_directory(OUTCOME_FORMER_PLACES, former->directory, directory->directory);
        else
            former->directory = directory->directory;
        if (former->refused)
            return;
    }
}

Former former_decide(const Facts *facts)
{
    /* The name comes first, since a state without directories has a name, too. */
    Former former = find_moved_away(facts);

    if (!former.found && !former.refused)
        former = find_former_name(facts);
    if (!former.refused)
        find_former_directory(facts, &former);
    if (former.refused || former.found)
        return former;
    if (!former.directory)
        return (Former){};
    former.found = true;
    former.outcome = OUTCOME_TAKEN_FROM;
    former.known = &facts->known;
    return former;
}
