/* SPDX-License-Identifier: MIT */
/* Events: records in the journal that operators and programs can find again. */
#pragma once

#include "basic/result.h"
#include "basic/util.h"
#include "system/message-id.h"

#include <syslog.h>

/* What messages of a rehearsal begin with. */
#define LOG_REHEARSAL "Rehearsal: "

/* What every record of one run carries; all fields but service may be NULL. */
typedef struct LogContext {
    const char *service;
    char *const *units; /* the service's own, so that "journalctl -u" on it tells the story too */
    const char *from, *to, *step, *transaction, *phase;
    /* Nothing of this changes anything: texts say so, and events have no message id but
     * MESSAGE_REHEARSED, as those of migrations are waited for by people and programs. */
    bool rehearsal;
    /* Where the text of the first event that has a result is left, owned by the caller; or NULL. */
    char **ending;
    /* Called with the text of each event that has a result; or NULL. */
    void (*ended)(int result, const char *text);
} LogContext;

/* Sends one record, to the journal and, where nobody is connected to that, to standard error.
 * Priority as in syslog(3). message_id: one of MESSAGE_…, or NULL for a plain line. result < 0: not
 * ended yet. */
void log_event(const LogContext *context, int priority, const char *message_id, int result,
               const char *format, ...) _printf_(5, 6);

/* The same for something that has taken its time and is done: what migratectl shows with a tick. */
void log_done(const LogContext *context, const char *message_id, uint64_t usec, const char *format,
              ...) _printf_(4, 5);

/* Is this the journal's own stream, which takes any bytes? It is no terminal, nor a pipe to one. */
bool log_is_journal(int fd);

/* Which run of a unit the journal has what we print under, as 32 digits: by that
 * _SYSTEMD_INVOCATION_ID= finds all of it, also what scripts say. NULL: no unit runs us. */
const char *log_invocation(void);

#define log_info(context, ...)    log_event(context, LOG_INFO, NULL, -1, __VA_ARGS__)
#define log_warning(context, ...) log_event(context, LOG_WARNING, NULL, -1, __VA_ARGS__)
#define log_error(context, ...)   log_event(context, LOG_ERR, NULL, -1, __VA_ARGS__)
