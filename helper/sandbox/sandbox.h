/* SPDX-License-Identifier: MIT */
/* Runs a program in namespaces of its own. A script sees the clone at the state's usual path, in
 * mount, PID, IPC, UTS and network namespaces of its own. Everything else is read-only or absent.
 * This holds for root, too, which keeps seven capabilities over files and its own processes, with a
 * system call filter as the second wall. Processes that the script starts end with it, and the
 * script ends with the helper. Nothing in this room knows of plans, versions or transactions. */
#pragma once

#include "basic/util.h"

#include <signal.h>

typedef enum SandboxAccess {
    /* The tree is mounted at the path, writable. */
    SANDBOX_WRITABLE,
    /* The same, read-only; not even access times change. */
    SANDBOX_READ_ONLY,
    /* An overlay in memory: the script can write, the changes are dropped, and the tree stays as it
     * is. Read-only where the kernel cannot do that. */
    SANDBOX_THROWAWAY,
} SandboxAccess;

/* One directory of the state: the tree at fd appears at path. Mounts below the tree are not shown.
 */
typedef struct SandboxTree {
    /* Absolute and normalized. An existing directory, or one in /tmp, /var/tmp or /run, which are
     * private inside: there it is made. It must not be a symbolic link, and the directories above
     * it must belong to root. */
    const char *path;
    /* O_PATH or O_RDONLY descriptor of the directory to show; may be the one at path. */
    int fd;
    /* Read-only, whatever Sandbox.access is. */
    bool read_only;
    /* The target of path if there are symbolic links on the way, which must belong to root; or
     * NULL. */
    const char *real_path;
    /* A directory above it, shown with nothing but trees in it, so that the user can pass through;
     * or NULL. */
    const char *cover;
    /* Relative directories that are shown read-only as they are in the directory original_fd. */
    int original_fd;
    char *const *exclude;
    size_t n_exclude;
} SandboxTree;

/* Longer lines are split. */
#define SANDBOX_LINE_MAX 4096u

typedef struct Sandbox {
    const SandboxTree *trees;
    size_t n_trees;
    SandboxAccess access;
    /* For hooks that talk to a running service: the host's network, IPC and /run are visible,
     * except /run/systemd (but for resolve), /run/dbus, /run/user and the credentials of others.
     * Privileges are dropped and mounts read-only as usual, but a socket to a daemon that acts for
     * root, such as a container manager, is as good as root. */
    bool open;
    /* Further paths that stay writable, sockets included. Absolute, normalized, not symbolic links,
     * in directories that belong to root. A missing one is an error. */
    char *const *read_write_paths;
    /* Directories shown empty: the store, other clones. Absolute, normalized, not symbolic links.
     * Missing ones are skipped. They may be in a tree, and a tree may be in them. */
    char *const *hidden_paths;
    /* Name or number, never NULL. A number needs no passwd entry; with one, the user gets its
     * supplementary groups. */
    const char *user;
    /* Name or number. NULL: the user's primary group, or the gid with the user's number. */
    const char *group;
    /* NAME=VALUE, complete: nothing else is inherited. The files in the helper's
     * $CREDENTIALS_DIRECTORY are copied to the same path inside, for the user only; the caller
     * passes the variable. */
    char *const *environment;
    uint64_t timeout_usec; /* UINT64_MAX: none */
    /* Non-zero: end everything and return SANDBOX_CANCELED. Set it in a signal handler without
     * SA_RESTART; it is noticed within a tenth of a second in any case. SIGUSR1: another run needs
     * the resources, so the script is killed without being asked first. */
    const volatile sig_atomic_t *cancel;
    /* Gets each line that the script prints, without its end; or NULL. */
    void (*line)(const char *line, void *userdata);
    /* Called several times a second while the script runs; or NULL. */
    void (*tick)(void);
    void *userdata;
} Sandbox;

typedef enum SandboxOutcome {
    SANDBOX_EXITED = 0, /* *ret_status is the exit status, 0 to 255 */
    SANDBOX_SIGNALED,   /* *ret_status is the signal that ended it */
    SANDBOX_TIMEOUT,    /* it got SIGTERM, and was killed five seconds later */
    SANDBOX_CANCELED,   /* in the same way */
    SANDBOX_SETUP,      /* it never ran; *reterr_what is the step that failed, and why */
} SandboxOutcome;

/* Runs argv (argv[0] is absolute) and waits. Standard input is /dev/null. Standard output and error
 * are one pipe, passed to line(): lines are split after 4 KiB, control characters are kept, and a
 * NUL becomes a blank. With stdout_text, standard output is collected there (at most 64 KiB, the
 * rest is dropped; owned by the caller) and only standard error goes to line(). The run ends with
 * the script, whatever it leaves running; then no process of it is left. Needs root. The helper
 * must have no other threads, because the first process inside is a copy of it that allocates
 * memory. Returns a SandboxOutcome, or a negative errno if no process could be made. Sets
 * *ret_status with the first two outcomes, *reterr_what (owned by the caller) with the last, and
 * *stdout_text with all others. Both may be NULL. */
int sandbox_run(const Sandbox *sandbox, char *const *argv, char **stdout_text, int *ret_status,
                char **reterr_what) _must_check_;
