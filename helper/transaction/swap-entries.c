/* SPDX-License-Identifier: MIT */
/* Exchanges the entries of a directory with the entries of its clone, in steps that can each be
 * repeated. Names below the transaction tell which step was reached: on the file systems that need
 * this method, nothing else is reliable. E is the name of the directory's entry, and only root can
 * change these names.
 *
 *   E.new                 the clone. Nothing has begun
 *   E.new E.frame E.old   step 1: the entries of the directory go to E.old
 *   E.new E.frame E       step 2: the entries of E.new go to the directory. E is the whole backup
 *   E.done E.frame E      all entries are in place: the clone's stamp comes, the rest is removed
 *   E                     done
 *   E.tmp                 scrap, at any time
 *
 * From before the first entry is moved until after the last, the directory has the stamp FROM:TO,
 * which no gate accepts. E.frame says which entries stay in the directory, and has its old and new
 * attributes. Everything before a rename of E.… is on disk before the rename, and the rename before
 * the next step. */
#include "transaction/swap-entries.h"

#include "basic/directory.h"
#include "store/stamp.h"
#include "transaction/swap-frame.h"
#include "transaction/swap-move.h"
#include "tree/tree.h"

#include <assert.h>
#include <fcntl.h>
#include <sys/stat.h>

enum { CLONE, FRAME, OLD, BACKUP, EMPTIED, SCRATCH, N_NAMES };
static const char *const suffixes[N_NAMES] = {".new", ".frame", ".old", "", ".done", ".tmp"};

typedef struct Swap {
    Place *place;
    const char *name, *from, *to;
    char *names[N_NAMES];
    char *between;
    char *stamp;      /* the name of the stamp FROM:TO */
    char *stamps;     /* the prefix of all stamps of the service */
    bool was_stamped; /* the directory had the stamp FROM:TO before the swap began */
    char *what;
} Swap;

static void swap_free(Swap *swap)
{
    for (size_t i = 0; i < N_NAMES; i++)
        free(swap->names[i]);
    free(swap->between);
    free(swap->stamp);
    free(swap->stamps);
    free(swap->what);
}

static int swap_name(Swap *swap)
{
    for (size_t i = 0; i < N_NAMES; i++) {
        swap->names[i] = strprintf("%s%s", swap->place->entry, suffixes[i]);
        if (!swap->names[i])
            return -ENOMEM;
    }
    return 0;
}

static int swap_name_stamp(Swap *swap)
{
    swap->between = strprintf("%s:%s", swap->from ? swap->from : "", swap->to);
    swap->stamp = swap->between ? stamp_name(swap->name, swap->between) : NULL;
    swap->stamps = stamp_name(swap->name, "");
    return swap->stamp && swap->stamps ? 0 : -ENOMEM;
}

static int is_there(const Swap *swap, const char *name)
{
    struct stat st;

    if (fstatat(swap->place->transaction_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 0 : -errno;
    return S_ISDIR(st.st_mode) ? 1 : -EBADMSG;
}

static int open_own(const Swap *swap, const char *name)
{
    return directory_fd(swap->place->transaction_fd, name);
}

static int sync_directory(int fd)
{
    return fsync(fd) < 0 ? -errno : 0;
}

/* Syncs both sides: the directory and the transaction are on one file system. */
static int sync_all(const Swap *swap)
{
    return syncfs(swap->place->transaction_fd) < 0 ? -errno : 0;
}

static int rename_own(const Swap *swap, const char *from, const char *to)
{
    int fd = swap->place->transaction_fd;

    return renameat(fd, from, fd, to) < 0 ? -errno : sync_directory(fd);
}

/* --- progress ------------------------------------------------------------------------------ */

typedef enum Step { STEP_NONE, STEP_DROPPED, STEP_OUT, STEP_IN, STEP_END, STEP_DONE } Step;

static int find_step(const Swap *swap)
{
    int old = is_there(swap, swap->names[OLD]), backup = is_there(swap, swap->names[BACKUP]),
        clone = is_there(swap, swap->names[CLONE]), emptied = is_there(swap, swap->names[EMPTIED]);

    if (old < 0 || backup < 0 || clone < 0 || emptied < 0)
        return MIN(MIN(old, backup), MIN(clone, emptied));
    if (old)
        return clone && !backup && !emptied ? STEP_OUT : -EBADMSG;
    if (backup)
        return clone ? emptied ? -EBADMSG : STEP_IN : emptied ? STEP_END : STEP_DONE;
    return emptied ? -EBADMSG : clone ? STEP_NONE : STEP_DROPPED;
}

int entries_look(const Place *place)
{
    static const Entries of_step[] = {
        [STEP_NONE] = ENTRIES_NONE, [STEP_DROPPED] = ENTRIES_DROPPED, [STEP_OUT] = ENTRIES_BEGUN,
        [STEP_IN] = ENTRIES_BEGUN,  [STEP_END] = ENTRIES_BEGUN,       [STEP_DONE] = ENTRIES_DONE,
    };
    _cleanup_(swap_free) Swap swap = {.place = (Place *)place};
    int r = swap_name(&swap);

    assert(place->transaction_fd >= 0);
    if (r == 0)
        r = find_step(&swap);
    return r < 0 ? r : (int)of_step[r];
}

/* --- beginning ----------------------------------------------------------------------------- */

static int make_frame_of(Swap *swap, int frame_fd, const char *name, int source_fd)
{
    _cleanup_close_ int fd = -1;

    if (mkdirat(frame_fd, name, 0700) < 0)
        return -errno;
    fd = directory_fd(frame_fd, name);
    return fd < 0 ? fd
                  : frame_make(fd, source_fd, swap->place->fd, swap->place->exclude, &swap->what);
}

static int make_frame(Swap *swap)
{
    Place *place = swap->place;
    _cleanup_close_ int fd = -1, clone = open_own(swap, swap->names[CLONE]);
    int r;

    if (clone < 0)
        return clone;
    r = tree_remove(place->transaction_fd, swap->names[FRAME]);
    if (r < 0)
        return r;
    if (mkdirat(place->transaction_fd, swap->names[FRAME], 0700) < 0)
        return -errno;
    fd = open_own(swap, swap->names[FRAME]);
    if (fd < 0)
        return fd;
    r = make_frame_of(swap, fd, "old", place->fd);
    if (r == 0)
        r = make_frame_of(swap, fd, "new", clone);
    return r == 0 ? sync_all(swap) : r;
}

static int open_frame(const Swap *swap, const char *name)
{
    _cleanup_close_ int frame = open_own(swap, swap->names[FRAME]);

    return frame < 0 ? frame : directory_fd(frame, name);
}

/* Adds the stamp FROM:TO, which no gate accepts. The original's stamp is the first entry that moves
 * afterwards. */
static int stamp_between(const Swap *swap)
{
    int r = stamp_add(swap->place->fd, swap->name, swap->between); /* mutation: stamp-between */

    return r == 0 ? sync_directory(swap->place->fd) : r;
}

/* Undoes a beginning that failed, for example on a full disk. Nothing is moved yet. */
static int take_back(const Swap *swap)
{
    _cleanup_close_ int frame = open_frame(swap, "old");
    int fd = swap->place->transaction_fd, r;

    if (!swap->was_stamped && unlinkat(swap->place->fd, swap->stamp, 0) < 0 && errno != ENOENT)
        return -errno;
    if (frame >= 0) {
        r = tree_copy_attributes(frame, swap->place->fd);
        if (r < 0)
            return r;
    }
    r = sync_directory(swap->place->fd);
    if (r < 0)
        return r;
    if (unlinkat(fd, swap->names[OLD], AT_REMOVEDIR) < 0 && errno != ENOENT)
        return -errno;
    return sync_directory(fd);
}

static int begin(Swap *swap)
{
    int fd = swap->place->transaction_fd, r;
    struct stat st;

    swap->was_stamped = fstatat(swap->place->fd, swap->stamp, &st, AT_SYMLINK_NOFOLLOW) >= 0;
    r = make_frame(swap);
    if (r < 0)
        return r;
    r = mkdirat(fd, swap->names[OLD], 0700) < 0 ? -errno : sync_directory(fd);
    if (r == 0)
        r = stamp_between(swap);
    if (r < 0 && take_back(swap) < 0)
        return r; /* the swap has begun, and the next try continues it */
    return r;
}

/* --- the steps ----------------------------------------------------------------------------- */

static int move(Swap *swap, int from_fd, int to_fd, bool copies)
{
    _cleanup_close_ int frame = open_frame(swap, "old");
    Move job = {.from_fd = from_fd,
                .to_fd = to_fd,
                .frame_fd = frame,
                .scratch_fd = copies ? swap->place->transaction_fd : -1,
                .scratch = swap->names[SCRATCH],
                .stays = copies ? swap->stamp : swap->stamps,
                .stand_ins = !copies};
    int r;

    if (frame < 0)
        return frame;
    r = move_entries(&job);
    if (r == 0 && copies)
        r = tree_remove(swap->place->transaction_fd, swap->names[SCRATCH]);
    if (r < 0 && job.what) {
        free(swap->what);
        swap->what = strprintf("in '%s': %s", swap->place->directory, job.what);
    }
    free(job.what);
    return r;
}

/* Moves the old stamps before anything else, because they open older gates. */
static int move_stamps(const Swap *swap, int old_fd)
{
    _cleanup_(stamps_free) Stamps stamps = {};
    int r = stamps_read(swap->place->fd, swap->name, &stamps);

    if (r < 0)
        return r;
    STRV_FOREACH (reader, stamps.readers) { /* links go before their targets */
        _cleanup_free_ char *link = stamp_name(swap->name, *reader);

        if (!link)
            return -ENOMEM;
        if (renameat(swap->place->fd, link, old_fd, link) < 0 && errno != ENOENT &&
            errno != EPERM && errno != EXDEV)
            return -errno;
    }
    STRV_FOREACH (version, stamps.versions) {
        _cleanup_free_ char *stamp = stamp_name(swap->name, *version);

        if (!stamp)
            return -ENOMEM;
        if (!streq(*version, swap->between) &&
            renameat(swap->place->fd, stamp, old_fd, stamp) < 0 && errno != ENOENT &&
            errno != EPERM && errno != EXDEV) /* swap-move.c can move these */
            return -errno;
    }
    return sync_directory(swap->place->fd);
}

static int apply_frame(const Swap *swap, const char *name, int fd)
{
    _cleanup_close_ int frame = open_frame(swap, name);

    return frame < 0 ? frame : frame_apply(frame, fd, fd != swap->place->fd);
}

static int move_out(Swap *swap)
{
    _cleanup_close_ int old = open_own(swap, swap->names[OLD]);
    int r;

    if (old < 0)
        return old;
    r = stamp_between(swap);
    if (r == 0)
        r = move_stamps(swap, old);
    if (r == 0)
        r = move(swap, swap->place->fd, old, true);
    if (r == 0)
        r = apply_frame(swap, "old", old);
    if (r == 0)
        r = sync_all(swap);
    return r == 0 ? rename_own(swap, swap->names[OLD], swap->names[BACKUP]) : r;
}

static int move_in(Swap *swap)
{
    _cleanup_close_ int clone = open_own(swap, swap->names[CLONE]);
    int r;

    if (clone < 0)
        return clone;
    r = move(swap, clone, swap->place->fd, false);
    if (r == 0)
        r = apply_frame(swap, "new", swap->place->fd);
    if (r == 0)
        r = sync_all(swap);
    return r == 0 ? rename_own(swap, swap->names[CLONE], swap->names[EMPTIED]) : r;
}

/* Gives the directory the stamps of the clone, and no others. */
static int carry_stamps(const Swap *swap)
{
    _cleanup_(stamps_free) Stamps wanted = {}, found = {};
    _cleanup_close_ int emptied = open_own(swap, swap->names[EMPTIED]);
    int r;

    r = emptied < 0 ? emptied : stamps_read(emptied, swap->name, &wanted);
    STRV_FOREACH (version, wanted.versions)
        if (r == 0)
            r = stamp_add(swap->place->fd, swap->name, *version);
    if (r == 0)
        r = stamps_read(swap->place->fd, swap->name, &found);
    STRV_FOREACH (version, found.versions) {
        _cleanup_free_ char *stamp = stamp_name(swap->name, *version);

        if (!stamp)
            return -ENOMEM;
        if (r == 0 && !strv_contains(wanted.versions, *version) &&
            unlinkat(swap->place->fd, stamp, 0) < 0 && errno != ENOENT)
            r = -errno;
    }
    if (r == 0 && strv_length(wanted.versions) == 1)
        r = stamp_link(swap->place->fd, swap->name, wanted.versions[0], wanted.readers);
    return r;
}

/* Applies the clone's stamps, and removes the frame and the emptied clone. The frame is removed by
 * one rename, since half a frame would be wrong. */
static int end(Swap *swap)
{
    const Place *place = swap->place;
    int framed = is_there(swap, swap->names[FRAME]), r;

    if (framed < 0)
        return framed;
    /* If the frame is gone, an earlier run has set the stamps and attributes, and may have removed
     * half of the clone. */
    r = framed ? carry_stamps(swap) : 0;
    /* The stamps have changed the times of the directory. */
    if (r == 0 && framed)
        r = apply_frame(swap, "new", place->fd);
    if (r == 0)
        r = sync_directory(place->fd);
    if (r == 0)
        r = tree_remove(place->transaction_fd, swap->names[SCRATCH]);
    if (r == 0 && framed)
        r = rename_own(swap, swap->names[FRAME], swap->names[SCRATCH]);
    if (r == 0)
        r = tree_remove(place->transaction_fd, swap->names[SCRATCH]);
    if (r == 0)
        r = tree_remove(place->transaction_fd, swap->names[EMPTIED]);
    return r == 0 ? sync_directory(place->transaction_fd) : r;
}

static int swap_steps(Swap *swap)
{
    int step = find_step(swap), r = 0;

    if (step == STEP_DROPPED)
        return -ENOENT;
    if (step == STEP_NONE)
        r = begin(swap);
    if (r == 0 && (step == STEP_NONE || step == STEP_OUT))
        r = move_out(swap);
    if (r == 0 && (step == STEP_NONE || step == STEP_OUT || step == STEP_IN))
        r = move_in(swap);
    if (r == 0 && step >= 0 && step != STEP_DONE)
        r = end(swap);
    return step < 0 ? step : r;
}

int entries_swap(Place *place, const char *name, const char *from, const char *to,
                 char **reterr_what)
{
    _cleanup_(swap_free) Swap swap = {.place = place, .name = name, .from = from, .to = to};
    int r = swap_name(&swap);

    assert(place->transaction_fd >= 0 && place->method == PLACE_ENTRIES);
    if (r == 0)
        r = swap_name_stamp(&swap);
    if (r == 0)
        r = swap_steps(&swap);
    if (r < 0 && swap.what && !*reterr_what)
        *reterr_what = TAKE_PTR(swap.what);
    return r;
}
