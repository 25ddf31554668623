/* SPDX-License-Identifier: MIT */
/* Runs commands of a declaration in the sandbox. Knows nothing of plans. */
#include "script/script.h"

#include "basic/text.h"
#include "place/command.h"
#include "sandbox/internal.h"
#include "script/declared-environment.h"
#include "script/kept.h"
#include "script/progress.h"
#include "script/slots.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>

#define LOG_FILE           "log"
#define LOG_FILE_REHEARSAL "rehearsal.log"

extern char **environ;

int script_log_reset(const Store *store, bool rehearsal)
{
    if (unlinkat(store->fd, rehearsal ? LOG_FILE_REHEARSAL : LOG_FILE, 0) < 0 && errno != ENOENT)
        return -errno;
    return 0;
}

/* Says whether a variable is only for the helper: scripts do not get it. */
static bool is_for_helper(const char *variable)
{
    static const char *const names[] = {
        "NOTIFY_SOCKET=",  "WATCHDOG_USEC=", "WATCHDOG_PID=",   "LISTEN_FDS=", "LISTEN_PID=",
        "LISTEN_FDNAMES=", "MAINPID=",       "JOURNAL_STREAM=", "HOME=",       "USER=",
        "LOGNAME=",        "SHELL=",         "TMPDIR=",         "PWD=",        "OLDPWD=",
        "XDG_RUNTIME_DIR="};

    for (size_t i = 0; i < ELEMENTSOF(names); i++)
        if (startswith(variable, names[i]))
            return true;
    return false;
}

static int add(char ***environment, const char *name, const char *value)
{
    return value ? environment_set(environment, strprintf("%s=%s", name, value)) : 0;
}

static int add_user(char ***environment, const char *user)
{
    char *end;
    unsigned long uid = strtoul(user, &end, 10);
    const struct passwd *pw = *end ? getpwnam(user) : getpwuid((uid_t)uid);
    int r;

    r = add(environment, "HOME", pw && *pw->pw_dir ? pw->pw_dir : "/");
    if (r == 0)
        r = add(environment, "USER", pw ? pw->pw_name : user);
    if (r == 0)
        r = add(environment, "LOGNAME", pw ? pw->pw_name : user);
    return r == 0 ? add(environment, "SHELL", "/bin/sh") : r;
}

static int build_environment(const ScriptContext *context, const ScriptCall *call, const char *user,
                             char ***ret, const char **ret_path)
{
    _cleanup_strv_ char **environment = NULL;
    int r = 0;

    *ret_path = NULL;
    r = add(&environment, "PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    for (char **variable = environ; r == 0 && *variable; variable++)
        if (!is_for_helper(*variable))
            r = environment_set(&environment, strdup(*variable));
    if (r == 0)
        r = environment_add_declared(context->declaration, &environment, ret_path);
    if (r == 0)
        r = add_user(&environment, user);
    if (r == 0)
        r = add(&environment, "TMPDIR", "/tmp");
    if (r == 0)
        r = add(&environment, "SERVICE", context->declaration->name);
    if (r == 0)
        r = add(&environment, "FROM", call->from);
    if (r == 0)
        r = add(&environment, "TO", call->to);
    if (r == 0 && call->from && call->to)
        r = add(&environment, "DIRECTION",
                version_compare(call->from, call->to) > 0 ? "down" : "up");
    if (r == 0)
        r = add(&environment, "FROM_SOFTWARE", context->from_software);
    if (r == 0)
        r = add(&environment, "TO_SOFTWARE", context->declaration->software);
    if (r == 0 && call->open)
        r = add(&environment, "LIVE", "yes");
    if (r == 0 && call->check_only)
        r = add(&environment, "CHECK_ONLY", "yes");
    if (r == 0 && context->n_trees > 0)
        r = add(&environment, "STATE", context->trees[0].path);
    for (size_t i = 0; r == 0 && i < context->n_trees; i++) {
        _cleanup_free_ char *name = strprintf("STATE_%zu", i + 1);

        r = name ? add(&environment, name, context->trees[i].path) : -ENOMEM;
    }
    for (size_t i = 0; r == 0 && call->external && context->host_paths && context->host_paths[i];
         i++) {
        _cleanup_free_ char *name = strprintf("STATE_HOST_%zu", i + 1);

        r = name ? add(&environment, name, context->host_paths[i]) : -ENOMEM;
        if (r == 0 && i == 0)
            r = add(&environment, "STATE_HOST", context->host_paths[i]);
    }
    for (size_t i = 0; r == 0 && i < call->n_extra; i++)
        if (streq(call->extra[i].path, SCRIPT_BACKUP))
            r = add(&environment, "BACKUP", SCRIPT_BACKUP);
    if (r < 0)
        return r;
    *ret = TAKE_PTR(environment);
    return 0;
}

typedef struct Output {
    const ScriptContext *context;
    int log_fd;
    char *last;
} Output;

static void handle_line(const char *line, void *userdata)
{
    Output *output = userdata;
    char plain[SANDBOX_LINE_MAX + 1], *copy;

    /* The plain text is for terminals: messages, and standard output of a helper that a user has
     * called. The standard output of migrate@NAME.service is the journal. */
    text_plain(plain, sizeof(plain), line, true);
    printf("%s\n", log_is_journal(STDOUT_FILENO) ? line : plain);
    fflush(stdout);
    if (output->log_fd >= 0 && (write_all(output->log_fd, line, strlen(line)) < 0 ||
                                write_all(output->log_fd, "\n", 1) < 0)) {
        close(output->log_fd); /* a full disk must not fail a migration */
        output->log_fd = -1;
    }
    if (*plain) {
        copy = strdup(plain);
        if (copy) {
            free(output->last);
            output->last = copy;
        }
    }
    progress_line(line);
}

static char *describe_end(int outcome, int status, const char *setup, const ScriptCall *call,
                          const char *last)
{
    const char *path = call->command->argv[0], *before = last ? ", last saying: " : "";

    last = last ? last : "";
    switch (outcome) {
    case SANDBOX_EXITED:
        return strprintf("%s=%s exited with status %d%s%s", call->key, path, status, before, last);
    case SANDBOX_SIGNALED:
        return strprintf("%s=%s was killed by signal %d (%s)%s%s", call->key, path, status,
                         strsignal(status), before, last);
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
    _cleanup_free_ char *user = NULL, *group = NULL;
    struct stat st;

    if (context->declaration->user)
        user = strdup(context->declaration->user);
    else if (context->n_trees > 0) {
        if (fstat(context->trees[0].fd, &st) < 0)
            return -errno;
        user = strprintf("%u", (unsigned)st.st_uid);
        group = context->declaration->group ? NULL : strprintf("%u", (unsigned)st.st_gid);
    } else
        user = strdup("0");
    if (context->declaration->group)
        group = strdup(context->declaration->group);
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

/* Takes a slot for a command in a closed sandbox. Gives the slot back for another command: it may
 * wait for another service, whose migration may wait for a slot. */
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
    /* If there is no such user, the sandbox reports it. The transaction's own copies of hooks
     * belong to root. */
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

int script_run(const ScriptContext *context, const ScriptCall *call, char **ret_text,
               int *ret_status, char **reterr_what)
{
    _cleanup_free_ char *user = NULL, *group = NULL, *setup = NULL, *text = NULL;
    _cleanup_strv_ char **environment = NULL, **read_write = NULL;
    _cleanup_free_ SandboxTree *trees = NULL;
    _cleanup_(kept_trees_free) KeptTrees kept = {};
    Output output = {.context = context, .log_fd = -1};
    const Items *paths = &context->declaration->read_write_paths;
    const char *path;
    size_t n_trees;
    int r, status = -1;

    if (ret_status)
        *ret_status = -1;
    r = find_user(context, &user, &group);
    for (size_t i = 0; r == 0 && i < paths->n_items; i++)
        r = strv_append(&read_write, paths->items[i].value);
    if (r == 0)
        r = kept_trees_find(context, call->command->argv, &kept);
    if (r == 0 && arrange_slot(context, call) < 0)
        return SCRIPT_CANCELED;
    if (r < 0)
        return r;
    n_trees = context->n_trees + call->n_extra + kept.n_trees;
    trees = calloc(n_trees + 1, sizeof(SandboxTree));
    if (!trees)
        return -ENOMEM;
    for (size_t i = 0; i < context->n_trees; i++)
        trees[i] = context->trees[i];
    for (size_t i = 0; i < call->n_extra; i++)
        trees[context->n_trees + i] = call->extra[i];
    for (size_t i = 0; i < kept.n_trees; i++)
        trees[n_trees - kept.n_trees + i] = kept.trees[i];
    r = guard(context, call, user, group, reterr_what);
    if (r != SCRIPT_SUCCESS)
        return r;
    r = build_environment(context, call, user, &environment, &path);
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
    output.log_fd = openat(context->store->fd, context->rehearsal ? LOG_FILE_REHEARSAL : LOG_FILE,
                           O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    r = sandbox_run(
        &(Sandbox){.trees = trees,
                   .n_trees = n_trees,
                   .access = call->access,
                   .open = call->open || call->external,
                   /* Only commands that may change the state can write to ReadWritePaths=. */
                   .read_write_paths = call->access == SANDBOX_WRITABLE ? read_write : NULL,
                   .hidden_paths = kept.hidden,
                   .user = user,
                   .group = group,
                   .environment = environment,
                   .timeout_usec = call->timeout_usec,
                   .cancel = context->cancel,
                   .line = handle_line,
                   .tick = progress_tick,
                   .userdata = &output},
        call->command->argv, ret_text ? &text : NULL, &status, &setup);
    if (output.log_fd >= 0)
        close(output.log_fd);
    if (ret_status)
        *ret_status = r == SANDBOX_EXITED ? status : -1;
    if (r == SANDBOX_CANCELED || (r >= 0 && context->cancel && *context->cancel))
        r = SCRIPT_CANCELED;
    else if (r == SANDBOX_EXITED && status == 0) {
        r = SCRIPT_SUCCESS;
        if (ret_text)
            *ret_text = TAKE_PTR(text);
    } else if (r >= 0) {
        *reterr_what = describe_end(r, status, setup, call, output.last);
        r = *reterr_what ? SCRIPT_FAILED : -ENOMEM;
    }
    free(output.last);
    return r;
}
