/* SPDX-License-Identifier: MIT */
/* Runs a declaration's commands in the sandbox: chooses the environment, the trees, the user, and
 * the destination of the output. */
#pragma once

#include "declare/declaration.h"
#include "place/place.h"
#include "sandbox/sandbox.h"
#include "store/store.h"
#include "system/log.h"

/* The parameters that all commands of a run share. All borrowed. */
typedef struct ScriptContext {
    const Declaration *declaration;
    const Store *store;
    const LogContext *log;
    const SandboxTree *trees; /* the state that the script sees: clones, or originals */
    size_t n_trees;
    char *const *hidden_paths;
    char *const *host_paths;   /* paths of the trees, as other services see them; NULL: none */
    const char *from_software; /* software that wrote the data; NULL: unknown */
    const volatile sig_atomic_t *cancel;
    /* One for each tree, or NULL. If the first has an open transaction directory, the temporary
     * files of commands lie there, else in memory. */
    const Place *places;
    bool rehearsal; /* the run is a rehearsal, which takes no slot, has a log of its own, and leaves
                     * space to other services */
    uint64_t *temporary; /* raised to the space of temporary files that are gone; may be NULL */
    /* Called right before a command is executed, after all waiting; the command runs only if
     * prove() returns 0. May be NULL. */
    int (*prove)(void *userdata);
    void *userdata; /* argument of prove() */
} ScriptContext;

/* The paths at which the sandbox shows $BACKUP, and the transaction's own copy of its hooks. */
#define SCRIPT_BACKUP "/var/tmp/systemd-migrate-backup"
#define SCRIPT_HOOKS  "/var/tmp/systemd-migrate-hooks"

typedef struct ScriptCall {
    const Command *command;
    const char *key;       /* key of the command for messages: "Script", "Check", … */
    const char *from, *to; /* NULL: unknown */
    uint64_t timeout_usec;
    SandboxAccess access;
    const SandboxTree *extra; /* more writable directories, outside of the state */
    size_t n_extra;
    bool external;   /* the command can reach other services of this system */
    bool open;       /* like external, and the service itself runs */
    bool check_only; /* no migration follows; Check= may check thoroughly */
} ScriptCall;

enum {
    SCRIPT_SUCCESS = 0,
    SCRIPT_FAILED = 1, /* *reterr_what, owned by the caller, says how the command ended */
    SCRIPT_CANCELED = 2,
    SCRIPT_UNWANTED = 3, /* prove() did not return 0 */
    SCRIPT_NO_ROOM = 4,  /* a rehearsal was about to fill a disk; *reterr_what says which */
};

/* Describes a state directory for the sandbox. fd: the directory to show, the original or its
 * clone. Borrows from the place. */
SandboxTree place_tree(const Place *place, int fd);

/* Runs one command. A command in a closed sandbox takes a slot (slots.h); before any other command,
 * the slot is given back. The output goes to the journal, to the store's log and to progress.h;
 * with ret_text, standard output goes to *ret_text instead, which the caller owns. *ret_status (may
 * be NULL): the exit status, or -1. Returns SCRIPT_… or a negative errno. */
int script_run(const ScriptContext *context, const ScriptCall *call, char **ret_text,
               int *ret_status, char **reterr_what) _must_check_;

/* Syncs the file systems to which scripts may have written (of the trees and of ReadWritePaths=),
 * each once. 0, or a negative errno and *ret_path, borrowed: the path that failed. */
int script_sync(const Declaration *declaration, const SandboxTree *trees, size_t n_trees,
                const char **ret_path) _must_check_;

/* Finds the user and the group that scripts of this context run as. 0, or a negative errno, perhaps
 * with *reterr_what, owned by the caller. */
int script_owner(const ScriptContext *context, uid_t *ret_uid, gid_t *ret_gid,
                 char **reterr_what) _must_check_;

/* Removes the log of scripts, or of rehearsals, before an attempt. 0 or a negative errno. */
int script_log_reset(const Store *store, bool rehearsal) _must_check_;
