/* SPDX-License-Identifier: MIT */
/* The place in which a migration's scripts run.
 *
 * A script sees the clone at the state's usual path, in mount, PID, IPC, UTS and network namespaces
 * of its own; all else is read-only or absent, for root as well: he keeps seven capabilities over
 * files and his own processes, and a system call filter stands behind that. What it started ends
 * with it, and it ends with the helper. Nothing in here knows of plans, versions or transactions.
 */
#pragma once

#include "basic/util.h"

#include <signal.h>

typedef enum SandboxAccess {
    /* The tree is bound onto the path, writable. */
    SANDBOX_WRITABLE,
    /* The same, read-only; not even access times change. */
    SANDBOX_READ_ONLY,
    /* An overlay: looks writable, what is written is gone afterwards and the tree itself is
     * untouched. It lives in memory. Where the kernel offers no overlay, read-only. */
    SANDBOX_THROWAWAY,
} SandboxAccess;

/* One directory of the state: the tree at fd appears at path. Nothing is mounted below the tree
 * (it would not be seen). */
typedef struct SandboxTree {
    /* Absolute and normalized, an existing directory or one below /tmp, /var/tmp or /run, which are
     * private inside and where it is made. A symbolic link at its end is refused; the directories
     * above it must be root's. */
    const char *path;
    /* O_PATH or O_RDONLY descriptor of the directory shown there; may be the very one at path. */
    int fd;
    /* Nobody may write it, whatever the access to the others is. */
    bool read_only;
    /* Where path leads to, if there are symbolic links on the way, which then have to be root's; or
     * NULL. */
    const char *real_path;
    /* A directory above that which is to be shown with nothing in it but trees, so that the user
     * can go through; or NULL. */
    const char *cover;
    /* Directories, relative, that are shown as they are in the directory original_fd, read-only. */
    int original_fd;
    char *const *exclude;
    size_t n_exclude;
} SandboxTree;

/* Longer lines come in pieces. */
#define SANDBOX_LINE_MAX 4096u

typedef struct Sandbox {
    const SandboxTree *trees;
    size_t n_trees;
    SandboxAccess access;
    /* For hooks that talk to a running service: the host's network, IPC and /run are visible,
     * except /run/systemd (but for resolve), /run/dbus, /run/user and others' credentials.
     * Privileges are dropped and mounts read-only all the same; but a socket to a daemon that does
     * root's bidding (a container manager's) is as good as root. */
    bool open;
    /* Further paths that stay writable, sockets included; absolute, normalized, no symbolic link at
     * their end, in directories of root's. Missing ones are an error. */
    char *const *read_write_paths;
    /* Directories shown empty: the store, other clones. Absolute, normalized, no symbolic link at
     * their end. Missing ones are skipped. They may lie in a tree, and a tree in them. */
    char *const *hidden_paths;
    /* Name or number, never NULL. A number needs no passwd entry; with one, supplementary groups
     * are that user's. */
    const char *user;
    /* Name or number; NULL: the user's primary group, or the gid of that number. */
    const char *group;
    /* NAME=VALUE, complete: nothing is inherited besides. What lies in the helper's own
     * $CREDENTIALS_DIRECTORY is there inside, at the same path, for the user alone; the variable is
     * the caller's to pass. */
    char *const *environment;
    uint64_t timeout_usec; /* UINT64_MAX: none */
    /* Non-zero: end everything and return SANDBOX_CANCELED. For a signal handler without
     * SA_RESTART; seen within a tenth of a second in any case. SIGUSR1: somebody needs what it
     * uses, so that the script is not asked first. */
    const volatile sig_atomic_t *cancel;
    /* Each line the script prints, without its end; or NULL. */
    void (*line)(const char *line, void *userdata);
    /* Called several times a second while it runs; or NULL. */
    void (*tick)(void);
    void *userdata;
} Sandbox;

typedef enum SandboxOutcome {
    SANDBOX_EXITED = 0, /* ret_status is its exit status, 0 to 255 */
    SANDBOX_SIGNALED,   /* ret_status is the signal that ended it */
    SANDBOX_TIMEOUT,    /* out of time: asked with SIGTERM, killed five seconds later */
    SANDBOX_CANCELED,   /* in the same way */
    SANDBOX_SETUP,      /* it never ran: reterr_what says which step failed and why */
} SandboxOutcome;

/* Runs argv (argv[0] absolute) and waits. Its standard input is /dev/null; standard output and
 * error are one pipe, handed to line() line by line: over-long ones in pieces of 4 KiB, control
 * characters kept, a NUL as a blank. With stdout_text, standard output is collected there instead
 * (at most 64 KiB, the rest is dropped; owned by the caller) and only standard error goes to
 * line().
 *
 * The run is over when the script is, whatever it left running or whoever holds its output; no
 * process of it is left then. Needs root. No other thread of the helper may run meanwhile: the
 * first process inside is a copy of it that allocates memory.
 *
 * Returns a SandboxOutcome, or a negative errno when not even a process could be made. ret_status
 * is set with the first two outcomes, reterr_what (owned by the caller) with the last, stdout_text
 * with all others; these two may be NULL. */
int sandbox_run(const Sandbox *sandbox, char *const *argv, char **stdout_text, int *ret_status,
                char **reterr_what) _must_check_;
