/* SPDX-License-Identifier: MIT */
/* Computes the fingerprint of the state that a transaction makes. */
#include "judge/live.h"

#include "store/stamp.h"
#include "tree/tree.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/stat.h>

static int open_at(const char *root, const char *path, int flags)
{
    _cleanup_free_ char *full = path ? strprintf("%s%s", root ? root : "", path) : NULL;
    int fd;

    if (!full)
        return path ? -ENOMEM : -EBADMSG;
    fd = open(full, O_RDONLY | O_DIRECTORY | O_CLOEXEC | flags);
    return fd < 0 ? -errno : fd;
}

/* The recorded path has no symbolic links, and only root can change its ancestors. A switch of
 * DynamicUser= moves the directory between /var/lib and /var/lib/private. */
static int open_live(const char *root, const DirectoryRecord *place)
{
    int fd = open_at(root, place->path, O_NOFOLLOW);

    return fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP ? open_at(root, place->directory, 0)
                                                           : fd;
}

typedef struct Hashes {
    uint64_t all;
    uint64_t ownerless;
    uint64_t owners; /* of the directories themselves */
    LiveSize size;
} Hashes;

static int place_add(const char *root, const DirectoryRecord *place, int tree, const char *stamps,
                     const volatile sig_atomic_t *cancel, Hashes *hashes)
{
    _cleanup_close_ int own_fd = -1;
    MovedFingerprint fingerprint;
    struct stat st;
    int r;

    if (tree < 0)
        tree = own_fd = open_live(root, place);
    if (tree < 0)
        return tree;
    /* The traces of a swap that was tried and given up must not count as writing. */
    r = tree_fingerprint_moved(tree, place->exclude, stamps, cancel, &fingerprint);
    if (r == 0 && fstat(tree, &st) < 0)
        r = -errno;
    if (r < 0)
        return r;
    hashes->all = hash_bytes(hashes->all, &fingerprint.all, sizeof(uint64_t));
    hashes->ownerless = hash_bytes(hashes->ownerless, &fingerprint.ownerless, sizeof(uint64_t));
    hashes->owners = hash_bytes(hashes->owners, &st.st_uid, sizeof(st.st_uid));
    hashes->owners = hash_bytes(hashes->owners, &st.st_gid, sizeof(st.st_gid));
    hashes->size.bytes += (int64_t)fingerprint.bytes;
    hashes->size.files += (int64_t)fingerprint.files;
    return 0;
}

/* Computes the fingerprints of all directories, in their order, as text. The caller owns *ret. */
static int live_fingerprint(const char *root, const TransactionRecord *record, const int *fds,
                            const volatile sig_atomic_t *cancel, char **ret, LiveSize *ret_size)
{
    size_t n = record->n_places;
    /* The fingerprint leaves out stamps: they are compared elsewhere, and the service may have
     * another name now. */
    _cleanup_free_ char *stamps = record->service ? stamp_name(record->service, "") : NULL;
    Hashes hashes = {HASH_INIT, HASH_INIT, HASH_INIT, {0, 0}};

    if (record->service && !stamps)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++) {
        int r = place_add(root, record->places + i, fds ? fds[i] : -1, stamps, cancel, &hashes);

        if (r < 0)
            return r;
    }
    *ret = n > 0 ? strprintf("%016" PRIx64 " %016" PRIx64 " %016" PRIx64, hashes.all,
                             hashes.ownerless, hashes.owners)
                 : NULL;
    if (ret_size)
        *ret_size = hashes.size;
    return n == 0 ? -ENOENT : *ret ? 0 : -ENOMEM;
}

void live_note(TransactionRecord *record, const int *fds, const volatile sig_atomic_t *cancel)
{
    char *fingerprint;

    if (live_fingerprint(NULL, record, fds, cancel, &fingerprint, NULL) < 0)
        return;
    free(record->live);
    record->live = fingerprint;
}

int live_is(const TransactionRecord *record, const char *noted)
{
    _cleanup_free_ char *fingerprint = NULL;
    int r = live_fingerprint(NULL, record, NULL, NULL, &fingerprint, NULL);

    return r < 0 ? r : streq(noted, fingerprint);
}

/* At a start, systemd gives a state to its service's user, with all files, if the directory itself
 * belongs to another user (systemd.exec(5), StateDirectory=). A fingerprint from an earlier version
 * of this program has only the first hash. */
static bool differs_by_owner(const char *noted, const char *now)
{
    Hashes a, b;

    return sscanf(noted, "%*s %" SCNx64 " %" SCNx64, &a.ownerless, &a.owners) == 2 &&
           sscanf(now, "%*s %" SCNx64 " %" SCNx64, &b.ownerless, &b.owners) == 2 &&
           a.ownerless == b.ownerless && a.owners != b.owners;
}

bool live_is_untouched(const char *root, const TransactionRecord *manifest,
                       const volatile sig_atomic_t *cancel, LiveSize *ret_size)
{
    _cleanup_free_ char *fingerprint = NULL;

    /* mutation: compare-fingerprint */
    return manifest->live &&
           live_fingerprint(root, manifest, NULL, cancel, &fingerprint, ret_size) == 0 &&
           (streq(manifest->live, fingerprint) || differs_by_owner(manifest->live, fingerprint));
}
