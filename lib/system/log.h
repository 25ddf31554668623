/* SPDX-License-Identifier: MIT */
/* Events in the journal, with fields and message ids. */
#pragma once

#include "basic/result.h"
#include "basic/util.h"
#include "system/message-id.h"

#include <syslog.h>

/* The beginning of every message of a rehearsal. */
#define LOG_REHEARSAL "Rehearsal: "

/* The fields of every record of one run; all but service may be NULL. */
typedef struct LogContext {
    const char *service;
    char *const *units; /* the units of the service, so that "journalctl -u" shows the records */
    const char *from, *to, *step, *transaction, *phase;
    /* A rehearsal: texts have its prefix, and MESSAGE_REHEARSED is the only message id, since
     * programs wait for those of migrations. */
    bool rehearsal;
    /* Receives the text of the first event with a result; the caller frees it. */
    char **ending;
    /* Called for each event with a result. */
    void (*ended)(int result, const char *text);
} LogContext;

/* Sends one record to the journal, and its text to standard error unless that is the journal.
 * Priority as in syslog(3). message_id: a MESSAGE_…, or NULL. result: a Result, or -1 if the run
 * goes on. */
void log_event(const LogContext *context, int priority, const char *message_id, int result,
               const char *format, ...) _printf_(5, 6);

/* The same for work that is done and took usec: migratectl shows it with a tick. */
void log_done(const LogContext *context, const char *message_id, uint64_t usec, const char *format,
              ...) _printf_(4, 5);

/* Whether the descriptor is the stream of the journal, which takes any bytes. */
bool log_is_journal(int fd);

/* The invocation id of this run's unit, 32 digits: _SYSTEMD_INVOCATION_ID= finds its output, also
 * that of scripts. NULL: this process is not in a unit. */
const char *log_invocation(void);

#define log_info(context, ...)    log_event(context, LOG_INFO, NULL, -1, __VA_ARGS__)
#define log_warning(context, ...) log_event(context, LOG_WARNING, NULL, -1, __VA_ARGS__)
#define log_error(context, ...)   log_event(context, LOG_ERR, NULL, -1, __VA_ARGS__)
