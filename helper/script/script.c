/* SPDX-License-Identifier: MIT */
/* Runs commands of a declaration in the sandbox. Knows nothing of plans. */
#include "script/script.h"

#include "basic/directory.h"
#include "basic/text.h"
#include "place/command.h"
#include "sandbox/internal.h"
#include "script/disks.h"
#include "script/environment.h"
#include "script/progress.h"
#include "script/slots.h"
#include "script/temporary.h"
#include "wayback/wayback.h"

#include <fcntl.h>
#include <sys/stat.h>

#define LOG_FILE           "log"
#define LOG_FILE_REHEARSAL "rehearsal.log"

int script_log_reset(const Store *store, bool rehearsal)
{
    if (unlinkat(store->fd, rehearsal ? LOG_FILE_REHEARSAL : LOG_FILE, 0) < 0 && errno != ENOENT)
        return -errno;
    return 0;
}

SandboxTree place_tree(const Place *place, int fd)
{
    return (SandboxTree){.path = place->directory,
                         .fd = fd,
                         .real_path = place->path,
                         .cover = place->cover,
                         .original_fd = place->fd,
                         .exclude = place->exclude,
                         .n_exclude = place->n_declared};
}

/* --- what a command sees ------------------------------------------------------------------- */

/* The trees of one command. The last trees, of waybacks, are owned. */
typedef struct View {
    SandboxTree *trees;
    size_t n_trees, n_borrowed;
    char **hidden;
} View;

static void view_free(View *view)
{
    for (size_t i = view->n_borrowed; i < view->n_trees; i++) {
        cleanup_close(&view->trees[i].fd);
        free((char *)view->trees[i].path);
    }
    free(view->trees);
    strv_free(view->hidden);
}

static int view_add(View *view, const SandboxTree *trees, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        SandboxTree *tree = ARRAY_GROW(view->trees, view->n_trees);

        if (!tree)
            return -ENOMEM;
        *tree = trees[i];
        view->n_borrowed++;
    }
    return 0;
}

/* Shows a directory of STORE/applied at its own path. */
static int view_add_wayback(View *view, const Store *store, const char *directory,
                            const char *below)
{
    SandboxTree *tree;

    for (size_t i = view->n_borrowed; i < view->n_trees; i++)
        if (streq(view->trees[i].path, directory))
            return 0;
    tree = ARRAY_GROW(view->trees, view->n_trees);
    if (!tree)
        return -ENOMEM;
    *tree = (SandboxTree){
        .path = strdup(directory), .fd = directory_fd(store->fd, below), .read_only = true};
    return tree->fd < 0 ? tree->fd : tree->path ? 0 : -ENOMEM;
}

/* Makes the view of a command: the state, its extra trees, and the waybacks that argv names. With a
 * wayback, the rest of the store is hidden. */
static int view_make(const ScriptContext *context, const ScriptCall *call, View *ret)
{
    int r = view_add(ret, context->trees, context->n_trees);

    if (r == 0)
        r = view_add(ret, call->extra, call->n_extra);
    for (char **word = call->command->argv; r == 0 && *word; word++) {
        _cleanup_free_ char *directory = NULL, *below = NULL;
        const char *id;
        size_t length;

        if (!applied_path_is_within(context->store, *word, &id, &length))
            continue;
        directory = strndup(*word, (size_t)(id - *word) + length);
        below = strprintf(APPLIED_DIRECTORY "/%.*s", (int)length, id);
        r = directory && below ? view_add_wayback(ret, context->store, directory, below) : -ENOMEM;
    }
    for (char *const *path = context->hidden_paths; r == 0 && path && *path; path++)
        r = strv_append(&ret->hidden, *path);
    if (r == 0 && ret->n_trees > ret->n_borrowed)
        r = strv_append_once(&ret->hidden, STORE_DIRECTORY);
    return r;
}

/* --- output -------------------------------------------------------------------------------- */

/* A script that never stops printing must not fill the disk. */
#define LOG_MAX     (16 << 20)
#define LOG_IS_FULL "(The log is full. The journal has all lines of the script.)"

typedef struct Output {
    Disks disks;
    bool rehearsal;
    int log_fd;
    size_t log_left; /* bytes that may still be written to it */
    char *last;      /* the last line that says something */
    bool network;    /* a line is about a network or a server that is missing */
} Output;

/* What programs say without a network, in part. */
static bool speaks_of_network(const char *line)
{
    static const char *const parts[] = {
        "etwork is unreachable", "name resolution",       "resolve host",
        "Name or service not known", "Connection refused", "connection to server",
        "Could not connect",     "could not connect",     "Can't connect"};

    for (size_t i = 0; i < ELEMENTSOF(parts); i++)
        if (strstr(line, parts[i]))
            return true;
    return false;
}

static void output_free(Output *output)
{
    cleanup_close(&output->log_fd);
    disks_free(&output->disks);
    free(output->last);
}

static void handle_line(const char *line, void *userdata)
{
    Output *output = userdata;
    char plain[SANDBOX_LINE_MAX + 1], *copy;

    /* Terminals need plain text, and journalctl prints these lines to terminals, too. */
    text_plain(plain, sizeof(plain), line, true);
    printf("%s\n", plain);
    fflush(stdout);
    if (output->log_fd >= 0) {
        size_t length = strlen(line);
        bool full = output->log_left < length + 1;

        output->log_left -= MIN(length + 1, output->log_left);
        line = full ? LOG_IS_FULL : line;
        /* Stops the log after an error, since a full disk must not fail the migration. */
        if (write_all(output->log_fd, line, strlen(line)) < 0 ||
            write_all(output->log_fd, "\n", 1) < 0 || full) {
            close(output->log_fd);
            output->log_fd = -1;
        }
    }
    output->network = output->network || speaks_of_network(plain);
    copy = *plain ? strdup(plain) : NULL;
    if (copy) {
        free(output->last);
        output->last = copy;
    }
    progress_tick();
}

/* Returns true if the script has to stop. */
static bool look_around(void *userdata)
{
    Output *output = userdata;

    progress_tick();
    return disks_look(&output->disks) && output->rehearsal;
}

/* Returns a clause about the file system that was full, or "". The caller owns the string. */
static char *describe_full(const Disks *disks, const char *memory, const char *last)
{
    return memory ? strprintf(" while '%s', which is in memory and limited, was full", memory)
                  : disks_describe_full(disks, last);
}

static char *describe_end(int outcome, int status, const char *setup, const ScriptCall *call,
                          const Disks *disks, const char *last)
{
    const char *path = call->command->argv[0], *before = last ? ", last saying: " : "";
    _cleanup_free_ char *full =
        outcome == SANDBOX_SETUP ? strdup("") : describe_full(disks, setup, last);

    if (!full)
        return NULL;
    last = last ? last : "";
    switch (outcome) {
    case SANDBOX_EXITED:
        return strprintf("%s=%s exited with status %d%s%s%s", call->key, path, status, full, before,
                         last);
    case SANDBOX_SIGNALED:
        return strprintf("%s=%s was killed by signal %d (%s)%s%s%s", call->key, path, status,
                         strsignal(status), full, before, last);
    case SANDBOX_TIMEOUT:
        return strprintf("%s=%s ran longer than TimeoutSec= allows%s%s", call->key, path, before,
                         last);
    default:
        return strprintf("%s=%s could not be run: %s", call->key, path,
                         setup ? setup : "out of memory");
    }
}

/* Finds the user and the group of scripts: as declared, else the owner of the first directory, else
 * root. */
static int find_user(const ScriptContext *context, char **ret_user, char **ret_group)
{
    const Declaration *declaration = context->declaration;
    _cleanup_free_ char *user = NULL, *group = NULL;
    struct stat st;

    if (declaration->group)
        group = strdup(declaration->group);
    if (declaration->user)
        user = strdup(declaration->user);
    else if (context->n_trees == 0)
        user = strdup("0");
    else if (fstat(context->trees[0].fd, &st) < 0)
        return -errno;
    else {
        user = strprintf("%u", (unsigned)st.st_uid);
        if (!group)
            group = strprintf("%u", (unsigned)st.st_gid);
    }
    if (!user)
        return -ENOMEM;
    *ret_user = TAKE_PTR(user);
    *ret_group = TAKE_PTR(group);
    return 0;
}

typedef struct Synced {
    dev_t *devices;
    size_t n;
} Synced;

static int sync_once(Synced *synced, int fd)
{
    struct stat st;
    dev_t *added;

    if (fstat(fd, &st) < 0)
        return -errno;
    for (size_t i = 0; i < synced->n; i++)
        if (synced->devices[i] == st.st_dev)
            return 0;
    if (syncfs(fd) < 0) /* mutation: sync-clone */
        return -errno;
    added = ARRAY_GROW(synced->devices, synced->n);
    if (!added)
        return -ENOMEM;
    *added = st.st_dev;
    return 0;
}

/* Syncs the file system of a path. A socket, a device, a link or a missing path needs no sync. */
static int sync_path(Synced *synced, const char *path)
{
    _cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOFOLLOW);

    if (fd < 0)
        return errno == ENXIO || errno == ENOENT || errno == ELOOP ? 0 : -errno;
    return sync_once(synced, fd);
}

int script_sync(const Declaration *declaration, const SandboxTree *trees, size_t n_trees,
                const char **ret_path)
{
    const Items *paths = &declaration->read_write_paths;
    Synced synced = {};
    int r = 0;

    for (size_t i = 0; r == 0 && i < n_trees; i++) {
        *ret_path = trees[i].path;
        r = sync_once(&synced, trees[i].fd);
    }
    for (size_t i = 0; r == 0 && i < paths->n_items; i++) {
        *ret_path = paths->items[i].value;
        r = sync_path(&synced, paths->items[i].value);
    }
    free(synced.devices);
    return r;
}

int script_owner(const ScriptContext *context, uid_t *ret_uid, gid_t *ret_gid, char **reterr_what)
{
    _cleanup_free_ char *user = NULL, *group = NULL;
    Identity identity = {};
    int r;

    r = find_user(context, &user, &group);
    if (r == 0)
        r = identity_resolve(user, group, &identity, reterr_what);
    if (r < 0)
        return r;
    free(identity.groups);
    *ret_uid = identity.uid;
    *ret_gid = identity.gid;
    return 0;
}

/* Takes a slot for a command in a closed sandbox. Gives the slot back for any other command, which
 * may wait for another service, whose migration may wait for a slot. */
static int arrange_slot(const ScriptContext *context, const ScriptCall *call)
{
    if (context->rehearsal)
        return 0;
    if (!call->open && !call->external)
        return slots_take(context->log, context->cancel);
    slots_give();
    return 0;
}

/* Refuses a command if its user could replace a file of it, or redirect a ReadWritePaths=, and so
 * act with the rights of the command. Returns SCRIPT_SUCCESS, SCRIPT_FAILED, or a negative
 * errno. */
static int guard(const ScriptContext *context, const ScriptCall *call, const char *user,
                 const char *group, char **reterr_what)
{
    _cleanup_free_ char *what = NULL;
    char **argv = call->command->argv;
    Identity identity = {};
    int r = identity_resolve(user, group, &identity, &what);

    free(identity.groups);
    /* The sandbox reports a user that does not exist. The transaction's own copies of hooks belong
     * to root, so nobody else can replace them. */
    if (r == -ESRCH || startswith(argv[0], SCRIPT_HOOKS "/"))
        return SCRIPT_SUCCESS;
    if (r == 0)
        r = command_guard(context->declaration, identity.uid, argv, &what);
    if (r == PLACE_REFUSED)
        *reterr_what = strprintf(COMMAND_EXCHANGEABLE, call->key, argv[0], what);
    else if (r == PLACE_FOUND)
        r = command_guard_paths(context->declaration, identity.uid, reterr_what);
    return r != PLACE_REFUSED ? r : *reterr_what ? SCRIPT_FAILED : -ENOMEM;
}

/* The names of the service and of its units, whose files in /run an open sandbox shows. */
static int find_run_names(const Declaration *declaration, char ***names)
{
    int r = strv_append(names, declaration->name);

    for (size_t i = 0; r == 0 && i < declaration->units.n_items; i++) {
        const char *unit = declaration->units.items[i].value;

        r = strv_consume(names, strndup(unit, strcspn(unit, ".@")));
    }
    return r;
}

/* Watches the disks that a command may write to. A disk that may hang is left alone: nobody could
 * end the command. */
static int watch_disks(const ScriptContext *context, const ScriptCall *call,
                       const Temporary *temporary, Disks *disks)
{
    int r = 0;

    for (size_t i = 0; r == 0 && call->access == SANDBOX_WRITABLE && i < context->n_trees; i++)
        if (!context->places || !context->places[i].remote)
            r = disks_add(disks, context->trees[i].fd, context->trees[i].path);
    if (r == 0 && temporary->fd >= 0 && !context->places->remote)
        r = disks_add(disks, temporary->fd, context->places->transaction);
    return r;
}

/* Turns the end of a command into SCRIPT_… or a negative errno. */
static int judge(const ScriptContext *context, const ScriptCall *call, int outcome, int status,
                 const char *setup, const Output *output, char **reterr_what)
{
    if (outcome < 0)
        return outcome;
    if (context->cancel && *context->cancel)
        return SCRIPT_CANCELED;
    if (outcome == SANDBOX_CANCELED) {
        _cleanup_free_ char *low = disks_describe_low(&output->disks);

        *reterr_what =
            low ? strprintf("%s=%s was stopped: %s", call->key, call->command->argv[0], low) : NULL;
        return *reterr_what ? SCRIPT_NO_ROOM : -ENOMEM;
    }
    if (outcome == SANDBOX_EXITED && status == 0)
        return SCRIPT_SUCCESS;
    *reterr_what = describe_end(outcome, status, setup, call, &output->disks, output->last);
    if (*reterr_what && output->network && !call->open && !call->external &&
        strreplacef(reterr_what,
                    "%s. The script has no network and no server of this system: if it needs "
                    "one, declare External=yes",
                    *reterr_what) < 0)
        free(TAKE_PTR(*reterr_what));
    return *reterr_what ? SCRIPT_FAILED : -ENOMEM;
}

int script_run(const ScriptContext *context, const ScriptCall *call, char **ret_text,
               int *ret_status, char **reterr_what)
{
    _cleanup_free_ char *user = NULL, *group = NULL, *setup = NULL, *text = NULL;
    _cleanup_strv_ char **environment = NULL, **read_write = NULL, **run_names = NULL;
    _cleanup_(view_free) View view = {};
    _cleanup_(temporary_free) Temporary temporary = TEMPORARY_NONE;
    _cleanup_(output_free) Output output = {.log_fd = -1, .rehearsal = context->rehearsal};
    struct stat log_st;
    const char *path;
    int r, status = -1, removed;

    if (ret_status)
        *ret_status = -1;
    r = find_user(context, &user, &group);
    if (r == 0)
        r = items_values(&context->declaration->read_write_paths, &read_write);
    if (r == 0)
        r = find_run_names(context->declaration, &run_names);
    if (r == 0)
        r = view_make(context, call, &view);
    if (r == 0 && arrange_slot(context, call) < 0)
        return SCRIPT_CANCELED;
    if (r == 0)
        r = guard(context, call, user, group, reterr_what);
    if (r != SCRIPT_SUCCESS)
        return r;
    r = environment_build(context, call, user, &environment, &path);
    if (r < 0 && path) {
        *reterr_what = strprintf("%s=%s does not run: cannot read EnvironmentFile=%s: %s",
                                 call->key, call->command->argv[0], path, strerror(-r));
        return *reterr_what ? SCRIPT_FAILED : -ENOMEM;
    }
    if (r < 0)
        return r;
    /* The script may have changed since it was approved, while this run waited for a slot. */
    if (context->prove && context->prove(context->userdata) != 0)
        return SCRIPT_UNWANTED;
    r = temporary_make(context->places, &temporary);
    if (r < 0) {
        *reterr_what = strprintf(
            "%s=%s does not run: cannot make the directory for temporary files "
            "in '%s': %s",
            call->key, call->command->argv[0], context->places->transaction, strerror(-r));
        return *reterr_what ? SCRIPT_FAILED : -ENOMEM;
    }
    output.disks.reserved = streq(user, "0") || streq(user, "root");
    r = watch_disks(context, call, &temporary, &output.disks);
    if (r < 0)
        return r;
    output.log_fd = openat(context->store->fd, context->rehearsal ? LOG_FILE_REHEARSAL : LOG_FILE,
                           O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (output.log_fd >= 0 && fstat(output.log_fd, &log_st) >= 0 && log_st.st_size <= LOG_MAX)
        output.log_left = (size_t)(LOG_MAX - log_st.st_size);
    r = sandbox_run(&(Sandbox){.trees = view.trees,
                               .n_trees = view.n_trees,
                               .access = call->access,
                               .open = call->open || call->external,
                               .run_names = run_names,
                               .read_write_paths = read_write,
                               .temporary_fd = temporary.fd >= 0 ? &temporary.fd : NULL,
                               .hidden_paths = view.hidden,
                               .user = user,
                               .group = group,
                               .environment = environment,
                               .timeout_usec = call->timeout_usec,
                               .cancel = context->cancel,
                               .line = handle_line,
                               .tick = look_around,
                               .userdata = &output},
                    call->command->argv, ret_text ? &text : NULL, &status, &setup);
    (void)disks_look(&output.disks);
    removed = temporary_remove(&temporary);
    (void)disks_look(&output.disks);
    if (context->temporary)
        *context->temporary = MAX(*context->temporary, disks_temporary(&output.disks));
    if (ret_status)
        *ret_status = r == SANDBOX_EXITED ? status : -1;
    r = judge(context, call, r, status, setup, &output, reterr_what);
    if (removed < 0)
        log_warning(context->log, "The temporary files in '%s/%s' cannot be removed: %s",
                    context->places->transaction, temporary.name, strerror(-removed));
    if (r == SCRIPT_SUCCESS && ret_text)
        *ret_text = TAKE_PTR(text);
    return r;
}
