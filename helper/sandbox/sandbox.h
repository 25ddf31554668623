/* SPDX-License-Identifier: MIT */
/* Runs a program in namespaces of its own. A script sees the clone at the state's usual path, in
 * mount, PID, IPC, UTS and network namespaces of its own. Everything else is read-only or absent.
 * This holds for root, too, which keeps six capabilities over files and its own processes; a
 * system call filter is a second protection.
 *
 * Processes that the script starts end with the script, and the script ends with the helper.
 * The files of this folder do not know plans, versions or transactions. */
#pragma once

#include "basic/util.h"

#include <signal.h>

typedef enum SandboxAccess {
    /* The tree is mounted at the path, writable. */
    SANDBOX_WRITABLE,
    /* The tree is mounted at the path, read-only; not even access times change. */
    SANDBOX_READ_ONLY,
    /* The tree is the lower layer of an overlay in memory: the script can write, and the changes
     * are dropped. Read-only if an overlay is not possible. */
    SANDBOX_THROWAWAY,
} SandboxAccess;

/* A directory tree, usually of the state, that is shown at path. Mounts below the tree are not
 * shown. */
typedef struct SandboxTree {
    /* An absolute, normalized path of an existing directory. In /tmp, /var/tmp and /run, which are
     * private, the sandbox makes a missing directory. The path must not be a symbolic link, and all
     * parent directories must belong to root. */
    const char *path;
    /* O_PATH or O_RDONLY descriptor of the tree; may be the directory at path. */
    int fd;
    /* The tree is read-only, whatever Sandbox.access is. */
    bool read_only;
    /* The target of path if there are symbolic links on the way, which must belong to root; else
     * NULL. */
    const char *real_path;
    /* A directory above path that the user cannot enter, such as /var/lib/private: the sandbox
     * covers this directory, and shows only trees in it; or NULL. */
    const char *cover;
    /* Relative paths of directories that are taken from the directory original_fd, and shown
     * read-only. */
    int original_fd;
    char *const *exclude;
    size_t n_exclude;
} SandboxTree;

/* The longest line that is passed to line(). Longer lines are split. */
#define SANDBOX_LINE_MAX 4096u

typedef struct Sandbox {
    const SandboxTree *trees;
    size_t n_trees;
    SandboxAccess access;
    /* For hooks that talk to a running service: shows the host's network and IPC, and in /run the
     * files of users other than root and the files that run_names names (see places.c).
     *
     * Privileges are dropped and mounts are read-only as usual. But a socket of a daemon that acts
     * for root, such as a container manager, still gives a hook root's rights. */
    bool open;
    /* With open: "app" shows /run/app, /run/app.sock and /run/app-cache. */
    char *const *run_names;
    /* More paths that stay writable, sockets included: absolute, normalized, no symbolic links, and
     * in directories that belong to root. A missing path is an error. Without SANDBOX_WRITABLE, the
     * paths are read-only; with open, also paths in /run are shown. */
    char *const *read_write_paths;
    /* A directory that is shown as /tmp and /var/tmp; everybody can write to it. NULL: both are in
     * memory. */
    const int *temporary_fd;
    /* Directories that are shown empty, such as the store: absolute, normalized, and no symbolic
     * links. Missing directories are skipped. A hidden directory may be in a tree, and a tree in a
     * hidden directory. */
    char *const *hidden_paths;
    /* Name or number of the user, never NULL. A number needs no passwd entry; with an entry, the
     * process gets the supplementary groups of the user. */
    const char *user;
    /* Name or number of the group. NULL: the user's primary group, or the gid with the user's
     * number. */
    const char *group;
    /* The complete environment, as NAME=VALUE: nothing is inherited. The files in the helper's
     * $CREDENTIALS_DIRECTORY are copied to the same path in the sandbox, for the user only; the
     * caller passes the variable. */
    char *const *environment;
    uint64_t timeout_usec; /* UINT64_MAX: no limit */
    /* If *cancel is not zero, the run ends with SANDBOX_CANCELED, within a tenth of a second, or at
     * once if a signal handler without SA_RESTART has set *cancel. SIGUSR1: another run needs the
     * resources, so the script is killed without an earlier SIGTERM. */
    const volatile sig_atomic_t *cancel;
    /* Called for each line that the script prints, without its end; or NULL. */
    void (*line)(const char *line, void *userdata);
    /* Called several times a second while the script runs; or NULL. If it returns true, the script
     * is killed, and the run ends with SANDBOX_CANCELED. */
    bool (*tick)(void *userdata);
    void *userdata;
} Sandbox;

typedef enum SandboxOutcome {
    SANDBOX_EXITED = 0, /* *ret_status is the exit status, 0 to 255 */
    SANDBOX_SIGNALED,   /* *ret_status is the signal that ended the script */
    SANDBOX_TIMEOUT,    /* the script got SIGTERM, and SIGKILL five seconds later */
    SANDBOX_CANCELED,   /* *cancel ended the script, like a timeout */
    SANDBOX_SETUP,      /* the script never ran; *reterr_what says which step failed, and why */
} SandboxOutcome;

/* Runs argv (argv[0] is absolute), waits until the script ends, and kills the processes that the
 * script leaves running. Needs root. The helper must have no other threads, because the first
 * process of the sandbox is a copy of the helper that allocates memory.
 *
 * Standard input is /dev/null. Standard output and error are one pipe, passed to line(): lines are
 * split after 4 KiB, control characters are kept, and a NUL becomes a blank. With stdout_text,
 * standard output is collected there (at most 64 KiB, the rest is dropped; owned by the caller),
 * and only standard error goes to line().
 *
 * Returns a SandboxOutcome, or a negative errno if no process could be made. Sets *ret_status with
 * SANDBOX_EXITED and SANDBOX_SIGNALED, *reterr_what (owned by the caller) with SANDBOX_SETUP, and
 * *stdout_text with all other outcomes. If a file system in memory was full when the script ended,
 * *reterr_what is its path. stdout_text and reterr_what may be NULL. */
int sandbox_run(const Sandbox *sandbox, char *const *argv, char **stdout_text, int *ret_status,
                char **reterr_what) _must_check_;
