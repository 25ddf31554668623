/* SPDX-License-Identifier: MIT */
/* A survey finds everything that could write to certain trees (or, with readers, that uses them).
 *
 * A path in /proc belongs to the mount namespace of its process: a container has its own /var/lib,
 * or has ours under another name. So every path is translated to the path on its file system: the
 * mount that a file was opened through (its id is in fdinfo) names the file system and the
 * directory that is mounted, and the rest of the file's path leads on from there. Such paths can be
 * compared without a look-up in another namespace, where a dead server could hang the survey.
 *
 * A file whose path cannot be translated (another name of a file, a detached mount, a path that is
 * too long) is a suspect: the survey notes its inode, and searches the trees for all suspects once,
 * at the end. */
#pragma once

#include "basic/mountinfo.h"
#include "tree/walk.h"

#include <sys/stat.h>

/* The number of users that a message names. */
#define HOLDERS_MAX 4

/* A tree to be surveyed. */
typedef struct Target {
    const char *shown; /* its path without symbolic links, as in messages; borrowed */
    const char *declared; /* its path as declared; borrowed */
    int fd;            /* borrowed, unless close_fd */
    bool close_fd;
    char *const *exclude; /* relative paths whose use does not count; borrowed */
    OnDisk on_disk;       /* device is NULL if unknown: only inodes can be compared then */
    dev_t device;         /* st_dev of its files */
} Target;

/* A mount namespace, as one of its processes shows the mounts. */
typedef struct Space {
    char *name; /* the link of the namespace, such as "mnt:[4026531841]" */
    char *pid;
    char *top; /* the root directory of that process, where its mountinfo begins */
    bool own;
    bool vast;   /* there are more mounts than the survey reads */
    bool named;  /* the survey has named a process of this namespace */
    char *shows; /* "'…' is mounted at '…'": a target; or NULL */
    char *text;  /* the text of mountinfo, with its fields separated */
    size_t first_mount, n_mounts;
} Space;

typedef struct Rights Rights;

/* An inode that may be in a target, or a process that can reach targets and may write there. */
typedef struct Suspect {
    dev_t device;
    ino_t inode;
    Rights *rights;     /* NULL: an inode */
    char *who, *remedy; /* see survey_add() */
} Suspect;

/* A Unix socket to which clients can connect. */
typedef struct Listener {
    uint64_t inode; /* of the socket, as in links of /proc/PID/fd */
    char *path;     /* as its process gave it to bind(2): may be relative, or another namespace's */
} Listener;

typedef struct Survey {
    bool blind;      /* the device of a target is unknown, so that no path proves anything */
    bool readers;    /* also find processes that only read, for a survey after the swap */
    int proc_fd;     /* /proc, or -1 */
    int progress_fd; /* gets the pid of each process before the survey looks at it; or 0 */
    struct Stuck {
        uid_t user;
        pid_t pid;
    } * stuck; /* processes that did not answer; the survey skips these, and all processes of the
                 same user unless the user is root */
    size_t n_stuck;
    size_t foreign_size; /* bytes of mountinfo of namespaces that users have made */
    Target *targets;
    size_t n_targets;
    Space *spaces;
    size_t n_spaces;
    Mount *mounts; /* the mounts of all spaces, in the order of the spaces */
    size_t n_mounts;
    Mount **by_id;
    Suspect *suspects;
    size_t n_suspects;
    char *const *exempt; /* units that are about to be stopped, so they do not count; borrowed */
    char **listened;     /* files on which PID 1 listens for socket units */
    Listener *sockets;
    size_t n_sockets;
    char **holders;  /* such as "postgres (pid 1, a.service) has '…' open for writing" */
    char **remedies; /* such as "systemctl stop a.service" */
    size_t n_more;   /* the number of users beyond HOLDERS_MAX */
} Survey;

/* Every function returns 0, or a negative errno that ends the survey. A process that ends meanwhile
 * is not an error. */

/* --- inuse/survey.c -------------------------------------------------------------------------- */

/* Runs a survey whose targets are set, and whose other fields are zero. */
int survey_run(Survey *survey) _must_check_;
/* Does the same in a child process, which is killed when the survey is canceled (-ECANCELED). Skips
 * a process that does not answer for patience_msec: a page fault on a dead server can block its
 * entries in /proc. */
int survey_run_apart(Survey *survey, unsigned patience_msec) _must_check_;
void survey_free(Survey *survey);
/* Reports which process the survey looks at next. */
void survey_progress(const Survey *survey, const char *pid);
bool survey_is_stuck(const Survey *survey, const char *pid) _must_check_;

/* --- inuse/holders.c ------------------------------------------------------------------------- */

/* Turns the errors of a process that has ended, or that a security module protects, into 0. Other
 * errors (such as a lack of descriptors) stay, since the survey may have missed a user. */
int unless_gone(int r) _must_check_;

/* Opens a directory of /proc. Returns 0 with *ret NULL if the process has ended. */
int proc_list(int fd, const char *name, DIR **ret) _must_check_;
/* Finds the next entry that is a number. *ret is NULL at the end. */
int proc_next(DIR *dir, const char **ret) _must_check_;

/* Add a user, or a suspect, and the command that ends the use. Take over both texts. Return -ENOMEM
 * if a text is NULL. */
int survey_add(Survey *survey, char *holder, char *remedy) _must_check_;
int survey_suspect(Survey *survey, const struct stat *st, char *who, char *remedy) _must_check_;
/* Adds a process that can reach a target: as a user if the process can write everywhere, or with
 * readers; else as a suspect. how: "has '…' as its root directory", or with mount "'…' is mounted
 * at '…'"; taken over; NULL: out of memory. */
int survey_reaches(Survey *survey, const char *pid, char *how, bool mount) _must_check_;

/* Describes a process: "postgres (pid 123, postgresql.service)". *ret_remedy is the command that
 * stops the process. path is the file that it has open, or NULL. Returns NULL if memory runs out;
 * the caller owns both strings. */
char *process_describe(const Survey *survey, const char *pid, const char *path,
                       char **ret_remedy) _must_check_;
/* Finds the unit in the text of /proc/PID/cgroup, which is changed. NULL: there is none. */
char *cgroup_unit(char *cgroup);
/* Says whether the process is in one of the exempt units. */
bool process_is_exempt(const Survey *survey, const char *pid);
/* Returns a and b, joined and escaped for a terminal, or NULL if memory runs out. The caller owns
 * the string. */
char *path_printable(const char *a, const char *b) _must_check_;

/* --- inuse/rights.c -------------------------------------------------------------------------- */

/* Reads the rights of a process. The caller frees *ret. */
int rights_read(const Survey *survey, const char *pid, Rights **ret) _must_check_;
/* The same from the text of its status. users and groups are the texts of its uid_map and gid_map,
 * which are changed, or NULL if the process is in our user namespace. */
int rights_parse(const char *status, char *users, char *groups, Rights **ret) _must_check_;
void rights_free(Rights *rights);
bool rights_are_all(const Rights *rights);
bool rights_equal(const Rights *a, const Rights *b);
/* Says whether the rights suffice to write to an entry of dir, or to dir itself if name is "". In
 * doubt, true. */
bool rights_to_write(const Rights *rights, const Dir *dir, const char *name,
                     const struct statx *st) _must_check_;

/* --- inuse/mounts.c -------------------------------------------------------------------------- */

/* Reads the mounts of every namespace. */
int mounts_read(Survey *survey) _must_check_;
/* Finds mounts of the targets, and of parts of them. */
int mounts_hold(Survey *survey) _must_check_;
const Mount *mounts_find(const Survey *survey, uint64_t id);

typedef enum Reach {
    REACH_ELSEWHERE = 0,
    REACH_TARGET = 1,
    REACH_UNKNOWN = 2, /* the path is not below that mount, or no mount is known */
} Reach;

/* Finds where a path leads through a mount; the path is seen from the root of the mount's
 * namespace. Returns a Reach or -ENOMEM. With REACH_TARGET, *ret_rest is the part of the path after
 * the target; the caller frees it. */
int target_through(const Survey *survey, const Mount *mount, const char *path,
                   const Target **ret_target, char **ret_rest) _must_check_;
/* Finds where a path of a namespace (NULL if unknown) leads, through the mount that the path
 * belongs to. Returns and sets the same as target_through(). */
int target_in_space(const Survey *survey, const Space *space, const char *path,
                    const Target **ret_target, char **ret_rest) _must_check_;
/* Returns true if a target is, or may be, on the file system of the mount. */
bool mount_concerns(const Survey *survey, const Mount *mount);

/* --- inuse/look.c, inuse/files.c, inuse/maps.c ----------------------------------------------- */

/* A process, or one of its threads. */
typedef struct Process {
    const char *pid; /* in /proc */
    int fd;          /* its directory in /proc */
    const Space *space;
    bool named; /* the survey has named this process, and need not name it again */
} Process;

int files_hold(Survey *survey) _must_check_;
/* Finds the next file in the fdinfo of an io_uring, in place. *text moves on. NULL: at the end. */
char *ring_next(char **text);
int maps_hold(Survey *survey, Process *process) _must_check_;
/* A line of maps, such as "7f00-7f10 rw-s 00000000 08:01 1234   /path", see proc_pid_maps(5). */
typedef struct Map {
    const char *path; /* in the line */
    bool shared;
    unsigned device_major, device_minor;
    char range[40];
} Map;

/* False: the line is not the mapping of a file. */
bool map_parse(const char *line, Map *ret);

/* Checks a link of /proc to an open file; mount_id is the mount that the file was opened through.
 * path is NULL if it is too long. */
int process_look_at_path(Survey *survey, Process *process, int dir_fd, const char *name,
                         const char *path, uint64_t mount_id, const char *how) _must_check_;
/* Checks a path as the process sees it, and finds the mount by the path. */
int process_look_at_name(Survey *survey, Process *process, const char *path,
                         const char *how) _must_check_;

/* Names the process for a socket that it has open. */
int process_look_at_socket(Survey *survey, Process *process, const Listener *listener) _must_check_;

/* --- inuse/listeners.c ----------------------------------------------------------------------- */

/* Finds socket units that listen in targets, and notes other sockets. */
int listeners_read(Survey *survey) _must_check_;
/* Notes the sockets in the text of /proc/PID/net/unix, which is changed. */
int sockets_parse(Survey *survey, char *text) _must_check_;
/* Finds a noted socket by a link such as "socket:[1234]". NULL: the link is to another file. */
const Listener *listeners_find(const Survey *survey, const char *link);
/* Says whether a socket is bound to the file rest of the target. */
bool listeners_are_at(const Target *target, const char *rest);
/* Describes PID 1 by the unit for which it has path (NULL: unknown) open. Returns NULL if memory
 * runs out; the caller owns both strings. */
char *manager_describe(const char *path, char **ret_remedy) _must_check_;

/* --- inuse/kernel.c -------------------------------------------------------------------------- */

int kernel_holds(Survey *survey) _must_check_;
/* Finds the next swap file in the text of /proc/swaps, in place. A line is "/path   file   1048572
 * 0  -2", with "\040" for a space. *text moves on. NULL: at the end. */
char *swap_next(char **text);
