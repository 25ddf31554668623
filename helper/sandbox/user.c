/* SPDX-License-Identifier: MIT */
/* Looks up the user as whom a script runs, and becomes this user. */
#include "sandbox/internal.h"

#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>

/* Says whether the string is a plain decimal number and a valid id. Anything else may be a name. */
static bool parse_id(const char *s, uint32_t *ret)
{
    uint64_t n = 0;

    if (!*s)
        return false;
    for (const char *p = s; *p; p++) {
        if (*p < '0' || *p > '9')
            return false;
        n = n * 10 + (uint64_t)(*p - '0');
        if (n > UINT32_MAX)
            return false;
    }
    /* (uid_t)-1 means "unchanged" to setresuid(), and 65535 was its 16-bit form. */
    if (n == UINT32_MAX || n == UINT16_MAX)
        return false;
    *ret = (uint32_t)n;
    return true;
}

static int no_such(char **reterr_what, const char *kind, const char *name, int error)
{
    *reterr_what = error ? strprintf("cannot look up %s '%s': %s", kind, name, strerror(error))
                         : strprintf("no such %s: '%s'", kind, name);
    return *reterr_what ? -ESRCH : -ENOMEM;
}

int identity_resolve(const char *user, const char *group, Identity *ret, char **reterr_what)
{
    uint32_t uid, gid;
    bool number = parse_id(user, &uid);
    _cleanup_free_ gid_t *groups = NULL;
    struct passwd *entry;
    int n = 32;

    errno = 0;
    entry = number ? getpwuid(uid) : getpwnam(user);
    if (!entry && !number)
        /* glibc sets errno to ENOENT, ESRCH and others for "not found"; only the four below are
         * failures. */
        return no_such(reterr_what, "user", user,
                       errno == EIO || errno == EMFILE || errno == ENFILE || errno == ENOMEM ? errno
                                                                                             : 0);
    if (entry)
        uid = entry->pw_uid;
    gid = entry ? entry->pw_gid : uid;

    if (group && !parse_id(group, &gid)) {
        struct group *g = getgrnam(group);

        if (!g)
            return no_such(reterr_what, "group", group, 0);
        gid = g->gr_gid;
    }

    for (;;) {
        gid_t *grown = realloc(groups, (size_t)n * sizeof(gid_t));
        int had = n;

        if (!grown)
            return -ENOMEM;
        groups = grown;
        if (!entry) {
            groups[0] = gid;
            n = 1;
            break;
        }
        if (getgrouplist(entry->pw_name, gid, groups, &n) >= 0)
            break;
        if (n <= had)
            n = had * 2;
        if (n > 2 * NGROUPS_MAX)
            return -E2BIG;
    }

    *ret = (Identity){.uid = uid, .gid = gid, .n_groups = n};
    ret->groups = TAKE_PTR(groups);
    return 0;
}

/* Capabilities that root keeps: to read, write and give away the files of the state, to run parts
 * of the work as another user, and to signal such processes. All six act on files and processes
 * that the sandbox shows, and only the state is writable there.
 *
 * Left out on purpose: CAP_SYS_ADMIN (mounts, namespaces), CAP_MKNOD, CAP_SYS_RAWIO (devices),
 * CAP_DAC_READ_SEARCH (open_by_handle_at() leaves any mount), CAP_SYS_PTRACE (the first process of
 * the sandbox), CAP_SYS_CHROOT, CAP_SYS_MODULE, CAP_SYS_TIME, CAP_NET_ADMIN, CAP_SETPCAP and
 * CAP_SETFCAP and CAP_FSETID (files with capabilities, and set-user-ID files that are written to,
 * outlive the sandbox), CAP_LINUX_IMMUTABLE, CAP_SYS_RESOURCE. */
static const int root_keeps[] = {
    CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_KILL, CAP_SETGID, CAP_SETUID,
};

int identity_assume(const Identity *identity, const char **ret_step)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct have[2] = {}, want[2] = {};
    uint64_t keep = 0;

    if (identity->uid == 0)
        for (size_t i = 0; i < ELEMENTSOF(root_keeps); i++)
            keep |= UINT64_C(1) << root_keeps[i];

    /* Capabilities that stay in the bounding set would come back when root executes a file. */
    *ret_step = "prctl(PR_CAPBSET_DROP)";
    for (int capability = 0; capability < 64; capability++) {
        if (prctl(PR_CAPBSET_READ, capability, 0, 0, 0) < 0)
            break; /* the kernel has no more capabilities */
        if (!(keep & UINT64_C(1) << capability) && prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0)
            return -errno;
    }

    *ret_step = "setgroups()";
    if (setgroups((size_t)identity->n_groups, identity->groups) < 0)
        return -errno;
    *ret_step = "setresgid()";
    if (setresgid(identity->gid, identity->gid, identity->gid) < 0)
        return -errno;
    *ret_step = "setresuid()";
    if (setresuid(identity->uid, identity->uid, identity->uid) < 0)
        return -errno;

    /* Other users need capset(), too: if the helper has certain secure bits, a change of the user
     * drops no capabilities. */
    *ret_step = "capset()";
    if (syscall(SYS_capget, &header, have) < 0)
        return -errno;
    for (int i = 0; i < 2; i++)
        want[i].permitted = want[i].effective = have[i].permitted & (uint32_t)(keep >> (32 * i));
    header.version = _LINUX_CAPABILITY_VERSION_3;
    if (syscall(SYS_capset, &header, want) < 0)
        return -errno;
    *ret_step = "prctl(PR_CAP_AMBIENT_CLEAR_ALL)";
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
        return -errno;

    *ret_step = "prctl(PR_SET_NO_NEW_PRIVS)";
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return -errno;
    *ret_step = NULL;
    return 0;
}
