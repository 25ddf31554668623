/* SPDX-License-Identifier: MIT */
/* Saying that nothing was migrated. */
#include "state/refuse.h"

#include "declare/kernel-command-line.h"

void run_say_untouched(const Run *run, Result result, const char *next)
{
    const char *unit = run->units[0], *directory = run->where;
    _cleanup_free_ char *usual =
        isempty(next) && !run->check_only
            ? strprintf("Once that is mended, type: systemctl restart %s", unit)
            : NULL;
    const char *blank;

    next = usual ? usual : next;
    blank = isempty(next) ? "" : " ";
    if (run->check_only || result == RESULT_BUSY) /* the service may well be running */
        log_error(&run->log, "Nothing was stopped, the data in %s is untouched.%s%s", directory,
                  blank, next);
    else if (run->log.from && declaration_accepts(run->declaration, run->log.from))
        log_error(&run->log, "The data in %s is untouched, and %s may start on it as it is.%s%s",
                  directory, unit, blank, next);
    else
        log_error(&run->log, "The data in %s is untouched; %s stays down.%s%s", directory, unit,
                  blank, next);
}

char *run_start_command(const Run *run)
{
    const Declaration *declaration = run->declaration;
    bool down = !run->check_only &&
                !(run->log.from && declaration_accepts(declaration, run->log.from)),
         by_hand = declaration->policy == POLICY_MANUAL ||
                   kernel_command_line_has("migrate=manual", true);

    return down && !by_hand ? strprintf("systemctl start %s", run->units[0])
                            : strprintf("migratectl start %s", declaration->name);
}

int run_refuse(const Run *run, Result result, const char *message_id, const char *what,
               const char *next)
{
    /* Whoever only looks, or records a version, was not going to migrate anything. */
    log_event(&run->log, LOG_ERR, message_id, result, "%s%s: %s", run->declaration->name,
              run->check_only ? "" : " is not migrated", what);
    run_say_untouched(run, result, next);
    return result;
}

int run_refuse_errno(const Run *run, char *doing, int r)
{
    _cleanup_free_ char *given = doing,
                        *what = given ? strprintf("%s: %s", given, strerror(-r)) : NULL,
                        *next = strprintf("Once that is mended, type: systemctl restart %s",
                                          run->units[0]);

    return run_refuse(run, RESULT_FAILED, MESSAGE_FAILED, what ? what : "out of memory",
                      next ? next : "");
}

int refuse_unready(const Run *run)
{
    for (size_t i = 0; i < run->n_lodgings; i++) {
        const Lodging *lodging = run->lodgings + i;
        _cleanup_free_ char *what = NULL, *next = NULL;
        int r = lodging_is_ready(lodging);

        if (r > 0)
            continue;
        what = r < 0 ? strprintf("'%s' cannot be looked at: %s", lodging->path, strerror(-r))
                     : strprintf("a part of it lives in the state of %s, of which nothing says yet "
                                 "which version it has (%s %s)",
                                 lodging->host, lodging->path,
                                 lodging->fd < 0 ? "is missing" : "has no stamp");
        next = run->check_only
                   ? strprintf("Start the service of %s first", lodging->host)
                   : strprintf("Start the service of %s first, then type: systemctl start %s",
                               lodging->host, run->units[0]);
        return run_refuse(run, RESULT_REFUSED, MESSAGE_REFUSED, what ? what : "out of memory",
                          next ? next : "");
    }
    return RESULT_DONE;
}

int refuse_missing(const Run *run)
{
    for (size_t i = 0; i < run->n_places; i++) {
        _cleanup_free_ char *what = NULL;

        if (run->places[i].fd >= 0)
            continue;
        what = strprintf(
            "'%s' is missing, although there is data in other directories of the state: is a "
            "disk not mounted?",
            run->places[i].directory);
        return run_refuse(run, RESULT_REFUSED, MESSAGE_REFUSED,
                          what ? what : "a directory is missing",
                          "Bring it back, or make an empty one if it never was there");
    }
    return refuse_unready(run);
}
