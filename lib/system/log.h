/* SPDX-License-Identifier: MIT */
/* Logs events to the journal, with fields and message ids. */
#pragma once

#include "basic/result.h"
#include "basic/util.h"
#include "system/message-id.h"

#include <syslog.h>

/* The prefix of every message of a rehearsal. */
#define LOG_REHEARSAL "Rehearsal: "

/* The fields of all records of one run. All members except service may be NULL. */
typedef struct LogContext {
    const char *service;
    char *const *units; /* units of the service, so that "journalctl -u" shows the records */
    const char *from, *to, *step, *transaction, *phase;
    /* Adds LOG_REHEARSAL to texts, and keeps no message id except MESSAGE_REHEARSED, because
     * programs wait for the message ids of migrations. */
    bool rehearsal;
    char **ending; /* if not NULL, receives the text of the first event with a result; owned */
    /* If not NULL, called for each event with a result. */
    void (*ended)(int result, const char *text);
} LogContext;

/* Sends one record to the journal, and its text to standard error unless standard error is the
 * journal. Priority as in syslog(3). message_id: a MESSAGE_…, or NULL. result: a Result, or -1 if
 * the run continues. */
void log_event(const LogContext *context, int priority, const char *message_id, int result,
               const char *format, ...) _printf_(5, 6);

/* Logs finished work that took usec; migratectl shows this event with a tick. message_id: a
 * MESSAGE_…, or NULL. */
void log_done(const LogContext *context, const char *message_id, uint64_t usec, const char *format,
              ...) _printf_(4, 5);

/* Is fd connected to the journal? */
bool log_is_journal(int fd);

/* Returns the invocation id of this run's unit, 32 digits. _SYSTEMD_INVOCATION_ID= finds all output
 * with this id, also the output of scripts. NULL: this process is not in a unit. */
const char *log_invocation(void);

#define log_info(context, ...)    log_event(context, LOG_INFO, NULL, -1, __VA_ARGS__)
#define log_warning(context, ...) log_event(context, LOG_WARNING, NULL, -1, __VA_ARGS__)
#define log_error(context, ...)   log_event(context, LOG_ERR, NULL, -1, __VA_ARGS__)
