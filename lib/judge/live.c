/* SPDX-License-Identifier: MIT */
/* The fingerprint of what a transaction makes live. */
#include "judge/live.h"

#include "store/stamp.h"
#include "tree/fingerprint.h"

#include <fcntl.h>
#include <inttypes.h>

#define FIELD "live"

/* The path was without symbolic links when it was written down, and its ancestors are root's alone.
 */
static int open_live(const char *root, json_object *place)
{
    const char *path = json_string(place, "path");
    _cleanup_free_ char *full = path ? strprintf("%s%s", root ? root : "", path) : NULL;
    int fd;

    if (!full)
        return path ? -ENOMEM : -EBADMSG;
    fd = open(full, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

/* tree: a descriptor, or -1 for what is live. */
static int place_fingerprint(const char *root, json_object *place, int tree, const char *stamps,
                             const volatile sig_atomic_t *cancel, uint64_t *ret)
{
    _cleanup_strv_ char **exclude = NULL;
    _cleanup_close_ int own_fd = -1;
    int r;

    r = json_strv(place, "exclude", &exclude);
    if (r < 0)
        return r;
    if (tree < 0)
        tree = own_fd = open_live(root, place);
    /* A swap that was tried and given up must not count as somebody's writing. */
    return tree < 0 ? tree : tree_fingerprint_moved(tree, exclude, stamps, cancel, ret);
}

/* Of all places, in their order; the caller owns it. */
static int live_fingerprint(const char *root, json_object *record, const int *fds,
                            const volatile sig_atomic_t *cancel, char **ret)
{
    json_object *places = json_array(record, "places");
    size_t n = places ? json_object_array_length(places) : 0;
    const char *service = json_string(record, "service");
    /* They say the version, which is asked elsewhere, and the name, which may be another by now. */
    _cleanup_free_ char *stamps = service ? stamp_name(service, "") : NULL;
    uint64_t hash = HASH_INIT;

    if (service && !stamps)
        return -ENOMEM;

    for (size_t i = 0; i < n; i++) {
        uint64_t fingerprint;
        int r = place_fingerprint(root, json_object_array_get_idx(places, i), fds ? fds[i] : -1,
                                  stamps, cancel, &fingerprint);

        if (r < 0)
            return r;
        hash = hash_bytes(hash, &fingerprint, sizeof(fingerprint));
    }
    *ret = n > 0 ? strprintf("%016" PRIx64, hash) : NULL;
    return n == 0 ? -ENOENT : *ret ? 0 : -ENOMEM;
}

void live_note(json_object *record, const int *fds, const volatile sig_atomic_t *cancel)
{
    _cleanup_free_ char *fingerprint = NULL;

    if (live_fingerprint(NULL, record, fds, cancel, &fingerprint) == 0)
        json_add_string(record, FIELD, fingerprint);
}

bool live_is_noted(json_object *record)
{
    return json_string(record, FIELD) != NULL;
}

bool live_is_untouched(const char *root, json_object *manifest, const volatile sig_atomic_t *cancel)
{
    const char *noted = json_string(manifest, FIELD);
    _cleanup_free_ char *fingerprint = NULL;

    /* mutation: compare-fingerprint */
    return noted && live_fingerprint(root, manifest, NULL, cancel, &fingerprint) == 0 &&
           streq(noted, fingerprint);
}
