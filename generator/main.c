/* SPDX-License-Identifier: MIT */
/* systemd-migrate-generator: reads the declarations, renders units and publishes them, at boot and
 * at every reload.
 *
 * Reads nothing below /var, which may not be mounted, and starts nothing. A generator that fails
 * leaves every gate open. So the generator links almost no libraries, writes the gates first, and
 * continues after a problem of one service. */
#include "config.h"
#include "declare/kernel-command-line.h"
#include "publish.h"

#include <fcntl.h>
#include <getopt.h>

static int kmsg_fd = -1;

/* Logs a message. At boot the journal does not run yet and reads the kernel's buffer later; level 3
 * is an error. */
static void say(int level, const char *text)
{
    _cleanup_free_ char *line =
        strprintf("<%d>systemd-migrate-generator[%d]: %s\n", level, (int)getpid(), text);

    fprintf(stderr, "systemd-migrate-generator: %s\n", text);
    if (line && kmsg_fd >= 0 && write(kmsg_fd, line, strlen(line)) < 0)
        return; /* there is no other place to log to */
}

static void say_problems(const Problems *problems, const char *consequence)
{
    for (size_t i = 0; i < problems->n_items; i++) {
        _cleanup_free_ char *line = problem_format(problems->items + i);
        _cleanup_free_ char *text = line ? strprintf("%s%s", line, consequence) : NULL;

        if (text)
            say(3, text);
    }
}

static int usage(FILE *f)
{
    fputs(
        "systemd-migrate-generator [OPTIONS] NORMAL-DIR [EARLY-DIR LATE-DIR]\n\n"
        "Turns declarations of state versions into units. systemd runs this at boot and reload.\n\n"
        "  --root=DIR   read declarations below DIR\n"
        "  --dry-run    print the units, write nothing (no directories are needed)\n"
        "  --help       this text\n"
        "  --version    the version\n\n"
        "See systemd-migrate-generator(8) and migrate.d(5).\n",
        f);
    return f == stderr ? 2 : 0;
}

static int render_all(const Declarations *declarations, Outputs *outputs)
{
    int r = 0;

    /* The gates come first, because they must exist even if a later part fails. */
    for (size_t i = 0; r == 0 && i < declarations->n_items; i++)
        r = render_gates(declarations->items + i, outputs);
    for (size_t i = 0; r == 0 && i < declarations->n_items; i++)
        r = render_services(declarations->items + i, outputs);
    return r;
}

/* Sets Policy=manual for this boot if the kernel command line says so. With live false (--root=,
 * --dry-run), the output must not depend on this system. */
static void apply_command_line(Declarations *declarations, bool live)
{
    if (!kernel_command_line_has("migrate=manual", live))
        return;
    for (size_t i = 0; i < declarations->n_items; i++)
        declarations->items[i].policy = POLICY_MANUAL;
}

/* The generator outlives "ninja uninstall", so that no gate opens before anybody has seen this. */
static void say_uninstalled(const Declarations *declarations)
{
    if (access(HELPER_PATH, F_OK) == 0 || errno != ENOENT)
        return;
    ARRAY_FOREACH (declaration, declarations->items, declarations->n_items) {
        _cleanup_free_ char *text = strprintf(
            "%s: systemd-migrate is uninstalled, so the units start only if the state is "
            "at version %s, and nothing migrates it. Install systemd-migrate again; or, to "
            "let all units start on whatever data there is, remove " GENERATOR_PATH
            ", then run: systemctl daemon-reload",
            declaration->name, declaration->version.value);

        if (text && declaration->enabled && declaration->version.value)
            say(3, text);
    }
}

static int run(const char *root, const char *directory)
{
    _cleanup_(declarations_free) Declarations declarations = {};
    _cleanup_(outputs_free) Outputs outputs = {};
    const char *path = NULL;
    int r;

    r = declarations_read(root, &declarations);
    if (r == 0) {
        apply_command_line(&declarations, !root && directory);
        r = render_all(&declarations, &outputs);
    }
    if (r < 0) {
        say(2, "out of memory: services are NOT held back; run: systemctl daemon-reload");
        return EXIT_FAILURE;
    }
    say_problems(&declarations.problems, "");
    ARRAY_FOREACH (declaration, declarations.items, declarations.n_items) {
        say_problems(&declaration->problems,
                     declaration->enabled ? " (its units are held back)" : "");
    }
    if (!root && directory)
        say_uninstalled(&declarations);
    if (!directory) {
        publish_dry_run(stdout, &outputs);
        return EXIT_SUCCESS;
    }
    r = publish(directory, &outputs, &path);
    if (r < 0) {
        _cleanup_free_ char *text = strprintf("cannot write '%s': %s: some gates are missing, and "
                                              "services can start without them; run: systemctl "
                                              "daemon-reload",
                                              path, strerror(-r));

        say(2, text ? text : "cannot write");
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"root", required_argument, NULL, 'r'},
                                            {"dry-run", no_argument, NULL, 'n'},
                                            {"help", no_argument, NULL, 'h'},
                                            {"version", no_argument, NULL, 'v'},
                                            {}};
    const char *root = NULL, *in_initrd = getenv("SYSTEMD_IN_INITRD");
    bool dry_run = false;

    for (int c; (c = getopt_long(argc, argv, "h", options, NULL)) >= 0;)
        switch (c) {
        case 'r':
            root = optarg;
            break;
        case 'n':
            dry_run = true;
            break;
        case 'h':
            return usage(stdout);
        case 'v':
            puts("systemd-migrate-generator " VERSION);
            return EXIT_SUCCESS;
        default:
            return usage(stderr);
        }
    if (dry_run ? argc - optind > 0 : argc - optind != 1 && argc - optind != 3)
        return usage(stderr);
    /* In an initrd the state is not mounted, and the declarations are those of the initrd. */
    if (in_initrd && parse_boolean(in_initrd) == 1)
        return EXIT_SUCCESS;
    if (!dry_run && !root)
        kmsg_fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC | O_NOCTTY);
    return run(root, dry_run ? NULL : argv[optind]);
}
