/* SPDX-License-Identifier: MIT */
/* Lists backups. */
#include "backup/backup.h"

#include "backup/clock-gaps.h"
#include "backup/private.h"
#include "basic/directory.h"
#include "place/place.h"
#include "store/base.h"
#include "system/system.h"

#include <fcntl.h>
#include <sys/stat.h>

static void backup_free(Backup *backup)
{
    free(backup->id);
    transaction_record_free(&backup->manifest);
    free(backup->places);
    strv_free(backup->bases);
    free(backup->what);
}

void backups_free(Backups *backups)
{
    ARRAY_FOREACH (backup, backups->items, backups->n_items)
        backup_free(backup);
    free(backups->items);
    free(backups->pending);
    strv_free(backups->bases);
    strv_free(backups->unreadable);
    *backups = (Backups){};
}

const Backup *backups_find(const Backups *backups, const char *id)
{
    ARRAY_FOREACH (backup, backups->items, backups->n_items)
        if (streq(backup->id, id))
            return backup;
    return NULL;
}

const char *backup_state_name(BackupState state)
{
    static const char *const names[] = {
        [BACKUP_WHOLE] = "whole",       [BACKUP_FOREIGN] = "foreign",
        [BACKUP_HOOKS] = "hooks",       [BACKUP_INCOMPLETE] = "incomplete",
        [BACKUP_REMOVING] = "removing", [BACKUP_FAILED] = "failed",
        [BACKUP_DAMAGED] = "damaged",   [BACKUP_IN_FLIGHT] = "in-flight",
        [BACKUP_UNKNOWN] = "unknown",
    };

    return names[state];
}

int backup_open_base(const char *root, const Store *store, const char *base)
{
    _cleanup_close_ int base_fd = -1;

    if (backup_base_is_store(store, base))
        return store->fd < 0 ? -ENOENT : open_own(store->fd, "backups");
    base_fd = base_open(root, base);
    if (base_fd < 0)
        return base_fd == -ENOTDIR ? -EPERM : base_fd;
    return open_own(base_fd, "backups");
}

typedef struct Look {
    const char *root;
    const Store *store;
    const Items *directories;              /* of the declaration; may be NULL */
    const char *machine;                   /* system_machine(); may be NULL */
    TransactionRecord failed, transaction; /* id NULL: no record, or a damaged one */
    Backups backups;
} Look;

static void look_free(Look *look)
{
    transaction_record_free(&look->failed);
    transaction_record_free(&look->transaction);
    backups_free(&look->backups);
}

static Backup *add_backup(Look *look, const char *id, BackupState state)
{
    Backup *backup = ARRAY_GROW(look->backups.items, look->backups.n_items);

    if (!backup)
        return NULL;
    *backup = (Backup){.id = strdup(id), .state = state, .bytes = -1, .files = -1};
    return backup->id ? backup : NULL;
}

static int set_unknown(Backup *backup, const char *what)
{
    backup->state = BACKUP_UNKNOWN;
    return strreplace(&backup->what, what);
}

/* Decides the state of a backup without a manifest. 0 or -ENOMEM. */
static int judge_bare(Look *look, Backup *backup)
{
    const char *refused;
    int r;

    if (streq_null(look->transaction.id, backup->id)) {
        backup->state = BACKUP_IN_FLIGHT;
        return 0;
    }
    backup->bare = !streq_null(look->failed.id, backup->id);
    if (backup->bare)
        return set_unknown(backup, "it has no manifest, and no record names it");
    if (look->failed.result == RESULT_ATTENTION)
        return set_unknown(
            backup,
            "a migration that could not be undone has left it, for the operator who fixes that");
    r = backup_fill(look->store, &look->failed, backup, &refused);
    if (r == 0)
        backup->state = BACKUP_FAILED;
    return r == 0 || r == -ENOMEM ? r : set_unknown(backup, "the record of its failure is damaged");
}

static int set_damaged(Backup *backup, const char *what)
{
    backup->state = BACKUP_DAMAGED;
    return strreplace(&backup->what, what);
}

/* Takes a manifest into the backup, and lists its bases. Returns 0, a negative errno, or -EBADMSG if
 * the backup is damaged. */
static int take_manifest(Look *look, Backup *backup, TransactionRecord *manifest)
{
    const char *refused;
    int r = backup_fill(look->store, manifest, backup, &refused);

    if (r < 0)
        return r == -ENOMEM || set_damaged(backup, refused) < 0 ? -ENOMEM : r;
    for (size_t i = 0; r == 0 && i < backup->n_places; i++)
        r = strv_append_once(&look->backups.bases, backup->places[i].base);
    return r;
}

static bool has_base(const Backup *backup, const char *base)
{
    for (size_t i = 0; i < backup->n_places; i++)
        if (streq(backup->places[i].base, base))
            return true;
    return false;
}

/* Returns a directory of the backup that is not declared; NULL: all are. */
static const char *find_undeclared(const Look *look, const Backup *backup)
{
    for (size_t i = 0; i < backup->n_places; i++)
        if (!look->directories || !items_contain(look->directories, backup->places[i].directory))
            return backup->places[i].directory;
    return NULL;
}

/* Leaves a backup alone whose manifest is of another place or another system. */
static int set_elsewhere(Backup *backup, char *what)
{
    free(backup->what);
    backup->what = what;
    backup->n_places = 0;
    backup->bare = false;
    return what ? 0 : -ENOMEM;
}

/* Decides about BASE/backups/ID, which the store does not have: the store was lost, or is older. Only
 * root can write to any directory on the way. */
static int judge_found(Look *look, Backup *backup, int dir_fd, const char *base)
{
    _cleanup_(transaction_record_free) TransactionRecord manifest = {};
    _cleanup_close_ int fd = open_own(dir_fd, backup->id);
    const char *other;
    int r = streq_null(look->transaction.id, backup->id) || streq_null(look->failed.id, backup->id)
                ? 1
            : fd < 0 ? fd
                     : manifest_read_beside(fd, &manifest);

    if (r == 1 || r == -ENOTDIR || r == -ELOOP)
        return judge_bare(look, backup);
    if (r < 0)
        return r == -ENOMEM ? r
                            : set_damaged(backup, r == -EBADMSG ? "its manifest is damaged"
                                                  : r == -EPERM ? "users other than root own it or "
                                                                  "can write to it"
                                                                : "its manifest cannot be read");
    r = take_manifest(look, backup, &manifest);
    if (r < 0)
        return r == -EBADMSG ? 0 : r;
    if (!has_base(backup, base))
        return set_elsewhere(
            backup, strprintf("it was made while its disk was mounted at another place: its "
                              "manifest names '%s'",
                              backup->places[0].base));
    /* Another system that uses the disk may have a service of this name, and other directories. */
    other = find_undeclared(look, backup);
    if (other)
        return set_elsewhere(
            backup, strprintf("the store does not know it, and it was made for another directory: "
                              "'%s'",
                              other));
    backup->bare = false;
    free(TAKE_PTR(backup->what));
    backup->found = true;
    backup->state = look->machine && streq_null(backup->manifest.machine, look->machine)
                        ? BACKUP_WHOLE
                        : BACKUP_FOREIGN;
    backup->foreign = backup->state == BACKUP_FOREIGN;
    return 0;
}

/* Reads the manifest of STORE/backups/ID; with removing, of STORE/backups/.removing-ID. */
static int look_at_manifest(Look *look, Backup *backup, bool removing)
{
    _cleanup_free_ char *name =
        strprintf("%s%s", removing ? BACKUP_REMOVING_PREFIX : "", backup->id);
    _cleanup_(transaction_record_free) TransactionRecord manifest = {};
    int r;

    if (!name)
        return -ENOMEM;
    r = manifest_read(look->store, name, &manifest);
    if (r == -ENOMEM)
        return r;
    if (r == 1)
        return removing ? 0 : judge_bare(look, backup);
    if (r < 0)
        return set_damaged(backup, r == -EBADMSG ? "its manifest is damaged"
                                                 : "its manifest cannot be read");
    r = take_manifest(look, backup, &manifest);
    if (r < 0)
        return r == -EBADMSG ? 0 : r;
    if (!removing)
        backup->state = streq_null(look->transaction.id, backup->id) ? BACKUP_IN_FLIGHT
                        : backup->manifest.protect == PROTECT_HOOKS  ? BACKUP_HOOKS
                                                                     : BACKUP_WHOLE;
    return 0;
}

static bool is_directory(int dir_fd, const char *name)
{
    struct stat st;

    return fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

static int look_at_store_entry(Look *look, int dir_fd, const char *name, const char *base)
{
    bool removing =
        startswith(name, BACKUP_REMOVING_PREFIX) && name[strlen(BACKUP_REMOVING_PREFIX)];
    const char *id = removing ? name + strlen(BACKUP_REMOVING_PREFIX) : name;
    Backup *backup = add_backup(look, id, removing ? BACKUP_REMOVING : BACKUP_UNKNOWN);
    int r = backup ? strv_append(&backup->bases, base) : -ENOMEM;

    if (r < 0)
        return r;
    if (!is_directory(dir_fd, name))
        return set_unknown(backup, "it is not a directory");
    return removing && endswith(name, BACKUP_FORGOTTEN_SUFFIX)
               ? 0
               : look_at_manifest(look, backup, removing);
}

static int look_at_other_entry(Look *look, int dir_fd, const char *name, const char *base)
{
    bool removing = startswith(name, BACKUP_REMOVING_PREFIX) &&
                    name[strlen(BACKUP_REMOVING_PREFIX)] && is_directory(dir_fd, name);
    const char *id = removing ? name + strlen(BACKUP_REMOVING_PREFIX) : name;
    Backup *backup = (Backup *)backups_find(&look->backups, id);
    int r;

    if (backup && removing && backup->state != BACKUP_REMOVING)
        return 0; /* the entry in the store counts; the backup is incomplete */
    /* An adoption that was cut off leaves a directory without a manifest in the store. */
    if (backup && (removing || !backup->bare))
        return strv_append_once(&backup->bases, base);
    if (!backup)
        backup = add_backup(look, id, removing ? BACKUP_REMOVING : BACKUP_UNKNOWN);
    r = backup ? strv_append(&backup->bases, base) : -ENOMEM;
    return r == 0 && !removing ? judge_found(look, backup, dir_fd, base) : r;
}

static int look_into(Look *look, const char *base)
{
    bool in_store = backup_base_is_store(look->store, base);
    _cleanup_closedir_ DIR *dir = NULL;
    struct dirent *de;
    int r = directory_take(backup_open_base(look->root, look->store, base), &dir);

    if (r == -ENOENT)
        return 0;
    if (r < 0) {
        if (in_store || r == -ENOMEM)
            return r;
        return strv_consume(&look->backups.unreadable,
                            strprintf("'%s/backups': %s", base,
                                      r == -EPERM
                                          ? "users other than root own it or can write to it"
                                          : strerror(-r)));
    }
    while ((r = directory_next(dir, &de)) > 0) {
        r = (in_store ? look_at_store_entry : look_at_other_entry)(look, dirfd(dir), de->d_name,
                                                                   base);
        if (r < 0)
            return r;
    }
    return r;
}

static int look_for_places(Look *look, Backup *backup)
{
    ARRAY_FOREACH (place, backup->places, backup->n_places) {
        _cleanup_close_ int fd = backup_open_base(look->root, look->store, place->base),
                            own_fd = fd < 0 ? -1 : open_own(fd, backup->id);
        struct stat st;

        if (fd == -ENOMEM)
            return fd;
        place->there = own_fd >= 0 &&
                       fstatat(own_fd, place->entry, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
                       (S_ISDIR(st.st_mode) || S_ISREG(st.st_mode));
        if (backup->state == BACKUP_HOOKS)
            place->there = own_fd >= 0; /* only the hooks know which files belong there */
        /* Notes the base even if it could not be listed. */
        if (place->there && strv_append_once(&backup->bases, place->base) < 0)
            return -ENOMEM;
        if (place->there || backup->state == BACKUP_REMOVING || backup->state == BACKUP_FAILED ||
            backup->state == BACKUP_HOOKS)
            continue;
        if (backup_is_restorable(backup))
            backup->state = BACKUP_INCOMPLETE;
        if (strreplacef(&backup->what,
                        backup->foreign
                            ? "'%s/backups/%s/%s' is missing, and another system made this backup "
                              "(or this one, before it was installed anew): that system may have "
                              "it. If no system needs it, run: migratectl forget %s %s"
                            : "'%s/backups/%s/%s' is missing: is a disk not mounted? If it is lost, "
                              "run: migratectl forget %s %s",
                        place->base, backup->id, place->entry, look->store->name, backup->id) < 0)
            return -ENOMEM;
    }
    if (backup->found && backup->state == BACKUP_WHOLE)
        return strreplace(
            &backup->what,
            "the store does not know it (was /var/lib/migrate lost?), but all of it is "
            "there: it can be brought back, and is pruned by the rule");
    return backup->state == BACKUP_FOREIGN
               ? strreplacef(&backup->what,
                             "the store does not know it, and another system made it (or this one, "
                             "before it was installed anew): only you can bring it back or remove "
                             "it. To remove it, run: migratectl forget %s %s",
                             look->store->name, backup->id)
               : 0;
}

/* Marks .removing-ID as unknown if the store also has ID, so that nothing of ID is removed. */
static int settle_twins(Look *look)
{
    int r = 0;

    ARRAY_FOREACH (a, look->backups.items, look->backups.n_items)
        ARRAY_FOREACH (b, look->backups.items, look->backups.n_items)
            if (r == 0 && a != b && a->state == BACKUP_REMOVING && streq(a->id, b->id))
                r = set_unknown(a,
                                "its removal has begun, but there is another backup with its id");
    return r;
}

/* Sets when the backups were made. The last note of the clock shows that the clock is behind now. */
static void find_when(const char *root, Backups *backups)
{
    _cleanup_(clock_record_free) ClockGaps gaps = {};
    uint64_t last, finished;

    if (clock_gaps_read(root, &gaps) < 0)
        gaps.seen = 0;
    last = MAX(time_now(), gaps.seen) + UINT64_C(86400) * 1000000;
    ARRAY_FOREACH (backup, backups->items, backups->n_items)
        if (backup->time <= last)
            backup->when = backup->time;
        else if (time_parse(backup->finished, &finished) == 0 && finished <= last)
            backup->when = finished;
}

/* Backups without a time come last. Before them come backups that were made while the clock was
 * ahead. */
static uint64_t order_of(const Backup *backup)
{
    return backup->when > 0 || backup->time == 0 ? backup->when : 1;
}

static int compare(const void *a, const void *b)
{
    const Backup *x = a, *y = b;

    if (order_of(x) != order_of(y))
        return order_of(x) < order_of(y) ? 1 : -1;
    return strcmp(y->id, x->id);
}

/* Reads the records that name backups. A damaged record counts as missing. 0 or -ENOMEM. */
static int read_records(Look *look)
{
    _cleanup_(post_record_free) PostRecord post = {};
    int r = transaction_record_read(look->store, RECORD_TRANSACTION, &look->transaction);

    look->backups.in_flight = r != 1;
    if (r == -ENOMEM)
        return r;
    r = transaction_record_read(look->store, RECORD_FAILED, &look->failed);
    if (r == -ENOMEM)
        return r;
    r = post_record_read(look->store, RECORD_POST, &post);
    look->backups.pending = TAKE_PTR(post.id);
    return r == -ENOMEM ? r : 0;
}

static int find_bases(Look *look, char *const *bases)
{
    const TransactionRecord *records[] = {&look->failed, &look->transaction};
    _cleanup_free_ char *own = strprintf(STORE_DIRECTORY "/%s", look->store->name);
    int r = own ? strv_append(&look->backups.bases, own) : -ENOMEM;

    for (; r == 0 && bases && *bases; bases++)
        if (backup_base_is_valid(look->store, *bases))
            r = strv_append_once(&look->backups.bases, *bases);
    for (size_t i = 0; r == 0 && i < ELEMENTSOF(records); i++)
        for (size_t j = 0; r == 0 && j < records[i]->n_places; j++)
            if (backup_base_is_valid(look->store, records[i]->places[j].base))
                r = strv_append_once(&look->backups.bases, records[i]->places[j].base);
    return r;
}

int backups_read_all(const char *root, const Store *store, char *const *bases,
                     const Items *directories, const char *machine, Backups *ret)
{
    _cleanup_(look_free)
        Look look = {.root = root, .store = store, .directories = directories, .machine = machine};
    int r;

    if (!store->name) {
        *ret = (Backups){};
        return 0;
    }
    r = read_records(&look);
    if (r == 0)
        r = find_bases(&look, bases);
    /* The store comes first, because its manifests name other bases. */
    for (size_t i = 0; r == 0 && look.backups.bases[i]; i++) {
        r = look_into(&look, look.backups.bases[i]);
        if (r == 0 && i == 0)
            r = settle_twins(&look);
    }
    for (size_t i = 0; r == 0 && i < look.backups.n_items; i++)
        r = look_for_places(&look, look.backups.items + i);
    if (r < 0)
        return r;
    find_when(root, &look.backups);
    if (look.backups.n_items > 0)
        qsort(look.backups.items, look.backups.n_items, sizeof(Backup), compare);
    *ret = TAKE_STRUCT(look.backups);
    return 0;
}

int backups_read(const char *root, const Store *store, char *const *bases, Backups *ret)
{
    return backups_read_all(root, store, bases, NULL, NULL, ret);
}

int backups_look(const char *root, const Declaration *declaration, const Store *store, Backups *ret)
{
    _cleanup_strv_ char **bases = NULL;
    _cleanup_free_ char *machine = system_machine();
    /* Below root, paths of this system would be followed. */
    int r = root || !store->path ? 0 : place_find_bases(declaration, store->path, &bases, NULL);

    return r == 0 ? backups_read_all(root, store, bases,
                                     declaration ? &declaration->directories : NULL, machine, ret)
                  : r;
}

/* Is there a manifest of this backup beside the tree? Another one is from before a restore, or from
 * before the service got its name. */
static bool is_described(int fd, const TransactionRecord *wanted)
{
    _cleanup_(transaction_record_free) TransactionRecord manifest = {};

    return manifest_read_beside(fd, &manifest) == 0 && streq_null(manifest.id, wanted->id) &&
           (!wanted->service || streq_null(manifest.service, wanted->service)) &&
           manifest.n_places == wanted->n_places && manifest.n_places > 0 &&
           streq_null(manifest.places[0].directory, wanted->places[0].directory);
}

static int write_beside(const Store *store, const Backup *backup, const char *base)
{
    _cleanup_close_ int fd = backup_open_base(NULL, store, base),
                        own_fd = fd < 0 ? fd : open_own(fd, backup->id);
    TransactionRecord manifest = backup->manifest; /* borrows all members */
    _cleanup_free_ char *machine = NULL;

    if (own_fd < 0)
        return own_fd == -ENOENT ? 0 : own_fd;
    if (is_described(own_fd, &manifest))
        return 0;
    /* An earlier version of this program has made the backup, on this system. */
    if (!manifest.machine)
        manifest.machine = machine = system_machine();
    return record_write_at(own_fd, MANIFEST, &transaction_record_type, &manifest);
}

int backup_adopt(const Store *store, const Backup *backup)
{
    return backup->found ? manifest_write(store, &backup->manifest) : 0;
}

int backup_describe(const Store *store, const Backup *backup)
{
    int r = 0;

    if (backup->state != BACKUP_WHOLE && backup->state != BACKUP_INCOMPLETE)
        return 0;
    for (size_t i = 0; r == 0 && i < backup->n_places; i++)
        if (!backup_base_is_store(store, backup->places[i].base))
            r = write_beside(store, backup, backup->places[i].base);
    return r;
}
