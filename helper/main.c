/* SPDX-License-Identifier: MIT */
/* systemd-migrate: what runs inside migrate@NAME.service. Only units and migratectl call it. */
#include "verbs.h"

#include <signal.h>

volatile sig_atomic_t canceled;

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
}

static int usage(void)
{
    fputs("systemd-migrate {run|post|settle|check} NAME\n"
          "systemd-migrate adopt NAME [VERSION]\n\n"
          "Called by migrate@NAME.service, migrate-post@NAME.service and migratectl(1).\n",
          stderr);
    return RESULT_USAGE;
}

int main(int argc, char **argv)
{
    const char *verb = argc > 1 ? argv[1] : "", *name = argc > 2 ? argv[2] : "";

    if (argc < 3 || argc > (streq(verb, "adopt") ? 4 : 3) || !declaration_name_is_valid(name))
        return usage();
    if (geteuid() != 0) {
        fputs("systemd-migrate: only root can take care of a service's state\n", stderr);
        return RESULT_FAILED;
    }
    catch_signals();
    if (streq(verb, "run"))
        return verb_run(name);
    if (streq(verb, "post"))
        return verb_post(name);
    if (streq(verb, "settle"))
        return verb_settle(name);
    if (streq(verb, "check"))
        return verb_check(name);
    if (streq(verb, "adopt") && (argc == 3 || version_is_valid(argv[3])))
        return verb_adopt(name, argc == 4 ? argv[3] : NULL);
    return usage();
}
