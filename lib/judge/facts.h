/* SPDX-License-Identifier: MIT */
/* All that a verdict is decided from. facts….c gather it, and are the only part of this room that
 * reads or asks anything; verdict.c decides.
 *
 * Some facts cost too much, or take the helper to find out: the answers. A verdict names those that
 * it misses (its asks), and whoever can supplies them and has it decided anew. */
#pragma once

#include "backup/backup.h"
#include "declare/plan.h"
#include "judge/former.h"
#include "judge/refusal.h"
#include "place/place.h"
#include "place/space.h"
#include "store/approval.h"
#include "store/attempt.h"
#include "store/deferral.h"
#include "store/history.h"
#include "store/known.h"
#include "store/record-post.h"
#include "store/stamp.h"

#include <systemd/sd-bus.h>

/* A directory of the state, or the place of its stamp in another service's state (Within=). */
typedef struct StateDirectory {
    const char *directory; /* as declared; borrowed */
    const char *host;      /* the other service's name; NULL: it is the service's own. Borrowed */
    int error;             /* 0, -ENOENT, or why it cannot be read */
    char *refused;         /* why it cannot be taken care of; NULL: it can, or nobody has looked */
    Stamps stamps;         /* of the service */
    bool ready;            /* of a host: it has its own stamp there */
    bool busy;             /* of a host: a migration of it is under way, or was cut off */
} StateDirectory;

/* What systemd has loaded of a unit's gate, against what the declarations make of it. */
typedef enum GateState {
    GATE_UNKNOWN, /* systemd cannot be asked, or the unit is not there */
    GATE_LOADED,  /* as declared */
    GATE_MISSING, /* declared, and systemd has not read it */
    GATE_OTHER,   /* systemd still has the one of an earlier declaration */
    GATE_LEFT,    /* systemd still has one, and none is declared any more */
} GateState;

typedef struct UnitFact {
    const char *unit;                   /* borrowed */
    bool old;                           /* of OldUnit= */
    char *load, *active, *sub, *enable; /* NULL: not known */
    GateState gate;
} UnitFact;

/* What a script, or a look at everybody else's files, has said. */
typedef struct Answer {
    bool asked;
    bool interrupted; /* before it was known */
    bool holds;       /* nothing stands in the way; for FreshCheck=: there is no data */
    char *text;       /* else why; a sentence */
    char *version;    /* for Detect=: that it says */
} Answer;

/* What a clone takes. */
typedef struct Space {
    Answer answer; /* does it fit? */
    SpaceReport report;
} Space;

/* The backup that would only have to be swapped in again, if nobody has used the state since. */
typedef struct Candidate {
    char *id;       /* NULL: there is none */
    bool lasting;   /* its migration acted outside of the state, which no swap undoes */
    bool untouched; /* what is live is what its migration has left */
} Candidate;

/* From where to where can the state go? Read once its version is known. */
typedef struct Ways {
    bool known;
    int error;       /* 0, or why they cannot be read */
    History history; /* history_complete() */
    Backups backups;
    char *provisional;
    Lineage lineage;
    Candidate candidate;
    char **set_back; /* sentences about guests (Within=) that the backup would set back */
} Ways;

typedef struct Facts {
    /* --- what is asked about -------------------------------------------------------------- */
    const char *root;                 /* as for store_open() */
    Declaration *declaration;         /* borrowed; applied_complete() adds to it */
    const Declarations *declarations; /* all of them; borrowed; may be NULL */
    const char *from;                 /* as if the state were at this version; else NULL */
    bool requested; /* somebody asks for the migration, also where the software can do without */
    bool agreed;    /* as if nobody had to agree, or had put it off, and it had never failed */
    bool thorough;  /* Detect= is asked also where nothing is pending, or no Version= is declared */

    /* --- what is on disk ------------------------------------------------------------------ */
    StateDirectory *directories; /* the service's own first */
    size_t n_directories;
    Store store; /* fd -1: it is not there, or cannot be read */
    bool store_is_borrowed;
    int store_error; /* 0, -ENOENT, or why not */
    /* What cannot be read counts as missing. */
    bool has_transaction, has_failed, has_interrupted, has_post, has_deferral, has_known;
    TransactionRecord transaction, failed;
    InterruptionRecord interrupted;
    PostRecord post;
    History history;
    int failed_error;  /* why that cannot be read */
    char *fresh;       /* version in "fresh=" */
    Approval approval; /* from NULL: none */
    int approval_error;
    Deferral deferral;
    bool deferred; /* there is one, and it is not over */
    Known known;
    int known_error; /* 0, or why that cannot be read */
    Refusal refusal; /* sentence NULL: none */
    FormerFacts former;

    /* --- the running system --------------------------------------------------------------- */
    UnitFact *units;
    size_t n_units;
    UnitFact migration;     /* migrate@NAME.service */
    char *migration_unit;   /* its name */
    char *migration_status; /* its STATUS=, while it runs */
    bool unprivileged;      /* it is not root who asks */
    bool off, manual;       /* migrate=off, migrate=manual on the kernel command line */

    /* --- answers -------------------------------------------------------------------------- */
    Answer fresh_check, detect;
    Answer confirm; /* does Detect= contradict the stamp? */
    Ways ways;
    bool has_fingerprint;
    Fingerprint fingerprint; /* attempt_fingerprint() of the plan */
    char *exchangeable; /* why a command of the plan is not used; NULL: nobody could exchange one */
    int kept_error;          /* why what was kept of the way back cannot be read */
    Space space;
    Answer in_use, checks;
} Facts;

void facts_free(Facts *facts);

/* --- gathering ------------------------------------------------------------------------------ */

/* Takes note of a directory by its descriptor: fd, which stays the caller's, or -errno. host as in
 * StateDirectory. 0 or -ENOMEM. */
int facts_add_directory(Facts *facts, const char *directory, const char *host, int fd) _must_check_;
/* The same of what place_find() has found, and returned: refused is its reason, which is taken over.
 */
int facts_add_place(Facts *facts, const char *directory, const char *host, int found,
                    const Place *place, char *refused) _must_check_;
/* All directories by their paths below root. 0 or -ENOMEM: what cannot be read is part of the
 * facts. */
int facts_read_directories(Facts *facts) _must_check_;

/* The records in facts->store. The same. */
int facts_read_records(Facts *facts) _must_check_;
/* Opens facts->store, then the same. */
int facts_open_records(Facts *facts) _must_check_;

/* Former names and directories, and what a newer system has made of them. The same. */
int facts_read_former(Facts *facts) _must_check_;

/* Asks PID 1; bus NULL: what it would say is unknown. The same. */
int facts_read_units(Facts *facts, sd_bus *bus) _must_check_;
void facts_read_kernel_command_line(Facts *facts);

/* Takes note of what a clone takes, which is taken over, or of why that cannot be told: r, as
 * space_look() returns it. The same. */
int facts_take_space(Facts *facts, int r, SpaceReport *report) _must_check_;

/* Finds the directories, and estimates that. What cannot be estimated here stays unknown. The same. */
int facts_read_space(Facts *facts) _must_check_;

struct Verdict;
/* Supplies what the verdict asks for, as far as reading finds that out (ASKS_READ). The same. */
int facts_answer(Facts *facts, const struct Verdict *verdict) _must_check_;

typedef enum Written {
    WRITTEN_SINCE,  /* to the state, since the transaction that led to it; or that cannot be told */
    WRITTEN_BEFORE, /* not since, but it is a backup that was brought back, and to that */
    WRITTEN_NEVER,  /* what is there, a migration has made of what is in a backup */
} Written;

/* What has somebody written to the state, whose stamp is version? */
Written facts_written(const char *root, const Store *store, const char *version);

/* --- small questions to them, pure ------------------------------------------------------------ */

/* How many of the directories are the service's own; a state without directories has one, which
 * stands for its stamp in the store. */
size_t facts_n_own(const Facts *facts);

/* Is there a stamp of the service anywhere? */
bool facts_are_stamped(const Facts *facts);
/* Are the service's own directories empty? */
bool facts_are_empty(const Facts *facts);
/* The first host whose own version nothing says yet: there no stamp may be put. NULL: none. */
const StateDirectory *facts_find_unready(const Facts *facts);
/* Has newer software, of that version, said at every place that the declared one may run on it? */
bool facts_let_read(const Facts *facts, const char *version);

/* Is any unit of the service, or of older software, running or about to? */
bool facts_are_up(const Facts *facts);

/* Opens a path below root without leaving it. flags as for open(2). A descriptor or a negative
 * errno. */
int open_below(const char *root, const char *path, int flags) _must_check_;
