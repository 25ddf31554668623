/* SPDX-License-Identifier: MIT */
/* Estimates bytes and inodes for each file system before anything is cloned. */
#include "place/space.h"

#include "basic/canceled.h"
#include "basic/mountinfo.h"
#include "basic/text.h"
#include "tree/tree.h"

#include <fcntl.h>
#include <inttypes.h>

/* Free space that the estimate keeps for the store's records and for writes of other programs. */
#define MARGIN_BYTES  (UINT64_C(8) << 20)
#define MARGIN_INODES 64

/* The needs of all directories on one file system. */
typedef struct Need {
    char *device;       /* "8:1" */
    const Place *place; /* any directory on that file system */
    uint64_t bytes, inodes;
    uint64_t free_bytes, free_inodes; /* UINT64_MAX: no limit */
} Need;

typedef struct Needs {
    Need *items;
    size_t n_items;
    uint64_t copied, files;
    bool unknown; /* a clone shares contents, or could not be estimated */
} Needs;

static void needs_free(Needs *needs)
{
    ITEMS_FOREACH (need, needs)
        free(need->device);
    free(needs->items);
}

/* --- what is needed -------------------------------------------------------------------------- */

static Need *need_of(Needs *needs, const Place *place)
{
    OnDisk on_disk = {};
    Need *need = NULL;

    /* On btrfs, each subvolume has a st_dev of its own, so st_dev does not tell the file system. */
    if (on_disk_find(place->fd, &on_disk) < 0)
        return NULL;
    for (size_t i = 0; !need && i < needs->n_items; i++)
        if (streq(needs->items[i].device, on_disk.device))
            need = needs->items + i;
    if (!need && ARRAY_GROW(needs->items, needs->n_items)) {
        need = needs->items + needs->n_items - 1;
        *need = (Need){.device = TAKE_PTR(on_disk.device), .place = place};
    }
    on_disk_free(&on_disk);
    return need;
}

/* Opens the base of the clones, or the nearest directory above that exists, on the mount of the
 * state. Falls back to the state. */
static int open_probe(const Place *place)
{
    _cleanup_free_ char *path = place->base ? strdup(place->base) : NULL;
    OnDisk state = {}, found = {};
    int fd = -1;

    while (path && *path && fd < 0) {
        fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0 && errno != ENOENT)
            break;
        *strrchr(path, '/') = '\0';
    }
    if (fd >= 0 && (on_disk_find(place->fd, &state) < 0 || on_disk_find(fd, &found) < 0 ||
                    !streq(state.device, found.device))) {
        close(fd);
        fd = -1;
    }
    on_disk_free(&state);
    on_disk_free(&found);
    return fd >= 0 ? fd : fcntl(place->fd, F_DUPFD_CLOEXEC, 0);
}

bool place_can_share(const Place *place)
{
    _cleanup_close_ int fd = open_probe(place);

    return clone_can_share(fd);
}

/* Adds the estimate for one directory. A directory that cannot be estimated is logged, and cloning
 * it may then fail later. */
static int estimate_place(const SpaceQuery *query, const Place *place, Needs *needs)
{
    _cleanup_close_ int probe_fd = open_probe(place);
    CloneEstimate estimate;
    Need *need;
    int r;

    r = clone_estimate(place->fd, probe_fd, place->exclude, &canceled, &estimate);
    if (r == -ECANCELED)
        return r;
    need = r < 0 ? NULL : need_of(needs, place);
    needs->unknown = needs->unknown || !need || estimate.shared;
    if (!need) {
        log_info(query->log, "Cannot estimate the space that a clone of %s needs%s%s",
                 place->directory, r < 0 ? ": " : "", r < 0 ? strerror(-r) : "");
        return 0;
    }
    need->bytes += estimate.bytes;
    need->inodes += estimate.inodes;
    needs->copied += estimate.copied;
    needs->files += estimate.files;
    return 0;
}

/* --- what is free ---------------------------------------------------------------------------- */

/* Measures the free space for root, who may use the reserved blocks. */
static int look_at_free(Need *need)
{
    uint64_t margin;
    struct statvfs fs;

    if (fstatvfs(need->place->fd, &fs) < 0)
        return -errno;
    margin = MIN(MARGIN_BYTES, (uint64_t)fs.f_blocks * fs.f_frsize / 100);
    need->free_bytes = (uint64_t)fs.f_bfree * fs.f_frsize;
    need->free_bytes -= MIN(need->free_bytes, margin);
    /* A file system that creates inodes on demand reports 0 inodes. */
    need->free_inodes =
        fs.f_files ? fs.f_ffree - MIN((uint64_t)fs.f_ffree, MARGIN_INODES) : UINT64_MAX;
    return 0;
}

static bool fits(const Need *need)
{
    return need->bytes <= need->free_bytes && need->inodes <= need->free_inodes;
}

/* Adds the space of a failed attempt's clone to the free space, because the next attempt removes
 * that clone. */
static void add_failed_clone(const SpaceQuery *query, Need *need)
{
    _cleanup_(transaction_record_free) TransactionRecord failed = {};

    if (transaction_record_read(query->store, RECORD_FAILED, &failed) != 0)
        return;
    for (size_t i = 0; place_name_is_valid(failed.id) && i < query->n_places; i++) {
        const Place *place = query->places + i;
        _cleanup_free_ char *path = strprintf("%s/backups/%s", place->base, failed.id);
        _cleanup_close_ int fd =
            path ? open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
        OnDisk on_disk = {};
        CloneEstimate estimate;
        bool seen = false;

        for (size_t j = 0; j < i; j++)
            seen = seen || streq(query->places[j].base, place->base);
        if (fd < 0 || seen || on_disk_find(fd, &on_disk) < 0)
            continue;
        seen = streq(on_disk.device, need->device);
        on_disk_free(&on_disk);
        if (!seen || tree_measure(fd, NULL, &canceled, &estimate) < 0)
            continue;
        need->free_bytes += estimate.bytes;
        if (need->free_inodes != UINT64_MAX)
            need->free_inodes += estimate.inodes;
    }
}

/* --- describing ------------------------------------------------------------------------------ */

#define SIZE_TEXT 32

static char *describe_lacking(const Need *need)
{
    char bytes[SIZE_TEXT], available[SIZE_TEXT], lacking[SIZE_TEXT];

    if (need->bytes <= need->free_bytes)
        return strprintf("cloning takes %" PRIu64 " inodes on the file system of '%s', where "
                         "%" PRIu64 " are available: free at least %" PRIu64 " inodes there",
                         need->inodes, need->place->directory, need->free_inodes,
                         need->inodes - need->free_inodes);
    text_size(bytes, sizeof(bytes), need->bytes);
    text_size(available, sizeof(available), need->free_bytes);
    text_size(lacking, sizeof(lacking), need->bytes - need->free_bytes);
    return strprintf("cloning takes %s on the file system of '%s', where %s are available: free at "
                     "least %s there",
                     bytes, need->place->directory, available, lacking);
}

/* Fills in the needs and the free space of all file systems. */
static int estimate(const SpaceQuery *query, Needs *needs)
{
    int r = 0;

    if (query->declaration->protect == PROTECT_HOOKS) /* nothing is cloned */
        return 0;
    for (size_t i = 0; r == 0 && i < query->n_places; i++)
        if (query->places[i].fd >= 0)
            r = estimate_place(query, query->places + i, needs);
    for (size_t i = 0; r == 0 && i < needs->n_items; i++)
        r = look_at_free(needs->items + i);
    return r;
}

uint64_t space_reserve(const struct statvfs *fs)
{
    return (uint64_t)MAX(MIN(fs->f_blocks / 20, fs->f_bavail / 2), 1U) * fs->f_frsize;
}

/* Measures the free space for a rehearsal. */
static int look_at_spare(Need *need)
{
    struct statvfs fs;
    int r = look_at_free(need);

    if (r == 0 && fstatvfs(need->place->fd, &fs) < 0)
        return -errno;
    if (r == 0)
        need->free_bytes =
            MIN(need->free_bytes,
                fs.f_bavail > 0 ? (uint64_t)fs.f_bavail * fs.f_frsize - space_reserve(&fs) : 0);
    return r;
}

Result space_check_copy(const SpaceQuery *query, const Place *place, char **reterr_what)
{
    _cleanup_(needs_free) Needs needs = {};
    int r = estimate_place(query, place, &needs);

    if (r == 0 && needs.n_items > 0)
        r = look_at_spare(needs.items);
    if (r == 0 && (needs.n_items == 0 || fits(needs.items)))
        return RESULT_DONE;
    *reterr_what = r == 0 ? describe_lacking(needs.items)
                          : strdup(r == -ECANCELED ? "interrupted" : strerror(-r));
    return RESULT_FAILED;
}

void space_report_free(SpaceReport *report)
{
    strv_free(report->lines);
    free(report->lacking);
    free(report->over_limit);
    *report = (SpaceReport){};
}

static int add_need(const SpaceQuery *query, Need *need, SpaceReport *report)
{
    char bytes[SIZE_TEXT], available[SIZE_TEXT];
    int r;

    text_size(bytes, sizeof(bytes), need->bytes);
    text_size(available, sizeof(available), need->free_bytes);
    r = strv_consume(
        &report->lines,
        strprintf("cloning takes %s on the file system of '%s', where %s are available", bytes,
                  need->place->directory, available));
    if (r < 0 || report->lacking || fits(need))
        return r;
    add_failed_clone(query, need);
    if (!fits(need))
        report->lacking = describe_lacking(need);
    return fits(need) || report->lacking ? 0 : -ENOMEM;
}

static int add_copy(const SpaceQuery *query, uint64_t copied, SpaceReport *report)
{
    char bytes[SIZE_TEXT], limit[SIZE_TEXT];

    if (copied <= query->declaration->copy_limit)
        return 0;
    text_size(bytes, sizeof(bytes), copied);
    text_size(limit, sizeof(limit), query->declaration->copy_limit);
    report->over_limit = strprintf("cloning must copy %s, and CopyLimit= is %s", bytes, limit);
    return report->over_limit ? 0 : -ENOMEM;
}

int space_look(const SpaceQuery *query, SpaceReport *ret)
{
    _cleanup_(space_report_free) SpaceReport report = {};
    _cleanup_(needs_free) Needs needs = {};
    int r = estimate(query, &needs);

    for (size_t i = 0; r == 0 && i < needs.n_items; i++)
        r = add_need(query, needs.items + i, &report);
    if (r == 0)
        r = add_copy(query, needs.copied, &report);
    if (r < 0)
        return r;
    if (!needs.unknown)
        report.expected = (CloneProgress){.bytes = needs.copied, .files = needs.files};
    *ret = TAKE_STRUCT(report);
    return 0;
}
