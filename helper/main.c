/* SPDX-License-Identifier: MIT */
/* systemd-migrate: what runs inside migrate@NAME.service. Only units and migratectl call it. */
#include "basic/canceled.h"
#include "basic/result.h"
#include "declare/declaration.h"
#include "declare/version.h"
#include "rehearse/rehearse.h"
#include "restore/restore.h"
#include "system/bus.h"
#include "verbs.h"

#include <signal.h>

static void handle_signal(int signal)
{
    canceled = signal;
}

/* Without SA_RESTART: whatever waits is to notice. */
static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = handle_signal};

    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    /* Meant for a rehearsal (state/rehearsal-left.h): whoever removes what one has left holds its lock,
     * too, and goes on. */
    signal(SIGUSR1, SIG_IGN);
}

static int usage(void)
{
    fputs("systemd-migrate {run|post|settle|check|forget} NAME\n"
          "systemd-migrate {adopt|adopt-forced} NAME [VERSION]\n"
          "systemd-migrate prune [NAME...]\n"
          "systemd-migrate {restore|restore-forced} NAME ID\n"
          "systemd-migrate rehearse NAME [keep]\n"
          "systemd-migrate boot-complete\n\n"
          "Called by migrate@NAME.service, migrate-post@NAME.service, migrate-prune.service,\n"
          "migrate-boot-complete.service and migratectl(1).\n",
          stderr);
    return RESULT_USAGE;
}

/* One name, but any number for prune, and a version behind it for adopt. */
static bool arguments_are_valid(int argc, char **argv)
{
    if (argc < 2)
        return false;
    if (streq(argv[1], "boot-complete"))
        return argc == 2;
    if (startswith(argv[1], "adopt"))
        return (argc == 3 || argc == 4) && declaration_name_is_valid(argv[2]);
    if (startswith(argv[1], "restore"))
        return argc == 4 && declaration_name_is_valid(argv[2]);
    if (streq(argv[1], "rehearse"))
        return (argc == 3 || (argc == 4 && streq(argv[3], "keep"))) &&
               declaration_name_is_valid(argv[2]);
    if (!streq(argv[1], "prune") && argc != 3)
        return false;
    for (int i = 2; i < argc; i++)
        if (!declaration_name_is_valid(argv[i]))
            return false;
    return true;
}

int main(int argc, char **argv)
{
    const char *verb = argc > 1 ? argv[1] : "", *name = argc > 2 ? argv[2] : "";

    if (!arguments_are_valid(argc, argv))
        return usage();
    if (geteuid() != 0) {
        fputs("systemd-migrate: only root can take care of a service's state\n", stderr);
        return RESULT_FAILED;
    }
    catch_signals();
    if (getenv("INVOCATION_ID")) /* in a unit, mostly */
        bus_await_manager();
    if (streq(verb, "run"))
        return verb_run(name);
    if (streq(verb, "post"))
        return verb_post(name);
    if (streq(verb, "settle"))
        return verb_settle(name);
    if (streq(verb, "check"))
        return verb_check(name);
    if (streq(verb, "forget"))
        return verb_forget(name);
    if (streq(verb, "restore") || streq(verb, "restore-forced"))
        return verb_restore(name, argv[3], streq(verb, "restore-forced"));
    if (streq(verb, "rehearse"))
        return verb_rehearse(name, argc == 4);
    if (streq(verb, "prune"))
        return verb_prune(argv + 2);
    if ((streq(verb, "adopt") || streq(verb, "adopt-forced")) &&
        (argc == 3 || version_is_valid(argv[3])))
        return verb_adopt(name, argc == 4 ? argv[3] : NULL, streq(verb, "adopt-forced"));
    if (streq(verb, "boot-complete"))
        return verb_boot_complete();
    return usage();
}
