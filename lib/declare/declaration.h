/* SPDX-License-Identifier: MIT */
/* What services declare: the model that generator, helper and migratectl share.
 *
 * declare/files.c finds the files, declare/read.c merges them, declare/keys.c turns
 * each setting into a field of what is below, declare/parse.c looks at one service as a whole,
 * migration.c at its migrations together, declare/check.c at all services, and
 * declare/glob.c says what gates assert. The keys, their meanings and which of them are
 * honoured: migrate.d(5). */
#pragma once

#include "basic/fingerprint.h"
#include "declare/problem.h"
#include "declare/version.h"

#define DECLARATION_NAME_MAX 64
#define COPY_LIMIT_DEFAULT   (UINT64_C(10) << 30)
#define KEEP_DEFAULT         3
#define KEEP_FOR_DEFAULT     (UINT64_C(30) * 24 * 60 * 60 * 1000000)

/* Where the helper keeps its records; the generator only names it. */
#define STORE_DIRECTORY "/var/lib/migrate"

/* A stamp is DIRECTORY/.stateversion.NAME=VERSION, see stamp.h; gates test it as a path. */
#define STAMP_PREFIX ".stateversion."

typedef struct Command {
    char **argv; /* NULL: none was declared */
    Origin origin;
} Command;

/* [Up], [Down] or [EveryUp]. */
typedef struct Hooks {
    bool present; /* the section is there */
    Origin origin;
    Command script, check, backup, restore, verify, post;
    bool external; /* changes what no clone covers */
    char **warnings;
    uint64_t timeout_usec; /* for each command; UINT64_MAX: none */
} Hooks;

/* One From= line: a migration starts where any of them holds. */
typedef struct From {
    VersionRange range;
    Origin origin;
} From;

typedef struct Migration {
    char *id; /* the file's name without ".ini" */
    char *file;
    From *from;
    size_t n_from;
    bool linear;     /* From= was absent: the only one was filled in from its neighbours */
    VersionRange to; /* a version, or comparisons: then it leads straight to the declared one */
    Origin to_origin;
    char *description;
    Hooks up, down;
    char *kept_in, *kept_on; /* no longer (or not only) declared: a copy from when the state was
                                migrated, where it is and since when; see wayback/wayback.h */
} Migration;

typedef enum Policy { POLICY_AUTOMATIC, POLICY_CONFIRM, POLICY_MANUAL } Policy;
typedef enum Protect { PROTECT_CLONE, PROTECT_IN_PLACE, PROTECT_HOOKS } Protect;
typedef enum Gaps { GAPS_REFUSE, GAPS_ALLOW } Gaps;
typedef enum MaxSkip { MAX_SKIP_ANY, MAX_SKIP_MAJOR, MAX_SKIP_MINOR } MaxSkip;

typedef enum Downgrade {
    DOWNGRADE_REFUSE,
    DOWNGRADE_SCRIPT,
    DOWNGRADE_RESTORE,
    DOWNGRADE_SCRIPT_OR_RESTORE,
} Downgrade;

/* A string with the place where it was written. */
typedef struct Item {
    char *value;
    Origin origin;
} Item;

typedef struct Items {
    Item *items;
    size_t n_items;
} Items;

/* A line handed through to the generated unit. */
typedef struct UnitLine {
    char *key, *value;
    Origin origin;
} UnitLine;

typedef struct UnitLines {
    UnitLine *items;
    size_t n_items;
} UnitLines;

typedef struct Declaration {
    char *name;
    char *file;         /* NAME.ini, the one that won */
    size_t root_length; /* of file, what --root= put in front of the path on the system */
    char **files; /* every file that was read for it, in order; Origins borrow these strings */
    Problems problems;
    bool enabled; /* has Version=, or it cannot be told whether it has: broken files fail closed */
    Fingerprint fingerprint; /* of names and contents of all files read */

    Item version; /* value NULL: inert (or broken) */
    Items directories, excludes;
    Items former_names, former_directories;
    bool stamp_in_store; /* Stamp=store, or there is no directory */
    Items within;        /* Within=: names of services in whose state a part of this one lives */
    Items stamps;        /* the directories that have a stamp: these, or the store's own; then one
                            for each of within */
    size_t n_own_stamps; /* of these, without those of within */
    Protect protect;
    Items units, old_units, accepts, readable_by, read_write_paths, approved;
    char *user, *group;
    Policy policy;
    uint64_t copy_limit;
    uint64_t keep;          /* backups, however old */
    uint64_t keep_for_usec; /* further ones; UINT64_MAX: for ever */
    Command fresh_check, detect;
    Item unversioned;
    MaxSkip max_skip;
    Gaps gaps; /* allow, too, with SelfMigrating=yes */
    bool self_migrating;
    Downgrade downgrade;
    char *software;     /* Software=, a path */
    Item migrations_of; /* Migrations= */
    Hooks every_up;
    Hooks init; /* Init= as a step of its own: its script */
    UnitLines unit_lines, service_lines;
    bool early; /* [MigrateUnit] DefaultDependencies=no */

    Migration *migrations; /* sorted by the names of their files */
    size_t n_migrations;
} Declaration;

/* All services, sorted by name. */
typedef struct Declarations {
    Declaration *items;
    size_t n_items;
    Problems problems; /* that belong to no service */
} Declarations;

/* Reads everything below root (NULL: the running system) and checks it, services by themselves and
 * all together. Problems are left in the results and are no error. 0, or a negative errno when even
 * that could not be found out. */
int declarations_read(const char *root, Declarations *ret) _must_check_;
void declarations_free(Declarations *declarations);
/* Frees what it holds. */
void migration_free(Migration *migration);
Declaration *declarations_find(const Declarations *declarations, const char *name);

static inline bool declaration_is_broken(const Declaration *declaration)
{
    return problems_any(&declaration->problems);
}

bool declaration_name_is_valid(const char *name);

/* Why what a script of these hooks changes is protected by nothing: no clone covers it, it has not
 * both Backup= and Restore=, and no Warn= says so. NULL: it is protected. */
const char *hooks_unprotected(const Declaration *declaration, const Hooks *hooks);

/* The names of services that are enabled and have a part of their state in that of host: Within=.
 * They come in the order of their names, borrowed; the caller frees the array alone. 0 or -ENOMEM.
 * declare/within.c. */
int declarations_guests(const Declarations *declarations, const char *host, const char ***ret,
                        size_t *ret_n) _must_check_;

/* Is version, as the software of this declaration sees it, current: Version= or one of Accepts=? */
bool declaration_accepts(const Declaration *declaration, const char *version);

/* What has to exist in directory for the state there to count as current, for an
 * AssertPathExistsGlob=: a stamp that is accepted, or the store's word that the state is fresh. '%'
 * is not doubled. 0, -ENOMEM, or -E2BIG where systemd would not read it (a declaration that is not
 * broken has no such directory). The caller owns *ret. */
int declaration_glob(const Declaration *declaration, const char *directory,
                     char **ret) _must_check_;
