/* SPDX-License-Identifier: MIT */
/* migratectl restore: checks while the service still runs, asks the operator, and stops the
 * service. The helper then exchanges the state with a backup, and the stopped units start again. If
 * the software for the backup's version is declared only now, the declaration comes along. */
#include "act/restore.h"

#include "act/outage.h"
#include "act/verbs.h"
#include "backup/guest.h"
#include "look/common.h"
#include "look/helper.h"
#include "show/backups.h"
#include "show/detail.h"

typedef struct Restore {
    const char *name, *wanted; /* an id, a version, or "latest" */
    char *id;                  /* of the backup; NULL: there is none */
    DropIn *drop_in;           /* declares the version of the backup; NULL: none is needed */
    Declarations declarations;
    const Declaration *declaration;
    Service service;
    Backups backups;
    const Backup *backup;
    Guests guests;
    char **left; /* units of guests that are stopped and stay down */
    Outage outage;
    Jobs jobs;
} Restore;

static void forget_look(Restore *restore)
{
    guests_free(&restore->guests);
    backups_free(&restore->backups);
    service_free(&restore->service);
    declarations_free(&restore->declarations);
    restore->guests = (Guests){};
    restore->backups = (Backups){};
    restore->service = (Service){.facts.store = STORE_NONE};
    restore->declarations = (Declarations){};
}

static void restore_free(Restore *restore)
{
    outage_free(&restore->outage);
    jobs_end(&restore->jobs);
    strv_free(restore->left);
    free(restore->id);
    forget_look(restore);
}

/* An id, then "latest", then a version: of several backups, the newest. */
static const Backup *find_backup(const Restore *restore)
{
    const Backups *backups = &restore->backups;
    const Backup *backup = backups_find(backups, restore->id ? restore->id : restore->wanted);

    if (backup)
        return backup;
    if (streq(restore->wanted, "latest"))
        return route_newest_accepted(backups, restore->declaration);
    ARRAY_FOREACH (item, backups->items, backups->n_items)
        if (item->state == BACKUP_WHOLE && streq_null(item->version, restore->wanted))
            return item;
    return NULL;
}

static Result look_at_backup(Restore *restore, sd_bus *bus)
{
    /* An interrupted transaction may still need this backup. */
    int r = find_settled("restore", restore->name, &restore->declarations, &restore->declaration);

    if (r != RESULT_DONE)
        return r;
    if (service_look(&restore->declarations, restore->declaration, bus, NULL, &restore->service) <
        0)
        return complain_memory();
    r = backups_look(NULL, restore->declaration, &restore->service.facts.store, &restore->backups);
    if (r == -ENOMEM)
        return complain_memory();
    if (r < 0)
        return fail(RESULT_FAILED, "cannot list the backups of %s: %s", restore->name,
                    strerror(-r));
    restore->backup = find_backup(restore);
    if (restore->backup && strreplace(&restore->id, restore->backup->id) < 0)
        return complain_memory();
    r = guests_read(NULL, &restore->declarations, &restore->service.facts.store, restore->backup,
                    &restore->guests);
    if (r < 0) {
        complain("%s: cannot find out which services keep data in it: %s", restore->name,
                 strerror(-r));
        return r == -ENOMEM ? complain_memory() : RESULT_FAILED;
    }
    return RESULT_DONE;
}

static bool is_accepted(const Restore *restore)
{
    return restore->declaration->version.value &&
           declaration_accepts(restore->declaration, restore->backup->version);
}

/* Checks whether the backup can be restored. The helper repeats these checks and makes more. */
static Result judge(const Restore *restore)
{
    const Backup *backup = restore->backup;
    const char *name = restore->name, *id = restore->id ? restore->id : restore->wanted,
               *now = restore->service.verdict.version;

    /* The same command again would go back one backup further. */
    if (backup && !streq(backup->id, restore->wanted) && !options.force && is_accepted(restore) &&
        restore->service.condition == CONDITION_CURRENT)
        return fail(RESULT_REFUSED,
                    "%s: the state is at version %s, which the software takes, so nothing was "
                    "stopped or changed. To bring one of the backups back all the same, name its "
                    "ID. To list them, run: migratectl backups %s",
                    name, now, name);
    if (backup && backup_is_restorable(backup) && (options.force || is_accepted(restore)))
        return RESULT_DONE;
    if (!backup && streq(restore->wanted, "latest"))
        complain(
            "%s: there is no whole backup of a version that the software takes. To list the backups, "
            "run: migratectl backups %s",
            name, name);
    else if (!backup)
        complain("%s: %s: there is no such backup. To list the backups, run: migratectl backups %s",
                 name, id, name);
    else if (!backup_is_restorable(backup))
        complain("%s: %s: %s", name, id,
                 backup->what ? backup->what : "this backup cannot be brought back");
    else if (restore->declaration->version.value && now &&
             version_compare(backup->version, now) >= 0)
        complain("%s: %s: it is at version %s and the software needs %s. Install software for %s "
                 "first. If it is installed, to declare that, run: migratectl enable %s %s",
                 name, id, backup->version, restore->declaration->version.value, backup->version,
                 name, backup->version);
    else if (restore->declaration->version.value)
        complain("%s: %s: it is at version %s and the software needs %s, so the next start would "
                 "migrate it again. Install software for %s first. If it is installed, to declare "
                 "that and bring the newest backup of it back, run: migratectl enable %s %s --yes. "
                 "To bring this one back and migrate it again, run: migratectl restore %s %s "
                 "--force",
                 name, id, backup->version, restore->declaration->version.value, backup->version,
                 name, backup->version, name, id);
    else
        complain("%s: %s: no Version= is declared, so it is unknown whether the software runs on "
                 "version %s. To bring it back anyway, run: migratectl restore %s %s --force",
                 name, id, backup->version, name, id);
    return fail(RESULT_REFUSED, "%s: nothing was stopped or changed", name);
}

/* --- guests -------------------------------------------------------------------------------- */

/* Stops the units of a guest, and does not start them again, because the restore gives the guest's
 * part of the state another version, on which the guest's software must not run. */
static int leave_down(Restore *restore, sd_bus *bus, const Guest *guest)
{
    const Declaration *declaration = declarations_find(&restore->declarations, guest->name);
    _cleanup_(outage_free) Outage outage = {};
    _cleanup_strv_ char **start = NULL;
    int r = outage_find(bus, declaration, false, &outage);

    for (char **unit = outage.stop; r == 0 && unit && *unit; unit++) {
        r = strv_append_once(&restore->outage.stop, *unit);
        if (r == 0)
            r = strv_append_once(&restore->left, *unit);
    }
    for (char **unit = restore->outage.start; r == 0 && unit && *unit; unit++)
        if (!strv_contains(restore->left, *unit))
            r = strv_append(&start, *unit);
    if (r < 0)
        return r;
    strv_free(restore->outage.start);
    restore->outage.start = TAKE_PTR(start);
    return 0;
}

static int find_outage(Restore *restore, sd_bus *bus)
{
    int r = outage_find(bus, restore->declaration, true, &restore->outage);

    for (size_t i = 0; r == 0 && i < restore->guests.n_items; i++)
        if (guest_is_set_back(restore->guests.items + i))
            r = leave_down(restore, bus, restore->guests.items + i);
    return r;
}

static char *describe_guest(const Guest *guest)
{
    const char *now = guest->now ? guest->now : "none", *then = guest->then ? guest->then : "none";

    if (!guest_is_set_back(guest))
        return strprintf("A part of %s is in it: at version %s now and in the backup.", guest->name,
                         then);
    if (guest->then)
        return strprintf(
            "A part of %s is in it: at version %s now, at version %s in the backup. So "
            "%s stays down afterwards, until the rest of its data goes with this part. "
            "Run: migratectl status %s",
            guest->name, now, then, guest->name, guest->name);
    return strprintf("A part of %s is in it: at version %s now, not in the backup at all. So %s "
                     "stays down afterwards, until the rest of its data goes with this part. Run: "
                     "migratectl status %s",
                     guest->name, now, guest->name, guest->name);
}

static void name_guests(const Restore *restore, bool complaint)
{
    for (size_t i = 0; i < restore->guests.n_items; i++) {
        _cleanup_free_ char *text = describe_guest(restore->guests.items + i);

        if (complaint)
            print_error("%s", text ? text : "out of memory");
        else
            print_line(2, "%s", text ? text : "out of memory");
    }
}

/* --- consent ------------------------------------------------------------------------------- */

static void explain(const Restore *restore)
{
    const Backup *backup = restore->backup;
    _cleanup_free_ char *when = time_local(backup->finished), *age = backup_age(backup),
                        *size = backup->bytes >= 0 ? detail_size(backup->bytes) : NULL,
                        *state = detail_state(&restore->service);
    _cleanup_strv_ char **stop = NULL;
    _cleanup_free_ char *stopped = NULL, *left = strv_join(restore->left, " "),
                        *revived = strv_join(restore->outage.revived, " ");

    STRV_FOREACH (unit, restore->outage.stop)
        if (!strv_contains(restore->left, *unit) && strv_append(&stop, *unit) < 0)
            return;
    stopped = strv_join(stop, " ");

    print_line(2,
               "%s: the backup %s, at version %s, of %s (%s old%s%s), will take the place of the "
               "present state (at version %s).",
               restore->name, backup->id, backup->version, when ? when : "?", age ? age : "?",
               size ? ", " : "", size ? size : "", isempty(state) ? "?" : state);
    print_line(2, "Data that was written since then is not in the backup.");
    if (backup->foreign)
        print_line(2, "Another system made this backup (or this one, before it was installed anew). If "
                      "that system still uses the disk, it loses the backup.");
    if (restore->service.condition == CONDITION_MISSING)
        print_line(2, "There is no state now.");
    else
        print_line(2,
                   "The present state becomes a backup, which can be brought back in the same way. "
                   "Nothing is removed.");
    if (!isempty(stopped))
        print_line(2,
                   is_accepted(restore) ? "These units are stopped and started again: %s"
                                        : "These units are stopped: %s",
                   stopped);
    if (!isempty(revived) && is_accepted(restore))
        print_line(2, "These units are down, and are started: %s", revived);
    name_guests(restore, false);
    if (!isempty(left))
        print_line(2, "These units are stopped and stay down: %s", left);
    if (restore->drop_in)
        print_line(2,
                   "Version=%s is declared in %s/" DROP_IN
                   ", so agree only if the software for it is installed.",
                   backup->version, restore->drop_in->directory);
    if (!is_accepted(restore) && restore->declaration->version.value)
        print_line(2, "The software needs version %s, so its next start migrates the state again.",
                   restore->declaration->version.value);
}

static Result ask(const Restore *restore)
{
    if (ask_is_needed())
        explain(restore);
    else
        name_guests(restore, true);
    return ask_operator(restore->name, "Bring the backup back?", "nothing was stopped or changed");
}

/* --- restoring ----------------------------------------------------------------------------- */

/* Says what the state needs now: a migration, which may wait for approval. */
static void say_next(Restore *restore, sd_bus *bus)
{
    _cleanup_free_ char *next = NULL;

    forget_look(restore);
    if (find_declaration(restore->name, &restore->declarations, &restore->declaration) !=
            RESULT_DONE ||
        service_look(&restore->declarations, restore->declaration, bus, NULL, &restore->service) <
            0)
        return;
    next = service_next(&restore->service);
    complain("%s: %s%s%s", restore->name, restore->service.what, next ? ". To go on, " : "",
             next ? next : "");
}

/* Declares the version of the backup. From this reload on, the gate keeps the software of that
 * version from newer data, however the restore ends. */
static int declare(Restore *restore, sd_bus *bus)
{
    int r = drop_in_write(restore->drop_in, restore->name, restore->backup->version);

    if (r == RESULT_DONE && jobs_reload(bus) < 0) {
        drop_in_undo(restore->drop_in, restore->name);
        r = RESULT_FAILED;
    }
    return r;
}

static int carry_out(Restore *restore, sd_bus *bus)
{
    const char *name = restore->name;
    _cleanup_free_ char *down = NULL;
    bool begun;
    int r = restore->drop_in ? declare(restore, bus) : RESULT_DONE, ended;

    if (r == RESULT_DONE)
        r = outage_begin(&restore->outage, &restore->jobs, name);
    begun = r == RESULT_DONE;
    if (begun)
        r = helper_call(options.force ? "restore-forced" : "restore", name, restore->id);
    if (r == RESULT_DONE)
        jobs_forget_failures(restore->jobs.bus, "migrate", name);
    if (r == RESULT_DONE)
        say("%s: the state is at version %s again. To see the backups to go back to, run: "
            "migratectl backups %s",
            name, restore->backup->version, name);
    if (restore->drop_in && restore->drop_in->written)
        say("%s: Version=%s is declared in %s/" DROP_IN ". When you install newer software, run: "
            "migratectl enable %s VERSION",
            name, restore->backup->version, restore->drop_in->directory, name);
    if (!begun)
        return r;
    down = strv_join(restore->outage.start, " ");
    if (r == RESULT_ATTENTION || (r == RESULT_DONE && !is_accepted(restore)) ||
        (r != RESULT_DONE && restore->drop_in)) {
        if (!isempty(down))
            complain("%s: these units stay down: %s", name, down);
        say_next(restore, bus);
        return r;
    }
    if (r == RESULT_DONE)
        outage_say_idle(&restore->outage, bus, restore->declaration);
    else
        outage_forget_revived(&restore->outage);
    ended = outage_end(&restore->outage, &restore->jobs, name);
    return r == RESULT_DONE ? ended : r;
}

/* Offers to declare the version of the backup, where somebody can be asked, and has declared the
 * present one. A package that declares its version would be overridden for good. */
static int offer_version(Restore *restore, DropIn *drop_in, sd_bus *bus)
{
    const char *file = restore->declaration->version.origin.file;

    if (!restore->backup || !backup_is_restorable(restore->backup) || options.force ||
        is_accepted(restore) || !ask_is_needed() || !file || !startswith(file, "/etc/"))
        return RESULT_DONE;
    if (drop_in_write(drop_in, restore->name, restore->backup->version) != RESULT_DONE)
        return RESULT_DONE; /* /etc may be read-only: the refusal says what else is possible */
    restore->drop_in = drop_in;
    forget_look(restore);
    return look_at_backup(restore, bus);
}

static int restore_begin(Restore *restore, sd_bus *bus)
{
    int r = judge(restore);

    if (r == RESULT_DONE &&
        (jobs_begin(&restore->jobs, bus) < 0 || find_outage(restore, bus) < 0)) {
        complain("%s: cannot ask systemd about its units. Nothing was stopped", restore->name);
        r = RESULT_FAILED;
    }
    return r == RESULT_DONE ? ask(restore) : r;
}

static int restore_go(Restore *restore, DropIn *drop_in, sd_bus *bus)
{
    int r = look_at_backup(restore, bus);

    if (r == RESULT_DONE && !restore->drop_in)
        r = offer_version(restore, drop_in, bus);
    /* Until somebody has agreed, no drop-in may be there for a reload or a boot to find. */
    drop_in_undo(drop_in, restore->name);
    if (r == RESULT_DONE)
        r = restore_begin(restore, bus);
    if (r == RESULT_DONE) {
        interrupt_catch();
        r = carry_out(restore, bus);
    }
    jobs_end(&restore->jobs); /* before the connection is closed */
    return r;
}

int restore_declared(const char *name, const char *version, DropIn *drop_in, sd_bus *bus)
{
    _cleanup_(restore_free) Restore restore = {.name = name,
                                               .wanted = version,
                                               .drop_in = drop_in->written ? drop_in : NULL,
                                               .service = {.facts.store = STORE_NONE}};

    return restore_go(&restore, drop_in, bus);
}

int ctl_restore(char **names)
{
    _cleanup_(restore_free) Restore restore = {
        .name = names[0], .wanted = names[1], .service = {.facts.store = STORE_NONE}};
    _cleanup_(drop_in_free) DropIn drop_in = {};
    _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
    int r = outage_connect("restore", &bus);

    return r == RESULT_DONE ? restore_go(&restore, &drop_in, bus) : r;
}
