/* SPDX-License-Identifier: MIT */
/* migratectl new: writes a declaration and a migration to fill in. Without Version= they have no
 * effect. Replaces no file. */
#include "act/verbs.h"
#include "declare/declaration.h"
#include "look/common.h"
#include "look/service.h"
#include "system/bus.h"
#include "terminal/output.h"

#include <fcntl.h>
#include <sys/stat.h>

#define DIRECTORY "/etc/migrate.d"

typedef struct New {
    const char *name;
    bool has_unit;      /* systemd knows NAME.service */
    char **directories; /* its state directories */
    char **written;     /* to be removed if a file cannot be written */
} New;

static void new_free(New *new)
{
    strv_free(new->directories);
    strv_free(new->written);
}

/* Is there another directory above this one? */
static bool is_below_another(char **values, const char *value)
{
    size_t length = strcspn(value, ":");

    STRV_FOREACH (other, values) {
        size_t n = strcspn(*other, ":");

        if (n < length && strncmp(*other, value, n) == 0 && value[n] == '/')
            return true;
    }
    return false;
}

/* Asks systemd for StateDirectory= of NAME.service, without a link after ":". */
static int find_unit(New *new, sd_bus *bus)
{
    _cleanup_free_ char *unit = strprintf("%s.service", new->name), *load = NULL;
    _cleanup_strv_ char **values = NULL;
    int r = 0;

    if (!unit)
        return -ENOMEM;
    new->has_unit = bus &&unit_property(bus, unit, "Unit", "LoadState", "s", &load) == 0 &&
                    streq_null(load, "loaded");
    if (new->has_unit && unit_property(bus, unit, "Service", "StateDirectory", "as", &values) < 0)
        values = NULL;
    STRV_FOREACH (value, values)
        if (r == 0 && !is_below_another(values, *value))
            r = strv_consume(&new->directories,
                             strprintf("/var/lib/%.*s", (int)strcspn(*value, ":"), *value));
    return r == 0 && !new->directories
               ? strv_consume(&new->directories, strprintf("/var/lib/%s", new->name))
               : r;
}

/* --- the files -------------------------------------------------------------------------------- */

static char *make_declaration(const New *new)
{
    _cleanup_string_ String s = {};
    char *text;

    string_appendf(
        &s,
        "# The data of %s, and the version that its software needs: see migrate.d(5).\n"
        "# Version= is written by \"migratectl enable %s\". Without it nothing happens.\n"
        "[State]\n",
        new->name, new->name);
    if (new->has_unit)
        string_appendf(&s, "Unit=%s.service\n", new->name);
    else
        string_appendf(
            &s,
            "# There was no %s.service. If the service has another name, write it here:\n"
            "#Unit=%s.service\n",
            new->name, new->name);
    string_append(&s, "\n# Where the service keeps its data. A line for each directory.\n");
    STRV_FOREACH (directory, new->directories)
        string_appendf(&s, "Directory=%s\n", *directory);
    string_append(&s, "# What is in there and needs no migration, such as a cache:\n"
                      "#Exclude=cache\n");
    return string_finish(&s, &text) < 0 ? NULL : text;
}

static char *make_migration(const New *new)
{
    return strprintf(
        "# The way from version 1 of the data to version 2. Versions are yours to name:\n"
        "# a number of the format, or the release that made it.\n"
        "[Migration]\n"
        "From=1\n"
        "To=2\n"
        "Description=FILL IN: what changes in the data\n"
        "\n"
        "[Up]\n"
        "# Works on a copy of the data, as the user that owns it, without a network.\n"
        "# If it needs a server or the network, add External=yes and Backup=, Restore=.\n"
        "Script=" DIRECTORY "/%s/1-to-2\n"
        "# Runs on the migrated copy, which replaces the data only if this succeeds.\n"
        "Verify=" DIRECTORY "/%s/1-to-2-verify\n",
        new->name, new->name);
}

static char *make_script(const New *new)
{
    return strprintf("#!/bin/sh\n"
                     "# Takes the data of %s from version 1 to version 2. $STATE is the copy to\n"
                     "# change; the service is down. If this fails, nothing has changed.\n"
                     "set -eu\n"
                     "cd \"$STATE\"\n"
                     "\n"
                     "# FILL IN: change the data here, for instance: mv users.txt accounts.txt\n"
                     "# Then remove these two lines.\n"
                     "echo \"" DIRECTORY "/%s/1-to-2 is not written yet\" >&2\n"
                     "exit 1\n",
                     new->name, new->name);
}

static char *make_verification(const New *new)
{
    return strprintf(
        "#!/bin/sh\n"
        "# Looks whether the data of %s, in $STATE, is at version 2 and whole. A failure\n"
        "# here throws the copy away, and the data stays at version 1.\n"
        "set -eu\n"
        "cd \"$STATE\"\n"
        "\n"
        "# FILL IN: look at the data here, for instance: test -s accounts.txt\n"
        "# Then remove these two lines.\n"
        "echo \"" DIRECTORY "/%s/1-to-2-verify is not written yet\" >&2\n"
        "exit 1\n",
        new->name, new->name);
}

/* --- writing ---------------------------------------------------------------------------------- */

static int write_new(New *new, const char *path, mode_t mode, const char *text)
{
    _cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    int r = fd < 0 ? -errno : strv_append(&new->written, path);

    if (r == 0)
        r = write_all(fd, text, strlen(text));
    return r == 0 && (fchmod(fd, mode) < 0 || fsync(fd) < 0) ? -errno : r;
}

/* The declaration comes last: the generator finds all of it or nothing. */
static Result write_all_files(New *new)
{
    static const struct {
        const char *path;
        mode_t mode;
        char *(*make)(const New *new);
    } files[] = {
        {DIRECTORY "/%s/1-to-2", 0755, make_script},
        {DIRECTORY "/%s/1-to-2-verify", 0755, make_verification},
        {DIRECTORY "/%s/1-to-2.ini", 0644, make_migration},
        {DIRECTORY "/%s.ini", 0644, make_declaration},
    };
    _cleanup_free_ char *path = strprintf(DIRECTORY "/%s", new->name);
    int r = path ? 0 : -ENOMEM;
    bool made = false;

    if (r == 0 && mkdir(DIRECTORY, 0755) < 0 && errno != EEXIST)
        r = -errno;
    if (r == 0)
        made = mkdir(path, 0755) >= 0;
    if (r == 0 && !made)
        r = -errno;
    for (size_t i = 0; r == 0 && i < ELEMENTSOF(files); i++) {
        const char *end = strchr(files[i].path, '%') + 2;
        _cleanup_free_ char *text = files[i].make(new);

        free(path);
        path = strprintf(DIRECTORY "/%s%s", new->name, end);
        r = path && text ? write_new(new, path, files[i].mode, text) : -ENOMEM;
    }
    if (r == 0)
        return RESULT_DONE;
    STRV_FOREACH (file, new->written)
        unlink(*file);
    complain("%s: cannot write %s: %s. No file was replaced", new->name, path ? path : DIRECTORY,
             strerror(-r));
    if (made && (path = (free(path), strprintf(DIRECTORY "/%s", new->name))))
        rmdir(path);
    return r == -EEXIST ? RESULT_REFUSED : RESULT_FAILED;
}

static void say_next(const New *new)
{
    const char *name = new->name;

    STRV_FOREACH (file, new->written)
        say("%s: wrote %s", name, *file);
    if (!new->has_unit)
        complain("%s: warning: systemd knows no %s.service. If the service has another name, write "
                 "it to Unit= in " DIRECTORY "/%s.ini",
                 name, name, name);
    say("%s: nothing is guarded yet. Fill in what says FILL IN. If the data is at version 1 now, run: "
        "migratectl adopt %s 1, then: migratectl enable %s",
        name, name, name);
    say("%s: once the software that needs version 2 is installed, run: migratectl enable %s 2, "
        "then: migratectl start %s",
        name, name, name);
}

/* A drop-in that is left of a former declaration would count at once, with its Version=. */
static Result refuse_drop_ins(const char *name)
{
    static const char *const directories[] = {DIRECTORY, "/run/migrate.d", "/usr/lib/migrate.d"};

    for (size_t i = 0; i < ELEMENTSOF(directories); i++) {
        _cleanup_free_ char *path = strprintf("%s/%s.ini.d", directories[i], name);

        if (!path)
            return complain_memory();
        if (access(path, F_OK) == 0)
            return fail(RESULT_REFUSED,
                        "%s: %s is left of a former declaration, and would count. Remove it first. "
                        "Nothing was written",
                        name, path);
    }
    return RESULT_DONE;
}

int ctl_new(char **names)
{
    _cleanup_(declarations_free) Declarations declarations = {};
    _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
    _cleanup_(new_free) New new = {.name = names[0]};
    const Declaration *declaration;
    Result r = require_root("new");

    if (r == RESULT_DONE)
        r = read_declarations(&declarations);
    if (r != RESULT_DONE)
        return r;
    declaration = declarations_find(&declarations, new.name);
    if (declaration)
        return fail(RESULT_REFUSED,
                    "%s: %s declares it already, and nothing was written. To see it, run: "
                    "migratectl cat %s",
                    new.name, declaration->file, new.name);
    bus = service_bus();
    r = refuse_drop_ins(new.name);
    if (r != RESULT_DONE)
        return r;
    if (find_unit(&new, bus) < 0)
        return complain_memory();
    r = write_all_files(&new);
    if (r == RESULT_DONE)
        say_next(&new);
    return r;
}
