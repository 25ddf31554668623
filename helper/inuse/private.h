/* SPDX-License-Identifier: MIT */
/* What the files of the proof of quiescence share. A survey looks at everything that may reach
 * certain trees, and collects who does.
 *
 * A path in /proc is one of its process's mount namespace, and says nothing by itself: a container
 * has a /var/lib of its own, or ours under another name. So everything is brought down to the path
 * on the file system: the mount that an open file was opened through (its id, from fdinfo) names
 * the file system and which of its directories is mounted, and what the file's path has behind the
 * mount's point leads on from there. Two such paths can simply be compared, and nothing has to be
 * looked up in anybody's namespace, where a dead server could keep us waiting.
 *
 * What cannot be placed that way (further names of a file, mounts that are in nobody's sight, paths
 * that are too long) is remembered by its inode, and looked for in the trees at the end, once. */
#pragma once

#include "basic/mountinfo.h"

#include <sys/stat.h>

/* How many are named; a refusal is to be read. */
#define HOLDERS_MAX 4

/* A tree that somebody may hold. */
typedef struct Target {
    const char *shown; /* how messages call it, and its path without symbolic links; borrowed */
    int fd;            /* borrowed, unless close_fd */
    bool close_fd;
    char *const *exclude; /* parts of it (relative) that may be held by anybody; borrowed */
    OnDisk on_disk;       /* device NULL: out of sight, so inodes alone tell */
    dev_t device;         /* st_dev of its files */
} Target;

/* A mount namespace, in the eyes of one of its processes. */
typedef struct Space {
    char *name; /* "mnt:[4026531841]" */
    char *pid;
    char *top; /* that process's root: its mountinfo begins there */
    bool own;
    char *text; /* mountinfo, taken apart */
    size_t first_mount, n_mounts;
} Space;

/* An inode that may be one of a target's. */
typedef struct Suspect {
    dev_t device;
    ino_t inode;
    char *who, *remedy; /* see survey_add() */
} Suspect;

typedef struct Survey {
    bool blind;   /* a target is out of sight, so that no path tells that something is not in it */
    bool readers; /* count those who can only read, too: after the swap they see the old tree */
    int proc_fd;
    Target *targets;
    size_t n_targets;
    Space *spaces;
    size_t n_spaces;
    Mount *mounts; /* of all spaces, in their order */
    size_t n_mounts;
    Mount **by_id;
    Suspect *suspects;
    size_t n_suspects;
    char **holders;  /* "postgres (pid 1, a.service) has '…' open for writing" */
    char **remedies; /* "systemctl stop a.service" */
    size_t n_more;   /* beyond HOLDERS_MAX */
} Survey;

/* Every function returns 0 or -ENOMEM or another negative errno that ends the survey. What vanishes
 * meanwhile holds nothing. */

/* --- inuse/survey.c: the whole, and what it says --------------------------------------------- */

/* Looks at everything. The targets are there; the rest is zero. */
int survey_run(Survey *survey) _must_check_;
void survey_free(Survey *survey);

/* --- inuse/holders.c ------------------------------------------------------------------------- */

/* Somebody who has ended holds nothing, and who is kept from root by a security module is not
 * asked. Any other reason (no descriptor or memory left) is none to believe that nobody is there.
 */
int unless_gone(int r) _must_check_;

/* Opens a directory of /proc. 0 with *ret NULL: the process has ended. */
int proc_list(int fd, const char *name, DIR **ret) _must_check_;
/* The next number in it; *ret is NULL at its end. */
int proc_next(DIR *dir, const char **ret) _must_check_;

/* Notes a holder. Takes both texts over; a text that is NULL is -ENOMEM. */
int survey_add(Survey *survey, char *holder, char *remedy) _must_check_;
int survey_suspect(Survey *survey, const struct stat *st, char *who, char *remedy) _must_check_;

/* "postgres (pid 123, postgresql.service)", and in *ret_remedy (may be NULL) how to get rid of it.
 * NULL: out of memory. */
char *process_describe(const Survey *survey, const char *pid, char **ret_remedy) _must_check_;
/* Of a name that a hostile user made: nothing that garbles a terminal or a log. NULL: out of
 * memory. */
char *path_printable(const char *a, const char *b) _must_check_;

/* --- inuse/mounts.c -------------------------------------------------------------------------- */

/* Reads the mounts of every namespace. */
int mounts_read(Survey *survey) _must_check_;
/* Notes mounts of the targets and of parts of them. */
int mounts_hold(Survey *survey) _must_check_;
const Mount *mounts_find(const Survey *survey, uint64_t id);

/* Where a path leads to. */
typedef enum Reach {
    REACH_ELSEWHERE = 0,
    REACH_TARGET = 1,
    REACH_UNKNOWN = 2, /* not through that mount, or no mount is known */
} Reach;

/* A path through a mount, as seen from the root of the mount's namespace. With REACH_TARGET
 * *ret_rest (owned by the caller) is what the path has behind the target's. A Reach or -ENOMEM. */
int target_through(const Survey *survey, const Mount *mount, const char *path,
                   const Target **ret_target, char **ret_rest) _must_check_;
/* The same of a path of a namespace (NULL: of an unknown one), by the path alone. */
int target_in_space(const Survey *survey, const Space *space, const char *path,
                    const Target **ret_target, char **ret_rest) _must_check_;
/* Does a target lie on that file system, as far as is known? */
bool mount_concerns(const Survey *survey, const Mount *mount);

/* --- inuse/look.c, inuse/files.c, inuse/maps.c ----------------------------------------------- */

/* One process, or one of its threads where that has descriptors of its own. */
typedef struct Process {
    const char *pid; /* in /proc */
    int fd;          /* its directory there */
    const Space *space;
    bool named; /* one reason is enough */
} Process;

/* What processes have open, mapped, or as their root. */
int files_hold(Survey *survey) _must_check_;
/* What one has mapped. */
int maps_hold(Survey *survey, Process *process) _must_check_;

/* A link of /proc to something open, and the mount that it was opened through. path is NULL where
 * it is too long. */
int process_look_at_path(Survey *survey, Process *process, int dir_fd, const char *name,
                         const char *path, uint64_t mount_id, const char *how) _must_check_;
/* The same of a path that the process sees, by the path alone. */
int process_look_at_name(Survey *survey, Process *process, const char *path,
                         const char *how) _must_check_;

/* --- inuse/kernel.c -------------------------------------------------------------------------- */

/* Loop devices and swap. */
int kernel_holds(Survey *survey) _must_check_;
