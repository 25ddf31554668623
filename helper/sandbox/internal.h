/* SPDX-License-Identifier: MIT */
/* Declarations that only the files of this folder use, and system calls that a C library of 2020
 * does not name. */
#pragma once

#include "sandbox/sandbox.h"

#include <limits.h>
#include <sys/mount.h>
#include <sys/syscall.h>

/* The user as whom the script runs. The helper looks up the user, because name services may need
 * sockets and files that do not exist in the sandbox. */
typedef struct Identity {
    uid_t uid;
    gid_t gid;
    gid_t *groups;
    int n_groups;
} Identity;

/* Everything that the helper passes to the first process of the sandbox, which has its own copies
 * of the descriptors. */
typedef struct Setup {
    const Sandbox *sandbox;
    char *const *argv;
    Identity identity;
    const char *credentials; /* the helper's $CREDENTIALS_DIRECTORY, or NULL */
    int go_fd; /* gets a byte when the helper watches, or the end of file if the helper has ended */
    int report_fd;        /* pipe for sandbox_report() */
    const char *specials; /* paths of the host's sockets and FIFOs, each with its NUL */
    size_t specials_size;
    int output_fd, error_fd; /* pipes for the script's output; may be one pipe */
} Setup;

/* The wait status of the script, with the path of a full file system in memory; or the reason why
 * the script never ran. Each report is one write(2), and
 * fits into a pipe as one piece. */
typedef struct Report {
    int failed;
    int status;
    char text[PIPE_BUF - 2 * sizeof(int)];
} Report;

#define TEXT_MAX_BYTES (64u * 1024)

/* The output of one pipe, which is passed on by lines, or collected in text. */
typedef struct Stream {
    int fd;
    char *text; /* TEXT_MAX_BYTES + 1, or NULL */
    size_t used;
    char line[SANDBOX_LINE_MAX + 1];
} Stream;

/* Takes output: calls sandbox->line() for each line that is complete. */
void stream_take(const Sandbox *sandbox, Stream *s, const char *data, size_t size);

/* Becomes the first process of the sandbox. The caller has to be in a new PID namespace. */
_Noreturn void sandbox_init(const Setup *setup);
/* Sends a report to the helper. */
void sandbox_report(const Setup *setup, const Report *what);
/* Reports "STEP: strerror(error)" and ends the process. If error is 0, reports the step only. */
_Noreturn void sandbox_fail(const Setup *setup, int error, const char *step, ...) _printf_(3, 4);

/* Moves this process into a mount namespace of its own, and builds the sandbox's tree there. */
void sandbox_mount_all(const Setup *setup);

/* --- detached mounts ------------------------------------------------------------------------- */

#define NO_TRUST (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)

/* Sets attributes of the mount at path (below fd), and its propagation unless propagation is 0; see
 * mount_setattr(2). 0 or a negative errno. */
int mount_set(int fd, const char *path, unsigned flags, uint64_t attributes,
              uint64_t propagation) _must_check_;
/* Makes a detached copy of the mount at path (below fd). Changes to the original, and propagation,
 * do not reach the copy. Returns a descriptor, or the negative errno of open_tree(2). */
int mount_take(const Setup *setup, int fd, const char *path, unsigned flags,
               uint64_t attributes) _must_check_;
/* Makes a new, detached file system. options: pairs of key and value, ended by NULL; or NULL.
 * Returns a descriptor; errors end the process (sandbox_fail()). */
int mount_make(const Setup *setup, const char *type, const char *const *options,
               uint64_t attributes) _must_check_;
/* Lets programs be executed from a detached copy of a mount. Returns 0 or a negative errno. */
int mount_allow_execution(int fd) _must_check_;
/* Makes a file system in memory. share: how much of the memory it may take, such as "10%". */
int mount_make_tmpfs(const Setup *setup, const char *mode, const char *share) _must_check_;
/* Attaches a detached mount at path, which must not be a symbolic link. Makes a missing mount point
 * in a private file system. */
void mount_attach(const Setup *setup, int mount_fd, const char *path);
/* Makes one mount read-only, without mounts below it. */
void mount_seal(const Setup *setup, int mount_fd, const char *path);

/* --- /dev, /proc, /run and /tmp -------------------------------------------------------------- */

/* How much of the memory the sandbox's file systems may take: as for systemd's TemporaryFileSystem=,
 * but more where programs keep their shared memory, or copies of a state's files. */
#define MEMORY_SMALL "10%"
#define MEMORY_LARGE "50%"

/* Detached copies of the host's mounts; -1 if the host has no such file. */
typedef struct HostPlaces {
    int nodes[6];
    int temporary[2]; /* /tmp and /var/tmp; -1: in memory */
    struct {
        char *path;
        int fd;
    } * shown; /* in /run */
    size_t n_shown;
} HostPlaces;

/* Finds the paths at which our mounts show sockets and FIFOs that any process of the host has open.
 * Some paths are empty, or do not exist. Stops early if /proc does not answer for five seconds. The
 * caller owns *ret, *ret_size bytes of strings. 0 or a negative errno. */
int specials_find(const volatile sig_atomic_t *cancel, char **ret, size_t *ret_size) _must_check_;

void places_take(const Setup *setup, HostPlaces *ret);
void places_make(const Setup *setup, const HostPlaces *host);
/* Returns the path of a file system in memory that is full, in the sandbox; or NULL. Borrowed. */
const char *places_full(const Sandbox *sandbox);

/* --- the user, the filter -------------------------------------------------------------------- */

/* Looks up a user and a group (name or number; group may be NULL). The caller frees ret->groups. 0;
 * -ESRCH if one does not exist (*reterr_what, owned by the caller, says which); or a negative
 * errno. */
int identity_resolve(const char *user, const char *group, Identity *ret,
                     char **reterr_what) _must_check_;
/* Becomes this user for good. 0, or a negative errno with the failed step in *ret_step. */
int identity_assume(const Identity *identity, const char **ret_step) _must_check_;

/* Installs the system call filter. no_new_privs has to be set. 0 or a negative errno. */
int sandbox_filter(void) _must_check_;

/* --- system calls that a C library of 2020 does not name ------------------------------------- */

/* Since Linux 5.1, all architectures number new system calls alike, on some with an offset. */
#define SYSCALL_NUMBER(n) (SYS_pidfd_send_signal - 424 + (n))
#ifndef SYS_close_range
#define SYS_close_range SYSCALL_NUMBER(436)
#endif
#ifndef SYS_openat2
#define SYS_openat2 SYSCALL_NUMBER(437)
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr SYSCALL_NUMBER(442)
#endif
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 SYSCALL_NUMBER(452)
#endif
#ifndef SYS_open_tree_attr
#define SYS_open_tree_attr SYSCALL_NUMBER(467)
#endif

#ifndef MOUNT_ATTR_RDONLY
#define MOUNT_ATTR_RDONLY 0x01
#define MOUNT_ATTR_NOSUID 0x02
#define MOUNT_ATTR_NODEV  0x04
#define MOUNT_ATTR_NOEXEC 0x08
#endif
#ifndef OPEN_TREE_CLONE
#define OPEN_TREE_CLONE 1
#endif
#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif
#ifndef MOVE_MOUNT_F_EMPTY_PATH
#define MOVE_MOUNT_F_EMPTY_PATH 0x04
#endif
#ifndef MOVE_MOUNT_T_EMPTY_PATH
#define MOVE_MOUNT_T_EMPTY_PATH 0x40
#endif
#ifndef FSOPEN_CLOEXEC
#define FSOPEN_CLOEXEC 1
#endif
#ifndef FSMOUNT_CLOEXEC
#define FSMOUNT_CLOEXEC 1
#endif
#ifndef FSCONFIG_SET_STRING
#define FSCONFIG_SET_STRING 1
#endif
#ifndef FSCONFIG_CMD_CREATE
#define FSCONFIG_CMD_CREATE 6
#endif
