/* SPDX-License-Identifier: MIT */
/* migratectl forget: asks the operator; then the helper removes the records of a lost state, the
 * rest of a lost backup, or a backup of another system. */
#include "act/jobs.h"
#include "act/verbs.h"
#include "backup/backup.h"
#include "look/common.h"
#include "look/helper.h"
#include "look/service.h"
#include "store/known.h"
#include "store/stamp.h"
#include "terminal/output.h"

#include <fcntl.h>

/* Finds the hosts that have a stamp of this guest: "db (/var/lib/db)", …. The helper reports files
 * that cannot be read. */
static Result read_hosts(const char *name, char **ret)
{
    _cleanup_(declarations_free) Declarations declarations = {};
    const Declaration *declaration;
    int r = read_declarations(&declarations);

    if (r != RESULT_DONE)
        return r;
    declaration = declarations_find(&declarations, name);
    for (size_t i = 0; declaration && declaration->n_own_stamps + i < declaration->stamps.n_items;
         i++) {
        _cleanup_(stamps_free) Stamps stamps = {};
        const char *path = declaration->stamps.items[declaration->n_own_stamps + i].value,
                   *host = declaration->within.items[i].value;
        _cleanup_close_ int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        if (fd < 0 || stamps_read(fd, name, &stamps) < 0 || !stamps.versions)
            continue;
        if (*ret ? strreplacef(ret, "%s, %s (%s)", *ret, host, path) < 0
                 : !(*ret = strprintf("%s (%s)", host, path)))
            return complain_memory();
    }
    return RESULT_DONE;
}

static void explain(const char *name, const Known *known, const char *hosts)
{
    _cleanup_free_ char *directories = strv_join(known->directories, ", ");

    if (isempty(directories))
        print_line(2, "%s: its last state was at version %s.", name,
                   known->version ? known->version : "?");
    else
        print_line(2, "%s: its last state was at version %s, in %s.", name,
                   known->version ? known->version : "?", directories);
    print_line(2, "If this data is on a disk that is not mounted, answer no and mount the disk.");
    print_line(2, "Otherwise the service starts without data, as after a fresh installation.");
    print_line(2, "Its backups and its history are kept.");
    if (hosts)
        print_line(
            2,
            "A part of the state is in %s: the stamp there is removed, the data is not. If the "
            "next start must not find that data, remove it first.",
            hosts);
}

/* --- a backup ------------------------------------------------------------------------------ */

static void explain_backup(const char *name, const Backup *backup)
{
    bool foreign = backup->foreign;

    print_line(2,
               foreign ? "%s: the backup %s, at version %s, was made by another system:"
                       : "%s: the backup %s, at version %s, is not whole any more:",
               name, backup->id, backup->version ? backup->version : "?");
    for (size_t i = 0; i < backup->n_places; i++)
        print_line(4, "  %s/backups/%s/%s %s", backup->places[i].base, backup->id,
                   backup->places[i].entry,
                   backup->places[i].there ? "is there, and is removed" : "is missing");
    print_line(2, foreign ? "If that system still uses the disk, answer no."
                          : "If the missing part is on a disk that is not mounted, answer no and "
                            "mount the disk.");
}

static Result forget_backup(const char *name, const char *id)
{
    _cleanup_(declarations_free) Declarations declarations = {};
    _cleanup_(backups_free) Backups backups = {};
    _cleanup_store_ Store store = STORE_NONE;
    const Backup *backup;
    int r = require_root("forget");

    if (r == RESULT_DONE)
        r = read_declarations(&declarations);
    if (r != RESULT_DONE)
        return r;
    r = store_open(NULL, name, false, &store);
    if (r == 0 || r == -ENOENT)
        r = backups_look(NULL, declarations_find(&declarations, name), &store, &backups);
    if (r < 0)
        return fail(RESULT_FAILED, "cannot list the backups of %s: %s", name, strerror(-r));
    backup = backups_find(&backups, id);
    if (!backup)
        return fail(RESULT_REFUSED,
                    "%s: %s: there is no such backup. To list the backups, run: migratectl backups "
                    "%s",
                    name, id, name);
    if (!backup_is_forgettable(backup))
        return fail(RESULT_REFUSED,
                    "%s: %s: nothing of this backup is missing, and this system made it. To remove "
                    "backups by the rule, run: migratectl prune %s",
                    name, id, name);
    if (ask_is_needed())
        explain_backup(name, backup);
    r = ask_operator(name, "Forget the backup?", "nothing was changed");
    return r == RESULT_DONE ? helper_call("forget", name, id) : r;
}

/* --- a state ------------------------------------------------------------------------------- */

int ctl_forget(char **names)
{
    _cleanup_(known_record_free) Known known = {};
    _cleanup_store_ Store store = STORE_NONE;
    _cleanup_free_ char *hosts = NULL;
    const char *name = names[0];
    int r;

    if (names[1])
        return forget_backup(name, names[1]);
    r = require_root("forget");
    if (r == RESULT_DONE)
        r = read_hosts(name, &hosts);
    if (r != RESULT_DONE)
        return r;
    r = store_open(NULL, name, false, &store);
    if (r == 0)
        r = known_read(&store, &known);
    if ((r == 1 || r == -ENOENT) && !hosts) {
        say("%s: no state is recorded, so there is nothing to forget", name);
        return RESULT_DONE;
    }
    if (r < 0 && r != -ENOENT)
        return fail(RESULT_FAILED, "%s: cannot read " STORE_DIRECTORY "/%s: %s", name, name,
                    strerror(-r));
    if (ask_is_needed())
        explain(name, &known, hosts);
    r = ask_operator(name, "Forget the state?", "nothing was changed");
    if (r == RESULT_DONE)
        r = helper_call("forget", name, NULL);
    if (r == RESULT_DONE) {
        _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = service_bus();

        jobs_forget_failures(bus, "migrate", name);
        say("%s: the state is forgotten. The next start makes a new state", name);
    }
    return r;
}
