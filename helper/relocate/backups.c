/* SPDX-License-Identifier: MIT */
/* Adapts the records and backups of a state that gets another name or directory: the manifests,
 * stamps and directories (also on other mounts) of backups; paths into the store in the words of
 * commands; and garbage collector roots. */
#include "backup/backup.h"
#include "basic/directory.h"
#include "basic/durable.h"
#include "place/place.h"
#include "relocate/relocate.h"
#include "store/base.h"
#include "store/record-transaction.h"
#include "store/stamp.h"
#include "system/gcroot.h"
#include "wayback/wayback.h"

#include <fcntl.h>

/* --- backups ------------------------------------------------------------------------------- */

/* Returns the base with the new name, or NULL if memory runs out. The caller owns the string. */
static char *own_base(const Relocation *r, const char *base)
{
    const Store *own = &r->session->store;
    size_t length = strlen(base);

    if (!r->other_name || place_base_is_valid(base, own))
        return strdup(base);
    if (streq(base, r->other.path))
        return strdup(own->path);
    if (base_is_outside(base, r->other_name))
        return strprintf("%.*s%s", (int)(length - strlen(r->other_name)), base, own->name);
    return strdup(base);
}

/* Moves MOUNT/.migrate/OTHER/backups/ID to MOUNT/.migrate/OWN/backups/ID. Returns 0, -ENOENT if the
 * mount is missing, or another negative errno. */
static int move_outside(const Relocation *r, const char *base, const char *id)
{
    const char *name = r->session->store.name;
    _cleanup_free_ char *top = base_top(base);
    _cleanup_close_ int from_base = -1, from = -1, top_fd = -1, to_base = -1, to = -1, lock_fd = -1;

    if (!top)
        return -ENOMEM;
    from_base = base_open(NULL, base);
    if (from_base < 0) /* an empty base is removed */
        return from_base == -ENOENT && place_base_is_mounted(base) ? 0 : from_base;
    from = directory_fd(from_base, "backups");
    if (from < 0)
        return from == -ENOENT ? 0 : from;
    top_fd = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    to_base = top_fd < 0 ? -errno : base_make(top_fd, name, &lock_fd);
    to = to_base < 0 ? to_base : durable_mkdir(to_base, "backups");
    if (to < 0)
        return to;
    if (renameat(from, id, to, id) < 0 && errno != ENOENT)
        return -errno;
    /* The new name must be on disk before the old name goes. */
    return fsync(to) < 0 || fsync(from) < 0 ? -errno : 0;
}

static int rename_backup_stamps(const Relocation *r, const char *base, const char *id,
                                const char *entry)
{
    const Store *own = &r->session->store;
    _cleanup_close_ int backups_fd = backup_open_base(NULL, own, base);
    _cleanup_close_ int id_fd = backups_fd < 0 ? -1 : directory_fd(backups_fd, id);
    _cleanup_close_ int fd = id_fd < 0 ? -1 : directory_fd(id_fd, entry);
    int e;

    if (backups_fd < 0 && backups_fd != -ENOENT)
        return backups_fd; /* rewrite() logs the name of the backup */
    if (fd < 0)
        return 0; /* the backup was not whole before, either */
    e = stamp_rename(fd, r->other_name, own->name);
    /* The owner of the data may have made a directory with the name of a stamp. */
    return e == -EISDIR || e == -EPERM ? 0 : e;
}

/* Adapts one directory of a manifest. Returns 1 if the directory has changed, 0 if not, or a
 * negative errno. */
static int rewrite_place(const Relocation *r, DirectoryRecord *place, const char *id)
{
    const char *base = place->base;
    _cleanup_free_ char *own = base ? own_base(r, base) : NULL;
    int e = 0, changed = 0;

    if (!base || !place_name_is_valid(place->entry))
        return 0;
    if (!own)
        return -ENOMEM;
    if (!streq(own, base) && base_is_outside(own, r->session->store.name))
        e = move_outside(r, base, id);
    if (e == 0 && r->other_name)
        e = rename_backup_stamps(r, own, id, place->entry);
    if (e < 0)
        return e;
    if (!streq(own, base)) {
        free(place->base);
        place->base = TAKE_PTR(own);
        changed = 1;
    }
    if (r->other_directory && streq_null(place->directory, r->other_directory)) {
        if (strreplace(&place->directory, r->target.directory) < 0 ||
            strreplace(&place->path, r->target.path) < 0)
            return -ENOMEM;
        changed = 1;
    }
    return changed;
}

/* Writes the manifest beside the trees in a base, before the store's. */
static int describe_outside(const Store *own, const char *base, const TransactionRecord *manifest)
{
    _cleanup_close_ int fd = backup_open_base(NULL, own, base),
                        id_fd = fd < 0 ? fd : directory_fd(fd, manifest->id);
    int e;

    if (id_fd < 0)
        return id_fd == -ENOENT ? 0 : id_fd;
    e = record_write_at(id_fd, MANIFEST, &transaction_record_type, manifest);
    return e == -ENOSPC || e == -EDQUOT ? 0 : e; /* pruning writes it later */
}

static int rewrite(const Relocation *r, const char *id, char **reterr_what)
{
    const Store *own = &r->session->store;
    _cleanup_(transaction_record_free) TransactionRecord manifest = {};
    _cleanup_free_ char *path = strprintf("backups/%s", id);
    _cleanup_close_ int fd = path ? directory_fd(own->fd, path) : -ENOMEM;
    const char *bare = startswith(id, BACKUP_REMOVING_PREFIX) ? id + strlen(BACKUP_REMOVING_PREFIX)
                                                              : id;
    int e = fd < 0 ? fd : manifest_read(own, id, &manifest), changed = 0;

    if (e != 0) /* a backup without a manifest, or with a damaged one, stays as it is */
        return e == 1 || e == -EBADMSG || e == -ENOTDIR ? 0 : e;
    if (!streq_null(manifest.id, bare))
        return 0;
    for (size_t i = 0; i < manifest.n_places; i++) {
        e = rewrite_place(r, manifest.places + i, id);
        if (e == -ENOENT) {
            log_warning(&r->session->run.log,
                        "The backup %s keeps its former name, %s, because its disk is not mounted",
                        id, r->other_name ? r->other_name : own->name);
            return 0;
        }
        if (e < 0) {
            *reterr_what = strprintf("the backup %s: %s", id, strerror(-e));
            return e;
        }
        changed |= e;
    }
    if (!changed)
        return 0;
    e = strreplace(&manifest.service, own->name);
    if (e < 0)
        return e;
    for (size_t i = 0; i < manifest.n_places; i++)
        if (base_is_outside(manifest.places[i].base, own->name)) {
            e = describe_outside(own, manifest.places[i].base, &manifest);
            if (e < 0)
                return e;
        }
    return record_write_at(fd, MANIFEST, &transaction_record_type, &manifest);
}

/* Writes manifests that lie only beside their trees, since the store was lost or is older, into the
 * store. Nobody looks for them under the former name or directory afterwards. */
static int adopt_found(const Relocation *r)
{
    Declaration former = *r->session->run.declaration;
    Items *directories = &former.directories;
    _cleanup_free_ Item *items = calloc(directories->n_items + 1, sizeof(Item));
    Store store = r->session->store;
    _cleanup_(backups_free) Backups backups = {};
    int e;

    if (!items)
        return -ENOMEM;
    for (size_t i = 0; i < directories->n_items; i++)
        items[i] = directories->items[i];
    directories->items = items;
    if (r->other_directory)
        items[directories->n_items++] = (Item){.value = r->other_directory};
    if (r->other_name) {
        former.name = r->other_name;
        store.name = r->other.name;
        store.path = r->other.path;
    }
    e = backups_look(NULL, &former, &store, &backups);
    for (size_t i = 0; e == 0 && i < backups.n_items; i++)
        if (backups.items[i].state == BACKUP_WHOLE)
            e = backup_adopt(&store, backups.items + i);
    return e;
}

int relocate_backups(const Relocation *r, char **reterr_what)
{
    _cleanup_strv_ char **ids = NULL;
    int e = adopt_found(r);

    if (e == 0)
        e = directory_list(r->session->store.fd, "backups", "", &ids);
    if (e < 0)
        return e == -ENOENT ? 0 : e;
    STRV_FOREACH (id, ids)
        if (e == 0 && place_name_is_valid(*id))
            e = rewrite(r, *id, reterr_what);
    return e;
}

/* --- other records ------------------------------------------------------------------------- */

/* Renames paths to STORE/applied/ID in the words of a kept hook. Returns 1 if the hook has changed,
 * 0 if not, or -ENOMEM. */
static int rename_words(const Relocation *r, PostHook *hook)
{
    _cleanup_free_ char *prefix =
        strprintf(STORE_DIRECTORY "/%s/" APPLIED_DIRECTORY "/", r->other_name);
    int changed = 0;

    if (!prefix)
        return -ENOMEM;
    STRV_FOREACH (word, hook->argv) {
        const char *tail = startswith(*word, prefix) ? *word + strlen(prefix) : NULL;

        if (!tail)
            continue;
        if (strreplacef(word, STORE_DIRECTORY "/%s/" APPLIED_DIRECTORY "/%s",
                        r->session->store.name, tail) < 0)
            return -ENOMEM;
        changed = 1;
    }
    return changed;
}

/* Renames paths in the record of Post= hooks. A damaged record stays, since running the hooks
 * reports it. */
static int rename_post(const Relocation *r)
{
    const Store *own = &r->session->store;
    _cleanup_(post_record_free) PostRecord post = {};
    int e = post_record_read(own, RECORD_POST, &post), changed = 0;

    if (e != 0)
        return e == 1 || e == -EBADMSG ? 0 : e;
    for (size_t i = 0; e >= 0 && i < post.n_hooks; i++) {
        e = rename_words(r, post.hooks + i);
        changed |= e > 0;
    }
    return e < 0 ? e : changed ? post_record_write(own, RECORD_POST, &post) : 0;
}

int relocate_records(const Relocation *r)
{
    int e = r->other_name ? rename_post(r) : 0;

    return e == 0 && r->other_name ? gcroot_move(NULL, r->other_name, r->session->store.name) : e;
}
