/* SPDX-License-Identifier: MIT */
/* Installs the system call filter, the second protection after the dropped capabilities.
 *
 * The filter refuses user namespaces: without any capability, a process could become root over
 * mounts and networks of its own. Such a process could not reach the host: its mount namespace has
 * all our mounts locked, with their read-only flags, and the kernel refuses a new procfs while the
 * visible procfs is read-only and partly covered. But user namespaces expose more kernel bugs.
 *
 * The filter also refuses keyrings, BPF, perf and io_uring, which no migration needs; set-user-ID
 * and set-group-ID files, which would outlive the sandbox; and sockets of families that the network
 * namespace does not separate, such as AF_VSOCK. */
#include "sandbox/internal.h"

#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/socket.h>
#include <sys/stat.h>

static const unsigned namespaces[] = {
    CLONE_NEWNS,   CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
    CLONE_NEWUSER, CLONE_NEWPID,    CLONE_NEWNET,
};

static const int refused[] = {
    SCMP_SYS(setns),
    SCMP_SYS(mount),
    SCMP_SYS(umount),
    SCMP_SYS(umount2),
    SCMP_SYS(pivot_root),
    SCMP_SYS(open_tree),
    SCMP_SYS(move_mount),
    SCMP_SYS(fsopen),
    SCMP_SYS(fsconfig),
    SCMP_SYS(fsmount),
    SCMP_SYS(fspick),
    SYS_mount_setattr, /* not SCMP_SYS(): libseccomp 2.5.1 does not know mount_setattr() */
    SYS_open_tree_attr,
    SCMP_SYS(keyctl),
    SCMP_SYS(add_key),
    SCMP_SYS(request_key),
    SCMP_SYS(bpf),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(io_uring_enter),
    SCMP_SYS(io_uring_register),
    SCMP_SYS(open_by_handle_at),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(init_module),
    SCMP_SYS(finit_module),
    SCMP_SYS(delete_module),
    SCMP_SYS(kexec_load),
};

/* Calls that set the mode of a file, and the index of the mode argument. For open() and openat(),
 * the mode is after the flags, and counts only if a file is made. mkdir() ignores these bits. */
static const struct {
    int call;
    unsigned mode;
    bool flags;
} mode_setters[] = {
    {SCMP_SYS(chmod), 1, false}, {SCMP_SYS(fchmod), 1, false}, {SCMP_SYS(fchmodat), 2, false},
    {SYS_fchmodat2, 2, false},   {SCMP_SYS(mknod), 1, false},  {SCMP_SYS(mknodat), 2, false},
    {SCMP_SYS(creat), 1, false}, {SCMP_SYS(open), 2, true},    {SCMP_SYS(openat), 3, true},
};

/* The allowed families of socket(), in ascending order. */
static const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};

/* The index of the argument of clone() that has the flags. The flags of unshare() are argument 0 on
 * every architecture. */
#if defined(__s390__) || defined(__CRIS__)
#define CLONE_FLAGS 1
#else
#define CLONE_FLAGS 0
#endif

static int filter_modes(scmp_filter_ctx filter, uint32_t refuse)
{
    static const scmp_datum_t bits[] = {S_ISUID, S_ISGID},
                              makes[] = {O_CREAT, O_TMPFILE & ~O_DIRECTORY};
    int r = 0;

    for (size_t i = 0; i < ELEMENTSOF(mode_setters) * ELEMENTSOF(bits) && r >= 0; i++) {
        const scmp_datum_t bit = bits[i % ELEMENTSOF(bits)];
        const int call = mode_setters[i / ELEMENTSOF(bits)].call;
        const unsigned at = mode_setters[i / ELEMENTSOF(bits)].mode;
        const struct scmp_arg_cmp mode = SCMP_CMP(at, SCMP_CMP_MASKED_EQ, bit, bit);

        if (!mode_setters[i / ELEMENTSOF(bits)].flags)
            r = seccomp_rule_add(filter, refuse, call, 1, mode);
        else
            for (size_t j = 0; j < ELEMENTSOF(makes) && r >= 0; j++)
                r = seccomp_rule_add(filter, refuse, call, 2, mode,
                                     SCMP_CMP(at - 1, SCMP_CMP_MASKED_EQ, makes[j], makes[j]));
    }
    return r;
}

static int filter_families(scmp_filter_ctx filter)
{
    const uint32_t refuse = SCMP_ACT_ERRNO(EAFNOSUPPORT);
    int r = 0, next = 0;

    for (size_t i = 0; i < ELEMENTSOF(families) && r >= 0; next = families[i++] + 1)
        for (; next < families[i] && r >= 0; next++)
            r = seccomp_rule_add(filter, refuse, SCMP_SYS(socket), 1,
                                 SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)next));
    return r < 0 ? r
                 : seccomp_rule_add(filter, refuse, SCMP_SYS(socket), 1,
                                    SCMP_A0(SCMP_CMP_GE, (scmp_datum_t)next));
}

static int filter_fill(scmp_filter_ctx filter)
{
    const uint32_t refuse = SCMP_ACT_ERRNO(EPERM);
    int r;

    /* Under another calling convention (x32, int 0x80, a 32-bit process), the same numbers mean
     * other system calls, so all calls are refused there. */
    r = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, refuse);
    /* seccomp_load() returns the kernel's errno instead of ECANCELED. */
    if (r >= 0)
        r = seccomp_attr_set(filter, SCMP_FLTATR_API_SYSRAWRC, 1);
    /* A filter cannot read the arguments of clone3() and openat2(), which are in memory. After
     * ENOSYS, libraries use the older calls. */
    if (r >= 0)
        r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    if (r >= 0)
        r = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SYS_openat2, 0);
    for (size_t i = 0; i < ELEMENTSOF(refused) && r >= 0; i++)
        r = seccomp_rule_add(filter, refuse, refused[i], 0);
    for (size_t i = 0; i < ELEMENTSOF(namespaces) && r >= 0; i++) {
        const scmp_datum_t flag = namespaces[i];

        r = seccomp_rule_add(filter, refuse, SCMP_SYS(clone), 1,
                             SCMP_CMP(CLONE_FLAGS, SCMP_CMP_MASKED_EQ, flag, flag));
        if (r >= 0)
            r = seccomp_rule_add(filter, refuse, SCMP_SYS(unshare), 1,
                                 SCMP_A0(SCMP_CMP_MASKED_EQ, flag, flag));
    }
    if (r >= 0)
        r = filter_modes(filter, refuse);
    return r < 0 ? r : filter_families(filter);
}

int sandbox_filter(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    int r;

    if (!filter)
        return -ENOMEM;
    r = filter_fill(filter);
    if (r >= 0) {
        r = seccomp_load(filter);
        if (r == -EINVAL) /* a kernel without filters; the capabilities are dropped all the same */
            r = 0;
    }
    seccomp_release(filter);
    return r;
}
