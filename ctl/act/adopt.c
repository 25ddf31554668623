/* SPDX-License-Identifier: MIT */
/* migratectl adopt: records the version of a state without a migration. On the running system the
 * helper writes the record; below --root= this file writes the stamps. */
#include "act/jobs.h"
#include "act/verbs.h"
#include "judge/agree.h"
#include "look/common.h"
#include "look/helper.h"
#include "look/service.h"
#include "terminal/output.h"

#include <fcntl.h>

/* Returns the version in the stamps, also if the declaration is not enabled. NULL: there is no
 * stamp, or the stamps differ (*ret_disagree). */
static const char *recorded(const Service *service, bool *ret_disagree)
{
    const StateDirectory *directory;
    const char *stamp = NULL;
    Agreement agreement =
        stamps_agree(service->facts.directories, service->facts.n_directories, &directory, &stamp);

    *ret_disagree = agreement != AGREEMENT_NONE && agreement != AGREEMENT_VERSION &&
                    agreement != AGREEMENT_SELF;
    return *ret_disagree ? NULL : stamp;
}

/* Refuses to replace a recorded version without --force, also if the stamps differ. Refuses an
 * empty directory, which may be the mount point of a missing disk. */
static Result check_adoption(const Service *service, const char *version)
{
    const char *name = service->declaration->name, *before;
    bool disagree;

    ARRAY_FOREACH (spot, service->facts.directories, service->facts.n_directories) {
        if (spot->error == -ENOENT && options.force && !options.root)
            continue; /* the helper says what to do */
        if (spot->error) {
            complain("%s: cannot record version %s in %s: %s", name, version, spot->directory,
                     spot->refused ? spot->refused : strerror(-spot->error));
            return spot->refused || spot->error == -ENOENT ? RESULT_REFUSED : RESULT_FAILED;
        }
        if (options.force)
            continue;
        if (spot->stamps.empty && !spot->stamps.versions)
            return fail(
                RESULT_REFUSED,
                "%s: %s is empty: is a disk not mounted? Nothing was changed. To record version "
                "%s anyway, add --force",
                name, spot->directory, version);
    }
    before = recorded(service, &disagree);
    if (options.force || (!disagree && (!before || streq(before, version))))
        return RESULT_DONE;
    if (disagree) {
        _cleanup_free_ char *found =
            directories_describe(service->facts.directories, service->facts.n_directories);

        complain(
            "%s: the directories of the state do not agree: %s. Nothing was changed. Bring back "
            "what is missing; or, if all of the data has version %s, add --force",
            name, found ? found : "?", version);
    } else {
        complain("%s: the state is recorded as version %s. Nothing was changed. If the record is "
                 "wrong and the data has version %s, add --force",
                 name, before, version);
    }
    return RESULT_REFUSED;
}

static Result make_store(const Declaration *declaration)
{
    _cleanup_store_ Store store = STORE_NONE;
    int r =
        declaration->stamp_in_store ? store_open(options.root, declaration->name, true, &store) : 0;

    if (r < 0)
        complain("%s: cannot create %s" STORE_DIRECTORY "/%s: %s", declaration->name, options.root,
                 declaration->name, strerror(-r));
    return r < 0 ? RESULT_FAILED : RESULT_DONE;
}

/* Makes the links of ReadableBy= if version is Version=, like the helper does. */
static int link_readers(const Declaration *declaration, int fd, const char *version)
{
    _cleanup_strv_ char **wanted = NULL;

    if (!streq_null(declaration->version.value, version))
        return 0;
    if (items_values(&declaration->readable_by, &wanted) < 0)
        return -ENOMEM;
    return stamp_link(fd, declaration->name, version, wanted);
}

static Result stamp_image(const Service *service, const char *version)
{
    const Items *stamps = &service->declaration->stamps;

    if (make_store(service->declaration) != RESULT_DONE)
        return RESULT_FAILED;
    for (size_t i = 0; i < stamps->n_items; i++) {
        const char *directory = stamps->items[i].value;
        _cleanup_close_ int fd = open_below_root(directory, O_RDONLY | O_DIRECTORY);
        int r = fd < 0 ? fd : stamp_write(fd, service->declaration->name, version);

        if (r == 0)
            r = link_readers(service->declaration, fd, version);
        if (r == 0 && fsync(fd) < 0)
            r = -errno;
        if (r < 0)
            return fail(RESULT_FAILED, "%s: cannot record version %s in %s%s: %s",
                        service->declaration->name, version, options.root, directory, strerror(-r));
    }
    return RESULT_DONE;
}

static void say_before_and_after(const Service *service, const char *version)
{
    ARRAY_FOREACH (spot, service->facts.directories, service->facts.n_directories) {
        _cleanup_free_ char *before = spot->stamps.versions ? stamps_describe(&spot->stamps) : NULL;

        say("%s: %s%s: %s %s %s", service->declaration->name, options.root ? options.root : "",
            spot->directory,
            before                  ? before
            : spot->stamps.versions ? "?"
                                    : "no version",
            arrow(), version);
    }
}

static void say_consequence(const Declarations *all, const Declaration *declaration, sd_bus *bus)
{
    _cleanup_(service_free) Service service = {.facts.store = STORE_NONE};
    _cleanup_free_ char *next = NULL;

    if (service_look(all, declaration, bus, NULL, &service) < 0)
        return;
    next = service_next(&service);
    if (service.condition == CONDITION_CURRENT)
        return;
    if (condition_waits_for_operator(service.condition))
        complain("%s: the service will not start: %s", declaration->name, service.what);
    else
        say("%s: %s", declaration->name, service.what);
    if (next)
        say("%s: to go on, %s", declaration->name, next);
}

int ctl_adopt(char **names)
{
    _cleanup_(declarations_free) Declarations declarations = {};
    _cleanup_(service_free) Service service = {.facts.store = STORE_NONE};
    const char *name = names[0], *version = names[1];
    const Declaration *declaration = NULL;
    const char *before;
    bool disagree;
    _cleanup_(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
    Result r = version_self_target(version) ? RESULT_DONE : refuse_version(version);

    if (r == RESULT_DONE)
        r = find_settled("adopt", name, &declarations, &declaration);
    if (r != RESULT_DONE)
        return r;
    bus = service_bus();
    r = service_look(&declarations, declaration, bus, NULL, &service) < 0
            ? complain_memory()
            : check_adoption(&service, version);
    before = recorded(&service, &disagree);
    if (r == RESULT_DONE && version_self_target(version) && !streq_null(before, version))
        r = refuse_version(version); /* "FROM::TO" is a stamp, and stays as it is */
    if (r == RESULT_DONE && before && streq(before, version) &&
        (options.root || !(options.force || service.facts.unmounted))) {
        say("%s: the state is recorded as version %s already", name, version);
    } else if (r == RESULT_DONE) {
        r = options.root ? stamp_image(&service, version)
                         : helper_call(options.force ? "adopt-forced" : "adopt", name, version);
        if (r == RESULT_DONE) {
            jobs_forget_failures(bus, "migrate", name);
            say_before_and_after(&service, version);
            say_consequence(&declarations, declaration, bus);
        }
    }
    return r;
}
