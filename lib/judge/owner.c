/* SPDX-License-Identifier: MIT */
/* The owner on disk and the user of the unit can differ: users get new numbers, and units another
 * User=. */
#include "judge/owner.h"

#include "system/bus.h"

#include <pwd.h>

/* The user IDs of DynamicUser=. From systemd 257 on, the directories of these users belong to
 * "nobody" instead: see systemd.exec(5). */
#define DYNAMIC_MIN 0xEF00
#define DYNAMIC_MAX 0xFFEF
#define NOBODY      65534

static bool is_dynamic(uid_t uid)
{
    return uid >= DYNAMIC_MIN && uid <= DYNAMIC_MAX;
}

/* Returns the number of a user, by name or number. False: there is no such user. */
static bool find_user(const char *user, uid_t *ret)
{
    const struct passwd *pw;

    if (!user[strspn(user, "0123456789")]) {
        *ret = (uid_t)strtoul(user, NULL, 10);
        return true;
    }
    pw = getpwnam(user);
    if (pw)
        *ret = pw->pw_uid;
    return pw != NULL;
}

static int take_directories(Declaration *declaration, char *const *names)
{
    int r = 0;

    for (size_t i = 0; r == 0 && names && names[i]; i++)
        r = strv_consume(&declaration->user_directories, strprintf("/var/lib/%s", names[i]));
    return r;
}

/* Returns 1 if the unit has a user, 0 if it has none or cannot be read, or -ENOMEM. */
static int take_user(Declaration *declaration, sd_bus *bus, const char *unit)
{
    _cleanup_free_ char *user = NULL, *group = NULL;
    _cleanup_strv_ char **directories = NULL;
    int dynamic = 0, r;
    uid_t uid;

    if (unit_property(bus, unit, "Service", "User", "s", &user) < 0 || !*user ||
        unit_property(bus, unit, "Service", "Group", "s", &group) < 0 ||
        unit_property(bus, unit, "Service", "DynamicUser", "b", &dynamic) < 0 ||
        unit_property(bus, unit, "Service", "StateDirectory", "as", &directories) < 0)
        return 0;
    r = strreplace(&declaration->user_unit, unit);
    if (r == 0)
        r = take_directories(declaration, directories);
    if (r < 0)
        return r;
    /* A dynamic user exists only while the unit runs, so no script can run as that user. */
    if (dynamic && (!find_user(user, &uid) || is_dynamic(uid)))
        return 1;
    declaration->user = TAKE_PTR(user);
    if (!declaration->group && *group)
        declaration->group = TAKE_PTR(group);
    return 1;
}

int owner_complete(Declaration *declaration, sd_bus *bus)
{
    const char *unit;
    bool old;
    int r = 0;

    if (!bus || declaration->user)
        return 0;
    for (size_t i = 0; r == 0 && (unit = declaration_user(declaration, i, &old)) && !old; i++)
        r = take_user(declaration, bus, unit);
    return MIN(r, 0);
}

bool owner_is_managed(const Declaration *declaration, const char *directory)
{
    STRV_FOREACH (managed, declaration->user_directories)
        if (path_is_within(directory, *managed))
            return true;
    return false;
}

int owner_compare(const Declaration *declaration, const char *directory, uid_t owner,
                  char **reterr_what)
{
    const char *unit = declaration->user_unit, *user = declaration->user;
    const struct passwd *pw;
    char holder[64];
    uid_t uid = 0;

    *reterr_what = NULL;
    if (!unit || (!user && (owner == 0 || owner == NOBODY || is_dynamic(owner))))
        return 0;
    if (user && !find_user(user, &uid)) {
        *reterr_what = strprintf("%s runs as '%s', and there is no such user", unit, user);
        return *reterr_what ? 0 : -ENOMEM;
    }
    if (user && uid == owner)
        return 0;
    pw = getpwuid(owner);
    if (!user && !pw)
        return 0;
    snprintf(holder, sizeof(holder), "%s%.31s", pw ? ", " : "", pw ? pw->pw_name : "");
    *reterr_what =
        user ? strprintf("%s belongs to another user (uid %u%s) than the one as whom %s runs (uid "
                         "%u, %s)",
                         directory, (unsigned)owner, holder, unit, (unsigned)uid, user)
             : strprintf("%s belongs to a user (uid %u%s), and %s runs as a dynamic user",
                         directory, (unsigned)owner, holder, unit);
    return *reterr_what ? 0 : -ENOMEM;
}

int facts_read_owner(Facts *facts)
{
    const Declaration *declaration = facts->declaration;
    uid_t uid;
    int r = 0;

    for (size_t i = 0; r == 0 && !facts->owner && i < facts->n_directories; i++) {
        const StateDirectory *directory = facts->directories + i;
        bool corrected = declaration->user && declaration->protect == PROTECT_CLONE &&
                         owner_is_managed(declaration, directory->directory);

        if (directory->error || directory->host || directory->stamps.empty || corrected)
            continue;
        r = owner_compare(declaration, directory->directory, directory->owner, &facts->owner);
    }
    facts->may_be_given = facts->owner && declaration->user && find_user(declaration->user, &uid);
    return r;
}
