/* SPDX-License-Identifier: MIT */
/* Runs undo hooks. BASE/backups/ID/.hooks-N belongs to a step: it holds "backup", which is $BACKUP
 * and belongs to the scripts, and copies of the files that Restore= names, which belong to root. */
#include "transaction/effects.h"

#include "basic/directory.h"
#include "basic/durable.h"
#include "script/progress.h"
#include "store/attempt.h"
#include "store/software.h"
#include "wayback/keep-file.h"

#include <fcntl.h>
#include <sys/stat.h>

/* A larger file is not a script. */
#define KEPT_MAX (64 << 20)

/* --- the record ---------------------------------------------------------------------------- */

static int describe_step(const Step *step, size_t number, UndoRecord *undo)
{
    const Hooks *hooks = step->hooks;

    undo->step = (int64_t)number;
    undo->timeout_usec = hooks->timeout_usec;
    return strreplace(&undo->from, step->from) < 0 || strreplace(&undo->to, step->to) < 0 ||
                   strv_copy(hooks->backup.argv, &undo->backup) < 0 ||
                   strv_copy(hooks->restore.argv, &undo->restore) < 0
               ? -ENOMEM
               : 0;
}

/* Records the parameters of scripts, for a recovery after the declaration has changed. */
static int describe_scripts(const Declaration *declaration, TransactionRecord *record)
{
    ScriptsRecord *scripts = calloc(1, sizeof(ScriptsRecord));

    record->scripts = scripts;
    if (!scripts || strreplace(&scripts->user, declaration->user) < 0 ||
        strreplace(&scripts->group, declaration->group) < 0)
        return -ENOMEM;
    return items_values(&declaration->read_write_paths, &scripts->read_write_paths);
}

int effects_describe(Flight *flight, const Declaration *declaration, const Plan *plan)
{
    TransactionRecord *record = &flight->record;
    int r = 0;

    for (size_t i = 0; r == 0 && i < plan->n_steps; i++) {
        const Hooks *hooks = plan->steps[i].hooks;
        UndoRecord *undo;

        if (!hooks || !hooks->script.argv ||
            !(hooks->external || hooks->backup.argv || hooks->restore.argv ||
              declaration->protect == PROTECT_HOOKS || declaration->directories.n_items == 0))
            continue;
        undo = ARRAY_GROW(record->undo, record->n_undo);
        r = undo ? describe_step(plan->steps + i, i, undo) : -ENOMEM;
    }
    return r == 0 && record->undo ? describe_scripts(declaration, record) : r;
}

bool effects_expected(const Flight *flight)
{
    return flight->record.undo;
}

bool effects_begun(const Flight *flight)
{
    ARRAY_FOREACH (undo, flight->record.undo, flight->record.n_undo)
        if (undo->state == UNDO_BEGUN || undo->state == UNDO_LASTING)
            return true;
    return false;
}

static UndoRecord *find_undo(const Flight *flight, size_t step)
{
    ARRAY_FOREACH (undo, flight->record.undo, flight->record.n_undo)
        if (undo->step == (int64_t)step)
            return undo;
    return NULL;
}

/* --- the directory of a step --------------------------------------------------------------- */

static int open_hooks(const Flight *flight, size_t step, bool create)
{
    _cleanup_free_ char *name = strprintf(FLIGHT_HOOKS_PREFIX "%zu", step);
    _cleanup_close_ int fd = -1;

    if (!name)
        return -ENOMEM;
    if (!create)
        return directory_fd(flight->hooks_fd, name);
    fd = durable_mkdir(flight->hooks_fd, name);
    if (fd >= 0 && fchmod(fd, 0755) < 0) /* the user of the scripts executes these files */
        return -errno;
    return TAKE_FD(fd);
}

static int make_backup(int hooks_fd, const ScriptContext *context, char **reterr_what)
{
    _cleanup_close_ int fd = -1;
    uid_t uid;
    gid_t gid;
    int r = script_owner(context, &uid, &gid, reterr_what);

    if (r < 0)
        return r;
    if (mkdirat(hooks_fd, "backup", 0700) < 0)
        return -errno;
    fd = directory_fd(hooks_fd, "backup");
    if (fd >= 0 && fchown(fd, uid, gid) < 0)
        return -errno;
    return TAKE_FD(fd);
}

/* --- Backup= ------------------------------------------------------------------------------- */

static int call(const ScriptContext *context, const UndoRecord *undo, char **argv, const char *key,
                const SandboxTree *extra, size_t n_extra, char **reterr_what)
{
    int r = script_run(context,
                       &(ScriptCall){.command = &(Command){.argv = argv},
                                     .key = key,
                                     .from = undo->from,
                                     .to = undo->to,
                                     .timeout_usec = undo->timeout_usec,
                                     .access = SANDBOX_WRITABLE,
                                     .external = true,
                                     .extra = extra,
                                     .n_extra = n_extra},
                       NULL, NULL, reterr_what);
    return r == SCRIPT_SUCCESS    ? EFFECTS_DONE
           : r == SCRIPT_CANCELED ? EFFECTS_CANCELED
           : r == SCRIPT_UNWANTED ? EFFECTS_UNWANTED
           : r > 0                ? EFFECTS_FAILED
                                  : r;
}

/* Copies the files of Restore=, which may have gone or changed when recovery needs them. */
static int keep_restore(int hooks_fd, const Declaration *declaration, char *const *argv,
                        char **reterr_what)
{
    int r = keep_file(hooks_fd, "restore", argv[0], UINT64_MAX, 0755);
    size_t i = 0;

    while (r == 0 && argv[++i]) {
        _cleanup_free_ char *name = strprintf("restore-%zu", i);
        const char *path = command_file(declaration, argv[i]);
        struct stat st;

        if (!name)
            return -ENOMEM;
        if (path && stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= KEPT_MAX)
            r = keep_file(hooks_fd, name, path, UINT64_MAX, 0);
    }
    if (r < 0)
        *reterr_what = strprintf("cannot keep a copy of Restore=%s: %s", argv[i], strerror(-r));
    return r;
}

static int prepare(Flight *flight, const ScriptContext *context, const UndoRecord *undo,
                   char **reterr_what)
{
    _cleanup_close_ int hooks_fd = -1, backup_fd = -1;
    int r;

    if (!undo->backup && !undo->restore)
        return 0;
    hooks_fd = open_hooks(flight, (size_t)undo->step, true);
    if (hooks_fd < 0)
        return hooks_fd;
    backup_fd = make_backup(hooks_fd, context, reterr_what);
    if (backup_fd < 0)
        return backup_fd;
    r = undo->restore ? keep_restore(hooks_fd, context->declaration, undo->restore, reterr_what)
                      : 0;
    if (r < 0)
        return r;
    if (undo->backup) {
        progress_hook("Backup");
        r = call(context, undo, undo->backup, "Backup",
                 &(SandboxTree){.path = SCRIPT_BACKUP, .fd = backup_fd}, 1, reterr_what);
    }
    if (r == EFFECTS_DONE && syncfs(hooks_fd) < 0)
        return -errno;
    return r;
}

int effects_begin(Flight *flight, const ScriptContext *context, size_t step, char **reterr_what)
{
    UndoRecord *undo = find_undo(flight, step);
    int r;

    if (!undo)
        return EFFECTS_DONE;
    r = prepare(flight, context, undo, reterr_what);
    if (r != EFFECTS_DONE)
        return r;
    /* Checks the approval after the files of Restore= were copied, so that the copies are approved,
     * too, but before the record says "begun". */
    if (context->prove && context->prove(context->userdata) != 0)
        return EFFECTS_UNWANTED;
    undo->state = UNDO_BEGUN;
    r = flight_write(flight, PHASE_NONE);
    if (r < 0)
        undo->state = UNDO_NONE;
    return r;
}

int effects_backup_fd(const Flight *flight, size_t step)
{
    _cleanup_close_ int hooks_fd = find_undo(flight, step) ? open_hooks(flight, step, false) : -1;

    return hooks_fd < 0 ? -1 : directory_fd(hooks_fd, "backup");
}

/* --- Restore= ------------------------------------------------------------------------------ */

/* Replaces each argument whose file has changed with the path of the file's copy. Returns 1 if any
 * was replaced, 0 if none, or a negative errno. */
static int use_kept(int hooks_fd, char **argv)
{
    int used = 0;

    for (size_t i = 1; argv[i]; i++) {
        _cleanup_free_ char *name = strprintf("restore-%zu", i);
        const char *path = command_path(argv[i]);
        struct stat st;
        int r;

        if (!name)
            return -ENOMEM;
        if (!path || fstatat(hooks_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
            keep_file_is_same(hooks_fd, name, path, false))
            continue;
        r = strreplacef(&argv[i], "%.*s" SCRIPT_HOOKS "/%s", (int)(path - argv[i]), argv[i], name);
        if (r < 0)
            return r;
        used = 1;
    }
    return used;
}

static int restore(Flight *flight, const ScriptContext *context, const UndoRecord *undo,
                   char **reterr_what)
{
    _cleanup_close_ int hooks_fd = -1, backup_fd = -1;
    _cleanup_strv_ char **argv = NULL;
    SandboxTree extra[2];
    int r, kept;

    r = strv_copy(undo->restore, &argv);
    if (r < 0)
        return r;
    if (!argv)
        return EFFECTS_LASTING;
    hooks_fd = open_hooks(flight, (size_t)undo->step, false);
    backup_fd = hooks_fd < 0 ? hooks_fd : directory_fd(hooks_fd, "backup");
    if (backup_fd < 0)
        return backup_fd;
    extra[0] = (SandboxTree){.path = SCRIPT_BACKUP, .fd = backup_fd};
    extra[1] = (SandboxTree){.path = SCRIPT_HOOKS, .fd = hooks_fd};
    /* An unchanged script runs at its own path, beside its own files. */
    kept = use_kept(hooks_fd, argv);
    if (kept < 0)
        return kept;
    if (keep_file_is_same(hooks_fd, "restore", argv[0], true))
        return call(context, undo, argv, "Restore", extra, kept ? 2 : 1, reterr_what);
    r = strreplacef(&argv[0], SCRIPT_HOOKS "/restore");
    return r < 0 ? r : call(context, undo, argv, "Restore", extra, 2, reterr_what);
}

/* Runs Restore= of all steps in reverse order. Ignores cancellation, since a half undone step is
 * worse than a late end; if systemd's timeout kills the helper, the next start continues. */
static int undo_all(Flight *flight, const Declaration *declaration, const SandboxTree *trees,
                    size_t n_trees, char **reterr_what)
{
    const ScriptContext context = {.declaration = declaration,
                                   .store = flight->store,
                                   .log = flight->log,
                                   .trees = trees,
                                   .n_trees = n_trees,
                                   /* no .places: the disk may be full, so /tmp is in memory */
                                   .from_software = flight->record.software_from,
                                   .hidden_paths = (char *const[]){(char *)STORE_DIRECTORY, NULL}};
    const char *path = "";
    bool lasting = false;

    for (size_t i = flight->record.n_undo; i > 0; i--) {
        UndoRecord *undo = flight->record.undo + i - 1;
        int r;

        lasting = lasting || undo->state == UNDO_LASTING;
        if (undo->state != UNDO_BEGUN)
            continue;
        progress_step(PROGRESS_UNDOING, (size_t)undo->step + 1, 0, NULL, NULL);
        r = restore(flight, &context, undo, reterr_what);
        if (r != EFFECTS_DONE && r != EFFECTS_LASTING)
            return r;
        lasting = lasting || r == EFFECTS_LASTING;
        /* The restored data must be on disk before the record says so, and before $BACKUP is
         * removed. */
        r = r == EFFECTS_DONE ? script_sync(declaration, trees, n_trees, &path) : r;
        if (r < 0) {
            *reterr_what = strprintf("cannot sync '%s': %s", path, strerror(-r));
            return r;
        }
        undo->state = r == EFFECTS_LASTING ? UNDO_LASTING : UNDO_DONE;
        r = flight_write(flight, PHASE_NONE);
        if (r < 0)
            return r;
    }
    return lasting ? EFFECTS_LASTING : EFFECTS_DONE;
}

int effects_undo(Flight *flight, const SandboxTree *trees, size_t n_trees, char **reterr_what)
{
    const ScriptsRecord *scripts = flight->record.scripts;
    Declaration declaration = {.name = flight->store->name, .software = flight->record.software_to};
    _cleanup_(declarations_free) Declarations declarations = {};
    const Declaration *now;
    int r = 0;

    if (!effects_expected(flight))
        return EFFECTS_DONE;
    if (!scripts)
        return -EBADMSG;
    /* Restore= gets the present environment of the unit, not the environment of the time when the
     * migration began. */
    now = declarations_read(NULL, &declarations) == 0
              ? declarations_find(&declarations, declaration.name)
              : NULL;
    if (now)
        declaration.service_lines = now->service_lines;
    declaration.user = scripts->user;
    declaration.group = scripts->group;
    STRV_FOREACH (path, scripts->read_write_paths) {
        Item *item =
            ARRAY_GROW(declaration.read_write_paths.items, declaration.read_write_paths.n_items);

        if (item)
            *item = (Item){.value = *path};
        else
            r = -ENOMEM;
    }
    if (r == 0)
        r = undo_all(flight, &declaration, trees, n_trees, reterr_what);
    free(declaration.read_write_paths.items);
    return r;
}
