/* SPDX-License-Identifier: MIT */
/* What the declaration-….c files say to each other. */
#pragma once

#include "declare/declaration.h"

/* --- declare/files.c -------------------------------------------------------------------- */

#define N_DIRECTORIES 4

/* Larger is a mistake or worse; the generator must not be kept from the others. */
#define FILE_SIZE_MAX (1U << 20)

/* A file, or what looks like one. */
typedef struct Entry {
    char *name;         /* relative to its directory: "app.ini", "app/upgrade.ini" */
    unsigned directory; /* which of them; the lower one wins */
} Entry;

typedef struct Entries {
    Entry *items; /* sorted by name, then by directory */
    size_t n_items;
} Entries;

/* The directories of declarations, each opened and listed once. */
typedef struct Sources {
    const char *root; /* borrowed, "" for none */
    int fds[N_DIRECTORIES];
    Entries names; /* everything in them */
} Sources;

void entries_free(Entries *entries);
/* What cannot be listed goes to problems; 0 or -ENOMEM. */
int sources_open(const char *root, Sources *ret, Problems *problems) _must_check_;
void sources_close(Sources *sources);
bool sources_have(const Sources *sources, const char *name);
/* The files *.ini in the sub-directory of that name of all directories, each name once: the one
 * that wins. What cannot be listed goes to problems; 0 or -ENOMEM. */
int sources_list(const Sources *sources, const char *sub, Entries *ret,
                 Problems *problems) _must_check_;
/* The text of a file, "" for a link to /dev/null. The caller owns it. An absolute link that comes
 * from another root leads out of it. 0, -ENOENT where a link leads nowhere, or what read_file_at()
 * says. */
int sources_read(const Sources *sources, const Entry *entry, char **ret,
                 size_t *ret_size) _must_check_;
/* The whole path, root included; the caller owns it. NULL: out of memory. */
char *entry_path(const Sources *sources, const Entry *entry) _must_check_;

/* Frees what it holds. declare/declaration.c. */
void declaration_free(Declaration *declaration);

/* --- declare/keys.c, -parse.c and -check.c, migration.c, unit-line.c -------------------- */

/* The sections that exist. */
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

/* One assignment that survived the merge. */
typedef struct Setting {
    Section section;
    char *key, *value;
    Origin origin;
} Setting;

typedef struct Settings {
    Setting *items;
    size_t n_items;
    Origin sections[N_SECTIONS]; /* file NULL: the section does not occur */
    bool complete;               /* every line was understood: what is missing is really missing */
    char **lost_units, **lost_old_units; /* names in lines that may not have been */
} Settings;

/* Is this a key of that section, and does it take a list? 1 list, 0 scalar, -ENOENT unknown. */
int setting_kind(Section section, const char *key) _must_check_;
/* Turns a setting, whose key its section knows, into a field of target: the Declaration, Migration
 * or Hooks of its section. What is wrong goes to the declaration's problems. 0 or -ENOMEM. */
int setting_parse(Declaration *declaration, const Setting *setting, void *target) _must_check_;

/* Appends a copy. 0 or -ENOMEM. */
int item_add(Items *items, const char *value, Origin origin) _must_check_;
/* Appends what neither items nor others have. 0 or -ENOMEM. */
int items_add_missing(Items *items, const Items *others, char *const *values,
                      Origin origin) _must_check_;

/* systemd reads so many bytes of a condition's path, and so many between two slashes; a line with
 * more it passes over, and the gate would be open. */
#define CONDITION_PATH_MAX      4095
#define CONDITION_COMPONENT_MAX 255

/* Fill in what the settings say; what is wrong goes to the declaration's problems. 0 or -ENOMEM. */
int declaration_parse(Declaration *declaration, const Settings *settings) _must_check_;
int migration_parse(Declaration *declaration, Migration *migration,
                    const Settings *settings) _must_check_;
/* What protects the state against the hooks of a section, and whether that is enough: after the
 * whole declaration is there. hooks is one with a script. declare/hooks.c. */
void hooks_check(Declaration *declaration, const Hooks *hooks, const char *section);
/* After all migrations of a declaration are there: From= of linear ones, what contradicts. */
int migrations_link(Declaration *declaration) _must_check_;

/* Appends what looks like the name of a unit that can be gated, up to a comment, each once. 0 or
 * -ENOMEM. */
int unit_names_find(const char *text, char ***names) _must_check_;

/* [MigrateUnit] and [MigrateService]: may this line be handed through? NULL, or why not. */
const char *unit_line_refused(bool service, const char *key, const char *value);

/* What services may not share, and cycles between them. 0 or -ENOMEM. */
int declarations_check(Declarations *declarations) _must_check_;

/* Finds the hosts that Within= names, and adds where their stamps are. declare/within.c. 0 or
 * -ENOMEM. */
int within_link(Declarations *declarations) _must_check_;
/* After everything else has been checked: who lives with a broken one is broken, too. */
void within_spread(Declarations *declarations);

/* Each Exclude= must be a part of a Directory=. */
void declaration_check_excludes(Declaration *declaration);
