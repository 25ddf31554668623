/* SPDX-License-Identifier: MIT */
/* Computes the fingerprint of the state that a transaction makes. */
#include "judge/live.h"

#include "store/stamp.h"
#include "tree/tree.h"

#include <fcntl.h>
#include <inttypes.h>

/* The recorded path has no symbolic links, and only root can change its ancestors. */
static int open_live(const char *root, const DirectoryRecord *place)
{
    const char *path = place->path;
    _cleanup_free_ char *full = path ? strprintf("%s%s", root ? root : "", path) : NULL;
    int fd;

    if (!full)
        return path ? -ENOMEM : -EBADMSG;
    fd = open(full, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

static int place_fingerprint(const char *root, const DirectoryRecord *place, int tree,
                             const char *stamps, const volatile sig_atomic_t *cancel, uint64_t *ret)
{
    _cleanup_close_ int own_fd = -1;

    if (tree < 0)
        tree = own_fd = open_live(root, place);
    /* The traces of a swap that was tried and given up must not count as writing. */
    return tree < 0 ? tree : tree_fingerprint_moved(tree, place->exclude, stamps, cancel, ret);
}

/* Computes one fingerprint of all directories, in their order. The caller owns *ret. */
static int live_fingerprint(const char *root, const TransactionRecord *record, const int *fds,
                            const volatile sig_atomic_t *cancel, char **ret)
{
    size_t n = record->n_places;
    /* The fingerprint leaves out stamps: they are compared elsewhere, and the service may have
     * another name now. */
    _cleanup_free_ char *stamps = record->service ? stamp_name(record->service, "") : NULL;
    uint64_t hash = HASH_INIT;

    if (record->service && !stamps)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++) {
        uint64_t fingerprint;
        int r = place_fingerprint(root, record->places + i, fds ? fds[i] : -1, stamps, cancel,
                                  &fingerprint);

        if (r < 0)
            return r;
        hash = hash_bytes(hash, &fingerprint, sizeof(fingerprint));
    }
    *ret = n > 0 ? strprintf("%016" PRIx64, hash) : NULL;
    return n == 0 ? -ENOENT : *ret ? 0 : -ENOMEM;
}

void live_note(TransactionRecord *record, const int *fds, const volatile sig_atomic_t *cancel)
{
    char *fingerprint;

    if (live_fingerprint(NULL, record, fds, cancel, &fingerprint) < 0)
        return;
    free(record->live);
    record->live = fingerprint;
}

int live_is(const TransactionRecord *record, const char *noted)
{
    _cleanup_free_ char *fingerprint = NULL;
    int r = live_fingerprint(NULL, record, NULL, NULL, &fingerprint);

    return r < 0 ? r : streq(noted, fingerprint);
}

bool live_is_untouched(const char *root, const TransactionRecord *manifest,
                       const volatile sig_atomic_t *cancel)
{
    _cleanup_free_ char *fingerprint = NULL;

    /* mutation: compare-fingerprint */
    return manifest->live && live_fingerprint(root, manifest, NULL, cancel, &fingerprint) == 0 &&
           streq(manifest->live, fingerprint);
}
