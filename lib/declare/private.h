/* SPDX-License-Identifier: MIT */
/* Declarations that the files of lib/declare share. */
#pragma once

#include "basic/util.h"
#include "declare/declaration.h"

/* Adds a problem to the variable declaration. */
#define PROBLEM(origin, ...) problem_add(&declaration->problems, origin, __VA_ARGS__)

#define UNIT_CHARACTERS LETTERS DIGITS ":_.\\@-"

/* --- declare/files.c -------------------------------------------------------------------- */

#define N_DIRECTORIES 4

/* A larger file is a mistake, or an attempt to stop the generator for the other services. */
#define FILE_SIZE_MAX (1U << 20)

/* A file in a directory of declarations. */
typedef struct Entry {
    char *name;         /* path relative to the directory: "app.ini", "app/upgrade.ini" */
    unsigned directory; /* index of the directory; a lower index wins */
} Entry;

typedef struct Entries {
    Entry *items; /* sorted by name, then by directory */
    size_t n_items;
} Entries;

/* The directories of declarations. Each is opened and listed once. */
typedef struct Sources {
    const char *root; /* root directory; borrowed; "": none */
    int fds[N_DIRECTORIES];
    Entries names; /* entries of all directories */
} Sources;

#define SOURCES_NONE                                                                               \
    {                                                                                              \
        .fds = { -1, -1, -1, -1 }                                                                  \
    }

void entries_free(Entries *entries);
/* Opens and lists the directories below root. A directory that cannot be listed is a problem.
 * Returns 0 or -ENOMEM. */
int sources_open(const char *root, Sources *ret, Problems *problems) _must_check_;
void sources_close(Sources *sources);
/* Returns any entry of that name, or NULL. */
const Entry *sources_find(const Sources *sources, const char *name);
/* Lists *.ini in the sub-directory sub of all directories, each name once, from the directory with
 * precedence. A directory that cannot be listed is a problem. Returns 0 or -ENOMEM. */
int sources_list(const Sources *sources, const char *sub, Entries *ret,
                 Problems *problems) _must_check_;
/* Reads a file; a link to /dev/null reads as "". An absolute link leads to the running system, even
 * with another root. The caller owns *ret. Returns the values of read_file_at(). */
int sources_read(const Sources *sources, const Entry *entry, char **ret,
                 size_t *ret_size) _must_check_;
/* Returns the path of an entry, including root. The caller owns the string; NULL: out of memory. */
char *entry_path(const Sources *sources, const Entry *entry) _must_check_;

/* Frees the members, not the Declaration itself. */
void declaration_free(Declaration *declaration);

/* --- keys, sections, declarations ---------------------------------------------------------- */

/* The sections of declarations and migrations. */
typedef enum Section {
    SECTION_STATE,
    SECTION_EVERY_UP,
    SECTION_MIGRATE_UNIT,
    SECTION_MIGRATE_SERVICE,
    SECTION_MIGRATION,
    SECTION_UP,
    SECTION_DOWN,
    N_SECTIONS,
} Section;

/* An assignment that remains after the merge. */
typedef struct Setting {
    Section section;
    char *key, *value;
    Origin origin;
} Setting;

typedef struct Settings {
    Setting *items;
    size_t n_items;
    Origin sections[N_SECTIONS]; /* file NULL: the section does not exist */
    bool complete;               /* every line is valid, so an absent key is really missing */
    char **lost_units, **lost_old_units; /* unit names from lines that may be invalid */
} Settings;

/* Returns 1 if key of section takes a list, 0 for a scalar, -ENOENT for an unknown key. */
int setting_kind(Section section, const char *key) _must_check_;
/* Parses a setting with a known key. target is the Declaration, Migration or Hooks that the section
 * fills. An invalid value becomes a problem of the declaration. Returns 0 or -ENOMEM. */
int setting_parse(Declaration *declaration, const Setting *setting, void *target) _must_check_;

/* Appends a copy of the value. Returns 0 or -ENOMEM. */
int item_add(Items *items, const char *value, Origin origin) _must_check_;
/* Appends the values that are neither in items nor in others. Returns 0 or -ENOMEM. */
int items_add_missing(Items *items, const Items *others, char *const *values,
                      Origin origin) _must_check_;

/* systemd ignores a condition with a longer path or component, and the gate would be open. */
#define CONDITION_PATH_MAX      4095
#define CONDITION_COMPONENT_MAX 255

/* Parse the settings into the model and check them. Problems are added to the declaration. Return 0
 * or -ENOMEM. */
int declaration_parse(Declaration *declaration, const Settings *settings) _must_check_;
int migration_parse(Declaration *declaration, Migration *migration,
                    const Settings *settings) _must_check_;
/* Gives linear migrations their From=, and finds contradictions. Call this after all migrations
 * have been parsed. Returns 0 or -ENOMEM. */
int migrations_link(Declaration *declaration) _must_check_;

/* Appends each word of text, up to a comment, that looks like the name of a unit that can have a
 * gate; each name once. Returns 0 or -ENOMEM. */
int unit_names_find(const char *text, char ***names) _must_check_;

/* Finds the services that the declared sockets, timers and paths start and, with may_be_early,
 * whether a service is early. Returns 0 or -ENOMEM. */
int declaration_read_units(Declaration *declaration, bool may_be_early) _must_check_;

/* Returns why a line of [MigrateUnit] or [MigrateService] cannot be passed to the unit, or NULL. */
const char *unit_line_refused(bool service, const char *key, const char *value);

/* Checks all services together: see check.c. Returns 0 or -ENOMEM. */
int declarations_check(Declarations *declarations) _must_check_;

/* Finds the host of each Within=, and adds the host's stamp to the guest. Returns 0 or -ENOMEM. */
int within_link(Declarations *declarations) _must_check_;
/* Makes the guests of invalid declarations invalid. Call this after all other checks. */
void within_spread(Declarations *declarations);

/* Makes the glob for AssertPathExistsGlob= that matches while the state in directory is current: an
 * accepted stamp, or the store's record that the state is fresh. "%" is not doubled. The caller owns
 * *ret. Returns 0, -ENOMEM, or -E2BIG if the glob is too long for systemd, which a valid declaration
 * never causes. gate.c. */
int declaration_glob(const Declaration *declaration, const char *directory,
                     char **ret) _must_check_;
