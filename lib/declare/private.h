/* SPDX-License-Identifier: MIT */
/* Shared by the files of this room. */
#pragma once

#include "basic/util.h"
#include "declare/declaration.h"

/* --- declare/files.c -------------------------------------------------------------------- */

#define N_DIRECTORIES 4

/* A larger file is a mistake, or an attempt to keep the generator from the other services. */
#define FILE_SIZE_MAX (1U << 20)

/* An entry of a directory. */
typedef struct Entry {
    char *name;         /* relative to the directory: "app.ini", "app/upgrade.ini" */
    unsigned directory; /* index of the directory; the lower one wins */
} Entry;

typedef struct Entries {
    Entry *items; /* sorted by name, then by directory */
    size_t n_items;
} Entries;

/* The directories of declarations, each opened and listed once. */
typedef struct Sources {
    const char *root; /* borrowed, "" for none */
    int fds[N_DIRECTORIES];
    Entries names; /* all their entries */
} Sources;

void entries_free(Entries *entries);
/* Opens and lists the directories below root. A directory that cannot be listed is a problem. 0 or
 * -ENOMEM. */
int sources_open(const char *root, Sources *ret, Problems *problems) _must_check_;
void sources_close(Sources *sources);
bool sources_have(const Sources *sources, const char *name);
/* Lists *.ini in the sub-directory of that name in all directories, each name once, from the
 * directory that wins. A directory that cannot be listed is a problem. 0 or -ENOMEM. */
int sources_list(const Sources *sources, const char *sub, Entries *ret,
                 Problems *problems) _must_check_;
/* Reads a file; a link to /dev/null is "". Absolute links below another root are not followed into
 * it. The caller owns *ret. 0, -ENOENT for a dangling link, or an errno of read_file_at(). */
int sources_read(const Sources *sources, const Entry *entry, char **ret,
                 size_t *ret_size) _must_check_;
/* The path of an entry, with root; the caller owns it. NULL: out of memory. */
char *entry_path(const Sources *sources, const Entry *entry) _must_check_;

/* Frees the members, not the Declaration itself. */
void declaration_free(Declaration *declaration);

/* --- keys, sections, declarations ---------------------------------------------------------- */

/* All sections. */
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

/* An assignment, after the merge. */
typedef struct Setting {
    Section section;
    char *key, *value;
    Origin origin;
} Setting;

typedef struct Settings {
    Setting *items;
    size_t n_items;
    Origin sections[N_SECTIONS]; /* file NULL: there is no such section */
    bool complete;               /* every line is valid, so a key that is not there is missing */
    char **lost_units, **lost_old_units; /* names from lines that may not be valid */
} Settings;

/* Returns whether key of section takes a list: 1, or 0 for a scalar; -ENOENT: unknown. */
int setting_kind(Section section, const char *key) _must_check_;
/* Parses a setting, whose key is known, into a field of target: the Declaration, Migration or Hooks
 * of its section. An invalid value is a problem of the declaration. 0 or -ENOMEM. */
int setting_parse(Declaration *declaration, const Setting *setting, void *target) _must_check_;

/* Appends a copy. 0 or -ENOMEM. */
int item_add(Items *items, const char *value, Origin origin) _must_check_;
/* Appends the values that neither items nor others have. 0 or -ENOMEM. */
int items_add_missing(Items *items, const Items *others, char *const *values,
                      Origin origin) _must_check_;

/* systemd's limits for the path of a condition, and for each component. It ignores a longer line,
 * and the gate would be open. */
#define CONDITION_PATH_MAX      4095
#define CONDITION_COMPONENT_MAX 255

/* Parse the settings into the model and check it. Problems go to the declaration. 0 or -ENOMEM. */
int declaration_parse(Declaration *declaration, const Settings *settings) _must_check_;
int migration_parse(Declaration *declaration, Migration *migration,
                    const Settings *settings) _must_check_;
/* Checks that something protects the state from the hooks of a section; needs the whole
 * declaration. */
void hooks_check(Declaration *declaration, const Hooks *hooks, const char *section);
/* Gives linear migrations their From=, and finds contradictions; needs all migrations. 0 or
 * -ENOMEM. */
int migrations_link(Declaration *declaration) _must_check_;

/* Appends each word up to a comment that looks like the name of a unit that can be gated, once. 0
 * or -ENOMEM. */
int unit_names_find(const char *text, char ***names) _must_check_;

/* Why a line of [MigrateUnit] or [MigrateService] cannot be passed to the unit, or NULL. */
const char *unit_line_refused(bool service, const char *key, const char *value);

/* Checks all services together: see check.c. 0 or -ENOMEM. */
int declarations_check(Declarations *declarations) _must_check_;

/* Finds the hosts of Within=, and adds their stamps. 0 or -ENOMEM. */
int within_link(Declarations *declarations) _must_check_;
/* Makes the guests of invalid declarations invalid; needs all other checks. */
void within_spread(Declarations *declarations);

/* Checks that each Exclude= is below a Directory=. */
void declaration_check_excludes(Declaration *declaration);
