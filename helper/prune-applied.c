/* SPDX-License-Identifier: MIT */
/* Prunes STORE/applied in the same way as backups: first marks, then removes. */
#include "prune-applied.h"

#include "basic/directory.h"
#include "basic/result.h"
#include "store/history.h"
#include "store/software.h"
#include "system/gcroot.h"
#include "tree/tree.h"
#include "wayback/wayback.h"

#include <fcntl.h>

typedef struct Kept {
    const Pruning *pruning;
    int fd; /* STORE/applied, or -1 if it does not exist */
    Applied *items;
    size_t n_items;
    AppliedFate *fates;
    History history;
    char **roots; /* store paths that the garbage collector must keep */
} Kept;

static void kept_free(Kept *kept)
{
    for (size_t i = 0; i < kept->n_items; i++) {
        free(kept->items[i].id);
        free(kept->items[i].to);
    }
    free(kept->items);
    free(kept->fates);
    strv_free(kept->roots);
    history_free(&kept->history);
    cleanup_close(&kept->fd);
}

/* --- listing ------------------------------------------------------------------------------- */

static bool is_recorded(const Kept *kept, const char *id)
{
    for (size_t i = 0; i < kept->history.n_items; i++)
        if (streq_null(kept->history.items[i].id, id) &&
            kept->history.items[i].result == RESULT_DONE)
            return true;
    return backups_find(&kept->pruning->backups, id);
}

static int add(Kept *kept, const char *id, const char *post)
{
    _cleanup_(wayback_record_free) WaybackRecord record = {};
    Applied *applied = ARRAY_GROW(kept->items, kept->n_items);
    const char *to;
    int r = applied ? applied_read(&kept->pruning->store, id, &record) : -ENOMEM;

    if (r == -ENOMEM || (r < 0 && r != -EBADMSG))
        return r;
    to = record.to;
    *applied = (Applied){.id = strdup(id), .to = to && version_is_valid(to) ? strdup(to) : NULL};
    if (!applied->id || (to && version_is_valid(to) && !applied->to))
        return -ENOMEM;
    if (time_parse(record.since, &applied->time) < 0)
        applied->time = 0;
    applied->recorded = is_recorded(kept, id);
    applied->is_awaited = post && strstr(post, id);
    return 0;
}

static int compare(const void *a, const void *b)
{
    return strcmp(((const Applied *)b)->id, ((const Applied *)a)->id);
}

static int list(Kept *kept, const char *post)
{
    _cleanup_closedir_ DIR *dir = NULL;
    struct dirent *de;
    int r = directory_take(directory_fd(kept->pruning->store.fd, APPLIED_DIRECTORY), &dir);

    if (r < 0)
        return r == -ENOENT ? 0 : r;
    kept->fd = fcntl(dirfd(dir), F_DUPFD_CLOEXEC, 3);
    if (kept->fd < 0)
        return -errno;
    while ((r = directory_next(dir, &de)) > 0) {
        if (de->d_name[0] != '.' || startswith(de->d_name, APPLIED_REMOVING_PREFIX))
            r = add(kept, de->d_name, post);
        if (r < 0)
            return r;
    }
    if (kept->n_items > 0)
        qsort(kept->items, kept->n_items, sizeof(Applied), compare);
    return r;
}

/* --- lineages ------------------------------------------------------------------------------ */

static const char *last_version(const Kept *kept)
{
    for (size_t i = kept->history.n_items; i > 0; i--) {
        const TransactionRecord *entry = kept->history.items + i - 1;

        if (entry->to && entry->result == RESULT_DONE)
            return entry->to;
    }
    return NULL;
}

static int mark_way(Kept *kept, const char *id, const char *version)
{
    _cleanup_(lineage_free) Lineage lineage = {};
    int r = version ? lineage_find(&kept->history, id, version, &lineage) : 0;

    if (r == 0 && version)
        applied_mark_lineage(kept->items, kept->n_items, version, &lineage);
    return r;
}

static int mark_ways(Kept *kept)
{
    const Backups *backups = &kept->pruning->backups;
    int r = mark_way(kept, NULL, last_version(kept));

    for (size_t i = 0; r == 0 && i < backups->n_items; i++)
        if (!backup_fate_removes(kept->pruning->fates[i]))
            r = mark_way(kept, backups->items[i].id, backups->items[i].version);
    return r;
}

/* --- roots --------------------------------------------------------------------------------- */

static int add_roots_of_backups(Kept *kept)
{
    const Backups *backups = &kept->pruning->backups;
    int r = 0;

    for (size_t i = 0; r == 0 && i < backups->n_items; i++) {
        _cleanup_(transaction_record_free) TransactionRecord manifest = {};

        if (backup_fate_removes(kept->pruning->fates[i]))
            continue;
        r = manifest_read(&kept->pruning->store, backups->items[i].id, &manifest);
        if (r == 0)
            r = gcroot_find(manifest.software_from, &kept->roots);
        r = r == 1 ? 0 : r;
    }
    return r;
}

static int add_roots_of_applied(Kept *kept)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < kept->n_items; i++) {
        _cleanup_(wayback_record_free) WaybackRecord record = {};

        if (kept->fates[i] == APPLIED_REMOVE || kept->fates[i] == APPLIED_FINISH)
            continue;
        r = applied_read(&kept->pruning->store, kept->items[i].id, &record);
        if (r == 0)
            r = applied_find_roots(&record, &kept->roots);
        r = r == 1 ? 0 : r;
    }
    return r;
}

/* Releases the roots that no record names any more. If a record is damaged, every root stays, since
 * the record could name any path. */
static int release_roots(Kept *kept, const char *post)
{
    const Store *store = &kept->pruning->store;
    _cleanup_(software_record_free) SoftwareRecord software = {};
    int r = software_record_read(store, RECORD_SOFTWARE, &software);

    if (r == 0)
        r = gcroot_find(software.software, &kept->roots);
    r = r == 1 ? 0 : r;
    if (r == 0)
        r = gcroot_find(post, &kept->roots);
    if (r == 0)
        r = add_roots_of_backups(kept);
    if (r == 0)
        r = add_roots_of_applied(kept);
    if (r == -EBADMSG)
        return 0;
    return r == 0 ? gcroot_keep_only(NULL, store->name, kept->roots) : r;
}

/* --- mark and remove ----------------------------------------------------------------------- */

static int mark(const Kept *kept, const LogContext *log)
{
    for (size_t i = 0; i < kept->n_items; i++) {
        const char *id = kept->items[i].id;
        _cleanup_free_ char *marked = strprintf(APPLIED_REMOVING_PREFIX "%s", id);

        if (!marked)
            return -ENOMEM;
        if (kept->fates[i] == APPLIED_DAMAGED)
            log_warning(log, "'%s/" APPLIED_DIRECTORY "/%s' is not removed: its record is damaged",
                        kept->pruning->store.path, id);
        if (kept->fates[i] != APPLIED_REMOVE)
            continue;
        if (renameat(kept->fd, id, kept->fd, marked) < 0)
            return -errno;
        log_info(log,
                 "Removing the kept [Down] scripts of %s: those of the migration %s to %s are not "
                 "needed any more",
                 kept->pruning->store.name, id, kept->items[i].to ? kept->items[i].to : "?");
    }
    return kept->fd >= 0 && fsync(kept->fd) < 0 ? -errno : 0;
}

static int judge(const Generations *generations, Kept *kept)
{
    const Declaration *declaration = generations_running(generations, kept->pruning->store.name);
    _cleanup_strv_ char **versions = NULL;
    _cleanup_free_ char *unsure = NULL;
    BackupRule rule;
    int r = generations_versions(generations, kept->pruning->store.name, &versions, &unsure);

    kept->fates = calloc(kept->n_items + 1, sizeof(AppliedFate));
    if (r < 0 || !kept->fates)
        return r < 0 ? r : -ENOMEM;
    rule = backup_rule(declaration, versions, unsure != NULL, &kept->pruning->gaps);
    applied_judge(kept->items, kept->n_items, &rule, kept->fates);
    return 0;
}

int prune_applied_mark(const Generations *generations, const Pruning *pruning,
                       const LogContext *log)
{
    _cleanup_(kept_free) Kept kept = {.pruning = pruning, .fd = -1};
    _cleanup_(post_record_free) PostRecord post = {};
    _cleanup_free_ char *text = NULL;
    int r = history_complete(&pruning->store, &kept.history);

    if (r == 0)
        r = post_record_read(&pruning->store, RECORD_POST, &post);
    if (r == 0)
        r = post_record_text(&post, &text);
    if (r >= 0)
        r = list(&kept, text);
    if (r == 0)
        r = mark_ways(&kept);
    if (r == 0)
        r = judge(generations, &kept);
    if (r == 0)
        r = mark(&kept, log);
    if (r == 0)
        r = release_roots(&kept, text);
    if (r < 0)
        log_warning(
            log, "Cannot find kept [Down] scripts of %s to remove in %s/" APPLIED_DIRECTORY ": %s",
            pruning->store.name, pruning->store.path, strerror(-r));
    return r == -EBADMSG ? 0 : r; /* a damaged record of Post= is reported elsewhere */
}

int prune_applied_remove(const Pruning *pruning, const LogContext *log)
{
    _cleanup_close_ int fd = directory_fd(pruning->store.fd, APPLIED_DIRECTORY);
    _cleanup_strv_ char **names = NULL;
    int r = fd < 0 ? fd : directory_list(fd, ".", APPLIED_REMOVING_PREFIX, &names);

    if (fd < 0)
        return fd == -ENOENT ? 0 : fd;
    STRV_FOREACH (name, names)
        if (r == 0)
            r = tree_remove(fd, *name);
    if (r == 0 && fsync(fd) < 0)
        r = -errno;
    if (r < 0)
        log_warning(log, "Cannot remove %s from '%s/" APPLIED_DIRECTORY "': %s",
                    APPLIED_REMOVING_PREFIX "*", pruning->store.path, strerror(-r));
    return r;
}
