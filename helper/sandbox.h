/* SPDX-License-Identifier: MIT */
/* The place in which a migration's scripts run.
 *
 * A script sees the clone at the state's usual path, in mount, PID, IPC and network namespaces of
 * its own; all else is read-only or absent. What it started ends with it. Nothing in here knows of
 * plans, versions or transactions. */
#pragma once

#include "util.h"

#include <signal.h>

typedef enum SandboxAccess {
    SANDBOX_WRITABLE,  /* the tree is bound onto the path, writable */
    SANDBOX_READ_ONLY, /* the tree is bound onto the path, read-only */
    SANDBOX_THROWAWAY, /* an overlay: looks writable, what is written is gone afterwards and the tree
                          itself is untouched; where the kernel offers no overlay, read-only */
} SandboxAccess;

/* One directory of the state: the tree at fd appears at path. */
typedef struct SandboxTree {
    const char *path; /* absolute, an existing directory */
    int fd;           /* O_PATH or O_RDONLY descriptor of the directory shown there; may be the very
                         directory at path */
} SandboxTree;

typedef struct Sandbox {
    const SandboxTree *trees;
    size_t n_trees;
    SandboxAccess access;
    bool open;                /* the host's network, /run and IPC are visible (hooks that talk to a running
                                 service); privileges are dropped all the same, mounts stay read-only */
    char *const *read_write_paths; /* further absolute paths that stay writable; missing ones are an error */
    char *const *hidden_paths;     /* directories shown empty: the store, other clones; missing ones are skipped */
    const char *user;         /* name or number; never NULL */
    const char *group;        /* name or number; NULL: the user's primary group, or the gid of that number */
    char *const *environment; /* NAME=VALUE, complete: nothing is inherited besides */
    uint64_t timeout_usec;    /* UINT64_MAX: none */
    const volatile sig_atomic_t *cancel; /* non-zero: kill everything and return SANDBOX_CANCELED */
    void (*line)(const char *line, void *userdata); /* each line the script prints, without its end */
    void *userdata;
} Sandbox;

typedef enum SandboxOutcome {
    SANDBOX_EXITED = 0, /* ret_status is its exit status, 0 to 255 */
    SANDBOX_SIGNALED,   /* ret_status is the signal that ended it */
    SANDBOX_TIMEOUT,
    SANDBOX_CANCELED,
    SANDBOX_SETUP,      /* it never ran: reterr_what says which step failed and why */
} SandboxOutcome;

/* Runs argv (argv[0] absolute) and waits. Its standard input is /dev/null; standard output and error
 * are one pipe, handed to line() line by line (over-long lines in pieces, control characters kept).
 * With stdout_text, standard output is collected there instead (at most 64 KiB, owned by the caller)
 * and only standard error goes to line().
 *
 * Returns a SandboxOutcome, or a negative errno when not even a process could be made. */
int sandbox_run(const Sandbox *sandbox, char *const *argv, char **stdout_text, int *ret_status,
                char **reterr_what) _must_check_;
