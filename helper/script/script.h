/* SPDX-License-Identifier: MIT */
/* Running a declaration's commands: which environment, which trees, as whom, and where what they
 * print goes. The sandbox itself is sandbox.h's. */
#pragma once

#include "declare/declaration.h"
#include "sandbox/sandbox.h"
#include "store/store.h"
#include "system/log.h"

/* What is the same for all commands of a run. All borrowed. */
typedef struct ScriptContext {
    const Declaration *declaration;
    const Store *store;
    const LogContext *log;
    const SandboxTree
        *trees; /* what the script sees at the state's directories: clones, or the originals */
    size_t n_trees;
    char *const *hidden_paths;
    char *const *host_paths; /* of the trees, as other services see them; NULL: not told */
    const char *from_software; /* that wrote what is there; NULL: not known */
    const volatile sig_atomic_t *cancel;
    /* Nobody waits for it: it takes no slot from those that somebody waits for, and what scripts
     * print goes to a log of its own. */
    bool rehearsal;
    /* Optional: asked right before a command is executed, behind all waiting; 0 lets it run. */
    int (*prove)(void *userdata);
    void *userdata; /* of that */
} ScriptContext;

/* Where a script finds $BACKUP, and the transaction's own copy of its hooks. */
#define SCRIPT_BACKUP "/var/tmp/systemd-migrate-backup"
#define SCRIPT_HOOKS  "/var/tmp/systemd-migrate-hooks"

typedef struct ScriptCall {
    const Command *command;
    const char *key;       /* "Script", "Check", … for messages */
    const char *from, *to; /* NULL: not known */
    uint64_t timeout_usec;
    SandboxAccess access;
    const SandboxTree *extra; /* writable directories that are no part of the state */
    size_t n_extra;
    bool external;   /* what runs on this system can be reached */
    bool open;       /* the same, and the service itself runs */
    bool check_only; /* no migration follows: CHECK_ONLY=yes tells a Check= to look as deep as it
                        can */
} ScriptCall;

enum {
    SCRIPT_SUCCESS = 0,
    SCRIPT_FAILED =
        1, /* reterr_what says how it ended; ret_status, if asked for, is its exit status, or -1 */
    SCRIPT_CANCELED = 2,
    SCRIPT_UNWANTED = 3, /* prove() did not let it run */
};

/* Runs one command, with a slot (slots.h) if nothing outside can be reached, and else without any.
 * What it prints goes to the journal, to the store's log and to
 * progress.h; with ret_text,
 * standard output is handed to the caller instead. SCRIPT_… or a negative errno. */
int script_run(const ScriptContext *context, const ScriptCall *call, char **ret_text,
               int *ret_status, char **reterr_what) _must_check_;

/* Brings to disk what scripts may have written: the trees, and ReadWritePaths=, each file system
 * once. 0, or a negative errno with the path it speaks of, borrowed. */
int script_sync(const Declaration *declaration, const SandboxTree *trees, size_t n_trees,
                const char **ret_path) _must_check_;

/* Whom scripts of this context run as. 0, or a negative errno with reterr_what. */
int script_owner(const ScriptContext *context, uid_t *ret_uid, gid_t *ret_gid,
                 char **reterr_what) _must_check_;

/* Empties the log before an attempt, or that of rehearsals. */
int script_log_reset(const Store *store, bool rehearsal) _must_check_;
