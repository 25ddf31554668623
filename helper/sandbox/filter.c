/* SPDX-License-Identifier: MIT */
/* The system call filter of the sandbox: a second wall behind the missing capabilities, never the
 * only one.
 *
 * What it closes is the one door that needs no capability: a user namespace, in which any process
 * is root over mounts and networks of its own. Nothing of the host is lost through it (a mount
 * namespace below ours has all our mounts locked, read-only flags included, and a fresh procfs is
 * refused while the visible one is read-only and partly covered), but it is where kernel bugs are
 * found. So are keyrings, BPF, perf and io_uring, which no migration needs. Architectures that are
 * not named below have no filter. The sysctl user.max_user_namespaces is no substitute there: it is
 * the host's. */
#include "sandbox/internal.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/prctl.h>

#if defined(__x86_64__)
#define FILTER_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__) && defined(__AARCH64EL__)
#define FILTER_ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64 && defined(AUDIT_ARCH_RISCV64)
#define FILTER_ARCH AUDIT_ARCH_RISCV64
#endif

#ifdef FILTER_ARCH

#define NAMESPACES                                                                                 \
    (CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID |  \
     CLONE_NEWNET)

static const uint32_t refused[] = {
    SYS_setns,
    SYS_mount,
    SYS_umount2,
    SYS_pivot_root,
    428 /* open_tree */,
    429 /* move_mount */,
    430 /* fsopen */,
    431 /* fsconfig */,
    432 /* fsmount */,
    433 /* fspick */,
    442 /* mount_setattr */,
    467 /* open_tree_attr */,
    SYS_keyctl,
    SYS_add_key,
    SYS_request_key,
    SYS_bpf,
    SYS_perf_event_open,
    425 /* io_uring_setup */,
    426 /* io_uring_enter */,
    427 /* io_uring_register */,
    SYS_open_by_handle_at,
    SYS_userfaultfd,
    SYS_init_module,
    SYS_finit_module,
    SYS_delete_module,
    SYS_kexec_load,
};

int sandbox_filter(void)
{
    struct sock_filter code[2 * ELEMENTSOF(refused) + 32];
    unsigned short n = 0;

#define EMIT(...) code[n++] = (struct sock_filter)__VA_ARGS__
#define LOAD(field)                                                                                \
    EMIT(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offsetof(struct seccomp_data, field)))
#define JUMP_UNLESS(test, value, by) EMIT(BPF_JUMP(BPF_JMP | (test) | BPF_K, value, 0, by))
#define REFUSE(error)                                                                              \
    EMIT(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ((error)&SECCOMP_RET_DATA)))

    /* The numbers mean something else under another calling convention (a 32 bit process, int
     * 0x80): nothing is allowed there rather than anything. */
    LOAD(arch);
    EMIT(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, FILTER_ARCH, 1, 0));
    REFUSE(EPERM);
    LOAD(nr);
#ifdef __x86_64__
    JUMP_UNLESS(BPF_JGE, 0x40000000 /* x32 */, 1);
    REFUSE(ENOSYS);
#endif

    /* The flags of clone3() lie in memory, which a filter cannot read; without it libraries fall
     * back to clone(). */
    JUMP_UNLESS(BPF_JEQ, 435, 1);
    REFUSE(ENOSYS);

    for (size_t i = 0; i < ELEMENTSOF(refused); i++) {
        JUMP_UNLESS(BPF_JEQ, refused[i], 1);
        REFUSE(EPERM);
    }

    /* The flags are the low half of the first argument of both, on these architectures. */
    EMIT(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_unshare, 1, 0));
    JUMP_UNLESS(BPF_JEQ, SYS_clone, 3);
    LOAD(args[0]);
    JUMP_UNLESS(BPF_JSET, NAMESPACES, 1);
    REFUSE(EPERM);
    EMIT(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));

    struct sock_fprog program = {.len = n, .filter = code};

    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) >= 0)
        return 0;
    /* EINVAL: a kernel without filters. The capabilities are gone all the same. */
    return errno == EINVAL ? 0 : -errno;
}

#else

int sandbox_filter(void)
{
    return 0;
}

#endif
