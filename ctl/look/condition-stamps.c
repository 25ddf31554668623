/* SPDX-License-Identifier: MIT */
/* Which version the state has, by its stamps and by what is remembered of it. */
#include "declare/declaration.h"
#include "judge/disagree.h"
#include "look/condition-private.h"
#include "store/known.h"
#include "terminal/options.h"

/* The store remembers the state, but it is gone. 1: it does not. */
static int judge_missing(Service *service)
{
    const char *name = service->declaration->name;
    _cleanup_(known_free) Known known = {};
    _cleanup_free_ char *directories = NULL;
    int r = known_read(&service->store, &known);

    if (r != 0) /* what cannot be read is for the helper to complain about */
        return r == -ENOMEM ? r : 1;
    directories = strv_join(known.directories, ", ");
    return service_conclude(
        service, CONDITION_MISSING,
        strprintf("%s is empty or missing, but the state was at version %s once%s%s: "
                  "is a disk not mounted? Else bring a backup back (migratectl restore "
                  "%s ID), or begin anew (migratectl forget %s)",
                  service->spots[0].directory, known.version ? known.version : "?",
                  isempty(directories) ? "" : ", in ", directories ? directories : "", name, name),
        service_type(service, "backups", ""));
}

/* Nothing is there, and Init= makes it. */
static int judge_init(Service *service)
{
    const Declaration *declaration = service->declaration;
    int r = plan_init(declaration, &service->plan);
    char *what;

    if (r < 0)
        return r;
    what = service_describe_failure(service);
    service->failed_before = what != NULL;
    if (what)
        return service_conclude(service, CONDITION_FAILED, what,
                                service_type(service, "retry", ""));
    return service_conclude(
        service, CONDITION_FRESH,
        strprintf("%s is %s: Init=%s makes the state at the next start, at version %s",
                  service->spots[0].directory,
                  service->spots[0].error == -ENOENT ? "missing" : "empty",
                  declaration->init.script.argv[0], declaration->version.value),
        NULL);
}

/* No place has a stamp. 1: the version is known all the same; 0: concluded. */
static int judge_unstamped(Service *service)
{
    const Declaration *declaration = service->declaration;
    bool empty = true;
    const char *known = NULL;
    int r = service_judge_former(service);

    if (r <= 0)
        return r;
    for (size_t i = 0; i < service->n_spots; i++)
        empty = empty && service->spots[i].stamps.empty;
    if (empty) {
        r = judge_missing(service);
        if (r <= 0)
            return r;
    }
    if (empty && declaration->init.script.argv)
        return judge_init(service);
    if (empty)
        return service_conclude(
            service, CONDITION_FRESH,
            strprintf("%s is %s: the software makes its own state, at version %s",
                      service->spots[0].directory,
                      service->spots[0].error == -ENOENT ? "missing" : "empty",
                      declaration->version.value),
            NULL);
    if (declaration->fresh_check.argv)
        return service_conclude(
            service, CONDITION_UNSTAMPED,
            strprintf("no stamp yet; FreshCheck=%s finds out whether there is data, "
                      "at the next start",
                      declaration->fresh_check.argv[0]),
            NULL);
    for (size_t i = 0; i < service->n_spots; i++)
        if (service->spots[i].error == -ENOENT && !service->spots[i].host)
            return service_conclude(
                service, CONDITION_MISSING,
                strprintf("%s is missing, although there is data in other directories "
                          "of the state: is a disk not mounted?",
                          service->spots[i].directory),
                NULL);
    if (service->fresh && version_is_valid(service->fresh))
        known = service->fresh;
    else if (declaration->detect.argv)
        return service_conclude(
            service, CONDITION_UNSTAMPED,
            strprintf("no stamp yet; Detect=%s finds out the version at the next start",
                      declaration->detect.argv[0]),
            NULL);
    else
        known = declaration->unversioned.value;
    if (!known)
        return service_conclude(
            service, CONDITION_UNKNOWN,
            strprintf("there is data in %s but nothing says which version it has; "
                      "nor is Detect= or Unversioned= declared",
                      service->spots[0].directory),
            service_type(service, "adopt", " VERSION"));
    service->version = strdup(known);
    service->assumed = true;
    return service->version ? 1 : -ENOMEM;
}

/* Stamped FROM::TO. */
static int judge_self(Service *service, const char *stamp)
{
    const Declaration *declaration = service->declaration;
    const char *to = version_self_target(stamp), *id = NULL;
    int from_length = (int)strcspn(stamp, ":");
    bool up = service->n_units > 0 && streq_null(service->units[0].active, "active");

    if (declaration->self_migrating && streq_null(declaration->version.value, to))
        return service_conclude(
            service, CONDITION_SELF,
            up ? strprintf("%s is up: that it is at version %s is being recorded",
                           service->units[0].unit, to)
               : strprintf("it migrates itself from %.*s to %s at its next start", from_length,
                           stamp, to),
            NULL);
    if (service->has_post && streq_null(service->post.to, to))
        id = service->post.id;
    return service_conclude(
        service, CONDITION_DISAGREE,
        strprintf("software of version %s was to migrate it itself, from %.*s, and has "
                  "not started successfully since: install that again, or bring back "
                  "the original",
                  to, from_length, stamp),
        id ? strprintf("migratectl restore %s %s", declaration->name, id)
           : service_type(service, "backups", ""));
}

/* What it lives in brought another stamp along, or none, while all of the service's own places
 * agree: the first such. NULL: that is not what is wrong. */
static const Spot *moved_lodging(const Service *service)
{
    char **own = service->spots[0].stamps.versions;
    const Spot *moved = NULL;

    if (strv_length(own) != 1)
        return NULL;
    for (size_t i = 1; i < service->n_spots; i++) {
        const Spot *spot = service->spots + i;

        if (strv_length(spot->stamps.versions) == 1 && streq(spot->stamps.versions[0], own[0]))
            continue;
        if (!spot->host)
            return NULL;
        moved = moved ? moved : spot;
    }
    return moved;
}

/* The first that has a stamp, where there is nothing in any directory of the service's own; NULL:
 * that is not what is wrong. */
static const Spot *left_lodging(const Service *service)
{
    for (size_t i = 0; i < service->n_spots; i++) {
        const Spot *spot = service->spots + i;

        if (spot->host ? spot->stamps.versions != NULL
                       : !spot->stamps.empty || spot->stamps.versions)
            return spot->host ? spot : NULL;
    }
    return NULL;
}

/* To say which version it has is the last way out, and never the only one. */
static int judge_disagreement(Service *service)
{
    const char *name = service->declaration->name;
    _cleanup_free_ char *found = service_describe_spots(service);
    const Spot *moved = moved_lodging(service), *left = left_lodging(service);

    if (!found)
        return -ENOMEM;
    for (size_t i = 0; i < service->n_spots; i++) {
        const Spot *spot = service->spots + i;
        const char *between = disagree_between(spot->stamps.versions);

        if (between)
            return service_conclude(service, CONDITION_DISAGREE,
                                    disagree_describe_between(name, spot->directory, between),
                                    service_type(service, "backups", ""));
    }
    if (!moved)
        return service_conclude(service, CONDITION_DISAGREE,
                                left ? disagree_describe_left(name, left->host, found)
                                     : disagree_describe(name, found),
                                service_type(service, "backups", ""));
    return service_conclude(service, CONDITION_DISAGREE,
                            disagree_describe_moved(name, service->spots[0].stamps.versions[0],
                                                    moved->host, moved->stamps.versions, found),
                            options.root ? NULL : strprintf("migratectl backups %s", moved->host));
}

int service_judge_stamps(Service *service)
{
    const char *version = NULL;
    size_t n_stamped = 0;
    bool agree = true;

    for (size_t i = 0; i < service->n_spots; i++) {
        const Spot *spot = service->spots + i;

        if (spot->error && spot->error != -ENOENT)
            return service_conclude(
                service, CONDITION_UNREADABLE,
                strprintf("%s cannot be read: %s", spot->directory, strerror(-spot->error)),
                strprintf("sudo migratectl status %s", service->declaration->name));
        n_stamped += spot->stamps.versions != NULL;
        if (!spot->stamps.versions)
            continue;
        version = version ? version : spot->stamps.versions[0];
        agree = agree && strv_length(spot->stamps.versions) == 1 &&
                streq(spot->stamps.versions[0], version);
    }
    if (n_stamped == 0)
        return judge_unstamped(service);
    if (n_stamped == service->n_spots && agree && version_self_target(version))
        return judge_self(service, version);
    if (n_stamped < service->n_spots || !agree || !version_is_valid(version))
        return judge_disagreement(service);
    service->version = strdup(version);
    return service->version ? 1 : -ENOMEM;
}
