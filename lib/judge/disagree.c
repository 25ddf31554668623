/* SPDX-License-Identifier: MIT */
/* Sentences about places that do not agree. Looks at nothing. */
#include "judge/disagree.h"

const char *disagree_between(char *const *versions)
{
    STRV_FOREACH (version, (char **)versions)
        if (strchr(*version, ':'))
            return *version;
    return NULL;
}

char *disagree_describe_between(const char *name, const char *where, const char *between)
{
    return strprintf(
        "%s is stamped %s: it is somewhere between the two, and no record says more. What was "
        "there before is among its backups (migratectl backups %s). Put a whole copy in its "
        "place, or, if it is known which version it has: migratectl adopt --force %s VERSION",
        where, between, name, name);
}

char *disagree_describe_moved(const char *name, const char *version, const char *host,
                              char *const *there, const char *found)
{
    return strprintf(
        "the directories of the state do not agree: %s. %s. Bring the data of %s back that goes "
        "with "
        "version %s (migratectl backups %s)%s%s; or, if all of it really has one version, say so: "
        "migratectl adopt --force %s VERSION",
        found,
        there ? "The one that it lives in was restored, or exchanged, without it"
              : "The one that it lives in was restored to before there was such a part, or Within= "
                "is new",
        host, version, host,
        there ? ", or of this one what goes with the other: migratectl backups " : "",
        there ? name : "", name);
}

char *disagree_describe_left(const char *name, const char *host, const char *found)
{
    return strprintf("nothing is left of the state but the part that lives in %s: %s. If the rest "
                     "is on a disk that is not mounted, mount it. If it is lost, bring a backup "
                     "back: migratectl backups %s shows them, migratectl restore %s ID. To begin "
                     "anew, remove what it has in %s, and then type: migratectl forget %s",
                     host, found, name, name, host, name);
}

char *disagree_describe(const char *name, const char *found)
{
    return strprintf("the directories of the state do not agree: %s. Bring back what is missing "
                     "(migratectl backups %s), or say which version all of it has: migratectl "
                     "adopt --force %s VERSION",
                     found, name, name);
}
