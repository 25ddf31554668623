/* SPDX-License-Identifier: MIT */
/* Decides by user, groups and capabilities whether a process could write to files. Every local user
 * may bind mount a state, or chroot into it, in a user namespace: a process that cannot write to
 * the state does not block a migration. */
#include "inuse/private.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <sys/xattr.h>

#define BIT(capability) (UINT64_C(1) << (capability))
/* With one of these capabilities, a process can write to any file, or gain the right to. */
#define CAPABILITIES                                                                               \
    (BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_FOWNER) | BIT(CAP_SETGID) |                  \
     BIT(CAP_SETUID) | BIT(CAP_SYS_MODULE) | BIT(CAP_SYS_RAWIO) | BIT(CAP_SYS_PTRACE) |            \
     BIT(CAP_SYS_ADMIN) | BIT(CAP_MKNOD) | BIT(CAP_SETFCAP))

/* A POSIX ACL without entries for named users or groups: its header, three entries, and a mask. */
#define ACL_MINIMAL_SIZE (4 + 4 * 8)

typedef struct Range {
    unsigned long first, count;
} Range;

struct Rights {
    bool all; /* has one of CAPABILITIES in our user namespace */
    Range *users, *groups;
    size_t n_users, n_groups;
};

void rights_free(Rights *rights)
{
    if (!rights)
        return;
    free(rights->users);
    free(rights->groups);
    free(rights);
}

static int add_range(Range **ranges, size_t *n, unsigned long first, unsigned long count)
{
    Range *added = array_grow(ranges, n, sizeof(Range));

    if (!added)
        return -ENOMEM;
    *added = (Range){first, count};
    return 0;
}

/* Adds the numbers of a line of status, such as "Uid:\t0\t0\t0\t0". */
static int add_ids(const char *status, const char *key, Range **ranges, size_t *n)
{
    const char *at = strstr(status, key);
    int r = 0;

    for (at = at ? at + strlen(key) : NULL; at && r == 0;) {
        char *end;
        unsigned long id;

        at += strspn(at, "\t ");
        id = strtoul(at, &end, 10);
        if (end == at)
            break;
        r = add_range(ranges, n, id, 1);
        at = end;
    }
    return r;
}

/* Adds the ids that a user namespace maps: its root has all rights over files of these ids. */
static int add_map(char *text, Range **ranges, size_t *n)
{
    unsigned long inside, first, count;
    char *state = NULL;
    int r = 0;

    for (char *line = strtok_r(text, "\n", &state); r == 0 && line;
         line = strtok_r(NULL, "\n", &state))
        if (sscanf(line, "%lu %lu %lu", &inside, &first, &count) == 3)
            r = add_range(ranges, n, first, count);
    return r;
}

static bool in_our_user_namespace(const Survey *survey, const char *pid)
{
    _cleanup_free_ char *path = strprintf("%s/ns/user", pid);
    char theirs[64] = "", ours[64] = "?";

    return !path || readlinkat(survey->proc_fd, path, theirs, sizeof(theirs) - 1) < 0 ||
           readlinkat(survey->proc_fd, "self/ns/user", ours, sizeof(ours) - 1) < 0 ||
           streq(theirs, ours);
}

int rights_parse(const char *status, char *users, char *groups, Rights **ret)
{
    Rights *rights = calloc(1, sizeof(Rights));
    const char *permitted = strstr(status, "\nCapPrm:");
    int r = rights ? add_ids(status, "\nUid:", &rights->users, &rights->n_users) : -ENOMEM;

    if (r == 0)
        r = add_ids(status, "\nGid:", &rights->groups, &rights->n_groups);
    if (r == 0)
        r = add_ids(status, "\nGroups:", &rights->groups, &rights->n_groups);
    if (r == 0 && !users)
        rights->all =
            !permitted || (strtoull(permitted + strlen("\nCapPrm:"), NULL, 16) & CAPABILITIES) != 0;
    if (r == 0 && users)
        r = add_map(users, &rights->users, &rights->n_users);
    if (r == 0 && users)
        r = add_map(groups, &rights->groups, &rights->n_groups);
    if (r < 0)
        rights_free(rights);
    else
        *ret = rights;
    return r;
}

int rights_read(const Survey *survey, const char *pid, Rights **ret)
{
    const char *names[] = {"status", "uid_map", "gid_map"};
    _cleanup_free_ char *status = NULL, *users = NULL, *groups = NULL;
    char **texts[] = {&status, &users, &groups};
    const size_t n = in_our_user_namespace(survey, pid) ? 1 : ELEMENTSOF(names);
    int r = 0;

    for (size_t i = 0; r == 0 && i < n; i++) {
        _cleanup_free_ char *path = strprintf("%s/%s", pid, names[i]);

        r = path ? proc_read(survey->proc_fd, path, 1U << 20, texts[i]) : -ENOMEM;
    }
    return r == 0 ? rights_parse(status, users, groups, ret) : r;
}

bool rights_are_all(const Rights *rights)
{
    return rights->all;
}

static bool ranges_equal(const Range *a, size_t n_a, const Range *b, size_t n_b)
{
    return n_a == n_b && (n_a == 0 || memcmp(a, b, n_a * sizeof(Range)) == 0);
}

bool rights_equal(const Rights *a, const Rights *b)
{
    return a->all == b->all && ranges_equal(a->users, a->n_users, b->users, b->n_users) &&
           ranges_equal(a->groups, a->n_groups, b->groups, b->n_groups);
}

static bool contain(const Range *ranges, size_t n, unsigned long id)
{
    for (size_t i = 0; i < n; i++)
        if (id >= ranges[i].first && id - ranges[i].first < ranges[i].count)
            return true;
    return false;
}

static bool may_pass(const Rights *rights, const Dir *dir)
{
    for (; dir; dir = dir->parent)
        if (!contain(rights->users, rights->n_users, dir->st.stx_uid) &&
            !(dir->st.stx_mode & S_IXOTH) &&
            !((dir->st.stx_mode & S_IXGRP) &&
              contain(rights->groups, rights->n_groups, dir->st.stx_gid)))
            return false;
    return true;
}

/* If an ACL names any user or group, everybody counts as named, with the rights of the ACL's mask,
 * which is the mode of the group. */
static bool has_named_acl(const Dir *dir, const char *name)
{
    _cleanup_free_ char *path = strprintf("/proc/self/fd/%d/%s", dir->fd, name);

    return !path || lgetxattr(path, "system.posix_acl_access", NULL, 0) > ACL_MINIMAL_SIZE;
}

bool rights_to_write(const Rights *rights, const Dir *dir, const char *name, const struct statx *st)
{
    if (rights->all || contain(rights->users, rights->n_users, st->stx_uid))
        return true;
    if (S_ISLNK(st->stx_mode))
        return false;
    if ((st->stx_mode & S_IWGRP) &&
        (contain(rights->groups, rights->n_groups, st->stx_gid) || has_named_acl(dir, name)))
        return true;
    return (st->stx_mode & S_IWOTH) && may_pass(rights, name[0] ? dir : dir->parent);
}
