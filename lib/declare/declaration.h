/* SPDX-License-Identifier: MIT */
/* The model of declarations, which generator, helper and migratectl share.
 *
 * files.c finds the files, read.c merges them, keys.c parses each setting into a field of the
 * model, parse.c checks one service, migration.c its migrations together, check.c all services,
 * gate.c makes the gates. migrate.d(5) documents the keys. */
#pragma once

#include "basic/fingerprint.h"
#include "basic/util.h"
#include "declare/problem.h"
#include "declare/version.h"

#define DECLARATION_NAME_MAX 64
#define COPY_LIMIT_DEFAULT   (UINT64_C(10) << 30)
#define KEEP_DEFAULT         3
#define KEEP_FOR_DEFAULT     (UINT64_C(30) * 24 * 60 * 60 * 1000000)

/* The directory of the helper's records. The generator only writes this path into units. */
#define STORE_DIRECTORY "/var/lib/migrate"

/* The prefix of stamps: DIRECTORY/.stateversion.NAME=VERSION, see store/stamp.h. Gates test for
 * such paths. */
#define STAMP_PREFIX ".stateversion."

typedef struct Command {
    char **argv; /* NULL: the key is not declared */
    Origin origin;
} Command;

/* The hooks of [Up], [Down] or [EveryUp]. */
typedef struct Hooks {
    bool present; /* the section exists */
    Origin origin;
    Command script, check, backup, restore, verify, post;
    bool external; /* External=: the hooks change data that no clone protects */
    char **warnings;
    uint64_t timeout_usec; /* timeout of each command; UINT64_MAX: none */
} Hooks;

/* One From= line. A migration can start at a version if any of its From= lines holds. */
typedef struct From {
    VersionRange range;
    Origin origin;
} From;

typedef struct Migration {
    char *id; /* file name without ".ini" */
    char *file;
    From *from;
    size_t n_from;
    bool linear;     /* no From= is declared: the migration starts where the preceding one ends */
    VersionRange to; /* a version; or comparisons: the migration leads directly to Version= */
    Origin to_origin;
    char *description;
    Hooks up, down;
    char *kept_in, *kept_on; /* directory and date of a kept copy, see wayback/wayback.h */
} Migration;

typedef enum Policy { POLICY_AUTOMATIC, POLICY_CONFIRM, POLICY_MANUAL } Policy;
typedef enum Protect { PROTECT_CLONE, PROTECT_IN_PLACE, PROTECT_HOOKS } Protect;
typedef enum Gaps { GAPS_REFUSE, GAPS_ALLOW } Gaps;
typedef enum MaxSkip { MAX_SKIP_MAJOR, MAX_SKIP_MINOR, MAX_SKIP_ANY } MaxSkip;

typedef enum Downgrade {
    DOWNGRADE_REFUSE,
    DOWNGRADE_SCRIPT,
    DOWNGRADE_RESTORE,
    DOWNGRADE_SCRIPT_OR_RESTORE,
} Downgrade;

/* A value and its position in a file. */
typedef struct Item {
    char *value;
    Origin origin;
} Item;

typedef struct Items {
    Item *items;
    size_t n_items;
} Items;

/* Appends copies of the values to a list. Returns 0 or -ENOMEM. */
int items_values(const Items *items, char ***list) _must_check_;
bool items_contain(const Items *items, const char *value);

/* A line that the generator passes to the generated unit. */
typedef struct UnitLine {
    char *key, *value;
    Origin origin;
} UnitLine;

typedef struct UnitLines {
    UnitLine *items;
    size_t n_items;
} UnitLines;

/* The capabilities that no phase of the helper needs, as a value of CapabilityBoundingSet=. */
#define HELPER_CAPABILITIES                                                                        \
    "~CAP_AUDIT_CONTROL CAP_AUDIT_READ CAP_BLOCK_SUSPEND CAP_BPF CAP_IPC_LOCK CAP_IPC_OWNER "      \
    "CAP_LEASE CAP_NET_BIND_SERVICE CAP_NET_BROADCAST CAP_NET_RAW CAP_PERFMON CAP_SYSLOG "         \
    "CAP_SYS_BOOT CAP_SYS_MODULE CAP_SYS_PACCT CAP_SYS_RAWIO CAP_SYS_TIME CAP_SYS_TTY_CONFIG "     \
    "CAP_WAKE_ALARM"

/* Variables that control the dynamic loader and the C library. Such variables must never reach the
 * helper from a unit. */
#define HELPER_UNSET_ENVIRONMENT                                                                   \
    "BASH_ENV ENV GCONV_PATH GETCONF_DIR GLIBC_TUNABLES HOSTALIASES LD_AUDIT LD_BIND_NOT "         \
    "LD_BIND_NOW LD_DEBUG LD_DEBUG_OUTPUT LD_DYNAMIC_WEAK LD_HWCAP_MASK LD_LIBRARY_PATH "          \
    "LD_ORIGIN_PATH LD_PRELOAD LD_PROFILE LD_PROFILE_OUTPUT LD_SHOW_AUXV LD_VERBOSE LD_WARN "      \
    "LOCALDOMAIN LOCPATH MALLOC_TRACE NIS_PATH NLSPATH RESOLV_HOST_CONF RES_OPTIONS TZDIR"

/* Is key Environment= or EnvironmentFile=? Only scripts get these lines; the unit and the helper do
 * not. */
bool unit_line_is_for_scripts(const char *key);
/* Is word NAME=value, with a valid name for a shell variable? */
bool word_is_assignment(const char *word);

typedef struct Declaration {
    char *name;
    char *file;         /* path of NAME.ini */
    size_t root_length; /* length of --root= at the beginning of file */
    char **files;       /* all files, in the order of reading; Origins borrow these strings */
    Problems problems;
    bool enabled; /* Version= is declared, or may be declared in a file that cannot be read */
    Fingerprint fingerprint; /* covers the names and contents of all files */

    Item version; /* value NULL: the declaration is inert (or invalid) */
    Items directories, excludes;
    Items former_names, former_directories;
    bool stamp_in_store; /* the stamp is in the store: Stamp=store, or no Directory= */
    Items within;        /* names of the hosts (Within=) */
    Items stamps;        /* directories with a stamp: Directory= or the store, then one for each
                          * host */
    size_t n_own_stamps; /* number of stamps outside of hosts */
    Protect protect;
    Items units, old_units; /* as declared, also sockets, timers and paths: see unit_is_user() */
    Items activated; /* services that only sockets, timers and paths name; may be templates */
    Items lasting;   /* services that are active as long as they run, by their Type= */
    Items accepts, readable_by, read_write_paths, approved;
    char *user, *group;
    /* Set by owner_complete(): the unit whose user is the default of User= (NULL: none), and the
     * directories that PID 1 gives to this user. */
    char *user_unit, **user_directories;
    Policy policy;
    uint64_t copy_limit;
    uint64_t keep;          /* Keep= */
    uint64_t keep_for_usec; /* KeepFor=; UINT64_MAX: infinity */
    Command fresh_check, detect;
    Item unversioned;
    MaxSkip max_skip;
    Gaps gaps; /* SelfMigrating=yes also sets GAPS_ALLOW */
    bool self_migrating;
    Downgrade downgrade;
    char *software;     /* path of Software= */
    Item migrations_of; /* Migrations= */
    Hooks every_up;
    Hooks init; /* hooks whose script is Init= */
    UnitLines unit_lines, service_lines;
    bool early; /* DefaultDependencies=no in [MigrateUnit] or, if not set there, in a unit */

    Migration *migrations; /* sorted by file name */
    size_t n_migrations;
} Declaration;

/* All declarations, sorted by name. */
typedef struct Declarations {
    Declaration *items;
    size_t n_items;
    Problems problems; /* problems that belong to no service */
} Declarations;

/* Reads all declarations below root (NULL: the running system) and checks them. Problems are part
 * of the result. Returns 0, or a negative errno if nothing could be read. */
int declarations_read(const char *root, Declarations *ret) _must_check_;
void declarations_free(Declarations *declarations);
/* Frees the members, not the Migration itself. */
void migration_free(Migration *migration);
Declaration *declarations_find(const Declarations *declarations, const char *name);

static inline bool declaration_is_broken(const Declaration *declaration)
{
    return problems_any(&declaration->problems);
}

bool declaration_name_is_valid(const char *name);

/* Does the unit use the state? Sockets, timers and paths only start such units: no gate holds them
 * back, and no migration waits for them to stop. */
static inline bool unit_is_user(const char *unit)
{
    return endswith(unit, ".service");
}
static inline bool unit_is_template(const char *unit)
{
    return strstr(unit, "@.") != NULL;
}
/* Returns unit i of the state's users: Unit=, then the services that these activate, then OldUnit=.
 * *ret_old (ret_old may be NULL): the unit is from OldUnit=. NULL: there are no more units. */
const char *declaration_user(const Declaration *declaration, size_t i, bool *ret_old);
/* Does the conclusion of a migration wait for this unit? If Unit= names a service, services that
 * are only activated do not count: a timer may start one tomorrow. */
bool declaration_awaits(const Declaration *declaration, const char *unit);

/* Returns why nothing protects the changes of these hooks' script. NULL: a clone, or Backup= and
 * Restore=, protects them, or Warn= announces them. */
const char *hooks_unprotected(const Declaration *declaration, const Hooks *hooks);

/* Returns command i of the hooks, and its key. NULL: there are no more commands. */
const Command *hooks_command(const Hooks *hooks, size_t i, const char **ret_key);

/* Lists the enabled guests (Within=) of host, sorted by name. The names are borrowed; the caller
 * frees the array. Returns 0 or -ENOMEM. */
int declarations_guests(const Declarations *declarations, const char *host, const char ***ret,
                        size_t *ret_n) _must_check_;

/* Does the declaration accept this version, by Version= or Accepts=? */
bool declaration_accepts(const Declaration *declaration, const char *version);
