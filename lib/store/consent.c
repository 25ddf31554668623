/* SPDX-License-Identifier: MIT */
/* Reads, writes and describes the operator's decisions. Does not prompt. */
#include "store/consent.h"

#include "basic/time.h"
#include "store/record-table.h"

#include <ctype.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pwd.h>

/* --- the operator ---------------------------------------------------------------------------- */

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

/* Returns the user who logged in; su(1) does not change this uid. -1: nobody has logged in. */
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
    const struct passwd *entry;
    uid_t uid;

    for (size_t i = 0; i < ELEMENTSOF(variables); i++)
        if (name_is_printable(getenv(variables[i])))
            return getenv(variables[i]);
    uid = login_uid();
    entry = getpwuid(uid == (uid_t)-1 ? getuid() : uid);
    return entry ? entry->pw_name : NULL;
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

/* --- approvals ------------------------------------------------------------------------------- */

#define RECORD Approval
static const RecordField approval_fields[] = {
    STRING("from", from, FIELD_REQUIRED),
    STRING("to", to, FIELD_REQUIRED),
    STRING("fingerprint", fingerprint, FIELD_REQUIRED),
    STRINGS("what", what, 0),
    STRING("when", operator.when, FIELD_REQUIRED),
    STRING("by", operator.name, 0),
    INTEGER("uid", operator.uid, 0),
};
RECORD_TYPE(approval_type, approval_fields);
#undef RECORD

Fingerprint approval_fingerprint(const Fingerprint *attempt, const char *extra)
{
    Sha256 sha;

    if (!extra)
        return *attempt;
    fingerprint_begin(&sha);
    fingerprint_add_string(&sha, attempt->hex);
    fingerprint_add_string(&sha, extra);
    return fingerprint_end(&sha);
}

bool approval_is_for(const Approval *approval, const char *from, const char *to,
                     const Fingerprint *fingerprint)
{
    return from && to && streq(approval->from, from) && streq(approval->to, to) &&
           fingerprint_is(fingerprint, approval->fingerprint);
}

int approval_give(const Store *store, const char *from, const char *to,
                  const Fingerprint *fingerprint, char *const *what)
{
    Approval approval = {.from = (char *)from,
                         .to = (char *)to,
                         .fingerprint = (char *)fingerprint->hex,
                         .what = (char **)what};
    int r = operator_find(&approval.operator);

    if (r == 0)
        r = approval_write(store, RECORD_APPROVED, &approval);
    free(approval.operator.name);
    free(approval.operator.when);
    return r;
}

/* --- deferrals ------------------------------------------------------------------------------- */

#define RECORD Deferral
static const RecordField deferral_fields[] = {
    STRING("until", until, 0),      STRING("when", operator.when, 0), STRING("reason", reason, 0),
    STRING("by", operator.name, 0), INTEGER("uid", operator.uid, 0),
};
RECORD_TYPE(deferral_record_type, deferral_fields);

static uint64_t until_usec(const Deferral *deferral)
{
    uint64_t usec;

    return time_parse(deferral->until, &usec) < 0 ? UINT64_MAX : usec;
}

int deferral_read(const Store *store, Deferral *ret)
{
    Deferral deferral = {};
    int r = deferral_record_read(store, RECORD_DEFERRED, &deferral);

    if (r == 1 || r == -ENOMEM)
        return r;
    deferral.damaged = r < 0;
    *ret = deferral;
    return 0;
}

bool deferral_is_over(const Deferral *deferral)
{
    return until_usec(deferral) <= time_now();
}

char *deferral_describe(const Deferral *deferral)
{
    _cleanup_free_ char *who = NULL, *until = NULL;

    if (deferral->damaged)
        return strdup("deferred by an unknown person: the record of the deferral is damaged");
    who = operator_describe(&deferral->operator);
    if (until_usec(deferral) != UINT64_MAX)
        until = time_local(deferral->until);
    return strprintf("deferred by %s%s%s%s%s", who ? who : "?", until ? ", until " : "",
                     until ? until : "", deferral->reason ? ": " : "",
                     deferral->reason ? deferral->reason : "");
}

int deferral_write(const Store *store, uint64_t until, const char *reason)
{
    _cleanup_(deferral_record_free) Deferral deferral = {};
    int r = operator_find(&deferral.operator);

    if (r == 0 && until != UINT64_MAX) {
        deferral.until = time_format(until);
        r = deferral.until ? 0 : -ENOMEM;
    }
    if (r == 0)
        r = strreplace(&deferral.reason, reason);
    return r == 0 ? deferral_record_write(store, RECORD_DEFERRED, &deferral) : r;
}
