/* SPDX-License-Identifier: MIT */
/* Reads and writes transaction records. */
#include "store/record-transaction.h"

#include "basic/durable.h"
#include "store/attempt.h"
#include "store/record-table.h"

#include <fcntl.h>
#include <sys/stat.h>

static const char *const phases[] = {
    [PHASE_STAGING] = "staging",     [PHASE_IN_PLACE] = "in-place",
    [PHASE_SWAPPING] = "swapping",   [PHASE_CONCLUDING] = "concluding",
    [PHASE_RECORDING] = "recording", [PHASE_RESTORING] = "restoring",
};
static const char *const actions[ACTION_OTHER] = {
    [ACTION_INITIALIZED] = "initialized",   [ACTION_DETECTED] = "detected",
    [ACTION_ADOPTED] = "adopted",           [ACTION_FRESH] = "fresh",
    [ACTION_SPELLING] = "another spelling", [ACTION_SELF_MIGRATED] = "self-migrated",
    [ACTION_RESTORED] = "restored",         [ACTION_MOVED] = "moved",
    [ACTION_FORGOTTEN] = "forgotten",
};
static const char *const methods[] = {[PLACE_EXCHANGE] = "exchange", [PLACE_ENTRIES] = "entries"};
static const char *const stamps[] = {[STAMP_IN_STORE] = "store"};
static const char *const undo_states[] = {
    [UNDO_BEGUN] = "begun", [UNDO_LASTING] = "lasting", [UNDO_DONE] = "undone"};
static const char *const protections[] = {
    [PROTECT_CLONE] = "clone", [PROTECT_IN_PLACE] = "in-place", [PROTECT_HOOKS] = "hooks"};

#define RECORD PostHook
static const RecordField hook_fields[] = {
    STRINGS("argv", argv, 0),
    STRING("fingerprint", fingerprint, 0),
    BOOLEAN("agreed", approved, 0),
    STRING("from", from, 0),
    STRING("to", to, 0),
    STRING("software-from", software_from, 0),
    STRING("software-to", software_to, 0),
    USEC("timeout", timeout_usec, 0),
    STRING("user", user, 0),
    STRING("group", group, 0),
};
RECORD_TYPE(post_hook_type, hook_fields);
#undef RECORD

#define RECORD PostRecord
static const RecordField post_fields[] = {
    STRING("id", id, 0),        STRING("from", from, 0),
    STRING("to", to, 0),        LIST("hooks", hooks, PostHook, post_hook_type, FIELD_ALWAYS),
    BOOLEAN("begun", begun, 0),
};
RECORD_TYPE(post_record_type, post_fields);
#undef RECORD

#define RECORD DirectoryRecord
static const RecordField directory_fields[] = {
    STRING("directory", directory, 0),  STRING("path", path, 0),
    ENUM("method", method, methods, 0), STRING("base", base, 0),
    STRING("entry", entry, 0),          STRINGS("exclude", exclude, 0),
    INTEGER("declared", n_declared, 0),
};
static RECORD_TYPE(directory_type, directory_fields);
#undef RECORD

#define RECORD StepRecord
static const RecordField step_fields[] = {
    STRING("migration", migration, 0),
    STRING("from", from, 0),
    STRING("to", to, 0),
    STRING("kept", kept, 0),
};
static RECORD_TYPE(step_type, step_fields);
#undef RECORD

#define RECORD HostStampRecord
static const RecordField host_stamp_fields[] = {
    STRING("host", host, 0),
    STRING("path", path, 0),
};
static RECORD_TYPE(host_stamp_type, host_stamp_fields);
#undef RECORD

#define RECORD UndoRecord
static const RecordField undo_fields[] = {
    INTEGER("step", step, 0),
    STRING("from", from, 0),
    STRING("to", to, 0),
    STRINGS("backup", backup, 0),
    STRINGS("restore", restore, 0),
    USEC("timeout", timeout_usec, 0),
    ENUM("state", state, undo_states, 0),
};
static RECORD_TYPE(undo_type, undo_fields);
#undef RECORD

#define RECORD ScriptsRecord
static const RecordField scripts_fields[] = {
    STRING("user", user, 0),
    STRING("group", group, 0),
    STRINGS("read-write-paths", read_write_paths, 0),
};
static RECORD_TYPE(scripts_type, scripts_fields);
#undef RECORD

#define RECORD TransactionRecord
static const RecordField fields[] = {
    STRING("id", id, 0),
    STRING("service", service, 0),
    STRING("from", from, 0),
    STRING("to", to, 0),
    ENUM("action", action, actions, FIELD_OPEN),
    STRING("restored", restored, 0),
    BOOLEAN("restored-unused", restored_unused, 0),
    BOOLEAN("unasked", unasked, 0),
    BOOLEAN("anew", anew, 0),
    BOOLEAN("lost", lost, 0),
    STRING("former", former, 0),
    STRING("former-directory", former_directory, 0),
    STRING("declaration", declaration, 0),
    STRING("fingerprint", fingerprint, 0),
    STRING("started", started, 0),
    STRING("finished", finished, 0),
    INTEGER("not-before", not_before, 0),
    INTEGER("duration", duration, 0),
    STRING("generation", generation, 0),
    STRING("boot", boot, 0),
    STRING("machine", machine, 0),
    STRING("invocation", invocation, 0),
    ENUM("result", result, result_names, FIELD_OPEN),
    STRING("reason", reason, 0),
    INTEGER("retry", retry, 0),
    ENUM("phase", phase, phases, 0),
    LIST("places", places, DirectoryRecord, directory_type, 0),
    LIST("steps", steps, StepRecord, step_type, 0),
    ENUM("protect", protect, protections, 0),
    ENUM("stamp", stamp, stamps, 0),
    LIST("within", within, HostStampRecord, host_stamp_type, 0),
    STRING("software-from", software_from, 0),
    STRING("software-to", software_to, 0),
    BOOLEAN("self", self, 0),
    BOOLEAN("external", external, 0),
    BOOLEAN("posts", posts, 0),
    BOOLEAN("unused", unused, 0),
    STRING("live", live, 0),
    INTEGER("bytes", bytes, 0),
    INTEGER("copied", copied, 0),
    INTEGER("files", files, 0),
    STRING("original", original, 0),
    BOOLEAN("between", between, 0),
    STRINGS("readers", readers, 0),
    LIST("effects", undo, UndoRecord, undo_type, 0),
    OBJECT("scripts", scripts, ScriptsRecord, scripts_type, 0),
    LIST("post", post, PostHook, post_hook_type, 0),
};
RECORD_TYPE(transaction_record_type, fields);

void transaction_record_drop_places(TransactionRecord *record)
{
    record_drop(&transaction_record_type, record, "places");
}

void transaction_record_drop_post(TransactionRecord *record)
{
    record_drop(&transaction_record_type, record, "post");
}

void transaction_record_drop_undo(TransactionRecord *record)
{
    record_drop(&transaction_record_type, record, "effects");
    record_drop(&transaction_record_type, record, "scripts");
    record_drop(&transaction_record_type, record, "original");
}

int manifest_read(const Store *store, const char *id, TransactionRecord *ret)
{
    _cleanup_free_ char *path = strprintf("backups/%s/" MANIFEST, id);

    return path ? transaction_record_read(store, path, ret) : -ENOMEM;
}

int manifest_read_beside(int dir_fd, TransactionRecord *ret)
{
    _cleanup_free_ char *text = NULL;
    size_t size;
    struct stat st;
    int r;

    if (fstatat(dir_fd, MANIFEST, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 1 : -errno;
    if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_mode & (S_IWGRP | S_IWOTH))
        return -EPERM;
    r = read_file_at(dir_fd, MANIFEST, RECORD_SIZE_MAX, &text, &size);
    return r < 0 ? r : record_parse(&transaction_record_type, text, size, false, ret);
}

int manifest_write(const Store *store, const TransactionRecord *record)
{
    _cleanup_close_ int backups_fd = durable_mkdir(store->fd, "backups"), fd = -1;

    if (backups_fd < 0)
        return backups_fd;
    fd = durable_mkdir(backups_fd, record->id);
    return fd < 0 ? fd : record_write_at(fd, MANIFEST, &transaction_record_type, record);
}

const char *phase_name(Phase phase)
{
    return phases[phase];
}

const char *action_name(Action action)
{
    return action < ACTION_OTHER ? actions[action] : NULL;
}

const char *transaction_record_action(const TransactionRecord *record)
{
    return record->action == ACTION_OTHER ? record_rest_string(record->rest, "action")
                                          : action_name(record->action);
}

const char *transaction_record_result(const TransactionRecord *record)
{
    if (record->result == RESULT_NONE)
        return record_rest_string(record->rest, "result");
    /* Nothing of the migration has failed. */
    return record->result == RESULT_FAILED && streq_null(record->reason, "interrupted")
               ? "interrupted"
               : result_name(record->result);
}

/* --- Post= hooks ----------------------------------------------------------------------------- */

int post_hook_note(PostHook *hook, const Declaration *declaration, bool approved)
{
    Fingerprint fingerprint = command_fingerprint(declaration, hook->argv);

    hook->approved = approved;
    return strreplace(&hook->fingerprint, fingerprint.hex);
}

PostChange post_hook_compare(const PostHook *hook, const Declaration *declaration,
                             Fingerprint *ret_now)
{
    *ret_now = command_fingerprint(declaration, hook->argv);
    if (!hook->fingerprint || fingerprint_is(ret_now, hook->fingerprint))
        return POST_SAME;
    return hook->approved ? POST_REFUSED : POST_CHANGED;
}

int post_hook_approve(PostHook *hook, const Fingerprint *now)
{
    hook->approved = true;
    return strreplace(&hook->fingerprint, now->hex);
}
