/* SPDX-License-Identifier: MIT */
/* Finds out who runs this program. */
#include "store/operator.h"

#include "basic/time.h"
#include "store/store.h"

#include <ctype.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pwd.h>

#define NAME_MAX_SHOWN 64

/* Says whether a name can be printed to a terminal. */
static bool name_is_printable(const char *name)
{
    size_t n = name ? strlen(name) : 0;

    for (size_t i = 0; i < n; i++)
        if (!isgraph((unsigned char)name[i]))
            return false;
    return n > 0 && n <= NAME_MAX_SHOWN;
}

static const char *name_of(uid_t uid)
{
    const struct passwd *entry = getpwuid(uid);

    return entry ? entry->pw_name : NULL;
}

/* Returns the user who logged in, which the audit system keeps through su(1). -1: nobody did. */
static uid_t login_uid(void)
{
    _cleanup_free_ char *text = NULL;

    if (read_file_at(AT_FDCWD, "/proc/self/loginuid", 64, &text, NULL) < 0)
        return (uid_t)-1;
    return (uid_t)strtoul(text, NULL, 10);
}

static const char *find_name(void)
{
    static const char *const variables[] = {"SUDO_USER", "DOAS_USER", "RUN0_USER"};
    uid_t uid;

    for (size_t i = 0; i < ELEMENTSOF(variables); i++)
        if (name_is_printable(getenv(variables[i])))
            return getenv(variables[i]);
    uid = login_uid();
    return name_of(uid == (uid_t)-1 ? getuid() : uid);
}

int operator_find(Operator *ret)
{
    const char *name = find_name();
    int r = strreplace(&ret->name, name_is_printable(name) ? name : NULL);

    ret->uid = getuid();
    free(ret->when);
    ret->when = time_format(time_now());
    return r == 0 && !ret->when ? -ENOMEM : r;
}

char *operator_describe(const Operator *operator)
{
    _cleanup_free_ char *when = time_local(operator->when);

    if (operator->name)
        return strprintf("%s on %s", operator->name, when ? when : "?");
    return strprintf("uid %" PRId64 " on %s", MAX(operator->uid, 0), when ? when : "?");
}
