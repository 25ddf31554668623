/* SPDX-License-Identifier: MIT */
/* Sends events to the journal. systemd-migrate(7) documents the fields MIGRATE_…=. */
#include "system/log.h"

#include "basic/utf8.h"

#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>

bool log_is_journal(int fd)
{
    const char *stream = getenv("JOURNAL_STREAM");
    unsigned long long device, inode;
    struct stat st;

    return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 && fstat(fd, &st) == 0 &&
           st.st_dev == device && st.st_ino == inode;
}

const char *log_invocation(void)
{
    return log_is_journal(STDERR_FILENO) ? getenv("INVOCATION_ID") : NULL;
}

#define FIELDS_MAX 64

typedef struct Record {
    struct iovec fields[FIELDS_MAX];
    int n_fields;
} Record;

static void record_add(Record *record, const char *key, const char *value)
{
    char *field;

    if (!value || record->n_fields == FIELDS_MAX)
        return;
    field = strprintf("%s=%s", key, value);
    if (field)
        record->fields[record->n_fields++] = (struct iovec){field, strlen(field)};
}

static void _printf_(6, 0) log_any(const LogContext *context, int priority, const char *message_id,
                                   int result, uint64_t usec, const char *format, va_list ap)
{
    const char priority_digit[] = {(char)('0' + priority), '\0'};
    _cleanup_string_ String safe = {};
    _cleanup_free_ char *raw = NULL, *text = NULL, *message = NULL, *unit = NULL;
    char duration[24];
    Record record = {};
    bool shown;
    int r;

    r = vasprintf(&raw, format, ap);
    if (r < 0) {
        raw = NULL;
        return;
    }
    /* A user may have chosen a part of the text, such as a file name, so the text is escaped. */
    for (char *rest = raw; rest;) {
        const char *part = strsep(&rest, "\n");

        string_append_escaped(&safe, part, "");
        string_append(&safe, rest ? "\n" : "");
    }
    if (string_finish(&safe, &text) < 0)
        return;
    if (context->ending && result >= 0 && !*context->ending)
        *context->ending = strdup(text);
    if (context->ended && result >= 0)
        context->ended(result, text);
    if (context->rehearsal && !streq_null(message_id, MESSAGE_REHEARSED))
        message_id = NULL;
    message = context->rehearsal ? strprintf(LOG_REHEARSAL "%s", text) : TAKE_PTR(text);
    if (!message)
        return;
    record_add(&record, "MESSAGE", message);
    record_add(&record, "PRIORITY", priority_digit);
    record_add(&record, "MESSAGE_ID", message_id);
    record_add(&record, "SYSLOG_IDENTIFIER", "systemd-migrate");
    record_add(&record, "MIGRATE_SERVICE", context->service);
    record_add(&record, "MIGRATE_FROM", context->from);
    record_add(&record, "MIGRATE_TO", context->to);
    record_add(&record, "MIGRATE_STEP", context->step);
    record_add(&record, "MIGRATE_TRANSACTION", context->transaction);
    record_add(&record, "MIGRATE_PHASE", context->phase);
    snprintf(duration, sizeof(duration), "%llu", (unsigned long long)usec);
    record_add(&record, "MIGRATE_DURATION", usec != UINT64_MAX ? duration : NULL);
    record_add(&record, "MIGRATE_RESULT", result >= 0 ? result_name((Result)result) : NULL);
    /* journald may not find the unit of a process that has just ended; with this field, journalctl
     * -u shows the record. journalctl accepts the field only from root. */
    unit = strprintf(context->rehearsal ? "migrate-rehearse@%s.service" : "migrate@%s.service",
                     context->service);
    record_add(&record, "OBJECT_SYSTEMD_UNIT", unit);
    /* With the errors, "systemctl status" of the service names the command to run. */
    shown = message_id || (priority <= LOG_ERR && !context->rehearsal);
    for (char *const *u = context->units; shown && u && *u; u++)
        record_add(&record, "OBJECT_SYSTEMD_UNIT", *u);
    r = sd_journal_sendv(record.fields, record.n_fields);
    /* If standard error is the journal, the text would appear there twice. */
    if (r < 0 || !log_is_journal(STDERR_FILENO))
        fprintf(stderr, "%s\n", message);
    for (int i = 0; i < record.n_fields; i++)
        free(record.fields[i].iov_base);
}

void log_event(const LogContext *context, int priority, const char *message_id, int result,
               const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    log_any(context, priority, message_id, result, UINT64_MAX, format, ap);
    va_end(ap);
}

void log_done(const LogContext *context, const char *message_id, uint64_t usec, const char *format,
              ...)
{
    va_list ap;

    va_start(ap, format);
    log_any(context, LOG_INFO, message_id, -1, usec, format, ap);
    va_end(ap);
}
