/* SPDX-License-Identifier: MIT */
/* The facts from which verdict.c decides. facts*.c gather the facts from files and from PID 1.
 *
 * Some facts are expensive, or only the helper can find them. Verdict.asks lists such facts that
 * are missing; a caller who can find a missing fact adds the fact, and decides again. */
#pragma once

#include "backup/backup.h"
#include "declare/plan.h"
#include "judge/former.h"
#include "judge/live.h"
#include "judge/refusal.h"
#include "place/place.h"
#include "place/space.h"
#include "store/attempt.h"
#include "store/consent.h"
#include "store/history.h"
#include "store/known.h"
#include "store/record-transaction.h"
#include "store/stamp.h"

#include <systemd/sd-bus.h>

/* A directory of the state, or the directory of a host that has the host stamp (Within=). */
typedef struct StateDirectory {
    const char *directory; /* path as declared; borrowed */
    const char *host;      /* name of the host; NULL: the service's own directory; borrowed */
    int error;             /* 0, -ENOENT, or why the directory cannot be read */
    char *refused;         /* obstacle to its migration; NULL: none, or not checked */
    uid_t owner;
    Stamps stamps; /* the service's stamps in the directory */
    bool unlinked; /* the data is in the directory of DynamicUser=, to which the link is missing */
    bool ready;    /* for a host: the directory has the host's own stamp */
    bool busy;     /* for a host: its migration or move is running, or was cut off */
} StateDirectory;

/* Compares the gate that systemd has loaded for a unit with the declared gate. */
typedef enum GateState {
    GATE_UNKNOWN, /* systemd cannot be asked, or has not loaded the unit */
    GATE_LOADED,  /* the loaded gate is as declared */
    GATE_MISSING, /* a gate is declared, and systemd has not read it */
    GATE_OTHER,   /* systemd still has the gate of an earlier declaration */
    GATE_LEFT,    /* systemd still has a gate, but no gate is declared any more */
} GateState;

typedef struct UnitFact {
    const char *unit;                   /* name of the unit; borrowed */
    bool old;                           /* the unit is named by OldUnit= */
    char *load, *active, *sub, *enable; /* NULL: unknown */
    GateState gate;
    /* Only for a unit of a declaration with SelfMigrating=yes: */
    char *ended;         /* why its last start failed: "timeout after 90 s"; NULL: it did not */
    uint64_t began_usec; /* when its last start began; 0: never, or unknown */
    char *timeout;       /* its TimeoutStartSec=: "90 s"; NULL: none, or unknown */
} UnitFact;

/* The result of a check by a script, or by a search for users of the state. */
typedef struct Answer {
    bool asked;
    bool interrupted; /* the check was stopped early */
    bool holds;       /* there is no obstacle; for FreshCheck=: there is no data */
    char *text;       /* the obstacle, a sentence; NULL: none */
    char *version;    /* for Detect=: the version that the script printed */
} Answer;

typedef enum Written {
    WRITTEN_UNKNOWN,
    WRITTEN_SINCE,  /* somebody wrote to the state after its last transaction */
    WRITTEN_BEFORE, /* the state was restored; somebody wrote to it only before that */
    WRITTEN_NEVER,  /* nobody has written to the state after its migration */
} Written;

/* The space that the clones need. */
typedef struct Space {
    Answer answer; /* do the clones fit? */
    SpaceReport report;
} Space;

/* The backup that a swap alone can bring back, if nobody has used the present state. */
typedef struct Candidate {
    char *id;       /* id of the backup; NULL: there is none */
    bool lasting;   /* a swap does not undo all: the migration also acted outside of the state */
    bool untouched; /* nobody has used the present state */
} Candidate;

/* The ways from the state's version to other versions. Read after the version is known. */
typedef struct Ways {
    bool known;
    int error;       /* 0, or why the ways cannot be read */
    History history; /* from history_complete() */
    Backups backups;
    char *provisional;
    Lineage lineage;
    Candidate candidate;
    char **set_back; /* sentences about guests (Within=) that a restore would set back */
} Ways;

typedef struct Facts {
    /* --- what is asked about -------------------------------------------------------------- */
    const char *root;                 /* as for store_open() */
    Declaration *declaration;         /* borrowed; applied_complete() adds to it */
    const Declarations *declarations; /* all declarations; borrowed; may be NULL */
    const char *from;                 /* version to assume instead of the state's; NULL: none */
    bool requested; /* somebody asks for the migration, even if the software does not need it */
    bool agreed;    /* ignore missing consent, deferrals, masks and earlier failures */
    bool thorough;  /* run Detect= even if nothing is pending, or no Version= is declared */

    /* --- what is on disk ------------------------------------------------------------------ */
    StateDirectory *directories; /* the service's own come first */
    size_t n_directories;
    Store store; /* fd -1: missing or unreadable */
    bool store_is_borrowed;
    int store_error; /* 0, -ENOENT, or why the store cannot be opened */
    /* A record that cannot be read counts as missing. */
    bool has_transaction, has_failed, has_interrupted, has_post, has_deferral, has_known;
    TransactionRecord transaction, failed;
    InterruptionRecord interrupted;
    PostRecord post;
    History history;
    int failed_error;  /* 0, or why "failed" cannot be read */
    char *fresh;       /* the version in the marker "fresh=VERSION"; NULL: no marker */
    char *declared;    /* the marker of declared_read(); NULL: no marker */
    Approval approval; /* from NULL: there is none */
    int approval_error;
    Deferral deferral;
    bool deferred; /* there is a deferral that has not ended */
    Known known;
    int known_error;       /* 0, or why "known" or the mounts cannot be read */
    const char *unmounted; /* the first declared path that was a mount point when the state was last
                            * seen, and is none now; borrowed; NULL: there is none */
    Refusal refusal; /* sentence NULL: there is none */
    FormerFacts former;

    /* --- the running system --------------------------------------------------------------- */
    UnitFact *units;
    size_t n_units;
    UnitFact migration;   /* migrate@NAME.service */
    char *left;           /* a unit that systemd still guards, and that is not declared any more */
    char *migration_unit; /* its name */
    char *migration_status; /* its STATUS= while it runs */
    bool unprivileged;      /* the caller is not root */
    bool off, manual;       /* migrate=off, migrate=manual on the kernel command line */

    /* --- answers -------------------------------------------------------------------------- */
    bool has_written; /* only for a state that the software migrates itself */
    Written written;
    Answer fresh_check, detect;
    Answer confirm; /* Detect=, run to compare its version with the stamp */
    Ways ways;
    bool has_fingerprint;
    Fingerprint fingerprint; /* attempt_fingerprint() of the plan */
    char
        *command; /* why a command of the plan cannot or must not run; NULL: it can, or unchecked */
    char *owner;  /* why the owner of the state prevents the migration; NULL: no obstacle */
    bool may_be_given; /* a chown to the unit's user would remove that obstacle */
    int kept_error;    /* 0, or why the waybacks of the plan cannot be read */
    Space space;
    Answer in_use, checks;
} Facts;

void facts_free(Facts *facts);

/* --- gathering: 0 or -ENOMEM; other errors become facts --------------------------------------- */

/* Adds a directory to the facts. fd: the directory, which the caller keeps open, or -errno. host:
 * as in StateDirectory. */
int facts_add_directory(Facts *facts, const char *directory, const char *host, int fd) _must_check_;
/* Adds a directory that place_find() has looked for. found: the result of place_find(). refused:
 * the reason that place_find() gave; this function frees or keeps the string. */
int facts_add_place(Facts *facts, const char *directory, const char *host, int found,
                    const Place *place, char *refused) _must_check_;
/* Returns the path at which systemd keeps a directory for DynamicUser=, "/var/lib/private/app".
 * NULL: DynamicUser= cannot use path, or out of memory. The caller frees the string. */
char *facts_private_path(const char *path) _must_check_;
/* Adds all declared directories, by their paths below root. */
int facts_read_directories(Facts *facts) _must_check_;

/* Reads the records in facts->store. */
int facts_read_records(Facts *facts) _must_check_;
/* Opens facts->store, and reads its records and the last refusal. */
int facts_open_records(Facts *facts) _must_check_;

/* Reads former names and directories, and the moves that a newer system has recorded. */
int facts_read_former(Facts *facts) _must_check_;

/* Asks PID 1 about the units. bus NULL: the state of the units stays unknown. */
int facts_read_units(Facts *facts, sd_bus *bus) _must_check_;
void facts_read_kernel_command_line(Facts *facts);

/* Lists the units that systemd guards, as the generator wrote it, and for each the name of its
 * service. The caller owns both lists. Returns 0 or -ENOMEM. */
int gates_read(char ***ret_units, char ***ret_names) _must_check_;

/* Adds the result of space_look(): r is its return value, and *report is taken over. */
int facts_take_space(Facts *facts, int r, SpaceReport *report) _must_check_;

/* Estimates the space that clones of the directories need. If the estimate fails, the space stays
 * unknown. */
int facts_read_space(Facts *facts) _must_check_;

struct Verdict;
/* Reads the facts that the verdict asks for, as far as they are in ASKS_READ. */
int facts_answer(Facts *facts, const struct Verdict *verdict) _must_check_;

/* Says whether somebody has written to the state. version: the state's stamp. root as for
 * store_open(). *ret_size: the size of the state, unknown unless it had to be read. */
Written facts_written(const char *root, const Store *store, const char *version,
                      LiveSize *ret_size);

/* --- small questions, pure -------------------------------------------------------------------- */

/* Counts the service's own directories. For a state without directories the result is 1: the stamp
 * in the store stands in for a directory. */
size_t facts_n_own(const Facts *facts);

/* Says whether any directory, of the service or of a host, has a stamp of the service. */
bool facts_are_stamped(const Facts *facts);
/* Says whether all of the service's own directories are empty. */
bool facts_are_empty(const Facts *facts);
/* Returns the first host that has no stamp of its own, and so cannot take host stamps yet. NULL:
 * there is none. */
const StateDirectory *facts_find_unready(const Facts *facts);
/* Says whether the newer software that wrote version lets the declared version use the state
 * (ReadableBy=): every directory needs a reader link. */
bool facts_let_read(const Facts *facts, const char *version);

/* Returns the newest version that was declared before, if it is newer than the declared version and
 * Detect= can tell what that software has done to the data. NULL: there is none. */
const char *facts_newer_before(const Facts *facts);

/* Says whether a unit of the service, or of older software, is running or about to run. */
bool facts_are_up(const Facts *facts);
/* Says whether systemd knows none of the units of the service. */
bool facts_lack_units(const Facts *facts);

/* Opens a path below root, without following links out of root. flags: as for open(2). Returns a
 * descriptor or a negative errno. */
int open_below(const char *root, const char *path, int flags) _must_check_;
