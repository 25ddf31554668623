/* SPDX-License-Identifier: MIT */
/* systemd-migrate, the program that runs inside migrate@NAME.service. Only units and migratectl
 * call it. */
#include "basic/canceled.h"
#include "basic/result.h"
#include "declare/declaration.h"
#include "rehearse/rehearse.h"
#include "restore/restore.h"
#include "system/bus.h"
#include "verbs.h"

#include <limits.h>
#include <signal.h>

static void handle_signal(int signal)
{
    canceled = signal;
}

/* Sets no SA_RESTART, so that a signal interrupts system calls that wait. */
static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = handle_signal};

    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    /* SIGUSR1 goes to the holder of the lock of rehearsals, to end a rehearsal. A process that only
     * removes the remains of a rehearsal holds the same lock, and must survive the signal. */
    signal(SIGUSR1, SIG_IGN);
}

static int usage(void)
{
    fputs("systemd-migrate {run|post|settle} NAME\n"
          "systemd-migrate forget NAME [ID]\n"
          "systemd-migrate check NAME [report]\n"
          "systemd-migrate {adopt|adopt-forced} NAME [VERSION]\n"
          "systemd-migrate prune [NAME...]\n"
          "systemd-migrate {restore|restore-forced} NAME ID\n"
          "systemd-migrate rehearse NAME [keep]\n"
          "systemd-migrate boot-complete [NAME]\n"
          "systemd-migrate boot-used\n\n"
          "Called by migrate@NAME.service, migrate-post@NAME.service, migrate-prune.service,\n"
          "migrate-boot-complete.service, migrate-boot-used.service and migratectl(1).\n",
          stderr);
    return RESULT_USAGE;
}

static const struct {
    const char *name;
    int (*run)(char **arguments);
    int least, most; /* number of arguments */
} verbs[] = {
    {"run", verb_run, 1, 1},
    {"post", verb_post, 1, 1},
    {"settle", verb_settle, 1, 1},
    {"settle-declared", verb_settle_declared, 1, 1},
    {"check", verb_check, 1, 2},
    {"forget", verb_forget, 1, 2},
    {"adopt", verb_adopt, 1, 2},
    {"adopt-forced", verb_adopt_forced, 1, 2},
    {"restore", verb_restore, 2, 2},
    {"restore-forced", verb_restore_forced, 2, 2},
    {"rehearse", verb_rehearse, 1, 2},
    {"prune", verb_prune, 0, INT_MAX},
    {"boot-complete", verb_boot_complete, 0, 1},
    {"boot-used", verb_boot_used, 0, 0},
};

int main(int argc, char **argv)
{
    size_t i = 0;
    int r;

    while (i < ELEMENTSOF(verbs) && (argc < 2 || !streq(argv[1], verbs[i].name)))
        i++;
    if (i == ELEMENTSOF(verbs) || argc - 2 < verbs[i].least || argc - 2 > verbs[i].most ||
        (argc > 2 && !declaration_name_is_valid(argv[2])))
        return usage();
    if (geteuid() != 0) {
        fputs("systemd-migrate: only root can take care of a service's state\n", stderr);
        return RESULT_FAILED;
    }
    catch_signals();
    if (getenv("INVOCATION_ID")) /* usually set in a unit */
        bus_await_manager();
    r = verbs[i].run(argv + 2);
    return r == RESULT_USAGE ? usage() : r;
}
