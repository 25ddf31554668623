/* SPDX-License-Identifier: MIT */
/* Who decided something. Trusts nothing of it: it is told again, never acted upon. */
#include "store/operator.h"

#include "basic/time.h"

#include <ctype.h>
#include <fcntl.h>
#include <pwd.h>

#define NAME_MAX_SHOWN 64

/* It goes to terminals. */
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

/* Who logged in, however many su(1) later; audit keeps it. -1: nobody did. */
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

void operator_add(json_object *record)
{
    const char *name = find_name();

    json_add_string(record, "by", name_is_printable(name) ? name : NULL);
    json_add_integer(record, "uid", getuid());
}

char *operator_describe(json_object *record)
{
    const char *by = json_string(record, "by");
    _cleanup_free_ char *when = time_local(json_string(record, "when"));

    if (by)
        return strprintf("%s on %s", by, when ? when : "?");
    return strprintf("uid %lld on %s", (long long)json_integer(record, "uid"), when ? when : "?");
}
