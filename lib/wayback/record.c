/* SPDX-License-Identifier: MIT */
/* Reads and writes the record of a wayback. */
#include "wayback/record.h"

#include "store/record-table.h"

#define RECORD WaybackFile
static const RecordField file_fields[] = {
    STRING(NULL, word, 0), /* no key: word is the key in the map */
    STRING("copy", copy, 0),   STRING("content", content, 0),
    STRING("store", store, 0), BOOLEAN("data", data, 0),
};
static RECORD_TYPE(file_type, file_fields);
#undef RECORD

#define RECORD WaybackHooks
static const RecordField hooks_fields[] = {
    STRINGS("script", script, FIELD_FILLED), STRINGS("check", check, FIELD_FILLED),
    STRINGS("backup", backup, FIELD_FILLED), STRINGS("restore", restore, FIELD_FILLED),
    STRINGS("verify", verify, FIELD_FILLED), STRINGS("post", post, FIELD_FILLED),
    STRINGS("warnings", warnings, 0),        USEC("timeout", timeout_usec, 0),
    BOOLEAN("external", external, 0),
};
static RECORD_TYPE(hooks_type, hooks_fields);
#undef RECORD

#define RECORD WaybackStep
static const RecordField step_fields[] = {
    OBJECT("down", down, WaybackHooks, hooks_type, 0),
    STRING("migration", migration, 0),
    STRING("description", description, 0),
    STRING("file", file, 0),
    STRING("from", from, 0),
    STRING("to", to, 0),
};
static RECORD_TYPE(step_type, step_fields);
#undef RECORD

#define RECORD WaybackRecord
static const RecordField fields[] = {
    STRING("id", id, 0),
    STRING("service", service, 0),
    STRING("from", from, 0),
    STRING("to", to, 0),
    STRING("since", since, 0),
    STRING("user", user, 0),
    STRING("group", group, 0),
    STRINGS("read-write-paths", read_write_paths, 0),
    LIST("steps", steps, WaybackStep, step_type, FIELD_ALWAYS),
    MAP("files", files, WaybackFile, file_type, FIELD_ALWAYS),
};
RECORD_TYPE(wayback_record_type, fields);

WaybackFile *wayback_record_file(const WaybackRecord *record, const char *word)
{
    for (size_t i = 0; i < record->n_files; i++)
        if (streq(record->files[i].word, word))
            return record->files + i;
    return NULL;
}
